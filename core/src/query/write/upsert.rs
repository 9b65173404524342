//! `upsert`: rows that are inserted, or change the rows that are there already.
//!
//! Callers build it; the session's `upsert` runs it.
//! It must not hold a session, and a clone must be as good as the original.

use std::borrow::Cow;
use std::fmt;

use crate::model::{Column, Model};
use crate::query::write::assign::{self, Assign};
use crate::query::write::target::Fields;
use crate::query::{Expr, IntoFilter};
use crate::statement::{Assigned, Node, Source};

/// Rows of model `M` that are inserted, or change the rows that are there. See [`upsert`].
#[must_use = "an upsert does nothing until a session runs it"]
#[derive(Clone)]
pub struct Upsert<M> {
    pub(crate) rows: Vec<M>,
    pub(crate) target: UpsertTarget,
    /// Fields that take the value of the row that was sent; all that can, when nothing was said.
    pub(crate) taken: Option<Vec<usize>>,
    pub(crate) sets: Vec<(usize, Assigned)>,
    pub(crate) filters: Vec<Node>,
    pub(crate) nothing: bool,
}

/// By what a row is known to be there.
#[derive(Clone, Debug)]
pub(crate) enum UpsertTarget {
    Key,
    Fields(Vec<usize>),
    Constraint(Cow<'static, str>),
}

/// Rows that are inserted, or change the rows that are there already.
///
/// Until it is said otherwise a row is there when its key is, and takes all values of the row
/// that was sent but the key's, the target's, the generated ones' and the version's, which
/// moves on.
///
/// ```
/// use sessile::{Model, sql::{excluded, upsert}};
///
/// #[derive(Model, Clone, Debug, Default)]
/// struct Tag {
///     #[model(key, generated)]
///     id: i64,
///     #[model(unique)]
///     name: String,
///     uses: i64,
/// }
///
/// let rows = [Tag { name: "rust".into(), uses: 1, ..Tag::default() }];
/// let counted = upsert(rows)
///     .on(Tag::NAME)
///     .set(Tag::USES, Tag::USES + excluded(Tag::USES))
///     .filter(Tag::USES.lt(1_000));
/// assert_eq!(format!("{counted:?}"), "Upsert(Tag ×1)");
/// ```
pub fn upsert<M: Model>(rows: impl IntoIterator<Item = M>) -> Upsert<M> {
    Upsert {
        rows: rows.into_iter().collect(),
        target: UpsertTarget::Key,
        taken: None,
        sets: Vec::new(),
        filters: Vec::new(),
        nothing: false,
    }
}

/// In an [`upsert`], the value that the row that was sent has in a column.
pub fn excluded<M: Model, V>(column: Column<M, V>) -> Expr<V, M> {
    let position = M::table().fields()[column.field()].columns.start;
    Expr::new(Node::Excluded(Source::of::<M>(), position))
}

impl<M: Model> Upsert<M> {
    /// A row is there when one has the same values in these fields: a unique column, or columns
    /// that are unique together, or the key.
    pub fn on(mut self, target: impl Fields<M>) -> Self {
        self.target = UpsertTarget::Fields(target.into_fields().0);
        self
    }

    /// The same, by the name of the unique constraint.
    pub fn on_constraint(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.target = UpsertTarget::Constraint(name.into());
        self
    }

    /// A row that is there takes the values of these fields only.
    pub fn update(mut self, fields: impl Fields<M>) -> Self {
        self.taken = Some(fields.into_fields().0);
        self
    }

    /// A row that is there gets this value in a column, which may be computed of its own and of
    /// what was sent: `Tag::USES + excluded(Tag::USES)`.
    ///
    /// Without [`update`](Self::update) these are the only columns that it gets.
    pub fn set<X>(mut self, column: impl Assign<M, X>, value: X) -> Self {
        self.sets.extend(column.assign(value).0);
        self
    }

    /// A row that is there gets this value in a column of any type, sent as a flush would send it.
    pub fn set_value<V: Send + Sync + 'static>(mut self, column: Column<M, V>, value: V) -> Self {
        let assigned = assign::value::<M, V>(column.field(), value);
        self.sets.extend(assigned.0);
        self
    }

    /// A row that is there changes only when it meets this condition; one that does not is not in
    /// the answer.
    pub fn filter(mut self, condition: impl IntoFilter<M>) -> Self {
        self.filters.extend(condition.into_filter().0);
        self
    }

    /// A row that is there stays as it is, and is not in the answer.
    pub fn nothing(mut self) -> Self {
        self.nothing = true;
        self
    }
}

impl<M: Model> fmt::Debug for Upsert<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upsert({} ×{})", M::NAME, self.rows.len())
    }
}
