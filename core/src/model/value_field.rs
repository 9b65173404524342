//! Value fields: how one is sent, read and compared, decided once per field.
//!
//! The derive makes one constant a field, and its other code only names that constant; so a type
//! that can't be a column is one message, at the field.
//! It must not know references: those are `reference_field`'s.

use std::fmt::Debug;

use bytes::BytesMut;
use postgres_types::{FromSql, FromSqlOwned, IsNull, Json, Kind, ToSql, Type};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{FieldKind, FieldSpec, Generated, KeyColumn, Row, SqlType, TypeInfo, Version};
use crate::error::Error;

/// Whether a NULL was encoded, or why the value can't be sent.
pub type EncodeResult = Result<IsNull, Box<dyn std::error::Error + Sync + Send>>;

/// Encodes a value for a parameter of the server's type `ty`.
///
/// # Errors
/// When the value does not fit that type.
pub fn encode_value<T: ToSql>(value: &T, ty: &Type, out: &mut BytesMut) -> EncodeResult {
    if !T::accepts(ty) {
        // A domain is sent as the type it stands on.
        if let Kind::Domain(base) = ty.kind() {
            return encode_value(value, base, out);
        }
        let rust = std::any::type_name::<T>();
        return Err(format!("{rust} does not fit a parameter of type {}", ty.name()).into());
    }
    value.to_sql(ty, out)
}

/// A field with a value of type `T`.
///
/// The functions behind it are known at compile time, so that an optimised build calls them
/// directly.
#[derive(Debug)]
pub struct ValueField<T> {
    model: &'static str,
    name: &'static str,
    ty: FieldType,
    nullable: bool,
    encode: fn(&T, &Type, &mut BytesMut) -> EncodeResult,
    read: fn(&ValueField<T>, &Row<'_>, usize) -> Result<T, Error>,
    same: fn(&T, &T) -> bool,
    normalize: fn(&mut T),
}

#[derive(Debug)]
enum FieldType {
    Known(fn() -> TypeInfo),
    Named(&'static str),
}

/// A field whose type is a column type.
pub const fn value<T: SqlType>(model: &'static str, name: &'static str) -> ValueField<T> {
    ValueField {
        model,
        name,
        ty: FieldType::Known(TypeInfo::of::<T>),
        nullable: T::NULLABLE,
        encode: encode_value::<T>,
        read: |field, row, at| row.get_field(at, field.model, field.name),
        same: T::same,
        normalize: T::normalize,
    }
}

/// A type that can be stored as jsonb.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be stored as json",
    label = "lacks `Serialize`, `Deserialize`, `PartialEq` or `Debug`",
    note = "derive them: `#[derive(Serialize, Deserialize, PartialEq, Debug)]`"
)]
pub trait JsonValue: Serialize + DeserializeOwned + PartialEq + Debug {}

// Without the attribute the compiler shows each trait that is missing, in a message of its own.
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + PartialEq + Debug> JsonValue for T {}

/// A type that the driver can send and read, as the PostgreSQL type that the user named.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a column of the type named by `sql_type`",
    label = "lacks `ToSql`, `FromSql` or `PartialEq`",
    note = "implement `postgres_types::ToSql` and `FromSql`, and derive `PartialEq`"
)]
pub trait NamedValue: ToSql + FromSqlOwned + PartialEq {}

#[diagnostic::do_not_recommend]
impl<T: ToSql + FromSqlOwned + PartialEq> NamedValue for T {}

/// A field that is stored as jsonb.
pub const fn json<T: JsonValue>(model: &'static str, name: &'static str) -> ValueField<T> {
    ValueField {
        model,
        name,
        ty: FieldType::Known(TypeInfo::of::<serde_json::Value>),
        nullable: false,
        encode: |value, ty, out| encode_value(&Json(value), ty, out),
        read: |field, row, at| {
            let Document(value) = row.get_field(at, field.model, field.name)?;
            Ok(value)
        },
        same: T::eq,
        normalize: |_| {},
    }
}

/// A field that is stored as jsonb, or as NULL when it is `None`.
pub const fn optional_json<T: JsonValue>(
    model: &'static str,
    name: &'static str,
) -> ValueField<Option<T>> {
    ValueField {
        model,
        name,
        ty: FieldType::Known(TypeInfo::of::<serde_json::Value>),
        nullable: true,
        encode: |value, ty, out| encode_value(&value.as_ref().map(Json), ty, out),
        // The inner `Option` takes the JSON value `null`, which is not the NULL of SQL.
        read: |field, row, at| {
            let json: Option<Document<Option<T>>> = row.get_field(at, field.model, field.name)?;
            Ok(json.and_then(|Document(value)| value))
        },
        same: Option::eq,
        normalize: |_| {},
    }
}

/// Reads JSON into a field of a struct that is no model, and moves on.
///
/// # Errors
/// [`Conversion`](crate::ErrorKind::Conversion) when it does not fit.
pub fn read_json<T: DeserializeOwned>(
    row: &Row<'_>,
    at: &mut usize,
    of: &'static str,
    field: &'static str,
) -> Result<T, Error> {
    let Document(value) = row.get_field(*at, of, field)?;
    *at += 1;
    Ok(value)
}

/// The same for a column that may be NULL; the JSON value `null` is `None` as well.
///
/// # Errors
/// As [`read_json`].
pub fn read_optional_json<T: DeserializeOwned>(
    row: &Row<'_>,
    at: &mut usize,
    of: &'static str,
    field: &'static str,
) -> Result<Option<T>, Error> {
    let json: Option<Document<Option<T>>> = row.get_field(*at, of, field)?;
    *at += 1;
    Ok(json.and_then(|Document(value)| value))
}

/// JSON that is read without quoting it in the error when it does not fit.
struct Document<T>(T);

impl<'a, T: DeserializeOwned> FromSql<'a> for Document<T> {
    fn from_sql(
        ty: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match <Json<T> as FromSql>::from_sql(ty, raw) {
            Ok(Json(value)) => Ok(Document(value)),
            Err(error) => Err(shape_of(&error.to_string()).into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        <Json<T> as FromSql>::accepts(ty)
    }
}

/// What serde says of the type's shape, without what it says of the value:
/// `invalid type: string "..", expected a sequence at line 1 column 7`.
fn shape_of(says: &str) -> String {
    if says.starts_with("missing field") {
        return says.to_owned();
    }
    match says.rsplit_once(", expected ") {
        Some((_, wanted)) => format!("the JSON has another shape, expected {wanted}"),
        None => "the JSON has another shape".to_owned(),
    }
}

/// A field whose PostgreSQL type the user named.
pub const fn named<T: NamedValue>(
    model: &'static str,
    name: &'static str,
    sql_type: &'static str,
) -> ValueField<T> {
    ValueField {
        model,
        name,
        ty: FieldType::Named(sql_type),
        nullable: false,
        encode: encode_value::<T>,
        read: |field, row, at| row.get_field(at, field.model, field.name),
        same: T::eq,
        normalize: |_| {},
    }
}

impl<T> ValueField<T> {
    /// The same field, where the column may be NULL.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// What the table's description says about it, with nothing that attributes add.
    pub fn spec(&self) -> FieldSpec {
        FieldSpec {
            name: self.name,
            rename: None,
            kind: FieldKind::Value(self.ty()),
            nullable: self.nullable,
            key: false,
            version: false,
            generated: Generated::Never,
            default: None,
            unique: false,
            deferrable: false,
            orphan: false,
            index: false,
            check: None,
        }
    }

    /// Its column, as part of a key.
    pub fn key_columns(&self, rename: Option<&str>) -> Vec<KeyColumn> {
        vec![KeyColumn {
            name: rename.unwrap_or(self.name).to_owned(),
            ty: self.ty(),
        }]
    }

    fn ty(&self) -> TypeInfo {
        match self.ty {
            FieldType::Known(ty) => ty(),
            FieldType::Named(name) => TypeInfo::named(name),
        }
    }

    /// Sends the value.
    ///
    /// # Errors
    /// When it does not fit the server's type.
    #[inline]
    pub fn encode(&self, value: &T, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        (self.encode)(value, ty, out)
    }

    /// Reads the value in column `at`, and moves on.
    ///
    /// # Errors
    /// [`Conversion`](crate::ErrorKind::Conversion) naming model and field.
    #[inline]
    pub fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<T, Error> {
        let value = (self.read)(self, row, *at)?;
        *at += 1;
        Ok(value)
    }

    /// Whether the database would tell no difference.
    #[inline]
    pub fn same(&self, a: &T, b: &T) -> bool {
        (self.same)(a, b)
    }

    /// Cuts off what the database would not keep.
    #[inline]
    pub fn normalize(&self, value: &mut T) {
        (self.normalize)(value);
    }

    /// The value, as part of a key.
    #[inline]
    pub fn key(&self, value: &T) -> Option<T>
    where
        T: Clone,
    {
        Some(value.clone())
    }

    /// Whether column `part` of a key is this field's; it is counted down to the next field's
    /// columns when it is not.
    #[inline]
    pub fn takes(&self, part: &mut usize) -> bool {
        let taken = *part == 0;
        *part = part.wrapping_sub(1);
        taken
    }

    /// Sends the value as part of a key.
    ///
    /// # Errors
    /// When it does not fit the server's type.
    #[inline]
    pub fn encode_key(&self, key: &T, _: usize, ty: &Type, out: &mut BytesMut) -> EncodeResult {
        (self.encode)(key, ty, out)
    }

    /// Reads the value as part of a key, and moves on; `None` for NULL.
    ///
    /// # Errors
    /// [`Conversion`](crate::ErrorKind::Conversion) naming model and field.
    #[inline]
    pub fn read_key(&self, row: &Row<'_>, at: &mut usize) -> Result<Option<T>, Error> {
        // A column that is missing is no NULL: reading it gives the error that says so.
        if *at < row.len() && row.is_null(*at) {
            return Ok(None);
        }
        self.read(row, at).map(Some)
    }
}

/// How a version field counts.
#[derive(Debug)]
pub struct Counter<T> {
    /// What says nothing of the version.
    pub unset: fn() -> T,
    /// The version of a new row.
    pub first: fn() -> T,
    /// The version after this one.
    pub next: fn(&T) -> T,
    /// The version for people.
    pub text: fn(&T) -> Option<String>,
}

/// The counter of a version field's type.
pub const fn counter<T: Version>() -> Counter<T> {
    Counter {
        unset: T::unset,
        first: T::first,
        next: T::next,
        text: T::text,
    }
}

/// The default of a field that the database may fill or the derive leaves out.
pub fn default_of<T: Default>() -> T {
    T::default()
}

/// The answer to a column that a key or a field does not have.
///
/// # Errors
/// Always, naming the model.
#[cold]
pub fn no_such_column(model: &str) -> EncodeResult {
    Err(format!("{model} has no such column").into())
}
