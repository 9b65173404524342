//! The bytes of values, made the same where PostgreSQL takes the values for equal.
//!
//! Called for the values of unique groups.
//! It must not tell equal values apart that the server takes for one; the other way round only costs
//! an order that nobody needs. What a collation of the database's own makes of text is not known.

use postgres_types::Type;

/// Rewrites a value that was encoded as this type, in a column that DDL says is of the type named.
pub(super) fn normalize(value: &mut Vec<u8>, start: usize, ty: &Type, name: &str) {
    // Most unique values are keys and the like, and there may be many.
    if is_exact(ty) {
        return;
    }
    let bytes = value.split_off(start);
    let normalized = match *ty {
        Type::NUMERIC => numeric(&bytes),
        Type::FLOAT4 | Type::FLOAT8 => float(bytes),
        _ if is_citext(name) => lower(bytes),
        _ if is_padded(ty, name) => trimmed(bytes),
        _ => bytes,
    };
    value.extend(normalized);
}

/// Whether each value of a type has but one encoding.
fn is_exact(ty: &Type) -> bool {
    matches!(
        *ty,
        Type::INT2
            | Type::INT4
            | Type::INT8
            | Type::BOOL
            | Type::UUID
            | Type::BYTEA
            | Type::DATE
            | Type::TIMESTAMP
            | Type::TIMESTAMPTZ
    )
}

/// `citext`, with its schema or without.
fn is_citext(name: &str) -> bool {
    let own = name.rsplit('.').next().unwrap_or(name);
    own.trim_matches('"').eq_ignore_ascii_case("citext")
}

/// citext compares what `lower` makes of values.
fn lower(bytes: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) => text.to_lowercase().into_bytes(),
        Err(not_text) => not_text.into_bytes(),
    }
}

/// `char(n)`, which is padded with blanks that do not count.
fn is_padded(ty: &Type, name: &str) -> bool {
    let word = name.split(['(', ' ']).next().unwrap_or(name);
    let padded = ["char", "character", "bpchar"];
    let varies = || name.to_ascii_lowercase().contains("varying");
    *ty == Type::BPCHAR || padded.iter().any(|p| word.eq_ignore_ascii_case(p)) && !varies()
}

fn trimmed(mut bytes: Vec<u8>) -> Vec<u8> {
    while bytes.last() == Some(&b' ') {
        bytes.pop();
    }
    bytes
}

/// 1.0 is 1.00: the digits, in groups of four, without the number of those that are shown.
fn numeric(bytes: &[u8]) -> Vec<u8> {
    let words: Vec<i16> = bytes
        .chunks_exact(2)
        .map(|word| i16::from_be_bytes([word[0], word[1]]))
        .collect();
    let [_, weight, sign, _, digits @ ..] = &*words else {
        return bytes.to_vec();
    };
    let leading = digits.iter().take_while(|digit| **digit == 0).count();
    let digits = &digits[leading..];
    let trailing = digits.iter().rev().take_while(|digit| **digit == 0).count();
    let digits = &digits[..digits.len() - trailing];
    let (weight, sign) = match (digits.is_empty(), *sign) {
        (true, 0 | 0x4000) => (0, 0),
        (true, special) => (0, special),
        (false, sign) => (weight.wrapping_sub(leading as i16), sign),
    };
    let words = [weight, sign].into_iter().chain(digits.iter().copied());
    words.flat_map(i16::to_be_bytes).collect()
}

/// 0 is -0, and one NaN is the other.
fn float(mut bytes: Vec<u8>) -> Vec<u8> {
    let value = match *bytes {
        [a, b, c, d] => f64::from(f32::from_be_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => f64::from_be_bytes([a, b, c, d, e, f, g, h]),
        _ => return bytes,
    };
    if value == 0.0 {
        bytes.fill(0);
    } else if value.is_nan() {
        bytes.fill(u8::MAX);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use postgres_types::ToSql;

    use super::*;

    fn normalized(value: &dyn ToSql, ty: &Type, name: &str) -> Vec<u8> {
        let mut bytes = BytesMut::new();
        value.to_sql_checked(ty, &mut bytes).unwrap();
        let mut bytes = bytes.to_vec();
        normalize(&mut bytes, 0, ty, name);
        bytes
    }

    #[test]
    fn case_does_not_count_in_citext_alone() {
        let as_type = |text: &str, name: &str| normalized(&text, &Type::TEXT, name);
        assert_eq!(as_type("Ää", "citext"), as_type("ÄÄ", "public.citext"));
        assert_ne!(as_type("a", "text"), as_type("A", "text"));
    }

    #[test]
    fn blanks_at_the_end_do_not_count_where_the_server_adds_them() {
        let as_type = |text: &str, name: &str| normalized(&text, &Type::TEXT, name);
        assert_eq!(as_type("a ", "char(3)"), as_type("a", "CHARACTER (3)"));
        assert_ne!(as_type("a ", "varchar(3)"), as_type("a", "varchar(3)"));
        let varying = "character varying(3)";
        assert_ne!(as_type("a ", varying), as_type("a", varying));
    }

    #[test]
    fn the_sign_of_nothing_does_not_count() {
        let float = |value: f64| normalized(&value, &Type::FLOAT8, "double precision");
        assert_eq!(float(0.0), float(-0.0));
        assert_eq!(float(f64::NAN), float(-f64::NAN));
        assert_ne!(float(1.0), float(-1.0));
    }

    /// Number of groups, weight, sign, digits shown; then the groups.
    #[test]
    fn zeros_at_either_end_do_not_count() {
        let numeric = |words: &[i16]| {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
            super::numeric(&bytes)
        };
        let one = numeric(&[1, 0, 0, 0, 1]);
        assert_eq!(numeric(&[1, 0, 0, 2, 1]), one);
        assert_eq!(numeric(&[2, 0, 0, 4, 1, 0]), one);
        assert_eq!(numeric(&[2, 1, 0, 0, 0, 1]), one);
        assert_ne!(numeric(&[1, 1, 0, 0, 1]), one);
        assert_ne!(numeric(&[1, 0, 0x4000, 0, 1]), one);
        assert_eq!(numeric(&[0, 0, 0, 2]), numeric(&[1, 3, 0x4000, 0, 0]));
    }
}
