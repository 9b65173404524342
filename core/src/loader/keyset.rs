//! A page of objects that begins behind a row.
//!
//! Called by `page_after`.
//! It must not bring in the row behind the page: that only says whether there is one.

use std::any::TypeId;

use super::path::follow;
use super::reader::Reader;
use crate::error::Error;
use crate::identity_map::Reading;
use crate::model::{Handle, Model};
use crate::query::{Keyset, PageToken, Select};
use crate::statement::Projection;

/// The objects of a page, and the token of its last row when more come behind it.
///
/// 1 statement, and 1 more for each path that finds something to load.
pub(crate) fn select_page<T: Model, S>(
    reader: &mut Reader<'_>,
    query: &Select<T, S>,
    what: &Projection,
    keyset: &Keyset,
    limit: usize,
    reading: Reading,
) -> Result<(Vec<Handle<T>>, Option<PageToken>), Error> {
    let rendered = query.render(reader.map, what)?;
    let rows = reader.rendered(&rendered, query.is_plain_read())?;
    let width = T::table().columns().len();
    let clock = reader.map.clock();
    let store = reader.map.store::<T>();
    let group = store.open_group();
    store.expect(rows.len().min(limit), group);
    let mut handles = Vec::with_capacity(rows.len().min(limit));
    let mut next = None;
    for (i, row) in rows.iter().take(limit).enumerate() {
        if let Some(slot) = store.hydrate(&row, 0, reading, group, clock)? {
            handles.push(store.typed(slot));
        }
        if i + 1 == limit && rows.len() > limit {
            let keys = (width..width + keyset.len()).map(|at| row.raw(at).map(<[u8]>::to_vec));
            next = Some(keyset.token(keys.collect()));
        }
    }
    let raw = handles.iter().map(|handle| handle.raw).collect();
    let found = [(TypeId::of::<T>(), raw)].into_iter().collect();
    follow(reader, query.paths(), &found)?;
    Ok((handles, next))
}
