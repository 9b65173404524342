//! New pairs, and children that change their parents or make room for others (FL-3, PK-2).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::{
    CARDS, Card, Club, LOCKERS, Locker, Member, PROFILES, Profile, card, club, members, profile,
};

/// FL-2: the child was added first; a unique reference or the key itself waits for the new key.
#[test]
fn a_new_pair_is_two_statements() {
    let db = TestDb::new::<Club>();
    let mut s = db.session();
    let card = s.add(card(Fk::default(), "d"));
    let profile = s.add(profile(Fk::default(), "new"));
    let dan = s.add(Member {
        name: "dan".to_owned(),
        ..Member::default()
    });
    s[card].member = dan.into();
    s[profile].member = dan.into();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT members (name) ×1 RETURNING id
        INSERT cards (member_id, code) ×1 RETURNING id
        INSERT profiles (member_id, bio) ×1
    "#]]);
    assert_eq!(s.get::<Profile>(dan).unwrap(), Some(profile));
    assert_eq!(s.related(card, Card::MEMBER).unwrap(), dan);
    db.assert_statements(expect![[r#""#]]);
    assert_eq!(s.related(dan, Member::CARD).unwrap(), Some(card));
    assert_eq!(s.related(dan, Member::PROFILE).unwrap(), Some(profile));
    assert_eq!(s.related(dan, Member::LOCKER).unwrap(), None);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT cards ×1 WHERE member_id
        SELECT profiles ×1 WHERE member_id
        SELECT lockers ×1 WHERE member_id
        COMMIT
    "#]]);
    assert_eq!(db.rows(CARDS), "1 | 1 | d\n");
    assert_eq!(db.rows(PROFILES), "1 | new\n");
}

/// FL-3, RL-1: whichever was said first, the old one makes room.
#[test]
fn a_child_is_replaced_in_either_order() {
    for delete_first in [true, false] {
        let db = club();
        let mut s = db.session();
        let [ann, ..] = members(&mut s, &db);
        let old = s.loaded(ann, Member::CARD).unwrap().unwrap();
        if delete_first {
            s.delete(old).unwrap();
        }
        let new = s.add(card(ann, "c"));
        if !delete_first {
            s.delete(old).unwrap();
        }
        assert_eq!(s.loaded(ann, Member::CARD).unwrap(), Some(old));
        s.flush().unwrap();
        assert_eq!(s.loaded(ann, Member::CARD).unwrap(), Some(new));
        s.commit().unwrap();
        db.assert_statements(expect![[r#"
            DELETE cards ×1 WHERE id
            INSERT cards (member_id, code) ×1 RETURNING id
            COMMIT
        "#]]);
        assert_eq!(db.rows(CARDS), "2 | 2 | b\n3 | 1 | c\n");
    }
}

/// FL-3, RL-1: the old one may stay without a member.
#[test]
fn a_child_that_may_be_alone_makes_room_by_an_update() {
    let db = club();
    let mut s = db.session();
    let [ann, ..] = members(&mut s, &db);
    let old = s.loaded(ann, Member::LOCKER).unwrap().unwrap();
    let new = s.add(Locker {
        member: ann.into(),
        ..Locker::default()
    });
    s[old].member = None;
    s.flush().unwrap();
    assert_eq!(s.loaded(ann, Member::LOCKER).unwrap(), Some(new));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE lockers SET member_id ×1 WHERE id
        INSERT lockers (member_id) ×1 RETURNING id
        COMMIT
    "#]]);
    assert_eq!(db.rows(LOCKERS), "1 | -\n2 | 2\n3 | -\n4 | 1\n");
}

/// PK-2: a child whose key is its reference is the same row, replaced or not.
#[test]
fn a_child_with_its_parents_key_is_replaced_by_an_update() {
    for delete_first in [true, false] {
        let db = club();
        let mut s = db.session();
        let [ann, ..] = members(&mut s, &db);
        let old = s.loaded(ann, Member::PROFILE).unwrap().unwrap();
        if delete_first {
            s.delete(old).unwrap();
        }
        let new = s.add(profile(ann, "dances"));
        if !delete_first {
            s.delete(old).unwrap();
        }
        s.flush().unwrap();
        assert_eq!(s.loaded(ann, Member::PROFILE).unwrap(), Some(new));
        assert_eq!(s.get::<Profile>(ann).unwrap(), Some(new));
        assert_eq!(s.state(old), State::Deleted);
        s.commit().unwrap();
        db.assert_statements(expect![[r#"
            UPDATE profiles SET bio ×1 WHERE member_id
            COMMIT
        "#]]);
        assert_eq!(db.rows(PROFILES), "1 | dances\n2 | reads\n");
    }
}

/// FL-3, RL-1: through NULL, where that is allowed.
#[test]
fn two_parents_swap_children_that_may_be_alone() {
    let db = club();
    let mut s = db.session();
    let [ann, bob, _] = members(&mut s, &db);
    let [of_ann, of_bob] = [ann, bob].map(|m| s.loaded(m, Member::LOCKER).unwrap().unwrap());
    s[of_ann].member = bob.into();
    s[of_bob].member = ann.into();
    s.flush().unwrap();
    assert_eq!(s.loaded(ann, Member::LOCKER).unwrap(), Some(of_bob));
    assert_eq!(s.loaded(bob, Member::LOCKER).unwrap(), Some(of_ann));
    assert!(s.refers_to(&s[of_ann].member, bob));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE lockers SET member_id ×2 WHERE id
        UPDATE lockers SET member_id ×2 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(LOCKERS), "1 | 2\n2 | 1\n3 | -\n");
}

/// FL-3: where NULL is not allowed, a swap can't be written.
#[test]
fn two_parents_that_swap_required_children_are_a_cycle_before_sql() {
    let db = club();
    let mut s = db.session();
    let [ann, bob, _] = members(&mut s, &db);
    let [of_ann, of_bob] = [ann, bob].map(|m| s.loaded(m, Member::CARD).unwrap().unwrap());
    s[of_ann].member = bob.into();
    s[of_bob].member = ann.into();
    let error = s.flush().unwrap_err();
    expect![
        "rows wait for each other in a cycle: Card 1, Card 2 by Card.member (cards_member_id_key)"
    ]
    .assert_eq(&error.to_string());
    assert!(matches!(error.kind(), ErrorKind::Cycle { .. }));
    s.rollback().unwrap();
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
    assert!(s.refers_to(&s[of_ann].member, ann));
    assert_eq!(s.related(ann, Member::CARD).unwrap(), Some(of_ann));
    assert_eq!(db.rows(CARDS), "1 | 1 | a\n2 | 2 | b\n");
}

/// FL-3, PK-1: nor can one of children that are known by their parents.
#[test]
fn two_parents_that_swap_children_with_their_keys_are_a_cycle_before_sql() {
    let db = club();
    let mut s = db.session();
    let [ann, bob, _] = members(&mut s, &db);
    let [of_ann, of_bob] = [ann, bob].map(|m| s.loaded(m, Member::PROFILE).unwrap().unwrap());
    s[of_ann].member = bob.into();
    s[of_bob].member = ann.into();
    let error = s.flush().unwrap_err();
    expect!["rows wait for each other in a cycle: Profile 1, Profile 2 by Profile.member (profiles_pkey)"].assert_eq(&error.to_string());
    assert!(matches!(error.kind(), ErrorKind::Cycle { .. }));
    s.rollback().unwrap();
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
    assert_eq!(s.local::<Profile>(&1), Some(of_ann));
    assert_eq!(db.rows(PROFILES), "1 | sings\n2 | reads\n");
}

/// FL-3, RL-1: the one that is in the way goes first, or loses its reference.
#[test]
fn a_child_is_taken_from_one_parent_by_another() {
    let db = club();
    let mut s = db.session();
    let [ann, bob, _] = members(&mut s, &db);
    let [old_card, card] = [ann, bob].map(|m| s.loaded(m, Member::CARD).unwrap().unwrap());
    let [old_locker, locker] = [ann, bob].map(|m| s.loaded(m, Member::LOCKER).unwrap().unwrap());
    let [old_profile, profile] = [ann, bob].map(|m| s.loaded(m, Member::PROFILE).unwrap().unwrap());
    s[card].member = ann.into();
    s.delete(old_card).unwrap();
    s[locker].member = ann.into();
    s[old_locker].member = None;
    s[profile].member = ann.into();
    s.delete(old_profile).unwrap();
    s.flush().unwrap();
    assert_eq!(s.loaded(ann, Member::CARD).unwrap(), Some(card));
    assert_eq!(s.loaded(bob, Member::CARD).unwrap(), None);
    assert_eq!(s.loaded(ann, Member::LOCKER).unwrap(), Some(locker));
    assert_eq!(s.loaded(bob, Member::LOCKER).unwrap(), None);
    assert_eq!(s.loaded(ann, Member::PROFILE).unwrap(), Some(profile));
    assert_eq!(s.loaded(bob, Member::PROFILE).unwrap(), None);
    assert_eq!(s.get::<Profile>(bob).unwrap(), None);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        LOCK cards ×2
        DELETE cards ×1 WHERE id
        LOCK profiles ×2
        DELETE profiles ×1 WHERE member_id
        UPDATE cards SET member_id ×1 WHERE id
        UPDATE profiles SET member_id ×1 WHERE member_id
        LOCK lockers ×2
        UPDATE lockers SET member_id ×1 WHERE id
        UPDATE lockers SET member_id ×1 WHERE id
        SELECT profiles ×1 WHERE member_id
        COMMIT
    "#]]);
    assert_eq!(db.rows(CARDS), "2 | 1 | b\n");
    assert_eq!(db.rows(LOCKERS), "1 | -\n2 | 1\n3 | -\n");
    assert_eq!(db.rows(PROFILES), "1 | reads\n");
}

/// RL-1: to a parent that has none, it is one UPDATE, of a key as well (PK-1).
#[test]
fn a_child_moves_to_a_parent_that_has_none() {
    let db = club();
    let mut s = db.session();
    let [ann, _, cid] = members(&mut s, &db);
    let card = s.loaded(ann, Member::CARD).unwrap().unwrap();
    let profile = s.loaded(ann, Member::PROFILE).unwrap().unwrap();
    s[card].member = cid.into();
    s[profile].member = cid.into();
    s.flush().unwrap();
    for (member, its_card, its_profile) in [(ann, None, None), (cid, Some(card), Some(profile))] {
        assert_eq!(s.loaded(member, Member::CARD).unwrap(), its_card);
        assert_eq!(s.loaded(member, Member::PROFILE).unwrap(), its_profile);
    }
    assert_eq!(s.get::<Profile>(3).unwrap(), Some(profile));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE cards SET member_id ×1 WHERE id
        UPDATE profiles SET member_id ×1 WHERE member_id
        COMMIT
    "#]]);
    assert_eq!(db.rows(CARDS), "1 | 3 | a\n2 | 2 | b\n");
    assert_eq!(db.rows(PROFILES), "2 | reads\n3 | sings\n");
}
