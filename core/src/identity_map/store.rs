//! The objects of one model: slots, the index by key, and the list of touched ones.
//!
//! The session reaches it with the model's type in hand; the other wings through `AnyStore`.
//! It must not decide what is flushed or loaded.

use std::any::Any;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::asked::Asked;
use super::clock::Clock;
use super::image::Image;
use super::journal::{Journal, PutBack};
use super::slot::{Phase, Slot};
use super::unwritten::Unwritten;
use crate::error::HandleProblem;
use crate::model::{Handle, Model, RawHandle};

/// The objects of one model.
#[derive(Debug)]
pub(crate) struct Store<T: Model> {
    session: u64,
    number: u32,
    pub(super) slots: Vec<Slot<T, T::Key>>,
    free: Vec<u32>,
    /// Rows by the key under which the database knows them.
    pub(super) index: HashMap<T::Key, u32>,
    /// Rows by the keys that they had before the flush that is under way.
    pub(super) former: HashMap<T::Key, u32>,
    /// Objects that are new, or whose key changes, by the key that they are about to have; filled at
    /// the start of a flush.
    pub(super) claims: HashMap<T::Key, u32>,
    /// Pending objects with the row whose place each takes; filled with the claims.
    pub(super) switches: HashMap<u32, u32>,
    /// Those rows.
    pub(super) switched: HashSet<u32>,
    /// Objects by keys that no row has yet, once that was asked.
    pub(super) unwritten: Unwritten<T::Key>,
    /// Slot and generation of objects that the next flush looks at, in the order of first touch.
    pub(super) touched: Vec<(u32, u32)>,
    /// Slots whose objects a rollback threw out.
    pub(super) leftovers: Vec<u32>,
    /// What is asked of the next flush besides the values of fields.
    pub(super) asked: HashMap<u32, Asked>,
    /// Values whose version is to be compared instead of the one that was read: merged ones, and
    /// those of rows of which a statement of this flush has made another version.
    pub(super) merged: HashMap<u32, T>,
    pub(super) journal: Journal<T>,
    /// References that were put back to what they were, with the value that had them.
    pub(super) put_back: PutBack<T>,
    /// The loads of this transaction: which objects came together, by slot and generation.
    pub(super) groups: Vec<Vec<(u32, u32)>>,
    /// Keys of references that were followed in this transaction and lead nowhere.
    pub(super) absent: HashSet<T::Key>,
    /// The lock epoch in which they were followed: every end of a scope begins another.
    absent_in: u32,
}

impl<T: Model> Store<T> {
    pub(super) fn new(session: u64, number: u32, depth: usize) -> Self {
        Store {
            session,
            number,
            slots: Vec::new(),
            free: Vec::new(),
            index: HashMap::new(),
            former: HashMap::new(),
            claims: HashMap::new(),
            switches: HashMap::new(),
            switched: HashSet::new(),
            unwritten: Unwritten::new(),
            touched: Vec::new(),
            leftovers: Vec::new(),
            asked: HashMap::new(),
            merged: HashMap::new(),
            journal: Journal::new(depth),
            put_back: Vec::new(),
            groups: Vec::new(),
            absent: HashSet::new(),
            absent_in: 0,
        }
    }

    /// The handle of what lives in a slot.
    pub(super) fn raw(&self, slot: u32) -> RawHandle {
        RawHandle {
            session: self.session,
            store: self.number,
            slot,
            generation: self.slots[slot as usize].generation,
        }
    }

    pub(crate) fn typed(&self, slot: u32) -> Handle<T> {
        Handle::new(self.raw(slot))
    }

    /// The slot of a handle of this session.
    pub(crate) fn locate(&self, raw: RawHandle) -> Result<u32, HandleProblem> {
        if raw.session != self.session {
            return Err(HandleProblem::Foreign);
        }
        match self.slots.get(raw.slot as usize) {
            Some(slot) if slot.generation == raw.generation && slot.phase != Phase::Vacant => {
                Ok(raw.slot)
            }
            _ => Err(HandleProblem::Gone),
        }
    }

    pub(crate) fn phase_of(&self, slot: u32) -> Phase {
        self.slots[slot as usize].phase
    }

    /// The object, when it may be read.
    pub(crate) fn read(&self, raw: RawHandle) -> Result<&T, HandleProblem> {
        let slot = &self.slots[self.locate(raw)? as usize];
        slot.phase.readable()?;
        slot.row.as_ref().ok_or(HandleProblem::InUse)
    }

    /// The object, when it may be written; it counts as touched from here on.
    pub(crate) fn write(&mut self, raw: RawHandle, clock: Clock) -> Result<&mut T, HandleProblem> {
        let number = self.locate(raw)?;
        self.slots[number as usize].phase.writable()?;
        self.touch(number, clock);
        self.slots[number as usize]
            .row
            .as_mut()
            .ok_or(HandleProblem::Gone)
    }

    /// The objects of different slots, all to write at once.
    pub(super) fn split(&mut self, mut slots: Vec<u32>) -> Vec<(u32, &mut dyn Any)> {
        slots.sort_unstable();
        let mut rows: Vec<(u32, &mut dyn Any)> = Vec::with_capacity(slots.len());
        let mut rest = self.slots.as_mut_slice();
        let mut passed = 0;
        for slot in slots {
            let (before, after) = rest.split_at_mut(slot as usize - passed + 1);
            passed = slot as usize + 1;
            rest = after;
            if let Some(row) = before.last_mut().and_then(|slot| slot.row.as_mut()) {
                rows.push((slot, row));
            }
        }
        rows
    }

    /// Takes the object out while a closure works on it.
    pub(crate) fn take(&mut self, raw: RawHandle, clock: Clock) -> Result<T, HandleProblem> {
        let number = self.locate(raw)?;
        self.slots[number as usize].phase.writable()?;
        self.touch(number, clock);
        self.slots[number as usize]
            .row
            .take()
            .ok_or(HandleProblem::Gone)
    }

    /// Puts back what `take` took.
    pub(crate) fn put_back(&mut self, raw: RawHandle, row: T) {
        self.slots[raw.slot as usize].row = Some(row);
    }

    /// Remembers the value of the last flush, once, and puts the object on the list.
    fn touch(&mut self, number: u32, clock: Clock) {
        let slot = &mut self.slots[number as usize];
        if slot.touched {
            return self.unwritten.note_write(number);
        }
        slot.touched = true;
        if slot.phase == Phase::Persistent {
            slot.original = slot.row.clone().map(Box::new);
            slot.guarded = slot.read_in != clock.transaction;
        }
        self.touched.push((number, slot.generation));
    }

    /// Takes in a new object.
    pub(crate) fn add(&mut self, row: T) -> Handle<T> {
        let number = self.place(row);
        let slot = &mut self.slots[number as usize];
        slot.phase = Phase::Pending;
        slot.touched = true;
        self.touched.push((number, slot.generation));
        self.typed(number)
    }

    /// Makes room for so many more objects.
    pub(super) fn make_room(&mut self, more: usize) {
        self.slots.reserve(more.saturating_sub(self.free.len()));
    }

    /// Puts a value into a free slot.
    pub(super) fn place(&mut self, row: T) -> u32 {
        let number = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::vacant());
            u32::try_from(self.slots.len() - 1).expect("fewer than 2^32 objects in a session")
        });
        self.slots[number as usize].row = Some(row);
        number
    }

    /// Marks the object for deletion; a pending one just leaves.
    pub(crate) fn mark(&mut self, raw: RawHandle, clock: Clock) -> Result<(), HandleProblem> {
        let number = self.locate(raw)?;
        match self.phase_of(number) {
            Phase::Pending => {
                self.vacate(number);
            }
            Phase::Persistent => {
                self.touch(number, clock);
                self.slots[number as usize].phase = Phase::Marked;
            }
            Phase::Marked | Phase::Deleted => {}
            Phase::Vacant | Phase::Missed | Phase::RolledBack => return Err(HandleProblem::Gone),
        }
        Ok(())
    }

    /// Takes the object out of the session and returns its value.
    pub(crate) fn detach(&mut self, raw: RawHandle) -> Result<T, HandleProblem> {
        let number = self.locate(raw)?;
        if self.slots[number as usize].row.is_none() {
            return Err(HandleProblem::Gone);
        }
        self.unindex(number);
        Ok(self.vacate(number).expect("checked above"))
    }

    /// The key under which the database knows the object, or that the program has given it.
    pub(crate) fn key_of(&self, number: u32) -> Option<T::Key> {
        let slot = &self.slots[number as usize];
        if let Some(key) = &slot.key {
            return Some(key.clone());
        }
        let drawn = T::table().generated_always();
        match drawn.intersection(T::table().key()).is_empty() {
            true => given_key(slot.row.as_ref()?),
            false => None,
        }
    }

    /// The key that the row has once it is flushed, when that is known before.
    pub(super) fn key_to_be(&self, number: u32) -> Option<T::Key> {
        match self.slots[number as usize].key {
            Some(_) => self.slots[number as usize].row.as_ref()?.key(),
            None => self.key_of(number),
        }
    }

    /// The slot of the row with this key.
    pub(crate) fn find(&self, key: &T::Key) -> Option<u32> {
        self.index.get(key).copied()
    }

    /// Lets an object that is new, or whose key changes, claim its key for the flush; the key
    /// itself, as text, when another object has it.
    pub(super) fn claim(&mut self, number: u32, key: T::Key) -> Result<(), String> {
        if self.slots[number as usize].key.as_ref() == Some(&key) {
            return Ok(());
        }
        let held = self.find(&key).is_some_and(|holder| {
            self.slots[holder as usize].phase == Phase::Persistent
                && self.key_to_be(holder).as_ref() == Some(&key)
        });
        let claimant = *self.claims.entry(key.clone()).or_insert(number);
        if held || claimant != number {
            return Err(format!("{key:?}"));
        }
        self.note_switch(number, &key);
        Ok(())
    }

    /// Empties a slot; its handles are gone from here on.
    pub(super) fn vacate(&mut self, number: u32) -> Option<T> {
        self.forget_asked(number);
        self.free.push(number);
        self.slots[number as usize].vacate()
    }

    /// Takes an object out of the index, if it is the one that stands there.
    pub(super) fn unindex(&mut self, number: u32) {
        if let Some(key) = &self.slots[number as usize].key
            && self.index.get(key) == Some(&number)
        {
            self.index.remove(key);
        }
    }

    /// Puts an object into the index under a key.
    pub(super) fn reindex(&mut self, number: u32, key: Option<T::Key>) {
        self.unindex(number);
        if let Some(key) = &key {
            self.index.insert(key.clone(), number);
        }
        self.slots[number as usize].key = key;
    }

    /// The value in a slot, whatever its state.
    pub(crate) fn value_mut(&mut self, number: u32) -> Option<&mut T> {
        self.slots[number as usize].row.as_mut()
    }

    /// Whether the object is as the open transaction sees it, rather than left from an earlier one.
    pub(crate) fn is_current(&self, number: u32, clock: Clock) -> bool {
        self.slots[number as usize].read_in == clock.transaction
    }

    /// Whether the row has been locked by the open transaction.
    pub(crate) fn is_locked(&self, number: u32, clock: Clock) -> bool {
        self.row_of(number).locked_in == clock.locks
    }

    /// Whether the object has been touched since the last flush.
    pub(crate) fn is_touched(&self, number: u32) -> bool {
        self.slots[number as usize].touched
    }

    /// Objects that came by the same load as this one: those after it, then those before it,
    /// the nearest first and none that is far away.
    pub(crate) fn siblings(&self, number: u32) -> impl Iterator<Item = RawHandle> + '_ {
        // A loop of `get` and `related` must not look at all the objects again for each.
        const FAR: usize = 1024;
        let slot = &self.slots[number as usize];
        let place = slot.place as usize;
        let group: &[(u32, u32)] = self
            .groups
            .get(slot.group as usize)
            .filter(|group| group.get(place) == Some(&(number, slot.generation)))
            .map_or(&[], Vec::as_slice);
        let after = group.iter().skip(place + 1).take(FAR);
        let before = group.iter().take(place).rev().take(FAR);
        let siblings = after.chain(before);
        let here = siblings.filter(|member| self.is_member(**member));
        let raws = here.map(|(number, _)| self.raw(*number));
        raws.filter(|raw| self.read(*raw).is_ok())
    }

    /// Whether the object is still here that had this slot when it came.
    pub(super) fn is_member(&self, (number, generation): (u32, u32)) -> bool {
        let slot = &self.slots[number as usize];
        slot.generation == generation && slot.phase != Phase::Vacant
    }

    /// References with these keys were followed and lead nowhere.
    pub(crate) fn note_absent(&mut self, keys: Vec<T::Key>, clock: Clock) {
        if self.absent_in != clock.locks {
            self.absent.clear();
            self.absent_in = clock.locks;
        }
        for key in keys {
            if !self.index.contains_key(&key) {
                self.absent.insert(key);
            }
        }
    }

    /// What is known to lead nowhere may be asked for again.
    pub(super) fn forget_absent(&mut self) {
        self.absent.clear();
    }

    /// Whether a reference with this key is known to lead nowhere.
    pub(crate) fn is_absent(&self, key: &T::Key, clock: Clock) -> bool {
        self.absent_in == clock.locks && self.absent.contains(key)
    }

    /// The number of objects.
    pub(crate) fn slot_count(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// The value of an object that a flush works on.
    pub(super) fn image(&self, slot: u32, image: Image) -> &T {
        let row = match image {
            Image::Flushed => self.flushed(slot),
            Image::Current => self.slots[slot as usize].row.as_ref(),
        };
        row.expect("no flush runs while `edit` has an object in hand")
    }

    /// The value whose version a flush compares.
    pub(super) fn compared(&self, slot: u32) -> &T {
        let merged = self.merged.get(&slot);
        merged.unwrap_or_else(|| self.image(slot, Image::Flushed))
    }
}

/// The key that the program has given a row; `None` when the database is to make it.
pub(crate) fn given_key<T: Model>(row: &T) -> Option<T::Key> {
    let made = T::table().generated().union(T::table().generated_always());
    let unmade = row.defaulted(made.intersection(T::table().key()));
    match unmade.is_empty() {
        true => row.key(),
        false => None,
    }
}
