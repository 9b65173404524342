//! The identity map: the stores of a session, by model.
//!
//! The session owns one; the loader and the unit of work work on it.
//! It must not know which models there are before it meets them.

use std::any::{Any, TypeId};
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::{HashMap, HashMapExt};

use super::any_store::AnyStore;
use super::clock::{Clock, StoreId};
use super::collections::Collections;
use super::image::Image;
use super::journal::Resolved;
use super::pairs::Pairs;
use super::slot::State;
use super::store::Store;
use crate::error::{Error, ErrorKind, HandleProblem};
use crate::model::{ColumnSet, Handle, KeyLookup, Model, RawHandle, Reference};

/// The objects of a session.
#[derive(Debug)]
pub(crate) struct IdentityMap {
    session: u64,
    stores: Vec<Box<dyn AnyStore>>,
    by_model: HashMap<TypeId, StoreId>,
    clock: Clock,
    /// The number of open savepoints.
    depth: usize,
    /// Children that are loaded with their parents.
    pub(crate) collections: Collections,
    /// What `link` and `unlink` leave to the next flush.
    pub(crate) pairs: Pairs,
}

impl IdentityMap {
    pub(crate) fn new() -> Self {
        static SESSIONS: AtomicU64 = AtomicU64::new(1);
        IdentityMap {
            session: SESSIONS.fetch_add(1, Ordering::Relaxed),
            stores: Vec::new(),
            by_model: HashMap::new(),
            clock: Clock {
                transaction: 1,
                locks: 1,
            },
            depth: 0,
            collections: Collections::new(),
            pairs: Pairs::default(),
        }
    }

    /// The number of this session among those of the process.
    pub(crate) fn session(&self) -> u64 {
        self.session
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// The store of a model, if the session has met it.
    pub(crate) fn id_of(&self, model: TypeId) -> Option<StoreId> {
        self.by_model.get(&model).copied()
    }

    /// The store of a model, made on first use.
    pub(crate) fn id<T: Model>(&mut self) -> StoreId {
        if let Some(id) = self.id_of(TypeId::of::<T>()) {
            return id;
        }
        let id = u32::try_from(self.stores.len()).expect("fewer than 2^32 models");
        let store = Store::<T>::new(self.session, id, self.depth);
        crate::model::remember_table(T::table());
        self.stores.push(Box::new(store));
        self.by_model.insert(TypeId::of::<T>(), id);
        id
    }

    /// The store of a model with its type.
    pub(crate) fn store<T: Model>(&mut self) -> &mut Store<T> {
        let id = self.id::<T>();
        self.stores[id as usize]
            .as_any_mut()
            .downcast_mut()
            .expect("the store of T holds objects of T")
    }

    /// The store of a model with its type, if the session has met it.
    pub(crate) fn store_ref<T: Model>(&self) -> Option<&Store<T>> {
        let id = self.id_of(TypeId::of::<T>())?;
        self.stores[id as usize].as_any().downcast_ref()
    }

    pub(crate) fn any(&self, id: StoreId) -> &dyn AnyStore {
        self.stores[id as usize].as_ref()
    }

    pub(crate) fn any_mut(&mut self, id: StoreId) -> &mut dyn AnyStore {
        self.stores[id as usize].as_mut()
    }

    /// All stores, in the order in which the session met the models.
    pub(crate) fn stores(&self) -> impl Iterator<Item = (StoreId, &dyn AnyStore)> {
        (0..).zip(self.stores.iter().map(AsRef::as_ref))
    }

    pub(super) fn stores_mut(&mut self) -> impl Iterator<Item = &mut Box<dyn AnyStore>> {
        self.stores.iter_mut()
    }

    /// Whether anything waits for a flush.
    pub(crate) fn has_touched(&self) -> bool {
        !self.pairs.is_empty() || self.stores.iter().any(|store| store.has_touched())
    }

    /// Whether anything of this model waits for a flush.
    pub(crate) fn has_touched_of(&self, model: TypeId) -> bool {
        self.id_of(model)
            .is_some_and(|id| self.any(id).has_touched() || self.pairs.wait_for(id))
    }

    /// The store and slot of a handle of this session.
    pub(crate) fn locate(&self, raw: RawHandle) -> Result<(StoreId, u32), HandleProblem> {
        if raw.session != self.session {
            return Err(HandleProblem::Foreign);
        }
        let store = self
            .stores
            .get(raw.store as usize)
            .ok_or(HandleProblem::Gone)?;
        Ok((raw.store, store.locate(raw)?))
    }

    /// The typed store that a handle of this session leads to.
    fn store_of<T: Model>(&self, handle: Handle<T>) -> Result<&Store<T>, HandleProblem> {
        if handle.raw.session != self.session {
            return Err(HandleProblem::Foreign);
        }
        let store = self.stores.get(handle.raw.store as usize);
        store
            .and_then(|store| store.as_any().downcast_ref())
            .ok_or(HandleProblem::Gone)
    }

    fn store_of_mut<T: Model>(
        &mut self,
        handle: Handle<T>,
    ) -> Result<&mut Store<T>, HandleProblem> {
        if handle.raw.session != self.session {
            return Err(HandleProblem::Foreign);
        }
        let store = self.stores.get_mut(handle.raw.store as usize);
        store
            .and_then(|store| store.as_any_mut().downcast_mut())
            .ok_or(HandleProblem::Gone)
    }

    /// The object, when it may be read.
    pub(crate) fn read<T: Model>(&self, handle: Handle<T>) -> Result<&T, HandleProblem> {
        self.store_of(handle)?.read(handle.raw)
    }

    /// The object, when it may be written.
    pub(crate) fn write<T: Model>(&mut self, handle: Handle<T>) -> Result<&mut T, HandleProblem> {
        let clock = self.clock;
        self.store_of_mut(handle)?.write(handle.raw, clock)
    }

    /// Several objects of any models to write; `Err(None)` when two are the same.
    pub(crate) fn write_disjoint<const N: usize>(
        &mut self,
        raws: [RawHandle; N],
    ) -> Result<[&mut dyn Any; N], Option<HandleProblem>> {
        let clock = self.clock;
        for (i, raw) in raws.iter().enumerate() {
            if raws[..i].contains(raw) {
                return Err(None);
            }
            let (store, _) = self.locate(*raw).map_err(Some)?;
            self.any_mut(store)
                .prepare_write(*raw, clock)
                .map_err(Some)?;
        }
        let mut found: [Option<&mut dyn Any>; N] = [const { None }; N];
        for (id, store) in (0..).zip(self.stores.iter_mut()) {
            let here = |raw: &&RawHandle| raw.store == id;
            let slots: Vec<u32> = raws.iter().filter(here).map(|raw| raw.slot).collect();
            for (slot, row) in store.write_slots(slots) {
                let place = raws.iter().position(|r| r.store == id && r.slot == slot);
                found[place.expect("one of those asked for")] = Some(row);
            }
        }
        Ok(found.map(|row| row.expect("every handle was located")))
    }

    /// The store and the slot behind a handle, whose object may be read.
    pub(crate) fn find<T: Model>(&self, handle: Handle<T>) -> Result<(&Store<T>, u32), Error> {
        let store = self.store_of(handle).map_err(handle_error::<T>)?;
        let slot = store.locate(handle.raw).map_err(handle_error::<T>)?;
        let phase = store.phase_of(slot);
        phase.readable().map_err(handle_error::<T>)?;
        Ok((store, slot))
    }

    /// The store behind a handle, to write.
    pub(crate) fn find_mut<T: Model>(
        &mut self,
        handle: Handle<T>,
    ) -> Result<(&mut Store<T>, u32), Error> {
        let store = self.store_of_mut(handle).map_err(handle_error::<T>)?;
        let slot = store.locate(handle.raw).map_err(handle_error::<T>)?;
        Ok((store, slot))
    }

    /// References that were followed in vain may lead to rows now.
    pub(crate) fn forget_absent(&mut self, model: TypeId) {
        if let Some(id) = self.id_of(model) {
            self.any_mut(id).forget_absent();
        }
    }

    /// An object is about to leave the session, its row stays: the collections that have it are
    /// no longer the whole truth.
    pub(crate) fn forget_collections_of(&mut self, child: RawHandle) {
        let Ok((store, slot)) = self.locate(child) else {
            return;
        };
        for fk in self.any(store).table().foreign_keys() {
            if !self.collections.follows(store, fk.field) {
                continue;
            }
            let reference = self.any(store).reference(slot, Image::Flushed, fk.field);
            if let Some(Reference::Key(key)) = reference
                && let Some(parents) = self.id_of(fk.target_id())
                && let Some(parent) = self.any(parents).slot_of_key(key)
            {
                let parent = self.any(parents).handle(parent);
                self.collections.forget(store, fk.field, parent);
            }
        }
    }

    /// The state of the object behind a handle.
    pub(crate) fn state(&self, raw: RawHandle) -> State {
        match self.locate(raw) {
            Ok((store, slot)) => self.any(store).phase(slot).state(),
            Err(_) => State::Gone,
        }
    }

    /// The fields of an object that differ from its last flushed value. A handle that took the
    /// place of its object's key is no difference.
    pub(crate) fn changed(&self, id: StoreId, slot: u32) -> ColumnSet {
        let store = self.any(id);
        let changed = store.changed(slot);
        let same = store
            .table()
            .foreign_keys()
            .iter()
            .map(|fk| fk.field)
            .filter(|field| changed.contains(*field) && self.is_same_parent(id, slot, *field));
        changed.without(same.collect())
    }

    /// The fields of an object that the database is to compute.
    pub(crate) fn computed(&self, id: StoreId, slot: u32) -> ColumnSet {
        let store = self.any(id);
        let asked = store.asked(slot).into_iter();
        let computed = asked.flat_map(|asked| &asked.computed);
        let columns = store.table().columns();
        computed.map(|c| columns[c.text.column].field).collect()
    }

    fn is_same_parent(&self, id: StoreId, slot: u32, field: usize) -> bool {
        let store = self.any(id);
        let now = store.reference(slot, Image::Current, field);
        let before = store.reference(slot, Image::Flushed, field);
        match (now, before) {
            (Some(Reference::Handle(raw)), Some(Reference::Key(key))) => self
                .locate(raw)
                .is_ok_and(|(parents, parent)| self.any(parents).slot_of_key(key) == Some(parent)),
            _ => false,
        }
    }

    /// Opens a savepoint; nothing is unflushed now.
    pub(crate) fn open_savepoint(&mut self) {
        self.depth += 1;
        self.stores_mut().for_each(|store| store.open_savepoint());
    }

    /// The innermost savepoint's work becomes that of the enclosing one.
    pub(crate) fn release_savepoint(&mut self) {
        self.depth -= 1;
        self.stores_mut()
            .for_each(|store| store.release_savepoint());
    }

    /// Back to the innermost savepoint.
    pub(crate) fn roll_back_savepoint(&mut self) {
        self.depth -= 1;
        // Locks taken since the savepoint are given up with it.
        self.clock.locks = self.clock.locks.wrapping_add(1);
        self.collections.clear();
        self.pairs.clear();
        self.undo(|store| store.roll_back_savepoint());
    }

    /// Back to the beginning of the transaction; everything is expired after it.
    pub(crate) fn roll_back(&mut self) {
        self.undo(|store| store.roll_back());
        self.next_transaction();
    }

    /// Takes every store back, and then the keys of what is no more out of the references to it.
    fn undo(&mut self, take_back: impl Fn(&mut dyn AnyStore) -> Vec<Resolved>) {
        let undone: Vec<(StoreId, Vec<Resolved>)> = (0..)
            .zip(&mut self.stores)
            .map(|(id, store)| (id, take_back(store.as_mut())))
            .collect();
        for (id, resolved) in undone {
            for resolved in resolved {
                self.restore_handle(id, resolved);
            }
        }
    }

    /// The value of a rolled-back insert refers to its parent by handle again, unless the program
    /// has put another key there since.
    fn restore_handle(&mut self, id: StoreId, resolved: Resolved) {
        let store = self.any(id);
        if !store.was_thrown_out(resolved.slot, resolved.generation) {
            return;
        }
        let reference = store.reference(resolved.slot, Image::Current, resolved.field);
        if let Some(Reference::Key(key)) = reference
            && self.any(resolved.handle.store).hash_of_key(key) == resolved.key
        {
            let store = self.any_mut(id);
            store.set_handle(resolved.slot, resolved.field, resolved.handle);
        }
    }

    /// The transaction was committed; everything is expired after it.
    pub(crate) fn commit(&mut self) {
        self.stores_mut().for_each(|store| store.commit());
        self.next_transaction();
    }

    /// Objects that a rollback threw out are gone for good.
    pub(crate) fn drop_leftovers(&mut self) {
        self.stores_mut().for_each(|store| store.drop_leftovers());
    }

    /// Forgets which objects claimed which keys.
    pub(crate) fn clear_claims(&mut self) {
        self.stores_mut().for_each(|store| store.clear_claims());
    }

    /// A flush is done: only what it did not look at stays on the lists.
    pub(crate) fn end_flush(&mut self) {
        self.pairs.clear();
        self.stores_mut().for_each(|store| store.end_flush());
    }

    fn next_transaction(&mut self) {
        self.depth = 0;
        self.collections.clear();
        self.pairs.clear();
        self.clock.transaction = self.clock.transaction.wrapping_add(1);
        self.clock.locks = self.clock.locks.wrapping_add(1);
    }
}

impl KeyLookup for IdentityMap {
    fn key_of(&self, handle: RawHandle) -> Result<Option<&dyn Any>, HandleProblem> {
        let (store, slot) = self.locate(handle)?;
        let store = self.any(store);
        store.phase(slot).readable()?;
        Ok(store.key(slot))
    }
}

/// The error for a handle that can't be used.
pub(crate) fn handle_error<T: Model>(problem: HandleProblem) -> Error {
    handle_error_of(T::NAME, problem)
}

/// The same, for an object of the model with this name.
pub(crate) fn handle_error_of(model: &'static str, problem: HandleProblem) -> Error {
    Error::new(ErrorKind::Handle { model, problem })
}
