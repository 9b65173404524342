//! Rows that get new keys together with rows that they refer to (PK-1, FL-3).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Folder, save};

/// A person with a home, which is somebody's.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "persons")]
struct Person {
    #[model(key)]
    name: String,
    home: Option<Fk<Home>>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "homes")]
struct Home {
    #[model(key)]
    street: String,
    owner: Fk<Person>,
}

/// The same, but neither can be without the other.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "kings")]
struct King {
    #[model(key)]
    name: String,
    #[model(deferrable)]
    land: Fk<Land>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "lands")]
struct Land {
    #[model(key)]
    name: String,
    #[model(deferrable)]
    king: Fk<King>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "shelves")]
struct Shelf {
    #[model(key)]
    id: i64,
}

/// Its key holds that of its parent.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "cartons")]
struct Carton {
    #[model(key)]
    shelf: Fk<Shelf>,
    #[model(key)]
    number: i64,
    label: String,
}

/// Its key holds that of its parent, which holds that of its own. The name makes it the first
/// table that is updated.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "a_things")]
struct Thing {
    #[model(key)]
    inside: Fk<Carton>,
    #[model(key)]
    number: i64,
}

/// The same, and the last.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "z_notes")]
struct Note {
    #[model(key)]
    id: i64,
    inside: Option<Fk<Carton>>,
}

/// Two shelves; on the first one carton with a thing.
fn shelves() -> TestDb {
    let db = TestDb::new::<(Shelf, Carton, Thing, Note)>();
    save(&db, [1, 2].map(|id| Shelf { id }));
    let first = Carton {
        shelf: Fk::to(1),
        number: 1,
        label: String::new(),
    };
    save(&db, [first]);
    let inside = Fk::to((1, 1));
    save(&db, [Thing { inside, number: 1 }]);
    db
}

fn homes() -> TestDb {
    let db = TestDb::new::<(Person, Home)>();
    let mut s = db.session();
    let ann = s.add(Person {
        name: "ann".to_owned(),
        home: None,
    });
    let home = s.add(Home {
        street: "north".to_owned(),
        owner: ann.into(),
    });
    s[ann].home = home.into();
    s.commit().unwrap();
    db.forget();
    db
}

/// PK-1: both keys change, and the references follow by the database's action.
#[test]
fn rows_that_refer_to_each_other_both_get_new_keys() {
    let db = homes();
    let mut s = db.session();
    let ann = s.get::<Person>("ann").unwrap().unwrap();
    let home = s.get::<Home>("north").unwrap().unwrap();
    s[ann].name = "anna".to_owned();
    s[home].street = "south".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT persons ×1 WHERE name
        BEGIN
        SELECT homes ×1 WHERE street
        UPDATE homes SET street ×1 WHERE street
        UPDATE persons SET name ×1 WHERE name
        COMMIT
    "#]]);
    assert_eq!(s[ann].home, Some(Fk::to("south")));
    assert_eq!(s[home].owner, Fk::to("anna"));
    assert_eq!(
        db.rows("SELECT * FROM persons, homes"),
        "anna | south | south | anna\n"
    );
}

/// PK-1: a program that writes the new keys into the references as well says nothing else.
#[test]
fn references_may_name_the_keys_that_their_rows_are_about_to_get() {
    let db = TestDb::new::<(King, Land)>();
    let mut s = db.session();
    let king = s.add(King {
        name: "k".to_owned(),
        land: Fk::to("l"),
    });
    let land = s.add(Land {
        name: "l".to_owned(),
        king: Fk::to("k"),
    });
    s.commit().unwrap();
    db.forget();
    s[king] = King {
        name: "kk".to_owned(),
        land: Fk::to("ll"),
    };
    s[land] = Land {
        name: "ll".to_owned(),
        king: Fk::to("kk"),
    };
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE kings SET name ×1 WHERE name, name
        UPDATE lands SET name ×1 WHERE name, name
        COMMIT
    "#]]);
    assert_eq!(
        (&s[king].land, &s[land].king),
        (&Fk::to("ll"), &Fk::to("kk"))
    );
    assert_eq!(db.rows("SELECT * FROM kings, lands"), "kk | ll | ll | kk\n");
}

/// PK-1: a row that is deleted gets no new key, whatever its object holds.
#[test]
fn a_key_that_a_deleted_row_would_have_got_is_the_new_rows() {
    let db = homes();
    let mut s = db.session();
    let ann = s.get::<Person>("ann").unwrap().unwrap();
    let home = s.get::<Home>("north").unwrap().unwrap();
    db.forget();
    s[ann].name = "bob".to_owned();
    s.delete(ann).unwrap();
    s.add(Person {
        name: "bob".to_owned(),
        home: None,
    });
    s[home].owner = Fk::to("bob");
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT persons (name, home_street) ×1
        UPDATE homes SET owner_name ×1 WHERE street
        DELETE persons ×1 WHERE name
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name, street FROM persons, homes"),
        "bob | north\n"
    );
}

fn folders<const N: usize>(parents: [(&str, Option<&str>); N]) -> (TestDb, Session) {
    let db = TestDb::new::<Folder>();
    let mut s = db.session();
    let rows = parents.map(|(path, _)| s.add(Folder::under(None::<Fk<Folder>>, path)));
    s.flush().unwrap();
    for (row, (_, parent)) in rows.iter().zip(parents) {
        s[*row].parent = parent.map(Fk::to);
    }
    s.flush().unwrap();
    db.forget();
    (db, s)
}

fn rename(s: &mut Session, names: &[(&str, &str)]) {
    for (from, to) in names {
        let folder = s.local::<Folder>(&(*from).to_owned()).unwrap();
        s[folder].path = (*to).to_owned();
    }
}

const FOLDERS: &str = "SELECT path, parent_path FROM folders ORDER BY path";

/// PK-1: rows that this transaction has written are checked whenever they are written again, so a
/// row and its parent are two statements. In a ring every row is a parent.
#[test]
fn a_ring_of_rows_that_were_just_written_gets_new_keys() {
    let (db, mut s) = folders([("a", Some("b")), ("b", Some("a"))]);
    rename(&mut s, &[("a", "x"), ("b", "y")]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE folders SET path ×1 WHERE path
        UPDATE folders SET path ×1 WHERE path
        COMMIT
    "#]]);
    assert_eq!(db.rows(FOLDERS), "x | y\ny | x\n");
}

/// PK-1
#[test]
fn a_ring_of_three_gets_new_keys() {
    let (db, mut s) = folders([("a", Some("b")), ("b", Some("c")), ("c", Some("a"))]);
    rename(&mut s, &[("a", "x"), ("b", "y"), ("c", "z")]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE folders SET path ×1 WHERE path
        UPDATE folders SET path ×1 WHERE path
        UPDATE folders SET path ×1 WHERE path
        COMMIT
    "#]]);
    assert_eq!(db.rows(FOLDERS), "x | y\ny | z\nz | x\n");
}

/// PK-1, FL-3: the child gives up the key that its parent takes, so it comes first, for once.
#[test]
fn a_parent_takes_the_key_that_its_child_gives_up() {
    let (db, mut s) = folders([("a", None), ("b", Some("a"))]);
    rename(&mut s, &[("a", "b"), ("b", "c")]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE folders SET path ×1 WHERE path
        UPDATE folders SET path ×1 WHERE path
        COMMIT
    "#]]);
    assert_eq!(db.rows(FOLDERS), "b | -\nc | b\n");
}

/// PK-1: the row that is written is known by its old key as long as no key above it has changed.
#[test]
fn rows_two_levels_below_a_new_key_are_written_before_it() {
    let db = shelves();
    let mut s = db.session();
    let shelf = s.get::<Shelf>(1).unwrap().unwrap();
    let inner = s.get::<Carton>((1, 1)).unwrap().unwrap();
    let thing = s.get::<Thing>(((1, 1), 1)).unwrap().unwrap();
    db.forget();
    s[shelf].id = 10;
    s[thing].number = 7;
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE a_things SET number ×1 WHERE inside_shelf_id, inside_number, number
        UPDATE shelves SET id ×1 WHERE id
    "#]]);
    assert_eq!(s.key(inner).unwrap(), (10, 1));
    assert_eq!(s.key(thing).unwrap(), ((10, 1), 7));
    s[shelf].id = 11;
    s[inner].number = 2;
    s[inner].label = "new".to_owned();
    s[thing].number = 8;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE a_things SET number ×1 WHERE inside_shelf_id, inside_number, number
        UPDATE cartons SET number, label ×1 WHERE shelf_id, number
        UPDATE shelves SET id ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s.key(thing).unwrap(), ((11, 2), 8));
    assert_eq!(db.rows("SELECT * FROM a_things"), "11 | 2 | 8\n");
}

/// PK-1: a key that holds its parent's may be written as it is going to be.
#[test]
fn a_key_may_name_the_key_that_its_parent_is_about_to_get() {
    let db = shelves();
    let mut s = db.session();
    let shelf = s.get::<Shelf>(1).unwrap().unwrap();
    let inner = s.get::<Carton>((1, 1)).unwrap().unwrap();
    db.forget();
    s[shelf].id = 10;
    s[inner].shelf = Fk::to(10);
    s[inner].number = 2;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE cartons SET number ×1 WHERE shelf_id, number
        UPDATE shelves SET id ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s.key(inner).unwrap(), (10, 2));
    assert_eq!(db.rows("SELECT * FROM a_things"), "10 | 2 | 1\n");
}

/// PK-1: whoever names a row whose key follows another one does so by the key that it has.
#[test]
fn rows_that_refer_to_a_following_key_are_written_before_it_follows() {
    let db = shelves();
    let mut s = db.session();
    let shelf = s.get::<Shelf>(1).unwrap().unwrap();
    let inner = s.get::<Carton>((1, 1)).unwrap().unwrap();
    db.forget();
    s[shelf].id = 10;
    let new = s.add(Carton {
        shelf: shelf.into(),
        number: 2,
        label: String::new(),
    });
    let notes = [(1, inner), (2, new)].map(|(id, inside)| {
        s.add(Note {
            id,
            inside: inside.into(),
        })
    });
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE shelves SET id ×1 WHERE id
        INSERT cartons (shelf_id, number, label) ×1
        INSERT z_notes (id, inside_shelf_id, inside_number) ×2
        COMMIT
    "#]]);
    assert!(s.refers_to(&s[notes[0]].inside, inner));
    assert_eq!(s[notes[0]].inside, Some(Fk::to((10, 1))));
    assert_eq!(s[notes[1]].inside, Some(Fk::to((10, 2))));
    assert_eq!(
        db.rows("SELECT * FROM z_notes ORDER BY 1"),
        "1 | 10 | 1\n2 | 10 | 2\n"
    );
}
