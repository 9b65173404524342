//! A plan as a Mermaid diagram: ranks, statements, rows, and why rows wait.
//!
//! Users ask a plan for it.
//! It must not grow without bounds: of a statement's rows only the first are drawn.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::annotations::Notes;
use super::plan::Plan;

/// How many rows of a statement are drawn one by one.
const MOST_ROWS: usize = 8;

impl Plan {
    /// A Mermaid diagram of the ranks, their statements and rows, with
    /// a note on each edge of why one row waits for another. Of a statement the first rows are
    /// drawn; rows are named by their keys, no other value is shown.
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
        mermaid(self, &self.notes)
    }
}

/// The diagram.
pub(super) fn mermaid(plan: &Plan, notes: &Notes) -> String {
    let mut text = String::from("flowchart TD\n");
    let mut number = 0;
    for (rank, statements) in plan.ranks().iter().enumerate() {
        let _ = writeln!(text, "  subgraph rank{0}[\"rank {0}\"]", rank + 1);
        for statement in statements.statements() {
            let label = escape(&statement.to_string());
            let _ = writeln!(text, "    subgraph s{number}[\"{label}\"]");
            let rows = notes.rows.get(number).map_or(&[][..], Vec::as_slice);
            for (row, name) in rows.iter().take(MOST_ROWS).enumerate() {
                let _ = writeln!(text, "      s{number}r{row}[\"{}\"]", escape(name));
            }
            if rows.len() > MOST_ROWS {
                let more = rows.len() - MOST_ROWS;
                let _ = writeln!(text, "      s{number}r{MOST_ROWS}[\"{more} more\"]");
            }
            text.push_str("    end\n");
            number += 1;
        }
        text.push_str("  end\n");
    }
    let mut drawn = BTreeSet::new();
    for wait in &notes.waits {
        let node = |(statement, row): (usize, usize)| (statement, row.min(MOST_ROWS));
        let (before, after) = (node(wait.before), node(wait.after));
        if drawn.insert((before, after, &wait.reason)) {
            let _ = writeln!(
                text,
                "  s{}r{} -- \"{}\" --> s{}r{}",
                before.0,
                before.1,
                escape(&wait.reason),
                after.0,
                after.1
            );
        }
    }
    text
}

/// A text that stands between quotes.
fn escape(text: &str) -> String {
    text.replace('#', "#35;").replace('"', "#quot;")
}
