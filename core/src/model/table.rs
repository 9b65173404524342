//! The description of a table: what the derive read from a struct.
//!
//! DDL, queries and the unit of work read it; it is built once per model and never changes.
//! It must not hold SQL beyond the fragments that the user wrote.

use std::any::TypeId;

use postgres_types::Type;

use super::{ColumnSet, Model, SqlType};

/// What the derive wrote down about a struct.
#[doc(hidden)]
#[derive(Debug)]
pub struct TableSpec {
    pub model: &'static str,
    pub schema: Option<&'static str>,
    pub name: &'static str,
    pub fields: Vec<FieldSpec>,
    pub uniques: Vec<NamedFields>,
    pub indexes: Vec<NamedFields>,
    pub checks: Vec<CheckSpec>,
}

/// What the derive wrote down about a field.
#[doc(hidden)]
#[derive(Debug)]
pub struct FieldSpec {
    pub name: &'static str,
    /// The column's name; for a reference to a composite key, the prefix of its columns' names.
    pub rename: Option<&'static str>,
    pub kind: FieldKind,
    pub nullable: bool,
    pub key: bool,
    pub version: bool,
    pub generated: Generated,
    pub default: Option<&'static str>,
    pub unique: bool,
    pub index: bool,
    pub check: Option<&'static str>,
}

/// Whether a field is a value or a reference.
#[doc(hidden)]
#[derive(Debug)]
pub enum FieldKind {
    Value(TypeInfo),
    Reference(ForeignKeySpec),
}

/// A type, by its name in SQL and on the wire.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct TypeInfo {
    pub name: &'static str,
    /// The wire type and its array; unknown for a type that the user named with `sql_type`.
    pub wire: Option<(Type, Type)>,
    pub is_array: bool,
}

impl TypeInfo {
    /// The type of a Rust type that is known here.
    pub fn of<T: SqlType>() -> TypeInfo {
        TypeInfo {
            name: T::NAME,
            wire: Some((T::TYPE, T::ARRAY_TYPE)),
            is_array: T::IS_ARRAY,
        }
    }

    /// A type that only the server knows.
    pub fn named(name: &'static str) -> TypeInfo {
        TypeInfo {
            name,
            wire: None,
            is_array: name.ends_with("[]"),
        }
    }
}

/// Where a reference points, and what deleting that row does.
#[doc(hidden)]
#[derive(Debug)]
pub struct ForeignKeySpec {
    pub target: fn() -> &'static Table,
    pub target_id: TypeId,
    pub target_key: fn() -> Vec<KeyColumn>,
    pub on_delete: OnDelete,
    pub client: bool,
}

impl ForeignKeySpec {
    /// A reference to `P`.
    pub fn to<P: Model>(on_delete: OnDelete, client: bool) -> ForeignKeySpec {
        ForeignKeySpec {
            target: P::table,
            target_id: TypeId::of::<P>(),
            target_key: P::key_columns,
            on_delete,
            client,
        }
    }
}

/// A named group of fields; the name is made up when there is none.
#[doc(hidden)]
#[derive(Debug)]
pub struct NamedFields {
    pub name: Option<&'static str>,
    pub fields: Vec<&'static str>,
}

/// A check on several fields.
#[doc(hidden)]
#[derive(Debug)]
pub struct CheckSpec {
    pub name: Option<&'static str>,
    pub sql: &'static str,
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

fn name_reference(field: &str, rename: Option<&str>, target: Vec<KeyColumn>) -> Vec<KeyColumn> {
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
    model: &'static str,
    schema: Option<&'static str>,
    name: &'static str,
    fields: Vec<Field>,
    columns: Vec<ColumnInfo>,
    key: ColumnSet,
    key_columns: Vec<usize>,
    version: Option<usize>,
    generated: ColumnSet,
    always: ColumnSet,
    foreign_keys: Vec<ForeignKey>,
    uniques: Vec<FieldGroup>,
    indexes: Vec<FieldGroup>,
    checks: Vec<Check>,
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
    target: fn() -> &'static Table,
    target_id: TypeId,
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
    /// Works out columns and constraint names from what the derive wrote down.
    ///
    /// # Panics
    /// When a group names a field that does not exist; the derive has checked that.
    #[doc(hidden)]
    pub fn new(spec: TableSpec) -> Table {
        let mut table = Table {
            model: spec.model,
            schema: spec.schema,
            name: spec.name,
            fields: Vec::new(),
            columns: Vec::new(),
            key: ColumnSet::EMPTY,
            key_columns: Vec::new(),
            version: None,
            generated: ColumnSet::EMPTY,
            always: ColumnSet::EMPTY,
            foreign_keys: Vec::new(),
            uniques: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
        };
        for field in spec.fields {
            table.add_field(field);
        }
        for group in spec.uniques {
            table.add_unique(group);
        }
        for group in spec.indexes {
            table.add_index(group);
        }
        for check in spec.checks {
            let name = check
                .name
                .map_or_else(|| table.free_name("check", &[]), str::to_owned);
            table.checks.push(Check {
                name,
                sql: check.sql,
                field: None,
            });
        }
        table
    }

    fn add_field(&mut self, spec: FieldSpec) {
        let position = self.fields.len();
        let columns = match &spec.kind {
            FieldKind::Value(ty) => vec![KeyColumn {
                name: spec.rename.unwrap_or(spec.name).to_owned(),
                ty: ty.clone(),
            }],
            FieldKind::Reference(fk) => name_reference(spec.name, spec.rename, (fk.target_key)()),
        };
        let first = self.columns.len();
        for (part, column) in columns.into_iter().enumerate() {
            self.columns.push(ColumnInfo {
                name: column.name,
                ty: column.ty,
                nullable: spec.nullable,
                field: position,
                part,
            });
        }
        self.fields.push(Field {
            name: spec.name,
            columns: first..self.columns.len(),
            nullable: spec.nullable,
            key: spec.key,
            generated: spec.generated,
            default: spec.default,
        });
        if spec.key {
            self.key.insert(position);
            self.key_columns.extend(first..self.columns.len());
        }
        if spec.version {
            self.version = Some(position);
        }
        match spec.generated {
            Generated::Never => {}
            Generated::ByDefault => self.generated.insert(position),
            Generated::Always => self.always.insert(position),
        }
        if let FieldKind::Reference(fk) = spec.kind {
            let name = self.free_name("fkey", &[position]);
            self.foreign_keys.push(ForeignKey {
                name,
                field: position,
                nullable: spec.nullable,
                on_delete: fk.on_delete,
                client: fk.client,
                target: fk.target,
                target_id: fk.target_id,
            });
        }
        if spec.unique {
            self.add_unique(NamedFields {
                name: None,
                fields: vec![spec.name],
            });
        }
        if spec.index {
            self.add_index(NamedFields {
                name: None,
                fields: vec![spec.name],
            });
        }
        if let Some(sql) = spec.check {
            let name = self.free_name("check", &[position]);
            self.checks.push(Check {
                name,
                sql,
                field: Some(position),
            });
        }
    }

    fn add_unique(&mut self, group: NamedFields) {
        let group = self.group(group, "key");
        self.uniques.push(group);
    }

    fn add_index(&mut self, group: NamedFields) {
        let group = self.group(group, "idx");
        self.indexes.push(group);
    }

    fn group(&self, group: NamedFields, suffix: &str) -> FieldGroup {
        let fields: Vec<usize> = group
            .fields
            .iter()
            .map(|name| {
                self.field_named(name)
                    .expect("the derive checked that the field exists")
            })
            .collect();
        let name = match group.name {
            Some(name) => name.to_owned(),
            None => self.free_name(suffix, &fields),
        };
        FieldGroup { name, fields }
    }

    /// `table_column_suffix`, as PostgreSQL itself names constraints, numbered when taken and cut
    /// to the 63 bytes that PostgreSQL keeps.
    fn free_name(&self, suffix: &str, fields: &[usize]) -> String {
        let columns = fields
            .iter()
            .flat_map(|f| self.columns[self.fields[*f].columns.clone()].iter())
            .map(|c| c.name.as_str());
        let stem: Vec<&str> = std::iter::once(self.name).chain(columns).collect();
        let stem = stem.join("_");
        let mut number = 0;
        loop {
            let end = match number {
                0 => format!("_{suffix}"),
                n => format!("_{suffix}{n}"),
            };
            let mut name: String = stem.clone();
            while name.len() + end.len() > 63 {
                name.pop();
            }
            name.push_str(&end);
            if !self.has_constraint(&name) {
                return name;
            }
            number += 1;
        }
    }

    fn has_constraint(&self, name: &str) -> bool {
        self.foreign_keys.iter().any(|c| c.name == name)
            || self.uniques.iter().any(|c| c.name == name)
            || self.indexes.iter().any(|c| c.name == name)
            || self.checks.iter().any(|c| c.name == name)
    }

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
        name.truncate(58);
        name + "_pkey"
    }

    /// The position of the field with this name.
    pub fn field_named(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }
}
