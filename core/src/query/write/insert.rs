//! `insert`: plain rows, or the rows of a query, into a table.
//!
//! Callers build it; the session's `bulk_insert` runs it.
//! It must not hold a session, and a clone must be as good as the original.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::error::Error;
use crate::model::{ColumnSet, Model};
use crate::query::write::answer::{Counted, Objects, Tuples};
use crate::query::write::target::Fields;
use crate::query::{Columns, IntoRows};
use crate::statement::{self, Conflict, Item, Parameter, Resolution, Selected, Source, Ways};

/// New rows of model `M`; running it answers with `R`. See [`insert`].
#[must_use = "an insert does nothing until a session runs it"]
pub struct Insert<M, R = Counted> {
    pub(crate) source: InsertSource<M>,
    pub(crate) conflict: Option<OnConflict>,
    /// What is read of each row.
    pub(crate) columns: Vec<Item>,
    types: PhantomData<fn() -> R>,
}

/// Where new rows come from.
#[derive(Clone)]
pub(crate) enum InsertSource<M> {
    Rows(Vec<M>),
    Query(SelectedRows),
}

/// The rows of a query, for these fields.
#[derive(Clone)]
pub(crate) struct SelectedRows {
    pub(crate) fields: Vec<usize>,
    render: Render,
}

impl SelectedRows {
    /// The statement that inserts them.
    ///
    /// # Errors
    /// `Mapping` when the query can't be a statement.
    pub(crate) fn insert<M: Model>(
        &self,
        conflict: Option<Conflict>,
        ways: Ways,
    ) -> Result<statement::Insert, Error> {
        let table = M::table();
        let fields = self.fields.iter().copied();
        let version = table.written_version().filter(|v| !self.fields.contains(v));
        let columns = fields
            .chain(version)
            .flat_map(|f| table.fields()[f].columns.clone());
        Ok(statement::Insert {
            table: Source::of::<M>(),
            columns: columns.collect(),
            starts_version: version.is_some(),
            source: statement::InsertSource::Query((self.render)()?),
            conflict,
            ways,
        })
    }
}

type Render = Arc<dyn Fn() -> Result<Selected, Error> + Send + Sync>;

/// Rows that are there already are left alone: those with these fields, or any.
#[derive(Clone, Debug)]
pub(crate) enum OnConflict {
    Any,
    Fields(Vec<usize>),
}

/// New rows of a model, outside the objects of a session unless they are asked for.
///
/// It is a value: it may be cloned, kept and sent.
///
/// ```
/// use sessile::{Model, sql::{insert, select}};
///
/// #[derive(Model, Clone, Debug, Default)]
/// #[model(table = "account")]
/// struct Account {
///     #[model(key, generated)]
///     id: i64,
///     owner: String,
///     balance: i64,
/// }
///
/// #[derive(Model, Clone, Debug, Default)]
/// #[model(table = "archive")]
/// struct Archive {
///     #[model(key, generated)]
///     id: i64,
///     owner: String,
///     balance: i64,
/// }
///
/// let rows = insert::<Account>().rows([Account { owner: "ann".into(), ..Account::default() }]);
/// assert_eq!(format!("{rows:?}"), "Insert(Account ×1)");
///
/// let poor = select::<Account>().filter(Account::BALANCE.lt(1));
/// let copy = insert::<Archive>()
///     .columns((Archive::OWNER, Archive::BALANCE))
///     .from_select(poor.columns((Account::OWNER, Account::BALANCE)));
/// assert_eq!(format!("{copy:?}"), "Insert(Archive from a query)");
/// ```
pub fn insert<M: Model>() -> Insert<M> {
    Insert {
        source: InsertSource::Rows(Vec::new()),
        conflict: None,
        columns: Vec::new(),
        types: PhantomData,
    }
}

impl<M: Model> Insert<M> {
    /// These rows, besides those of earlier calls.
    pub fn rows(mut self, rows: impl IntoIterator<Item = M>) -> Self {
        match &mut self.source {
            InsertSource::Rows(known) => known.extend(rows),
            InsertSource::Query(_) => self.source = InsertSource::Rows(rows.into_iter().collect()),
        }
        self
    }

    /// The fields that the rows of a query are for; the query is said next.
    pub fn columns<F: Fields<M>>(self, fields: F) -> InsertColumns<M, F::Values> {
        InsertColumns {
            insert: self,
            fields: fields.into_fields().0,
            values: PhantomData,
        }
    }
}

impl<M: Model, R> Insert<M, R> {
    /// Leaves out rows that would violate any unique constraint.
    pub fn ignoring_conflicts(mut self) -> Self {
        self.conflict = Some(OnConflict::Any);
        self
    }

    /// Leaves out rows for which there is a row with the same values in these fields, which must
    /// be the key or unique together.
    pub fn ignoring(mut self, target: impl Fields<M>) -> Self {
        self.conflict = Some(OnConflict::Fields(target.into_fields().0));
        self
    }

    fn answering<Q>(self, columns: Vec<Item>) -> Insert<M, Q> {
        Insert {
            source: self.source,
            conflict: self.conflict,
            columns,
            types: PhantomData,
        }
    }
}

impl<M: Model> Insert<M> {
    /// Answers with the rows that were inserted, as objects of the session, in no particular
    /// order; `add_all` and a flush keep the order of the rows.
    pub fn returning(self) -> Insert<M, Objects> {
        self.answering(Vec::new())
    }

    /// Answers with columns and expressions of the rows that were inserted, as plain values, in
    /// no particular order.
    pub fn returning_columns<C: Columns<M>>(self, columns: C) -> Insert<M, Tuples<C::Row>> {
        self.answering(columns.into_columns().0)
    }
}

/// An insert whose query is still to be said. See [`Insert::columns`].
#[must_use = "an insert does nothing until it has a query and a session runs it"]
pub struct InsertColumns<M, V> {
    insert: Insert<M>,
    fields: Vec<usize>,
    values: PhantomData<fn() -> V>,
}

impl<M: Model, V: 'static> InsertColumns<M, V> {
    /// The rows of a query, whose columns have the types of the fields, in their order.
    ///
    /// Columns that are not named get their defaults; a version gets its first value.
    pub fn from_select(self, query: impl IntoRows<V>) -> Insert<M> {
        let query = query.into_rows();
        let mut insert = self.insert;
        insert.source = InsertSource::Query(SelectedRows {
            fields: self.fields,
            render: Arc::new(move || query.selected()),
        });
        insert
    }
}

impl<M, V> fmt::Debug for InsertColumns<M, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InsertColumns")
    }
}

impl<M: Model, R> Insert<M, Tuples<R>> {
    /// As a part of another statement.
    ///
    /// # Errors
    /// `Mapping` when it inserts rows instead of a query's: a row is known only to a session, and
    /// rows that send different columns are several statements. Also when the fields of the
    /// conflict are not unique together.
    pub(in crate::query) fn parts(self) -> Result<(String, Vec<Parameter>), Error> {
        let InsertSource::Query(selected) = self.source else {
            return Err(Error::mapping(
                "an insert in another statement takes the rows of a query: of `values`, if they \
                 are at hand",
            ));
        };
        let target = match self.conflict {
            None => None,
            Some(OnConflict::Any) => Some(ColumnSet::EMPTY),
            Some(OnConflict::Fields(fields)) => Some(unique::<M>(&fields)?),
        };
        let conflict = target.map(|target| Conflict {
            target,
            resolution: Resolution::Nothing,
        });
        let ways = Ways::Each {
            columns: self.columns,
            fields: ColumnSet::EMPTY,
        };
        selected.insert::<M>(conflict, ways)?.parts()
    }
}

/// These fields, if they are the key or unique together.
fn unique<M: Model>(fields: &[usize]) -> Result<ColumnSet, Error> {
    let table = M::table();
    let wanted: ColumnSet = fields.iter().copied().collect();
    let mut groups = table.uniques().iter();
    let is_unique = |fields: &[usize]| fields.iter().copied().collect::<ColumnSet>() == wanted;
    match table.key() == wanted || groups.any(|group| is_unique(&group.fields)) {
        true => Ok(wanted),
        false => Err(Error::mapping(format!(
            "an insert of {} ignores conflicts of fields that are not unique together",
            M::NAME
        ))),
    }
}

impl<M: Clone, R> Clone for Insert<M, R> {
    fn clone(&self) -> Self {
        Insert {
            source: self.source.clone(),
            conflict: self.conflict.clone(),
            columns: self.columns.clone(),
            types: PhantomData,
        }
    }
}

impl<M: Model, R> fmt::Debug for Insert<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            InsertSource::Rows(rows) => write!(f, "Insert({} ×{})", M::NAME, rows.len()),
            InsertSource::Query(_) => write!(f, "Insert({} from a query)", M::NAME),
        }
    }
}
