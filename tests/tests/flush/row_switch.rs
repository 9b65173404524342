//! A new object takes the place of a deleted one: the row stays (PK-2).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Folder, Note, save};

/// A parent whose children go with it.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "shelves", has_many(books = Book::SHELF))]
struct Shelf {
    #[model(key)]
    name: String,
    #[model(unique)]
    code: Option<String>,
    #[model(default = "'oak'")]
    wood: String,
    #[model(generated(always), default = "upper(name)")]
    label: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "books")]
struct Book {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade)]
    shelf: Fk<Shelf>,
}

/// A key of two parts, one of which goes with its shelf.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "labels", has_many(notes = Remark::LABEL))]
struct Label {
    #[model(key, on_delete = cascade)]
    shelf: Fk<Shelf>,
    #[model(key)]
    place: i32,
    text: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "remarks")]
struct Remark {
    #[model(key)]
    id: i64,
    label: Fk<Label>,
}

fn shelf(name: &str, code: &str) -> Shelf {
    Shelf {
        name: name.to_owned(),
        code: Some(code.to_owned()),
        ..Shelf::default()
    }
}

const SHELVES: &str = "SELECT name, code, wood, label FROM shelves ORDER BY name";

/// S58: one UPDATE of what differs; what is left to the database stays as the row has it.
#[test]
fn a_new_object_takes_the_row_of_a_deleted_one() {
    let db = TestDb::new::<Shelf>();
    save(
        &db,
        [Shelf {
            wood: "ash".to_owned(),
            ..shelf("a", "1")
        }],
    );
    let mut s = db.session();
    let old = s.get::<Shelf>("a").unwrap().unwrap();
    db.forget();
    s.delete(old).unwrap();
    let new = s.add(shelf("a", "2"));
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE shelves SET code ×1 WHERE name RETURNING label
    "#]]);
    assert_eq!((s[new].wood.as_str(), s[new].label.as_str()), ("ash", "A"));
    assert_eq!(
        (s.state(old), s.state(new)),
        (State::Deleted, State::Persistent)
    );
    assert_eq!(s.get::<Shelf>("a").unwrap(), Some(new));
    s[new].wood = "elm".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE shelves SET wood ×1 WHERE name RETURNING label
        COMMIT
    "#]]);
    assert_eq!(s.state(old), State::Gone);
    assert_eq!(db.rows(SHELVES), "a | 2 | elm | A\n");
}

/// PK-2: nothing differs, nothing is sent.
#[test]
fn an_object_that_is_replaced_by_its_like_costs_nothing() {
    let db = TestDb::new::<Shelf>();
    save(&db, [shelf("a", "1")]);
    let mut s = db.session();
    let old = s.get::<Shelf>("a").unwrap().unwrap();
    db.forget();
    s.delete(old).unwrap();
    let new = s.add(shelf("a", "1"));
    assert!(s.plan().unwrap().is_empty());
    assert_eq!(
        (s.state(old), s.state(new)),
        (State::MarkedDeleted, State::Pending)
    );
    s.flush().unwrap();
    db.assert_statements(expect![[""]]);
    assert_eq!(s.local::<Shelf>(&"a".to_owned()), Some(new));
    assert_eq!((s[new].wood.as_str(), s[new].label.as_str()), ("oak", "A"));
    s.rollback().unwrap();
    assert_eq!(s.local::<Shelf>(&"a".to_owned()), Some(old));
    assert_eq!(
        (s.state(old), s.state(new)),
        (State::Persistent, State::Gone)
    );
    assert_eq!(s.detach(new).unwrap(), shelf("a", "1"));
    assert_eq!(s[old].wood, "oak");
}

/// VN-1: the row's version goes on from where it was.
#[test]
fn a_row_that_changes_its_object_counts_on() {
    let db = TestDb::new::<Note>();
    save(&db, [Note::new(1, "one")]);
    let mut s = db.session();
    let old = s.get::<Note>(1).unwrap().unwrap();
    s[old].stars = 1;
    s.flush().unwrap();
    db.forget();
    s.delete(old).unwrap();
    let new = s.add(Note::new(1, "new"));
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE notes SET version, text, stars ×1 WHERE id, version
    "#]]);
    assert_eq!(s[new].version, 3);
    // A version that was given is the one that is written.
    s.delete(new).unwrap();
    let third = s.add(Note {
        version: 9,
        ..Note::new(1, "third")
    });
    s.commit().unwrap();
    assert_eq!(s[third].version, 9);
    assert_eq!(
        db.rows("SELECT id, version, text, stars FROM notes"),
        "1 | 9 | third | 0\n"
    );
}

/// VN-1, FL-8
#[test]
fn a_row_that_somebody_else_has_written_is_not_taken() {
    let db = TestDb::new::<Note>();
    save(&db, [Note::new(1, "one")]);
    let mut s = db.session();
    let old = s.get::<Note>(1).unwrap().unwrap();
    db.look().run("UPDATE notes SET version = 5");
    s.delete(old).unwrap();
    s.add(Note::new(1, "new"));
    let error = s.flush().unwrap_err();
    expect!["stale Note: 1 (version 1 expected) changed or deleted by somebody else"]
        .assert_eq(&error.to_string());
    s.rollback().unwrap();
    assert_eq!(
        (s.state(old), s[old].text.as_str()),
        (State::Persistent, "one")
    );
}

/// RL-2: the row stays, so nothing happens to its children, and nothing is refused.
#[test]
fn children_of_a_row_that_stays_stay() {
    let db = TestDb::new::<(Shelf, Book, Label, Remark)>();
    let mut s = db.session();
    let old = s.add(shelf("a", "1"));
    let book = s.add(Book {
        id: 1,
        shelf: old.into(),
    });
    s.commit().unwrap();
    s.get::<Book>(1).unwrap();
    s.get::<Shelf>("a").unwrap();
    db.forget();
    s.delete(old).unwrap();
    let new = s.add(shelf("a", "2"));
    let second = s.add(Book {
        id: 2,
        shelf: new.into(),
    });
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE shelves SET code ×1 WHERE name RETURNING label
        INSERT books (id, shelf_name) ×1
    "#]]);
    assert_eq!(s.state(book), State::Persistent);
    assert!(s.refers_to(&s[book].shelf, new) && s.refers_to(&s[second].shelf, new));
    assert_eq!(s.related(new, Shelf::BOOKS).unwrap(), [book, second]);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT id, shelf_name FROM books ORDER BY id"),
        "1 | a\n2 | a\n"
    );
}

/// RL-1: the loaded collection has the new object in place of the old one.
#[test]
fn a_loaded_collection_follows_the_row() {
    let db = TestDb::new::<(Shelf, Book)>();
    let mut s = db.session();
    let a = s.add(shelf("a", "1"));
    let b = s.add(shelf("b", "2"));
    let old = s.add(Book {
        id: 1,
        shelf: a.into(),
    });
    s.flush().unwrap();
    assert_eq!(s.related(a, Shelf::BOOKS).unwrap(), [old]);
    assert_eq!(s.related(b, Shelf::BOOKS).unwrap(), []);
    s.delete(old).unwrap();
    let new = s.add(Book {
        id: 1,
        shelf: b.into(),
    });
    s.flush().unwrap();
    assert_eq!(s.loaded(a, Shelf::BOOKS).unwrap(), []);
    assert_eq!(s.loaded(b, Shelf::BOOKS).unwrap(), [new]);
}

/// RL-2: an object can't take a row that goes with its parent.
#[test]
fn a_row_that_goes_with_its_parent_is_not_taken() {
    let db = TestDb::new::<(Shelf, Label, Remark)>();
    let mut s = db.session();
    let a = s.add(shelf("a", "1"));
    let label = |text: &str| Label {
        shelf: Fk::to("a"),
        place: 1,
        text: text.to_owned(),
    };
    let old = s.add(label("old"));
    s.commit().unwrap();
    s.get::<Label>((a, 1)).unwrap();
    db.forget();
    s.delete(a).unwrap();
    s.delete(old).unwrap();
    s.add(label("new"));
    let error = s.flush().unwrap_err();
    assert!(error.violates(Label::SHELF), "{error:?}");
    db.assert_statements(expect![[""]]);
}

/// FL-3: the value that the old object had is free when the new one takes another.
#[test]
fn a_value_moves_from_a_row_that_changes_its_object() {
    let db = TestDb::new::<Shelf>();
    save(&db, [shelf("a", "1"), shelf("b", "2")]);
    let mut s = db.session();
    let [a, b] = s
        .get_many::<Shelf, 2>(["a", "b"])
        .unwrap()
        .map(Option::unwrap);
    db.forget();
    s.delete(a).unwrap();
    s.add(shelf("a", "2"));
    s[b].code = Some("1".to_owned());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE shelves SET code ×2 WHERE name
        UPDATE shelves SET code ×2 WHERE name RETURNING label
        COMMIT
    "#]]);
    assert_eq!(db.rows(SHELVES), "a | 2 | oak | A\nb | 1 | oak | B\n");
}

/// TX-2: savepoints bring the old object back, as often as it takes.
#[test]
fn a_savepoint_takes_a_switch_back() {
    let db = TestDb::new::<Folder>();
    save(&db, [Folder::under(None, "a"), Folder::under(None, "b")]);
    let mut s = db.session();
    let first = s.get::<Folder>("a").unwrap().unwrap();
    let under = |s: &mut Session, old, parent: &str| {
        s.delete(old).unwrap();
        let new = s.add(Folder::under(Some(Fk::to(parent)), "a"));
        s.flush().unwrap();
        new
    };
    let second = under(&mut s, first, "a");
    let failed: Result<()> = s.savepoint(|s| {
        let third = under(s, second, "b");
        assert_eq!(s.local::<Folder>(&"a".to_owned()), Some(third));
        Err(Error::other("back"))
    });
    assert!(failed.is_err());
    assert_eq!(s.local::<Folder>(&"a".to_owned()), Some(second));
    assert_eq!(s[second].parent, Some(Fk::to("a")));
    assert_eq!(s.state(first), State::Deleted);
    s.rollback().unwrap();
    assert_eq!(s.local::<Folder>(&"a".to_owned()), Some(first));
    assert_eq!(
        (s.state(second), s[first].parent.clone()),
        (State::Gone, None)
    );
}

/// ST-6: a row that was not read again is compared before it is taken.
#[test]
fn a_row_that_was_not_read_again_is_compared() {
    let db = TestDb::new::<Folder>();
    save(&db, [Folder::under(None, "a"), Folder::under(None, "b")]);
    let mut s = db.session();
    let old = s.get::<Folder>("a").unwrap().unwrap();
    s.commit().unwrap();
    db.forget();
    s.delete(old).unwrap();
    s.add(Folder::under(Some(Fk::to("b")), "a"));
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE folders SET parent_path ×1 WHERE path, parent_path
    "#]]);
}

/// A place on a shelf.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "spots", unique(shelf, place))]
struct Spot {
    #[model(key)]
    id: i64,
    shelf: Fk<Shelf>,
    place: i32,
}

/// FL-3: what the new object's children take is free when the old one's have given it up, also
/// where they refer to it by its handle.
#[test]
fn children_of_a_row_that_changes_its_object_pass_values_on() {
    let db = TestDb::new::<(Shelf, Spot)>();
    let mut s = db.session();
    let old = s.add(shelf("a", "1"));
    let first = s.add(Spot {
        id: 1,
        shelf: old.into(),
        place: 1,
    });
    s.flush().unwrap();
    db.forget();
    s.delete(old).unwrap();
    let new = s.add(shelf("a", "2"));
    s.delete(first).unwrap();
    s.add(Spot {
        id: 2,
        shelf: new.into(),
        place: 1,
    });
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE shelves SET code ×1 WHERE name RETURNING label
        DELETE spots ×1 WHERE id
        INSERT spots (id, shelf_name, place) ×1
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, shelf_name, place FROM spots"),
        "2 | a | 1\n"
    );
}
