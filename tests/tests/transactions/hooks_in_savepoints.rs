//! Hooks of flushes inside savepoints: what they did goes the way of the savepoint (FL-10, TX-2).

use expect_test::expect;
use sessile::Hooks;
use sessile::prelude::*;
use sessile_tests::desk::{Folder, Note, Page, notes, two_notes};

const PAGES: &str = "SELECT note_id, text FROM page ORDER BY id";

/// FL-10, TX-2: rows that a hook adds to the flush of a savepoint, and values that it changes, are
/// taken back with the savepoint or kept with it.
#[test]
fn what_a_hook_did_in_a_savepoint_goes_the_way_of_the_savepoint() {
    for keep in [true, false] {
        let db = two_notes();
        let mut s = db.session();
        let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
        s[rent].stars = 1;
        s.flush().unwrap();
        s.add_hooks(
            Hooks::new()
                .before_flush(move |s| {
                    s.add(Page::of(milk, "by a hook"));
                    s[rent].stars = 7;
                    Ok(())
                })
                .before_update::<Note>(|note| {
                    note.body.push('!');
                    Ok(())
                }),
        );
        db.forget();
        let ended: Result<()> = s.savepoint(|s| {
            s[milk].stars = 5;
            s.flush()?;
            match keep {
                true => Ok(()),
                false => Err(Error::other("no")),
            }
        });
        assert_eq!(ended.is_ok(), keep);
        assert_eq!(s[rent].stars, if keep { 7 } else { 1 });
        s.commit().unwrap();
        match keep {
            true => {
                db.assert_statements(expect![[r#"
                    SAVEPOINT sp1
                    UPDATE note SET body, stars ×2 WHERE id
                    INSERT page (note_id, text) ×1 RETURNING id
                    COMMIT
                "#]]);
                assert_eq!(notes(&db), "1 | milk | buy! | 5\n2 | rent | pay! | 7\n");
                assert_eq!(db.rows(PAGES), "1 | by a hook\n");
            }
            false => {
                db.assert_statements(expect![[r#"
                    SAVEPOINT sp1
                    UPDATE note SET body, stars ×2 WHERE id
                    INSERT page (note_id, text) ×1 RETURNING id
                    ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
                    COMMIT
                "#]]);
                assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 1\n");
                assert_eq!(db.rows(PAGES), "");
            }
        }
    }
}

/// FL-10, FL-11: an error of a hook costs the savepoint in which it flushed, and no more.
#[test]
fn an_error_of_a_hook_loses_only_the_savepoint() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    s.add_hooks(Hooks::new().before_update::<Note>(|note| match note.stars {
        ..=5 => Ok(()),
        _ => Err(Error::other("too many stars")),
    }));
    db.forget();
    s[rent].stars = 1;
    let ended: Result<()> = s.savepoint(|s| {
        s.add(Folder::of("home", ""));
        s.flush()?;
        s[milk].stars = 9;
        Ok(())
    });
    expect!["the caller's own error"].assert_eq(&ended.unwrap_err().to_string());
    assert_eq!((s[milk].stars, s[rent].stars), (0, 1));
    s[milk].stars = 2;
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET stars ×1 WHERE id
        SAVEPOINT sp1
        INSERT folder (name, label) ×1
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        UPDATE note SET stars ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 2\n2 | rent | pay | 1\n");
    assert_eq!(db.rows("SELECT count(*) FROM folder"), "0\n");
}

/// FL-10, TX-2: a savepoint flushes until its hooks are done, before it begins and before it ends.
#[test]
fn hooks_that_change_objects_after_a_flush_are_flushed_on_their_side_of_a_savepoint() {
    let db = two_notes();
    let mut s = db.session();
    let [milk, rent] = s.get_many::<Note, _>([1, 2]).unwrap().map(Option::unwrap);
    s.add_hooks(Hooks::new().after_flush(move |s| {
        let stars = s[milk].stars;
        if s[rent].stars < stars {
            s[rent].stars = stars;
        }
        Ok(())
    }));
    db.forget();
    s[milk].stars = 1;
    let mut nested = s.begin_nested().unwrap();
    assert!(!nested.has_changes());
    nested[milk].stars = 2;
    nested.release().unwrap();
    let taken_back: Result<()> = s.savepoint(|s| {
        s[milk].stars = 3;
        s.flush()?;
        assert_eq!((s[rent].stars, s.has_changes()), (3, true));
        Err(Error::other("no"))
    });
    taken_back.unwrap_err();
    assert_eq!(
        (s[milk].stars, s[rent].stars, s.has_changes()),
        (2, 2, false)
    );
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE note SET stars ×1 WHERE id
        UPDATE note SET stars ×1 WHERE id
        SAVEPOINT sp1
        UPDATE note SET stars ×1 WHERE id
        UPDATE note SET stars ×1 WHERE id
        RELEASE SAVEPOINT sp1; SAVEPOINT sp2
        UPDATE note SET stars ×1 WHERE id
        ROLLBACK TO SAVEPOINT sp2; RELEASE SAVEPOINT sp2
        COMMIT
    "#]]);
    assert_eq!(notes(&db), "1 | milk | buy | 2\n2 | rent | pay | 2\n");
}
