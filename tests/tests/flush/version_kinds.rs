//! What can be a version besides a counter: a uuid, a timestamp, and the server's own `xmin`
//! (VN-2).

use expect_test::expect;
use jiff::Timestamp;
use sessile::Xmin;
use sessile::prelude::*;
use sessile_tests::TestDb;
use time::OffsetDateTime;
use uuid::Uuid;

use super::models::save;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tagged")]
struct Tagged {
    #[model(key)]
    id: i64,
    text: String,
    #[model(version)]
    tag: Uuid,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "timed")]
struct Timed {
    #[model(key)]
    id: i64,
    text: String,
    #[model(version)]
    at: Timestamp,
}

/// Its table has no column for the version.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "documents", has_many(pages = Page::DOCUMENT))]
struct Document {
    #[model(key, generated)]
    id: i64,
    #[model(version)]
    version: Xmin,
    #[model(unique)]
    title: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "pages")]
struct Page {
    #[model(key)]
    name: String,
    #[model(on_delete = set_null)]
    document: Option<Fk<Document>>,
    #[model(version)]
    version: Xmin,
}

/// Nothing but a key.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "bare")]
struct Bare {
    #[model(key)]
    id: Uuid,
    #[model(version)]
    version: Xmin,
}

fn document(title: &str) -> Document {
    Document {
        title: title.to_owned(),
        ..Document::default()
    }
}

fn documents() -> TestDb {
    let db = TestDb::new::<(Document, Page, Bare)>();
    save(&db, ["a", "b", "c"].map(document));
    db
}

fn all(s: &mut Session) -> Vec<Handle<Document>> {
    s.all(select::<Document>().order_by(Document::ID.asc()))
        .unwrap()
}

fn stale(model: &'static str, key: &str) -> ErrorKind {
    ErrorKind::Stale {
        model,
        keys: vec![key.to_owned()],
    }
}

/// VN-2, S64
#[test]
fn a_uuid_is_a_new_one_after_each_update() {
    let db = TestDb::new::<Tagged>();
    let mut s = db.session();
    let rows = s.add_all((1..=2).map(|id| Tagged {
        id,
        ..Tagged::default()
    }));
    s.commit().unwrap();
    let first = rows.iter().map(|row| s[*row].tag).collect::<Vec<_>>();
    assert!(!first.contains(&Uuid::nil()));
    assert_ne!(first[0], first[1]);
    rows.iter().for_each(|row| s[*row].text = "new".to_owned());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tagged (id, text, tag) ×2
        COMMIT
        BEGIN
        UPDATE tagged SET text, tag ×2 WHERE id, tag
        COMMIT
    "#]]);
    assert_ne!(s[rows[0]].tag, first[0]);
    let sql = format!(
        "SELECT count(*) FROM tagged WHERE tag = '{}'",
        s[rows[0]].tag
    );
    assert_eq!(db.rows(&sql), "1\n");

    db.look()
        .run("UPDATE tagged SET tag = gen_random_uuid() WHERE id = 2");
    s[rows[1]].text = "newer".to_owned();
    let expected = s[rows[1]].tag;
    let error = s.commit().unwrap_err();
    assert_eq!(*error.kind(), stale("Tagged", "2"));
    assert_eq!(error.stale()[0].expected, Some(expected.to_string()));
    let before = s[rows[1]].tag;
    s.rollback().unwrap();
    assert_ne!(s[rows[1]].tag, before);
}

/// VN-2: it is the program's clock, so that nothing need be read back, and moves on by a
/// microsecond at least.
#[test]
fn a_timestamp_moves_on_with_each_update() {
    let db = TestDb::new::<Timed>();
    let mut s = db.session();
    let row = s.add(Timed {
        id: 1,
        ..Timed::default()
    });
    s.flush().unwrap();
    let mut last = s[row].at;
    assert!(last > Timestamp::UNIX_EPOCH);
    for text in ["a", "b", "c"] {
        s[row].text = text.to_owned();
        s.flush().unwrap();
        assert!(s[row].at > last);
        last = s[row].at;
    }
    let far: Timestamp = "2200-01-01T00:00:00Z".parse().unwrap();
    s[row].at = far;
    s.commit().unwrap();
    db.forget();
    s[row].text = "d".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE timed SET text, at ×1 WHERE id, at
        COMMIT
    "#]]);
    assert_eq!(s[row].at, far + jiff::SignedDuration::from_micros(1));
    db.look().run("UPDATE timed SET at = now()");
    s.delete(row).unwrap();
    let error = s.commit().unwrap_err();
    assert_eq!(*error.kind(), stale("Timed", "1"));
    let expected = "2200-01-01T00:00:00.000001Z";
    assert_eq!(error.stale()[0].expected.as_deref(), Some(expected));
}

/// Its version's type has no default.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "clocked")]
struct Clocked {
    #[model(key)]
    id: i64,
    text: String,
    #[model(version)]
    at: OffsetDateTime,
}

/// VN-1, VN-2: the beginning of 1970 says nothing of the version, as a default would.
#[test]
fn a_timestamp_of_the_time_crate_counts_like_the_others() {
    let db = TestDb::new::<Clocked>();
    let mut s = db.session();
    let [row, other] = [1, 2].map(|id| {
        s.add(Clocked {
            id,
            text: String::new(),
            at: OffsetDateTime::UNIX_EPOCH,
        })
    });
    s.commit().unwrap();
    let first = s[row].at;
    assert!(first > OffsetDateTime::UNIX_EPOCH);
    s[row].text = "a".to_owned();
    s[other].text = "b".to_owned();
    s.commit().unwrap();
    assert!(s[row].at > first);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT clocked (id, text, at) ×2
        COMMIT
        BEGIN
        UPDATE clocked SET text, at ×2 WHERE id, at
        COMMIT
    "#]]);
    db.look().run("UPDATE clocked SET at = now() WHERE id = 2");
    s[row].text = "c".to_owned();
    s[other].text = "d".to_owned();
    assert_eq!(*s.commit().unwrap_err().kind(), stale("Clocked", "2"));
    s.rollback().unwrap();
    let row = s.get::<Clocked>(1).unwrap().unwrap();
    let read = s[row].at;
    let changed = s
        .update_where(update::<Clocked>().set(Clocked::TEXT, "e"))
        .unwrap();
    assert_eq!(changed, 2);
    assert_ne!(s[row].at, read);
    s[row].text = "f".to_owned();
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT id, text FROM clocked ORDER BY id"),
        "1 | f\n2 | e\n"
    );
}

/// VN-2, S64
#[test]
fn the_servers_own_version_needs_no_column() {
    let db = documents();
    let columns = "SELECT column_name FROM information_schema.columns
        WHERE table_name = 'documents' ORDER BY 1";
    assert_eq!(db.rows(columns), "id\ntitle\n");
    let mut s = db.session();
    let [a, b, c] = *all(&mut s) else {
        panic!("three documents");
    };
    let first = s[a].version;
    assert_ne!(first, Xmin::default());
    db.forget();
    s[a].title = "A".to_owned();
    s[b].title = "B".to_owned();
    s.delete(c).unwrap();
    let new = s.add(document("d"));
    s.flush().unwrap();
    s[a].title = "AA".to_owned();
    s.flush().unwrap();
    s.delete(new).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK documents ×3
        UPDATE documents SET title ×2 WHERE id, xmin RETURNING xmin
        INSERT documents (title) ×1 RETURNING id, xmin
        DELETE documents ×1 WHERE id, xmin
        UPDATE documents SET title ×1 WHERE id, xmin RETURNING xmin
        DELETE documents ×1 WHERE id, xmin
        COMMIT
    "#]]);
    assert_ne!(s[a].version, first);
    assert_eq!(s[a].version, s[b].version);
    assert_eq!(
        db.rows("SELECT id, title FROM documents ORDER BY id"),
        "1 | AA\n2 | B\n"
    );
}

/// VN-1, FL-8
#[test]
fn a_row_that_somebody_else_has_written_is_stale_whoever_that_was() {
    let db = documents();
    let mut s = db.session();
    let [a, b, c] = *all(&mut s) else {
        panic!("three documents");
    };
    db.look()
        .run("UPDATE documents SET title = title WHERE id > 1");
    s[a].title = "A".to_owned();
    s[b].title = "B".to_owned();
    let read = u32::from(s[b].version).to_string();
    let error = s.flush().unwrap_err();
    assert_eq!(*error.kind(), stale("Document", "2"));
    assert_eq!(error.stale()[0].expected, Some(read));
    s.rollback().unwrap();
    s.delete(c).unwrap();
    assert_eq!(*s.flush().unwrap_err().kind(), stale("Document", "3"));
    s.rollback().unwrap();
    let c = s.get::<Document>(3).unwrap().unwrap();
    s.delete(c).unwrap();
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT id, title FROM documents ORDER BY id"),
        "1 | a\n2 | b\n"
    );
}

/// TX-2: a savepoint is a transaction of its own to the server.
#[test]
fn the_version_comes_back_with_a_savepoint() {
    let db = documents();
    let mut s = db.session();
    let a = all(&mut s)[0];
    s[a].title = "A".to_owned();
    s.flush().unwrap();
    let outside = s[a].version;
    s.savepoint(|s| {
        s[a].title = "AA".to_owned();
        s.flush()?;
        assert_ne!(s[a].version, outside);
        Err::<(), _>(Error::other("no"))
    })
    .unwrap_err();
    assert_eq!(s[a].version, outside);
    s[a].title = "AAA".to_owned();
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT title FROM documents WHERE id = 1"), "AAA\n");
}

/// VN-2: a row that is written as it is has another version.
#[test]
fn a_touched_root_is_written_as_it_is() {
    let db = documents();
    let mut s = db.session();
    let a = all(&mut s)[0];
    let bare = s.add(Bare {
        id: Uuid::from_u128(1),
        ..Bare::default()
    });
    s.commit().unwrap();
    let before = (s[a].version, s[bare].version);
    db.forget();
    s.touch(a).unwrap();
    s.touch(bare).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE bare SET id = id ×1 WHERE id, xmin RETURNING id, xmin
        UPDATE documents SET title = title ×1 WHERE id, xmin RETURNING xmin, title
        COMMIT
    "#]]);
    assert_ne!(s[a].version, before.0);
    assert_ne!(s[bare].version, before.1);
    s[a].title = "A".to_owned();
    s.touch(a).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE documents SET title ×1 WHERE id, xmin RETURNING xmin
        COMMIT
    "#]]);
}

/// VN-1: what the program writes there is not sent.
#[test]
fn nobody_sets_the_servers_version() {
    let db = documents();
    let mut s = db.session();
    let a = all(&mut s)[0];
    let version = s[a].version;
    s[a].version = Xmin::default();
    db.forget();
    s.commit().unwrap();
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(s[a].version, version);
}

/// RL-2: a row that the database writes by itself has a version that nobody saw, so it is read
/// again.
#[test]
fn a_row_that_an_action_of_the_database_wrote_is_read_again() {
    let db = documents();
    save(
        &db,
        [Page {
            name: "one".to_owned(),
            document: Some(Fk::to(1)),
            ..Page::default()
        }],
    );
    let mut s = db.session();
    let a = all(&mut s)[0];
    let page = s.get::<Page>("one").unwrap().unwrap();
    s.delete(a).unwrap();
    s.flush().unwrap();
    assert!(s[page].document.is_none());
    db.forget();
    assert_eq!(s.get::<Page>("one").unwrap(), Some(page));
    db.assert_statements(expect![[r#"
        SELECT pages ×1 WHERE name
    "#]]);
    s[page].document = Some(Fk::to(2));
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT name, document_id FROM pages"), "one | 2\n");
}

/// VN-1: locks and queries of many shapes read it.
#[test]
fn every_way_to_read_brings_it_along() {
    let db = documents();
    save(
        &db,
        [Page {
            name: "one".to_owned(),
            document: Some(Fk::to(1)),
            ..Page::default()
        }],
    );
    let mut s = db.session();
    let a = s.get_for_update::<Document>(1).unwrap();
    let pages = s.related(a, Document::PAGES).unwrap();
    s.commit().unwrap();
    let rich = s.all(
        select::<Page>()
            .filter(Page::VERSION.eq(s[pages[0]].version))
            .with(Page::DOCUMENT),
    );
    assert_eq!(rich.unwrap(), pages);
    let versions = s
        .rows(select::<Document>().columns((Document::ID, Document::VERSION)))
        .unwrap();
    assert_eq!(versions.len(), 3);
    s.refresh(a).unwrap();
    assert!(versions.contains(&(1, s[a].version)));
}

/// S65: a form brings the version back as a number.
#[test]
fn a_value_that_went_out_and_came_back_is_compared() {
    let db = documents();
    let mut s = db.session();
    let a = all(&mut s)[0];
    let sent = serde_json::to_string(&s[a].version).unwrap();
    s.commit().unwrap();
    let form = |title: &str| Document {
        id: 1,
        version: serde_json::from_str(&sent).unwrap(),
        title: title.to_owned(),
    };
    db.forget();
    s.merge(form("A")).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT documents ×1 WHERE id
        BEGIN
        UPDATE documents SET title ×1 WHERE id, xmin RETURNING xmin
        COMMIT
    "#]]);
    s.merge(form("AA")).unwrap();
    assert_eq!(*s.commit().unwrap_err().kind(), stale("Document", "1"));
    s.rollback().unwrap();
    assert_ne!(
        u32::from(s[a].version),
        serde_json::from_str::<u32>(&sent).unwrap()
    );
    assert_eq!(db.rows("SELECT title FROM documents WHERE id = 1"), "A\n");
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "lockers")]
struct Locker {
    #[model(key, generated)]
    id: i64,
    #[model(unique)]
    code: Option<i32>,
    #[model(version)]
    version: Xmin,
}

/// VN-1, FL-3: a row that is written twice in a flush has the version of the first time by then.
#[test]
fn what_a_flush_writes_twice_is_not_stale_by_its_own_hand() {
    let db = TestDb::with::<(Locker,)>("INSERT INTO lockers (code) VALUES (1), (2)");
    let mut s = db.session();
    let [a, b] = [1, 2].map(|id| s.get::<Locker>(id).unwrap().unwrap());
    db.forget();
    (s[a].code, s[b].code) = (Some(2), Some(1));
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE lockers SET code ×2 WHERE id, xmin RETURNING xmin
        UPDATE lockers SET code ×2 WHERE id, xmin RETURNING xmin
    "#]]);
    s.rollback().unwrap();
    (s[a].code, s[b].code) = (Some(2), Some(1));
    s.commit().unwrap();
    s[a].code = Some(3);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT id, code FROM lockers ORDER BY id"),
        "1 | 3\n2 | 1\n"
    );
}
