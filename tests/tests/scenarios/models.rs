//! The models that the scenarios share.
//!
//! Named after what they are for; the letters are those of the collection of scenarios.
//! It must not hold what only one test needs.

use sessile::prelude::*;
use sessile_tests::TestDb;

/// A: an identity, a unique value that may be NULL, children that stay without it.
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
}

/// A: a child that may be without its parent.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "addresses")]
pub(super) struct Address {
    #[model(key, generated)]
    pub(super) id: i64,
    #[model(on_delete = set_null)]
    pub(super) user: Option<Fk<User>>,
    pub(super) email: String,
}

impl Address {
    pub(super) fn of(user: impl Into<Option<Fk<User>>>, email: &str) -> Address {
        Address {
            user: user.into(),
            email: email.to_owned(),
            ..Address::default()
        }
    }
}

/// A′ and P: a parent that takes its children along.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "members", has_many(boxes = Mailbox::MEMBER))]
pub(super) struct Member {
    #[model(key, generated)]
    pub(super) id: i64,
    pub(super) name: String,
}

/// A′ and P: a child that is nothing without its parent.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "mailboxes")]
pub(super) struct Mailbox {
    #[model(key, generated)]
    pub(super) id: i64,
    #[model(on_delete = cascade)]
    pub(super) member: Fk<Member>,
    pub(super) email: String,
}

impl Mailbox {
    pub(super) fn of(member: impl Into<Fk<Member>>, email: &str) -> Mailbox {
        Mailbox {
            member: member.into(),
            email: email.to_owned(),
            ..Mailbox::default()
        }
    }
}

/// N: a tree that goes with its root.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "nodes", has_many(children = Node::PARENT))]
pub(super) struct Node {
    #[model(key, generated)]
    pub(super) id: i64,
    #[model(on_delete = cascade)]
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

/// M: an item with keywords.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "items", has_many(taggings = Tagging::ITEM))]
pub(super) struct Item {
    #[model(key, generated)]
    pub(super) id: i64,
    pub(super) name: String,
}

impl Item {
    pub(super) fn named(name: &str) -> Item {
        Item {
            name: name.to_owned(),
            ..Item::default()
        }
    }
}

/// M: a keyword of items.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "keywords", has_many(taggings = Tagging::KEYWORD))]
pub(super) struct Keyword {
    #[model(key, generated)]
    pub(super) id: i64,
    pub(super) word: String,
}

impl Keyword {
    pub(super) fn of(word: &str) -> Keyword {
        Keyword {
            word: word.to_owned(),
            ..Keyword::default()
        }
    }
}

/// M: an item has a keyword.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "taggings")]
pub(super) struct Tagging {
    #[model(key)]
    pub(super) item: Fk<Item>,
    #[model(key)]
    pub(super) keyword: Fk<Keyword>,
}

impl Tagging {
    pub(super) fn of(item: impl Into<Fk<Item>>, keyword: impl Into<Fk<Keyword>>) -> Tagging {
        Tagging {
            item: item.into(),
            keyword: keyword.into(),
        }
    }
}

/// V: a row with a version.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "notes")]
pub(super) struct Note {
    #[model(key, generated)]
    pub(super) id: i64,
    #[model(version)]
    pub(super) version: i32,
    pub(super) text: String,
}

/// Users `ann` with three addresses `a1`, `a2`, `a3` and `bob` with `b1`.
pub(super) fn users() -> TestDb {
    TestDb::with::<(User, Address)>(
        "INSERT INTO users (name, email) VALUES ('ann', 'ann@x'), ('bob', NULL);
         INSERT INTO addresses (user_id, email) VALUES (1, 'a1'), (1, 'a2'), (2, 'b1'), (1, 'a3')",
    )
}

pub(super) const ADDRESSES: &str = "SELECT id, user_id, email FROM addresses ORDER BY id";

/// Members `ann`, `bob` and `cid` with three mailboxes each, nine in all.
pub(super) fn members() -> TestDb {
    TestDb::with::<(Member, Mailbox)>(
        "INSERT INTO members (name) VALUES ('ann'), ('bob'), ('cid');
         INSERT INTO mailboxes (member_id, email)
         SELECT m, 'box ' || m || n FROM generate_series(1, 3) m, generate_series(1, 3) n",
    )
}

pub(super) const MEMBERS_AND_BOXES: &str =
    "SELECT name, email FROM members m LEFT JOIN mailboxes b ON m.id = member_id ORDER BY 1, 2";

/// Item `tea` with the keywords `k1` and `k2`.
pub(super) fn tagged() -> TestDb {
    TestDb::with::<(Item, Keyword, Tagging)>(TEA)
}

const TEA: &str = "INSERT INTO items (name) VALUES ('tea');
     INSERT INTO keywords (word) VALUES ('k1'), ('k2');
     INSERT INTO taggings VALUES (1, 1), (1, 2)";

pub(super) const TAGGINGS: &str = "SELECT name, word FROM taggings \
     JOIN items i ON i.id = item_id JOIN keywords k ON k.id = keyword_id ORDER BY 1, 2";

/// Four notes, `old`.
pub(super) fn notes() -> TestDb {
    TestDb::with::<Note>(
        "INSERT INTO notes (version, text) SELECT 1, 'old' FROM generate_series(1, 4)",
    )
}

pub(super) const NOTES: &str = "SELECT id, version, text FROM notes ORDER BY id";
