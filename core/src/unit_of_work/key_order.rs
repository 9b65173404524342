//! Statements of one table, one behind the other, in the order of their rows' keys.
//!
//! Called by `locks`: rows that are locked in key order by the statements that write them need no
//! statement that locks them first.
//! It must not move a statement past one that locks rows of another table: tables are locked in the
//! same order by all sessions.

use bytes::BytesMut;
use postgres_types::{IsNull, Type};

use super::plan::{PlannedStatement, PlannedStep};
use crate::identity_map::{IdentityMap, Image, Phase};
use crate::model::{ColumnInfo, Reference};
use crate::statement::shape::Lock;

/// A key, as bytes that compare like the database compares it.
type Place = Vec<Vec<u8>>;

/// What it takes to put a statement among others.
struct Sorted {
    /// Whether it locks or waits for something besides the rows that it writes.
    locks_more: bool,
    /// Its first and its last row.
    span: (Place, Place),
    position: usize,
}

/// Puts statements of one table, which stand at these positions in order, behind one another, so
/// that they lock all their rows in key order, and their nodes with them. What lies between comes
/// before.
///
/// Whether that is possible; if not, nothing is moved.
pub(super) fn sort(
    map: &IdentityMap,
    statements: &mut [(usize, PlannedStatement)],
    nodes: &mut [Vec<usize>],
    own: &[usize],
) -> bool {
    let between = (0..statements.len()).filter(|position| own.binary_search(position).is_err());
    let between: Vec<usize> = between.collect();
    let inserts = |position: &usize| waits_for_nothing(&statements[*position].1);
    let Some(last) = own.last().filter(|_| between.iter().all(inserts)) else {
        return false;
    };
    let sorted = own.iter().map(|position| {
        let statement = &statements[*position].1;
        let stays = position == last || may_wait(statement);
        Some(Sorted {
            locks_more: locks_more(map, statement),
            span: span(map, statement).filter(|_| stays)?,
            position: *position,
        })
    });
    let Some(mut sorted) = sorted.collect::<Option<Vec<_>>>() else {
        return false;
    };
    sorted.sort_by(|a, b| a.span.cmp(&b.span));
    let follows = |pair: &[Sorted]| !pair[0].locks_more && pair[0].span.1 < pair[1].span.0;
    if !sorted.windows(2).all(follows) {
        return false;
    }
    let rank = statements[*last].0;
    own.iter()
        .for_each(|position| statements[*position].0 = rank);
    let sorted = sorted.iter().map(|sorted| sorted.position);
    rearrange(
        &between.into_iter().chain(sorted).collect::<Vec<_>>(),
        |a, b| {
            statements.swap(a, b);
            nodes.swap(a, b);
        },
    );
    true
}

/// Swaps what stands at positions until each place has what was at the position listed for it.
fn rearrange(order: &[usize], mut swap: impl FnMut(usize, usize)) {
    let mut place_of = vec![0; order.len()];
    for (place, position) in order.iter().enumerate() {
        place_of[*position] = place;
    }
    for position in 0..order.len() {
        // Each swap brings one to its place.
        while place_of[position] != position {
            let place = place_of[position];
            swap(position, place);
            place_of.swap(position, place);
        }
    }
}

/// Whether a statement neither locks rows that exist nor needs what is written beside it: a row
/// with a unique value that it has to wait for fails in the end.
fn waits_for_nothing(statement: &PlannedStatement) -> bool {
    matches!(statement.step, PlannedStep::Insert { .. })
        && statement.table.foreign_keys().is_empty()
        && statement.computed.is_none()
}

/// Whether nothing waits for a statement: it takes no reference to a row away that is deleted
/// among these, and gives no unique value up.
fn may_wait(statement: &PlannedStatement) -> bool {
    let PlannedStep::Update { changed, .. } = statement.step else {
        return false;
    };
    Lock::of_update(statement.table, changed) == Lock::NoKeyUpdate
}

/// Whether a statement locks rows that it does not write, or waits for unique values.
fn locks_more(map: &IdentityMap, statement: &PlannedStatement) -> bool {
    let PlannedStep::Update { changed, .. } = statement.step else {
        return true;
    };
    let store = map.any(statement.store);
    let refers_to_old = |field: usize| {
        let current = |slot: &u32| store.reference(*slot, Image::Current, field);
        let mut references = statement.slots.iter().filter_map(current);
        references.any(|reference| matches!(reference, Reference::Key(_)))
    };
    let mut references = changed
        .iter()
        .filter(|field| statement.table.has_reference(*field));
    !may_wait(statement) || references.any(refers_to_old)
}

/// The first and the last key of a statement's rows, if it locks them in order and the order is
/// known.
fn span(map: &IdentityMap, statement: &PlannedStatement) -> Option<(Place, Place)> {
    // An expression may read what the others write, and a key that changes may be that of another
    // row's parent: those stay where they are.
    let moves = match statement.step {
        PlannedStep::Update { changed, .. } => {
            changed.intersection(statement.table.key()).is_empty()
        }
        _ => true,
    };
    if !moves || !statement.computed.is_none() {
        return None;
    }
    if statement.slots.len() > 1 && !statement.can_lock() {
        return None;
    }
    let mut span: Option<(Place, Place)> = None;
    for slot in &statement.slots {
        let place = place(map, statement, *slot)?;
        match &mut span {
            None => span = Some((place.clone(), place)),
            Some((first, _)) if place < *first => *first = place,
            Some((_, last)) if place > *last => *last = place,
            Some(_) => {}
        }
    }
    span
}

/// The key of a row that exists.
fn place(map: &IdentityMap, statement: &PlannedStatement, slot: u32) -> Option<Place> {
    let store = map.any(statement.store);
    if store.phase(slot) == Phase::Pending {
        return None;
    }
    let columns = statement.table.key_columns().enumerate();
    columns
        .map(|(part, column)| {
            let ty = ordered_type(column)?;
            let mut bytes = BytesMut::new();
            let encoded = store.encode_key(slot, part, ty, &mut bytes);
            matches!(encoded, Ok(IsNull::No)).then(|| comparable(ty, &bytes))
        })
        .collect()
}

/// The type of a key's column, if its values are ordered like their bytes.
fn ordered_type(column: &ColumnInfo) -> Option<&Type> {
    let (ty, _) = column.ty.wire.as_ref()?;
    let known = [
        Type::INT2,
        Type::INT4,
        Type::INT8,
        Type::TEXT,
        Type::UUID,
        Type::BYTEA,
    ];
    known.contains(ty).then_some(ty)
}

/// Integers with the sign turned round, so that negative ones come first.
fn comparable(ty: &Type, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if [Type::INT2, Type::INT4, Type::INT8].contains(ty)
        && let Some(first) = bytes.first_mut()
    {
        *first ^= 0x80;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::rearrange;

    #[test]
    fn each_place_gets_what_is_listed_for_it() {
        for order in [
            vec![2, 0, 1],
            vec![1, 2, 0],
            vec![3, 1, 0, 2],
            vec![0, 1],
            vec![],
        ] {
            let mut list: Vec<usize> = (0..order.len()).collect();
            rearrange(&order, |a, b| list.swap(a, b));
            assert_eq!(list, order);
        }
    }
}
