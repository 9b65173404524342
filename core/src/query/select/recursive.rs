//! Recursive queries of the WITH clause, and whether such a query is computed once.
//!
//! Callers make them with `recursive` and read them like tables.
//! It must not run in rounds itself: the server does.

use std::borrow::Cow;
use std::sync::Arc;

use crate::query::select::derived::columns;
use crate::query::{Derived, IntoQuery};
use crate::statement::{self, Body, Place, Source};

/// A query of the WITH clause that reads itself: rows to begin with, and those that are found
/// from the rows of the round before, until a round finds none.
///
/// Equal rows are found once (`UNION`), so that a cycle in the data ends the query, as long as the
/// rows of the second round are equal: a depth that counts up makes each row new. For such rows
/// say how deep it may go, or keep the path and stop at what is in it.
///
/// The second part sees the query itself, which may stand in its FROM clause once, and not in an
/// outer join's empty side or a subquery.
///
/// ```
/// use sessile::{Model, model::Fk, sql::{from, recursive, select, value}};
///
/// #[derive(Model, Clone, Debug)]
/// struct Employee {
///     #[model(key)]
///     id: i64,
///     name: String,
///     boss: Option<Fk<Employee>>,
/// }
///
/// // Everybody below somebody, with the number of steps.
/// let below = recursive(
///     "below",
///     select::<Employee>()
///         .filter(Employee::ID.eq(1))
///         .columns((Employee::ID, Employee::NAME, value(0_i32))),
///     |below| {
///         select::<Employee>()
///             .join_on(below, Employee::BOSS.key().eq(below.at::<0>()))
///             .filter(below.at::<2>().lt(10))
///             .columns((Employee::ID, Employee::NAME, below.at::<2>() + 1))
///     },
/// );
/// // Vec<(String, i32)>
/// let deepest_first = from(&below)
///     .order_by(below.at::<2>().desc())
///     .columns((below.at::<1>(), below.at::<2>()));
/// ```
pub fn recursive<Q, N>(
    name: impl Into<Cow<'static, str>>,
    base: Q,
    step: impl FnOnce(&Derived<Q::Row>) -> N,
) -> Derived<Q::Row>
where
    Q: IntoQuery,
    N: IntoQuery<Row = Q::Row>,
{
    make(name.into(), base, step, false)
}

/// As [`recursive`], but keeps equal rows (`UNION ALL`): cheaper, and without end when the data
/// has a cycle.
pub fn recursive_all<Q, N>(
    name: impl Into<Cow<'static, str>>,
    base: Q,
    step: impl FnOnce(&Derived<Q::Row>) -> N,
) -> Derived<Q::Row>
where
    Q: IntoQuery,
    N: IntoQuery<Row = Q::Row>,
{
    make(name.into(), base, step, true)
}

fn make<Q, N>(
    name: Cow<'static, str>,
    base: Q,
    step: impl FnOnce(&Derived<Q::Row>) -> N,
    keep_all: bool,
) -> Derived<Q::Row>
where
    Q: IntoQuery,
    N: IntoQuery<Row = Q::Row>,
{
    let name: Arc<str> = name.into();
    let base = base.into_query();
    let (names, starts) = columns(&base);
    let starts: Arc<[usize]> = starts.into();
    let derived = |body| {
        let (name, names, starts) = (Arc::clone(&name), names.clone(), Arc::clone(&starts));
        Derived::with_columns(name, names, starts, body, Place::With(None))
    };
    let step = step(&derived(Body::Itself)).into_query();
    derived(Body::Recursive {
        base,
        step,
        keep_all,
    })
}

impl<R> Derived<R> {
    /// Has PostgreSQL compute the query once and keep its rows, however often it is read.
    ///
    /// A [`subquery`](crate::query::subquery) becomes a query of the WITH clause by it.
    pub fn materialized(self) -> Self {
        self.placed(Place::With(Some(true)))
    }

    /// Lets PostgreSQL merge the query into what reads it, even if it is read several times. See
    /// [`materialized`](Self::materialized).
    pub fn not_materialized(self) -> Self {
        self.placed(Place::With(Some(false)))
    }

    fn placed(self, place: Place) -> Self {
        let source = self.source();
        let Some(derived) = source.as_derived() else {
            return self;
        };
        let placed = Source::derived(Arc::new(statement::Derived {
            name: Arc::clone(&derived.name),
            columns: derived.columns.clone(),
            body: derived.body.clone(),
            place,
        }));
        let placed = match *derived.name == *source.name() {
            true => placed,
            false => placed.named(source.name().into()),
        };
        self.with_source(placed)
    }
}
