//! Array columns: `Vec<i64>` is `bigint[]`.
//!
//! The derive asks it for each field, as it does `sql_type`.
//! It must not list `Vec<u8>`, which is `bytea`.

use postgres_types::Type;

use super::SqlType;

macro_rules! arrays {
    ($($t:ty = $name:literal $ty:ident),+ $(,)?) => {
        $(impl SqlType for Vec<$t> {
            type Base = Self;
            const NAME: &'static str = $name;
            const TYPE: Type = Type::$ty;
            // PostgreSQL has no arrays of arrays of one type: `bigint[][]` is `bigint[]`.
            const ARRAY_TYPE: Type = Type::$ty;
            const IS_ARRAY: bool = true;

            fn same(&self, other: &Self) -> bool {
                self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.same(b))
            }

            fn normalize(&mut self) {
                self.iter_mut().for_each(SqlType::normalize);
            }
        })+
    };
}
arrays!(
    bool = "boolean[]" BOOL_ARRAY,
    i16 = "smallint[]" INT2_ARRAY,
    i32 = "integer[]" INT4_ARRAY,
    i64 = "bigint[]" INT8_ARRAY,
    f32 = "real[]" FLOAT4_ARRAY,
    f64 = "double precision[]" FLOAT8_ARRAY,
    String = "text[]" TEXT_ARRAY,
    Option<bool> = "boolean[]" BOOL_ARRAY,
    Option<i16> = "smallint[]" INT2_ARRAY,
    Option<i32> = "integer[]" INT4_ARRAY,
    Option<i64> = "bigint[]" INT8_ARRAY,
    Option<f64> = "double precision[]" FLOAT8_ARRAY,
    Option<String> = "text[]" TEXT_ARRAY,
);
#[cfg(feature = "uuid")]
arrays!(uuid::Uuid = "uuid[]" UUID_ARRAY);
#[cfg(feature = "decimal")]
arrays!(rust_decimal::Decimal = "numeric[]" NUMERIC_ARRAY);
#[cfg(feature = "jiff")]
arrays!(jiff::Timestamp = "timestamptz[]" TIMESTAMPTZ_ARRAY);
