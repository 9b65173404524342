//! The description of a table.
//!
//! DDL, queries and the unit of work read it; `table_build` makes it, once per model.
//! It must not hold SQL beyond the fragments that the user wrote.

use std::any::TypeId;

use super::ColumnSet;
use super::type_info::TypeInfo;
use crate::error::Error;

/// Who makes a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generated {
    /// The program.
    Never,
    /// The database, when the field equals its type's default at the INSERT.
    ByDefault,
    /// The database, at every INSERT and UPDATE.
    Always,
}

/// What happens to a row when the row that it refers to is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// The delete is refused.
    Restrict,
    /// The row is deleted too.
    Cascade,
    /// The reference becomes NULL.
    SetNull,
}

/// A table, as its model describes it.
#[derive(Debug)]
pub struct Table {
    pub(super) model: &'static str,
    pub(super) schema: Option<&'static str>,
    pub(super) name: &'static str,
    pub(super) fields: Vec<Field>,
    pub(super) columns: Vec<ColumnInfo>,
    pub(super) key: ColumnSet,
    pub(super) key_columns: Vec<usize>,
    pub(super) version: Option<usize>,
    pub(super) generated: ColumnSet,
    pub(super) always: ColumnSet,
    pub(super) foreign_keys: Vec<ForeignKey>,
    pub(super) uniques: Vec<FieldGroup>,
    pub(super) indexes: Vec<FieldGroup>,
    pub(super) checks: Vec<Check>,
}

/// A field of a model that is mapped to one or more columns.
#[derive(Debug)]
pub struct Field {
    /// Its name in the struct.
    pub name: &'static str,
    /// The positions of its columns in the table.
    pub columns: std::ops::Range<usize>,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether it is part of the key.
    pub key: bool,
    /// Who makes its value.
    pub generated: Generated,
    /// The default that the user wrote, as SQL.
    pub default: Option<&'static str>,
}

/// A column of a table.
#[derive(Debug)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// Its type.
    #[doc(hidden)]
    pub ty: TypeInfo,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The position of the field it belongs to.
    pub field: usize,
    /// Which of its field's columns it is.
    pub part: usize,
}

impl ColumnInfo {
    /// Whether it is one that every table has, so that nobody creates or writes it.
    pub fn is_system(&self) -> bool {
        self.ty.system_column.is_some()
    }
}

/// A reference from this table to another, or to itself.
#[derive(Debug)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The position of the referring field.
    pub field: usize,
    /// Whether the reference may be NULL.
    pub nullable: bool,
    /// What deleting the row referred to does.
    pub on_delete: OnDelete,
    /// Whether that is done by the session instead of the database.
    pub client: bool,
    /// Whether the database checks it at COMMIT.
    pub deferrable: bool,
    /// Whether the row is deleted when the program sets the reference to None.
    pub orphan: bool,
    pub(super) target: fn() -> &'static Table,
    pub(super) target_id: TypeId,
}

impl ForeignKey {
    /// The table referred to.
    pub fn target(&self) -> &'static Table {
        (self.target)()
    }

    /// The type of the model referred to.
    pub fn target_id(&self) -> TypeId {
        self.target_id
    }
}

/// Fields that are unique or indexed together.
#[derive(Debug)]
pub struct FieldGroup {
    /// The constraint's or the index's name.
    pub name: String,
    /// The positions of the fields.
    pub fields: Vec<usize>,
    /// Whether the database checks at COMMIT that they are unique.
    pub deferrable: bool,
}

/// A check constraint.
#[derive(Debug)]
pub struct Check {
    /// The constraint's name.
    pub name: String,
    /// The condition, as the user wrote it.
    pub sql: &'static str,
    /// The position of the field it was written on.
    pub field: Option<usize>,
}

impl Table {
    /// The struct's name.
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// The schema, when the model names one.
    pub fn schema(&self) -> Option<&'static str> {
        self.schema
    }

    /// The table's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The mapped fields, in struct order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The columns, in struct order.
    pub fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    /// The columns of these fields, in table order.
    pub fn columns_of(&self, fields: ColumnSet) -> impl Iterator<Item = &ColumnInfo> {
        fields
            .iter()
            .flat_map(|f| self.columns[self.fields[f].columns.clone()].iter())
    }

    /// The fields of the key.
    pub fn key(&self) -> ColumnSet {
        self.key
    }

    /// The columns of the key, in struct order.
    pub fn key_columns(&self) -> impl Iterator<Item = &ColumnInfo> {
        self.key_columns.iter().map(|c| &self.columns[*c])
    }

    /// The positions of the key's columns, in struct order.
    pub(crate) fn key_positions(&self) -> &[usize] {
        &self.key_columns
    }

    /// The position of the first key column, when the key's columns stand together.
    pub(crate) fn key_start(&self) -> Option<usize> {
        let first = *self.key_columns.first()?;
        let together = (first..).zip(&self.key_columns).all(|(a, b)| a == *b);
        together.then_some(first)
    }

    /// The position of the version field.
    pub fn version(&self) -> Option<usize> {
        self.version
    }

    /// Whether PostgreSQL keeps the version itself: each statement on a row makes another one.
    pub(crate) fn is_counted_by_server(&self) -> bool {
        self.version
            .is_some_and(|field| self.always.contains(field))
    }

    /// The position of the version field, unless PostgreSQL keeps the version itself.
    pub(crate) fn written_version(&self) -> Option<usize> {
        self.version.filter(|field| !self.always.contains(*field))
    }

    /// # Errors
    /// `Mapping` for a column of PostgreSQL's own, which can't be given a value.
    pub(crate) fn refuse_system_column(&self, column: usize) -> Result<(), Error> {
        let column = &self.columns[column];
        if !column.is_system() {
            return Ok(());
        }
        let (model, field) = (self.model, self.fields[column.field].name);
        Err(Error::mapping(format!(
            "{model}.{field} can't be set: it is the column {} that PostgreSQL keeps itself",
            column.name
        )))
    }

    /// The fields that the database makes unless they are set.
    pub fn generated(&self) -> ColumnSet {
        self.generated
    }

    /// The fields that only the database makes.
    pub fn generated_always(&self) -> ColumnSet {
        self.always
    }

    /// Every mapped field.
    pub fn all_fields(&self) -> ColumnSet {
        ColumnSet::first(self.fields.len())
    }

    /// The references, in struct order.
    pub fn foreign_keys(&self) -> &[ForeignKey] {
        &self.foreign_keys
    }

    /// The reference that a field is.
    ///
    /// # Panics
    /// When the field is no reference; relationships are made from references only.
    pub fn foreign_key_of_field(&self, field: usize) -> &ForeignKey {
        self.foreign_keys
            .iter()
            .find(|fk| fk.field == field)
            .expect("a relationship stands on a reference field")
    }

    /// Whether a field is a reference.
    pub(crate) fn has_reference(&self, field: usize) -> bool {
        self.foreign_keys.iter().any(|fk| fk.field == field)
    }

    /// The unique constraints besides the key.
    pub fn uniques(&self) -> &[FieldGroup] {
        &self.uniques
    }

    /// The indexes that are no constraints.
    pub fn indexes(&self) -> &[FieldGroup] {
        &self.indexes
    }

    /// The check constraints.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The name of the primary key constraint.
    pub fn key_constraint(&self) -> String {
        let mut name = self.name.to_owned();
        name.truncate(name.floor_char_boundary(58));
        name + "_pkey"
    }

    /// The position of the field with this name.
    pub fn field_named(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }
}
