//! Random models: what tables there are, and what their columns are.
//!
//! Cases draw one schema and run on it; `row` is the struct that stands for all of its models.
//! It must not hold rows.

use std::cell::Cell;
use std::sync::OnceLock;

use sessile::__private::{
    FieldSpec, Fk, Generated, KeyColumn, NamedFields, OnDelete, ReferenceAccess, Table, TableSpec,
    reference, value,
};

use super::super::random::Random;
use super::any::for_model;
use super::row::Row;

/// How many models there are.
pub(super) const MODELS: usize = 5;

/// Their names.
pub(super) const NAMES: [&str; MODELS] = ["A", "B", "C", "D", "E"];

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number that the database draws.
    Drawn,
    Int,
    Text,
    Version,
    Reference(usize),
}

#[derive(Clone, Debug)]
pub(super) struct FieldDef {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) nullable: bool,
    pub(super) key: bool,
    pub(super) on_delete: OnDelete,
    pub(super) deferrable: bool,
}

#[derive(Clone, Debug)]
pub(super) struct UniqueDef {
    pub(super) fields: Vec<usize>,
    pub(super) deferrable: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct TableDef {
    pub(super) fields: Vec<FieldDef>,
    pub(super) uniques: Vec<UniqueDef>,
}

#[derive(Clone, Debug)]
pub(super) struct Schema {
    seed: u64,
    pub(super) tables: Vec<TableDef>,
}

thread_local! {
    static TABLES: Cell<[Option<&'static Table>; MODELS]> = const { Cell::new([None; MODELS]) };
    static SCHEMA: Cell<Option<&'static Schema>> = const { Cell::new(None) };
}

/// The table of a model in the schema that this thread runs on. The library remembers all tables
/// of the process, so threads of other tests ask too; they are told of one that nobody has.
pub(super) fn table(model: usize) -> &'static Table {
    static NOBODYS: OnceLock<Table> = OnceLock::new();
    TABLES.get()[model].unwrap_or_else(|| {
        NOBODYS.get_or_init(|| {
            Table::new(TableSpec {
                model: "Nobody",
                schema: None,
                name: "nobodys",
                fields: Vec::new(),
                uniques: Vec::new(),
                indexes: Vec::new(),
                checks: Vec::new(),
            })
        })
    })
}

/// The schema that this thread runs on.
pub(super) fn schema() -> &'static Schema {
    SCHEMA.get().expect("a schema is in use")
}

const PARTS: [&str; 2] = ["k0", "k1"];
const REFERENCES: [&str; 2] = ["r0", "r1"];
const UNIQUES: [&str; 2] = ["u0", "u1"];

impl FieldDef {
    fn new(name: &'static str, kind: Kind) -> FieldDef {
        FieldDef {
            name,
            kind,
            nullable: false,
            key: false,
            on_delete: OnDelete::Restrict,
            deferrable: false,
        }
    }

    fn key(kind: Kind, part: usize) -> FieldDef {
        FieldDef {
            key: true,
            ..FieldDef::new(PARTS[part], kind)
        }
    }

    fn nullable(self) -> FieldDef {
        FieldDef {
            nullable: true,
            ..self
        }
    }

    /// The model that it refers to.
    pub(super) fn target(&self) -> Option<usize> {
        match self.kind {
            Kind::Reference(target) => Some(target),
            _ => None,
        }
    }

    fn spec(&self, model: usize) -> FieldSpec {
        let (of, name) = (NAMES[model], self.name);
        let mut spec = match (self.kind, self.nullable) {
            (Kind::Drawn | Kind::Int, false) => value::<i64>(of, name).spec(),
            (Kind::Drawn | Kind::Int, true) => value::<Option<i64>>(of, name).spec(),
            (Kind::Version, _) => value::<i32>(of, name).spec(),
            (Kind::Text, false) => value::<String>(of, name).spec(),
            (Kind::Text, true) => value::<Option<String>>(of, name).spec(),
            (Kind::Reference(target), false) => for_model!(target, N => {
                reference::<Fk<Row<N>>>(of, name).spec_on_delete(self.on_delete)
            }),
            (Kind::Reference(target), true) => for_model!(target, N => {
                reference::<Option<Fk<Row<N>>>>(of, name).spec_on_delete(self.on_delete)
            }),
        };
        spec.key = self.key;
        spec.nullable = self.nullable;
        spec.deferrable = self.deferrable;
        spec.version = self.kind == Kind::Version;
        if self.kind == Kind::Drawn {
            spec.generated = Generated::ByDefault;
        }
        spec
    }
}

impl Schema {
    /// The schema of a seed, which becomes the one of this thread.
    pub(super) fn set_up(seed: u64) -> &'static Schema {
        let mut random = Random::new(seed);
        let r = &mut random;
        let tables = (0..MODELS).map(|model| table_def(model, r)).collect();
        // Descriptions of tables live as long as the process.
        let schema: &'static Schema = Box::leak(Box::new(Schema { seed, tables }));
        SCHEMA.set(Some(schema));
        let table = |model| &*Box::leak(Box::new(Table::new(schema.spec(model))));
        TABLES.set(std::array::from_fn(|model| Some(table(model))));
        schema
    }

    /// The name of a model's table.
    pub(super) fn table_name(&self, model: usize) -> String {
        format!("s{}_{}", self.seed, NAMES[model].to_lowercase())
    }

    /// The columns of a model's key.
    pub(super) fn key_columns(&self, model: usize) -> Vec<KeyColumn> {
        let fields = self.tables[model].fields.iter().filter(|field| field.key);
        fields
            .flat_map(|field| match field.kind {
                Kind::Reference(target) => for_model!(target, N => {
                    KeyColumn::of_reference::<Row<N>>(field.name, None)
                }),
                Kind::Text => value::<String>("", field.name).key_columns(None),
                _ => value::<i64>("", field.name).key_columns(None),
            })
            .collect()
    }

    /// How many columns the key of a model has.
    pub(super) fn key_width(&self, model: usize) -> usize {
        let fields = self.tables[model].fields.iter().filter(|field| field.key);
        fields.map(|field| self.width(field)).sum()
    }

    /// How many columns a field has.
    pub(super) fn width(&self, field: &FieldDef) -> usize {
        match field.kind {
            Kind::Reference(target) => self.key_width(target),
            _ => 1,
        }
    }

    /// Whether deleting rows of a model may touch rows of another, or be refused for one.
    pub(super) fn reaches(&self, from: usize, to: usize) -> bool {
        let mut gone = vec![from];
        let mut place = 0;
        while let Some(parent) = gone.get(place).copied() {
            place += 1;
            for (child, table) in self.tables.iter().enumerate() {
                for field in &table.fields {
                    if field.target() != Some(parent) {
                        continue;
                    }
                    if child == to {
                        return true;
                    }
                    if field.on_delete == OnDelete::Cascade && !gone.contains(&child) {
                        gone.push(child);
                    }
                }
            }
        }
        false
    }

    /// Shows every row as a line: its model, its columns, and its version at the end.
    pub(super) fn rows_sql(&self) -> String {
        let tables = (0..MODELS).map(|model| {
            let mut parts = vec![format!("'{}'", NAMES[model])];
            let mut version = "'-'".to_owned();
            for column in table(model).columns() {
                match self.tables[model].fields[column.field].kind {
                    Kind::Version => version = format!("{}::text", column.name),
                    _ => parts.push(format!("coalesce({}::text, '-')", column.name)),
                }
            }
            parts.push(version);
            let (parts, name) = (parts.join(", "), self.table_name(model));
            format!("SELECT concat_ws(' ', {parts}) FROM {name}")
        });
        tables.collect::<Vec<_>>().join(" UNION ALL ")
    }

    fn spec(&self, model: usize) -> TableSpec {
        let def = &self.tables[model];
        let names = |unique: &UniqueDef| NamedFields {
            name: None,
            fields: unique.fields.iter().map(|f| def.fields[*f].name).collect(),
            deferrable: unique.deferrable,
        };
        TableSpec {
            model: NAMES[model],
            schema: None,
            name: self.table_name(model).leak(),
            fields: def.fields.iter().map(|field| field.spec(model)).collect(),
            uniques: def.uniques.iter().map(names).collect(),
            indexes: Vec::new(),
            checks: Vec::new(),
        }
    }
}

fn table_def(model: usize, r: &mut Random) -> TableDef {
    let mut fields = key(model, r);
    if r.once_in(3) {
        fields.push(FieldDef::new("version", Kind::Version));
    }
    fields.push(FieldDef::new("note", Kind::Int).nullable());
    for name in r.some(&REFERENCES, REFERENCES.len()) {
        fields.push(reference_def(name, r.below(MODELS), r));
    }
    let mut uniques = Vec::new();
    for name in r.some(&UNIQUES, UNIQUES.len()) {
        let mut group = Vec::new();
        let references = (0..fields.len()).filter(|field| fields[*field].target().is_some());
        let references: Vec<usize> = references.collect();
        group.extend(r.pick(&references).filter(|_| r.once_in(2)));
        // A reference may be unique by itself.
        if group.is_empty() || !r.once_in(3) {
            let kind = if r.once_in(3) { Kind::Text } else { Kind::Int };
            let field = FieldDef::new(name, kind);
            group.push(fields.len());
            fields.push(if r.once_in(2) {
                field.nullable()
            } else {
                field
            });
        }
        uniques.push(UniqueDef {
            fields: group,
            deferrable: r.once_in(6),
        });
    }
    uniques.dedup_by(|a, b| a.fields == b.fields);
    TableDef { fields, uniques }
}

fn key(model: usize, r: &mut Random) -> Vec<FieldDef> {
    let plain = |r: &mut Random| match r.below(4) {
        0 => Kind::Int,
        1 => Kind::Text,
        _ => Kind::Drawn,
    };
    // A key is not made of itself.
    let above = |r: &mut Random| {
        let on_delete = if r.once_in(2) {
            OnDelete::Cascade
        } else {
            OnDelete::Restrict
        };
        FieldDef {
            on_delete,
            deferrable: r.once_in(6),
            ..FieldDef::key(Kind::Reference(r.below(model)), 0)
        }
    };
    match r.below(6) {
        0 if model > 0 => vec![above(r)],
        1 if model > 0 => vec![above(r), FieldDef::key(Kind::Int, 1)],
        2 => vec![FieldDef::key(Kind::Int, 0), FieldDef::key(Kind::Text, 1)],
        _ => vec![FieldDef::key(plain(r), 0)],
    }
}

fn reference_def(name: &'static str, target: usize, r: &mut Random) -> FieldDef {
    let nullable = !r.once_in(3);
    let on_delete = match r.below(4) {
        0 => OnDelete::Cascade,
        1 if nullable => OnDelete::SetNull,
        _ => OnDelete::Restrict,
    };
    FieldDef {
        nullable,
        on_delete,
        deferrable: r.once_in(6),
        ..FieldDef::new(name, Kind::Reference(target))
    }
}
