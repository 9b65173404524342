//! What a model is: its trait, its table, its keys, its columns and the handles to its objects.
//!
//! The derive implements this room's traits; every other room builds on them.
//! It must not know SQL text, connections or sessions.

mod model_trait;

mod type_info;

mod table;

mod table_spec;

mod table_build;

mod column_set;

mod handle;

mod key;

mod fk;

mod sql_type;

mod version;

mod array_types;

mod array_wire;

mod interval;

mod column;

mod relationship;

mod row;

pub(crate) mod from_row;

pub(crate) mod value_field;

pub(crate) mod reference_field;

mod registry;

mod blame;

pub(crate) use array_wire::{array_element, array_header};
pub(crate) use blame::{blame, blame_model};
pub use column::Column;
pub use column_set::ColumnSet;
pub use fk::{Fk, Reference};
#[doc(hidden)]
pub use from_row::{ColumnFinder, Objects};
pub use from_row::{FromColumns, FromRow};
pub use handle::{Handle, RawHandle};
pub use interval::Interval;
pub use key::{IntoKey, IntoKeyPart, Key, KeyField, KeyLookup, KeyPart};
pub use model_trait::Model;
pub(crate) use registry::{remember_table, remembered_tables, tables_named};
pub use relationship::{BelongsTo, HasMany, HasOne, ManyToMany, Multiplicity, Optional, Required};
pub use row::{RawRow, Row, RowColumn};
pub use sql_type::SqlType;
pub use table::{Check, ColumnInfo, Field, FieldGroup, ForeignKey, Generated, OnDelete, Table};
pub use table_spec::{CheckSpec, FieldKind, FieldSpec, ForeignKeySpec, NamedFields, TableSpec};
pub use type_info::{KeyColumn, TypeInfo};
#[doc(hidden)]
pub use value_field::{EncodeResult, encode_value};
pub use version::{Version, Xmin};
