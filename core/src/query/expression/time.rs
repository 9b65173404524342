//! Dates and times: now, units of time, and what lies between two points in time.
//!
//! Callers import the functions from `sessile::sql`; `arithmetic` adds intervals.
//! It must not take a unit as text: units are enums.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, Sub};

use crate::model::{Column, Interval, Model, SqlType};
use crate::query::expression::kinds::{CalendarDate, Instant, Nullability, Temporal, Timestamps};
use crate::query::{Aggregate, Expr, Expression, IntoExpr, Joined, Nothing, Scope, Term};
use crate::statement::{Node, Operator};

macro_rules! clock {
    ($(#[$doc:meta])+ $name:ident: $kind:ident, $step:ty) => {
        $(#[$doc])+
        #[must_use = "it does nothing until a query uses it"]
        pub struct $name<S = Nothing> {
            node: Node,
            scope: PhantomData<fn() -> S>,
        }

        impl<S: Scope> $name<S> {
            fn of(node: Node) -> Self {
                $name {
                    node,
                    scope: PhantomData,
                }
            }

            /// The same as an expression of this type, where nothing else says the type.
            pub fn typed<T: $kind>(self) -> Expr<T, S> {
                Expr::new(self.node)
            }
        }

        impl<S: Scope> Clone for $name<S> {
            fn clone(&self) -> Self {
                $name::of(self.node.clone())
            }
        }

        impl<S> fmt::Debug for $name<S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.node)
            }
        }

        impl<T: $kind, S: Scope> IntoExpr<T> for $name<S> {
            type Scope = S;

            fn into_expr(self) -> Expr<T, S> {
                self.typed()
            }
        }

        impl<T: $kind, S: Scope> IntoExpr<Option<T>> for $name<S> {
            type Scope = S;

            fn into_expr(self) -> Expr<Option<T>, S> {
                Expr::new(self.node)
            }
        }

        impl<S: Scope, R: IntoExpr<$step>> Add<R> for $name<S> {
            type Output = $name<Joined<S, R::Scope>>;

            fn add(self, step: R) -> Self::Output {
                let step = step.into_expr().into_node();
                $name::of(Node::binary(self.node, Operator::Add, step))
            }
        }

        impl<S: Scope, R: IntoExpr<$step>> Sub<R> for $name<S> {
            type Output = $name<Joined<S, R::Scope>>;

            fn sub(self, step: R) -> Self::Output {
                let step = step.into_expr().into_node();
                $name::of(Node::binary(self.node, Operator::Subtract, step))
            }
        }
    };
}
clock! {
    /// A point in time counted from the beginning of the transaction. See [`now`].
    ///
    /// It is of whatever type is compared with it, of those that are `timestamptz`.
    Now: Instant, Interval
}
clock! {
    /// A day counted from that of the transaction's beginning. See [`current_date`].
    ///
    /// It is of whatever type is compared with it, of those that are `date`.
    Today: CalendarDate, i32
}

/// When the transaction began, by the server's clock: the same in all its statements.
///
/// ```
/// use sessile::model::Interval;
/// use sessile::sql::now;
///
/// assert_eq!(format!("{:?}", now() - Interval::days(7)), "Now(now() - $1)");
/// ```
pub fn now() -> Now {
    Now::of(Node::call("now", []))
}

/// The day on which the transaction began, in the server's time zone.
///
/// ```
/// use sessile::sql::current_date;
///
/// assert_eq!(format!("{:?}", current_date() + 1), "Today(CURRENT_DATE + $1)");
/// ```
pub fn current_date() -> Today {
    Today::of(Node::words(["CURRENT_DATE".into()]))
}

macro_rules! names {
    ($(#[$doc:meta])+ $name:ident: $($unit:ident $text:literal $what:literal),+ $(,)?) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = $what] $unit,)+
        }

        impl $name {
            /// As SQL writes it.
            fn text(self) -> &'static str {
                match self {
                    $($name::$unit => $text,)+
                }
            }
        }
    };
}
names! {
    /// A unit of time to cut timestamps to.
    TimeUnit:
    Microsecond "microseconds" "A microsecond.",
    Millisecond "milliseconds" "A millisecond.",
    Second "second" "A second.",
    Minute "minute" "A minute.",
    Hour "hour" "An hour.",
    Day "day" "A day.",
    Week "week" "A week, from Monday on.",
    Month "month" "A month.",
    Quarter "quarter" "A quarter of a year.",
    Year "year" "A year.",
    Decade "decade" "Ten years.",
    Century "century" "A hundred years.",
    Millennium "millennium" "A thousand years.",
}
names! {
    /// A part of a timestamp, date, time or interval. The server refuses those that it has not.
    DatePart:
    Microseconds "microseconds" "The seconds in microseconds.",
    Milliseconds "milliseconds" "The seconds in milliseconds.",
    Second "second" "The second of the minute, with its fraction.",
    Minute "minute" "The minute of the hour.",
    Hour "hour" "The hour of the day.",
    Day "day" "The day of the month; of an interval, its days.",
    DayOfWeek "dow" "The day of the week; Sunday is 0.",
    IsoDayOfWeek "isodow" "The day of the week; Monday is 1, Sunday is 7.",
    DayOfYear "doy" "The day of the year.",
    Week "week" "The week of the year, as ISO 8601 counts it.",
    Month "month" "The month of the year.",
    Quarter "quarter" "The quarter of the year.",
    Year "year" "The year.",
    IsoYear "isoyear" "The year that the ISO week belongs to.",
    Decade "decade" "The year divided by ten.",
    Century "century" "The century.",
    Millennium "millennium" "The millennium.",
    Epoch "epoch" "Seconds since 1970; of an interval, all its seconds.",
}

/// The beginning of the hour, day, month and so on that a timestamp lies in.
///
/// That of a `timestamptz` depends on the time zone of the connection; [`date_trunc_in`] says one.
#[cfg_attr(feature = "jiff", doc = "\n```")]
#[cfg_attr(
    feature = "jiff",
    doc = "use sessile::sql::{TimeUnit, date_trunc, now};\n"
)]
#[cfg_attr(
    feature = "jiff",
    doc = "let month = date_trunc(TimeUnit::Month, now().typed::<jiff::Timestamp>());"
)]
#[cfg_attr(
    feature = "jiff",
    doc = "assert_eq!(format!(\"{month:?}\"), \"Expr(date_trunc('month', now()))\");"
)]
#[cfg_attr(feature = "jiff", doc = "```")]
pub fn date_trunc<E>(unit: TimeUnit, of: E) -> Expr<E::Value, E::Scope>
where
    E: Expression<Value: Timestamps>,
{
    let unit = format!("date_trunc('{}', ", unit.text()).into();
    let of = of.into_expression().into_node().into();
    Expr::new(Node::words([unit, of, ")".into()]))
}

/// As [`date_trunc`], for a point in time in this time zone, such as `Europe/Vienna`.
pub fn date_trunc_in<E, Z>(
    unit: TimeUnit,
    of: E,
    zone: Z,
) -> Expr<E::Value, Joined<E::Scope, Z::Scope>>
where
    E: Expression<Value: Timestamps>,
    E::Value: SqlType<Base: Instant>,
    Z: IntoExpr<String>,
{
    let unit = format!("date_trunc('{}', ", unit.text()).into();
    let of = of.into_expression().into_node().into();
    let zone = zone.into_expr().into_node().into();
    Expr::new(Node::words([unit, of, ", ".into(), zone, ")".into()]))
}

/// A part of a timestamp, date, time or interval, as a number.
///
/// ```
/// use sessile::model::Interval;
/// use sessile::sql::{DatePart, extract, value};
///
/// let seconds = extract(DatePart::Epoch, value(Interval::hours(1)));
/// assert_eq!(format!("{seconds:?}"), "Expr(CAST(EXTRACT(epoch FROM $1) AS double precision))");
/// ```
pub fn extract<E>(part: DatePart, of: E) -> Expr<<E::Value as Nullability>::Of<f64>, E::Scope>
where
    E: Expression<Value: Temporal>,
{
    let part = format!("CAST(EXTRACT({} FROM ", part.text()).into();
    let of = of.into_expression().into_node().into();
    // PostgreSQL 14 made it numeric; before, it was this type.
    let end = ") AS double precision)".into();
    Expr::new(Node::words([part, of, end]))
}

type Between<V> = <V as Nullability>::Of<<V as Temporal>::Between>;

macro_rules! since {
    ([$($generics:tt)*] $subject:ty, $scope:ty) => {
        /// Points in time.
        impl<$($generics)*> $subject
        where
            V: Temporal,
        {
            /// What lies between an earlier point in time and this one: an
            /// [`Interval`](crate::model::Interval); days, for dates.
            pub fn since<R: Term<V::Base>>(
                self,
                earlier: R,
            ) -> Expr<R::Of<Between<V>>, Joined<$scope, R::Scope>> {
                let later = self.into_expression().into_node();
                Expr::new(Node::binary(later, Operator::Subtract, earlier.into_term()))
            }
        }
    };
}
for_expressions!(since);
