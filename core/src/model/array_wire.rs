//! Arrays on the wire: PostgreSQL's binary format of one-dimensional ones.
//!
//! Both wings send a column of many rows, or many keys, as one array.
//! It must not know what the elements are.

use bytes::{BufMut, BytesMut};
use postgres_types::{IsNull, Type};

use super::EncodeResult;

/// Why an array can't be sent.
type Problem = Box<dyn std::error::Error + Sync + Send>;

/// The head: one dimension, "may hold NULLs", the element's type, the length, the first index.
pub(crate) fn array_header(
    element: &Type,
    length: usize,
    out: &mut BytesMut,
) -> Result<(), Problem> {
    out.put_i32(1);
    out.put_i32(1);
    out.put_u32(element.oid());
    out.put_i32(i32::try_from(length)?);
    out.put_i32(1);
    Ok(())
}

/// One element: its length, or -1 for NULL, and its bytes.
pub(crate) fn array_element(
    out: &mut BytesMut,
    encode: impl FnOnce(&mut BytesMut) -> EncodeResult,
) -> Result<(), Problem> {
    let start = out.len();
    out.put_i32(-1);
    if let IsNull::No = encode(out)? {
        let length = i32::try_from(out.len() - start - 4)?;
        out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use postgres_types::{FromSql, ToSql};

    use super::*;

    #[test]
    fn what_is_written_is_what_the_driver_reads() {
        let values = [Some(7_i64), None, Some(-1)];
        let mut bytes = BytesMut::new();
        array_header(&Type::INT8, values.len(), &mut bytes).unwrap();
        for value in &values {
            array_element(&mut bytes, |out| value.to_sql(&Type::INT8, out)).unwrap();
        }
        let read = Vec::<Option<i64>>::from_sql(&Type::INT8_ARRAY, &bytes).unwrap();
        assert_eq!(read, values);
    }
}
