//! Pairs that are linked and unlinked: statements of their own around those for objects (RL-5).
//!
//! `collect` asks what waits, `cascade` what follows from it, the planner where it goes, `apply` what
//! came of it.
//! It must not treat a row that is there already, or not there any more, as a failure.

use foldhash::{HashMap, HashSet};

use super::changes::{Changes, Follower, Op, Pairs, Row, What};
use super::memberships::join_parents;
use super::plan::{Plan, PlannedStatement, PlannedStep, Rank};
use super::sweep;
use crate::engine::Reply;
use crate::error::{Error, HandleProblem};
use crate::identity_map::{
    Association, IdentityMap, Image, Phase, Sides, StoreId, Wish, handle_error_of,
};
use crate::model::{ColumnSet, RawHandle};
use crate::statement::shape::Computation;

/// The pairs that a flush writes, by the names of their tables: that is the same in every session.
///
/// # Errors
/// `Handle` when one of the two objects has left the session.
pub(super) fn collect(map: &IdentityMap) -> Result<Vec<Pairs>, Error> {
    let mut found = Vec::new();
    for (number, association) in map.pairs.associations().iter().enumerate() {
        for wish in [Wish::Unlink, Wish::Link] {
            let mut numbers = Vec::new();
            for (pair, waiting) in (0..).zip(&association.pairs) {
                if waiting.wish == Some(wish) && has_row(map, association, pair, wish)? {
                    numbers.push(pair);
                }
            }
            if !numbers.is_empty() {
                found.push(Pairs {
                    association: number,
                    wish,
                    numbers,
                });
            }
        }
    }
    found.sort_by_cached_key(|pairs| {
        let association = &map.pairs.associations()[pairs.association];
        let name = map.any(association.store).table().name();
        (name, association.fields.into_iter().collect::<ColumnSet>())
    });
    Ok(found)
}

/// Whether there may be a row of this pair, before a flush or after it.
fn has_row(
    map: &IdentityMap,
    association: &Association,
    pair: u32,
    wish: Wish,
) -> Result<bool, Error> {
    let mut may_be = true;
    for field in association.fields {
        let side = association.side(pair, field);
        let place = map.locate(side).map(|(store, slot)| {
            let store = map.any(store);
            (store.phase(slot), store.replaced(slot).is_some())
        });
        may_be &= match (place, wish) {
            (Err(problem), _) => return Err(left(map, association, pair, field, problem)),
            (Ok((Phase::Vacant | Phase::Missed | Phase::RolledBack, _)), _) => {
                return Err(left(map, association, pair, field, HandleProblem::Gone));
            }
            (Ok((Phase::Deleted, _)), _) => false,
            (Ok((Phase::Marked, _)), wish) => wish == Wish::Unlink,
            // A new row is in no pair, unless it is an old one (PK-2).
            (Ok((Phase::Pending, is_row)), wish) => wish == Wish::Link || is_row,
            (Ok((Phase::Persistent, _)), _) => true,
        };
    }
    Ok(may_be)
}

fn left(
    map: &IdentityMap,
    association: &Association,
    pair: u32,
    field: usize,
    problem: HandleProblem,
) -> Error {
    let table = map.any(association.store).table();
    let model = table.foreign_key_of_field(field).target().model();
    let pair = &association.pairs[pair as usize];
    let what = match pair.wish {
        Some(Wish::Unlink) => "unlinking",
        _ => "linking",
    };
    let (of, name) = pair.relationship;
    handle_error_of(model, problem).while_doing(format!("{what} by {of}.{name}"))
}

/// The loaded association objects of pairs that are unlinked.
pub(super) fn unlinked(map: &IdentityMap, changes: &Changes) -> Vec<Row> {
    let mut rows = Vec::new();
    for pairs in changes.pairs.iter().filter(|p| p.wish == Wish::Unlink) {
        let association = &map.pairs.associations()[pairs.association];
        let sides = |number: &u32| association.pairs[*number as usize].sides;
        let gone: HashSet<Sides> = pairs.numbers.iter().map(sides).collect();
        let loaded = loaded(map, association);
        rows.extend(
            loaded
                .filter(|(sides, _)| gone.contains(sides))
                .map(|(_, row)| row),
        );
    }
    rows
}

/// The loaded rows of an association whose two sides are loaded.
fn loaded(map: &IdentityMap, association: &Association) -> impl Iterator<Item = (Sides, Row)> {
    let (store, fields) = (association.store, association.fields);
    let slots = map.any(store).persistent().into_iter();
    slots.filter_map(move |slot| Some((sides_of(map, (store, slot), fields)?, (store, slot))))
}

fn sides_of(map: &IdentityMap, (store, slot): Row, fields: [usize; 2]) -> Option<Sides> {
    let side = |field| map.parent_of(store, slot, field, Image::Flushed);
    Some([side(fields[0])?, side(fields[1])?])
}

/// Association objects that are unlinked are not written any more, and pairs with a row that goes
/// are not linked.
pub(super) fn take_over(map: &IdentityMap, changes: &mut Changes, unlinked: &[Row]) {
    changes.remove(unlinked);
    for (store, slot) in unlinked.iter().copied() {
        changes.followers.push(Follower::Deleted { store, slot });
    }
    let mut pairs = std::mem::take(&mut changes.pairs);
    for pairs in pairs.iter_mut().filter(|p| p.wish == Wish::Link) {
        let association = &map.pairs.associations()[pairs.association];
        let goes = |side: RawHandle| {
            let row = map.locate(side);
            row.is_ok_and(|row| changes.deletion_of(row).is_some())
        };
        pairs.numbers.retain(|number| {
            let [first, second] = association.pairs[*number as usize].sides;
            !goes(first) && !goes(second)
        });
    }
    pairs.retain(|pairs| !pairs.numbers.is_empty());
    changes.pairs = pairs;
}

/// Unlinks first, while rows and keys are as the database has them, behind what goes with their
/// rows; and links last, when every object has its row and its key. Unlinks behind links where
/// that makes no difference.
pub(super) fn place(map: &IdentityMap, changes: &Changes, ordered_locks: bool, plan: &mut Plan) {
    let mut behind = Vec::new();
    for pairs in &changes.pairs {
        let statement = statement(map, pairs, ordered_locks);
        match pairs.wish {
            Wish::Unlink if may_go_last(map, changes, pairs) => {
                behind.extend(sweep::with_below(map, ordered_locks, statement));
            }
            Wish::Unlink => {
                if plan.ranks.is_empty() {
                    plan.ranks.push(Rank::default());
                }
                let all = sweep::with_below(map, ordered_locks, statement);
                plan.ranks[0].statements.splice(0..0, all);
            }
            Wish::Link => {
                if needs_rank(map, pairs, plan) {
                    plan.ranks.push(Rank::default());
                }
                let last = plan.ranks.last_mut().expect("there is one by now");
                last.statements.push(statement);
            }
        }
    }
    if let Some(last) = plan.ranks.last_mut() {
        last.statements.extend(behind);
    }
}

/// Whether pairs may be unlinked behind those of their association that are linked: rows and keys
/// stay, and no unique value has to be free.
///
/// Who waits for a row that somebody else has linked or unlinked then has not unlinked anything
/// itself, unless it waits to unlink. So two sessions that link each what the other unlinks can't
/// deadlock: both kinds of statements take their pairs in order.
fn may_go_last(map: &IdentityMap, changes: &Changes, pairs: &Pairs) -> bool {
    let association = &map.pairs.associations()[pairs.association];
    let is_linked =
        |other: &Pairs| other.association == pairs.association && other.wish == Wish::Link;
    let stays = |op: &Op| {
        let table = map.any(op.store).table();
        op.store != association.store && op.what != What::Delete && !op.changes_key(table)
    };
    let table = map.any(association.store).table();
    let [one, other] = association.fields;
    let key = table.key();
    let mut uniques = table.uniques().iter();
    changes.pairs.iter().any(is_linked)
        && changes.ops.iter().all(stays)
        && key.contains(one) == key.contains(other)
        && uniques.all(|group| group.fields.contains(&one) && group.fields.contains(&other))
}

fn statement(map: &IdentityMap, pairs: &Pairs, ordered_locks: bool) -> PlannedStatement {
    let association = &map.pairs.associations()[pairs.association];
    let store = association.store;
    let fields: ColumnSet = association.fields.into_iter().collect();
    let step = match pairs.wish {
        Wish::Link => PlannedStep::Link {
            association: pairs.association,
            fields,
            back: fields
                .iter()
                .any(|field| map.collections.follows(store, field)),
        },
        Wish::Unlink => PlannedStep::Unlink {
            association: pairs.association,
            fields,
            ordered: ordered_locks && pairs.numbers.len() > 1,
        },
    };
    PlannedStatement {
        store,
        table: map.any(store).table(),
        slots: pairs.numbers.clone(),
        step,
        absent: HashMap::default(),
        computed: Computation::NONE,
        sweep: None,
    }
}

/// Whether the last rank makes a key that one of these pairs needs.
fn needs_rank(map: &IdentityMap, pairs: &Pairs, plan: &Plan) -> bool {
    let Some(last) = plan.ranks.last() else {
        return true;
    };
    let mut new: HashSet<Row> = HashSet::default();
    for statement in &last.statements {
        if let PlannedStep::Insert { made, .. } = statement.step
            && !made.intersection(statement.table.key()).is_empty()
        {
            new.extend(statement.slots.iter().map(|slot| (statement.store, *slot)));
        }
    }
    let association = &map.pairs.associations()[pairs.association];
    let sides = pairs.numbers.iter();
    let mut sides = sides.flat_map(|number| association.pairs[*number as usize].sides);
    !new.is_empty() && sides.any(|side| new.contains(&(side.store, side.slot)))
}

/// The pairs of a statement by name, for people.
pub(super) fn pair_names(map: &IdentityMap, association: usize, numbers: &[u32]) -> Vec<String> {
    let association = &map.pairs.associations()[association];
    let name = |side: RawHandle| {
        let store = map.any(side.store);
        format!("{} {}", store.table().model(), store.key_text(side.slot))
    };
    let names = numbers.iter().map(|number| {
        let [first, second] = association.pairs[*number as usize].sides;
        format!("{} and {}", name(first), name(second))
    });
    names.collect()
}

/// Rows that were not there become objects, when collections are loaded that they belong to. A
/// collection that lacks a row which was there is no longer the whole truth.
pub(super) fn linked(
    map: &mut IdentityMap,
    store: StoreId,
    association: usize,
    numbers: &[u32],
    reply: &Reply,
) -> Result<(), Error> {
    map.any_mut(store).forget_absent();
    let Reply::Rows(rows) = reply else {
        return Ok(());
    };
    let clock = map.clock();
    for row in rows.iter() {
        if let Some(slot) = map.any_mut(store).bring_inserted(&row, clock)? {
            let all = map.any(store).table().all_fields();
            join_parents(map, store, slot, all);
        }
    }
    if rows.len() == numbers.len() {
        return Ok(());
    }
    let association = &map.pairs.associations()[association];
    let fields = association.fields;
    let known: HashSet<Sides> = loaded(map, association).map(|(sides, _)| sides).collect();
    let sides = numbers.iter().map(|n| association.pairs[*n as usize].sides);
    let lacking: Vec<Sides> = sides.filter(|sides| !known.contains(sides)).collect();
    for (field, side) in lacking
        .into_iter()
        .flat_map(|sides| fields.into_iter().zip(sides))
    {
        map.collections.forget(store, field, side);
    }
    Ok(())
}
