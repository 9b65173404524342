//! One row, one object: whatever way it came, and however often.

use std::time::Instant;

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Article, Favorite, Tag, User, blog};

/// IM-1
#[test]
fn one_row_is_one_handle_on_every_way() {
    let db = blog();
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    let by_query = s
        .one(select::<User>().filter(User::NAME.eq("ann")))
        .unwrap();
    let locked = s
        .first(select::<User>().order_by(User::ID).for_update())
        .unwrap();
    let article = s.get::<Article>(1).unwrap().unwrap();
    let followed = s.related(article, Article::AUTHOR).unwrap();
    let favorite = s.get::<Favorite>((1, 3)).unwrap().unwrap();
    let with = s.all(select::<Favorite>().with(Favorite::USER)).unwrap();
    assert!(with.contains(&favorite));
    let through = s.loaded(favorite, Favorite::USER).unwrap();
    let inserted = s
        .insert(User {
            name: "dan".to_owned(),
            ..User::default()
        })
        .unwrap();
    assert_eq!([by_query, locked.unwrap(), followed, through], [ann; 4]);
    assert_eq!(s.get::<User>(s[inserted].id).unwrap(), Some(inserted));
    assert_eq!(
        s.one(select::<User>().filter(User::NAME.eq("dan")))
            .unwrap(),
        inserted
    );
}

/// IM-2
#[test]
fn a_row_that_is_read_again_keeps_its_value_in_the_transaction() {
    let db = blog();
    let mut s = db.session();
    let [rust, sql] = s
        .get_many::<Tag, 2>(["rust", "sql"])
        .unwrap()
        .map(Option::unwrap);
    s[sql].uses = 70;
    s.flush().unwrap();
    s[sql].uses = 71;
    db.look().run("UPDATE tag SET uses = 9 WHERE name = 'rust'");
    let all = s
        .no_autoflush()
        .all(select::<Tag>().order_by(Tag::NAME))
        .unwrap();
    assert_eq!(all, [rust, sql]);
    assert_eq!((s[rust].uses, s[sql].uses), (2, 71));
    s.rollback().unwrap();
    s.all(select::<Tag>()).unwrap();
    assert_eq!((s[rust].uses, s[sql].uses), (9, 1));
}

/// ST-6
#[test]
fn an_expired_object_with_changes_is_rebased_on_the_row() {
    let db = blog();
    let mut s = db.session();
    let article = s.get::<Article>(1).unwrap().unwrap();
    s.commit().unwrap();
    s[article].title = "mine".to_owned();
    db.look()
        .run("UPDATE article SET reviewer_id = 3 WHERE id = 1");
    s.no_autoflush().all(select::<Article>()).unwrap();
    assert_eq!(s[article].title, "mine");
    assert_eq!(s[article].reviewer, Some(Fk::to(3)));
    db.forget();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE article SET title ×1 WHERE id
        COMMIT
    "#]]);
    let row = "SELECT author_id, reviewer_id, title FROM article WHERE id = 1";
    assert_eq!(db.rows(row), "1 | 3 | mine\n");
}

/// ST-5
#[test]
fn a_query_brings_expired_objects_up_to_date_in_place() {
    let db = blog();
    let mut s = db.session();
    let before = s.all(select::<Tag>().order_by(Tag::NAME)).unwrap();
    s.commit().unwrap();
    db.look().run("UPDATE tag SET uses = uses * 10");
    let after = s.all(select::<Tag>().order_by(Tag::NAME)).unwrap();
    assert_eq!(before, after);
    assert_eq!(
        after.iter().map(|tag| s[*tag].uses).collect::<Vec<_>>(),
        [20, 10]
    );
}

/// Counts its clones.
#[derive(Model, Debug, PartialEq, Default)]
#[model(table = "counted")]
struct Counted {
    #[model(key)]
    id: i64,
    value: i64,
}

static CLONES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

impl Clone for Counted {
    fn clone(&self) -> Self {
        CLONES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Counted { ..*self }
    }
}

/// IM-4, CT-1, S69
#[test]
fn a_hundred_thousand_rows_are_loaded_without_a_clone_and_a_query_again_costs_none() {
    let db = TestDb::with::<Counted>(
        "INSERT INTO counted SELECT i, i * 2 FROM generate_series(1, 100000) i",
    );
    let mut s = db.session();
    let query = select::<Counted>();
    let mut times = Vec::new();
    for rows in [10_000, 100_000, 100_000] {
        let started = Instant::now();
        let found = s.all(query.clone().limit(rows)).unwrap();
        times.push(format!("{rows} rows: {:?}", started.elapsed()));
        assert_eq!(found.len() as u64, rows);
    }
    let started = Instant::now();
    s.flush().unwrap();
    times.push(format!("a flush of nothing: {:?}", started.elapsed()));
    println!("{}", times.join("\n"));
    assert_eq!(CLONES.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert_eq!(s.statistics().compared, 0);
    let first = s.get::<Counted>(1).unwrap().unwrap();
    s[first].value += 1;
    s[first].value += 1;
    assert_eq!(CLONES.load(std::sync::atomic::Ordering::Relaxed), 1);
    s.flush().unwrap();
    assert_eq!(s.statistics().compared, 1);
}
