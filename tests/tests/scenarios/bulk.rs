//! S92 and S93: statements for many rows, and the objects of some of them.

use expect_test::expect;
use sessile::prelude::*;

use super::models::{User, users};

const NAMES: &str = "SELECT name FROM users ORDER BY id";

/// S92, BK-1
#[test]
fn objects_have_what_an_update_by_criteria_wrote_and_are_not_dirty() {
    let db = users();
    let mut s = db.session();
    let bob = s.get::<User>(2).unwrap().unwrap();
    s.commit().unwrap();
    let ann = s.get::<User>(1).unwrap().unwrap();
    db.forget();
    let all = update::<User>().set(User::NAME, "x").filter(User::ID.le(2));
    assert_eq!(s.update_where(all).unwrap(), 2);
    assert_eq!(s[ann].name, "x");
    assert_eq!(s[bob].name, "x", "expired, and told by the same statement");
    assert!(!s.has_changes());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE users SET name = $1 WHERE id <= $2 RETURNING users ×2
        COMMIT
    "#]]);
    assert_eq!(db.rows(NAMES), "x\nx\n");
}

/// S93, BK-1, ST-2
#[test]
fn objects_are_back_after_the_rollback_of_a_delete_by_criteria() {
    let db = users();
    let mut s = db.session();
    let [ann, bob] = s.get_many::<User, 2>([1, 2]).unwrap().map(Option::unwrap);
    db.forget();
    let gone = delete::<User>().filter(User::NAME.eq("bob"));
    assert_eq!(s.delete_where(gone).unwrap(), 1);
    assert_eq!(s.state(bob), State::Deleted);
    s.rollback().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE users WHERE name = $1 RETURNING users ×2
        ROLLBACK
    "#]]);
    assert_eq!(s.state(bob), State::Persistent);
    assert_eq!((s[ann].name.as_str(), s[bob].name.as_str()), ("ann", "bob"));
    assert_eq!(db.rows(NAMES), "ann\nbob\n");
}
