//! Which rows must be written before which, because of references (FL-2).
//!
//! Called by the planner. A link exists only where the database needs it; a constraint that it
//! checks at COMMIT needs none.
//! Pure.

use super::changes::{Changes, Op, Row, What};
use super::links::{Link, Why};
use super::preferences::{Preference, deletes};
use super::references::{is_by_old_key, key_references, parent, parent_to_be};
use super::renames::Renames;
use super::unique;
use crate::identity_map::{IdentityMap, Image};
use crate::model::{ForeignKey, OnDelete};

/// Works out the links between the operations, and what should come before what besides.
pub(super) fn links(map: &IdentityMap, changes: &Changes) -> (Vec<Link>, Vec<Preference>) {
    let mut links = Vec::new();
    let mut preferences = deletes(map, changes);
    let renames = Renames::new(map, changes);
    for (position, op) in changes.ops.iter().enumerate() {
        let fks = map.any(op.store).table().foreign_keys();
        for (number, fk) in (0..).zip(fks) {
            let mut child = Child {
                map,
                changes,
                renames: &renames,
                position,
                op,
                fk,
                number,
                links: &mut links,
            };
            if op.refers_anew(fk) {
                child.wait_for_parent();
            }
            if op.refers_no_more(fk) {
                child.let_deleted_parent_wait();
                child.let_old_key_wait();
            }
            child.let_renamed_parent_wait();
            child.keep_from_cascade();
        }
    }
    keep_swept_before(map, changes, &mut links);
    unique::add_links(map, changes, &renames, &mut links, &mut preferences);
    (links, preferences)
}

/// A row that the database deletes with another may refer to a third that is deleted too: it has
/// to be gone by then, if its reference is in the way.
fn keep_swept_before(map: &IdentityMap, changes: &Changes, links: &mut Vec<Link>) {
    let mut swept: Vec<(Row, Row)> = changes.swept.iter().map(|(row, by)| (*row, *by)).collect();
    swept.sort_unstable();
    for (row, by) in swept {
        let fks = map.any(row.0).table().foreign_keys();
        for (number, fk) in (0..).zip(fks) {
            let in_the_way = (fk.on_delete == OnDelete::Restrict || fk.client) && !fk.deferrable;
            let referred = || parent(map, row, fk, Image::Flushed);
            if let Some(referred) = in_the_way.then(referred).flatten()
                && let Some((deletion, _)) = changes.deletion_of(referred)
                && let Some((sweeping, _)) = changes.on(by)
                && sweeping != deletion
            {
                links.push(Link {
                    before: sweeping as u32,
                    after: deletion as u32,
                    store: row.0,
                    why: Why::TakesAlong(number),
                    soft: false,
                });
            }
        }
    }
}

/// An operation on a row that refers to another by this reference.
struct Child<'a> {
    map: &'a IdentityMap,
    changes: &'a Changes,
    renames: &'a Renames,
    position: usize,
    op: &'a Op,
    fk: &'a ForeignKey,
    number: u16,
    links: &'a mut Vec<Link>,
}

impl<'a> Child<'a> {
    fn row(&self) -> Row {
        (self.op.store, self.op.slot)
    }

    /// A row that refers to a new row, or to a row under its new key, comes after it; one that is
    /// pointed at a row that goes, before that: the database then does what `on_delete` says.
    fn wait_for_parent(&mut self) {
        let Some(row) = parent_to_be(self.map, self.changes, self.row(), self.fk) else {
            return;
        };
        if let Some((deletion, _)) = self.changes.deletion_of(row) {
            self.link(self.position, deletion, Why::PointsAtGone(self.number));
            return;
        }
        let own = self.changes.on(row);
        let table = self.map.any(row.0).table();
        let renamings = self.renames.of(row);
        if !renamings.is_empty() && !own.is_some_and(|(_, op)| op.changes_key(table)) {
            let by_old_key = is_by_old_key(self.map, self.changes, self.row(), self.fk, row);
            for renaming in renamings {
                self.wait_for_renaming(*renaming, by_old_key);
            }
        }
        let Some((parent, parent_op)) = own else {
            return;
        };
        match parent_op.what {
            What::Insert { .. } if parent_op.draws_key(table) => {
                self.link(parent, self.position, Why::Refers(self.number, true));
            }
            What::Insert { .. } if self.fk.deferrable => self.wait_for_drawn_key(row),
            What::Insert { .. } => {
                self.soft_link(parent, self.position, Why::Refers(self.number, false));
            }
            What::Update { .. } if !parent_op.changes_key(table) => {}
            What::Update { .. } => {
                let by_old_key = is_by_old_key(self.map, self.changes, self.row(), self.fk, row);
                self.wait_for_renaming(parent, by_old_key);
            }
            What::Delete => {}
        }
    }

    /// A row that refers to another under the key that it loses comes before the statement that
    /// takes it, and follows; one that refers to it under its new key comes after.
    fn wait_for_renaming(&mut self, renaming: usize, by_old_key: bool) {
        match by_old_key {
            true => self.soft_link(self.position, renaming, Why::RefersToOldKey(self.number)),
            false => self.soft_link(renaming, self.position, Why::RefersToNewKey(self.number)),
        }
    }

    /// The key of a new row may be made of references to others, whose keys are to be drawn.
    fn wait_for_drawn_key(&mut self, row: Row) {
        for fk in key_references(self.map.any(row.0).table()) {
            let part = parent_to_be(self.map, self.changes, row, fk);
            if let Some(part) = part
                && let Some((position, op)) = self.changes.on(part)
                && matches!(op.what, What::Insert { .. })
            {
                match op.draws_key(self.map.any(part.0).table()) {
                    true => self.link(position, self.position, Why::Refers(self.number, true)),
                    false => self.wait_for_drawn_key(part),
                }
            }
        }
    }

    /// A row that is deleted comes after the rows that referred to it and no longer do. Actions
    /// are never deferred, checks may be.
    fn let_deleted_parent_wait(&mut self) {
        if self.fk.deferrable && self.fk.on_delete == OnDelete::Restrict {
            return;
        }
        let row = parent(self.map, self.row(), self.fk, Image::Flushed);
        if let Some((deletion, _)) = row.and_then(|row| self.changes.deletion_of(row)) {
            self.soft_link(self.position, deletion, Why::Leaves(self.number));
        }
    }

    /// A row that compares the reference it gives up does so while that has the old key.
    fn let_old_key_wait(&mut self) {
        let What::Update { guarded: true, .. } = self.op.what else {
            return;
        };
        for renaming in self.renamings() {
            self.soft_link(self.position, *renaming, Why::Leaves(self.number));
        }
    }

    /// A row whose key holds that of its parent is written under the key that it has now; one
    /// whose version the server counts, before the new key makes that another.
    fn let_renamed_parent_wait(&mut self) {
        let table = self.map.any(self.op.store).table();
        let known = !matches!(self.op.what, What::Insert { .. });
        let compared = table.key().contains(self.fk.field) || table.is_counted_by_server();
        if !known || !compared {
            return;
        }
        for renaming in self.renamings() {
            self.soft_link(self.position, *renaming, Why::FollowsKey(self.number));
        }
    }

    /// The operations that change the key of the row that it referred to.
    fn renamings(&self) -> &'a [usize] {
        if self.renames.is_empty() {
            return &[];
        }
        let row = parent(self.map, self.row(), self.fk, Image::Flushed);
        row.map_or(&[], |row| self.renames.of(row))
    }

    /// A row that this transaction has written and that refers to a row of its own table can't be
    /// written by the statement that gives that one another key: PostgreSQL then checks the
    /// reference though it was not written, and may do so before it has cascaded the key
    /// (`RI_FKey_fk_upd_check_required` in its sources). Which of the two comes first is all the
    /// same.
    fn keep_from_cascade(&mut self) {
        let store = self.map.any(self.op.store);
        let stands = matches!(self.op.what, What::Update { .. }) && !self.op.refers_anew(self.fk);
        if !stands || !store.is_written(self.op.slot) {
            return;
        }
        if self.map.id_of(self.fk.target_id()) != Some(self.op.store) {
            return;
        }
        let row = parent(self.map, self.row(), self.fk, Image::Current);
        if let Some((renaming, parent_op)) = row.and_then(|row| self.changes.on(row))
            && renaming != self.position
            && parent_op.what == self.op.what
            && parent_op.changes_key(store.table())
        {
            self.link(renaming, self.position, Why::Apart(self.number));
        }
    }

    /// PostgreSQL checks references at the end of a statement, so rows of one statement may refer
    /// to each other.
    fn soft_link(&mut self, before: usize, after: usize, why: Why) {
        if before != after {
            self.link(before, after, why);
            if let Some(link) = self.links.last_mut() {
                link.soft = true;
            }
        }
    }

    fn link(&mut self, before: usize, after: usize, why: Why) {
        self.links.push(Link {
            before: before as u32,
            after: after as u32,
            store: self.op.store,
            why,
            soft: false,
        });
    }
}
