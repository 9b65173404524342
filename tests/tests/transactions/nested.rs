//! Savepoints within savepoints (TX-2).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Folder, Note, notes, two_notes};

fn no() -> Error {
    Error::other("no")
}

/// TX-2
#[test]
fn savepoints_nest_three_deep_and_each_restores_its_own_beginning() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 1;
    let mut one = s.begin_nested().unwrap();
    one[milk].stars = 2;
    let mut two = one.begin_nested().unwrap();
    two[milk].stars = 3;
    let mut three = two.begin_nested().unwrap();
    three[milk].stars = 4;
    three.flush().unwrap();
    drop(three);
    assert_eq!(two[milk].stars, 3);
    drop(two);
    assert_eq!(one[milk].stars, 2);
    drop(one);
    assert_eq!(s[milk].stars, 1);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT note ×1 WHERE id
        BEGIN
        UPDATE note SET stars ×1 WHERE id
        SAVEPOINT sp1
        UPDATE note SET stars ×1 WHERE id
        SAVEPOINT sp2
        UPDATE note SET stars ×1 WHERE id
        SAVEPOINT sp3
        UPDATE note SET stars ×1 WHERE id
        ROLLBACK TO SAVEPOINT sp3; RELEASE SAVEPOINT sp3
        ROLLBACK TO SAVEPOINT sp2; RELEASE SAVEPOINT sp2
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 1\n2 | rent | pay | 0\n");
}

/// TX-2, S74
#[test]
fn a_rollback_after_the_release_restores_the_outer_beginning() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    let tax = s
        .savepoint(|s| {
            s[milk].stars = 1;
            s.savepoint(|s| {
                s[milk].stars = 2;
                s.delete(rent)?;
                s.insert(Note::of("tax", ""))
            })
        })
        .unwrap();
    assert_eq!((s[milk].stars, s.state(rent)), (2, State::Deleted));
    s.rollback().unwrap();
    assert_eq!((s[milk].stars, s.state(rent)), (0, State::Persistent));
    assert_eq!(s.state(tax), State::Gone);
    assert_eq!(s.detach(tax).unwrap(), Note::of("tax", ""));
    db.assert_statements(expect![[r#"
        SELECT note ×2 WHERE id
        BEGIN; SAVEPOINT sp1
        UPDATE note SET stars ×1 WHERE id
        SAVEPOINT sp2
        UPDATE note SET stars ×1 WHERE id
        INSERT note (folder_name, title, body, stars) ×1 RETURNING id
        DELETE note ×1 WHERE id
        ROLLBACK
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}

/// TX-2
#[test]
fn an_outer_savepoint_takes_back_what_an_inner_one_kept() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 1;
    let mut outer = s.begin_nested().unwrap();
    let home = outer
        .savepoint(|s| {
            s[milk].stars = 2;
            s.insert(Folder::of("home", ""))
        })
        .unwrap();
    outer[home].name = "house".to_owned();
    outer.flush().unwrap();
    outer[milk].folder = home.into();
    outer.flush().unwrap();
    drop(outer);
    assert_eq!((s[milk].stars, s[milk].folder.clone()), (1, None));
    assert_eq!(s.state(home), State::Gone);
    assert_eq!(s.local::<Folder>(&"house".to_owned()), None);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT stars, folder_name FROM note WHERE id = 1"),
        "1 | -\n"
    );
    assert_eq!(db.rows("SELECT name FROM folder"), "");
}

/// TX-2
#[test]
fn an_inner_savepoint_is_taken_back_alone() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    s.savepoint(|s| {
        s[milk].stars = 1;
        let inner = s.savepoint(|s| {
            s.delete(milk)?;
            s[rent].stars = 2;
            s.flush()?;
            Err::<(), _>(no())
        });
        assert!(inner.is_err());
        s[rent].stars = 3;
        Ok::<(), Error>(())
    })
    .unwrap();
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 1\n2 | rent | pay | 3\n");
}

/// TX-2
#[test]
fn many_savepoints_one_after_the_other_keep_what_each_kept() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    for round in 1..=10 {
        let result = s.savepoint(|s| {
            s[milk].stars += 1;
            s.add(Note::of(&format!("round {round}"), ""));
            s.flush()?;
            match round % 2 {
                0 => Ok(()),
                _ => Err(no()),
            }
        });
        assert_eq!(result.is_ok(), round % 2 == 0);
        assert_eq!(s[milk].stars, round / 2);
    }
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*), max(stars) FROM note"), "7 | 5\n");
}

/// TX-2: a model that the session meets only inside.
#[test]
fn a_model_that_is_first_met_inside_is_taken_back_too() {
    let db = two_notes();
    let mut s = db.session();
    let mut outer = s.begin_nested().unwrap();
    let mut inner = outer.begin_nested().unwrap();
    let home = inner.insert(Folder::of("home", "")).unwrap();
    inner.release().unwrap();
    assert_eq!(outer.state(home), State::Persistent);
    drop(outer);
    assert_eq!(s.state(home), State::Gone);
    s.insert(Folder::of("home", "again")).unwrap();
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT name, label FROM folder"), "home | again\n");
}

/// TX-2, CT-4: values that the database made go back like those of the program.
#[test]
fn computed_values_and_keys_go_back_level_by_level() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    let more = |s: &mut Session| s.set_expr(milk, Note::STARS, Note::STARS + 1);
    more(&mut s).unwrap();
    let mut added = Vec::new();
    let mut one = s.begin_nested().unwrap();
    added.push(one.add(Note::of("one", "")));
    more(&mut one).unwrap();
    let mut two = one.begin_nested().unwrap();
    added.push(two.add(Note::of("two", "")));
    more(&mut two).unwrap();
    let mut three = two.begin_nested().unwrap();
    added.push(three.add(Note::of("three", "")));
    more(&mut three).unwrap();
    three.release().unwrap();
    assert_eq!((two[milk].stars, two[added[2]].id > 0), (4, true));
    two.release().unwrap();
    drop(one);
    assert_eq!(s[milk].stars, 1);
    assert!(added.iter().all(|note| s.state(*note) == State::Gone));
    assert!(added.iter().all(|note| s.detach(*note).unwrap().id == 0));
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}

/// TX-2, ST-3: what is marked inside is persistent again, and with its value.
#[test]
fn a_mark_and_a_change_inside_go_back_together() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 1;
    s.savepoint(|s| {
        s[milk].stars = 2;
        s.delete(milk)?;
        s.savepoint(|s| {
            assert_eq!(s.state(milk), State::Deleted);
            s.insert(Note::of("milk", "another"))?;
            Err::<(), _>(no())
        })
        .unwrap_err();
        assert_eq!(s.state(milk), State::Deleted);
        Err::<(), _>(no())
    })
    .unwrap_err();
    assert_eq!((s.state(milk), s[milk].stars), (State::Persistent, 1));
    s[milk].stars = 3;
    s.commit().unwrap();
    assert_eq!(notes(&db), "1 | milk | buy | 3\n2 | rent | pay | 0\n");
}
