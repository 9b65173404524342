//! Keys that are made of other rows' keys: what is new, renamed, switched or deleted above them
//! (FL-2, PK-1, PK-2).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "works")]
struct Work {
    #[model(key, generated)]
    id: i64,
    title: String,
}

/// Its key holds that of a work, which the database draws.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "volumes")]
struct Volume {
    #[model(key, on_delete = cascade)]
    work: Fk<Work>,
    #[model(key)]
    number: i32,
}

/// Inserted before volumes, were it for the name; the reference is checked at COMMIT.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "a_loans")]
struct Loan {
    #[model(key)]
    id: i64,
    #[model(deferrable)]
    volume: Fk<Volume>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "cities")]
struct City {
    #[model(key)]
    name: String,
}

/// Its key is that of its city.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "mayors")]
struct Mayor {
    #[model(key)]
    city: Fk<City>,
    name: String,
    predecessor: Option<Fk<Mayor>>,
}

/// Refers to a city twice: by the row itself, and by one that holds its key.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "visits")]
struct Visit {
    #[model(key)]
    id: i64,
    city: Fk<City>,
    host: Fk<Mayor>,
}

/// Goes with its shelf, unless its owner is in the way.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "boxes")]
struct Crate {
    #[model(key)]
    id: i64,
    owner: Fk<Work>,
    #[model(on_delete = cascade)]
    shelf: Fk<City>,
}

/// Keeps its box from going.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "z_seals")]
struct Seal {
    #[model(key)]
    id: i64,
    on: Fk<Crate>,
}

type All = (Work, Volume, Loan, City, Mayor, Visit, Crate, Seal);

fn city(name: &str) -> City {
    City {
        name: name.to_owned(),
    }
}

fn mayor(city: impl Into<Fk<City>>, name: &str) -> Mayor {
    Mayor {
        city: city.into(),
        name: name.to_owned(),
        predecessor: None,
    }
}

fn visit_of(city: Handle<City>, host: Handle<Mayor>) -> Visit {
    Visit {
        id: 1,
        city: city.into(),
        host: host.into(),
    }
}

/// FL-2
#[test]
fn a_deferrable_reference_waits_for_what_its_key_is_made_of() {
    let db = TestDb::new::<All>();
    let mut s = db.session();
    let work = s.add(Work::default());
    let volume = s.add(Volume {
        work: work.into(),
        number: 2,
    });
    s.add(Loan {
        id: 7,
        volume: volume.into(),
    });
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT works (title) ×1 RETURNING id
        INSERT a_loans (id, volume_work_id, volume_number) ×1
        INSERT volumes (work_id, number) ×1
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT l.id, w.id = l.volume_work_id, volume_number FROM a_loans l, works w"),
        "7 | t | 2\n"
    );
}

/// ST-4
#[test]
fn two_new_rows_with_one_key_by_handles_are_told_before_sql() {
    let db = TestDb::new::<All>();
    let mut s = db.session();
    let york = s.add(city("York"));
    s.add(mayor(york, "Ann"));
    s.add(mayor(york, "Bob"));
    let error = s.flush().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Identity { model: "Mayor", .. }),
        "{error:?}"
    );
    db.assert_statements(expect![[r#""#]]);
}

/// PK-2
#[test]
fn a_row_whose_key_is_that_of_a_switched_row_is_switched_too() {
    let db = TestDb::new::<All>();
    let mut s = db.session();
    let york = s.add(city("York"));
    let ann = s.add(mayor(york, "Ann"));
    s.add(visit_of(york, ann));
    s.commit().unwrap();
    db.forget();

    s.delete(york).unwrap();
    s.delete(ann).unwrap();
    let york = s.add(city("York"));
    let bob = s.add(mayor(york, "Bob"));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE mayors SET name ×1 WHERE city_name, name
        COMMIT
    "#]]);
    assert_eq!(s.key(bob).unwrap(), "York");
    assert_eq!(s[bob].city.key().map(String::as_str), Some("York"));
    assert_eq!(
        db.rows("SELECT city_name, name FROM mayors; SELECT host_city_name FROM visits"),
        "York | Bob\nYork\n"
    );
}

/// PK-1, PK-2
#[test]
fn a_switched_row_follows_the_new_key_of_its_parent() {
    let db = TestDb::new::<All>();
    let mut s = db.session();
    let york = s.add(city("York"));
    let ann = s.add(mayor(york, "Ann"));
    s.add(visit_of(york, ann));
    s.commit().unwrap();
    let visit = s.get::<Visit>(1).unwrap().unwrap();
    s.commit().unwrap();
    db.forget();

    // The row is expired, so its UPDATE would compare what it changes.
    s[york].name = "Eboracum".to_owned();
    s.delete(visit).unwrap();
    let visit = s.add(visit_of(york, ann));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE cities SET name ×1 WHERE name, name
        COMMIT
    "#]]);
    assert_eq!(s[visit].city.key().map(String::as_str), Some("Eboracum"));
    assert_eq!(s[visit].host.key().map(String::as_str), Some("Eboracum"));
    assert_eq!(
        db.rows("SELECT city_name, host_city_name FROM visits"),
        "Eboracum | Eboracum\n"
    );
}

/// PK-1
#[test]
fn a_new_row_names_all_rows_by_their_new_keys() {
    let db = TestDb::new::<All>();
    let mut s = db.session();
    let york = s.add(city("York"));
    let ann = s.add(mayor(york, "Ann"));
    s.flush().unwrap();
    db.forget();

    s[york].name = "Eboracum".to_owned();
    let visit = s.add(visit_of(york, ann));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE cities SET name ×1 WHERE name
        INSERT visits (id, city_name, host_city_name) ×1
        COMMIT
    "#]]);
    assert_eq!(s[visit].host.key().map(String::as_str), Some("Eboracum"));
    assert_eq!(s[ann].city.key().map(String::as_str), Some("Eboracum"));
    assert_eq!(
        db.rows("SELECT city_name, host_city_name FROM visits"),
        "Eboracum | Eboracum\n"
    );
}

/// PK-1
#[test]
fn a_row_that_follows_a_key_refers_to_others_that_do() {
    let db = TestDb::new::<All>();
    let mut s = db.session();
    let york = s.add(city("York"));
    let ann = s.add(mayor(york, "Ann"));
    s.flush().unwrap();
    db.forget();

    s[york].name = "Eboracum".to_owned();
    s[ann].predecessor = ann.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE mayors SET predecessor_city_name ×1 WHERE city_name
        UPDATE cities SET name ×1 WHERE name
        COMMIT
    "#]]);
    assert_eq!(
        s[ann]
            .predecessor
            .as_ref()
            .and_then(Fk::key)
            .map(String::as_str),
        Some("Eboracum")
    );
    assert_eq!(
        db.rows("SELECT city_name, predecessor_city_name FROM mayors"),
        "Eboracum | Eboracum\n"
    );
}

/// RL-2
#[test]
fn what_goes_with_one_row_is_gone_before_another_that_it_holds() {
    let db = TestDb::new::<All>();
    let mut s = db.session();
    let owner = s.add(Work::default());
    let shelf = s.add(city("York"));
    s.add(Crate {
        id: 1,
        owner: owner.into(),
        shelf: shelf.into(),
    });
    s.flush().unwrap();
    db.forget();

    s.delete(owner).unwrap();
    s.delete(shelf).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE cities ×1 WHERE name
        DELETE works ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT (SELECT count(*) FROM boxes), (SELECT count(*) FROM works)"),
        "0 | 0\n"
    );
}

/// RL-2
#[test]
fn a_row_that_keeps_an_unknown_one_from_going_is_deleted_first() {
    let db = TestDb::with::<All>(
        "INSERT INTO works (title) VALUES (''); INSERT INTO cities VALUES ('York');
         INSERT INTO boxes SELECT 1, id, 'York' FROM works; INSERT INTO z_seals VALUES (5, 1)",
    );
    let mut s = db.session();
    let shelf = s.get::<City>("York").unwrap().unwrap();
    let seal = s.get::<Seal>(5).unwrap().unwrap();
    db.forget();
    s.delete(shelf).unwrap();
    s.delete(seal).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        DELETE z_seals ×1 WHERE id
        DELETE cities ×1 WHERE name
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT count(*) FROM boxes"), "0\n");
}
