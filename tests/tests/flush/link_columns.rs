//! Associations that are more than a pair (RL-5).

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile_tests::TestDb;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(many_to_many(
    rated: Film = (Rating::FAN, Rating::FILM),
    seen: Film = (Seen::FAN, Seen::FILM),
    owned: Film = (Owned::FAN, Owned::FILM)
))]
struct Fan {
    #[model(key, generated)]
    id: i64,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
struct Film {
    #[model(key, generated)]
    id: i64,
}

/// More than a pair.
#[derive(Model, Clone, Debug, PartialEq, Default)]
struct Rating {
    #[model(key)]
    fan: Fk<Fan>,
    #[model(key)]
    film: Fk<Film>,
    stars: i32,
}

/// As often as one likes.
#[derive(Model, Clone, Debug, PartialEq, Default)]
struct Seen {
    #[model(key, generated)]
    id: i64,
    fan: Fk<Fan>,
    film: Fk<Film>,
}

/// With a key of its own and a field that the database fills.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(unique(film, fan))]
struct Owned {
    #[model(key, generated)]
    id: i64,
    fan: Fk<Fan>,
    film: Fk<Film>,
    note: Option<String>,
    #[model(default = "7")]
    copies: i32,
}

/// RL-5
#[test]
fn an_association_that_is_more_than_a_pair_is_refused() {
    let mut s = Session::offline();
    let fan = s.add(Fan::default());
    let film = s.add(Film::default());
    let error = s.link(fan, Fan::RATED, film).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    expect!["linking by Fan.rated: Rating.stars needs a value: add an object of Rating instead"]
        .assert_eq(&error.to_string());
    s.unlink(fan, Fan::RATED, film).unwrap();
    let error = s.link(fan, Fan::SEEN, film).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
    expect!["linking by Fan.seen: Seen may hold a pair twice: neither its key nor a unique constraint is fan, film"].assert_eq(&error.to_string());
    s.unlink(fan, Fan::SEEN, film).unwrap_err();
}

/// RL-5, FL-9
#[test]
fn an_association_may_leave_the_rest_to_the_database() {
    let db = TestDb::new::<(Fan, Film, Rating, Seen, Owned)>();
    let mut s = db.session();
    let fan = s.add(Fan::default());
    let films = s.add_all([Film::default(), Film::default()]);
    s.flush().unwrap();
    s.load([fan], Fan::OWNED).unwrap();
    db.forget();
    for film in &films {
        s.link(fan, Fan::OWNED, *film).unwrap();
    }
    s.flush().unwrap();
    assert_eq!(s.loaded(fan, Fan::OWNED).unwrap(), films);
    let owned = s.get::<Owned>(1).unwrap().unwrap();
    assert_eq!(s[owned].copies, 7);
    s.link(fan, Fan::OWNED, films[1]).unwrap();
    s.unlink(fan, Fan::OWNED, films[0]).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT owned (fan_id, film_id) ×2 ON CONFLICT DO NOTHING RETURNING *
        INSERT owned (fan_id, film_id) ×1 ON CONFLICT DO NOTHING RETURNING *
        DELETE owned ×1 WHERE fan_id, film_id
        COMMIT
    "#]]);
    expect![[r#"
        1 | 2
    "#]]
    .assert_eq(&db.rows("SELECT fan_id, film_id FROM owned"));
}

/// RL-5: unlinking what a large collection has loaded costs time in proportion to the pairs.
#[test]
fn emptying_a_large_collection_is_linear() {
    let db = TestDb::with::<(Fan, Film, Owned)>(
        "INSERT INTO fan DEFAULT VALUES;
         INSERT INTO film SELECT FROM generate_series(1, 8000);
         INSERT INTO owned (fan_id, film_id) SELECT 1, n FROM generate_series(1, 8000) n",
    );
    let mut s = db.session();
    let fan = s.get::<Fan>(1).unwrap().unwrap();
    let films = s.related(fan, Fan::OWNED).unwrap();
    assert_eq!(films.len(), 8_000);
    let started = std::time::Instant::now();
    for film in films {
        s.unlink(fan, Fan::OWNED, film).unwrap();
    }
    let took = started.elapsed();
    println!("8,000 loaded pairs were unlinked in {took:?}");
    assert!(took.as_secs() < 5, "{took:?}");
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM owned"), "0\n");
}
