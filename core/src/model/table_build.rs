//! Makes a table of what the derive wrote down: columns, and names for constraints.
//!
//! Called once per model, by derived code.
//! It must not ask another model for its table, which may be waiting for this one.

use super::ColumnSet;
use super::table::{Check, ColumnInfo, Field, FieldGroup, ForeignKey, Generated, Table};
use super::table_spec::{FieldKind, FieldSpec, NamedFields, TableSpec};
use super::type_info::{KeyColumn, name_reference};

impl Table {
    /// Works out columns and constraint names from what the derive wrote down.
    ///
    /// # Panics
    /// When a group names a field that does not exist; the derive has checked that.
    #[doc(hidden)]
    pub fn new(spec: TableSpec) -> Table {
        let mut table = Table::bare(spec.model, spec.schema, spec.name);
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

    fn bare(model: &'static str, schema: Option<&'static str>, name: &'static str) -> Table {
        Table {
            model,
            schema,
            name,
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
        }
    }

    fn add_field(&mut self, spec: FieldSpec) {
        let position = self.fields.len();
        let columns = self.add_columns(&spec, position);
        if spec.key {
            self.key.insert(position);
            self.key_columns.extend(columns.clone());
        }
        if spec.version {
            self.version = Some(position);
        }
        let system = self.columns[columns.clone()]
            .iter()
            .any(ColumnInfo::is_system);
        let generated = match system {
            true => Generated::Always,
            false => spec.generated,
        };
        match generated {
            Generated::Never => {}
            Generated::ByDefault => self.generated.insert(position),
            Generated::Always => self.always.insert(position),
        }
        self.fields.push(Field {
            name: spec.name,
            columns,
            nullable: spec.nullable,
            key: spec.key,
            generated,
            default: spec.default,
        });
        self.add_constraints(spec, position);
    }

    fn add_columns(&mut self, spec: &FieldSpec, field: usize) -> std::ops::Range<usize> {
        let columns = match &spec.kind {
            FieldKind::Value(ty) => vec![KeyColumn {
                name: ty
                    .system_column
                    .or(spec.rename)
                    .unwrap_or(spec.name)
                    .to_owned(),
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
                field,
                part,
            });
        }
        first..self.columns.len()
    }

    fn add_constraints(&mut self, spec: FieldSpec, field: usize) {
        if let FieldKind::Reference(fk) = spec.kind {
            self.foreign_keys.push(ForeignKey {
                name: self.free_name("fkey", &[field]),
                field,
                nullable: spec.nullable,
                on_delete: fk.on_delete,
                client: fk.client,
                deferrable: spec.deferrable,
                orphan: spec.orphan,
                target: fk.target,
                target_id: fk.target_id,
            });
        }
        let alone = || NamedFields {
            name: None,
            fields: vec![spec.name],
            deferrable: spec.deferrable,
        };
        if spec.unique {
            self.add_unique(alone());
        }
        if spec.index {
            self.add_index(alone());
        }
        if let Some(sql) = spec.check {
            self.checks.push(Check {
                name: self.free_name("check", &[field]),
                sql,
                field: Some(field),
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
        FieldGroup {
            name,
            fields,
            deferrable: group.deferrable,
        }
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
}
