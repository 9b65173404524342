//! A desk: folders known by their names, notes without versions, pages that go with their note.
//!
//! The tests of states, transactions and errors use it, where the bank's versions would hide
//! what happens to rows without one.
//! It must not have versions.

use sessile::prelude::*;

use crate::TestDb;

/// A folder; its name is its key and may change.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "folder")]
pub struct Folder {
    /// The key.
    #[model(key)]
    pub name: String,
    /// What is written on it.
    pub label: String,
}

impl Folder {
    /// A folder that is not saved yet.
    pub fn of(name: &str, label: &str) -> Folder {
        Folder {
            name: name.to_owned(),
            label: label.to_owned(),
        }
    }
}

/// A note.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "note", has_many(pages = Page::NOTE))]
pub struct Note {
    /// The key.
    #[model(key, generated)]
    pub id: i64,
    /// Where it is kept.
    #[model(on_delete = set_null)]
    pub folder: Option<Fk<Folder>>,
    /// What it is known by.
    #[model(unique)]
    pub title: String,
    /// What it says.
    pub body: String,
    /// How good it is.
    pub stars: i32,
}

impl Note {
    /// A note that is not saved yet.
    pub fn of(title: &str, body: &str) -> Note {
        Note {
            title: title.to_owned(),
            body: body.to_owned(),
            ..Note::default()
        }
    }
}

/// A page of a note.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "page")]
pub struct Page {
    /// The key.
    #[model(key, generated)]
    pub id: i64,
    /// The note that it belongs to.
    #[model(on_delete = cascade)]
    pub note: Fk<Note>,
    /// What it says.
    pub text: String,
}

impl Page {
    /// A page that is not saved yet.
    pub fn of(note: impl Into<Fk<Note>>, text: &str) -> Page {
        Page {
            note: note.into(),
            text: text.to_owned(),
            ..Page::default()
        }
    }
}

/// A database with an empty desk.
///
/// # Panics
/// As [`TestDb::new`].
pub fn desk() -> TestDb {
    TestDb::new::<(Folder, Note, Page)>()
}

/// A database with the notes 1 `"milk"` and 2 `"rent"`, which say `"buy"` and `"pay"`.
///
/// # Panics
/// As [`TestDb::new`].
pub fn two_notes() -> TestDb {
    let db = desk();
    db.engine()
        .transaction(|s| {
            s.add_all([Note::of("milk", "buy"), Note::of("rent", "pay")]);
            Ok(())
        })
        .expect("an empty desk takes notes");
    db.forget();
    db
}

/// What a second connection sees of the notes: id, title, body and stars.
///
/// # Panics
/// When the server is gone.
pub fn notes(db: &TestDb) -> String {
    db.rows("SELECT id, title, body, stars FROM note ORDER BY id")
}
