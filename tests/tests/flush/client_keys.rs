//! New rows with keys that the program makes.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;
use uuid::Uuid;

use super::models::{Folder, save};

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "countries", has_many(cities = City::COUNTRY))]
struct Country {
    #[model(key)]
    code: String,
    #[model(default = "'none'")]
    motto: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "cities")]
struct City {
    #[model(key)]
    id: Uuid,
    country: Fk<Country>,
    /// Grows with the city's districts.
    #[model(default = "1")]
    size: i64,
}

/// A tree whose rows go in chunks, because of the array.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "branches")]
struct Branch {
    #[model(key)]
    id: i64,
    parent: Option<Fk<Branch>>,
    leaves: Vec<i64>,
}

fn country(code: &str) -> Country {
    Country {
        code: code.to_owned(),
        ..Country::default()
    }
}

fn city(id: u128, country: impl Into<Fk<Country>>) -> City {
    City {
        id: Uuid::from_u128(id),
        country: country.into(),
        ..City::default()
    }
}

/// FL-2: the parent comes first although its key is known.
#[test]
fn a_child_refers_to_a_new_parent_by_its_handle() {
    let db = TestDb::new::<(Country, City)>();
    let mut s = db.session();
    let chile = s.add(country("cl"));
    let city = s.add(city(1, chile));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT countries (code) ×1 RETURNING motto
        INSERT cities (id, country_code) ×1 RETURNING size
        COMMIT
    "#]]);
    assert_eq!(s[city].country, Fk::to("cl".to_owned()));
    assert_eq!((s[chile].motto.as_str(), s[city].size), ("none", 1));
    assert_eq!(
        db.rows("SELECT id, country_code, size FROM cities"),
        "00000000-0000-0000-0000-000000000001 | cl | 1\n"
    );
}

/// FL-2: a key in the reference is as good as a handle.
#[test]
fn a_child_refers_to_a_new_parent_by_its_key() {
    let db = TestDb::new::<(Country, City)>();
    let mut s = db.session();
    s.add(city(1, Fk::to("cl")));
    s.add(country("cl"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT countries (code) ×1 RETURNING motto
        INSERT cities (id, country_code) ×1 RETURNING size
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT country_code FROM cities"), "cl\n");
}

/// FL-6: rows come back with their keys, so the order of the answer does not matter.
#[test]
fn defaults_find_their_rows_by_the_key_that_was_sent() {
    let db = TestDb::with::<Country>(
        "ALTER TABLE countries ALTER motto SET DEFAULT md5(random()::text)",
    );
    let mut s = db.session();
    let handles = s.add_all((0..300).rev().map(|n| country(&format!("c{n}"))));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT countries (code) ×300 RETURNING motto
        COMMIT
    "#]]);
    let mut held: Vec<String> = handles
        .iter()
        .map(|h| format!("{} | {}\n", s[*h].code, s[*h].motto))
        .collect();
    held.sort_unstable();
    assert_eq!(
        held.concat(),
        db.rows("SELECT code, motto FROM countries ORDER BY code COLLATE \"C\"")
    );
}

/// S04, FL-5: two shapes of rows are two statements, in whatever order they were added.
#[test]
fn rows_of_two_shapes_are_two_statements() {
    let db = TestDb::new::<Country>();
    let mut s = db.session();
    let a = s.add(country("a"));
    s.add(Country {
        motto: "own".to_owned(),
        ..country("b")
    });
    let c = s.add(country("c"));
    s.add(country("d"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT countries (code) ×3 RETURNING motto
        INSERT countries (code, motto) ×1
        COMMIT
    "#]]);
    assert_eq!((s[a].motto.as_str(), s[c].motto.as_str()), ("none", "none"));
    assert_eq!(
        db.rows("SELECT code, motto FROM countries ORDER BY code"),
        "a | none\nb | own\nc | none\nd | none\n"
    );
}

/// S13, FL-5
#[test]
fn a_tree_with_known_keys_is_one_statement_in_any_order() {
    let db = TestDb::new::<Folder>();
    let mut s = db.session();
    let leaf = s.add(Folder::under(None, "/a/b/c"));
    let middle = s.add(Folder::under(None, "/a/b"));
    let root = s.add(Folder::under(None, "/a"));
    s[leaf].parent = middle.into();
    s[middle].parent = root.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT folders (path, parent_path) ×3
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT path, parent_path FROM folders ORDER BY path"),
        "/a | -\n/a/b | /a\n/a/b/c | /a/b\n"
    );
}

/// FL-5: PostgreSQL checks references at the end of each statement, so where a statement is cut
/// parents must be in the earlier one.
#[test]
fn a_tree_that_is_cut_into_chunks_has_its_parents_first() {
    let db = TestDb::new::<Branch>();
    let mut s = db.session();
    let branches: Vec<_> = (1..=1_500)
        .map(|id| Branch {
            id,
            parent: (id < 1_500).then(|| Fk::to(id + 1)),
            leaves: vec![id],
        })
        .collect();
    let handles = s.add_all(branches);
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT branches (id, parent_id, leaves) ×1000
        INSERT branches (id, parent_id, leaves) ×500
    "#]]);
    for handle in handles.iter().rev() {
        s.delete(*handle).unwrap();
    }
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        DELETE branches ×1500 WHERE id
    "#]]);
    s.rollback().unwrap();
}

/// ST-4, S59
#[test]
fn two_pending_objects_with_one_key_are_refused_before_sql() {
    let db = TestDb::new::<(Country, City)>();
    let mut s = db.session();
    s.add(country("cl"));
    s.add(country("cl"));
    let error = s.flush().unwrap_err();
    assert_eq!(error.to_string(), "two objects for Country \"cl\"");
    db.assert_statements(expect![[r#""#]]);
    assert!(matches!(error.kind(), ErrorKind::Identity { .. }));
    assert_eq!(db.rows("SELECT count(*) FROM countries"), "0\n");
}

/// ST-4, S59
#[test]
fn a_pending_object_with_the_key_of_a_live_row_is_refused_before_sql() {
    let db = TestDb::new::<(Country, City)>();
    save(&db, [country("cl")]);
    let mut s = db.session();
    s.get::<Country>("cl").unwrap();
    db.forget();
    s.add(country("cl"));
    let error = s.flush().unwrap_err();
    assert_eq!(error.to_string(), "two objects for Country \"cl\"");
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(db.rows("SELECT count(*) FROM countries"), "1\n");
}

/// S11: a key that was not set is sent as it is; only the database may refuse it.
#[test]
fn a_key_of_the_program_is_sent_as_it_is() {
    let db = TestDb::new::<Country>();
    let mut s = db.session();
    let nameless = s.add(country(""));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT countries (code) ×1 RETURNING motto
        COMMIT
    "#]]);
    assert_eq!(s.key(nameless).unwrap(), "");
    assert_eq!(db.rows("SELECT '<' || code || '>' FROM countries"), "<>\n");
}
