//! The tables, the objects and loaded collections, each as the plain model says.
//!
//! `cases` compares after every flush and every rollback.
//! It must not read by verbs that load: what was not loaded stays so.

use std::fmt::Display;

use sessile::ErrorKind;
use sessile::prelude::*;

use super::models::{Bin, Person, Shelf, Topic};
use super::world::{Id, Pair, World};

impl World {
    /// The rows as the tables should show them.
    pub(super) fn rows(&self) -> Vec<String> {
        let t = &self.now;
        let person = |id: &Id| t.persons[id].key.unwrap();
        let mut rows = Vec::new();
        for (id, row) in &t.persons {
            let seat = or_dash(row.seat);
            let (version, name, points) = (row.version, &row.name, row.points);
            rows.push(format!(
                "person {} v{version} {name} {points} {seat}",
                person(id)
            ));
        }
        for row in t.topics.values() {
            rows.push(format!("topic {} {} {}", row.key, row.rank, row.heat));
        }
        for (pair, row) in &t.pairs {
            rows.push(match pair {
                Pair::Mark(one, other) => {
                    let (topic, extra) = (t.topics[other].key, or_dash(row.extra));
                    format!("mark {} {topic} {extra}", person(one))
                }
                Pair::Bond(one, other) => format!("bond {} {}", person(one), person(other)),
            });
        }
        for row in t.notes.values() {
            let author = or_dash(row.author.as_ref().map(person));
            rows.push(format!("note {} {author} {}", row.key.unwrap(), row.heat));
        }
        for row in t.cards.values() {
            let owner = or_dash(row.owner.as_ref().map(person));
            rows.push(format!("card {} {owner}", row.key));
        }
        for row in t.shelves.values() {
            rows.push(format!("shelf {}", row.key.unwrap()));
        }
        for row in t.bins.values() {
            let shelf = t.shelves[&row.shelf].key.unwrap();
            rows.push(format!(
                "bin {} v{} {shelf} {}",
                row.key, row.version, row.label
            ));
        }
        for row in t.items.values() {
            let bin = t.bins[&row.bin].key;
            rows.push(format!("item {} {bin} {}", row.key.unwrap(), row.serial));
        }
        rows.extend(t.audits.iter().map(|serial| format!("audit {serial}")));
        rows.sort();
        rows
    }

    /// The rows whose objects the session has, as the objects show them.
    pub(super) fn objects(&self, s: &Session) -> Vec<String> {
        let t = &self.now;
        let mut rows = Vec::new();
        for row in t.persons.values().filter_map(|row| row.handle) {
            let Person {
                id,
                version,
                name,
                points,
                seat,
            } = &s[row];
            rows.push(format!(
                "person {id} v{version} {name} {points} {}",
                or_dash(*seat)
            ));
        }
        for row in t.topics.values().filter_map(|row| row.handle) {
            let row = &s[row];
            rows.push(format!("topic {} {} {}", row.id, row.rank, row.heat));
        }
        for row in t.pairs.values().filter_map(|row| row.handle) {
            let row = &s[row];
            let (person, topic) = (key(Some(&row.person)), key(Some(&row.topic)));
            rows.push(format!("mark {person} {topic} {}", or_dash(row.extra)));
        }
        for row in t.notes.values().filter_map(|row| row.handle) {
            let row = &s[row];
            rows.push(format!(
                "note {} {} {}",
                row.id,
                key(row.author.as_ref()),
                row.heat
            ));
        }
        for row in t.cards.values().filter_map(|row| row.handle) {
            let row = &s[row];
            rows.push(format!("card {} {}", row.id, key(row.owner.as_ref())));
        }
        for row in t.shelves.values().filter_map(|row| row.handle) {
            rows.push(format!("shelf {}", s[row].id));
        }
        for row in t.bins.values().filter_map(|row| row.handle) {
            let row = &s[row];
            let shelf = key(Some(&row.shelf));
            rows.push(format!(
                "bin {} v{} {shelf} {}",
                row.id, row.version, row.label
            ));
        }
        for row in t.items.values().filter_map(|row| row.handle) {
            let row = &s[row];
            rows.push(format!(
                "item {} {} {}",
                row.id,
                key(Some(&row.bin)),
                row.serial
            ));
        }
        rows.sort();
        rows
    }

    /// RL-1: every loaded collection is what the tables say. How many there were.
    pub(super) fn compare_loaded(&self, s: &Session) -> u64 {
        let t = &self.now;
        let mut loaded = 0;
        let mut compare = |what: &str, found: Result<Vec<i64>>, mut expected: Vec<i64>| match found
        {
            Ok(mut found) => {
                loaded += 1;
                found.sort_unstable();
                expected.sort_unstable();
                assert_eq!(found, expected, "{what}");
            }
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::NotLoaded { .. }),
                "{what}: {error:?}"
            ),
        };
        for (id, row) in &t.persons {
            let Some(h) = row.handle else { continue };
            let notes = t.notes.values().filter(|note| note.author == Some(*id));
            let notes = notes.map(|note| note.key.unwrap()).collect();
            let cards = t.cards.values().filter(|card| card.owner == Some(*id));
            let cards = cards.map(|card| card.key).collect();
            let mut topics = Vec::new();
            let mut friends = Vec::new();
            let mut fans = Vec::new();
            for pair in t.pairs.keys() {
                match pair {
                    Pair::Mark(one, other) if one == id => topics.push(t.topics[other].key),
                    Pair::Bond(one, other) => {
                        if one == id {
                            friends.push(t.persons[other].key.unwrap());
                        }
                        if other == id {
                            fans.push(t.persons[one].key.unwrap());
                        }
                    }
                    Pair::Mark(..) => {}
                }
            }
            compare("notes", keys(s, s.loaded(h, Person::NOTES)), notes);
            let card = s
                .loaded(h, Person::CARD)
                .map(|card| card.into_iter().collect());
            compare("card", keys(s, card), cards);
            let marks = s.loaded(h, Person::MARKS).map(|marks| {
                marks
                    .into_iter()
                    .map(|mark| *s[mark].topic.key().unwrap())
                    .collect()
            });
            compare("marks", marks, topics.clone());
            compare("topics", keys(s, s.loaded(h, Person::TOPICS)), topics);
            compare("friends", keys(s, s.loaded(h, Person::FRIENDS)), friends);
            compare("fans", keys(s, s.loaded(h, Person::FANS)), fans);
        }
        for (id, row) in &t.topics {
            let Some(h) = row.handle else { continue };
            let pairs = t.pairs.keys();
            let persons = pairs.filter_map(|pair| match pair {
                Pair::Mark(one, other) if other == id => t.persons[one].key,
                _ => None,
            });
            compare(
                "persons",
                keys(s, s.loaded(h, Topic::PERSONS)),
                persons.collect(),
            );
        }
        for (id, row) in &t.shelves {
            let Some(h) = row.handle else { continue };
            let bins = t.bins.values().filter(|bin| bin.shelf == *id);
            compare(
                "bins",
                keys(s, s.loaded(h, Shelf::BINS)),
                bins.map(|bin| bin.key).collect(),
            );
        }
        for (id, row) in &t.bins {
            let Some(h) = row.handle else { continue };
            let items = t.items.values().filter(|item| item.bin == *id);
            let items = items.map(|item| item.key.unwrap()).collect();
            compare("items", keys(s, s.loaded(h, Bin::ITEMS)), items);
        }
        loaded
    }
}

fn keys<T: Model<Key = i64>>(s: &Session, found: Result<Vec<Handle<T>>>) -> Result<Vec<i64>> {
    found?.into_iter().map(|handle| s.key(handle)).collect()
}

fn or_dash<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn key<T: Model<Key: Display>>(fk: Option<&Fk<T>>) -> String {
    match fk {
        Some(fk) => or_dash(fk.key()),
        None => "-".to_owned(),
    }
}
