//! Which types an operator or function is for.
//!
//! Operators and functions ask these traits; they also say what type a result has.
//! It must not offer a type that PostgreSQL has no function for.

use crate::model::{Interval, SqlType};

/// Whether a type may be NULL, to say it of another.
#[diagnostic::on_unimplemented(message = "functions have no results for `{Self}` here")]
pub trait Nullability: SqlType {
    /// `T`, or an `Option` of it where this type is one.
    type Of<T: SqlType>: SqlType;
}

impl<N: SqlType> Nullability for Option<N> {
    type Of<T: SqlType> = Option<T::Base>;
}

impl<E> Nullability for Vec<E>
where
    Vec<E>: SqlType,
{
    type Of<T: SqlType> = T;
}

/// `String`, also as an `Option`: what `like` and its kin are for.
#[diagnostic::on_unimplemented(message = "`{Self}` is not text")]
pub trait Text: Nullability {}

/// `bool`, also as an `Option`: what `and` and `or` are for.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a condition")]
pub trait Logical: Nullability {}

/// Numbers, also as an `Option`: what can be computed with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be computed with",
    note = "arithmetic is for `i16`, `i32`, `i64`, `f32`, `f64` and `Decimal`"
)]
pub trait Number: Nullability {}

/// Numbers that have a remainder, also as an `Option`.
#[diagnostic::on_unimplemented(
    message = "PostgreSQL has no remainder of `{Self}`",
    note = "`%` is for `i16`, `i32`, `i64` and `Decimal`"
)]
pub trait Modular: Number {}

/// Numbers with digits behind the point that PostgreSQL rounds as they are, also as an `Option`.
#[diagnostic::on_unimplemented(
    message = "PostgreSQL does not round `{Self}` as it is",
    note = "rounding, powers and roots are for `f64` and `Decimal`; `cast` makes one of them"
)]
pub trait Fraction: Number {}

/// Numbers with exact digits behind the point: `Decimal`, also as an `Option`.
#[diagnostic::on_unimplemented(
    message = "PostgreSQL rounds no `{Self}` to a number of digits",
    note = "that is for `Decimal`, with the feature `decimal`"
)]
pub trait Exact: Number {}

/// Types that something can be added to, and taken from; also as an `Option`.
#[diagnostic::on_unimplemented(
    message = "nothing can be added to `{Self}`",
    note = "numbers are added to numbers, an `Interval` to timestamps, an `i32` to dates"
)]
pub trait Additive: SqlType {
    /// The type of what is added.
    type Addend: SqlType;
}

impl<N: Additive> Additive for Option<N> {
    type Addend = Option<N::Addend>;
}

/// Types whose sum has a Rust type, also as an `Option`.
#[diagnostic::on_unimplemented(
    message = "the sum of `{Self}` has no Rust type here",
    note = "sums are for `i16`, `i32`, `f32` and `f64`, and with the feature `decimal` for `i64` \
            and `Decimal`: PostgreSQL's sum of `bigint` is `numeric`"
)]
pub trait Summable: SqlType {
    /// The type of its sums.
    type Sum: SqlType;
}

/// Types whose average has a Rust type, also as an `Option`.
#[diagnostic::on_unimplemented(
    message = "the average of `{Self}` has no Rust type here",
    note = "averages are for `f32` and `f64`, and with the feature `decimal` for integers and \
            `Decimal`: PostgreSQL's average of integers is `numeric`"
)]
pub trait Averageable: SqlType {
    /// The type of its averages.
    type Average: SqlType;
}

/// Types with a smallest and a largest value in a list, also as an `Option`.
#[diagnostic::on_unimplemented(message = "PostgreSQL has no `min` and `max` of `{Self}`")]
pub trait Orderable: SqlType {}

/// Timestamps, also as an `Option`: what can be cut to a unit of time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no timestamp",
    note = "timestamps need the feature of the crate they come from: jiff, chrono or time"
)]
pub trait Timestamps: Nullability {}

/// Timestamps, dates, times and intervals, also as an `Option`: what has an hour or a year.
#[diagnostic::on_unimplemented(message = "`{Self}` is no timestamp, date, time or interval")]
pub trait Temporal: Nullability {
    /// The type of what lies between two of them.
    type Between: SqlType;
}

/// Points in time, `timestamptz`: what [`now`](crate::query::now) is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no point in time",
    note = "`now()` is a `timestamptz`: a `jiff::Timestamp`, a `chrono::DateTime<Utc>` or a \
            `time::OffsetDateTime`"
)]
pub trait Instant: SqlType {}

/// Days, `date`: what [`current_date`](crate::query::current_date) is.
#[diagnostic::on_unimplemented(message = "`{Self}` is no date")]
pub trait CalendarDate: SqlType {}

/// `serde_json::Value`, also as an `Option`; `json()` makes one of any column that is stored as
/// `jsonb`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not JSON",
    note = "a `#[model(json)]` column becomes JSON by `.json()`"
)]
pub trait Json: Nullability {}

/// Arrays, also as an `Option`.
#[diagnostic::on_unimplemented(message = "`{Self}` is no array")]
pub trait List: Nullability {
    /// The type of its elements.
    type Element: SqlType;
}

impl<E: SqlType> List for Vec<E>
where
    Vec<E>: SqlType,
{
    type Element = E;
}

impl<E: SqlType> List for Option<Vec<E>>
where
    Vec<E>: SqlType,
{
    type Element = E;
}

macro_rules! nullability {
    ($($t:ty),+ $(,)?) => {
        $(impl Nullability for $t {
            type Of<T: SqlType> = T;
        })+
    };
}

macro_rules! are {
    ($kind:ident: $($t:ty),+ $(,)?) => {
        $(
            impl $kind for $t {}
            impl $kind for Option<$t> {}
        )+
    };
}

/// The name of an associated type, and what it is for each type.
macro_rules! have {
    ($kind:ident $name:ident: $($t:ty => $result:ty),+ $(,)?) => {
        $(
            impl $kind for $t {
                type $name = $result;
            }

            impl $kind for Option<$t> {
                type $name = $result;
            }
        )+
    };
}

macro_rules! numbers {
    ($($t:ty),+ $(,)?) => {
        are!(Number: $($t),+);
        are!(Orderable: $($t),+);
        $(impl Additive for $t {
            type Addend = $t;
        })+
    };
}

/// The types of a crate for points in time, timestamps without one, dates and times.
#[cfg(any(feature = "jiff", feature = "chrono", feature = "time"))]
macro_rules! calendar {
    ($instant:ty, $timestamp:ty, $date:ty, $time:ty) => {
        nullability!($instant, $timestamp, $date, $time);
        are!(Orderable: $instant, $timestamp, $date, $time);
        are!(Timestamps: $instant, $timestamp);
        have!(Temporal Between:
            $instant => Interval, $timestamp => Interval, $date => i32, $time => Interval);
        impl Instant for $instant {}
        impl CalendarDate for $date {}
        impl Additive for $instant {
            type Addend = Interval;
        }
        impl Additive for $timestamp {
            type Addend = Interval;
        }
        impl Additive for $date {
            type Addend = i32;
        }
        impl Additive for $time {
            type Addend = Interval;
        }
    };
}

nullability!(bool, i8, i16, i32, i64, u32, f32, f64);
nullability!(String, serde_json::Value, std::net::IpAddr, Interval);
are!(Text: String);
are!(Logical: bool);
are!(Json: serde_json::Value);
are!(Orderable: String, std::net::IpAddr, Interval);
numbers!(i16, i32, i64, f32, f64);
are!(Modular: i16, i32, i64);
are!(Fraction: f64);
have!(Summable Sum: i16 => i64, i32 => i64, f32 => f32, f64 => f64, Interval => Interval);
have!(Averageable Average: f32 => f64, f64 => f64, Interval => Interval);
have!(Temporal Between: Interval => Interval);

impl Additive for Interval {
    type Addend = Interval;
}

#[cfg(feature = "uuid")]
nullability!(uuid::Uuid);

#[cfg(feature = "decimal")]
mod decimal {
    use super::{
        Additive, Averageable, Exact, Fraction, Modular, Nullability, Number, Orderable, SqlType,
        Summable,
    };
    use rust_decimal::Decimal;

    nullability!(Decimal);
    numbers!(Decimal);
    are!(Modular: Decimal);
    are!(Fraction: Decimal);
    are!(Exact: Decimal);
    have!(Summable Sum: i64 => Decimal, Decimal => Decimal);
    have!(Averageable Average:
        i16 => Decimal, i32 => Decimal, i64 => Decimal, Decimal => Decimal);
}

#[cfg(feature = "jiff")]
calendar!(
    jiff::Timestamp,
    jiff::civil::DateTime,
    jiff::civil::Date,
    jiff::civil::Time
);
#[cfg(feature = "chrono")]
calendar!(
    chrono::DateTime<chrono::Utc>,
    chrono::NaiveDateTime,
    chrono::NaiveDate,
    chrono::NaiveTime
);
#[cfg(feature = "time")]
calendar!(
    time::OffsetDateTime,
    time::PrimitiveDateTime,
    time::Date,
    time::Time
);
