//! Locking reads refresh (L-1).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Note, notes, two_notes};

/// L-1
#[test]
fn a_locking_read_brings_the_value_that_the_row_has_now() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    db.look().run("UPDATE note SET stars = 2 WHERE id = 1");
    assert_eq!(s.get_for_update::<Note>(1).unwrap(), milk);
    assert_eq!(s[milk].stars, 2);
    s[milk].stars += 1;
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 3\n2 | rent | pay | 0\n");
}

/// L-1
#[test]
fn a_locking_query_brings_the_values_that_the_rows_have_now() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    db.look().run("UPDATE note SET stars = 2");
    let locked = s
        .all(select::<Note>().order_by(Note::ID).for_update())
        .unwrap();
    assert_eq!(locked, [milk, rent]);
    assert_eq!((s[milk].stars, s[rent].stars), (2, 2));
}

/// L-1
#[test]
fn changes_are_written_before_a_locking_read() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    db.forget();
    s.get_for_update::<Note>(1).unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET stars ×1 WHERE id
        SELECT note ×1 WHERE id FOR UPDATE
    "#]]);
    assert_eq!(s[milk].stars, 5);
}

/// L-1
#[test]
fn a_locking_read_of_changed_objects_without_autoflush_is_refused() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    db.forget();
    let mut quiet = s.no_autoflush();
    for error in [
        quiet.get_for_update::<Note>(1).unwrap_err(),
        quiet.all(select::<Note>().for_share()).unwrap_err(),
    ] {
        assert!(matches!(error.kind(), ErrorKind::Config { .. }));
        assert_eq!(
            error.to_string(),
            "a locking read of Note while autoflush is suspended and objects have unflushed changes"
        );
    }
    drop(quiet);
    db.assert_statements(expect![""]);
    assert_eq!(s[milk].stars, 5, "nothing is lost");
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 5\n2 | rent | pay | 0\n");
}

/// L-2, S66
#[test]
fn a_row_that_is_locked_elsewhere_is_a_typed_error_that_a_savepoint_heals() {
    let db = two_notes();
    let mut holder = db.session();
    holder.get_for_update::<Note>(1).unwrap();
    let mut s = db.session();
    let rent = s.get::<Note>(2).unwrap().unwrap();
    db.forget();
    s[rent].stars = 1;
    let refused: Result<Vec<Handle<Note>>> =
        s.savepoint(|s| s.all(select::<Note>().for_update().nowait()));
    assert_eq!(refused.unwrap_err().kind(), &ErrorKind::LockNotAvailable);
    let free = s.all(select::<Note>().for_update().skip_locked()).unwrap();
    assert_eq!(free, [rent]);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET stars ×1 WHERE id
        SAVEPOINT sp1
        SELECT note FOR UPDATE NOWAIT
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        SELECT note FOR UPDATE SKIP LOCKED
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 1\n");
}
