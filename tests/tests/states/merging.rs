//! Values that come back from outside.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "notes")]
struct Note {
    #[model(key, generated)]
    id: i64,
    #[model(version)]
    version: i32,
    text: String,
    #[model(default = "7")]
    stars: i32,
}

/// Without a version, and with a key of the program's own.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tags")]
struct Tag {
    #[model(key)]
    name: String,
    color: String,
}

fn tag(name: &str, color: &str) -> Tag {
    Tag {
        name: name.to_owned(),
        color: color.to_owned(),
    }
}

fn note(text: &str) -> Note {
    Note {
        text: text.to_owned(),
        ..Note::default()
    }
}

fn db() -> TestDb {
    let db = TestDb::new::<(Note, Tag)>();
    let mut s = db.session();
    s.add_all(["a", "b"].map(note));
    s.add(tag("x", "red"));
    s.commit().unwrap();
    db.forget();
    db
}

/// What a form got, in another session that is gone.
fn taken(db: &TestDb, id: i64) -> Note {
    let mut s = db.session();
    let note = s.get::<Note>(id).unwrap().unwrap();
    let value = s.detach(note).unwrap();
    drop(s);
    db.forget();
    value
}

const TAGS: &str = "SELECT name, color FROM tags ORDER BY name";
const ROWS: &str = "SELECT id, version, text, stars FROM notes ORDER BY id";

/// S91: one read, one UPDATE of what differs.
#[test]
fn the_fields_of_a_detached_value_are_copied_onto_the_object() {
    let db = db();
    let mut value = taken(&db, 1);
    value.text = "new".to_owned();
    let mut s = db.session();
    let merged = s.merge(value.clone()).unwrap();
    assert_eq!(s[merged], value);
    assert_eq!(s.changes(merged).unwrap(), ["text"]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT notes ×1 WHERE id
        BEGIN
        UPDATE notes SET version, text ×1 WHERE id, version
        COMMIT
    "#]]);
    assert_eq!(db.rows(ROWS), "1 | 2 | new | 7\n2 | 1 | b | 7\n");
}

/// IM-1, IM-3: the object that the session has is the one.
#[test]
fn merging_what_the_session_has_costs_nothing() {
    let db = db();
    let mut value = taken(&db, 1);
    value.stars = 3;
    let mut s = db.session();
    let held = s.get::<Note>(1).unwrap().unwrap();
    s[held].text = "mine".to_owned();
    db.forget();
    assert_eq!(s.merge(value.clone()).unwrap(), held);
    value.stars = 4;
    assert_eq!(s.merge(value).unwrap(), held);
    db.assert_statements(expect![[r#""#]]);
    assert_eq!((s[held].text.as_str(), s[held].stars), ("a", 4));
}

/// S91: the last of three values counts, and is the only one that is sent.
#[test]
fn a_value_that_is_merged_three_times_is_one_row_with_the_last_value() {
    let db = db();
    let mut s = db.session();
    let merged = ["green", "blue", "black"].map(|color| s.merge(tag("x", color)).unwrap());
    assert_eq!(merged, [merged[0]; 3]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT tags ×1 WHERE name
        BEGIN
        UPDATE tags SET color ×1 WHERE name
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT name, color FROM tags"), "x | black\n");
}

/// S91
#[test]
fn what_has_no_row_is_added() {
    let db = db();
    let mut s = db.session();
    let unkeyed = s.merge(note("c")).unwrap();
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(s.state(unkeyed), State::Pending);
    let fresh = s.merge(tag("y", "blue")).unwrap();
    assert_eq!(s.state(fresh), State::Pending);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT tags ×1 WHERE name
        BEGIN
        INSERT notes (version, text) ×1 RETURNING id, stars
        INSERT tags (name, color) ×1
        COMMIT
    "#]]);
    assert_eq!(db.rows(TAGS), "x | red\ny | blue\n");
}

/// S91: the same key three times is one row with the last value.
#[test]
fn values_of_one_new_row_are_one_object() {
    let db = db();
    let mut s = db.session();
    let first = s.merge(tag("y", "blue")).unwrap();
    assert_eq!(s.merge(tag("y", "green")).unwrap(), first);
    let other = s.merge(tag("z", "pink")).unwrap();
    assert_eq!(s.merge(tag("y", "grey")).unwrap(), first);
    assert_ne!(first, other);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT tags ×1 WHERE name
        BEGIN
        SELECT tags ×1 WHERE name
        INSERT tags (name, color) ×2
        COMMIT
    "#]]);
    assert_eq!(db.rows(TAGS), "x | red\ny | grey\nz | pink\n");
}

/// S91: an object that was added is no other than one that was merged, wherever its key came from.
#[test]
fn a_value_is_merged_into_the_object_that_waits_for_its_key() {
    let db = db();
    let mut s = db.session();
    let added = s.add(tag("y", "blue"));
    assert_eq!(s.merge(tag("y", "green")).unwrap(), added);
    s[added].name = "z".to_owned();
    assert_eq!(s.merge(tag("z", "pink")).unwrap(), added);
    let taken = s.merge(tag("y", "grey")).unwrap();
    assert_ne!(taken, added);
    let renamed = s.get::<Tag>("x".to_owned()).unwrap().unwrap();
    s[renamed].name = "w".to_owned();
    assert_eq!(s.merge(tag("w", "black")).unwrap(), renamed);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT tags ×1 WHERE name
        BEGIN
        INSERT tags (name, color) ×2
        SELECT tags ×1 WHERE name
        UPDATE tags SET name, color ×1 WHERE name
        COMMIT
    "#]]);
    assert_eq!(db.rows(TAGS), "w | black\ny | grey\nz | pink\n");
}

/// ST-3, PK-2: the new object has the key now, not the one that is marked deleted.
#[test]
fn a_value_is_merged_into_the_object_that_takes_a_deleted_ones_place() {
    let db = db();
    let mut s = db.session();
    let old = s.get::<Tag>("x".to_owned()).unwrap().unwrap();
    s.delete(old).unwrap();
    let new = s.add(tag("x", "blue"));
    assert_eq!(s.merge(tag("x", "green")).unwrap(), new);
    s.delete(new).unwrap();
    let error = s.merge(tag("x", "grey")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Handle { .. }), "{error}");
    s.commit().unwrap();
    assert_eq!(db.rows(TAGS), "");
}

/// VN-1: a new row begins with the version that the value has.
#[test]
fn a_new_row_begins_with_the_last_version_that_was_merged() {
    let db = db();
    let mut s = db.session();
    let value = |version| Note {
        id: 9,
        version,
        ..note("c")
    };
    let new = s.merge(value(4)).unwrap();
    assert_eq!(s.merge(value(7)).unwrap(), new);
    assert_eq!(s.merge(value(0)).unwrap(), new);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT notes ×1 WHERE id
        BEGIN
        INSERT notes (id, version, text) ×1 RETURNING stars
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT version FROM notes WHERE id = 9"), "7\n");
}

/// IM-2: the map knows keys of rows; a `get` flushes, and asks the database for none of its own.
#[test]
fn a_new_object_is_found_by_its_key_once_it_is_flushed() {
    let db = db();
    let mut s = db.session();
    let new = s.add(tag("y", "blue"));
    assert_eq!(s.local::<Tag>(&"y".to_owned()), None);
    assert_eq!(s.get::<Tag>("y".to_owned()).unwrap(), Some(new));
    assert_eq!(s.local::<Tag>(&"y".to_owned()), Some(new));
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tags (name, color) ×1
    "#]]);
}

/// S65, VN-1: what the value was read with is what is compared.
#[test]
fn a_value_that_is_out_of_date_is_stale() {
    let db = db();
    let mut value = taken(&db, 1);
    db.look()
        .run("UPDATE notes SET text = 'theirs', version = 2");
    value.text = "mine".to_owned();
    let mut s = db.session();
    let merged = s.merge(value).unwrap();
    let error = s.commit().unwrap_err();
    assert_eq!(
        *error.kind(),
        ErrorKind::Stale {
            model: "Note",
            keys: vec!["1".to_owned()]
        }
    );
    assert_eq!(error.stale()[0].expected.as_deref(), Some("1"));
    db.assert_statements(expect![[r#"
        SELECT notes ×1 WHERE id
        BEGIN
        UPDATE notes SET version, text ×1 WHERE id, version
        ROLLBACK
    "#]]);
    s.rollback().unwrap();
    assert_eq!((s[merged].version, s[merged].text.as_str()), (2, "theirs"));
    assert_eq!(
        db.rows("SELECT version, text FROM notes WHERE id = 1"),
        "2 | theirs\n"
    );
    s[merged].text = "next".to_owned();
    s.commit().unwrap();
    assert_eq!(s[merged].version, 3);
}

/// VN-1: the object may be the older one.
#[test]
fn a_value_that_is_newer_than_the_object_is_written() {
    let db = db();
    let mut s = db.session();
    let held = s.get::<Note>(1).unwrap().unwrap();
    db.look()
        .run("UPDATE notes SET text = 'theirs', version = 5");
    let mut value = taken(&db, 1);
    value.stars = 1;
    s.merge(value).unwrap();
    s.commit().unwrap();
    assert_eq!(s[held].version, 6);
    assert_eq!(
        db.rows("SELECT version, text, stars FROM notes WHERE id = 1"),
        "6 | theirs | 1\n"
    );
}

/// S65
#[test]
fn a_value_without_a_version_is_compared_with_what_was_read() {
    let db = db();
    let mut s = db.session();
    s.merge(Note {
        id: 1,
        text: "new".to_owned(),
        ..Note::default()
    })
    .unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT notes ×1 WHERE id
        BEGIN
        UPDATE notes SET version, text ×1 WHERE id, version
        COMMIT
    "#]]);
    // `stars` is made by the database, so its default says nothing.
    assert_eq!(db.rows(ROWS), "1 | 2 | new | 7\n2 | 1 | b | 7\n");
}

/// VN-2: also when its version is an old one.
#[test]
fn a_value_that_changes_nothing_is_not_written() {
    let db = db();
    let value = taken(&db, 1);
    db.look().run("UPDATE notes SET version = 2");
    let mut s = db.session();
    let merged = s.merge(value).unwrap();
    db.forget();
    s.commit().unwrap();
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(s[merged].version, 2);
}

/// ST-3
#[test]
fn nothing_is_merged_into_an_object_that_is_marked_deleted() {
    let db = db();
    let mut s = db.session();
    let held = s.get::<Note>(1).unwrap().unwrap();
    s.delete(held).unwrap();
    let value = Note {
        id: 1,
        ..note("new")
    };
    let error = s.merge(value).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Handle { .. }));
}

/// CT-4: the last word counts.
#[test]
fn a_merged_field_takes_the_place_of_an_expression() {
    let db = db();
    let value = Note {
        stars: 1,
        ..taken(&db, 1)
    };
    let mut s = db.session();
    let held = s.get::<Note>(1).unwrap().unwrap();
    s.set_expr(held, Note::STARS, Note::STARS + 10).unwrap();
    s.merge(value).unwrap();
    s.commit().unwrap();
    assert_eq!(s[held].stars, 1);
}

/// IM-2: a value is compared with the row as this transaction sees it.
#[test]
fn an_expired_object_is_read_again_first() {
    let db = db();
    let mut s = db.session();
    let held = s.get_each::<Tag>(["x"]).unwrap()[0];
    s.commit().unwrap();
    db.look().run("UPDATE tags SET color = 'blue'");
    db.forget();
    s.merge(tag("x", "blue")).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT tags ×1 WHERE name
    "#]]);
    assert_eq!(s[held].color, "blue");
}
