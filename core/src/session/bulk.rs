//! Verbs that take many plain rows at once.
//!
//! Users call them; the unit of work sends the rows.
//! It must not make a statement for no rows.

use super::session::Session;
use crate::error::Result;
use crate::model::{Handle, Model};
use crate::query::{Counted, Fields, Insert, InsertSource, Upsert};
use crate::unit_of_work::{self as work, Answer, Inserting};

impl Session {
    /// Inserts plain rows, or the rows of a query.
    ///
    /// Takes rows, which answers with their number, or what [`insert`](crate::query::insert)
    /// built. Rows are pulled as they are sent, and become no objects unless that was asked for:
    /// 1 statement for each set of columns that they send (a generated field at its default is
    /// not sent), more where one would exceed 64 MiB; none without rows. Before them everything
    /// that waits is flushed, so that rows may refer to new objects by their handles. Versions
    /// begin as they do by a flush. Loaded collections to which rows may have come are forgotten.
    ///
    /// ```no_run
    /// # use sessile::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Tag { #[model(key, generated)] id: i64, #[model(unique)] name: String }
    /// # fn f(s: &mut Session) -> Result<()> {
    /// let tag = |n: i32| Tag { name: format!("tag {n}"), ..Tag::default() };
    /// assert_eq!(s.bulk_insert((0..100_000).map(tag))?, 100_000);
    /// let new = insert::<Tag>().rows([tag(7), tag(-1)]).ignoring(Tag::NAME);
    /// assert_eq!(s.bulk_insert(new)?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The violated constraint; [`Conversion`](crate::ErrorKind::Conversion),
    /// [`NotNullViolation`](crate::ErrorKind::NotNullViolation) and
    /// [`Handle`](crate::ErrorKind::Handle) for a row that can't be sent, with its number;
    /// [`Mapping`](crate::ErrorKind::Mapping) for a conflict's target that is not unique, or
    /// [`Xmin`](crate::Xmin) among the columns of a query; those of
    /// the flush. An error after the flush loses the transaction.
    pub fn bulk_insert<M: Model, I: IntoInsert<M>>(
        &mut self,
        rows: I,
    ) -> Result<<I::Answer as Answer<M>>::Output> {
        self.usable()?;
        let job = rows.into_insert();
        let inserting = job.inserting?;
        self.flush_for::<M>("inserting")?;
        // The session knows the model's table from here on, so that a violation is named.
        self.map.id::<M>();
        match job.source {
            JobSource::Rows(rows) => {
                let mut rows = rows.peekable();
                if rows.peek().is_none() {
                    return Ok(I::Answer::empty());
                }
                self.write(|map, connection| {
                    work::insert_rows::<M, I::Answer>(map, connection, &inserting, &mut rows)
                })
            }
            JobSource::Query(query) => self.write(|map, connection| {
                work::insert_selected::<M, I::Answer>(map, connection, &inserting, &query)
            }),
        }
    }

    /// Inserts rows, or changes the rows that are there already; answers with the objects, in
    /// the order of the rows.
    ///
    /// 1 statement for each set of columns that rows send, after a flush of everything that
    /// waits; none without rows. Objects that the session has get the new values. What is done to
    /// a row that is there says the builder, see [`upsert`](crate::query::upsert); a version
    /// moves on then. Rows that are left alone are left out of the answer. A rollback takes
    /// objects out of the session that the upsert has brought. Rows are written in the order of
    /// the target, so that sessions that write the same ones don't deadlock.
    ///
    /// ```no_run
    /// # use sessile::{prelude::*, sql::{excluded, upsert}};
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Tag { #[model(key, generated)] id: i64, #[model(unique)] name: String, uses: i64 }
    /// # fn f(s: &mut Session, rows: Vec<Tag>) -> Result<()> {
    /// let counted = upsert(rows)
    ///     .on(Tag::NAME)
    ///     .set(Tag::USES, Tag::USES + excluded(Tag::USES));
    /// let tags: Vec<Handle<Tag>> = s.upsert(counted)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) for a target that is not unique, for a row without
    /// values in it, and for setting [`Xmin`](crate::Xmin); [`UniqueViolation`](crate::ErrorKind::UniqueViolation) for two rows
    /// with the same values in it, before anything is sent; otherwise as
    /// [`bulk_insert`](Session::bulk_insert).
    pub fn upsert<M: Model>(&mut self, mut upsert: Upsert<M>) -> Result<Vec<Handle<M>>> {
        self.flush_for::<M>("upserting")?;
        let prepared = work::prepare_upsert(&self.map, &mut upsert)?;
        if prepared.is_empty() {
            return Ok(Vec::new());
        }
        self.write(|map, connection| work::upsert(map, connection, &upsert, prepared))
    }

    /// Inserts the rows that are not there, by fields that are unique together, and answers with
    /// the objects of all of them, in the order of the rows.
    ///
    /// 1 statement for each set of columns that rows send, after a flush of everything that
    /// waits; none without rows. Another one only when somebody else has inserted a row between
    /// the statement's beginning and the attempt, which is waited for. Rows that are there are
    /// not written, and their objects keep their values as with a query. Two rows with the same
    /// values in the fields are one object.
    ///
    /// ```no_run
    /// # use sessile::prelude::*;
    /// # #[derive(Model, Clone, Debug, Default)]
    /// # struct Tag { #[model(key, generated)] id: i64, #[model(unique)] name: String }
    /// # fn f(s: &mut Session) -> Result<()> {
    /// let named = |name: &str| Tag { name: name.to_owned(), ..Tag::default() };
    /// let tags = s.ensure(Tag::NAME, ["rust", "sql", "rust"].map(named))?;
    /// assert_eq!(tags[0], tags[2]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) for fields that are not unique together, and for a
    /// row without values in them; [`Serialization`](crate::ErrorKind::Serialization) at the
    /// stricter isolation levels, when somebody else has inserted a row; otherwise as
    /// [`bulk_insert`](Session::bulk_insert).
    pub fn ensure<M: Model>(
        &mut self,
        target: impl Fields<M>,
        rows: impl IntoIterator<Item = M>,
    ) -> Result<Vec<Handle<M>>> {
        self.flush_for::<M>("ensuring")?;
        let target = target.into_fields().0;
        let prepared = work::prepare_ensure(&self.map, &target, rows)?;
        if prepared.is_empty() {
            return Ok(Vec::new());
        }
        self.write(|map, connection| work::ensure(map, connection, prepared))
    }
}

/// What `bulk_insert` takes: rows, or what [`insert`](crate::query::insert) built.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be inserted as rows of `{M}`",
    label = "expected rows of `{M}`, or what `insert` built"
)]
pub trait IntoInsert<M: Model> {
    /// What the insert answers with.
    type Answer: Answer<M>;

    #[doc(hidden)]
    fn into_insert<'a>(self) -> Job<'a, M>
    where
        Self: 'a;
}

/// An insert without its type.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct Job<'a, M> {
    source: JobSource<'a, M>,
    inserting: Result<Inserting>,
}

enum JobSource<'a, M> {
    Rows(Box<dyn Iterator<Item = M> + 'a>),
    Query(crate::query::SelectedRows),
}

impl<M: Model, I: IntoIterator<Item = M>> IntoInsert<M> for I {
    type Answer = Counted;

    fn into_insert<'a>(self) -> Job<'a, M>
    where
        Self: 'a,
    {
        Job {
            source: JobSource::Rows(Box::new(self.into_iter())),
            inserting: Ok(Inserting::default()),
        }
    }
}

impl<M: Model, R: Answer<M>> IntoInsert<M> for Insert<M, R> {
    type Answer = R;

    fn into_insert<'a>(self) -> Job<'a, M>
    where
        Self: 'a,
    {
        let given = match &self.source {
            InsertSource::Rows(_) => &[][..],
            InsertSource::Query(query) => &query.fields,
        };
        Job {
            inserting: Inserting::new::<M>(self.conflict.as_ref(), given, self.columns),
            source: match self.source {
                InsertSource::Rows(rows) => JobSource::Rows(Box::new(rows.into_iter())),
                InsertSource::Query(query) => JobSource::Query(query),
            },
        }
    }
}
