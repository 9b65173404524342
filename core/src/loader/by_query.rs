//! Rows by a query: tracked objects, or plain values.
//!
//! Called by `all` and its kin, and by `rows`.
//! It must not look at more than the rows that came back.

use super::path::Loads;
use super::reader::{Reader, expect_columns};
use crate::error::Error;
use crate::identity_map::Reading;
use crate::model::{FromRow, Handle, Model};
use crate::query::{self, Select};
use crate::statement::Projection;

/// The objects of a query, in its order, with what its paths ask for.
///
/// 1 statement, and 1 more for each path that finds something to load.
pub(crate) fn select_all<T: Model>(
    reader: &mut Reader<'_>,
    query: &Select<T>,
    reading: Reading,
) -> Result<Vec<Handle<T>>, Error> {
    let rendered = query.render(reader.map, &Projection::Whole)?;
    let rows = reader.rendered(&rendered, query.is_plain_read())?;
    expect_columns(&rows, T::table())?;
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
    if !handles.is_empty() {
        for loads in query.paths() {
            if let Some(loads) = loads.downcast_ref::<Loads<T>>() {
                (loads.0)(reader, &handles)?;
            }
        }
    }
    Ok(handles)
}

/// The plain values of a query.
///
/// 1 statement.
pub(crate) fn select_rows<R: FromRow>(
    reader: &mut Reader<'_>,
    query: &query::Rows<R>,
) -> Result<Vec<R>, Error> {
    let rendered = query.render(reader.map)?;
    let rows = reader.rendered(&rendered, query.is_plain_read())?;
    rows.iter().map(|row| R::from_row(&row)).collect()
}
