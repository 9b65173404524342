//! Which Rust types are columns, and which PostgreSQL types they are.
//!
//! The derive asks it for each field; the SQL rooms take names and wire types from it.
//! It must not convert values itself: `ToSql` and `FromSql` do that.

use std::fmt::Debug;

use postgres_types::{FromSqlOwned, ToSql, Type};

/// A Rust type with one PostgreSQL type: `bigint` for `i64`, `text` for `String`, and so on.
///
/// Types of the crates `chrono`, `time`, `jiff`, `uuid` and `rust_decimal` are behind features of
/// those names (`decimal` for the last). Any other type with [`ToSql`] and `FromSql` can be a
/// field when the field says its PostgreSQL type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no PostgreSQL type that is known here",
    label = "not a column type",
    note = "add `#[model(sql_type = \"..\")]` if it implements `ToSql` and `FromSql`",
    note = "or `#[model(json)]` to store it as jsonb, or `#[model(skip)]` to leave it out",
    note = "date, time, uuid and decimal types need the feature of the crate they come from"
)]
pub trait SqlType:
    ToSql + FromSqlOwned + PartialEq + Clone + Debug + Send + Sync + 'static
{
    /// The type without its `Option`, or the type itself.
    type Base: SqlType;

    /// The type's name in DDL and casts.
    const NAME: &'static str;

    /// The type on the wire.
    const TYPE: Type;

    /// The type of an array of it, for `UNNEST`.
    const ARRAY_TYPE: Type;

    /// Whether a value may be NULL; true for `Option`.
    const NULLABLE: bool = false;

    /// Whether it is an array itself, which `UNNEST` would flatten.
    const IS_ARRAY: bool = false;

    /// The column that every table has anyway and that such a field is.
    #[doc(hidden)]
    const SYSTEM_COLUMN: Option<&'static str> = None;

    /// Whether both are the same value to the database; floats are compared by their bits.
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    /// Cuts off what the database would not keep, such as nanoseconds.
    fn normalize(&mut self) {}

    /// Whether the value is NULL.
    fn is_null(&self) -> bool {
        false
    }
}

impl<T: SqlType> SqlType for Option<T> {
    type Base = T;
    const NAME: &'static str = T::NAME;
    const TYPE: Type = T::TYPE;
    const ARRAY_TYPE: Type = T::ARRAY_TYPE;
    const NULLABLE: bool = true;
    const IS_ARRAY: bool = T::IS_ARRAY;

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(a), Some(b)) => a.same(b),
            (None, None) => true,
            _ => false,
        }
    }

    fn normalize(&mut self) {
        if let Some(value) = self {
            value.normalize();
        }
    }

    fn is_null(&self) -> bool {
        self.is_none()
    }
}

macro_rules! sql_types {
    ($($t:ty = $name:literal $ty:ident $array:ident),+ $(,)?) => {
        $(impl SqlType for $t {
            type Base = Self;
            const NAME: &'static str = $name;
            const TYPE: Type = Type::$ty;
            const ARRAY_TYPE: Type = Type::$array;
        })+
    };
}
sql_types!(
    bool = "boolean" BOOL BOOL_ARRAY,
    i8 = "\"char\"" CHAR CHAR_ARRAY,
    i16 = "smallint" INT2 INT2_ARRAY,
    i32 = "integer" INT4 INT4_ARRAY,
    i64 = "bigint" INT8 INT8_ARRAY,
    u32 = "oid" OID OID_ARRAY,
    String = "text" TEXT TEXT_ARRAY,
    Vec<u8> = "bytea" BYTEA BYTEA_ARRAY,
    serde_json::Value = "jsonb" JSONB JSONB_ARRAY,
    std::net::IpAddr = "inet" INET INET_ARRAY,
);
#[cfg(feature = "uuid")]
sql_types!(uuid::Uuid = "uuid" UUID UUID_ARRAY);
#[cfg(feature = "decimal")]
sql_types!(rust_decimal::Decimal = "numeric" NUMERIC NUMERIC_ARRAY);
#[cfg(feature = "jiff")]
sql_types!(jiff::civil::Date = "date" DATE DATE_ARRAY);
#[cfg(feature = "chrono")]
sql_types!(chrono::NaiveDate = "date" DATE DATE_ARRAY);
#[cfg(feature = "time")]
sql_types!(time::Date = "date" DATE DATE_ARRAY);

macro_rules! floats {
    ($($t:ty = $name:literal $ty:ident $array:ident),+) => {
        $(impl SqlType for $t {
            type Base = Self;
            const NAME: &'static str = $name;
            const TYPE: Type = Type::$ty;
            const ARRAY_TYPE: Type = Type::$array;

            fn same(&self, other: &Self) -> bool {
                self.to_bits() == other.to_bits()
            }
        })+
    };
}
floats!(f32 = "real" FLOAT4 FLOAT4_ARRAY, f64 = "double precision" FLOAT8 FLOAT8_ARRAY);

/// Types with a sub-second part: PostgreSQL keeps microseconds.
#[cfg(any(feature = "jiff", feature = "chrono", feature = "time"))]
macro_rules! instants {
    ($($t:ty = $name:literal $ty:ident $array:ident by $truncate:expr),+ $(,)?) => {
        $(impl SqlType for $t {
            type Base = Self;
            const NAME: &'static str = $name;
            const TYPE: Type = Type::$ty;
            const ARRAY_TYPE: Type = Type::$array;

            fn normalize(&mut self) {
                *self = $truncate(self);
            }
        })+
    };
}

#[cfg(feature = "jiff")]
instants!(
    jiff::Timestamp = "timestamptz" TIMESTAMPTZ TIMESTAMPTZ_ARRAY by truncate::jiff_timestamp,
    jiff::civil::DateTime = "timestamp" TIMESTAMP TIMESTAMP_ARRAY by truncate::jiff_datetime,
    jiff::civil::Time = "time" TIME TIME_ARRAY by truncate::jiff_time,
);
#[cfg(feature = "chrono")]
instants!(
    chrono::DateTime<chrono::Utc> = "timestamptz" TIMESTAMPTZ TIMESTAMPTZ_ARRAY by truncate::chrono,
    chrono::NaiveDateTime = "timestamp" TIMESTAMP TIMESTAMP_ARRAY by truncate::chrono,
    chrono::NaiveTime = "time" TIME TIME_ARRAY by truncate::chrono,
);
#[cfg(feature = "time")]
instants!(
    time::OffsetDateTime = "timestamptz" TIMESTAMPTZ TIMESTAMPTZ_ARRAY by truncate::offset,
    time::PrimitiveDateTime = "timestamp" TIMESTAMP TIMESTAMP_ARRAY by truncate::primitive,
    time::Time = "time" TIME TIME_ARRAY by truncate::time,
);

/// Truncation to microseconds, towards the past, crate by crate.
#[cfg(any(feature = "jiff", feature = "chrono", feature = "time"))]
mod truncate {
    #[cfg(feature = "jiff")]
    pub(super) fn jiff_timestamp(t: &jiff::Timestamp) -> jiff::Timestamp {
        let micros = t.as_nanosecond().div_euclid(1_000);
        jiff::Timestamp::from_nanosecond(micros * 1_000).unwrap_or(*t)
    }

    #[cfg(feature = "jiff")]
    pub(super) fn jiff_datetime(t: &jiff::civil::DateTime) -> jiff::civil::DateTime {
        t.with().nanosecond(0).build().unwrap_or(*t)
    }

    #[cfg(feature = "jiff")]
    pub(super) fn jiff_time(t: &jiff::civil::Time) -> jiff::civil::Time {
        t.with().nanosecond(0).build().unwrap_or(*t)
    }

    #[cfg(feature = "chrono")]
    pub(super) fn chrono<T: chrono::Timelike + Copy>(t: &T) -> T {
        t.with_nanosecond(t.nanosecond() / 1_000 * 1_000)
            .unwrap_or(*t)
    }

    #[cfg(feature = "time")]
    pub(super) fn offset(t: &time::OffsetDateTime) -> time::OffsetDateTime {
        t.replace_nanosecond(t.nanosecond() / 1_000 * 1_000)
            .unwrap_or(*t)
    }

    #[cfg(feature = "time")]
    pub(super) fn primitive(t: &time::PrimitiveDateTime) -> time::PrimitiveDateTime {
        t.replace_nanosecond(t.nanosecond() / 1_000 * 1_000)
            .unwrap_or(*t)
    }

    #[cfg(feature = "time")]
    pub(super) fn time(t: &time::Time) -> time::Time {
        t.replace_nanosecond(t.nanosecond() / 1_000 * 1_000)
            .unwrap_or(*t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_the_same_by_their_bits() {
        assert!(f64::NAN.same(&f64::NAN));
        assert!(!0.0_f64.same(&-0.0));
        assert!(Some(f64::NAN).same(&Some(f64::NAN)));
    }

    #[cfg(feature = "jiff")]
    #[test]
    fn nanoseconds_are_cut_off() {
        let mut t: jiff::Timestamp = "2024-05-06T07:08:09.123456789Z".parse().unwrap();
        t.normalize();
        assert_eq!(t.to_string(), "2024-05-06T07:08:09.123456Z");
    }
}
