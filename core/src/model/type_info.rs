//! Types of columns, and the columns of keys, which other tables take over.
//!
//! Table descriptions are made of them; they are known without asking a model for its table.
//! It must not know fields.

use postgres_types::Type;

use super::{Model, SqlType};

/// A type, by its name in SQL and on the wire.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct TypeInfo {
    pub name: &'static str,
    /// The wire type and its array; unknown for a type that the user named with `sql_type`.
    pub wire: Option<(Type, Type)>,
    pub is_array: bool,
    /// The column of PostgreSQL's own that it stands for.
    pub system_column: Option<&'static str>,
}

impl TypeInfo {
    /// The type of a Rust type that is known here.
    pub fn of<T: SqlType>() -> TypeInfo {
        TypeInfo {
            name: T::NAME,
            wire: Some((T::TYPE, T::ARRAY_TYPE)),
            is_array: T::IS_ARRAY,
            system_column: T::SYSTEM_COLUMN,
        }
    }

    /// A type that only the server knows.
    pub fn named(name: &'static str) -> TypeInfo {
        TypeInfo {
            name,
            wire: None,
            is_array: name.ends_with("[]"),
            system_column: None,
        }
    }
}

/// Name and type of one column of a key.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct KeyColumn {
    pub name: String,
    pub ty: TypeInfo,
}

impl KeyColumn {
    /// The columns of a reference that is part of a key: each is named after the field and the
    /// column it refers to, or as the field was renamed.
    pub fn of_reference<P: Model>(field: &str, rename: Option<&str>) -> Vec<KeyColumn> {
        name_reference(field, rename, P::key_columns())
    }
}

pub(super) fn name_reference(
    field: &str,
    rename: Option<&str>,
    target: Vec<KeyColumn>,
) -> Vec<KeyColumn> {
    let single = target.len() == 1;
    target
        .into_iter()
        .map(|column| KeyColumn {
            name: match (rename, single) {
                (Some(name), true) => name.to_owned(),
                (prefix, _) => format!("{}_{}", prefix.unwrap_or(field), column.name),
            },
            ty: column.ty,
        })
        .collect()
}
