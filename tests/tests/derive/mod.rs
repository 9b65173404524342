//! What `#[derive(Model)]` makes of a struct, without a database.
//!
//! Values make a round trip through bytes: `encode` fills a row that `from_row` reads.

mod changes;
mod description;
mod keys;
mod references;
mod rows;

use std::any::Any;

use serde::{Deserialize, Serialize};
use sessile::__private::{BytesMut, ColumnSet, EncodeResult, KeyLookup, RawHandle, Type, row};
use sessile::error::HandleProblem;
use sessile::model::{Fk, RawRow, RowColumn};
use sessile::{Error, Model};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Memo {
    text: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(has_many(entries = Entry::PAYER))]
struct Account {
    #[model(key, generated)]
    id: i64,
    #[model(unique)]
    owner: String,
    ratio: f64,
    #[model(version)]
    version: i32,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(
    table = "ledger",
    schema = "bank",
    index(amount, memo, name = "by_amount")
)]
#[model(
    unique(payer, at),
    check = "amount > 0",
    check("amount < 100", name = "small")
)]
struct Entry {
    #[model(key, generated)]
    id: i64,
    payer: Fk<Account>,
    #[model(on_delete = set_null, index, rename = "receiver")]
    payee: Option<Fk<Account>>,
    #[model(check = "amount <> 7", rename = "cents")]
    amount: i64,
    #[model(json)]
    memo: Memo,
    #[model(json)]
    remark: Option<Memo>,
    #[model(default = "now()")]
    at: jiff::Timestamp,
    #[model(sql_type = "varchar(9)")]
    code: Option<String>,
    #[model(generated(always))]
    doubled: i64,
    #[model(skip)]
    cache: Vec<u8>,
}

/// An association: its key is two references.
#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Share {
    #[model(key)]
    account: Fk<Account>,
    #[model(key, on_delete = cascade)]
    entry: Fk<Entry>,
    weight: i32,
}

/// Its key holds the key of an association, between two values.
#[derive(Model, Clone, Debug, Default, PartialEq)]
struct ShareNote {
    #[model(key)]
    page: i32,
    #[model(key, on_delete = cascade(client))]
    share: Fk<Share>,
    #[model(key, rename = "lang")]
    language: String,
}

/// The bytes of a row, and what its columns are called.
struct FakeRow {
    columns: Vec<RowColumn>,
    fields: Vec<Option<Vec<u8>>>,
}

impl RawRow for FakeRow {
    fn field(&self, column: usize) -> Option<&[u8]> {
        self.fields[column].as_deref()
    }
}

impl FakeRow {
    /// What the server would send back for these fields of an object.
    fn of<M: Model>(object: &M, fields: ColumnSet) -> FakeRow {
        let mut fake = FakeRow {
            columns: Vec::new(),
            fields: Vec::new(),
        };
        for column in M::table().columns_of(fields) {
            let ty = column.ty.wire.clone().map_or(Type::TEXT, |(ty, _)| ty);
            let bytes = bytes(|out| object.encode(column.field, column.part, &ty, out, &NoHandles));
            fake.columns.push(RowColumn {
                name: column.name.clone(),
                ty,
            });
            fake.fields
                .push(bytes.expect("its references hold keys, its values fit"));
        }
        fake
    }

    fn whole<M: Model>(object: &M) -> FakeRow {
        FakeRow::of(object, M::table().all_fields())
    }

    fn read<M: Model>(&self) -> Result<M, Error> {
        M::from_row(&row(&self.columns, self), 0)
    }
}

struct NoHandles;

impl KeyLookup for NoHandles {
    fn key_of(&self, _: RawHandle) -> Result<Option<&dyn Any>, HandleProblem> {
        Err(HandleProblem::Foreign)
    }
}

/// What a call encoded; `None` for NULL.
fn bytes(encode: impl FnOnce(&mut BytesMut) -> EncodeResult) -> Result<Option<Vec<u8>>, String> {
    let mut out = BytesMut::new();
    match encode(&mut out) {
        Ok(postgres_types::IsNull::Yes) => Ok(None),
        Ok(postgres_types::IsNull::No) => Ok(Some(out.to_vec())),
        Err(error) => Err(error.to_string()),
    }
}

fn entry() -> Entry {
    Entry {
        id: 5,
        payer: Fk::to(1),
        payee: None,
        amount: 12,
        memo: Memo {
            text: "tea".to_owned(),
        },
        code: Some("x1".to_owned()),
        doubled: 24,
        ..Entry::default()
    }
}

fn set(fields: &[usize]) -> ColumnSet {
    fields.iter().copied().collect()
}
