//! Locking queries with joined paths: whose rows are locked, and how fresh the others are.
//!
//! The tests of locks show the same without paths.
//! A test must not wait for a lock that nobody is going to release.

use std::time::Duration;

use expect_test::expect;
use sessile_tests::TestDb;
use sessile_tests::magazine::{Author, Comment, Post, magazine, posts, texts, titles};

/// Whether nobody has locked the first row of a table.
fn is_free(db: &TestDb, table: &str) -> bool {
    let rows = db.rows(&format!(
        "SELECT id FROM {table} WHERE id = 1 FOR UPDATE SKIP LOCKED"
    ));
    !rows.is_empty()
}

/// S67, L-2
#[test]
fn a_lock_is_of_the_rows_of_the_query() {
    let db = magazine();
    let mut s = db.session();
    let path = (Post::AUTHOR.joined(), Post::CATEGORY.joined());
    s.all(posts().with(path).for_update()).unwrap();
    assert!(!is_free(&db, "post") && is_free(&db, "author"));
    s.rollback().unwrap();
    s.all(
        posts()
            .with(Post::AUTHOR.joined())
            .for_share()
            .skip_locked(),
    )
    .unwrap();
    s.rollback().unwrap();
    // To many, each row is locked once, before anything is joined to it: joined first, its rows
    // could be skipped in part.
    let found = s
        .all(posts().with(Post::COMMENTS.joined()).for_update().nowait())
        .unwrap();
    assert_eq!(titles(&s, &found), "p1 p2 p3 p4");
    assert!(!is_free(&db, "post") && is_free(&db, "comment"));
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT post LEFT JOIN author author_1 ON author_1.id = post.author_id LEFT JOIN category category_1 ON category_1.id = post.category_id ORDER BY post.id FOR UPDATE OF post
        ROLLBACK
        BEGIN
        SELECT post LEFT JOIN author author_1 ON author_1.id = post.author_id ORDER BY post.id FOR SHARE OF post SKIP LOCKED
        ROLLBACK
        BEGIN
        SELECT (SELECT post ORDER BY post.id FOR UPDATE NOWAIT) post LEFT JOIN comment comments_1 ON comments_1.post_id = post.id ORDER BY post.id
    "#]]);
}

/// Rows of a join of the caller's own may be repeated, and locked ones can't be numbered.
#[test]
fn a_lock_on_rows_that_may_repeat_leaves_steps_to_many_to_statements() {
    let db = magazine();
    let mut s = db.session();
    let query = posts().join(Post::AUTHOR).filter(Author::NAME.eq("bob"));
    let path = (Post::AUTHOR.joined(), Post::COMMENTS.joined());
    let found = s.all(query.with(path).for_update().of::<Post>()).unwrap();
    assert_eq!(
        texts(&s, &s.loaded(found[0], Post::COMMENTS).unwrap()),
        "c5"
    );
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT post JOIN author ON author.id = post.author_id LEFT JOIN author author_1 ON author_1.id = post.author_id WHERE author.name = $1 ORDER BY post.id FOR UPDATE OF post
        SELECT comment ×1 WHERE post_id
    "#]]);
}

/// L-1
#[test]
fn a_lock_refreshes_the_rows_of_the_query_alone() {
    let db = magazine();
    let mut s = db.session();
    let found = s
        .all(posts().with(Post::COMMENTS.joined().then(Comment::AUTHOR.joined())))
        .unwrap();
    let comments = s.loaded(found[0], Post::COMMENTS).unwrap();
    db.look()
        .run("UPDATE post SET title = 'new'; UPDATE comment SET text = 'new'");
    let path = Post::COMMENTS.joined().then(Comment::AUTHOR.joined());
    let again = s.all(posts().with(path).for_update()).unwrap();
    assert_eq!(again, found);
    assert_eq!(titles(&s, &again), "new new new new");
    assert_eq!(texts(&s, &comments), "c1 c2 c3 c4");
}

/// PostgreSQL joins again to a row that changed while it waited, among the rows that it had found
/// before: what is not there may be there all the same.
#[test]
fn a_reference_that_changed_while_the_lock_waited_is_followed() {
    let db = magazine();
    let mut look = db.look();
    look.run("BEGIN; UPDATE post SET author_id = 3 WHERE id = 4");
    let mut s = db.session();
    let waiting = std::thread::spawn(move || {
        let last = posts().filter(Post::ID.eq(4)).for_update();
        let found = s.all(last.with(Post::AUTHOR.joined())).unwrap();
        let author = s.loaded(found[0], Post::AUTHOR).unwrap();
        s[author].name.clone()
    });
    let waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND pid IN \
                 (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
    while db.rows(waits).is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    look.run("COMMIT");
    assert_eq!(waiting.join().unwrap(), "cid");
}
