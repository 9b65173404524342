//! Verbs that read a query page by page.
//!
//! Users call them; the loader does the work.
//! It must not keep anything between two pages: a page says where the next one begins.

use super::session::Session;
use crate::error::Result;
use crate::identity_map::Reading;
use crate::loader;
use crate::model::{FromRow, Handle, Model};
use crate::query::{PageToken, Rows, Select};
use crate::statement::About;

/// Some rows of a query, and how many it has in all. See [`Session::page`].
#[derive(Clone, Debug, PartialEq)]
pub struct Page<R> {
    /// The rows of this page.
    pub items: Vec<R>,
    /// The number of rows of all pages.
    pub total: u64,
}

/// Some rows of a query, and where the next ones begin. See [`Session::page_after`].
#[derive(Clone, Debug, PartialEq)]
pub struct PageAfter<R> {
    /// The rows of this page.
    pub items: Vec<R>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<PageToken>,
}

impl Session {
    /// At most `limit` rows of a query, after leaving out `offset`, and how many it has in all:
    /// objects of a [`Select`], or what a projection gives.
    ///
    /// 1 statement, and 1 that counts unless the page is the last one, where the number is known;
    /// and what the query loads along. Limit and offset of the query itself say which rows there
    /// are to page through. Counting takes no locks. Give the query an order that leaves nothing
    /// open; rows that others add or remove meanwhile shift the pages, see
    /// [`page_after`](Session::page_after).
    ///
    /// # Errors
    /// As [`all`](Session::all).
    pub fn page<R: FromRow>(
        &mut self,
        query: impl Into<Rows<R>>,
        limit: u64,
        offset: u64,
    ) -> Result<Page<R>> {
        let query = query.into();
        let items = self.read_rows(&query.clone().part(limit, offset))?;
        let found = items.len() as u64;
        let total = match found < limit && (found > 0 || offset == 0) {
            true => offset + found,
            false => self.count_rows(query.unlocked())?,
        };
        Ok(Page { items, total })
    }

    /// At most `limit` objects of a query, behind the page that a token came from, in the query's
    /// order; and the token for those behind.
    ///
    /// 1 statement, and what the query loads along: a page costs the same however many come before
    /// it, given an index on the order. The key of the model is added to the order, so that no row
    /// is left out or comes twice, whatever others add or remove meanwhile; a row whose sort keys
    /// change may move to another page. One row more is read to see whether there is a next page,
    /// and locked if the query locks.
    ///
    /// A join that finds an object several times may split it between two pages, of which one is
    /// skipped: use [`any`](crate::model::HasMany::any) or `distinct` instead.
    ///
    /// ```
    /// # use sessile::{Error, Model, Session, sql::select};
    /// # #[derive(Model, Clone, Debug)]
    /// # struct Article {
    /// #     #[model(key)]
    /// #     id: i64,
    /// #     stars: i32,
    /// # }
    /// fn every_page(s: &mut Session) -> Result<(), Error> {
    ///     let best = select::<Article>().order_by(Article::STARS.desc());
    ///     let mut page = s.page_after(best.clone(), 20, None)?;
    ///     while let Some(next) = page.next {
    ///         page = s.page_after(best.clone(), 20, Some(next))?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Input`](crate::ErrorKind::Input) for a token that was made for another order,
    /// [`Mapping`](crate::ErrorKind::Mapping) for a query that has a limit, an offset or DISTINCT
    /// ON of its own; and as [`all`](Session::all).
    pub fn page_after<T: Model, S>(
        &mut self,
        query: Select<T, S>,
        limit: u64,
        after: Option<PageToken>,
    ) -> Result<PageAfter<Handle<T>>> {
        self.usable()?;
        let keyset = query.keyset()?;
        let one_more = limit.saturating_add(1);
        let (query, what) = query.page_behind(&keyset, after.as_ref(), one_more)?;
        let reading = match query.is_locking() {
            true => {
                self.refuse_unflushed::<T>()?;
                Reading::Lock
            }
            false => Reading::Plain,
        };
        self.write_named(|map| query.names_unsaved(map))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (items, next) = self.read(&query.models(), |reader| {
            loader::select_page(reader, &query, &what, &keyset, limit, reading)
        })?;
        Ok(PageAfter { items, next })
    }

    pub(super) fn count_rows<R>(&mut self, query: Rows<R>) -> Result<u64> {
        let count = self.read_rows::<i64>(&query.about(About::Count))?;
        let count = count.first().copied().unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }
}
