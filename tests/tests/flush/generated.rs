//! Values that the database makes are in the objects after the flush (FL-9).

use expect_test::expect;
use jiff::Timestamp;
use sessile::prelude::*;
use sessile_tests::TestDb;
use uuid::Uuid;

/// A column with a default, one with `now()`, one that only the database writes.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "docs")]
struct Doc {
    #[model(key, generated)]
    id: i64,
    a: i32,
    #[model(default = "5")]
    b: i32,
    #[model(default = "7")]
    c: Option<i32>,
    #[model(default = "now()")]
    at: Timestamp,
    #[model(generated(always), default = "a * 2")]
    doubled: i32,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tokens")]
struct Token {
    #[model(key, default = "gen_random_uuid()")]
    id: Uuid,
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "blanks")]
struct Blank {
    #[model(key, default = "gen_random_uuid()")]
    id: Uuid,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "small")]
struct Small {
    #[model(key, generated)]
    id: i16,
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "medium")]
struct Medium {
    #[model(key, generated(always))]
    id: i32,
    name: String,
}

/// A row that a trigger stamps.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "stamped")]
struct Stamped {
    #[model(key)]
    id: i64,
    name: String,
    #[model(generated(always))]
    stamp: String,
}

const STAMPS: &str = "
    CREATE SEQUENCE stamps;
    CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.stamp := TG_OP || ' ' || NEW.name; RETURN NEW; END $$;
    CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON stamped
        FOR EACH ROW EXECUTE FUNCTION stamp();";

/// S07, FL-9
#[test]
fn defaults_are_read_back_with_the_key() {
    let db = TestDb::new::<Doc>();
    let mut s = db.session();
    let doc = s.insert(Doc {
        a: 21,
        ..Doc::default()
    });
    let doc = doc.unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT docs (a) ×1 RETURNING id, b, c, at, doubled
    "#]]);
    assert_eq!((s[doc].b, s[doc].c, s[doc].doubled), (5, Some(7), 42));
    assert!(s[doc].at > Timestamp::UNIX_EPOCH);
    db.assert_statements(expect![[r#""#]]);
    let seen = s[doc].clone();
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT id, a, b, c, doubled FROM docs"),
        "1 | 21 | 5 | 7 | 42\n"
    );
    let mut other = db.session();
    let other_doc = other.get::<Doc>(1).unwrap().unwrap();
    assert_eq!(other[other_doc], seen);
}

/// S04, S08: a value that is set is sent, one that equals the type's default is left out.
#[test]
fn rows_with_and_without_their_defaults_set_are_a_statement_each() {
    let db = TestDb::new::<Doc>();
    let mut s = db.session();
    let doc = |a, b, c| Doc {
        a,
        b,
        c,
        ..Doc::default()
    };
    let handles = s.add_all([
        doc(1, 0, None),
        doc(2, 9, Some(3)),
        doc(3, 0, None),
        doc(4, 0, None),
    ]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT docs (a) ×3 RETURNING id, b, c, at, doubled
        INSERT docs (a, b, c) ×1 RETURNING id, at, doubled
        COMMIT
    "#]]);
    let held: Vec<_> = handles
        .iter()
        .map(|h| (s[*h].a, s[*h].b, s[*h].c, s[*h].doubled))
        .collect();
    assert_eq!(
        held,
        [
            (1, 5, Some(7), 2),
            (2, 9, Some(3), 4),
            (3, 5, Some(7), 6),
            (4, 5, Some(7), 8)
        ]
    );
    assert_eq!(
        db.rows("SELECT a, b, c, doubled FROM docs ORDER BY a"),
        "1 | 5 | 7 | 2\n2 | 9 | 3 | 4\n3 | 5 | 7 | 6\n4 | 5 | 7 | 8\n"
    );
}

/// FL-9: columns that only the database writes are read back after every UPDATE.
#[test]
fn a_computed_column_is_read_back_after_an_update() {
    let db = TestDb::new::<Doc>();
    let mut s = db.session();
    let docs = s.add_all((1..=3).map(|a| Doc {
        a,
        ..Doc::default()
    }));
    s.flush().unwrap();
    db.forget();
    s[docs[0]].a = 10;
    s.flush().unwrap();
    assert_eq!(s[docs[0]].doubled, 20);
    s[docs[1]].a = 20;
    s[docs[2]].a = 30;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE docs SET a ×1 WHERE id RETURNING doubled
        UPDATE docs SET a ×2 WHERE id RETURNING doubled
        COMMIT
    "#]]);
    assert_eq!((s[docs[1]].doubled, s[docs[2]].doubled), (40, 60));
}

/// CT-1: what only the database writes is no change, and does not stay as it was written.
#[test]
fn a_write_to_a_computed_column_is_taken_back() {
    let db = TestDb::new::<Doc>();
    let mut s = db.session();
    let doc = s.insert(Doc {
        a: 4,
        ..Doc::default()
    });
    let doc = doc.unwrap();
    db.forget();
    s[doc].doubled = 99;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        COMMIT
    "#]]);
    assert_eq!(s[doc].doubled, 8);
    assert_eq!(db.rows("SELECT a, doubled FROM docs"), "4 | 8\n");
}

/// FL-6: keys that no sequence makes are matched by the row's ordinal.
#[test]
fn uuid_keys_of_many_rows_find_their_rows() {
    let db = TestDb::new::<Token>();
    let mut s = db.session();
    let handles = s.add_all((0..1_000).map(|n| Token {
        name: format!("t{n}"),
        ..Token::default()
    }));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tokens (name) ×1000 RETURNING id
        COMMIT
    "#]]);
    let mut held: Vec<String> = handles
        .iter()
        .map(|h| format!("{} | {}\n", s[*h].name, s[*h].id))
        .collect();
    held.sort_unstable();
    assert_eq!(
        held.concat(),
        db.rows("SELECT name, id FROM tokens ORDER BY name COLLATE \"C\"")
    );
}

/// FL-9: rows that are all alike take the keys as they come.
#[test]
fn uuid_keys_of_rows_of_which_nothing_is_sent_come_back() {
    let db = TestDb::new::<Blank>();
    let mut s = db.session();
    let handles = s.add_all((0..50).map(|_| Blank::default()));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT blanks () ×50 RETURNING id
        COMMIT
    "#]]);
    let mut held: Vec<String> = handles.iter().map(|h| format!("{}\n", s[*h].id)).collect();
    held.sort_unstable();
    assert_eq!(held.concat(), db.rows("SELECT id FROM blanks ORDER BY id"));
}

#[test]
fn identities_may_be_small() {
    let db = TestDb::new::<(Small, Medium)>();
    let mut s = db.session();
    let named = |n: i32| format!("n{n}");
    let small = s.add_all((0..300).map(|n| Small {
        name: named(n),
        ..Small::default()
    }));
    let medium = s.add_all((0..300).map(|n| Medium {
        name: named(n),
        ..Medium::default()
    }));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT medium (name) ×300 RETURNING id
        INSERT small (name) ×300 RETURNING id
        COMMIT
    "#]]);
    assert!(small.iter().zip(1..).all(|(h, id)| s[*h].id == id));
    assert!(medium.iter().zip(1..).all(|(h, id)| s[*h].id == id));
    assert_eq!(
        db.rows("SELECT count(*) FROM small JOIN medium USING (id, name)"),
        "300\n"
    );
}

/// FL-9: triggers write columns that are marked `generated(always)`.
#[test]
fn what_a_trigger_writes_is_in_the_object() {
    let db = TestDb::with::<Stamped>(STAMPS);
    let mut s = db.session();
    let rows = s.add_all((1..=2).map(|id| Stamped {
        id,
        name: format!("n{id}"),
        stamp: "mine".to_owned(),
    }));
    s.flush().unwrap();
    assert_eq!(s[rows[1]].stamp, "INSERT n2");
    s[rows[0]].name = "x".to_owned();
    s[rows[1]].name = "y".to_owned();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT stamped (id, name) ×2 RETURNING stamp
        UPDATE stamped SET name ×2 WHERE id RETURNING stamp
    "#]]);
    assert_eq!(s[rows[0]].stamp, "UPDATE x");
    assert_eq!(s[rows[1]].stamp, "UPDATE y");
}

/// FL-2a
#[test]
fn a_generated_key_that_is_set_back_to_its_default_is_refused() {
    let db = TestDb::new::<Doc>();
    let mut s = db.session();
    let doc = s.insert(Doc::default()).unwrap();
    db.forget();
    s[doc] = Doc {
        a: 3,
        ..Doc::default()
    };
    let error = s.flush().unwrap_err();
    expect!["the generated key of Doc 1 was set back to its default"].assert_eq(&error.to_string());
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
}

/// ST-2: what the database made for a row that is no more is not kept.
#[test]
fn a_generated_value_is_reset_when_its_insert_is_rolled_back() {
    let db = TestDb::new::<Doc>();
    let mut s = db.session();
    let doc = s.insert(Doc {
        a: 3,
        ..Doc::default()
    });
    let doc = doc.unwrap();
    s.rollback().unwrap();
    let value = s.detach(doc).unwrap();
    assert_eq!(
        value,
        Doc {
            a: 3,
            ..Doc::default()
        }
    );
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "keepers")]
struct Keeper {
    #[model(key, generated)]
    id: i64,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "pets")]
struct Pet {
    #[model(key, generated)]
    id: i64,
    #[model(on_delete = set_null)]
    keeper: Option<Fk<Keeper>>,
    #[model(generated(always), default = "keeper_id IS NULL")]
    stray: bool,
}

/// FL-9: a row into which the database writes by itself may have other computed values then; the
/// next read of it tells.
#[test]
fn a_computed_value_is_read_again_after_an_action_of_the_database() {
    let db = TestDb::with::<(Keeper, Pet)>(
        "INSERT INTO keepers DEFAULT VALUES; INSERT INTO pets (keeper_id) VALUES (1)",
    );
    let mut s = db.session();
    let keeper = s.get::<Keeper>(1).unwrap().unwrap();
    let pet = s.get::<Pet>(1).unwrap().unwrap();
    s.delete(keeper).unwrap();
    s.flush().unwrap();
    assert_eq!(s[pet].keeper, None);
    s.get::<Pet>(1).unwrap();
    assert!(s[pet].stray);
    db.assert_statements(expect![[r#"
        SELECT keepers ×1 WHERE id
        BEGIN
        SELECT pets ×1 WHERE id
        DELETE keepers ×1 WHERE id
        SELECT pets ×1 WHERE id
    "#]]);
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT * FROM pets"), "1 | - | t\n");
}
