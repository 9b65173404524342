//! The models that the flush tests share.
//!
//! Named after what they are for; a model that only one file needs stands in that file.

use sessile::prelude::*;

/// An identity key, a column that may be NULL, a unique one that may be NULL.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "users", has_many(addresses = Address::USER))]
pub(super) struct User {
    #[model(key, generated)]
    pub(super) id: i64,
    pub(super) name: String,
    #[model(unique)]
    pub(super) email: Option<String>,
}

impl User {
    pub(super) fn named(name: &str) -> User {
        User {
            name: name.to_owned(),
            ..User::default()
        }
    }

    pub(super) fn at(name: &str, email: &str) -> User {
        User {
            email: Some(email.to_owned()),
            ..User::named(name)
        }
    }
}

/// A child that may be without a parent.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "addresses", has_many(letters = Letter::ADDRESS))]
pub(super) struct Address {
    #[model(key, generated)]
    pub(super) id: i64,
    pub(super) user: Option<Fk<User>>,
    pub(super) street: String,
}

impl Address {
    pub(super) fn of(user: impl Into<Option<Fk<User>>>, street: &str) -> Address {
        Address {
            user: user.into(),
            street: street.to_owned(),
            ..Address::default()
        }
    }
}

/// A child of the child, which needs its parent.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "letters")]
pub(super) struct Letter {
    #[model(key, generated)]
    pub(super) id: i64,
    pub(super) address: Fk<Address>,
    pub(super) text: String,
}

impl Letter {
    pub(super) fn to(address: impl Into<Fk<Address>>, text: &str) -> Letter {
        Letter {
            address: address.into(),
            text: text.to_owned(),
            ..Letter::default()
        }
    }
}

/// A tree whose keys the database makes.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "nodes", has_many(children = Node::PARENT))]
pub(super) struct Node {
    #[model(key, generated)]
    pub(super) id: i64,
    pub(super) parent: Option<Fk<Node>>,
    pub(super) data: String,
}

impl Node {
    pub(super) fn under(parent: impl Into<Option<Fk<Node>>>, data: &str) -> Node {
        Node {
            parent: parent.into(),
            data: data.to_owned(),
            ..Node::default()
        }
    }
}

/// A tree whose keys the program makes.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "folders")]
pub(super) struct Folder {
    #[model(key)]
    pub(super) path: String,
    pub(super) parent: Option<Fk<Folder>>,
}

impl Folder {
    pub(super) fn under(parent: impl Into<Option<Fk<Folder>>>, path: &str) -> Folder {
        Folder {
            path: path.to_owned(),
            parent: parent.into(),
        }
    }
}

/// A row with a version.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "notes")]
pub(super) struct Note {
    #[model(key)]
    pub(super) id: i64,
    #[model(version)]
    pub(super) version: i32,
    pub(super) text: String,
    pub(super) stars: i32,
}

impl Note {
    pub(super) fn new(id: i64, text: &str) -> Note {
        Note {
            id,
            text: text.to_owned(),
            ..Note::default()
        }
    }
}

/// Saves these rows in a transaction of their own.
pub(super) fn save<M: Model>(db: &sessile_tests::TestDb, rows: impl IntoIterator<Item = M>) {
    let mut s = db.session();
    s.add_all(rows);
    s.commit().unwrap();
    db.forget();
}
