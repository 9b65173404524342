//! Who waits for whom, and why: what `edges` and `unique` find between operations.
//!
//! `parts` turns links into edges between statements; errors and drawings read the reasons.
//! It must not find links itself.

use super::changes::Changes;
use crate::identity_map::{IdentityMap, StoreId};
use crate::model::{ColumnSet, ForeignKey, Table};

/// `before` must be written before `after`, both operations by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) before: u32,
    pub(super) after: u32,
    /// The model whose constraint it is.
    pub(super) store: StoreId,
    pub(super) why: Why,
    /// Whether rows of one statement are exempt: PostgreSQL checks references at its end.
    pub(super) soft: bool,
}

/// Why one row waits for another. References and unique groups are named by their positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// The second refers to the first, which is new; the flag says whether the database makes
    /// its key.
    Refers(u16, bool),
    /// The second refers to the first under the key that it is about to get.
    RefersToNewKey(u16),
    /// The first refers to the second under the key that it is about to lose, and follows it.
    RefersToOldKey(u16),
    /// The second is known by a key that holds the first's, which changes.
    FollowsKey(u16),
    /// The first gives up its reference to the second, which is deleted.
    Leaves(u16),
    /// The first points at the second, which is deleted: the database then does its action.
    PointsAtGone(u16),
    /// A row that goes with the first refers to the second, which is deleted: it has to be gone.
    TakesAlong(u16),
    /// The second refers to the first, and both get other keys: they must not be one statement.
    /// Either may come first.
    Apart(u16),
    /// The first gives up a value of this unique group that the second takes.
    Frees(u16),
    /// The same, by a row that the database deletes or changes together with the first.
    GoesWith(u16),
}

impl Link {
    pub(super) fn rows(self) -> (usize, usize) {
        (self.before as usize, self.after as usize)
    }

    /// The fields whose constraint is the reason.
    pub(super) fn fields(self, map: &IdentityMap) -> ColumnSet {
        let table = map.any(self.store).table();
        match self.why {
            Why::Frees(group) | Why::GoesWith(group) => unique_fields(table, group),
            _ => ColumnSet::only(self.reference(table).field),
        }
    }

    /// The constraint that is the reason.
    pub(super) fn constraint(self, map: &IdentityMap) -> String {
        let table = map.any(self.store).table();
        match self.why {
            Why::Frees(0) | Why::GoesWith(0) => table.key_constraint(),
            Why::Frees(group) | Why::GoesWith(group) => {
                table.uniques()[usize::from(group) - 1].name.clone()
            }
            _ => self.reference(table).name.clone(),
        }
    }

    fn reference(self, table: &Table) -> &ForeignKey {
        let (Why::Refers(fk, _)
        | Why::RefersToNewKey(fk)
        | Why::RefersToOldKey(fk)
        | Why::FollowsKey(fk)
        | Why::Leaves(fk)
        | Why::PointsAtGone(fk)
        | Why::TakesAlong(fk)
        | Why::Apart(fk)
        | Why::Frees(fk)
        | Why::GoesWith(fk)) = self.why;
        &table.foreign_keys()[usize::from(fk)]
    }

    /// `Model.field` of the reason's fields, with a comma between several.
    pub(super) fn field_names(self, map: &IdentityMap) -> String {
        field_names(map.any(self.store).table(), self.fields(map))
    }
}

/// `Model.field`, with a comma between several.
pub(super) fn field_names(table: &Table, fields: ColumnSet) -> String {
    let names: Vec<String> = fields
        .iter()
        .map(|field| format!("{}.{}", table.model(), table.fields()[field].name))
        .collect();
    names.join(", ")
}

/// The fields of a unique group: the first is the key, then come the constraints.
pub(super) fn unique_fields(table: &Table, group: u16) -> ColumnSet {
    match group {
        0 => table.key(),
        group => table.uniques()[usize::from(group) - 1]
            .fields
            .iter()
            .copied()
            .collect(),
    }
}

/// `Model key` of an operation's row.
pub(super) fn row_name(map: &IdentityMap, changes: &Changes, op: usize) -> String {
    let op = &changes.ops[op];
    let store = map.any(op.store);
    format!("{} {}", store.table().model(), store.key_text(op.slot))
}
