//! A page of objects that begins behind a row.
//!
//! Called by `page_after`.
//! It must not bring in the row behind the page: that only says whether there is one.

use std::any::TypeId;

use super::by_query::joining;
use super::folding::Folded;
use super::joining::{Folding, Joining};
use super::path::follow;
use super::reader::Reader;
use crate::error::Error;
use crate::identity_map::Reading;
use crate::model::{Handle, Model, RawHandle};
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
    let joining = joining(query, what, Folding::Allowed);
    let rendered = match &joining {
        Some(joining) => query.tagged(joining.render(reader.map)?),
        None => query.render(reader.map, what)?,
    };
    let joined = joining.as_ref();
    let is_plain = joined.map_or_else(|| query.is_plain_read(), Joining::is_plain_read);
    let rows = reader.rendered(&rendered, is_plain)?;
    let folded = Folded::new(&rows, joining.as_ref());
    let found = folded.len();
    let width = T::table().columns().len();
    let clock = reader.map.clock();
    let store = reader.map.store::<T>();
    let group = store.open_group();
    store.expect(found.min(limit), group);
    let mut roots = Vec::with_capacity(found.min(limit));
    let mut next = None;
    for (i, first) in folded.firsts().take(limit).enumerate() {
        let row = rows.row(first);
        let slot = store.hydrate(&row, 0, reading, group, clock)?;
        roots.push(slot.map(|slot| store.typed(slot).raw));
        if i + 1 == limit && found > limit {
            let keys = (width..width + keyset.len()).map(|at| row.raw(at).map(<[u8]>::to_vec));
            next = Some(keyset.token(keys.collect()));
        }
    }
    if let Some(joining) = &joining {
        joining.bring(reader, &rows, &folded, &roots, reading)?;
    }
    let raw: Vec<RawHandle> = roots.into_iter().flatten().collect();
    let handles = raw.iter().copied().map(Handle::new).collect();
    let found = [(TypeId::of::<T>(), raw)].into_iter().collect();
    follow(reader, query.paths(), &found)?;
    Ok((handles, next))
}
