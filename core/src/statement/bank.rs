//! A bank's models, described by hand, for the unit tests of this room and the one above.
//!
//! Tests only.
//! It must not be used for rows: only the parts of `Model` that describe are there.

use std::any::{Any, TypeId};
use std::sync::OnceLock;

use bytes::BytesMut;
use postgres_types::Type;

use crate::error::{Error, HandleProblem};
use crate::model::{
    BelongsTo, Column, ColumnSet, EncodeResult, FieldKind, FieldSpec, ForeignKeySpec, Generated,
    KeyColumn, KeyLookup, Model, NamedFields, OnDelete, Optional, RawHandle, Reference, Row,
    SqlType, Table, TableSpec, TypeInfo, encode_value,
};

macro_rules! described {
    ($model:ident, $key:ty, $columns:expr, $encode:expr, $spec:expr) => {
        #[derive(Clone, Debug)]
        pub(crate) struct $model;

        impl Model for $model {
            type Key = $key;
            type KeyParts = $key;
            const NAME: &'static str = stringify!($model);

            fn table() -> &'static Table {
                static TABLE: OnceLock<Table> = OnceLock::new();
                TABLE.get_or_init(|| Table::new($spec))
            }

            fn key_columns() -> Vec<KeyColumn> {
                let columns: &[(&str, TypeInfo)] = &$columns;
                let column = |(name, ty): &(&str, TypeInfo)| KeyColumn {
                    name: (*name).to_owned(),
                    ty: ty.clone(),
                };
                columns.iter().map(column).collect()
            }

            fn encode_key(
                key: &Self::Key,
                part: usize,
                ty: &Type,
                out: &mut BytesMut,
            ) -> EncodeResult {
                let encode: fn(&$key, usize, &Type, &mut BytesMut) -> EncodeResult = $encode;
                encode(key, part, ty, out)
            }

            fn key(&self) -> Option<Self::Key> {
                unimplemented!()
            }
            fn decode_key(_: &Row<'_>, _: usize) -> Result<Option<Self::Key>, Error> {
                unimplemented!()
            }
            fn from_row(_: &Row<'_>, _: usize) -> Result<Self, Error> {
                unimplemented!()
            }
            fn read_fields(&mut self, _: ColumnSet, _: &Row<'_>, _: usize) -> Result<(), Error> {
                unimplemented!()
            }
            fn adopt(&mut self, _: Self, _: ColumnSet) {}
            fn changed(&self, _: &Self) -> ColumnSet {
                unimplemented!()
            }
            fn defaulted(&self, _: ColumnSet) -> ColumnSet {
                unimplemented!()
            }
            fn reset(&mut self, _: ColumnSet) {}
            fn normalize(&mut self) {}
            fn encode(
                &self,
                _: usize,
                _: usize,
                _: &Type,
                _: &mut BytesMut,
                _: &dyn KeyLookup,
            ) -> EncodeResult {
                unimplemented!()
            }
            fn reference(&self, _: usize) -> Option<Reference<'_, dyn Any>> {
                None
            }
            fn set_reference_key(&mut self, _: usize, _: &dyn Any) {}
            fn set_reference_handle(&mut self, _: usize, _: RawHandle) {}
            fn clear_reference(&mut self, _: usize) {}
            fn bump_version(&mut self) {}
            fn start_version(&mut self) {}
        }
    };
}

described!(
    Account,
    i64,
    [("id", TypeInfo::of::<i64>())],
    |key, _, ty, out| encode_value(key, ty, out),
    TableSpec {
        fields: vec![
            id(),
            FieldSpec {
                unique: true,
                ..value::<String>("owner")
            },
            value::<i64>("balance"),
            value::<Option<String>>("nickname"),
            value::<bool>("active"),
            value::<f64>("rate"),
            FieldSpec {
                version: true,
                ..value::<i32>("version")
            },
        ],
        ..table("Account", "account")
    }
);

impl Account {
    pub(crate) const ID: Column<Account, i64> = Column::new(0);
    pub(crate) const OWNER: Column<Account, String> = Column::new(1);
    pub(crate) const BALANCE: Column<Account, i64> = Column::new(2);
    pub(crate) const NICKNAME: Column<Account, Option<String>> = Column::new(3);
    pub(crate) const ACTIVE: Column<Account, bool> = Column::new(4);
    pub(crate) const RATE: Column<Account, f64> = Column::new(5);
    pub(crate) const VERSION: Column<Account, i32> = Column::new(6);
}

described!(
    Entry,
    i64,
    [("id", TypeInfo::of::<i64>())],
    |key, _, ty, out| encode_value(key, ty, out),
    TableSpec {
        fields: vec![
            id(),
            reference::<Account>("payer", OnDelete::Restrict),
            FieldSpec {
                nullable: true,
                ..reference::<Account>("payee", OnDelete::SetNull)
            },
            value::<i64>("amount"),
            FieldSpec {
                default: Some("now()"),
                generated: Generated::ByDefault,
                ..named("at", "timestamptz")
            },
        ],
        indexes: vec![group(&["payee", "at"])],
        ..table("Entry", "entry")
    }
);

impl Entry {
    pub(crate) const ID: Column<Entry, i64> = Column::new(0);
    pub(crate) const PAYER: BelongsTo<Entry, Account> = BelongsTo::new(1);
    pub(crate) const PAYEE: BelongsTo<Entry, Account, Optional> = BelongsTo::new(2);
    pub(crate) const AMOUNT: Column<Entry, i64> = Column::new(3);
}

described!(
    Seat,
    (String, i32),
    [
        ("row", TypeInfo::of::<String>()),
        ("number", TypeInfo::of::<i32>())
    ],
    |key, part, ty, out| match part {
        0 => encode_value(&key.0, ty, out),
        _ => encode_value(&key.1, ty, out),
    },
    TableSpec {
        schema: Some("hall"),
        fields: vec![
            FieldSpec {
                key: true,
                ..value::<String>("row")
            },
            FieldSpec {
                key: true,
                ..value::<i32>("number")
            },
        ],
        ..table("Seat", "seat")
    }
);

described!(
    Ticket,
    i64,
    [("id", TypeInfo::of::<i64>())],
    |key, _, ty, out| encode_value(key, ty, out),
    TableSpec {
        schema: Some("hall"),
        fields: vec![id(), reference::<Seat>("seat", OnDelete::Cascade)],
        ..table("Ticket", "ticket")
    }
);

impl Ticket {
    pub(crate) const ID: Column<Ticket, i64> = Column::new(0);
    pub(crate) const SEAT: BelongsTo<Ticket, Seat> = BelongsTo::new(1);
}

pub(crate) fn table(model: &'static str, name: &'static str) -> TableSpec {
    TableSpec {
        model,
        schema: None,
        name,
        fields: Vec::new(),
        uniques: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
    }
}

pub(crate) fn field(name: &'static str, kind: FieldKind, nullable: bool) -> FieldSpec {
    FieldSpec {
        name,
        rename: None,
        kind,
        nullable,
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

pub(crate) fn value<T: SqlType>(name: &'static str) -> FieldSpec {
    field(name, FieldKind::Value(TypeInfo::of::<T>()), T::NULLABLE)
}

pub(crate) fn named(name: &'static str, ty: &'static str) -> FieldSpec {
    field(name, FieldKind::Value(TypeInfo::named(ty)), false)
}

pub(crate) fn reference<P: Model>(name: &'static str, on_delete: OnDelete) -> FieldSpec {
    let to = ForeignKeySpec::to::<P>(on_delete, false);
    field(name, FieldKind::Reference(to), false)
}

/// A reference to a table that is no model's.
pub(crate) fn reference_to(
    name: &'static str,
    target: fn() -> &'static Table,
    on_delete: OnDelete,
) -> FieldSpec {
    let to = ForeignKeySpec {
        target,
        target_id: TypeId::of::<()>(),
        target_key: Account::key_columns,
        on_delete,
        client: false,
    };
    field(name, FieldKind::Reference(to), false)
}

pub(crate) fn id() -> FieldSpec {
    FieldSpec {
        key: true,
        generated: Generated::ByDefault,
        ..value::<i64>("id")
    }
}

pub(crate) fn group(fields: &[&'static str]) -> NamedFields {
    NamedFields {
        name: None,
        fields: fields.to_vec(),
        deferrable: false,
    }
}

/// A session without objects.
pub(crate) struct NoObjects;

impl KeyLookup for NoObjects {
    fn key_of(&self, _: RawHandle) -> Result<Option<&dyn Any>, HandleProblem> {
        Err(HandleProblem::Foreign)
    }
}
