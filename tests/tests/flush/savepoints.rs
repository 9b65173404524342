//! What a flush did inside a savepoint is taken back with it, and can be done again (TX-2).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Note, User, save};

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "houses", has_many(rooms = Room::HOUSE, cats = Cat::HOUSE, toys = Toy::HOUSE))]
struct House {
    #[model(key)]
    name: String,
}

/// Goes with its house; the house is part of its key.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "rooms")]
struct Room {
    #[model(key, on_delete = cascade)]
    house: Fk<House>,
    #[model(key)]
    number: i32,
}

/// Stays without its house.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "cats")]
struct Cat {
    #[model(key)]
    id: i64,
    #[model(on_delete = set_null)]
    house: Option<Fk<House>>,
}

/// Nothing without its house; the session deletes it.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "toys")]
struct Toy {
    #[model(key)]
    id: i64,
    #[model(on_delete = cascade(client), orphan = delete)]
    house: Option<Fk<House>>,
}

fn houses() -> TestDb {
    TestDb::with::<(House, Room, Cat, Toy)>(
        "INSERT INTO houses VALUES ('a'), ('b'); INSERT INTO rooms VALUES ('a', 1), ('a', 2);
         INSERT INTO cats VALUES (1, 'a'); INSERT INTO toys VALUES (1, 'a'), (2, 'a')",
    )
}

/// A house with all that is in it, loaded.
type Full = (
    Handle<House>,
    Vec<Handle<Room>>,
    Handle<Cat>,
    Vec<Handle<Toy>>,
);

fn full(s: &mut Session, db: &TestDb) -> Full {
    let in_it = (House::ROOMS, House::CATS, House::TOYS);
    let all = s.all(select::<House>().order_by(House::NAME).with(in_it));
    let house = all.unwrap()[0];
    let cat = s.loaded(house, House::CATS).unwrap()[0];
    let rooms = s.loaded(house, House::ROOMS).unwrap();
    let toys = s.loaded(house, House::TOYS).unwrap();
    db.forget();
    (house, rooms, cat, toys)
}

const IN_HOUSES: &str = "SELECT 'room', house_name, number FROM rooms UNION ALL
    SELECT 'cat', house_name, id FROM cats UNION ALL
    SELECT 'toy', house_name, id FROM toys ORDER BY 1, 2, 3";

fn no<T>() -> Result<T> {
    Err(Error::other("no"))
}

/// PK-1: the key, those of children that hold it, and references to it.
#[test]
fn a_key_that_changed_inside_is_the_old_one_again() {
    let db = houses();
    let mut s = db.session();
    let (house, rooms, cat, _) = full(&mut s, &db);
    let taken_back: Result<()> = s.savepoint(|s| {
        s[house].name = "z".to_owned();
        s.flush()?;
        assert_eq!(s.key(rooms[0])?, ("z".to_owned(), 1));
        assert_eq!(s.get::<House>("z")?, Some(house));
        no()
    });
    taken_back.unwrap_err();
    assert_eq!(s.key(rooms[0]).unwrap(), ("a".to_owned(), 1));
    assert_eq!(s[cat].house, Some(Fk::to("a")));
    assert_eq!(s.local::<House>(&"z".to_owned()), None);
    assert_eq!(s.local::<Room>(&("a".to_owned(), 2)), Some(rooms[1]));
    s.savepoint(|s| {
        s[house].name = "y".to_owned();
        Ok::<(), Error>(())
    })
    .unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SAVEPOINT sp1
        UPDATE houses SET name ×1 WHERE name
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        SAVEPOINT sp2
        UPDATE houses SET name ×1 WHERE name
        COMMIT
    "#]]);
    assert_eq!(s[cat].house, Some(Fk::to("y")));
    assert_eq!(
        db.rows(IN_HOUSES),
        "cat | y | 1\nroom | y | 1\nroom | y | 2\ntoy | y | 1\ntoy | y | 2\n"
    );
}

/// RL-2: what the database deleted or cleared by itself, and what the session swept.
#[test]
fn what_went_with_a_row_inside_is_back_with_it() {
    let db = houses();
    let mut s = db.session();
    let (house, rooms, cat, toys) = full(&mut s, &db);
    let taken_back: Result<()> = s.savepoint(|s| {
        s.delete(house)?;
        s.flush()?;
        assert_eq!(
            (s.state(rooms[0]), s.state(toys[1])),
            (State::Deleted, State::Deleted)
        );
        assert_eq!(s[cat].house, None);
        no()
    });
    taken_back.unwrap_err();
    db.assert_statements(expect![[r#"
        SAVEPOINT sp1
        DELETE toys OF houses ×1
        DELETE houses ×1 WHERE name
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
    "#]]);
    assert!(s.refers_to(&s[cat].house, house));
    assert!(toys.iter().all(|toy| s.refers_to(&s[*toy].house, house)));
    assert_eq!(s.related(house, House::ROOMS).unwrap(), rooms);
    s.delete(rooms[1]).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT rooms ×2 WHERE house_name
        DELETE rooms ×1 WHERE house_name, number
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(IN_HOUSES),
        "cat | a | 1\nroom | a | 1\ntoy | a | 1\ntoy | a | 2\n"
    );
}

/// RL-3
#[test]
fn an_orphan_that_went_inside_has_its_parent_again() {
    let db = houses();
    let mut s = db.session();
    let (house, _, _, toys) = full(&mut s, &db);
    let taken_back: Result<()> = s.savepoint(|s| {
        s[toys[0]].house = None;
        s.flush()?;
        assert_eq!(s.loaded(house, House::TOYS)?, [toys[1]]);
        no()
    });
    taken_back.unwrap_err();
    assert!(s.refers_to(&s[toys[0]].house, house));
    assert_eq!(s.related(house, House::TOYS).unwrap(), toys);
    s[toys[1]].house = None;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SAVEPOINT sp1
        DELETE toys ×1 WHERE id
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        SELECT toys ×2 WHERE house_name
        DELETE toys ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT id FROM toys"), "1\n");
}

/// VN-1, VN-2: the next UPDATE compares the version that the row has again.
#[test]
fn versions_that_counted_inside_are_what_they_were() {
    let db = TestDb::new::<Note>();
    save(&db, (1..=2).map(|id| Note::new(id, "old")));
    let mut s = db.session();
    let [one, two] = s.get_many::<Note, 2>([1, 2]).unwrap().map(Option::unwrap);
    db.forget();
    s[one].stars = 1;
    let taken_back: Result<()> = s.savepoint(|s| {
        s[one].stars = 2;
        s.touch(two)?;
        s.flush()?;
        assert_eq!((s[one].version, s[two].version), (3, 2));
        no()
    });
    taken_back.unwrap_err();
    assert_eq!((s[one].version, s[two].version), (2, 1));
    s[one].stars = 3;
    s.touch(two).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE notes SET version, stars ×1 WHERE id, version
        SAVEPOINT sp1
        UPDATE notes SET version ×1 WHERE id, version
        UPDATE notes SET version, stars ×1 WHERE id, version
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        UPDATE notes SET version, stars ×1 WHERE id, version
        UPDATE notes SET version ×1 WHERE id, version
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, version, stars FROM notes ORDER BY id"),
        "1 | 3 | 3\n2 | 2 | 0\n"
    );
}

/// FL-3: values that were exchanged are free for the same exchange.
#[test]
fn a_swap_inside_is_taken_back_and_done_again() {
    let db = TestDb::new::<User>();
    save(&db, ["a", "b"].map(|name| User::at(name, name)));
    let mut s = db.session();
    let [a, b] = s.get_many::<User, 2>([1, 2]).unwrap().map(Option::unwrap);
    db.forget();
    let swap = |s: &mut Session| {
        let (of_a, of_b) = (s[a].email.clone(), s[b].email.clone());
        (s[a].email, s[b].email) = (of_b, of_a);
        s.flush()
    };
    let taken_back: Result<()> = s.savepoint(|s| swap(s).and_then(|()| no()));
    taken_back.unwrap_err();
    assert_eq!(s[a].email.as_deref(), Some("a"));
    swap(&mut s).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN; SAVEPOINT sp1
        UPDATE users SET email ×2 WHERE id
        UPDATE users SET email ×2 WHERE id
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        UPDATE users SET email ×2 WHERE id
        UPDATE users SET email ×2 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name, email FROM users ORDER BY id"),
        "a | b\nb | a\n"
    );
}

/// FL-7: locks are given up with their savepoint, so rows are locked in key order once more.
#[test]
fn rows_that_were_locked_inside_are_locked_again() {
    let db = TestDb::new::<User>();
    save(&db, ["a", "b"].map(User::named));
    let mut s = db.session();
    let users = s.get_many_for_update::<User, 2>([1, 2]).unwrap();
    let rename = |s: &mut Session, name: &str| -> Result<()> {
        for user in users {
            s[user].name = name.to_owned();
        }
        s.flush()
    };
    s.commit().unwrap();
    s.get_each::<User>([1, 2]).unwrap();
    let taken_back: Result<()> = s.savepoint(|s| {
        s.get_many_for_update::<User, 2>([1, 2])?;
        db.forget();
        rename(s, "inside")?;
        no()
    });
    taken_back.unwrap_err();
    rename(&mut s, "behind").unwrap();
    s.commit().unwrap();
    let sent = db.recorded().into_iter();
    let locks = sent.filter(|sent| sent.label.starts_with("UPDATE"));
    let locks: Vec<bool> = locks.map(|sent| sent.sql.contains("locked")).collect();
    assert_eq!(locks, [false, true]);
    assert_eq!(db.rows("SELECT DISTINCT name FROM users"), "behind\n");
}
