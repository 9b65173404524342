//! What tells one state of a row from the next: counters, random numbers, times, and the number
//! that PostgreSQL keeps itself.
//!
//! The derive names it for the field that is the version; the flush counts with it.
//! It must not be asked which of two versions is newer: they are only compared for being the same.

use bytes::BytesMut;
use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::SqlType;

/// A type that can be a version.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a version",
    note = "use `i16`, `i32`, `i64`, `Uuid`, a timestamp with time zone of `jiff`, `chrono` or `time`, \
            or `sessile::Xmin`, which needs no column"
)]
pub trait Version {
    /// What a field holds that says nothing of the row's version: the default of the types that
    /// have one, else the beginning of 1970.
    fn unset() -> Self;

    /// The version of a new row.
    fn first() -> Self;

    /// A version that differs from this one; a counter wraps at the type's end. Rows that nobody
    /// has read get theirs from the server instead.
    #[must_use]
    fn next(&self) -> Self;

    /// The version for people, who read it in the error for a row that has another by now;
    /// nothing by default.
    fn text(&self) -> Option<String> {
        None
    }
}

macro_rules! counters {
    ($($t:ty),+) => {
        $(impl Version for $t {
            fn unset() -> Self {
                Self::default()
            }

            fn first() -> Self {
                1
            }

            fn next(&self) -> Self {
                self.wrapping_add(1)
            }

            fn text(&self) -> Option<String> {
                Some(self.to_string())
            }
        })+
    };
}
counters!(i16, i32, i64);

/// A random one (version 4) each time, for writers that must not guess it.
#[cfg(feature = "uuid")]
impl Version for uuid::Uuid {
    fn unset() -> Self {
        Self::default()
    }

    fn first() -> Self {
        use std::hash::{BuildHasher, RandomState};
        // Hashers with fresh keys are all the randomness that is needed here.
        let half = || RandomState::new().hash_one(0).to_be_bytes();
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&half());
        bytes[8..].copy_from_slice(&half());
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    fn next(&self) -> Self {
        Self::first()
    }

    fn text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// The time of the program's clock. When that has not moved on by a microsecond, or has gone
/// back, the version is a microsecond after the one before: it always differs.
#[cfg(feature = "jiff")]
impl Version for jiff::Timestamp {
    fn unset() -> Self {
        Self::default()
    }

    fn first() -> Self {
        let mut now = jiff::Timestamp::now();
        now.normalize();
        now
    }

    fn next(&self) -> Self {
        let after = *self + jiff::SignedDuration::from_micros(1);
        Self::first().max(after)
    }

    fn text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// As for `jiff::Timestamp`.
#[cfg(feature = "chrono")]
impl Version for chrono::DateTime<chrono::Utc> {
    fn unset() -> Self {
        Self::default()
    }

    fn first() -> Self {
        let mut now = Self::from(std::time::SystemTime::now());
        now.normalize();
        now
    }

    fn next(&self) -> Self {
        let after = *self + chrono::TimeDelta::microseconds(1);
        Self::first().max(after)
    }

    fn text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// As for `jiff::Timestamp`. The type has no default, so the struct needs a `Default` of its own, if
/// any; a version that says nothing is [`UNIX_EPOCH`](time::OffsetDateTime::UNIX_EPOCH).
#[cfg(feature = "time")]
impl Version for time::OffsetDateTime {
    fn unset() -> Self {
        time::OffsetDateTime::UNIX_EPOCH
    }

    fn first() -> Self {
        let mut now = time::OffsetDateTime::now_utc();
        now.normalize();
        now
    }

    fn next(&self) -> Self {
        let after = self.saturating_add(time::Duration::microseconds(1));
        Self::first().max(after)
    }
}

/// The version that PostgreSQL keeps of every row: the transaction that wrote it last.
///
/// A field of this type is the system column `xmin`. The table has no column for it, and whoever
/// writes a row changes it, programs that know nothing of versions included. Every read brings it
/// along, every write returns the new one.
///
/// Two things to know: a row that the database changes by itself, as by ON UPDATE CASCADE, has
/// another version than the session saw, so read it again before you write it; and a dump that is
/// restored has new versions, so don't keep them anywhere else.
///
/// ```
/// use sessile::{Model, Xmin};
///
/// #[derive(Model, Clone, Debug)]
/// #[model(table = "document")]
/// struct Document {
///     #[model(key)]
///     id: i64,
///     text: String,
///     #[model(version)]
///     version: Xmin,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Xmin(u32);

impl From<u32> for Xmin {
    fn from(number: u32) -> Self {
        Xmin(number)
    }
}

impl From<Xmin> for u32 {
    fn from(version: Xmin) -> Self {
        version.0
    }
}

/// A number, so that a form can bring it back.
impl Serialize for Xmin {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Xmin {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        u32::deserialize(from).map(Xmin)
    }
}

impl Version for Xmin {
    fn unset() -> Self {
        Self::default()
    }

    fn first() -> Self {
        Xmin::default()
    }

    // PostgreSQL does.
    fn next(&self) -> Self {
        *self
    }

    fn text(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

impl SqlType for Xmin {
    type Base = Self;
    const NAME: &'static str = "xid";
    const TYPE: Type = Type::XID;
    const ARRAY_TYPE: Type = Type::XID_ARRAY;
    const SYSTEM_COLUMN: Option<&'static str> = Some("xmin");
}

type Problem = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Xmin {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Problem> {
        out.extend_from_slice(&self.0.to_be_bytes());
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::XID
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Xmin {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Problem> {
        Ok(Xmin(u32::from_be_bytes(raw.try_into()?)))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::XID
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_wraps() {
        assert_eq!((i16::first(), i16::MAX.next()), (1, i16::MIN));
    }

    #[cfg(feature = "uuid")]
    #[test]
    fn random_versions_differ() {
        let first = uuid::Uuid::first();
        assert_ne!(first, first.next());
        assert_eq!(first.get_version_num(), 4);
    }

    #[cfg(feature = "jiff")]
    #[test]
    fn a_time_differs_even_when_the_clock_stands_still_or_goes_back() {
        let first = jiff::Timestamp::first();
        let later = first + jiff::SignedDuration::from_hours(1);
        let micro = jiff::SignedDuration::from_micros(1);
        assert_eq!(later.next(), later + micro);
        assert!(first.next() > first);
        assert_eq!(first.subsec_nanosecond() % 1_000, 0);
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn the_same_goes_for_the_other_crate() {
        let first = chrono::DateTime::<chrono::Utc>::first();
        let later = first + chrono::TimeDelta::hours(1);
        assert_eq!(later.next(), later + chrono::TimeDelta::microseconds(1));
        assert!(first.next() > first);
    }
    #[cfg(feature = "time")]
    #[test]
    fn and_for_the_third() {
        let first = time::OffsetDateTime::first();
        let later = first + time::Duration::hours(1);
        assert_eq!(later.next(), later + time::Duration::microseconds(1));
        assert!(first.next() > first);
        assert_eq!(first.nanosecond() % 1_000, 0);
    }
}
