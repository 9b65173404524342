//! A plan as a diagram, for Mermaid or Graphviz: ranks, statements, rows, and why rows wait.
//!
//! Users ask a plan for it.
//! It must not grow with the rows: those of a large statement are one box, with one arrow for all.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::annotations::Place;
use super::plan::Plan;

/// How many rows a statement may have to be drawn one by one.
const MOST_ROWS: usize = 8;

/// How many rows are named in the box of a larger one.
const NAMED: usize = 3;

impl Plan {
    /// A Mermaid diagram of the ranks, their statements and rows, with a note on each arrow of why
    /// one row waits for another.
    ///
    /// Rows are named by their keys, no other value is shown. The rows of a statement with more
    /// than 8 are one box, and its arrows say how many rows wait, so that a plan of 10,000 rows is
    /// no larger than one of ten.
    ///
    /// ```
    /// use sessile::prelude::*;
    ///
    /// #[derive(Model, Clone, Debug, Default)]
    /// struct Person {
    ///     #[model(key)]
    ///     name: String,
    ///     friend: Option<Fk<Pet>>,
    /// }
    ///
    /// #[derive(Model, Clone, Debug, Default)]
    /// struct Pet {
    ///     #[model(key, generated)]
    ///     id: i64,
    ///     owner: Fk<Person>,
    /// }
    ///
    /// let mut s = Session::offline();
    /// let ann = s.add(Person { name: "ann".into(), friend: None });
    /// let cat = s.add(Pet { owner: ann.into(), ..Default::default() });
    /// s[ann].friend = cat.into();
    /// let drawing = s.plan()?.to_mermaid();
    /// assert!(drawing.contains(r#"s0r0 -- "Pet.owner refers to it" --> s1r0"#));
    /// assert!(drawing.contains(r#"s1r0 -- "Person.friend needs the new key" --> s2r0"#));
    /// assert!(drawing.contains(r#"s0r0 -- "Person.friend comes late" --> s2r0"#));
    /// # Ok::<(), sessile::Error>(())
    /// ```
    pub fn to_mermaid(&self) -> String {
        let mut text = String::from("flowchart TD\n");
        self.draw(&mut text, &MERMAID);
        for (before, after, note) in self.arrows() {
            let note = (MERMAID.escape)(&note);
            let _ = writeln!(text, "  {before} -- \"{note}\" --> {after}");
        }
        text
    }

    /// The same diagram for Graphviz, in its language DOT.
    pub fn to_dot(&self) -> String {
        let mut text = String::from("digraph plan {\n  node [shape=box]\n");
        self.draw(&mut text, &DOT);
        for (before, after, note) in self.arrows() {
            let note = (DOT.escape)(&note);
            let _ = writeln!(text, "  {before} -> {after} [label=\"{note}\"]");
        }
        text.push_str("}\n");
        text
    }

    /// The boxes.
    fn draw(&self, text: &mut String, language: &Language) {
        let Language { escape, .. } = language;
        let mut number = 0;
        for (rank, statements) in self.ranks().iter().enumerate() {
            let rank = rank + 1;
            (language.open)(text, 1, &format!("rank{rank}"), &format!("rank {rank}"));
            for statement in statements.statements() {
                let label = escape(&statement.to_string());
                (language.open)(text, 2, &format!("s{number}"), &label);
                for (row, name) in self.boxes(number).iter().enumerate() {
                    (language.row)(text, &format!("s{number}r{row}"), &escape(name));
                }
                let _ = writeln!(text, "    {}", language.close);
                number += 1;
            }
            let _ = writeln!(text, "  {}", language.close);
        }
    }

    /// What stands in the boxes of a statement.
    fn boxes(&self, statement: usize) -> Vec<String> {
        let rows = &self.notes.rows[statement];
        if rows.len() <= MOST_ROWS {
            return rows.clone();
        }
        let more = rows.len() - NAMED;
        vec![format!("{} and {more} more", rows[..NAMED].join(", "))]
    }

    /// The arrows from box to box with their notes, in the order of the edges.
    fn arrows(&self) -> Vec<(String, String, String)> {
        let place = |(statement, row): Place| match self.notes.rows[statement].len() {
            0..=MOST_ROWS => (statement, row),
            _ => (statement, 0),
        };
        let mut arrows: Vec<((Place, Place, usize), usize)> = Vec::new();
        let mut drawn: HashMap<(Place, Place, usize), usize> = HashMap::new();
        for wait in &self.notes.waits {
            let arrow = (place(wait.before), place(wait.after), wait.cause);
            let number = *drawn.entry(arrow).or_insert(arrows.len());
            match arrows.get_mut(number) {
                Some((_, edges)) => *edges += 1,
                None => arrows.push((arrow, 1)),
            }
        }
        let name = |(statement, row): Place| format!("s{statement}r{row}");
        let note = |cause: usize, edges| match edges {
            1 => self.notes.causes[cause].to_string(),
            edges => format!("{} ×{edges}", self.notes.causes[cause]),
        };
        arrows
            .into_iter()
            .map(|((before, after, cause), edges)| (name(before), name(after), note(cause, edges)))
            .collect()
    }
}

/// How boxes are written.
struct Language {
    /// Begins a box that holds others, so deep, with its name and label.
    open: fn(&mut String, usize, &str, &str),
    /// Writes the box of a row, with its name and label.
    row: fn(&mut String, &str, &str),
    close: &'static str,
    /// A text that stands between quotes.
    escape: fn(&str) -> String,
}

const MERMAID: Language = Language {
    open: |text, depth, name, label| {
        let _ = writeln!(text, "{:1$}subgraph {name}[\"{label}\"]", "", 2 * depth);
    },
    row: |text, name, label| {
        let _ = writeln!(text, "      {name}[\"{label}\"]");
    },
    close: "end",
    escape: |text| {
        let text = text.replace('#', "#35;").replace('"', "#quot;");
        text.replace('<', "#lt;")
    },
};

const DOT: Language = Language {
    open: |text, depth, name, label| {
        let indent = 2 * depth;
        let _ = writeln!(text, "{:1$}subgraph cluster_{name} {{", "", indent);
        let _ = writeln!(text, "{:1$}label=\"{label}\"", "", indent + 2);
    },
    row: |text, name, label| {
        let _ = writeln!(text, "      {name} [label=\"{label}\"]");
    },
    close: "}",
    escape: |text| text.replace('\\', "\\\\").replace('"', "\\\""),
};
