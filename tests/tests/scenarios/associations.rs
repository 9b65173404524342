//! S45 to S49: rows that join others.
//!
//! Exactly so elsewhere: S44 and S46 in the tests of flushes.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Item, Keyword, TAGGINGS, Tagging, tagged};

/// S45
#[test]
fn keywords_that_are_exchanged_are_two_inserts_and_a_delete() {
    let db = tagged();
    let mut s = db.session();
    let tea = s.get::<Item>(1).unwrap().unwrap();
    let taggings = s.related(tea, Item::TAGGINGS).unwrap();
    db.forget();
    s.delete(taggings[0]).unwrap();
    let new = s.add(Keyword::of("k3"));
    s.add(Tagging::of(tea, new));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT keywords (word) ×1 RETURNING id
        DELETE taggings ×1 WHERE item_id, keyword_id
        INSERT taggings (item_id, keyword_id) ×1
        COMMIT
    "#]]);
    assert_eq!(db.rows(TAGGINGS), "tea | k2\ntea | k3\n");
}

/// S47, FL-8
#[test]
fn an_association_that_is_gone_already_is_stale_and_names_the_pair() {
    let db = tagged();
    let mut s = db.session();
    let tea = s.get::<Item>(1).unwrap().unwrap();
    let taggings = s.related(tea, Item::TAGGINGS).unwrap();
    db.look().run("DELETE FROM taggings WHERE keyword_id = 2");
    db.forget();
    for tagging in taggings {
        s.delete(tagging).unwrap();
    }
    let error = s.commit().unwrap_err();
    expect!["stale Tagging: (1, 2) changed or deleted by somebody else"]
        .assert_eq(&error.to_string());
    db.assert_statements(expect![[r#"
        DELETE taggings ×2 WHERE item_id, keyword_id
        ROLLBACK
    "#]]);
    assert_eq!(db.rows(TAGGINGS), "tea | k1\n");
}

/// S48
#[test]
fn a_column_of_the_association_that_nobody_names_does_not_matter() {
    let db = tagged();
    db.look()
        .run("ALTER TABLE taggings ADD COLUMN weight int NOT NULL DEFAULT 5");
    let mut s = db.session();
    let tea = s.get::<Item>(1).unwrap().unwrap();
    let taggings = s.related(tea, Item::TAGGINGS).unwrap();
    db.forget();
    for tagging in taggings {
        s.delete(tagging).unwrap();
    }
    s.delete(tea).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE taggings ×2 WHERE item_id, keyword_id
        DELETE items ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(TAGGINGS), "");
    assert_eq!(db.rows("SELECT word FROM keywords ORDER BY id"), "k1\nk2\n");
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "people")]
#[model(many_to_many(friends: Person = (Friendship::OF, Friendship::WITH)))]
#[model(many_to_many(befriended: Person = (Friendship::WITH, Friendship::OF)))]
struct Person {
    #[model(key, generated)]
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "friendships")]
struct Friendship {
    #[model(key)]
    of: Fk<Person>,
    #[model(key)]
    with: Fk<Person>,
}

/// S49
#[test]
fn a_pair_is_one_row_in_both_directions_and_goes_once() {
    let db = TestDb::new::<(Person, Friendship)>();
    let mut s = db.session();
    let [ann, bob] = ["ann", "bob"].map(|name| {
        s.add(Person {
            name: name.to_owned(),
            ..Person::default()
        })
    });
    s.add(Friendship {
        of: ann.into(),
        with: bob.into(),
    });
    s.flush().unwrap();
    assert_eq!(s.related(ann, Person::FRIENDS).unwrap(), [bob]);
    assert_eq!(s.related(bob, Person::BEFRIENDED).unwrap(), [ann]);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT people (name) ×2 RETURNING id
        INSERT friendships (of_id, with_id) ×1
        SELECT friendships ×2 WHERE of_id
        SELECT friendships ×2 WHERE with_id
    "#]]);
    let pair = s.get::<Friendship>((ann, bob)).unwrap().unwrap();
    s.delete(pair).unwrap();
    s.delete(pair).unwrap();
    s.flush().unwrap();
    assert_eq!(s.loaded(ann, Person::FRIENDS).unwrap(), []);
    assert_eq!(s.loaded(bob, Person::BEFRIENDED).unwrap(), []);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE friendships ×1 WHERE of_id, with_id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM friendships"), "0\n");
    assert_eq!(db.rows("SELECT name FROM people ORDER BY id"), "ann\nbob\n");
}
