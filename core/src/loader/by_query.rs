//! Rows by a query: tracked objects, or plain values.
//!
//! Called by `all` and its kin, and by `rows`.
//! It must not look at more than the rows that came back.

use std::any::TypeId;

use foldhash::{HashMap, HashMapExt};

use super::folding::Folded;
use super::joining::{Folding, Joining};
use super::path::follow;
use super::reader::{Reader, expect_columns};
use crate::engine::Rows;
use crate::error::Error;
use crate::identity_map::{IdentityMap, Reading};
use crate::model::{ColumnFinder, FromRow, Handle, Model, Objects, RawHandle, Row};
use crate::query::{self, ExplainOptions, Explanation, Select};
use crate::statement::{Projection, Rendered};

/// The objects of a query, in its order, with what its paths ask for.
///
/// 1 statement, and 1 more for each path that finds something to load.
pub(crate) fn select_all<T: Model, S>(
    reader: &mut Reader<'_>,
    query: &Select<T, S>,
    reading: Reading,
) -> Result<Vec<Handle<T>>, Error> {
    let joining = joining(query, &Projection::Whole, Folding::Allowed);
    let rendered = match &joining {
        Some(joining) => query.tagged(joining.render(reader.map)?),
        None => query.render(reader.map, &Projection::Whole)?,
    };
    let joined = joining.as_ref();
    let is_plain = joined.map_or_else(|| query.is_plain_read(), Joining::is_plain_read);
    let rows = reader.rendered(&rendered, is_plain)?;
    objects(reader, query, &rows, joining.as_ref(), reading)
}

/// What the paths of a query for objects join to its rows, of which it reads this.
pub(super) fn joining<T: Model, S>(
    query: &Select<T, S>,
    what: &Projection,
    folding: Folding,
) -> Option<Joining> {
    match query.paths() {
        [] => None,
        paths => Joining::of(&query.reading(what), paths, folding),
    }
}

/// The objects of rows that a query has brought, with what its paths ask for.
pub(super) fn objects<T: Model, S>(
    reader: &mut Reader<'_>,
    query: &Select<T, S>,
    rows: &Rows,
    joining: Option<&Joining>,
    reading: Reading,
) -> Result<Vec<Handle<T>>, Error> {
    expect_columns(rows, T::table())?;
    let folded = Folded::new(rows, joining);
    let clock = reader.map.clock();
    let store = reader.map.store::<T>();
    let group = store.open_group();
    store.expect(folded.len(), group);
    let mut handles = Vec::with_capacity(folded.len());
    let mut roots = Vec::new();
    for first in folded.firsts() {
        let slot = store.hydrate(&rows.row(first), 0, reading, group, clock)?;
        let handle = slot.map(|slot| store.typed(slot));
        handles.extend(handle);
        if joining.is_some() {
            roots.push(handle.map(|handle| handle.raw));
        }
    }
    if let Some(joining) = joining {
        joining.bring(reader, rows, &folded, &roots, reading)?;
    }
    if !query.paths().is_empty() {
        let raw = handles.iter().map(|handle| handle.raw).collect();
        let found = [(TypeId::of::<T>(), raw)].into_iter().collect();
        follow(reader, query.paths(), &found)?;
    }
    Ok(handles)
}

/// What a query reads, in its order, with what its paths ask for.
///
/// 1 statement, and 1 more for each path that finds something to load.
pub(crate) fn select_rows<R: FromRow>(
    reader: &mut Reader<'_>,
    query: &query::Rows<R>,
) -> Result<Vec<R>, Error> {
    let joining = joining_of(query, Folding::Allowed);
    let rendered = rendered(reader, query, joining.as_ref())?;
    let joined = joining.as_ref();
    let is_plain = joined.map_or_else(|| query.is_plain_read(), Joining::is_plain_read);
    let rows = reader.rendered(&rendered, is_plain)?;
    read(reader, query, &rows, joined)
}

/// What the paths of a projection join to its rows.
pub(super) fn joining_of<R>(query: &query::Rows<R>, folding: Folding) -> Option<Joining> {
    match query.paths() {
        [] => None,
        paths => Joining::of(query.query()?, paths, folding),
    }
}

fn rendered<R>(
    reader: &Reader<'_>,
    query: &query::Rows<R>,
    joining: Option<&Joining>,
) -> Result<Rendered, Error> {
    match joining {
        Some(joining) => Ok(query.tagged(joining.render(reader.map)?)),
        None => query.render(reader.map),
    }
}

/// What rows become that a query has brought, with what its paths ask for.
pub(super) fn read<R: FromRow>(
    reader: &mut Reader<'_>,
    query: &query::Rows<R>,
    rows: &Rows,
    joining: Option<&Joining>,
) -> Result<Vec<R>, Error> {
    let order = match query.is_raw() && !rows.is_empty() {
        true => Some(ColumnFinder::order::<R>(rows.columns())?),
        false => None,
    };
    let locked = query.locked_rows().iter().map(|row| row.at).collect();
    let folded = Folded::new(rows, joining);
    let mut objects = Bringing::new(reader.map, locked, joining.map(|joining| joining.root));
    let mut read = Vec::with_capacity(folded.len());
    let mut roots = Vec::new();
    for first in folded.firsts() {
        let row = match &order {
            Some(order) => rows.row(first).in_order(order),
            None => rows.row(first),
        };
        read.push(R::read_row(&row, &mut 0, &mut objects)?);
        if joining.is_some() {
            roots.push(objects.last_root.take());
        }
    }
    let found = objects.found;
    if let Some(joining) = joining {
        joining.bring(reader, rows, &folded, &roots, Reading::Plain)?;
    }
    follow(reader, query.paths(), &found)?;
    Ok(read)
}

/// What the server says of a query's plan.
///
/// 1 statement.
pub(crate) fn explain<R>(
    reader: &mut Reader<'_>,
    query: &query::Rows<R>,
    how: ExplainOptions,
) -> Result<Explanation, Error> {
    let joining = joining_of(query, Folding::Allowed);
    let mut rendered = rendered(reader, query, joining.as_ref())?;
    let prefix = how.prefix();
    rendered.sql = format!("{prefix}{}", rendered.sql).into();
    rendered.label = format!("{prefix}{}", rendered.label).into();
    let joined = joining.as_ref();
    let is_plain = joined.map_or_else(|| query.is_plain_read(), Joining::is_plain_read);
    let rows = reader.rendered(&rendered, !how.runs() || is_plain)?;
    if rows.is_empty() {
        return Err(Error::mapping("an explanation returned no row"));
    }
    Explanation::read(rows.row(0).get(0)?)
}

/// Objects that come by one result, those of each model as siblings.
struct Bringing<'a> {
    map: &'a mut IdentityMap,
    /// Where rows begin that are locked.
    locked: Vec<usize>,
    /// Where rows begin that something is joined to.
    root: Option<usize>,
    /// The object of the last of them.
    last_root: Option<RawHandle>,
    groups: HashMap<TypeId, usize>,
    found: HashMap<TypeId, Vec<RawHandle>>,
}

impl<'a> Bringing<'a> {
    fn new(map: &'a mut IdentityMap, locked: Vec<usize>, root: Option<usize>) -> Self {
        Bringing {
            map,
            locked,
            root,
            last_root: None,
            groups: HashMap::new(),
            found: HashMap::new(),
        }
    }
}

impl Objects for Bringing<'_> {
    fn bring<T: Model>(&mut self, row: &Row<'_>, at: usize) -> Result<Option<Handle<T>>, Error> {
        let clock = self.map.clock();
        let reading = match self.locked.contains(&at) {
            true => Reading::Lock,
            false => Reading::Plain,
        };
        let store = self.map.store::<T>();
        let model = TypeId::of::<T>();
        let group = *self
            .groups
            .entry(model)
            .or_insert_with(|| store.open_group());
        let Some(slot) = store.hydrate(row, at, reading, group, clock)? else {
            return Ok(None);
        };
        let handle = store.typed(slot);
        self.found.entry(model).or_default().push(handle.raw);
        if self.root == Some(at) {
            self.last_root = Some(handle.raw);
        }
        Ok(Some(handle))
    }
}
