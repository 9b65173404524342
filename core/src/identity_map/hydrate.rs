//! Rows of a result become objects, or bring the ones that are there in line.
//!
//! Called by the loader and by statements that return rows.
//! It must not overwrite what the program changed and has not flushed.

use super::clock::{Clock, NEVER};
use super::journal::Was;
use super::slot::Phase;
use super::store::Store;
use crate::error::Error;
use crate::model::{Model, Row};

/// What a row that was read does to an object that is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The object keeps its value, unless it is expired.
    Plain,
    /// As `Plain`, of a row that may be older than what the transaction has written: the object
    /// counts as expired.
    Behind,
    /// The object gets the row's value.
    Refresh,
    /// The object gets the row's value, and counts as locked.
    Lock,
}

impl Reading {
    /// The transaction in which an object counts as read.
    fn time(self, clock: Clock) -> u32 {
        match self {
            Reading::Behind => NEVER,
            Reading::Plain | Reading::Refresh | Reading::Lock => clock.transaction,
        }
    }
}

impl<T: Model> Store<T> {
    /// Opens a load: objects that it brings are siblings.
    pub(crate) fn open_group(&mut self) -> usize {
        if self.groups.is_empty() {
            // The first group is that of single `get`s.
            self.groups.push(Vec::new());
        }
        self.groups.push(Vec::new());
        self.groups.len() - 1
    }

    /// Where single `get`s of this transaction gather.
    pub(crate) fn single_group(&mut self) -> usize {
        if self.groups.is_empty() {
            self.groups.push(Vec::new());
        }
        0
    }

    /// Makes room for a result of so many rows, all at once: growing by and by copies every
    /// object several times. Rows whose objects are there need none, so what is there counts.
    pub(crate) fn expect(&mut self, rows: usize, group: usize) {
        let more = rows.saturating_sub(self.index.len());
        self.make_room(more);
        self.index.reserve(more);
        self.groups[group].reserve(more);
    }

    /// Brings one row in; `None` when its key is NULL, as an outer join makes it.
    ///
    /// The columns of the model, in table order, begin at `at`.
    pub(crate) fn hydrate(
        &mut self,
        row: &Row<'_>,
        at: usize,
        reading: Reading,
        group: usize,
        clock: Clock,
    ) -> Result<Option<u32>, Error> {
        let Some(key) = read_key::<T>(row, at)? else {
            return Ok(None);
        };
        let number = match self.index.get(&key) {
            Some(number) => {
                let number = *number;
                self.meet(number, row, at, reading, group, clock)?;
                number
            }
            None => {
                let number = self.place(T::from_row(row, at)?);
                let slot = &mut self.slots[number as usize];
                slot.phase = Phase::Persistent;
                slot.read_in = reading.time(clock);
                let generation = slot.generation;
                self.journal.note_read(number, generation);
                self.reindex(number, Some(key));
                self.join(number, group);
                number
            }
        };
        if reading == Reading::Lock {
            self.slots[number as usize].locked_in = clock.locks;
        }
        Ok(Some(number))
    }

    /// A row was read whose object is there.
    fn meet(
        &mut self,
        number: u32,
        row: &Row<'_>,
        at: usize,
        reading: Reading,
        group: usize,
        clock: Clock,
    ) -> Result<(), Error> {
        let slot = &mut self.slots[number as usize];
        let expired = slot.read_in != clock.transaction;
        if matches!(reading, Reading::Plain | Reading::Behind) && !expired {
            return Ok(());
        }
        let Some(current) = slot.row.as_mut() else {
            return Ok(());
        };
        let fresh = T::from_row(row, at)?;
        let all = T::table().all_fields();
        match slot.original.take() {
            // Unflushed changes stay; everything else, and the value they are compared with,
            // is the row's from here on (ST-6).
            Some(original) => {
                let changed = current.changed(&original);
                slot.original = Some(Box::new(fresh.clone()));
                current.adopt(fresh, all.without(changed));
            }
            None => current.adopt(fresh, all),
        }
        slot.guarded = slot.touched && reading == Reading::Behind;
        slot.read_in = reading.time(clock);
        let generation = slot.generation;
        self.journal.note_read(number, generation);
        self.join(number, group);
        Ok(())
    }

    pub(super) fn join(&mut self, number: u32, group: usize) {
        let members = &mut self.groups[group];
        let slot = &mut self.slots[number as usize];
        let member = (number, slot.generation);
        if slot.group as usize == group && members.get(slot.place as usize) == Some(&member) {
            // It was got twice by itself; a group has each of its members once.
            return;
        }
        slot.group = group as u32;
        slot.place = members.len() as u32;
        members.push(member);
    }

    /// Takes in a row that is known to be in the database, without reading it; `None` when the
    /// session has an object with this key.
    pub(crate) fn preload(&mut self, row: T, key: T::Key, clock: Clock) -> Option<u32> {
        if self.index.contains_key(&key) {
            return None;
        }
        let number = self.place(row);
        let slot = &mut self.slots[number as usize];
        slot.phase = Phase::Persistent;
        slot.read_in = clock.transaction;
        self.reindex(number, Some(key));
        let group = self.single_group();
        self.join(number, group);
        Some(number)
    }

    /// The row of an object was looked for and is gone, so the object goes too; one with
    /// changes stays for the flush to judge.
    ///
    /// A rollback brings it back, expired: it may have been the transaction itself that deleted
    /// the row, by raw SQL or a trigger.
    pub(crate) fn evict_gone(&mut self, number: u32) {
        if !self.is_touched(number) {
            self.unindex(number);
            self.slots[number as usize].read_in = NEVER;
            self.log(number, Was::Present);
            self.slots[number as usize].phase = Phase::Missed;
        }
    }
}

/// The key of a whole row whose columns begin at `at`, `None` when it is NULL; without decoding the
/// rest when the key's columns stand together.
pub(crate) fn read_key<T: Model>(row: &Row<'_>, at: usize) -> Result<Option<T::Key>, Error> {
    let table = T::table();
    if let Some(first) = table.key_start() {
        return T::decode_key(row, at + first);
    }
    let null = table
        .columns()
        .iter()
        .enumerate()
        .any(|(i, c)| table.key().contains(c.field) && row.is_null(at + i));
    if null {
        return Ok(None);
    }
    Ok(T::from_row(row, at)?.key())
}
