//! `upsert`: rows that are inserted, or change the rows that are there.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};

use super::models::{Tag, Tagged};

fn tags() -> TestDb {
    let db = TestDb::new::<(Tag, Tagged)>();
    let mut s = db.session();
    s.bulk_insert([Tag::named("blue", 1), Tag::named("red", 2)])
        .unwrap();
    s.commit().unwrap();
    db.forget();
    db
}

fn uses(db: &TestDb) -> String {
    db.rows("SELECT id, name, uses FROM tag ORDER BY id")
}

/// BK-2
#[test]
fn rows_come_back_in_order_whether_they_were_there_or_not() {
    let db = tags();
    let mut s = db.session();
    let red = s.get::<Tag>(2).unwrap().unwrap();
    let rows = [
        Tag::named("red", 20),
        Tag::named("green", 30),
        Tag::named("blue", 10),
    ];
    let found = s.upsert(upsert(rows).on(Tag::NAME)).unwrap();
    let names: Vec<_> = found
        .iter()
        .map(|h| (s[*h].name.as_str(), s[*h].uses))
        .collect();
    assert_eq!(names, [("red", 20), ("green", 30), ("blue", 10)]);
    assert_eq!((found[0], s[red].uses), (red, 20));
    assert!(!s.has_changes());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        SELECT tag ×1 WHERE id
        BEGIN
        INSERT tag (name, uses, look, code, parent_id) ×3 ON CONFLICT (name) DO UPDATE SET uses, look, code, parent_id RETURNING tag
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name, uses FROM tag ORDER BY uses"),
        "blue | 10\nred | 20\ngreen | 30\n"
    );
}

/// BK-2, ST-2
#[test]
fn a_rollback_restores_what_was_there_and_drops_what_was_not() {
    let db = tags();
    let mut s = db.session();
    let red = s.get::<Tag>(2).unwrap().unwrap();
    let rows = [Tag::named("red", 20), Tag::named("green", 30)];
    let found = s.upsert(upsert(rows).on(Tag::NAME)).unwrap();
    s.rollback().unwrap();
    assert_eq!(s[red].uses, 2);
    assert_eq!(s.state(found[1]), State::Gone);
    assert_eq!(uses(&db), "1 | blue | 1\n2 | red | 2\n");
}

/// BK-2, TX-2
#[test]
fn a_savepoint_restores_them_as_well() {
    let db = tags();
    let mut s = db.session();
    let red = s.get::<Tag>(2).unwrap().unwrap();
    let mut green = None;
    let undone: Result<()> = s.savepoint(|s| {
        let rows = [Tag::named("red", 20), Tag::named("green", 30)];
        green = s.upsert(upsert(rows).on(Tag::NAME))?.pop();
        Err(Error::other("no"))
    });
    undone.unwrap_err();
    assert_eq!((s[red].uses, s.state(green.unwrap())), (2, State::Gone));
    s[red].uses = 3;
    s.commit().unwrap();
    assert_eq!(uses(&db), "1 | blue | 1\n2 | red | 3\n");
}

#[test]
fn new_values_can_be_computed_of_both_rows() {
    let db = tags();
    let mut s = db.session();
    let rows = [Tag::named("red", 20), Tag::named("blue", 30)];
    let counted = upsert(rows)
        .on(Tag::NAME)
        .set(Tag::USES, Tag::USES + excluded(Tag::USES))
        .filter(Tag::USES.lt(2));
    let found = s.upsert(counted).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((s[found[0]].name.as_str(), s[found[0]].uses), ("blue", 31));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tag (name, uses, look, code, parent_id) ×2 ON CONFLICT (name) DO UPDATE SET uses = uses + excluded.uses WHERE uses < $1 RETURNING tag
        COMMIT
    "#]]);
    assert_eq!(uses(&db), "1 | blue | 31\n2 | red | 2\n");
}

#[test]
fn only_the_columns_that_were_named_are_taken() {
    let db = tags();
    let mut s = db.session();
    let mut row = Tag::named("red", 20);
    row.code = "c".to_owned();
    let found = s
        .upsert(upsert([row.clone()]).on(Tag::NAME).update(Tag::CODE))
        .unwrap();
    assert_eq!((s[found[0]].uses, s[found[0]].code.as_str()), (2, "c"));
    row.code = "d".to_owned();
    let both = upsert([row])
        .on_constraint("tag_name_key")
        .update((Tag::CODE, Tag::USES));
    s.upsert(both).unwrap();
    assert_eq!((s[found[0]].uses, s[found[0]].code.as_str()), (20, "d"));
}

#[test]
fn rows_that_are_there_can_be_left_alone() {
    let db = tags();
    let mut s = db.session();
    let rows = [Tag::named("red", 20), Tag::named("green", 30)];
    let found = s.upsert(upsert(rows).on(Tag::NAME).nothing()).unwrap();
    assert_eq!(found.len(), 1);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT name, uses FROM tag ORDER BY uses"),
        "blue | 1\nred | 2\ngreen | 30\n"
    );
}

#[test]
fn a_key_of_several_columns_is_a_target() {
    let db = tags();
    let mut s = db.session();
    s.upsert(upsert([Tagged::at("here", Fk::to(1), 1)]))
        .unwrap();
    let rows = [
        Tagged::at("here", Fk::to(1), 5),
        Tagged::at("here", Fk::to(2), 6),
    ];
    let found = s
        .upsert(upsert(rows).on((Tagged::TAG, Tagged::PLACE)))
        .unwrap();
    assert_eq!((s[found[0]].weight, s[found[1]].weight), (5, 6));
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT tag_id, weight FROM tagged ORDER BY 1"),
        "1 | 5\n2 | 6\n"
    );
}

/// VN-3
#[test]
fn a_version_counts_on_when_the_row_was_there() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    let one = s
        .upsert(upsert([Account::of("ann", 5)]).on(Account::OWNER))
        .unwrap()[0];
    assert_eq!(s[one].version, 1);
    let two = s
        .upsert(upsert([Account::of("ann", 6)]).on(Account::OWNER))
        .unwrap()[0];
    assert_eq!((two, s[one].version, s[one].balance), (one, 2, 6));
    s[one].balance += 1;
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT balance, version FROM account"), "7 | 3\n");
}

#[test]
fn a_target_that_is_not_unique_is_refused_with_those_that_are() {
    let db = tags();
    let mut s = db.session();
    let mut refused = |up| s.upsert::<Tag>(up).unwrap_err().to_string();
    assert_eq!(
        refused(upsert([Tag::named("x", 1)]).on((Tag::NAME, Tag::USES))),
        "Tag is not unique by name, uses; it has tag_pkey (id), tag_name_key (name)"
    );
    assert_eq!(
        refused(upsert([Tag::named("x", 1)]).on_constraint("tag_uses_key")),
        "Tag has no unique constraint tag_uses_key; it has tag_pkey (id), tag_name_key (name)"
    );
    assert_eq!(
        refused(upsert([Tag::named("x", 1)])),
        "writing row 1 of Tag: a row of Tag can't be looked for by id, which has no value"
    );
    db.assert_statements(expect![""]);
    s.commit().unwrap();
}

#[test]
fn two_rows_that_would_be_one_are_refused_before_anything_is_sent() {
    let db = tags();
    let mut s = db.session();
    let rows = [Tag::named("red", 20), Tag::named("red", 30)];
    let refused = s.upsert(upsert(rows).on(Tag::NAME)).unwrap_err();
    assert!(refused.violates(Tag::NAME));
    assert_eq!(
        refused.to_string(),
        "upserting two rows of Tag with the same name: \
         unique constraint tag_name_key (Tag.name) violated"
    );
    db.assert_statements(expect![""]);
    s.commit().unwrap();
}

/// BK-1, AF-1
#[test]
fn what_waits_is_written_first() {
    let db = tags();
    let mut s = db.session();
    let red = s.get::<Tag>(2).unwrap().unwrap();
    s[red].rank = 9;
    let found = s
        .upsert(upsert([Tag::named("red", 20)]).on(Tag::NAME))
        .unwrap();
    assert_eq!((found[0], s[red].rank, s[red].uses), (red, 9, 20));
}
