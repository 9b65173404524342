//! The models of the cases: references to themselves and to each other, that may be NULL and that
//! may not, unique values of both kinds, keys of every kind, versions, actions.

use sessile::prelude::*;

/// A drawn key, a tree, a ring with `Leaf`, unique values that may be NULL and that may not.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "knot")]
pub(super) struct Knot {
    #[model(key, generated)]
    pub(super) id: i64,
    #[model(version)]
    pub(super) version: i32,
    pub(super) parent: Option<Fk<Knot>>,
    #[model(unique)]
    pub(super) tag: Option<String>,
    #[model(unique)]
    pub(super) code: i32,
    pub(super) friend: Option<Fk<Leaf>>,
}

/// A given key, a place among its siblings, a chain that breaks where a link goes.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "leaf", unique(knot, place))]
pub(super) struct Leaf {
    #[model(key)]
    pub(super) id: i64,
    pub(super) knot: Fk<Knot>,
    pub(super) place: Option<i32>,
    #[model(on_delete = set_null)]
    pub(super) next: Option<Fk<Leaf>>,
}

/// A key of two parts, one of which goes with its knot; a value that the next may take then.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "pair")]
pub(super) struct Pair {
    #[model(key, on_delete = cascade)]
    pub(super) knot: Fk<Knot>,
    #[model(key)]
    pub(super) number: i32,
    #[model(unique)]
    pub(super) slot: Option<i32>,
}

/// Constraints that are checked at COMMIT.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "late")]
pub(super) struct Late {
    #[model(key)]
    pub(super) id: i64,
    #[model(unique, deferrable)]
    pub(super) place: i32,
    #[model(deferrable)]
    pub(super) after: Fk<Late>,
}

/// A key that changes.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "word")]
pub(super) struct Word {
    #[model(key)]
    pub(super) name: String,
    pub(super) parent: Option<Fk<Word>>,
    pub(super) text: String,
}

/// All of them.
pub(super) type All = (Knot, Leaf, Pair, Late, Word);

/// Every row as a line.
pub(super) const ROWS: &str = "
    SELECT format('knot %s %s %s %s %s', id, coalesce(parent_id::text, '-'),
                  coalesce(tag, '-'), code, coalesce(friend_id::text, '-')) FROM knot
    UNION ALL SELECT format('leaf %s %s %s %s', id, knot_id, coalesce(place::text, '-'),
                  coalesce(next_id::text, '-')) FROM leaf
    UNION ALL SELECT format('pair %s %s %s', knot_id, number, coalesce(slot::text, '-')) FROM pair
    UNION ALL SELECT format('late %s %s %s', id, place, after_id) FROM late
    UNION ALL SELECT format('word %s %s %s', name, coalesce(parent_name, '-'), text) FROM word";

/// Empties the tables without looking at references.
pub(super) const EMPTY: &str = "SET session_replication_role = replica;
    DELETE FROM knot; DELETE FROM leaf; DELETE FROM pair; DELETE FROM late; DELETE FROM word";

/// Parts of the names of constraints whose columns must not be NULL: every true cycle has one.
pub(super) const FIRM: [&str; 5] = [
    "knot_code_key",
    "_pkey",
    "leaf_knot_id_fkey",
    "pair_knot_id_fkey",
    // A standing reference to a key that changes.
    "word_parent_name_fkey",
];
