//! Unique values with a reference in them, whose rows get new keys or go (FL-3, PK-1).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::save;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "shelves")]
struct Shelf {
    #[model(key)]
    id: i64,
}

/// Two places of a shelf are different.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "places", unique(shelf, place))]
struct Place {
    #[model(key)]
    id: i64,
    #[model(on_delete = set_null)]
    shelf: Option<Fk<Shelf>>,
    place: i64,
}

fn place(id: i64, shelf: impl Into<Fk<Shelf>>, place: i64) -> Place {
    Place {
        id,
        shelf: Some(shelf.into()),
        place,
    }
}

const PLACES: &str = "SELECT id, shelf_id, place FROM places ORDER BY id";

/// Two shelves with two places on the first and one on the second.
fn shelves() -> TestDb {
    let db = TestDb::new::<(Shelf, Place)>();
    save(&db, [1, 2].map(|id| Shelf { id }));
    let all = [(1, 1, 0), (2, 1, 1), (3, 2, 0)];
    save(&db, all.map(|(id, shelf, n)| place(id, Fk::to(shelf), n)));
    db
}

/// FL-3: a place on a shelf is the same place when the shelf gets another key.
#[test]
fn a_place_with_a_parent_that_gets_a_new_key_is_free_before_it_is_taken() {
    let db = shelves();
    let mut s = db.session();
    let shelf = s.get::<Shelf>(1).unwrap().unwrap();
    let [one, two, three] = s
        .get_many::<Place, 3>([1, 2, 3])
        .unwrap()
        .map(Option::unwrap);
    db.forget();
    s[shelf].id = 10;
    s.delete(one).unwrap();
    s[three].shelf = shelf.into();
    s[two].place = 5;
    s.add(place(4, shelf, 1));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        LOCK places ×3
        UPDATE places SET place ×1 WHERE id
        UPDATE shelves SET id ×1 WHERE id
        DELETE places ×1 WHERE id
        UPDATE places SET shelf_id ×1 WHERE id
        INSERT places (id, shelf_id, place) ×1
        COMMIT
    "#]]);
    assert_eq!(db.rows(PLACES), "2 | 10 | 5\n3 | 10 | 0\n4 | 10 | 1\n");
}

/// FL-3: the same numbers under another shelf are another place.
#[test]
fn a_shelf_that_takes_the_key_of_another_brings_its_places() {
    let db = shelves();
    let mut s = db.session();
    let [one, two] = s.get_many::<Shelf, 2>([1, 2]).unwrap().map(Option::unwrap);
    let all = s.all(select::<Place>()).unwrap();
    assert_eq!(all.len(), 3);
    db.forget();
    s[two].id = 3;
    s[one].id = 2;
    s.add(place(4, one, 2));
    s.add(place(5, two, 1));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        LOCK shelves ×2
        UPDATE shelves SET id ×1 WHERE id
        UPDATE shelves SET id ×1 WHERE id
        INSERT places (id, shelf_id, place) ×2
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(PLACES),
        "1 | 2 | 0\n2 | 2 | 1\n3 | 3 | 0\n4 | 2 | 2\n5 | 3 | 1\n"
    );
}

/// FL-3, RL-2: rows whose shelf is deleted have no place; another shelf takes its key, and brings
/// its own.
#[test]
fn places_that_lose_their_shelf_are_free_before_others_have_its_key() {
    let db = shelves();
    save(&db, [Shelf { id: 4 }]);
    let mut s = db.session();
    let [two, four] = s.get_many::<Shelf, 2>([2, 4]).unwrap().map(Option::unwrap);
    let three = s.get::<Place>(3).unwrap().unwrap();
    db.forget();
    s.delete(two).unwrap();
    s[four].id = 2;
    s.add(place(4, four, 0));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        LOCK shelves ×2
        DELETE shelves ×1 WHERE id
        UPDATE shelves SET id ×1 WHERE id
        INSERT places (id, shelf_id, place) ×1
        COMMIT
    "#]]);
    assert_eq!(s[three].shelf, None);
    assert_eq!(
        db.rows(PLACES),
        "1 | 1 | 0\n2 | 1 | 1\n3 | - | 0\n4 | 2 | 0\n"
    );
}

/// Its reference is checked at COMMIT, so it waits for no parent.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "a_spots", unique(shelf, place))]
struct Spot {
    #[model(key)]
    id: i64,
    #[model(deferrable)]
    shelf: Fk<Shelf>,
    place: i64,
}

/// FL-3: the place is given up by the row that follows its shelf, when that gets its key.
#[test]
fn a_place_is_taken_when_the_row_that_has_it_has_followed_its_shelf() {
    let db = TestDb::new::<(Shelf, Spot)>();
    save(&db, [1, 2].map(|id| Shelf { id }));
    let spot = |id| Spot {
        id,
        shelf: Fk::to(id),
        place: 0,
    };
    save(&db, [1, 2].map(spot));
    let mut s = db.session();
    let shelf = s.get::<Shelf>(1).unwrap().unwrap();
    let [_, two] = s.get_many::<Spot, 2>([1, 2]).unwrap().map(Option::unwrap);
    db.forget();
    s[shelf].id = 5;
    let new = s.add(Shelf { id: 1 });
    s[two].shelf = new.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE shelves SET id ×1 WHERE id
        UPDATE a_spots SET shelf_id ×1 WHERE id
        INSERT shelves (id) ×1
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT * FROM a_spots ORDER BY id"),
        "1 | 5 | 0\n2 | 1 | 0\n"
    );
}
