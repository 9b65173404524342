//! Constraints that are checked at COMMIT need no order (FL-3, FL-4).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::save;

/// A place in a list, which is what such constraints are good for.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tracks", unique(list, place, deferrable))]
struct Track {
    #[model(key)]
    id: i64,
    list: i64,
    place: i32,
    #[model(unique, deferrable)]
    code: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "eggs")]
struct Egg {
    #[model(key)]
    id: i64,
    #[model(deferrable)]
    hen: Fk<Hen>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "hens")]
struct Hen {
    #[model(key)]
    id: i64,
    #[model(deferrable)]
    egg: Fk<Egg>,
}

/// The database makes the keys.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "ducks")]
struct Duck {
    #[model(key, generated)]
    id: i64,
    #[model(deferrable)]
    friend: Fk<Duck>,
}

fn tracks(db: &TestDb) {
    let track = |id: i64| Track {
        id,
        list: 1,
        place: id as i32,
        code: format!("{id}"),
    };
    save(db, [1, 2, 3].map(track));
}

/// FL-3: an ordered list in one statement.
#[test]
fn places_of_a_list_are_turned_round_by_one_statement() {
    let db = TestDb::new::<Track>();
    tracks(&db);
    let mut s = db.session();
    let all = s.get_each::<Track>([1, 2, 3]).unwrap();
    db.forget();
    for track in all {
        s[track].place = 4 - s[track].place;
        s[track].code = format!("{}", s[track].place);
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE tracks SET place, code ×2 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, place, code FROM tracks ORDER BY id"),
        "1 | 3 | 3\n2 | 2 | 2\n3 | 1 | 1\n"
    );
}

/// TX-3: the violation comes with COMMIT, and says the same as elsewhere.
#[test]
fn a_violation_comes_with_commit() {
    let db = TestDb::new::<Track>();
    tracks(&db);
    let mut s = db.session();
    let one = s.get::<Track>(1).unwrap().unwrap();
    s[one].code = "2".to_owned();
    s.flush().unwrap();
    let error = s.commit().unwrap_err();
    assert!(error.violates(Track::CODE), "{error:?}");
    expect!["COMMIT: unique constraint tracks_code_key (Track.code) violated"]
        .assert_eq(&error.to_string());
    s.rollback().unwrap();
    assert_eq!(s[one].code, "1");
}

/// S54, FL-4: neither reference is ever NULL.
#[test]
fn rows_that_need_each_other_are_written_in_any_order() {
    let db = TestDb::new::<(Egg, Hen)>();
    let mut s = db.session();
    let egg = s.add(Egg {
        id: 1,
        ..Egg::default()
    });
    let hen = s.add(Hen {
        id: 2,
        egg: egg.into(),
    });
    s[egg].hen = hen.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT eggs (id, hen_id) ×1
        INSERT hens (id, egg_id) ×1
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT e.id, hen_id, h.id, egg_id FROM eggs e, hens h"),
        "1 | 2 | 2 | 1\n"
    );
    s.delete(egg).unwrap();
    s.delete(hen).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE eggs ×1 WHERE id
        DELETE hens ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT id FROM eggs UNION SELECT id FROM hens"), "");
}

/// FL-4: a key that is not known can't be written, whenever it is checked.
#[test]
fn keys_that_the_database_makes_are_waited_for_all_the_same() {
    let db = TestDb::new::<Duck>();
    let mut s = db.session();
    let one = s.add(Duck::default());
    let two = s.add(Duck {
        friend: one.into(),
        ..Duck::default()
    });
    s[one].friend = two.into();
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#""#]]);
    expect!["rows wait for each other in a cycle: Duck without a key, Duck without a key by Duck.friend (ducks_friend_id_fkey)"].assert_eq(&error.to_string());
}
