//! `Interval`: a length of time as PostgreSQL counts it.
//!
//! A column type, and what queries add to timestamps.
//! It must not turn months into days: how long a month is depends on where it begins.

use std::error::Error as StdError;
use std::ops::{Add, Neg};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use super::SqlType;

/// PostgreSQL's `interval`: months, days and microseconds, each by itself, since months and days
/// differ in length.
///
/// ```
/// use sessile::model::Interval;
///
/// let half_past = Interval::days(1) + Interval::minutes(30);
/// assert_eq!(half_past, Interval { months: 0, days: 1, microseconds: 1_800_000_000 });
/// assert_eq!(Interval::years(1), Interval::months(12));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Months; a year is twelve.
    pub months: i32,
    /// Days; a week is seven.
    pub days: i32,
    /// Microseconds, also those of hours, minutes and seconds.
    pub microseconds: i64,
}

const SECOND: i64 = 1_000_000;

impl Interval {
    const ZERO: Interval = Interval {
        months: 0,
        days: 0,
        microseconds: 0,
    };

    /// This many years.
    ///
    /// # Panics
    /// On overflow, as `*` does in a debug build; so do the other units.
    pub const fn years(years: i32) -> Interval {
        Interval::months(
            years
                .checked_mul(12)
                .expect("fewer months than an i32 holds"),
        )
    }

    /// This many months.
    pub const fn months(months: i32) -> Interval {
        Interval {
            months,
            ..Interval::ZERO
        }
    }

    /// This many weeks.
    ///
    /// # Panics
    /// On overflow.
    pub const fn weeks(weeks: i32) -> Interval {
        Interval::days(weeks.checked_mul(7).expect("fewer days than an i32 holds"))
    }

    /// This many days.
    pub const fn days(days: i32) -> Interval {
        Interval {
            days,
            ..Interval::ZERO
        }
    }

    /// This many hours.
    ///
    /// # Panics
    /// On overflow.
    pub const fn hours(hours: i64) -> Interval {
        Interval::of(hours, 3_600 * SECOND)
    }

    /// This many minutes.
    ///
    /// # Panics
    /// On overflow.
    pub const fn minutes(minutes: i64) -> Interval {
        Interval::of(minutes, 60 * SECOND)
    }

    /// This many seconds.
    ///
    /// # Panics
    /// On overflow.
    pub const fn seconds(seconds: i64) -> Interval {
        Interval::of(seconds, SECOND)
    }

    /// This many microseconds.
    pub const fn microseconds(microseconds: i64) -> Interval {
        Interval {
            microseconds,
            ..Interval::ZERO
        }
    }

    const fn of(count: i64, unit: i64) -> Interval {
        Interval::microseconds(
            count
                .checked_mul(unit)
                .expect("fewer microseconds than an i64 holds"),
        )
    }
}

impl Add for Interval {
    type Output = Interval;

    fn add(self, other: Interval) -> Interval {
        Interval {
            months: self.months + other.months,
            days: self.days + other.days,
            microseconds: self.microseconds + other.microseconds,
        }
    }
}

impl Neg for Interval {
    type Output = Interval;

    fn neg(self) -> Interval {
        Interval {
            months: -self.months,
            days: -self.days,
            microseconds: -self.microseconds,
        }
    }
}

/// Microseconds, cut off below; a duration of more than 292,000 years is the longest there is.
impl From<Duration> for Interval {
    fn from(duration: Duration) -> Interval {
        Interval::microseconds(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }
}

impl SqlType for Interval {
    type Base = Self;
    const NAME: &'static str = "interval";
    const TYPE: Type = Type::INTERVAL;
    const ARRAY_TYPE: Type = Type::INTERVAL_ARRAY;
}

impl ToSql for Interval {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        out.put_i64(self.microseconds);
        out.put_i32(self.days);
        out.put_i32(self.months);
        Ok(IsNull::No)
    }

    accepts!(INTERVAL);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Interval {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        let raw: [u8; 16] = raw.try_into()?;
        let [a, b, c, d, e, f, g, h, days @ .., i, j, k, l] = raw;
        Ok(Interval {
            microseconds: i64::from_be_bytes([a, b, c, d, e, f, g, h]),
            days: i32::from_be_bytes(days),
            months: i32::from_be_bytes([i, j, k, l]),
        })
    }

    accepts!(INTERVAL);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_reads_what_it_wrote() {
        let interval = Interval::years(-2) + Interval::days(3) + Interval::microseconds(-5);
        let mut wire = BytesMut::new();
        interval.to_sql(&Type::INTERVAL, &mut wire).unwrap();
        assert_eq!(
            Interval::from_sql(&Type::INTERVAL, &wire).unwrap(),
            interval
        );
        assert!(Interval::from_sql(&Type::INTERVAL, &wire[1..]).is_err());
    }
}
