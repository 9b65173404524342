//! Rows by relationship: children of parents, and parents of children.
//!
//! Called by the relationships.
//! It must not overwrite a collection that is loaded (LD-1).

use foldhash::{HashMap, HashMapExt};

use super::by_key::get;
use super::keys::key_parameters;
use super::reader::{Reader, expect_columns};
use crate::engine::{Returns, Statement};
use crate::error::Error;
use crate::identity_map::{IdentityMap, Reading, handle_error};
use crate::model::{Handle, Model, RawHandle, Reference};
use crate::statement::shape::{Rows, Shape, shaped};

/// Loads the children of these parents by a field of theirs; 1 statement, or none without parents
/// that are rows.
///
/// Children that the session has keep their values; a child is a member of the collection of the
/// parent that it refers to in this session.
pub(crate) fn load_children<P: Model, C: Model>(
    reader: &mut Reader<'_>,
    parents: &[RawHandle],
    field: usize,
) -> Result<(), Error> {
    let store = reader.map.store::<P>();
    let keys: Vec<P::Key> = parents
        .iter()
        .filter_map(|raw| store.key_of(store.locate(*raw).ok()?))
        .collect();
    let mut members = match keys.is_empty() {
        true => HashMap::new(),
        false => {
            let loaded = read_children::<P, C>(reader, &keys, field)?;
            by_parent::<P, C>(reader.map, &loaded, field)
        }
    };
    for parent in parents {
        let loaded = members.remove(parent).unwrap_or_default();
        put_children(reader, field, *parent, loaded);
    }
    Ok(())
}

/// These are the children of a parent.
pub(super) fn put_children<C: Model>(
    reader: &mut Reader<'_>,
    field: usize,
    parent: RawHandle,
    mut loaded: Vec<Handle<C>>,
) {
    sort_by_key(reader, &mut loaded);
    let store = reader.map.id::<C>();
    let raw = loaded.into_iter().map(|child| child.raw).collect();
    reader.map.collections.put(store, field, parent, raw);
}

fn read_children<P: Model, C: Model>(
    reader: &mut Reader<'_>,
    keys: &[P::Key],
    field: usize,
) -> Result<Vec<Handle<C>>, Error> {
    let rows = match keys.len() {
        1 => Rows::One,
        _ => Rows::Arrays,
    };
    let shaped = shaped(C::table(), Shape::Children { field, rows });
    let params = key_parameters::<P>(keys, rows == Rows::Arrays);
    let statement = Statement {
        text: shaped.text,
        params: params.iter().map(|p| p as _).collect(),
        types: params.iter().map(|p| p.ty()).collect(),
        returns: Returns::Rows,
        plain_read: true,
        rows: keys.len(),
        cache: true,
    };
    let found = reader.rows(&statement, C::NAME)?;
    expect_columns(&found, C::table())?;
    let clock = reader.map.clock();
    let store = reader.map.store::<C>();
    let group = store.open_group();
    store.expect(found.len(), group);
    let mut children = Vec::with_capacity(found.len());
    for row in found.iter() {
        if let Some(slot) = store.hydrate(&row, 0, Reading::Plain, group, clock)? {
            children.push(store.typed(slot));
        }
    }
    Ok(children)
}

/// Children beside the loaded parents that they refer to in this session.
pub(super) fn by_parent<P: Model, C: Model>(
    map: &IdentityMap,
    loaded: &[Handle<C>],
    field: usize,
) -> HashMap<RawHandle, Vec<Handle<C>>> {
    let mut members: HashMap<RawHandle, Vec<Handle<C>>> = HashMap::new();
    let (Some(children), Some(parents)) = (map.store_ref::<C>(), map.store_ref::<P>()) else {
        return members;
    };
    for child in loaded {
        let row = children.read(child.raw).ok();
        let parent = match row.and_then(|row| row.reference(field)) {
            Some(Reference::Handle(raw)) => Some(raw),
            Some(Reference::Key(key)) => key
                .downcast_ref::<P::Key>()
                .and_then(|key| parents.find(key))
                .map(|slot| parents.typed(slot).raw),
            Some(Reference::Unset) | None => None,
        };
        if let Some(parent) = parent {
            members.entry(parent).or_default().push(*child);
        }
    }
    members
}

/// Children come in the order of their keys, whatever the database's collation.
pub(super) fn sort_by_key<C: Model>(reader: &mut Reader<'_>, children: &mut [Handle<C>]) {
    if children.len() < 2 {
        return;
    }
    let store = reader.map.store::<C>();
    let key = |child: &Handle<C>| store.key_of(child.raw.slot);
    // As a rule they are: rows lie as they were inserted.
    if !children.is_sorted_by_key(key) {
        children.sort_by_cached_key(key);
    }
}

/// The loaded children of a parent, those that may be read.
pub(crate) fn children<C: Model>(
    map: &IdentityMap,
    parent: RawHandle,
    field: usize,
) -> Option<Vec<Handle<C>>> {
    let store = map.id_of(std::any::TypeId::of::<C>())?;
    let members = map.collections.get(store, field, parent)?;
    let children = members.map(Handle::<C>::new);
    Some(children.filter(|child| map.read(*child).is_ok()).collect())
}

/// Whether the children of a parent are loaded.
pub(super) fn is_loaded<C: Model>(map: &IdentityMap, parent: RawHandle, field: usize) -> bool {
    map.id_of(std::any::TypeId::of::<C>())
        .is_some_and(|store| map.collections.get(store, field, parent).is_some())
}

/// The row that a child refers to, or that there is none; `None` when that is not known.
pub(super) fn parent<C: Model, P: Model>(
    map: &IdentityMap,
    child: Handle<C>,
    field: usize,
) -> Result<Option<Option<Handle<P>>>, Error> {
    let row = map.read(child).map_err(handle_error::<C>)?;
    let key = match row.reference(field) {
        None | Some(Reference::Unset) => return Ok(Some(None)),
        Some(Reference::Handle(raw)) => return Ok(Some(Some(Handle::new(raw)))),
        Some(Reference::Key(key)) => key.downcast_ref::<P::Key>(),
    };
    let (Some(store), Some(key)) = (map.store_ref::<P>(), key) else {
        return Ok(None);
    };
    let clock = map.clock();
    Ok(match store.find(key) {
        Some(slot) if store.is_current(slot, clock) => Some(Some(store.typed(slot))),
        None if store.is_absent(key, clock) => Some(None),
        _ => None,
    })
}

/// Loads the rows that these children refer to; 1 statement, or none when all are at hand
/// (RL-6). References that lead nowhere are remembered, so that they are not followed again.
pub(crate) fn load_parents<C: Model, P: Model>(
    reader: &mut Reader<'_>,
    children: &[RawHandle],
    field: usize,
) -> Result<(), Error> {
    let store = reader.map.store::<C>();
    let mut keys: Vec<P::Key> = Vec::new();
    for child in children {
        let Ok(row) = store.read(*child) else {
            continue;
        };
        if let Some(Reference::Key(key)) = row.reference(field)
            && let Some(key) = key.downcast_ref::<P::Key>()
        {
            keys.push(key.clone());
        }
    }
    get::<P>(reader, &keys)?;
    let clock = reader.map.clock();
    reader.map.store::<P>().note_absent(keys, clock);
    Ok(())
}
