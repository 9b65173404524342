//! Hostile text at every place where text from outside can enter: it comes back as data, is quoted
//! as a name, or is refused with a typed error, and nothing else in the database changes.
//!
//! `values` is for what is written and read, `expressions` for operands, `names` for what queries
//! and columns are called, `raw` for SQL in the caller's own words, `settings` for what reaches
//! the server beside statements.

mod expressions;
mod names;
mod raw;
mod settings;
mod values;

use serde_json::Value;
use sessile::prelude::*;
use sessile_tests::TestDb;

/// Texts that mean something to SQL, to patterns, to regular expressions, to templates, to JSON,
/// to arrays or to COPY.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "'",
    "''",
    "\"",
    "\"\"",
    "`",
    "\\",
    "\\'",
    "\\\\'; --",
    "E'\\x'",
    "$1",
    "$2::text",
    "$99999999999999999999",
    "$$",
    "$tag$ $tag$",
    "?",
    "??",
    "?1",
    ":id",
    "::text",
    ":'name'",
    "@name",
    "{}",
    "{0}",
    "{{}}",
    "}",
    "--",
    "a -- b",
    "/*",
    "*/",
    "*/ /*",
    "/* '*/",
    ";",
    "; DROP TABLE canary; --",
    "'; DROP TABLE canary; --",
    "\"; DROP TABLE canary; --",
    "') OR 1=1; DELETE FROM canary; --",
    "\\'; DELETE FROM canary; --",
    "$$; DELETE FROM canary; $$",
    "*/; DELETE FROM canary; /*",
    "\n; DELETE FROM canary; --\n",
    "' UNION SELECT id, name FROM canary --",
    "%",
    "_",
    "%_\\%",
    "%27",
    "(",
    "[a-",
    "(a+)+$",
    "\\N",
    "\\.",
    "a\tb",
    "a\nb\r\nc",
    "\u{1}\u{1b}[0m",
    "{\"a\": \"'\"}",
    "{a,\"b\",NULL}",
    "null",
    "NULL",
    "\u{2018}x\u{2019} \u{ff07}x\u{ff07} \u{02bc}",
    "\u{202e}elbat pord",
    "\u{feff}\u{200b}",
    "e\u{301} é",
    "👩‍👩‍👧 🦀",
    "\u{10ffff}",
];

/// The texts, and one that is longer than any buffer begins with.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    all.push("'\"\\$1;--".repeat(5_000));
    all
}

/// Text that PostgreSQL has no room for in any value or name.
const NUL: &str = "a\0b'; DROP TABLE canary; --";

/// What must be there afterwards as it was before.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "canary")]
struct Canary {
    #[model(key)]
    id: i64,
    name: String,
}

/// A row with text of most kinds; known by its text as well.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "note")]
struct Note {
    #[model(key, generated)]
    id: i64,
    #[model(unique)]
    text: String,
    maybe: Option<String>,
    words: Vec<String>,
    #[model(json, default = "'null'")]
    memo: Value,
}

impl Note {
    fn of(text: &str) -> Note {
        Note {
            text: text.to_owned(),
            maybe: Some(text.to_owned()),
            words: vec![text.to_owned(), text.to_owned()],
            memo: memo(text),
            ..Note::default()
        }
    }
}

/// JSON with the text as a key and as a value.
fn memo(text: &str) -> Value {
    let mut object = serde_json::Map::new();
    object.insert(text.to_owned(), Value::from(text));
    Value::Object(object)
}

/// A row whose key is text, and one that refers to it.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "place", has_many(inside = Place::WITHIN))]
struct Place {
    #[model(key)]
    name: String,
    within: Option<Fk<Place>>,
}

/// A database with a canary.
fn cage() -> TestDb {
    let db = TestDb::with::<(Canary, Note, Place)>("INSERT INTO canary VALUES (1, 'a'), (2, 'b')");
    db.forget();
    db
}

/// Nothing has happened to the canary.
#[track_caller]
fn assert_alive(db: &TestDb) {
    assert_eq!(
        db.rows("SELECT * FROM canary ORDER BY id"),
        "1 | a\n2 | b\n"
    );
}

/// What a call with this text failed with, in a session that goes on afterwards.
#[track_caller]
fn refused<T: std::fmt::Debug>(s: &mut Session, result: Result<T>) -> ErrorKind {
    let kind = result.unwrap_err().kind().clone();
    s.rollback().unwrap();
    kind
}
