//! The verbs that may talk to the database: each is one hop.
//!
//! They mirror those of `Session`; what crosses to the blocking thread is owned.
//! It must not hold logic: a verb is its namesake on the other side.

use std::borrow::Cow;

use sessile::model::{FromRow, IntoKey};
use sessile::query::{
    Delete, ExplainOptions, Explanation, Fields, PageToken, Params, Rows, Select, Update, Upsert,
};
use sessile::{
    Answer, Error, Handle, IntoInsert, IntoPath, Model, Page, PageAfter, Related, Session,
};

use crate::session::AsyncSession;

type Result<T> = std::result::Result<T, Error>;

impl AsyncSession {
    /// As [`Session::get`]; one hop.
    ///
    /// # Errors
    /// As there, and those of [`run`](AsyncSession::run); so for every verb here.
    pub async fn get<T: Model>(
        &mut self,
        key: impl IntoKey<T> + Send + 'static,
    ) -> Result<Option<Handle<T>>> {
        self.run(move |s| s.get::<T>(key)).await
    }

    /// As [`Session::get_many`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn get_many<T: Model, const N: usize>(
        &mut self,
        keys: [impl IntoKey<T> + Send + 'static; N],
    ) -> Result<[Option<Handle<T>>; N]> {
        self.run(move |s| s.get_many::<T, N>(keys)).await
    }

    /// As [`Session::get_each`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn get_each<T: Model>(
        &mut self,
        keys: impl IntoIterator<Item = impl IntoKey<T> + Send + 'static>,
    ) -> Result<Vec<Handle<T>>> {
        let keys: Vec<_> = keys.into_iter().collect();
        self.run(move |s| s.get_each::<T>(keys)).await
    }

    /// As [`Session::get_for_update`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn get_for_update<T: Model>(
        &mut self,
        key: impl IntoKey<T> + Send + 'static,
    ) -> Result<Handle<T>> {
        self.run(move |s| s.get_for_update::<T>(key)).await
    }

    /// As [`Session::get_many_for_update`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn get_many_for_update<T: Model, const N: usize>(
        &mut self,
        keys: [impl IntoKey<T> + Send + 'static; N],
    ) -> Result<[Handle<T>; N]> {
        self.run(move |s| s.get_many_for_update::<T, N>(keys)).await
    }

    /// As [`Session::all`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn all<T: Model, S: 'static>(
        &mut self,
        query: Select<T, S>,
    ) -> Result<Vec<Handle<T>>> {
        self.run(move |s| s.all(query)).await
    }

    /// As [`Session::first`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn first<T: Model, S: 'static>(
        &mut self,
        query: Select<T, S>,
    ) -> Result<Option<Handle<T>>> {
        self.run(move |s| s.first(query)).await
    }

    /// As [`Session::one`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn one<T: Model, S: 'static>(&mut self, query: Select<T, S>) -> Result<Handle<T>> {
        self.run(move |s| s.one(query)).await
    }

    /// As [`Session::count`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn count<R: 'static>(
        &mut self,
        query: impl Into<Rows<R>> + Send + 'static,
    ) -> Result<u64> {
        self.run(move |s| s.count(query)).await
    }

    /// As [`Session::exists`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn exists<R: 'static>(
        &mut self,
        query: impl Into<Rows<R>> + Send + 'static,
    ) -> Result<bool> {
        self.run(move |s| s.exists(query)).await
    }

    /// As [`Session::rows`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn rows<R: FromRow + Send + 'static>(
        &mut self,
        query: impl Into<Rows<R>> + Send + 'static,
    ) -> Result<Vec<R>> {
        self.run(move |s| s.rows(query)).await
    }

    /// As [`Session::page`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn page<R: FromRow + Send + 'static>(
        &mut self,
        query: impl Into<Rows<R>> + Send + 'static,
        limit: u64,
        offset: u64,
    ) -> Result<Page<R>> {
        self.run(move |s| s.page(query, limit, offset)).await
    }

    /// As [`Session::page_after`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn page_after<T: Model, S: 'static>(
        &mut self,
        query: Select<T, S>,
        limit: u64,
        after: Option<PageToken>,
    ) -> Result<PageAfter<Handle<T>>> {
        self.run(move |s| s.page_after(query, limit, after)).await
    }

    /// As [`Session::explain`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn explain<R: 'static>(
        &mut self,
        query: impl Into<Rows<R>> + Send + 'static,
        how: impl Into<ExplainOptions> + Send + 'static,
    ) -> Result<Explanation> {
        self.run(move |s| s.explain(query, how)).await
    }

    /// As [`Session::related`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn related<M: Model, R: Related<M>>(
        &mut self,
        of: Handle<M>,
        relationship: R,
    ) -> Result<R::Output>
    where
        R::Output: Send + 'static,
    {
        self.run(move |s| s.related(of, relationship)).await
    }

    /// As [`Session::related_one`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn related_one<M: Model, R: Related<M>>(
        &mut self,
        of: Handle<M>,
        relationship: R,
    ) -> Result<R::Output>
    where
        R::Output: Send + 'static,
    {
        self.run(move |s| s.related_one(of, relationship)).await
    }

    /// As [`Session::load`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn load<M: Model>(
        &mut self,
        of: impl AsRef<[Handle<M>]> + Send,
        path: impl IntoPath<M> + Send,
    ) -> Result<()> {
        let (of, path) = (of.as_ref().to_vec(), path.into_path());
        self.run(move |s| s.load(of, path)).await
    }

    /// As [`Session::refresh`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn refresh<T: Model>(&mut self, handle: Handle<T>) -> Result<()> {
        self.run(move |s| s.refresh(handle)).await
    }

    /// As [`Session::insert`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn insert<T: Model>(&mut self, row: T) -> Result<Handle<T>> {
        self.run(move |s| s.insert(row)).await
    }

    /// As [`Session::update_where`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn update_where<M: Model, R: Answer<M> + 'static>(
        &mut self,
        update: Update<M, R>,
    ) -> Result<R::Output> {
        self.run(move |s| s.update_where(update)).await
    }

    /// As [`Session::delete_where`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn delete_where<M: Model, R: Answer<M> + 'static>(
        &mut self,
        delete: Delete<M, R>,
    ) -> Result<R::Output> {
        self.run(move |s| s.delete_where(delete)).await
    }

    /// As [`Session::bulk_insert`]: the rows are pulled on the blocking thread; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn bulk_insert<M: Model, I: IntoInsert<M> + Send + 'static>(
        &mut self,
        rows: I,
    ) -> Result<<I::Answer as Answer<M>>::Output> {
        self.run(move |s| s.bulk_insert(rows)).await
    }

    /// As [`Session::upsert`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn upsert<M: Model>(&mut self, upsert: Upsert<M>) -> Result<Vec<Handle<M>>> {
        self.run(move |s| s.upsert(upsert)).await
    }

    /// As [`Session::ensure`]: the rows are pulled on the blocking thread; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn ensure<M: Model>(
        &mut self,
        target: impl Fields<M> + Send + 'static,
        rows: impl IntoIterator<Item = M> + Send + 'static,
    ) -> Result<Vec<Handle<M>>> {
        self.run(move |s| s.ensure(target, rows)).await
    }

    /// As [`Session::copy_in`]: the rows are pulled on the blocking thread; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn copy_in<M: Model>(
        &mut self,
        rows: impl IntoIterator<Item = M> + Send + 'static,
    ) -> Result<u64> {
        self.run(move |s| s.copy_in(rows)).await
    }

    /// As [`Session::copy_out`]: the closure runs on the blocking thread; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn copy_out<M: Model, S: 'static>(
        &mut self,
        query: Select<M, S>,
        each: impl FnMut(M) -> Result<()> + Send + 'static,
    ) -> Result<u64> {
        self.run(move |s| s.copy_out(query, each)).await
    }

    /// As [`Session::merge`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn merge<T: Model>(&mut self, row: T) -> Result<Handle<T>> {
        self.run(move |s| s.merge(row)).await
    }

    /// As [`Session::flush`]; one hop, or none when nothing waits.
    ///
    /// # Errors
    /// As there.
    pub async fn flush(&mut self) -> Result<()> {
        self.end(Session::flush).await
    }

    /// As [`Session::commit`]; one hop, or none when nothing was begun.
    ///
    /// # Errors
    /// As there.
    pub async fn commit(&mut self) -> Result<()> {
        self.end(Session::commit).await
    }

    /// As [`Session::rollback`]; one hop, or none when nothing was begun.
    ///
    /// # Errors
    /// As there.
    pub async fn rollback(&mut self) -> Result<()> {
        self.end(Session::rollback).await
    }

    /// As [`Session::execute`]; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn execute(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        params: impl Params + Send + 'static,
    ) -> Result<u64> {
        let sql = sql.into();
        self.run(move |s| s.execute(sql, params)).await
    }

    /// As [`Session::savepoint`]: the closure runs on the blocking thread; one hop.
    ///
    /// # Errors
    /// As there.
    pub async fn savepoint<T: Send + 'static, E: From<Error> + Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Session) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E> {
        self.run(move |s| s.savepoint(work)).await
    }

    /// As [`Session::close`]; one hop, or none when nothing was begun.
    ///
    /// # Errors
    /// As there.
    pub async fn close(&mut self) -> Result<()> {
        if self.is_closed() {
            return Ok(());
        }
        self.end(Session::close).await
    }
}
