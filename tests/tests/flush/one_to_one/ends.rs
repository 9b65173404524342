//! Parents and children that go, a child too many, and what is taken back.

use expect_test::expect;
use sessile::prelude::*;

use super::{
    CARDS, Card, LOCKERS, Locker, Member, PHOTOS, PROFILES, Photo, Profile, card, club, members,
};

/// FL-11: a child too many is the database's to refuse; what is loaded stays as it was.
#[test]
fn a_second_child_violates_what_makes_it_one() {
    let db = club();
    let mut s = db.session();
    let [ann, ..] = members(&mut s, &db);
    let card = s.loaded(ann, Member::CARD).unwrap().unwrap();
    let second = s.add(self::card(ann, "second"));
    let error = s.commit().unwrap_err();
    assert!(error.violates(Card::MEMBER), "{error}");
    s.rollback().unwrap();
    db.assert_statements(expect![[r#"
        INSERT cards (member_id, code) ×1 RETURNING id
        ROLLBACK
    "#]]);
    assert_eq!(s.state(second), State::Gone);
    assert_eq!(s.related(ann, Member::CARD).unwrap(), Some(card));
    assert_eq!(db.rows(CARDS), "1 | 1 | a\n2 | 2 | b\n");
}

/// RL-2: restrict is for the program to do, set_null lets the child stay, cascade takes it along;
/// loaded or not, that is one DELETE of the parent.
#[test]
fn a_parent_goes_as_its_childrens_references_say() {
    for load in [true, false] {
        let db = club();
        let mut s = db.session();
        let ann = match load {
            true => members(&mut s, &db)[0],
            false => s.get::<Member>(1).unwrap().unwrap(),
        };
        let card = s.get::<Card>(1).unwrap().unwrap();
        db.forget();
        let locker = s.local::<Locker>(&1);
        let profile = s.local::<Profile>(&1);
        assert_eq!((locker.is_some(), profile.is_some()), (load, load));
        s.delete(ann).unwrap();
        s.delete(card).unwrap();
        s.flush().unwrap();
        assert!(locker.is_none_or(|locker| s[locker].member.is_none()));
        assert!(profile.is_none_or(|profile| s.state(profile) == State::Deleted));
        s.commit().unwrap();
        let statements = db.statements();
        expect![[r#"
            DELETE cards ×1 WHERE id
            DELETE members ×1 WHERE id
            COMMIT
        "#]]
        .assert_eq(statements.trim_start_matches("BEGIN\n"));
        assert!(profile.is_none_or(|profile| s.state(profile) == State::Gone));
        assert_eq!(db.rows(CARDS), "2 | 2 | b\n");
        assert_eq!(db.rows(LOCKERS), "1 | -\n2 | 2\n3 | -\n");
        assert_eq!(db.rows(PROFILES), "2 | reads\n");
        assert_eq!(db.rows(PHOTOS), "2 | 2\n");
    }
}

/// RL-2: before SQL when the child is loaded, by the database when it is not.
#[test]
fn a_required_child_holds_its_parent() {
    for load in [true, false] {
        let db = club();
        let mut s = db.session();
        let ann = s.get::<Member>(1).unwrap().unwrap();
        if load {
            s.related(ann, Member::CARD).unwrap();
        }
        db.forget();
        s.delete(ann).unwrap();
        let error = s.commit().unwrap_err();
        assert!(error.violates(Card::MEMBER), "{error}");
        let statements = db.statements().replace("BEGIN\n", "");
        match load {
            true => expect![[r#"
                ROLLBACK
            "#]],
            false => expect![[r#"
                DELETE members ×1 WHERE id
                ROLLBACK
            "#]],
        }
        .assert_eq(&statements);
        assert_eq!(db.rows(CARDS), "1 | 1 | a\n2 | 2 | b\n");
        assert_eq!(db.rows("SELECT count(*) FROM members"), "3\n");
    }
}

/// RL-1: the parent's side of a child that goes, or loses its parent, is empty at once.
#[test]
fn a_parent_whose_child_goes_has_none() {
    let db = club();
    let mut s = db.session();
    let [ann, bob, cid] = members(&mut s, &db);
    let profile = s.loaded(ann, Member::PROFILE).unwrap().unwrap();
    let locker = s.loaded(bob, Member::LOCKER).unwrap().unwrap();
    s.delete(profile).unwrap();
    s[locker].member = None;
    let photo = s.add(Photo {
        member: cid.into(),
        ..Photo::default()
    });
    s.flush().unwrap();
    assert_eq!(s.loaded(ann, Member::PROFILE).unwrap(), None);
    assert_eq!(s.loaded(bob, Member::LOCKER).unwrap(), None);
    assert_eq!(s.loaded(cid, Member::PHOTO).unwrap(), Some(photo));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE lockers SET member_id ×1 WHERE id
        INSERT photos (member_id) ×1 RETURNING id
        DELETE profiles ×1 WHERE member_id
        COMMIT
    "#]]);
    assert_eq!(db.rows(PROFILES), "2 | reads\n");
    assert_eq!(db.rows(LOCKERS), "1 | 1\n2 | -\n3 | -\n");
    assert_eq!(db.rows(PHOTOS), "1 | 1\n2 | 2\n3 | 3\n");
}

/// LD-4, RL-1: where no constraint makes it one, a second is told when it is looked for, in memory
/// and from the database, until one of the two leaves.
#[test]
fn two_children_of_one_parent_are_too_many() {
    let db = club();
    let mut s = db.session();
    let [ann, bob, _] = members(&mut s, &db);
    let first = s.loaded(ann, Member::PHOTO).unwrap().unwrap();
    let second = s.loaded(bob, Member::PHOTO).unwrap().unwrap();
    s[second].member = ann.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE photos SET member_id ×1 WHERE id
        COMMIT
    "#]]);
    let too_many = |error: Error| {
        assert!(
            matches!(error.kind(), ErrorKind::TooMany { model: "Photo" }),
            "{error}"
        );
    };
    too_many(s.related(ann, Member::PHOTO).unwrap_err());
    too_many(s.loaded(ann, Member::PHOTO).unwrap_err());
    assert_eq!(s.related(bob, Member::PHOTO).unwrap(), None);
    s.delete(first).unwrap();
    s.flush().unwrap();
    assert_eq!(s.loaded(ann, Member::PHOTO).unwrap(), Some(second));
    let third = s.add(Photo {
        member: ann.into(),
        ..Photo::default()
    });
    s.flush().unwrap();
    too_many(s.loaded(ann, Member::PHOTO).unwrap_err());
    s[third].member = bob.into();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT photos ×1 WHERE member_id
        BEGIN
        SELECT photos ×1 WHERE member_id
        DELETE photos ×1 WHERE id
        INSERT photos (member_id) ×1 RETURNING id
        UPDATE photos SET member_id ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(PHOTOS), "2 | 1\n3 | 2\n");
}

/// ST-2: pairs that were new, exchanged or taken are what they were, without a statement.
#[test]
fn a_rollback_gives_every_parent_its_child_back() {
    let db = club();
    let mut s = db.session();
    let [ann, bob, cid] = members(&mut s, &db);
    let [of_ann, of_bob] = [ann, bob].map(|m| s.loaded(m, Member::LOCKER).unwrap().unwrap());
    let [old, profile] = [ann, bob].map(|m| s.loaded(m, Member::PROFILE).unwrap().unwrap());
    let new = s.add(card(cid, "c"));
    s[of_ann].member = bob.into();
    s[of_bob].member = ann.into();
    s.delete(old).unwrap();
    s[profile].member = ann.into();
    s.flush().unwrap();
    db.forget();
    s.rollback().unwrap();
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
    assert!(s.refers_to(&s[of_ann].member, ann) && s.refers_to(&s[of_bob].member, bob));
    assert_eq!(s.local::<Profile>(&1), Some(old));
    assert_eq!(s.local::<Profile>(&2), Some(profile));
    assert_eq!(s.detach(new).unwrap(), card(cid, "c"));
    assert_eq!(s.related(ann, Member::LOCKER).unwrap(), Some(of_ann));
    assert_eq!(s.related(bob, Member::PROFILE).unwrap(), Some(profile));
    assert_eq!(s.related(cid, Member::CARD).unwrap(), None);
    assert_eq!(db.rows(LOCKERS), "1 | 1\n2 | 2\n3 | -\n");
    assert_eq!(db.rows(PROFILES), "1 | sings\n2 | reads\n");
    assert_eq!(db.rows(CARDS), "1 | 1 | a\n2 | 2 | b\n");
}

/// TX-2: and so does a savepoint, for what happened inside.
#[test]
fn a_savepoint_gives_every_parent_its_child_back() {
    let db = club();
    let mut s = db.session();
    let [ann, bob, cid] = members(&mut s, &db);
    let card = s.loaded(ann, Member::CARD).unwrap().unwrap();
    let profile = s.loaded(ann, Member::PROFILE).unwrap().unwrap();
    s[card].member = cid.into();
    let taken_back: Result<()> = s.savepoint(|s| {
        s.delete(card)?;
        s.add(self::card(cid, "inside"));
        s[profile].member = cid.into();
        s.flush()?;
        assert_eq!(s.loaded(cid, Member::PROFILE)?, Some(profile));
        Err(Error::other("no"))
    });
    taken_back.unwrap_err();
    assert!(s.refers_to(&s[card].member, cid));
    assert!(s.refers_to(&s[profile].member, ann));
    assert_eq!(s.related(cid, Member::CARD).unwrap(), Some(card));
    assert_eq!(
        s.related(bob, Member::PROFILE)
            .unwrap()
            .map(|p| s[p].bio.clone()),
        Some("reads".to_owned())
    );
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE cards SET member_id ×1 WHERE id
        SAVEPOINT sp1
        UPDATE profiles SET member_id ×1 WHERE member_id
        DELETE cards ×1 WHERE id
        INSERT cards (member_id, code) ×1 RETURNING id
        ROLLBACK TO SAVEPOINT sp1; RELEASE SAVEPOINT sp1
        SELECT cards ×3 WHERE member_id
        SELECT profiles ×3 WHERE member_id
        COMMIT
    "#]]);
    assert_eq!(db.rows(CARDS), "1 | 3 | a\n2 | 2 | b\n");
    assert_eq!(db.rows(PROFILES), "1 | sings\n2 | reads\n");
}
