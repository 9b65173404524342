//! The error for rows that wait for each other: which rows, by which fields, for which constraint.
//!
//! Called by `breaking` for a cycle that can't be broken.
//! It must not name rows that only wait for those, or values other than keys.

use super::changes::Changes;
use super::links::{Link, row_name};
use crate::error::{Error, ErrorKind};
use crate::identity_map::IdentityMap;

/// How many rows of a cycle are named.
const MOST_NAMED: usize = 8;

/// The error for the operations of a cycle, which wait for each other by these links.
pub(super) fn cycle(
    map: &IdentityMap,
    changes: &Changes,
    mut ops: Vec<usize>,
    links: &[Link],
) -> Error {
    // A row that is split is there with each of its parts.
    ops.sort_unstable();
    ops.dedup();
    let named = ops.iter().take(MOST_NAMED);
    let names: Vec<String> = named.map(|op| row_name(map, changes, *op)).collect();
    let more = match ops.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let mut reasons: Vec<String> = Vec::new();
    for link in links {
        let constraint = link.constraint(map);
        let reason = format!("{} ({constraint})", link.field_names(map));
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    Error::new(ErrorKind::Cycle {
        rows: format!("{}{more} by {}", names.join(", "), reasons.join(", ")),
    })
}
