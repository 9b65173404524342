//! Cycles of references are broken where a reference may be NULL for a while (FL-4).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::Node;

/// Refers to a ball of its own.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "people", has_many(balls = Ball::PERSON))]
struct Person {
    #[model(key, generated)]
    id: i64,
    name: String,
    favorite: Option<Fk<Ball>>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "balls")]
struct Ball {
    #[model(key, generated)]
    id: i64,
    person: Option<Fk<Person>>,
}

/// Counts its versions; the key is the program's.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "teams")]
struct Team {
    #[model(key)]
    name: String,
    #[model(version)]
    version: i32,
    captain: Option<Fk<Player>>,
    #[model(generated(always), default = "coalesce(captain_name, 'nobody')")]
    led_by: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "players")]
struct Player {
    #[model(key)]
    name: String,
    #[model(version)]
    version: i32,
    team: Fk<Team>,
}

fn person_with_balls(s: &mut Session) -> (Handle<Person>, Vec<Handle<Ball>>) {
    let person = s.add(Person {
        name: "ann".to_owned(),
        ..Person::default()
    });
    let balls = s.add_all((0..4).map(|_| Ball {
        person: person.into(),
        ..Ball::default()
    }));
    s[person].favorite = balls[2].into();
    (person, balls)
}

const PEOPLE: &str = "SELECT id, name, favorite_id FROM people ORDER BY id";
const BALLS: &str = "SELECT id, person_id FROM balls ORDER BY id";

/// S50: the reference that fewest rows have is the one that waits.
#[test]
fn a_favorite_is_set_when_the_balls_are_there() {
    let db = TestDb::new::<(Person, Ball)>();
    let mut s = db.session();
    let (person, balls) = person_with_balls(&mut s);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT people (name, favorite_id) ×1 RETURNING id
        INSERT balls (person_id) ×4 RETURNING id
        UPDATE people SET favorite_id ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s[person].favorite, Some(Fk::to(3)));
    assert!(s.refers_to(&s[balls[0]].person, person));
    assert_eq!(db.rows(PEOPLE), "1 | ann | 3\n");
    assert_eq!(db.rows(BALLS), "1 | 1\n2 | 1\n3 | 1\n4 | 1\n");
}

/// S50: what the fix-up wrote is what the next flush compares with.
#[test]
fn nothing_is_left_to_write_behind_a_fix_up() {
    let db = TestDb::new::<(Person, Ball)>();
    let mut s = db.session();
    let (person, _) = person_with_balls(&mut s);
    s.flush().unwrap();
    db.forget();
    assert!(!s.has_changes());
    s[person].name = "anna".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE people SET name ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(PEOPLE), "1 | anna | 3\n");
}

/// S51: the rows go when neither is referred to any more.
#[test]
fn rows_that_refer_to_each_other_are_deleted() {
    let db = TestDb::new::<(Person, Ball)>();
    let mut s = db.session();
    let (person, balls) = person_with_balls(&mut s);
    s.commit().unwrap();
    db.forget();
    s.delete(person).unwrap();
    for ball in balls {
        s.delete(ball).unwrap();
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE people SET favorite_id ×1 WHERE id
        DELETE balls ×4 WHERE id
        DELETE people ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(PEOPLE) + &db.rows(BALLS), "");
}

/// S52
#[test]
fn a_name_and_a_favorite_that_exists_are_one_update() {
    let db = TestDb::new::<(Person, Ball)>();
    let mut s = db.session();
    let (person, balls) = person_with_balls(&mut s);
    s.flush().unwrap();
    db.forget();
    s[person].name = "anna".to_owned();
    s[person].favorite = balls[0].into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE people SET name, favorite_id ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(PEOPLE), "1 | anna | 1\n");
}

/// S53: all rows of the ring are inserted by one statement, and closed by another.
#[test]
fn a_ring_of_new_rows_is_two_statements() {
    let db = TestDb::new::<Node>();
    let mut s = db.session();
    let nodes = s.add_all(["a", "b", "c"].map(|n| Node::under(None, n)));
    for (child, parent) in [(0, 1), (1, 2), (2, 0)] {
        s[nodes[child]].parent = nodes[parent].into();
    }
    s.add(Node::under(Some(nodes[0].into()), "leaf"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT nodes (parent_id, data) ×3 RETURNING id
        UPDATE nodes SET parent_id ×3 WHERE id
        INSERT nodes (parent_id, data) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, data, parent_id FROM nodes ORDER BY id"),
        "1 | a | 2\n2 | b | 3\n3 | c | 1\n4 | leaf | 1\n"
    );
}

/// FL-4: a row whose key the database makes can't hold it at once.
#[test]
fn a_row_that_refers_to_itself_is_inserted_with_null() {
    let db = TestDb::new::<Node>();
    let mut s = db.session();
    let own = s.add(Node::under(None, "own"));
    s[own].parent = own.into();
    let other = s.add(Node::under(None, "other"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT nodes (parent_id, data) ×2 RETURNING id
        UPDATE nodes SET parent_id ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s[own].parent, Some(Fk::to(s[own].id)));
    assert_eq!(s[other].parent, None);
    assert_eq!(
        db.rows("SELECT id, data, parent_id FROM nodes ORDER BY id"),
        "1 | own | 1\n2 | other | -\n"
    );
}

/// FL-4: the fix-up joins the other rows that change this column.
#[test]
fn a_fix_up_is_one_update_with_others() {
    let db = TestDb::new::<(Person, Ball)>();
    let mut s = db.session();
    let (old, balls) = person_with_balls(&mut s);
    s.commit().unwrap();
    s.get::<Person>(1).unwrap();
    db.forget();
    person_with_balls(&mut s);
    s[old].favorite = balls[0].into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT people (name, favorite_id) ×1 RETURNING id
        INSERT balls (person_id) ×4 RETURNING id
        UPDATE people SET favorite_id ×2 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(PEOPLE), "1 | ann | 1\n2 | ann | 7\n");
}

/// FL-4, VN-1: the object ends with the version that the database has, and with what the
/// database made of the reference; with keys that are known it is one rank.
#[test]
fn a_fix_up_is_no_second_version() {
    let db = TestDb::new::<(Team, Player)>();
    let mut s = db.session();
    let team = s.add(Team {
        name: "red".to_owned(),
        ..Team::default()
    });
    let player = s.add(Player {
        name: "ann".to_owned(),
        team: team.into(),
        ..Player::default()
    });
    s[team].captain = player.into();
    expect![[r#"
        rank 1
          INSERT teams (name, version, captain_name) ×1 RETURNING led_by
          INSERT players (name, version, team_name) ×1
          UPDATE teams SET captain_name ×1 WHERE name, version RETURNING led_by
    "#]]
    .assert_eq(&s.plan().unwrap().to_string());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT teams (name, version, captain_name) ×1 RETURNING led_by
        INSERT players (name, version, team_name) ×1
        UPDATE teams SET captain_name ×1 WHERE name, version RETURNING led_by
        COMMIT
    "#]]);
    assert_eq!((s[team].version, s[team].led_by.as_str()), (1, "ann"));
    s.get::<Team>("red").unwrap();
    s.get::<Player>("ann").unwrap();
    db.forget();

    // Both go: the reference is given up first, under the version that the row has.
    s.delete(team).unwrap();
    s.delete(player).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE teams SET captain_name ×1 WHERE name, version
        DELETE players ×1 WHERE name, version
        DELETE teams ×1 WHERE name, version
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name FROM teams UNION SELECT name FROM players"),
        ""
    );
}

/// FL-8: the statement before the DELETE notices that the row was written.
#[test]
fn a_reference_is_not_given_up_in_a_row_of_another_version() {
    let db = TestDb::new::<(Team, Player)>();
    let mut s = db.session();
    let team = s.add(Team {
        name: "red".to_owned(),
        ..Team::default()
    });
    let player = s.add(Player {
        name: "ann".to_owned(),
        team: team.into(),
        ..Player::default()
    });
    s[team].captain = player.into();
    s.commit().unwrap();
    s.get::<Team>("red").unwrap();
    s.get::<Player>("ann").unwrap();
    db.look().run("UPDATE teams SET version = 9");
    s.delete(team).unwrap();
    s.delete(player).unwrap();
    let error = s.flush().unwrap_err();
    expect![[r#"stale Team: "red" (version 1 expected) changed or deleted by somebody else"#]]
        .assert_eq(&error.to_string());
}

/// FL-4: a rollback brings handles and generated keys back to where they were.
#[test]
fn a_broken_cycle_is_rolled_back() {
    let db = TestDb::new::<(Person, Ball)>();
    let mut s = db.session();
    let (person, balls) = person_with_balls(&mut s);
    s.flush().unwrap();
    s.rollback().unwrap();
    let value = s.detach(person).unwrap();
    assert_eq!((value.id, value.favorite), (0, balls[2].into()));
    assert_eq!(db.rows(PEOPLE) + &db.rows(BALLS), "");
}

/// A row moves from a parent that goes to one that takes its place.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "desks")]
struct Desk {
    #[model(key)]
    id: i64,
    #[model(unique)]
    room: String,
    #[model(unique)]
    phone: Option<String>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "clerks")]
struct Clerk {
    #[model(key)]
    id: i64,
    desk: Fk<Desk>,
    #[model(unique)]
    login: String,
    stand_in: Option<Fk<Clerk>>,
}

fn desk(id: i64, room: &str, phone: Option<&str>) -> Desk {
    Desk {
        id,
        room: room.to_owned(),
        phone: phone.map(str::to_owned),
    }
}

/// FL-2, FL-3: the old row frees the value that the new one takes before it can go.
#[test]
fn children_move_to_a_row_that_takes_over_a_value() {
    let db = TestDb::new::<(Desk, Clerk)>();
    let mut s = db.session();
    let old = s.add(desk(1, "a", Some("555")));
    let clerks = s.add_all([1, 2].map(|id| Clerk {
        id,
        desk: old.into(),
        login: format!("{id}"),
        stand_in: None,
    }));
    s.commit().unwrap();
    s.get_each::<Clerk>([1, 2]).unwrap();
    s.get::<Desk>(1).unwrap();
    db.forget();
    let new = s.add(desk(2, "b", Some("555")));
    for clerk in &clerks {
        s[*clerk].desk = new.into();
    }
    s.delete(old).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE desks SET phone ×1 WHERE id
        INSERT desks (id, room, phone) ×1
        UPDATE clerks SET desk_id ×2 WHERE id
        DELETE desks ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT c.id, phone FROM clerks c JOIN desks d ON d.id = desk_id ORDER BY 1"),
        "1 | 555\n2 | 555\n"
    );
}

/// FL-3: where the value must not be NULL there is no way.
#[test]
fn children_can_not_move_to_a_row_that_takes_over_a_required_value() {
    let db = TestDb::new::<(Desk, Clerk)>();
    let mut s = db.session();
    let old = s.add(desk(1, "a", None));
    let clerk = s.add(Clerk {
        id: 1,
        desk: old.into(),
        ..Clerk::default()
    });
    s.commit().unwrap();
    s.get::<Clerk>(1).unwrap();
    s.get::<Desk>(1).unwrap();
    s.commit().unwrap();
    db.forget();
    let new = s.add(desk(2, "a", None));
    s[clerk].desk = new.into();
    s.delete(old).unwrap();
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![""]);
    expect!["rows wait for each other in a cycle: Desk 2, Desk 1, Clerk 1 by Clerk.desk (clerks_desk_id_fkey), Desk.room (desks_room_key)"].assert_eq(&error.to_string());
}

/// FL-2: columns of one row need not be written together.
#[test]
fn a_row_frees_a_value_for_the_new_row_that_it_refers_to() {
    let db = TestDb::new::<(Desk, Clerk)>();
    let mut s = db.session();
    let home = s.add(desk(1, "a", None));
    let clerk = |id, login: &str| Clerk {
        id,
        desk: home.into(),
        login: login.to_owned(),
        stand_in: None,
    };
    let ann = s.add(clerk(1, "ann"));
    s.commit().unwrap();
    db.forget();
    let bob = s.add(clerk(2, "ann"));
    s[ann].login = "annette".to_owned();
    s[ann].stand_in = bob.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE clerks SET login ×1 WHERE id, login
        INSERT clerks (id, desk_id, login, stand_in_id) ×1
        UPDATE clerks SET stand_in_id ×1 WHERE id, stand_in_id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, login, stand_in_id FROM clerks ORDER BY id"),
        "1 | annette | 2\n2 | ann | -\n"
    );
    s.get::<Clerk>(1).unwrap();
    assert!(!s.has_changes());
}

/// Rows of one statement that another table cuts in two.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "rooms")]
struct Room {
    #[model(key)]
    name: String,
    inside: Option<Fk<Room>>,
    keeper: Option<Fk<Keeper>>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "keepers")]
struct Keeper {
    #[model(key, generated)]
    id: i64,
    home: Fk<Room>,
}

/// FL-5: rows of one statement need no order, but those of a statement that is cut do.
#[test]
fn a_statement_that_is_cut_keeps_children_behind_their_parents() {
    let db = TestDb::new::<(Room, Keeper)>();
    let mut s = db.session();
    let hut = s.add(Room {
        name: "hut".to_owned(),
        ..Room::default()
    });
    let keeper = s.add(Keeper {
        home: hut.into(),
        ..Keeper::default()
    });
    let castle = s.add(Room {
        name: "castle".to_owned(),
        keeper: keeper.into(),
        ..Room::default()
    });
    s[hut].inside = castle.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT rooms (name, inside_name, keeper_id) ×1
        INSERT keepers (home_name) ×1 RETURNING id
        INSERT rooms (name, inside_name, keeper_id) ×1
        UPDATE rooms SET inside_name ×1 WHERE name
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name, inside_name, keeper_id FROM rooms ORDER BY name"),
        "castle | - | 1\nhut | castle | -\n"
    );
}
