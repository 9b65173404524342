//! The models of these cases, and their tables as lines.
//!
//! Every file of the folder uses them.
//! They must not be so few that a verb has nothing to work on, nor so many that a case is slow.

use sessile::prelude::*;

/// A version, a value that is computed, a unique one that is too.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(
    table = "person",
    has_many(notes = Note::AUTHOR, marks = Mark::PERSON, outgoing = Bond::FROM, incoming = Bond::TO),
    has_one(card = Card::OWNER),
    many_to_many(
        topics: Topic = (Mark::PERSON, Mark::TOPIC),
        friends: Person = (Bond::FROM, Bond::TO),
        fans: Person = (Bond::TO, Bond::FROM)
    )
)]
pub(super) struct Person {
    #[model(key, generated)]
    pub(super) id: i64,
    #[model(version)]
    pub(super) version: i32,
    /// A hook fills it.
    pub(super) name: String,
    pub(super) points: i64,
    #[model(unique)]
    pub(super) seat: Option<i64>,
}

/// A given key, no version, a unique value that must not be NULL.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(
    table = "topic",
    has_many(marks = Mark::TOPIC),
    many_to_many(persons: Person = (Mark::TOPIC, Mark::PERSON))
)]
pub(super) struct Topic {
    #[model(key)]
    pub(super) id: i64,
    #[model(unique)]
    pub(super) rank: i64,
    /// A hook makes it even at every UPDATE.
    pub(super) heat: i64,
}

/// An association with a field of its own.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "mark")]
pub(super) struct Mark {
    #[model(key, on_delete = cascade)]
    pub(super) person: Fk<Person>,
    #[model(key, on_delete = cascade(client))]
    pub(super) topic: Fk<Topic>,
    pub(super) extra: Option<i64>,
}

/// Joins persons with each other.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "bond")]
pub(super) struct Bond {
    #[model(key, on_delete = cascade(client))]
    pub(super) from: Fk<Person>,
    #[model(key, on_delete = cascade)]
    pub(super) to: Fk<Person>,
}

/// Is nothing without its author, if it ever had one.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "note")]
pub(super) struct Note {
    #[model(key, generated)]
    pub(super) id: i64,
    #[model(on_delete = cascade, orphan = delete)]
    pub(super) author: Option<Fk<Person>>,
    pub(super) heat: i64,
}

/// The only one of its owner.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "card")]
pub(super) struct Card {
    #[model(key)]
    pub(super) id: i64,
    #[model(unique, on_delete = cascade, orphan = delete)]
    pub(super) owner: Option<Fk<Person>>,
}

/// The first of three levels.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "shelf", has_many(bins = Bin::SHELF))]
pub(super) struct Shelf {
    #[model(key, generated)]
    pub(super) id: i64,
}

/// The second, with a version.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "bin", has_many(items = Item::BIN))]
pub(super) struct Bin {
    #[model(key)]
    pub(super) id: i64,
    #[model(version)]
    pub(super) version: i32,
    #[model(on_delete = cascade(client))]
    pub(super) shelf: Fk<Shelf>,
    pub(super) label: i64,
}

/// The third; each new one is audited.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "item")]
pub(super) struct Item {
    #[model(key, generated)]
    pub(super) id: i64,
    #[model(on_delete = cascade(client))]
    pub(super) bin: Fk<Bin>,
    pub(super) serial: i64,
}

/// A hook adds it.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "audit")]
pub(super) struct Audit {
    #[model(key, generated)]
    pub(super) id: i64,
    pub(super) serial: i64,
}

/// All of them.
pub(super) type All = (
    Person,
    Topic,
    Mark,
    Bond,
    Note,
    Card,
    Shelf,
    Bin,
    Item,
    Audit,
);

/// Every row as a line.
pub(super) const ROWS: &str = "
    SELECT format('person %s v%s %s %s %s', id, version, name, points, coalesce(seat::text, '-'))
        FROM person
    UNION ALL SELECT format('topic %s %s %s', id, rank, heat) FROM topic
    UNION ALL SELECT format('mark %s %s %s', person_id, topic_id, coalesce(extra::text, '-'))
        FROM mark
    UNION ALL SELECT format('bond %s %s', from_id, to_id) FROM bond
    UNION ALL SELECT format('note %s %s %s', id, coalesce(author_id::text, '-'), heat) FROM note
    UNION ALL SELECT format('card %s %s', id, coalesce(owner_id::text, '-')) FROM card
    UNION ALL SELECT format('shelf %s', id) FROM shelf
    UNION ALL SELECT format('bin %s v%s %s %s', id, version, shelf_id, label) FROM bin
    UNION ALL SELECT format('item %s %s %s', id, bin_id, serial) FROM item
    UNION ALL SELECT format('audit %s', serial) FROM audit";

/// Empties the tables without looking at references.
pub(super) const EMPTY: &str = "SET session_replication_role = replica;
    DELETE FROM person; DELETE FROM topic; DELETE FROM mark; DELETE FROM bond; DELETE FROM note;
    DELETE FROM card; DELETE FROM shelf; DELETE FROM bin; DELETE FROM item; DELETE FROM audit";
