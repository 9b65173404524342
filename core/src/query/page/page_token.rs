//! Tokens of pages: where the next page begins.
//!
//! `page_after` makes and takes them; programs pass them to clients and back.
//! It must not trust what it reads: a token comes from outside.

use std::fmt;
use std::str::FromStr;

use postgres_types::Type;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;

/// Where a page ends, so that the next one begins behind it.
///
/// Its text (`to_string`, `parse`, or through serde) has letters and digits only. It holds the sort
/// keys of the page's last row, encoded and not encrypted: whoever gets it can read them. Anybody
/// can also make one: it chooses where a page begins, never which rows the query finds.
///
/// ```
/// use sessile::{ErrorKind, query::PageToken};
///
/// let refused = "no token".parse::<PageToken>().unwrap_err();
/// assert!(matches!(refused.kind(), ErrorKind::Input { .. }));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PageToken {
    /// The order that it was made for.
    pub(in crate::query) order: u64,
    /// The last row's sort keys as they are on the wire; `None` for NULL.
    pub(in crate::query) values: Vec<Option<Vec<u8>>>,
}

/// The first byte of each, so that another form can be told apart some day.
const FORM: u8 = 1;

impl PageToken {
    pub(crate) fn new(order: u64, values: Vec<Option<Vec<u8>>>) -> PageToken {
        PageToken { order, values }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORM];
        bytes.extend(self.order.to_be_bytes());
        for value in &self.values {
            match value {
                None => bytes.push(0),
                Some(value) => {
                    let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
                    bytes.push(1);
                    bytes.extend(length.to_be_bytes());
                    bytes.extend(value);
                }
            }
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<PageToken> {
        let mut rest = bytes.strip_prefix(&[FORM])?;
        let (order, values) = rest.split_first_chunk::<8>()?;
        rest = values;
        let mut values = Vec::new();
        while let Some((has_value, after)) = rest.split_first() {
            rest = after;
            values.push(match has_value {
                0 => None,
                1 => {
                    let (length, after) = rest.split_first_chunk::<4>()?;
                    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
                    let value = after.get(..length)?;
                    rest = after.get(length..)?;
                    Some(value.to_vec())
                }
                _ => return None,
            });
        }
        let order = u64::from_be_bytes(*order);
        Some(PageToken { order, values })
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.bytes().into_iter();
        bytes.try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for PageToken {
    type Err = Error;

    /// Reads its text.
    ///
    /// # Errors
    /// [`Input`](crate::ErrorKind::Input) for what is no token.
    fn from_str(text: &str) -> Result<PageToken, Error> {
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
        let token = bytes.and_then(|bytes| PageToken::from_bytes(&bytes));
        token.ok_or_else(|| Error::input("this is no token of a page"))
    }
}

impl fmt::Debug for PageToken {
    // The values are nobody's business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageToken({} keys)", self.values.len())
    }
}

impl Serialize for PageToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PageToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Whether these bytes can be a value of this type, so that a made-up token is refused before the
/// server sees it. Of types that are not listed the server is the judge.
pub(in crate::query) fn fits(ty: &Type, bytes: &[u8]) -> bool {
    let is_within = |low: i64, high: i64| match <[u8; 8]>::try_from(bytes) {
        Ok(bytes) => (low..=high).contains(&i64::from_be_bytes(bytes)),
        Err(_) => false,
    };
    match *ty {
        Type::BOOL => matches!(bytes, [0 | 1]),
        Type::CHAR => bytes.len() == 1,
        Type::INT2 => bytes.len() == 2,
        Type::INT4 | Type::OID | Type::FLOAT4 => bytes.len() == 4,
        Type::INT8 | Type::FLOAT8 => bytes.len() == 8,
        Type::UUID => bytes.len() == 16,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => {
            std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0)
        }
        // The limits of PostgreSQL's dates, and its infinities.
        Type::DATE => match <[u8; 4]>::try_from(bytes).map(i32::from_be_bytes) {
            Ok(day) => matches!(day, i32::MIN | i32::MAX | -2_451_545..=2_145_031_948),
            Err(_) => false,
        },
        Type::TIME => is_within(0, 86_400_000_000),
        Type::TIMESTAMP | Type::TIMESTAMPTZ => {
            is_within(-211_813_488_000_000_000, 9_223_371_331_199_999_999)
                || is_within(i64::MIN, i64::MIN)
                || is_within(i64::MAX, i64::MAX)
        }
        Type::NUMERIC => is_numeric(bytes),
        _ => true,
    }
}

/// Digits, weight, sign and scale, and the digits in base 10,000.
fn is_numeric(bytes: &[u8]) -> bool {
    let numbers = bytes
        .chunks_exact(2)
        .map(|b| u16::from_be_bytes([b[0], b[1]]));
    let numbers: Vec<u16> = numbers.collect();
    let [digits, _, sign, scale, rest @ ..] = numbers.as_slice() else {
        return false;
    };
    bytes.len().is_multiple_of(2)
        && usize::from(*digits) == rest.len()
        && matches!(sign, 0 | 0x4000 | 0xC000 | 0xD000 | 0xF000)
        && *scale <= 0x3FFF
        && rest.iter().all(|digit| *digit < 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_from_its_text() {
        let token = PageToken::new(7, vec![Some(b"ann".to_vec()), None, Some(Vec::new())]);
        assert_eq!(token.to_string().parse::<PageToken>().unwrap(), token);
        assert_eq!(format!("{token:?}"), "PageToken(3 keys)");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let token = PageToken::new(7, vec![Some(b"ann".to_vec())]).to_string();
        let longer = format!("{token}00ff");
        let wrong = [
            "",
            "0",
            "02",
            "zz",
            "é",
            "ffff",
            &token[..token.len() - 2],
            &longer,
        ];
        for wrong in wrong {
            assert!(wrong.parse::<PageToken>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_that_no_type_has_are_found() {
        assert!(fits(&Type::TEXT, b"ann"));
        assert!(!fits(&Type::TEXT, b"a\0b"));
        assert!(!fits(&Type::TEXT, &[0xFF]));
        assert!(!fits(&Type::INT8, &[0; 4]));
        assert!(!fits(&Type::TIMESTAMPTZ, &(i64::MAX - 1).to_be_bytes()));
        assert!(fits(&Type::NUMERIC, &[0, 1, 0, 0, 0, 0, 0, 2, 0, 5]));
        assert!(!fits(&Type::NUMERIC, &[0, 1, 0, 0, 0, 0, 0, 2, 0xFF, 5]));
    }
}
