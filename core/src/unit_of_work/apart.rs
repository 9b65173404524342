//! Rows that must not be written by one statement, whichever comes first.
//!
//! The planner calls it when there is no order: then such rows may stand in each other's way.
//! It must not turn links whose direction has a reason.

use super::graph::{Edge, order};
use super::links::{Link, Why};
use super::parts::Reasoned;

/// Whether rows only have to be in different statements.
fn is_apart(link: Option<Link>) -> bool {
    link.is_some_and(|link| matches!(link.why, Why::Apart(_)))
}

/// The edges whose direction has a reason.
pub(super) fn firm(edges: &[Reasoned]) -> Vec<Reasoned> {
    let firm = edges.iter().filter(|reasoned| !is_apart(reasoned.link));
    firm.copied().collect()
}

/// Turns links between rows that have to be kept apart, so that they go along with the order of
/// everything else. Whether any was turned; the nodes that are stuck without them.
pub(super) fn turn(
    links: &mut [Link],
    groups: &[usize],
    firm: &[Edge],
) -> Result<bool, Vec<usize>> {
    if !links.iter().any(|link| is_apart(Some(*link))) {
        return Ok(false);
    }
    let mut place = vec![0; groups.len()];
    for (number, step) in order(groups, firm, &[])?.iter().enumerate() {
        step.nodes.iter().for_each(|node| place[*node] = number);
    }
    let mut any = false;
    for link in links.iter_mut().filter(|link| is_apart(Some(**link))) {
        // Within a step the operations' order decides, so that no ring is left.
        let (before, after) = link.rows();
        if (place[before], before) > (place[after], after) {
            std::mem::swap(&mut link.before, &mut link.after);
            any = true;
        }
    }
    Ok(any)
}
