//! Deleted rows, and the rows that follow them (RL-2).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::save;

/// Goes with its parent; has children of its own that go with it.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "rooms", has_many(beds = Bed::ROOM))]
struct Room {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade)]
    house: Fk<House>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "houses", has_many(rooms = Room::HOUSE, cats = Cat::HOUSE))]
struct House {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "beds")]
struct Bed {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade)]
    room: Fk<Room>,
    soft: bool,
}

/// Loses its house and stays.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "cats")]
struct Cat {
    #[model(key)]
    id: i64,
    #[model(on_delete = set_null)]
    house: Option<Fk<House>>,
    #[model(on_delete = set_null)]
    second: Option<Fk<House>>,
    name: String,
}

/// A shelf within a shelf: the session deletes what is in it.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "shelves")]
struct Shelf {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    within: Option<Fk<Shelf>>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "books")]
struct Book {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client))]
    shelf: Fk<Shelf>,
    title: String,
}

/// One house with two rooms, three beds and two cats; another with nothing.
fn houses() -> TestDb {
    let db = TestDb::new::<(House, Room, Bed, Cat)>();
    save(&db, [House { id: 1 }, House { id: 2 }]);
    let room = |id| Room {
        id,
        house: Fk::to(1),
    };
    save(&db, [1, 2].map(room));
    let bed = |(id, room)| Bed {
        id,
        room: Fk::to(room),
        soft: false,
    };
    save(&db, [(1, 1), (2, 1), (3, 2)].map(bed));
    let cat = |id| Cat {
        id,
        house: Some(Fk::to(1)),
        ..Cat::default()
    };
    save(&db, [1, 2].map(cat));
    db
}

const COUNTS: &str = "SELECT (SELECT count(*) FROM houses), (SELECT count(*) FROM rooms), \
    (SELECT count(*) FROM beds), (SELECT count(house_id) FROM cats)";

/// RL-2: a new child holds it as well.
#[test]
fn a_new_child_of_a_deleted_parent_is_refused_before_sql() {
    let db = houses();
    let mut s = db.session();
    let house = s.get::<House>(2).unwrap().unwrap();
    db.forget();
    s.delete(house).unwrap();
    s.add(Room {
        id: 9,
        house: house.into(),
    });
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#""#]]);
    assert!(error.violates(Room::HOUSE), "{error:?}");
}

/// S28, RL-2: the database does it for rows that are not loaded.
#[test]
fn children_that_are_not_loaded_go_by_the_databases_action() {
    let db = houses();
    let mut s = db.session();
    let house = s.get::<House>(1).unwrap().unwrap();
    db.forget();
    s.delete(house).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE houses ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(COUNTS), "1 | 0 | 0 | 0\n");
}

/// RL-2: objects that are loaded follow in memory, without statements of their own.
#[test]
fn loaded_children_follow_in_memory() {
    let db = houses();
    let mut s = db.session();
    let house = s.get::<House>(1).unwrap().unwrap();
    let rooms = s.get_many::<Room, 2>([1, 2]).unwrap().map(Option::unwrap);
    let beds = s.get_many::<Bed, 3>([1, 2, 3]).unwrap().map(Option::unwrap);
    let cat = s.get::<Cat>(1).unwrap().unwrap();
    db.forget();
    s.delete(house).unwrap();
    s[beds[0]].soft = true;
    s[cat].name = "tom".to_owned();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE cats SET name ×1 WHERE id
        DELETE houses ×1 WHERE id
    "#]]);
    assert!(rooms.iter().all(|h| s.state(*h) == sessile::State::Deleted));
    assert!(beds.iter().all(|h| s.state(*h) == sessile::State::Deleted));
    assert_eq!((&s[cat].house, s[cat].name.as_str()), (&None, "tom"));
    s.flush().unwrap();
    db.assert_statements(expect![[r#""#]]);
    s.rollback().unwrap();
    assert!(beds.iter().all(|h| !s[*h].soft));
    assert_eq!(s[cat].house, Some(Fk::to(1)));
    assert_eq!(db.rows(COUNTS), "2 | 2 | 3 | 2\n");
}

/// S29, RL-2: after the commit the followers are gone.
#[test]
fn followers_are_gone_after_the_commit() {
    let db = houses();
    let mut s = db.session();
    let house = s.get::<House>(1).unwrap().unwrap();
    let bed = s.get::<Bed>(1).unwrap().unwrap();
    let room = s.get::<Room>(1).unwrap().unwrap();
    s.delete(house).unwrap();
    s.commit().unwrap();
    assert_eq!(s.state(room), sessile::State::Gone);
    // Its own parent was known, so it followed.
    assert_eq!(s.state(bed), sessile::State::Gone);
    assert_eq!(db.rows(COUNTS), "1 | 0 | 0 | 0\n");
}

/// FL-2, RL-2: a child that is pointed at a row which is deleted in the same flush is written
/// while the row is there, so that the database can set it to NULL.
#[test]
fn a_child_that_moves_to_a_deleted_parent_loses_it_at_once() {
    let db = houses();
    let mut s = db.session();
    let [one, two] = s.get_many::<House, 2>([1, 2]).unwrap().map(Option::unwrap);
    let [tom, kit] = s.get_many::<Cat, 2>([1, 2]).unwrap().map(Option::unwrap);
    db.forget();
    s.delete(two).unwrap();
    let new = s.add(House { id: 3 });
    s[tom].house = two.into();
    s[tom].second = new.into();
    s[kit].house = one.into();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        INSERT houses (id) ×1
        UPDATE cats SET house_id, second_id ×1 WHERE id
        DELETE houses ×1 WHERE id
    "#]]);
    assert_eq!((&s[tom].house, &s[tom].second), (&None, &Some(Fk::to(3))));
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT id, house_id, second_id FROM cats ORDER BY id"),
        "1 | - | 3\n2 | 1 | -\n"
    );
}

/// FL-2, RL-2: a row that the database would take along is written before that, so that it stays.
#[test]
fn a_child_that_leaves_a_row_that_goes_along_is_saved() {
    let db = houses();
    let mut s = db.session();
    let house = s.get::<House>(1).unwrap().unwrap();
    let rooms = s.get_many::<Room, 2>([1, 2]).unwrap();
    let bed = s.get::<Bed>(1).unwrap().unwrap();
    db.forget();
    s.delete(house).unwrap();
    let new = s.add(House { id: 9 });
    let room = s.add(Room {
        id: 9,
        house: new.into(),
    });
    s[bed].room = room.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT houses (id) ×1
        INSERT rooms (id, house_id) ×1
        UPDATE beds SET room_id ×1 WHERE id
        DELETE houses ×1 WHERE id
        COMMIT
    "#]]);
    assert!(
        rooms
            .iter()
            .all(|h| s.state(h.unwrap()) == sessile::State::Gone)
    );
    assert_eq!(db.rows("SELECT id, room_id FROM beds"), "1 | 9\n");
}

/// RL-1, RL-2: the reference of the object says that it goes, that in the database does not.
#[test]
fn a_child_that_moves_below_a_row_that_goes_has_a_delete_of_its_own() {
    let db = houses();
    let mut s = db.session();
    let two = s.get::<House>(2).unwrap().unwrap();
    let room = s.get::<Room>(1).unwrap().unwrap();
    let bed = s.get::<Bed>(1).unwrap().unwrap();
    db.forget();
    s[room].house = two.into();
    s[bed].soft = true;
    s.delete(two).unwrap();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        DELETE rooms ×1 WHERE id
        DELETE houses ×1 WHERE id
    "#]]);
    assert_eq!(s.state(room), sessile::State::Deleted);
    assert_eq!(s.state(bed), sessile::State::Deleted);
    s.commit().unwrap();
    assert_eq!(db.rows(COUNTS), "1 | 1 | 1 | 2\n");
}

/// RL-2: where the session does it, loaded children are deleted by statements, level by level.
#[test]
fn children_of_the_session_are_deleted_before_their_parents() {
    let db = TestDb::new::<(Shelf, Book)>();
    save(
        &db,
        [Shelf {
            id: 1,
            within: None,
        }],
    );
    let shelf = |id| Shelf {
        id,
        within: Some(Fk::to(1)),
    };
    save(&db, [2, 3].map(shelf));
    let book = |id| Book {
        id,
        shelf: Fk::to(id),
        title: String::new(),
    };
    save(&db, [1, 2, 3].map(book));
    let mut s = db.session();
    let shelves = s.all(select::<Shelf>()).unwrap();
    let books = s.all(select::<Book>()).unwrap();
    let root = s.get::<Shelf>(1).unwrap().unwrap();
    db.forget();
    s[books[0]].title = "lost".to_owned();
    s.delete(root).unwrap();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        DELETE books OF shelves ×1
        DELETE shelves ×1 WHERE id RECURSIVE
    "#]]);
    assert!(
        shelves
            .iter()
            .all(|h| s.state(*h) == sessile::State::Deleted)
    );
    assert!(books.iter().all(|h| s.state(*h) == sessile::State::Deleted));
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM books"), "0\n");
}

/// RL-2: an object may lose two references at once.
#[test]
fn a_child_may_lose_both_its_parents() {
    let db = houses();
    let mut s = db.session();
    let [one, two] = s.get_many::<House, 2>([1, 2]).unwrap().map(Option::unwrap);
    let cat = s.get::<Cat>(1).unwrap().unwrap();
    s[cat].second = two.into();
    s.commit().unwrap();
    s.get::<Cat>(1).unwrap();
    db.forget();
    s.delete(one).unwrap();
    s.delete(two).unwrap();
    s.flush().unwrap();
    assert_eq!((&s[cat].house, &s[cat].second), (&None, &None));
    s.rollback().unwrap();
    assert_eq!(s[cat].second, Some(Fk::to(2)));
    assert_eq!(s[cat].house, Some(Fk::to(1)));
}

/// S40
#[test]
fn an_object_that_is_deleted_twice_is_one_delete() {
    let db = houses();
    let mut s = db.session();
    let house = s.get::<House>(1).unwrap().unwrap();
    let room = s.get::<Room>(1).unwrap().unwrap();
    db.forget();
    s.delete(house).unwrap();
    s.delete(house).unwrap();
    s.delete(room).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE rooms ×1 WHERE id
        DELETE houses ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(COUNTS), "1 | 0 | 0 | 0\n");
}

/// RL-2: a cascade in memory costs time in proportion to what it touches.
#[test]
fn a_cascade_over_many_loaded_rows_is_linear() {
    let db = houses();
    db.look().run(
        "INSERT INTO rooms SELECT n, 1 FROM generate_series(10, 20009) n;
         INSERT INTO beds SELECT n, n, true FROM generate_series(10, 20009) n",
    );
    let mut s = db.session();
    let house = s.get::<House>(1).unwrap().unwrap();
    s.all(select::<Room>()).unwrap();
    let beds = s.all(select::<Bed>()).unwrap();
    for bed in &beds {
        s[*bed].soft = false;
    }
    s.delete(house).unwrap();
    let started = std::time::Instant::now();
    let plan = s.plan().unwrap().to_string();
    let took = started.elapsed();
    println!("a cascade over 40,005 loaded rows was planned in {took:?}");
    expect![[r#"
        rank 1
          DELETE houses ×1 WHERE id
    "#]]
    .assert_eq(&plan);
    assert!(took.as_secs() < 5, "{took:?}");
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
struct Link {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade)]
    above: Option<Fk<Link>>,
}

/// RL-2: nor does it look at every row again for each level of a tree.
#[test]
fn a_cascade_down_a_deep_tree_is_linear() {
    let mut s = Session::offline();
    let rows = (1..=20_000).map(|id| Link {
        id,
        above: (id > 1).then(|| Fk::to(id - 1)),
    });
    let links: Vec<_> = rows.map(|row| s.preload(row).unwrap()).collect();
    s.delete(links[0]).unwrap();
    let started = std::time::Instant::now();
    let plan = s.plan().unwrap().to_string();
    let took = started.elapsed();
    println!("a cascade down 20,000 levels was planned in {took:?}");
    expect![[r#"
        rank 1
          DELETE link ×1 WHERE id
    "#]]
    .assert_eq(&plan);
    assert!(took.as_secs() < 5, "{took:?}");
}
