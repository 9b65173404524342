//! A plan as a Mermaid diagram: ranks, statements, rows, and why rows wait.
//!
//! Called by `Plan::to_mermaid`.
//! It must not grow without bounds: of a statement's rows only the first are drawn.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::notes::Notes;
use super::plan::Plan;

/// How many rows of a statement are drawn one by one.
const MOST_ROWS: usize = 8;

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
