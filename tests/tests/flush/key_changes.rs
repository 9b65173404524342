//! Keys that change, and what refers to them (PK-1).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Folder, save};

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "names", has_many(mails = Mail::NAME))]
struct Login {
    #[model(key)]
    username: String,
    full: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "mails")]
struct Mail {
    #[model(key)]
    address: String,
    name: Fk<Login>,
    read: bool,
}

/// Its key holds that of its parent.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "devices")]
struct Device {
    #[model(key)]
    owner: Fk<Login>,
    #[model(key)]
    number: i32,
    label: String,
}

/// A child of the child.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "repairs")]
struct Repair {
    #[model(key)]
    id: i64,
    device: Fk<Device>,
}

fn login(name: &str) -> Login {
    Login {
        username: name.to_owned(),
        full: name.to_uppercase(),
    }
}

fn mail(address: &str, name: impl Into<Fk<Login>>) -> Mail {
    Mail {
        address: address.to_owned(),
        name: name.into(),
        read: false,
    }
}

/// Three logins; the first with two mails, a device and a repair of it.
fn db() -> TestDb {
    let db = TestDb::new::<(Login, Mail, Device, Repair)>();
    save(&db, ["a", "b", "c"].map(login));
    save(&db, ["m1", "m2"].map(|m| mail(m, Fk::to("a"))));
    save(
        &db,
        [Device {
            owner: Fk::to("a"),
            number: 1,
            label: "d".to_owned(),
        }],
    );
    save(
        &db,
        [Repair {
            id: 1,
            device: Fk::to(("a".to_owned(), 1)),
        }],
    );
    db
}

fn logins(s: &mut Session) -> [Handle<Login>; 3] {
    s.get_many(["a", "b", "c"]).unwrap().map(Option::unwrap)
}

/// PK-1, S55
#[test]
fn a_changed_key_is_one_update_and_the_map_follows() {
    let db = db();
    let mut s = db.session();
    let [a, ..] = logins(&mut s);
    db.forget();
    s[a].username = "z".to_owned();
    s.flush().unwrap();
    assert_eq!(s.get::<Login>("z").unwrap(), Some(a));
    assert_eq!(s.get::<Login>("a").unwrap(), None);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE names SET username ×1 WHERE username
        SELECT names ×1 WHERE username
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT address, name_username FROM mails ORDER BY 1"),
        "m1 | z\nm2 | z\n"
    );
}

/// PK-1, S55: children that are loaded show the new key, without a statement.
#[test]
fn loaded_children_show_the_new_key() {
    let db = db();
    let mut s = db.session();
    let [a, ..] = logins(&mut s);
    let mails = s
        .get_many::<Mail, 2>(["m1", "m2"])
        .unwrap()
        .map(Option::unwrap);
    db.forget();
    s[a].username = "z".to_owned();
    s[mails[1]].read = true;
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE mails SET read ×1 WHERE address
        UPDATE names SET username ×1 WHERE username
    "#]]);
    assert!(mails.iter().all(|m| s[*m].name == Fk::to("z")));
    assert!(!s.has_changes());
    s[mails[0]].read = true;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE mails SET read ×1 WHERE address
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT address, name_username, read FROM mails ORDER BY 1"),
        "m1 | z | t\nm2 | z | t\n"
    );
}

/// PK-1: a key that is part of a child's key changes that one too.
#[test]
fn a_new_key_reaches_the_keys_of_children_and_their_children() {
    let db = db();
    let mut s = db.session();
    let [a, ..] = logins(&mut s);
    let device = s.get::<Device>(("a", 1)).unwrap().unwrap();
    let repair = s.get::<Repair>(1).unwrap().unwrap();
    db.forget();
    s[a].username = "z".to_owned();
    s[device].label = "new".to_owned();
    s.flush().unwrap();
    assert_eq!(s.key(device).unwrap(), ("z".to_owned(), 1));
    assert_eq!(s[repair].device, Fk::to(("z".to_owned(), 1)));
    assert_eq!(s.get::<Device>(("z", 1)).unwrap(), Some(device));
    s[device].label = "newer".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE devices SET label ×1 WHERE owner_username, number
        UPDATE names SET username ×1 WHERE username
        UPDATE devices SET label ×1 WHERE owner_username, number
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT owner_username, number, label FROM devices"),
        "z | 1 | newer\n"
    );
}

/// PK-1, S57
#[test]
fn a_rollback_takes_the_new_key_back() {
    let db = db();
    let mut s = db.session();
    let [a, ..] = logins(&mut s);
    let mail = s.get::<Mail>("m1").unwrap().unwrap();
    let device = s.get::<Device>(("a", 1)).unwrap().unwrap();
    db.forget();
    s[a].username = "z".to_owned();
    s.flush().unwrap();
    s.rollback().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE names SET username ×1 WHERE username
        ROLLBACK
    "#]]);
    assert_eq!(
        db.rows("SELECT address, name_username FROM mails ORDER BY 1"),
        "m1 | a\nm2 | a\n"
    );
    assert_eq!(s[a].username, "a");
    assert_eq!(s[mail].name, Fk::to("a"));
    assert_eq!(s.key(device).unwrap(), ("a".to_owned(), 1));
    assert_eq!(s.local::<Device>(&("a".to_owned(), 1)), Some(device));
    assert_eq!(s.get::<Login>("a").unwrap(), Some(a));
    assert_eq!(s.get::<Login>("z").unwrap(), None);
}

/// PK-1: a child may be pointed at a row whose key changes in the same flush.
#[test]
fn a_handle_of_a_row_whose_key_changes_becomes_the_new_key() {
    let db = db();
    let mut s = db.session();
    let [a, b, _] = logins(&mut s);
    let m1 = s.get::<Mail>("m1").unwrap().unwrap();
    db.forget();
    s[b].username = "y".to_owned();
    s[m1].name = b.into();
    s.add(mail("m3", b));
    s.add(mail("m4", Fk::to("y")));
    s.add(mail("m5", a));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE names SET username ×1 WHERE username
        UPDATE mails SET name_username ×1 WHERE address
        INSERT mails (address, name_username, read) ×3
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT address, name_username FROM mails ORDER BY 1"),
        "m1 | y\nm2 | a\nm3 | y\nm4 | y\nm5 | a\n"
    );
}

/// PK-1, FL-3: a chain of keys is ordered like one of unique values.
#[test]
fn keys_move_along_a_chain() {
    let db = db();
    let mut s = db.session();
    let [a, b, c] = logins(&mut s);
    db.forget();
    s[a].username = "b".to_owned();
    s[b].username = "c".to_owned();
    s[c].username = "d".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK names ×3
        UPDATE names SET username ×1 WHERE username
        UPDATE names SET username ×1 WHERE username
        UPDATE names SET username ×1 WHERE username
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT username, \"full\" FROM names ORDER BY 1"),
        "b | A\nc | B\nd | C\n"
    );
    assert_eq!(s.local::<Login>(&"b".to_owned()), Some(a));
    assert_eq!(s.local::<Login>(&"c".to_owned()), Some(b));
    assert_eq!(s.local::<Login>(&"a".to_owned()), None);
}

/// PK-1, FL-3
#[test]
fn a_swap_of_keys_is_a_cycle_before_sql() {
    let db = db();
    let mut s = db.session();
    let [a, b, _] = logins(&mut s);
    db.forget();
    s[a].username = "b".to_owned();
    s[b].username = "a".to_owned();
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#""#]]);
    expect![[r#"rows wait for each other in a cycle: Login "a", Login "b" by Login.username (names_pkey)"#]]
        .assert_eq(&error.to_string());
}

/// ST-4: two rows of the session that end with one key.
#[test]
fn a_key_that_another_live_row_has_is_refused_before_sql() {
    let db = db();
    let mut s = db.session();
    let [a, ..] = logins(&mut s);
    db.forget();
    s[a].username = "b".to_owned();
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![""]);
    expect![[r#"two objects for Login "b""#]].assert_eq(&error.to_string());
}

/// ST-4: a new row may take a key that is given up, and no other.
#[test]
fn a_new_row_takes_the_key_that_another_gives_up() {
    let db = db();
    let mut s = db.session();
    let [a, b, _] = logins(&mut s);
    db.forget();
    s[b].username = "x".to_owned();
    let new = s.add(Login {
        full: "new".to_owned(),
        ..login("b")
    });
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE names SET username ×1 WHERE username
        INSERT names (username, full) ×1
    "#]]);
    assert_eq!(s.local::<Login>(&"b".to_owned()), Some(new));
    s[a].username = "x".to_owned();
    let error = s.flush().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Identity { .. }),
        "{error:?}"
    );
}

/// PK-1: a reference that stands means the row that had the key, not the one that takes it.
#[test]
fn a_standing_reference_follows_its_row_though_another_takes_the_key() {
    let db = TestDb::new::<Folder>();
    let mut s = db.session();
    let old = s.add(Folder::under(None, "a"));
    let child = s.add(Folder::under(Some(old.into()), "child"));
    s.flush().unwrap();
    db.forget();
    s[old].path = "b".to_owned();
    let new = s.add(Folder::under(None, "a"));
    let other = s.add(Folder::under(Some(new.into()), "other"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE folders SET path ×1 WHERE path
        INSERT folders (path, parent_path) ×2
        COMMIT
    "#]]);
    assert_eq!(s[child].parent, Some(Fk::to("b")));
    assert_eq!(s[other].parent, Some(Fk::to("a")));
    assert_eq!(
        db.rows("SELECT path, parent_path FROM folders ORDER BY path"),
        "a | -\nb | -\nchild | b\nother | a\n"
    );
}

/// PK-1: PostgreSQL checks the reference of a row that the transaction has written whenever the
/// row is written, and may do so before the key was cascaded.
#[test]
fn a_row_and_its_parent_that_were_written_before_get_their_keys_one_after_the_other() {
    let db = TestDb::new::<Folder>();
    save(
        &db,
        [
            Folder::under(None, "old"),
            Folder::under(Some(Fk::to("old")), "kid"),
        ],
    );
    let mut s = db.session();
    let child = s.add(Folder::under(None, "child"));
    let parent = s.add(Folder::under(None, "parent"));
    s[child].parent = parent.into();
    let [old, kid] = s
        .get_many::<Folder, 2>(["old", "kid"])
        .unwrap()
        .map(Option::unwrap);
    db.forget();
    s[child].path = "c".to_owned();
    s[parent].path = "p".to_owned();
    s[old].path = "o".to_owned();
    s[kid].path = "k".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        LOCK folders ×2
        UPDATE folders SET path ×3 WHERE path
        UPDATE folders SET path ×1 WHERE path
        COMMIT
    "#]]);
    assert_eq!(s[child].parent, Some(Fk::to("p")));
    assert_eq!(
        db.rows("SELECT path, parent_path FROM folders ORDER BY path"),
        "c | p\nk | o\no | -\np | -\n"
    );
}

/// PK-1, ST-6: a row that compares the reference that it gives up comes before the new key.
#[test]
fn an_expired_row_leaves_its_parent_before_that_gets_another_key() {
    let db = TestDb::new::<Folder>();
    save(
        &db,
        [
            Folder::under(None, "old"),
            Folder::under(Some(Fk::to("old")), "kid"),
        ],
    );
    let mut s = db.session();
    let [old, kid] = s
        .get_many::<Folder, 2>(["old", "kid"])
        .unwrap()
        .map(Option::unwrap);
    s.commit().unwrap();
    db.forget();
    s[old].path = "o".to_owned();
    s[kid].parent = None;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK folders ×2
        UPDATE folders SET parent_path ×1 WHERE path, parent_path
        UPDATE folders SET path ×1 WHERE path, path
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT path, parent_path FROM folders ORDER BY path"),
        "kid | -\no | -\n"
    );
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "shops")]
struct Shop {
    #[model(key)]
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tills")]
struct Till {
    #[model(key, generated)]
    id: i64,
    shop: Fk<Shop>,
    coins: i32,
    #[model(version)]
    version: sessile::Xmin,
}

/// PK-1, VN-1: the new key of a parent makes another xmin of its children, so those that compare
/// theirs are written before.
#[test]
fn children_with_a_version_of_the_servers_are_written_before_the_key_changes() {
    let db = TestDb::with::<(Shop, Till)>(
        "INSERT INTO shops VALUES ('a'); INSERT INTO tills (shop_name, coins) VALUES ('a', 1), ('a', 2)",
    );
    let mut s = db.session();
    let shop = s.get::<Shop>("a").unwrap().unwrap();
    let [kept, closed] = [1, 2].map(|id| s.get::<Till>(id).unwrap().unwrap());
    db.forget();
    s[shop].name = "b".to_owned();
    s[kept].coins = 5;
    s.delete(closed).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE tills SET coins ×1 WHERE id, xmin RETURNING xmin
        DELETE tills ×1 WHERE id, xmin
        UPDATE shops SET name ×1 WHERE name
        COMMIT
    "#]]);
    assert_eq!(s[kept].shop.key().map(String::as_str), Some("b"));
    assert_eq!(
        db.rows("SELECT id, shop_name, coins FROM tills"),
        "1 | b | 5\n"
    );
}
