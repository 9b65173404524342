//! Rows by their keys: what the session has is not asked for again.
//!
//! Called by `get` and its kin.
//! It must not run a statement when every key is at hand (IM-3).

use foldhash::{HashSet, HashSetExt};

use super::keys::key_parameters;
use super::reader::Reader;
use crate::engine::{Returns, Statement};
use crate::error::Error;
use crate::identity_map::Reading;
use crate::model::{Handle, Model};
use crate::statement::shape::{Lock, Rows, Shape, shaped};

/// The objects with these keys, asking for those that are missing or expired.
///
/// At most 1 statement, and none when all are at hand.
pub(crate) fn get<T: Model>(
    reader: &mut Reader<'_>,
    keys: &[T::Key],
) -> Result<Vec<Option<Handle<T>>>, Error> {
    let clock = reader.map.clock();
    let store = reader.map.store::<T>();
    let at_hand = |key: &T::Key| {
        store
            .find(key)
            .filter(|slot| store.is_current(*slot, clock))
    };
    let missing = distinct(keys.iter().filter(|key| at_hand(key).is_none()));
    if !missing.is_empty() {
        fetch::<T>(reader, &missing, Lock::None, Reading::Plain)?;
    }
    Ok(find_all(reader, keys))
}

/// The objects with these keys, locked and with the values that the rows have now (L-1).
///
/// 1 statement, which takes the locks in the order of the keys (L-3).
pub(crate) fn get_locked<T: Model>(
    reader: &mut Reader<'_>,
    keys: &[T::Key],
) -> Result<Vec<Option<Handle<T>>>, Error> {
    let asked = distinct(keys.iter());
    if !asked.is_empty() {
        fetch::<T>(reader, &asked, Lock::Update, Reading::Lock)?;
    }
    Ok(find_all(reader, keys))
}

/// Reads an object's row again; false when it is gone. 1 statement.
pub(crate) fn refresh<T: Model>(reader: &mut Reader<'_>, key: &T::Key) -> Result<bool, Error> {
    let key = std::slice::from_ref(key);
    let found = fetch::<T>(reader, key, Lock::None, Reading::Refresh)?;
    Ok(found == 1)
}

fn distinct<'a, K: Clone + Eq + std::hash::Hash + 'a>(keys: impl Iterator<Item = &'a K>) -> Vec<K> {
    let mut seen = HashSet::new();
    keys.filter(|key| seen.insert(*key)).cloned().collect()
}

fn find_all<T: Model>(reader: &mut Reader<'_>, keys: &[T::Key]) -> Vec<Option<Handle<T>>> {
    let clock = reader.map.clock();
    let store = reader.map.store::<T>();
    let current = |key| {
        let slot = store.find(key)?;
        // One that is expired still was not found, but has changes that a flush must judge.
        (store.is_current(slot, clock)).then(|| store.typed(slot))
    };
    keys.iter().map(current).collect()
}

/// Reads rows by key into the map, and drops objects whose rows are gone. Returns how many rows
/// there were.
fn fetch<T: Model>(
    reader: &mut Reader<'_>,
    keys: &[T::Key],
    lock: Lock,
    reading: Reading,
) -> Result<usize, Error> {
    let rows = match keys.len() {
        1 => Rows::One,
        _ => Rows::Arrays,
    };
    let shaped = shaped(T::table(), Shape::Get { rows, lock });
    let params = key_parameters::<T>(keys, rows == Rows::Arrays);
    let statement = Statement {
        text: shaped.text,
        params: params.iter().map(|p| p as _).collect(),
        types: params.iter().map(|p| p.ty()).collect(),
        returns: Returns::Rows,
        plain_read: lock == Lock::None,
        rows: keys.len(),
        cache: true,
    };
    let found = reader.rows(&statement, T::NAME)?;
    super::reader::expect_columns(&found, T::table())?;
    let clock = reader.map.clock();
    let store = reader.map.store::<T>();
    let group = match keys.len() {
        1 => store.single_group(),
        _ => store.open_group(),
    };
    store.expect(found.len(), group);
    let mut seen = HashSet::with_capacity(found.len());
    for row in found.iter() {
        if let Some(slot) = store.hydrate(&row, 0, reading, group, clock)? {
            seen.insert(slot);
        }
    }
    for key in keys {
        if let Some(slot) = store.find(key)
            && !seen.contains(&slot)
        {
            store.evict_gone(slot);
        }
    }
    Ok(seen.len())
}
