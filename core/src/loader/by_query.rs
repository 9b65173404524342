//! Rows by a query: tracked objects, or plain values.
//!
//! Called by `all` and its kin, and by `rows`.
//! It must not look at more than the rows that came back.

use std::any::TypeId;

use foldhash::{HashMap, HashMapExt};

use super::path::follow;
use super::reader::{Reader, expect_columns};
use crate::engine::Rows;
use crate::error::Error;
use crate::identity_map::{IdentityMap, Reading};
use crate::model::{ColumnFinder, FromRow, Handle, Model, Objects, RawHandle, Row};
use crate::query::{self, Select};
use crate::statement::Projection;

/// The objects of a query, in its order, with what its paths ask for.
///
/// 1 statement, and 1 more for each path that finds something to load.
pub(crate) fn select_all<T: Model, S>(
    reader: &mut Reader<'_>,
    query: &Select<T, S>,
    reading: Reading,
) -> Result<Vec<Handle<T>>, Error> {
    let rendered = query.render(reader.map, &Projection::Whole)?;
    let rows = reader.rendered(&rendered, query.is_plain_read())?;
    objects(reader, query, &rows, reading)
}

/// The objects of rows that a query has brought, with what its paths ask for.
pub(super) fn objects<T: Model, S>(
    reader: &mut Reader<'_>,
    query: &Select<T, S>,
    rows: &Rows,
    reading: Reading,
) -> Result<Vec<Handle<T>>, Error> {
    expect_columns(rows, T::table())?;
    let clock = reader.map.clock();
    let store = reader.map.store::<T>();
    let group = store.open_group();
    store.expect(rows.len(), group);
    let mut handles = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        if let Some(slot) = store.hydrate(&row, 0, reading, group, clock)? {
            handles.push(store.typed(slot));
        }
    }
    if !query.paths().is_empty() {
        let raw = handles.iter().map(|handle| handle.raw).collect();
        let found = [(TypeId::of::<T>(), raw)].into_iter().collect();
        follow(reader, query.paths(), &found)?;
    }
    Ok(handles)
}

/// The only value of a query that has one row with one value.
///
/// 1 statement.
pub(crate) fn select_value<T: Model, S, V: FromRow>(
    reader: &mut Reader<'_>,
    query: &Select<T, S>,
    what: &Projection,
) -> Result<V, Error> {
    let rendered = query.render(reader.map, what)?;
    let rows = reader.rendered(&rendered, query.is_plain_read())?;
    if rows.is_empty() {
        return Err(Error::mapping("a query for one value returned no row"));
    }
    let mut objects = Bringing::new(reader.map, Reading::Plain);
    V::read_row(&rows.row(0), &mut 0, &mut objects)
}

/// What a query reads, in its order, with what its paths ask for.
///
/// 1 statement, and 1 more for each path that finds something to load.
pub(crate) fn select_rows<R: FromRow>(
    reader: &mut Reader<'_>,
    query: &query::Rows<R>,
    reading: Reading,
) -> Result<Vec<R>, Error> {
    let rendered = query.render(reader.map)?;
    let rows = reader.rendered(&rendered, query.is_plain_read())?;
    read(reader, query, &rows, reading)
}

/// What rows become that a query has brought, with what its paths ask for.
pub(super) fn read<R: FromRow>(
    reader: &mut Reader<'_>,
    query: &query::Rows<R>,
    rows: &Rows,
    reading: Reading,
) -> Result<Vec<R>, Error> {
    let order = match query.is_raw() && !rows.is_empty() {
        true => Some(ColumnFinder::order::<R>(rows.columns())?),
        false => None,
    };
    let mut objects = Bringing::new(reader.map, reading);
    let mut read = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        let row = match &order {
            Some(order) => row.in_order(order),
            None => row,
        };
        read.push(R::read_row(&row, &mut 0, &mut objects)?);
    }
    let found = objects.found;
    follow(reader, query.paths(), &found)?;
    Ok(read)
}

/// Objects that come by one result, those of each model as siblings.
struct Bringing<'a> {
    map: &'a mut IdentityMap,
    reading: Reading,
    groups: HashMap<TypeId, usize>,
    found: HashMap<TypeId, Vec<RawHandle>>,
}

impl<'a> Bringing<'a> {
    fn new(map: &'a mut IdentityMap, reading: Reading) -> Self {
        Bringing {
            map,
            reading,
            groups: HashMap::new(),
            found: HashMap::new(),
        }
    }
}

impl Objects for Bringing<'_> {
    fn bring<T: Model>(&mut self, row: &Row<'_>, at: usize) -> Result<Option<Handle<T>>, Error> {
        let clock = self.map.clock();
        let store = self.map.store::<T>();
        let model = TypeId::of::<T>();
        let group = *self
            .groups
            .entry(model)
            .or_insert_with(|| store.open_group());
        let Some(slot) = store.hydrate(row, at, self.reading, group, clock)? else {
            return Ok(None);
        };
        let handle = store.typed(slot);
        self.found.entry(model).or_default().push(handle.raw);
        Ok(Some(handle))
    }
}
