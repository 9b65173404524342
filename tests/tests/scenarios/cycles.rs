//! S53: new rows that refer to each other.
//!
//! Exactly so elsewhere: S50, S51, S52 and S54 in the tests of flushes.

use expect_test::expect;
use sessile_tests::TestDb;

use super::models::Node;

/// S53, FL-4
#[test]
fn two_new_rows_that_refer_to_each_other_are_an_insert_and_an_update() {
    let db = TestDb::new::<Node>();
    let mut s = db.session();
    let one = s.add(Node::under(None, "one"));
    let two = s.add(Node::under(Some(one.into()), "two"));
    s[one].parent = two.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT nodes (parent_id, data) ×2 RETURNING id
        UPDATE nodes SET parent_id ×2 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, parent_id, data FROM nodes ORDER BY id"),
        "1 | 2 | one\n2 | 1 | two\n"
    );
}
