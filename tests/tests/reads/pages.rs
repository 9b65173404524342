//! Pages: by offset with a total, and behind a token.

use expect_test::expect;
use jiff::Timestamp;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile::query::{PageToken, Select, Within};
use sessile::sql::*;
use sessile_tests::TestDb;

use super::models::{Article, Favorite, User, blog, titles};

/// Something with ties, NULLs and a key of two columns.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "score")]
struct Score {
    #[model(key)]
    game: i64,
    #[model(key)]
    round: i32,
    player: String,
    points: Option<i32>,
    at: Timestamp,
}

const SCORES: i64 = 60;

/// Sixty rows: a quarter without points, few players, few times.
fn scores() -> TestDb {
    TestDb::with::<(Score,)>(
        "INSERT INTO score SELECT i / 7, i % 7, 'p' || i * i % 5,
             CASE WHEN i % 4 > 0 THEN i * 7 % 6 END, TIMESTAMPTZ '2024-01-01' + i % 3 * INTERVAL '1 day'
         FROM generate_series(0, 59) i",
    )
}

/// All pages of a query put together are the query, whatever the size.
#[track_caller]
fn pages_are_the_query<S>(db: &TestDb, query: Select<Score, S>)
where
    Score: Within<S>,
{
    for size in [1, 7, 60, 100] {
        let mut s = db.session();
        let whole = s
            .all(query.clone().order_by((Score::GAME, Score::ROUND)))
            .unwrap();
        let mut paged = Vec::new();
        let mut next = None;
        loop {
            let page = s.page_after(query.clone(), size, next.take()).unwrap();
            assert!(page.items.len() as u64 <= size);
            paged.extend(page.items);
            match page.next {
                // Through its text, as a client sends it back.
                Some(token) => next = Some(token.to_string().parse::<PageToken>().unwrap()),
                None => break,
            }
        }
        assert_eq!(paged, whole);
        assert_eq!(paged.len() as i64, SCORES);
    }
}

#[test]
fn pages_behind_tokens_are_the_whole_query() {
    let db = scores();
    pages_are_the_query(&db, select());
    pages_are_the_query(&db, select().order_by(Score::PLAYER));
    pages_are_the_query(&db, select().order_by(Score::PLAYER.desc()));
    pages_are_the_query(&db, select().order_by(Score::POINTS));
    pages_are_the_query(&db, select().order_by(Score::POINTS.desc()));
    pages_are_the_query(&db, select().order_by(Score::POINTS.asc().nulls_first()));
    pages_are_the_query(&db, select().order_by(Score::POINTS.desc().nulls_last()));
    pages_are_the_query(
        &db,
        select().order_by((Score::AT.desc(), Score::POINTS.asc())),
    );
    pages_are_the_query(&db, select().order_by((Score::POINTS.desc(), Score::AT)));
    pages_are_the_query(
        &db,
        select().order_by((Score::ROUND.desc(), lower(Score::PLAYER).asc())),
    );
    let other = alias::<Score>("other");
    let first = other
        .column(Score::GAME)
        .eq(Score::GAME)
        .and(other.column(Score::ROUND).eq(0));
    let joined = select::<Score>().left_join_on(&other, first);
    pages_are_the_query(&db, joined.order_by(other.column(Score::POINTS).desc()));
}

#[test]
fn a_page_is_one_statement_and_begins_in_the_index() {
    let db = scores();
    let mut s = db.session();
    let by_player = select::<Score>().order_by(Score::PLAYER);
    let page = s.page_after(by_player.clone(), 2, None).unwrap();
    s.page_after(by_player, 2, page.next).unwrap();
    let mixed = select::<Score>().order_by((Score::AT.desc(), Score::POINTS.desc()));
    let page = s.page_after(mixed.clone(), 2, None).unwrap();
    s.page_after(mixed, 2, page.next).unwrap();
    db.assert_statements(expect![[r#"
        SELECT score (score.*, player, game, round) ORDER BY player, game, round LIMIT $1
        BEGIN
        SELECT score (score.*, player, game, round) WHERE ((player, game, round) > ($1, $2, $3)) ORDER BY player, game, round LIMIT $4
        SELECT score (score.*, at, points, game, round) ORDER BY at DESC, points DESC, game, round LIMIT $1
        SELECT score (score.*, at, points, game, round) WHERE at <= $1 AND (at < $1 OR at = $1 AND (points IS NOT NULL OR points IS NULL AND (game > $2 OR game = $2 AND round > $3))) ORDER BY at DESC, points DESC, game, round LIMIT $4
    "#]]);
}

#[test]
fn a_token_of_another_order_or_made_up_is_refused_before_anything_is_sent() {
    let db = scores();
    let mut s = db.session();
    let by_time = || select::<Score>().order_by(Score::AT);
    let token = s.page_after(by_time(), 3, None).unwrap().next.unwrap();
    db.assert_statements(expect![[r#"
        SELECT score (score.*, at, game, round) ORDER BY at, game, round LIMIT $1
    "#]]);
    let refused = |s: &mut Session, query, token: &str| {
        let token = token.parse().unwrap();
        let error = s.page_after(query, 3, Some(token)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Input { .. }), "{error}");
        error.to_string()
    };
    let text = token.to_string();
    let message = refused(&mut s, by_time().order_by(Score::PLAYER), &text);
    expect!["the token of the page was made for another order"].assert_eq(&message);
    refused(&mut s, select().order_by(Score::AT.desc()), &text);
    // The time is 8 bytes behind form, order and the mark and length of a value.
    let time = 2 * (1 + 8 + 1 + 4);
    let late = format!("{}7ffffffffffffffe{}", &text[..time], &text[time + 16..]);
    refused(&mut s, by_time(), &late);
    let null = format!("{}00{}", &text[..time - 10], &text[time + 16..]);
    refused(&mut s, by_time(), &null);
    refused(&mut s, by_time(), &text[..time + 16]);
    let json = serde_json::to_string(&token).unwrap();
    assert_eq!(serde_json::from_str::<PageToken>(&json).unwrap(), token);
    assert!(serde_json::from_str::<PageToken>("\"'; DROP TABLE score\"").is_err());
    db.assert_statements(expect![[""]]);
}

#[test]
fn a_query_that_is_cut_otherwise_has_no_tokens() {
    let db = scores();
    let mut s = db.session();
    let error = s
        .page_after(select::<Score>().limit(3), 3, None)
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
}

/// L-1
#[test]
fn a_page_of_a_locking_query_is_read_again() {
    let db = scores();
    let mut s = db.session();
    let first = s.get::<Score>((0, 0)).unwrap().unwrap();
    db.look().run("UPDATE score SET player = 'new'");
    let page = s
        .page_after(select::<Score>().for_update(), 2, None)
        .unwrap();
    assert_eq!(page.items[0], first);
    assert_eq!(s[first].player, "new");
}

#[test]
fn a_page_knows_how_many_rows_there_are() {
    let db = blog();
    let mut s = db.session();
    let by_id = || {
        select::<Article>()
            .order_by(Article::ID)
            .with(Article::AUTHOR)
    };
    let page = s.page(by_id(), 2, 1).unwrap();
    assert_eq!(
        (titles(&s, &page.items), page.total),
        (vec!["a2".into(), "b1".into()], 4)
    );
    let last = s.page(by_id(), 2, 3).unwrap();
    assert_eq!(
        (titles(&s, &last.items), last.total),
        (vec!["a3".into()], 4)
    );
    assert_eq!(s.page(by_id(), 2, 9).unwrap().total, 4);
    assert_eq!(s.page(by_id(), 0, 0).unwrap().total, 4);
    assert_eq!(s.page(by_id().limit(3), 2, 2).unwrap().items.len(), 1);
    assert_eq!(s.page(by_id().limit(3), 2, 0).unwrap().total, 3);
    let none = s.page(by_id().filter(Article::ID.lt(0)), 2, 0).unwrap();
    assert_eq!((none.items.len(), none.total), (0, 0));
    db.assert_statements(expect![[r#"
        SELECT article ORDER BY id LIMIT $1 OFFSET $2
        BEGIN
        SELECT users ×2 WHERE id
        COUNT article
        SELECT article ORDER BY id LIMIT $1 OFFSET $2
        SELECT article ORDER BY id LIMIT $1 OFFSET $2
        COUNT article
        SELECT article ORDER BY id LIMIT $1
        COUNT article
        SELECT article ORDER BY id LIMIT $1 OFFSET $2
        SELECT article ORDER BY id LIMIT $1
        COUNT article ORDER BY id LIMIT $1
        SELECT article WHERE id < $1 ORDER BY id LIMIT $2
    "#]]);
}

#[test]
fn projections_have_pages_too() {
    let db = blog();
    let mut s = db.session();
    let per_author = select::<Article>()
        .join(Article::AUTHOR)
        .group_by(User::NAME)
        .order_by(User::NAME)
        .columns((User::NAME, count()));
    let page = s.page(per_author, 1, 0).unwrap();
    assert_eq!((page.items, page.total), (vec![("ann".to_owned(), 3)], 2));
    let stars = select::<Favorite>().columns(Favorite::STARS);
    let both = stars.clone().union_all(stars).order_by_at_desc::<0>();
    let page = s.page(both, 3, 2).unwrap();
    assert_eq!((page.items, page.total), (vec![4, 4, 3], 6));
    db.assert_statements(expect![[r#"
        SELECT article (users.name, count(*)) JOIN users ON users.id = article.author_id GROUP BY users.name ORDER BY users.name LIMIT $1
        BEGIN
        COUNT (SELECT article (users.name, count(*)) JOIN users ON users.id = article.author_id GROUP BY users.name ORDER BY users.name)
        (SELECT favorite (stars)) UNION ALL (SELECT favorite (stars)) ORDER BY 1 DESC LIMIT $1 OFFSET $2
        COUNT ((SELECT favorite (stars)) UNION ALL (SELECT favorite (stars)) ORDER BY 1 DESC)
    "#]]);
}

#[test]
fn a_page_of_a_locking_query_counts_without_locks() {
    let db = blog();
    let mut s = db.session();
    let query = select::<Article>().order_by(Article::ID).for_update();
    assert_eq!(s.page(query, 1, 0).unwrap().total, 4);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT article ORDER BY id LIMIT $1 FOR UPDATE
        COUNT article
    "#]]);
}
