//! Chains and rings of unique values in two statements: all to NULL, then all to their values
//! (FL-3).
//!
//! Called by the planner before it orders. A value has one row that gives it up and one that takes
//! it, so the rows that pass values of a unique group on form chains and rings.
//! It must not split what two statements write anyway.

use foldhash::{HashMap, HashMapExt};

use super::changes::{Changes, Op, What};
use super::links::{Link, Why, unique_fields};
use super::parts::Parts;
use crate::identity_map::{IdentityMap, StoreId};
use crate::model::{ColumnSet, Table};

/// Parks the rows of chains and rings whose updates would be one statement without them.
///
/// `group_of` tells which operations would be one statement.
pub(super) fn shorten(
    map: &IdentityMap,
    changes: &Changes,
    links: &[Link],
    group_of: &[usize],
    parts: &mut Parts,
) {
    let mut chains: HashMap<(StoreId, u16), Vec<(usize, usize)>> = HashMap::new();
    for link in links {
        let (before, after) = link.rows();
        if let Why::Frees(group) = link.why
            && group_of[before] == group_of[after]
            && matches!(changes.ops[before].what, What::Update { .. })
        {
            let pairs = chains.entry((link.store, group)).or_default();
            pairs.push((before, after));
        }
    }
    let mut chains: Vec<_> = chains.into_iter().collect();
    chains.sort_unstable();
    for ((store, group), pairs) in chains {
        let table = map.any(store).table();
        for op in long(&pairs) {
            let fields = unique_fields(table, group);
            if let Some(field) = nullable(table, &changes.ops[op], fields) {
                parts.park(op, field);
            }
        }
    }
}

/// The field of a unique group that frees the row's value when it is NULL: one that the row
/// changes anyway, if there is one.
pub(super) fn nullable(table: &Table, op: &Op, group: ColumnSet) -> Option<ColumnSet> {
    let may_be_null = |field: &usize| {
        table.fields()[*field].nullable && may_park(table, op, ColumnSet::only(*field))
    };
    let changed = match op.what {
        What::Update { changed, .. } => changed,
        What::Insert { .. } | What::Delete => ColumnSet::EMPTY,
    };
    let settable = group.without(table.generated_always());
    let mut fields = settable.intersection(changed).iter().chain(settable.iter());
    fields.find(may_be_null).map(ColumnSet::only)
}

/// Whether fields of a row may be NULL before its own statement, as far as expressions go: what the
/// database computes must not read them, nor be one of them.
pub(super) fn may_park(table: &Table, op: &Op, fields: ColumnSet) -> bool {
    if op.computed.is_none() {
        return true;
    }
    let computed = op.computed.fields(table);
    let texts = op.computed.texts();
    // Whatever a name stands in, as a string, is taken for the column: that is the safe side.
    let reads = |name: &str| {
        let name = name.to_lowercase();
        let mut texts = texts.iter();
        texts.any(|text| text.sql.to_lowercase().contains(&name))
    };
    let mut names = table.columns_of(fields).map(|column| column.name.as_str());
    computed.intersection(fields).is_empty() && !names.any(reads)
}

/// The rows of rings, and of chains of three or more. The last row of a chain gives its value to
/// none, but parked with the others it needs no lock before them.
fn long(pairs: &[(usize, usize)]) -> Vec<usize> {
    let next: HashMap<usize, usize> = pairs.iter().copied().collect();
    let previous: HashMap<usize, usize> = pairs.iter().map(|(b, a)| (*a, *b)).collect();
    let passes_on = |op: &&usize| next.contains_key(&next[*op]) || previous.contains_key(*op);
    let givers = next.keys().filter(passes_on);
    let mut ops: Vec<usize> = givers.flat_map(|op| [*op, next[op]]).collect();
    ops.sort_unstable();
    ops.dedup();
    ops
}

#[cfg(test)]
mod tests {
    use super::long;

    #[test]
    fn a_chain_of_two_is_two_statements_anyway() {
        assert!(long(&[(0, 1), (2, 3)]).is_empty());
    }

    #[test]
    fn all_rows_of_a_longer_chain_are_parked() {
        assert_eq!(long(&[(1, 2), (0, 1)]), [0, 1, 2]);
    }

    #[test]
    fn all_rows_of_a_ring_are_parked() {
        assert_eq!(long(&[(0, 1), (1, 0)]), [0, 1]);
        assert_eq!(long(&[(4, 5), (5, 6), (6, 4), (1, 2)]), [4, 5, 6]);
    }
}
