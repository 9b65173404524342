//! `copy_in` and `copy_out`: rows in a stream, both ways.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};
use sessile_tests::desk::{Note, Page, two_notes};

use super::models::{Look, Tag, Tagged};

fn tags() -> TestDb {
    TestDb::new::<(Tag, Tagged)>()
}

#[test]
fn a_hundred_thousand_rows_are_one_copy() {
    let db = tags();
    let mut s = db.session();
    let rows = (0..100_000).map(|n| Tag::named(&format!("tag {n}"), n));
    assert_eq!(s.copy_in(rows).unwrap(), 100_000);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DESCRIBE tag
        COPY tag (name, uses, look, code, parent_id)
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT count(*), sum(uses), min(rank), max(id) FROM tag"),
        "100000 | 4999950000 | 7 | 100000\n"
    );
    let (mut count, mut sum) = (0, 0);
    let copied = s.copy_out(select::<Tag>(), |tag: Tag| {
        count += 1;
        sum += tag.uses;
        Ok(())
    });
    assert_eq!(
        (copied.unwrap(), count, sum),
        (100_000, 100_000, 4_999_950_000)
    );
    assert_eq!(s.local::<Tag>(&1), None);
}

#[test]
fn values_arrive_and_return_as_they_are() {
    let db = tags();
    let mut s = db.session();
    let hostile = "o'hara\\\t\n\\N \"; DROP TABLE tag; -- {a,NULL}";
    let look = Look {
        colour: hostile.to_owned(),
        size: 200,
    };
    let tag = Tag {
        id: 5,
        look,
        code: "c'\"".to_owned(),
        rank: 1,
        ..Tag::named(hostile, i64::MIN)
    };
    let child = Tag {
        id: 6,
        parent: Some(Fk::to(5)),
        ..tag.clone()
    };
    let child = Tag {
        name: "child".to_owned(),
        ..child
    };
    assert_eq!(s.copy_in([tag.clone(), child.clone()]).unwrap(), 2);
    let used = Tagged::at(hostile, Fk::to(5), -1);
    assert_eq!(s.copy_in([used.clone()]).unwrap(), 1);
    s.commit().unwrap();
    let mut back = Vec::new();
    s.copy_out(select::<Tag>().order_by(Tag::ID), |tag| {
        back.push(tag);
        Ok(())
    })
    .unwrap();
    assert_eq!(back, [tag, child]);
    let mut back = Vec::new();
    s.copy_out(select::<Tagged>(), |used| {
        back.push(used);
        Ok(())
    })
    .unwrap();
    assert_eq!(back, [used]);
}

#[test]
fn no_rows_are_no_statement() {
    let db = tags();
    let mut s = db.session();
    assert_eq!(s.copy_in(Vec::<Tag>::new()).unwrap(), 0);
    s.commit().unwrap();
    db.assert_statements(expect![""]);
}

#[test]
fn a_row_that_sends_other_columns_begins_another_copy() {
    let db = tags();
    let mut s = db.session();
    let ranked = |name, rank| Tag {
        rank,
        ..Tag::named(name, 0)
    };
    let rows = [
        ranked("a", 0),
        ranked("b", 0),
        ranked("c", 3),
        ranked("d", 4),
    ];
    assert_eq!(s.copy_in(rows).unwrap(), 4);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DESCRIBE tag
        COPY tag (name, uses, look, code, parent_id)
        DESCRIBE tag
        COPY tag (name, uses, look, code, rank, parent_id)
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name, rank FROM tag ORDER BY name"),
        "a | 7\nb | 7\nc | 3\nd | 4\n"
    );
}

/// VN-1, AF-1
#[test]
fn what_waits_is_written_first_and_versions_begin() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    let ann = s.add(Account::of("ann", 5));
    let entry = |amount| Entry {
        payer: ann.into(),
        amount,
        ..Entry::default()
    };
    assert_eq!(s.copy_in((1..=3).map(entry)).unwrap(), 3);
    assert_eq!(s.copy_in([Account::of("bob", 6)]).unwrap(), 1);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT sum(amount) FROM entry WHERE payer_id = 1"),
        "6\n"
    );
    assert_eq!(db.rows("SELECT version FROM account"), "1\n1\n");
}

/// FL-11
#[test]
fn a_row_that_cannot_be_sent_ends_the_copy_and_the_transaction() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    s.add(Account::of("ann", 5));
    let entry = |n| Entry {
        payer: if n == 20_000 {
            Fk::default()
        } else {
            Fk::to(1)
        },
        ..Entry::default()
    };
    let refused = s.copy_in((0..50_000).map(entry)).unwrap_err();
    assert!(refused.violates(Entry::PAYER));
    assert_eq!(
        refused.to_string(),
        "COPY entry (payer_id, payee_id, amount): writing row 20001 of Entry: \
         writing an unset reference: Entry.payer needs a value"
    );
    let failed = s.get::<Account>(1).unwrap_err();
    assert_eq!(*failed.kind(), ErrorKind::TransactionFailed);
    s.rollback().unwrap();
    s.add(Account::of("bob", 5));
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT owner FROM account"), "bob\n");
    assert_eq!(db.rows("SELECT count(*) FROM entry"), "0\n");
}

/// FL-11
#[test]
fn a_copy_that_fails_in_a_savepoint_costs_the_savepoint() {
    let db = tags();
    let mut s = db.session();
    s.add(Tag::named("kept", 1));
    let rows = (0..30_000).map(|n| Tag::named(&(n % 20_000).to_string(), n));
    let refused = s.savepoint(|s| s.copy_in(rows)).unwrap_err();
    assert!(refused.violates(Tag::NAME), "{refused:?}");
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT name FROM tag"), "kept\n");
}

#[test]
fn a_column_of_another_type_is_named() {
    let db = tags();
    db.look()
        .run("ALTER TABLE tag ALTER COLUMN uses TYPE integer");
    let mut s = db.session();
    let refused = s
        .copy_in([Tag::named("a", 1), Tag::named("b", 2)])
        .unwrap_err();
    let ErrorKind::Conversion { place } = refused.kind() else {
        panic!("{refused:?}")
    };
    assert_eq!(place, "Tag.uses");
    assert!(
        refused.to_string().contains("writing row 1 of Tag"),
        "{refused}"
    );
}

#[test]
fn a_panic_while_rows_are_made_rolls_back() {
    let db = tags();
    let engine = db.engine().clone();
    let message = sessile_tests::panic_of(|| {
        let rows = (0..30_000).map(|n| {
            assert!(n < 20_000, "no more");
            Tag::named(&n.to_string(), n)
        });
        engine.transaction(|s| s.copy_in(rows))
    });
    assert_eq!(message, "no more");
    assert_eq!(db.rows("SELECT count(*) FROM tag"), "0\n");
    assert_eq!(
        db.engine()
            .transaction(|s| s.copy_in([Tag::named("a", 1)]))
            .unwrap(),
        1
    );
}

#[test]
fn values_of_a_query_wait_in_settings() {
    let db = tags();
    let mut s = db.session();
    s.copy_in((0..10).map(|n| Tag::named(&format!("$1 '{n}"), n)))
        .unwrap();
    db.forget();
    let some = select::<Tag>()
        .filter(
            Tag::USES
                .is_in([1, 2, 3])
                .and(Tag::NAME.ne("$1 '2"))
                .and(Tag::RANK.eq(7)),
        )
        .filter(Tag::NAME.ne(""))
        .order_by(Tag::USES.desc())
        .limit(5);
    let mut names = Vec::new();
    s.copy_out(some, |tag| {
        names.push(tag.name);
        Ok(())
    })
    .unwrap();
    assert_eq!(names, ["$1 '3", "$1 '1"]);
    db.assert_statements(expect![[r#"
        DESCRIBE tag
        SET values ×5
        COPY SELECT tag WHERE uses = ANY($1) AND name <> $2 AND rank = $3 AND name <> $4 ORDER BY uses DESC LIMIT $5
    "#]]);
}

/// AF-1
#[test]
fn a_copy_out_sees_what_waits() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    let new = s.add(Note::of("bread", "buy"));
    s.add(Page::of(new, "one"));
    let mut stars = 0;
    let copied = s.copy_out(select::<Note>(), |note| {
        stars += note.stars;
        Ok(())
    });
    assert_eq!((copied.unwrap(), stars), (3, 5));
    let of_new = select::<Page>().filter(Page::NOTE.is(new));
    assert_eq!(s.copy_out(of_new, |_| Ok(())).unwrap(), 1);
}

#[test]
fn an_error_of_the_closure_ends_the_stream_and_nothing_else() {
    let db = tags();
    let mut s = db.session();
    s.copy_in((0..20_000).map(|n| Tag::named(&n.to_string(), n)))
        .unwrap();
    let mut seen = 0;
    let refused = s.copy_out(select::<Tag>(), |_| {
        seen += 1;
        if seen == 3 {
            Err(Error::other("enough"))
        } else {
            Ok(())
        }
    });
    assert_eq!(*refused.unwrap_err().kind(), ErrorKind::Other);
    assert_eq!(seen, 3);
    assert!(s.get::<Tag>(7).unwrap().is_some());
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM tag"), "20000\n");
}

#[test]
fn a_query_that_loads_something_along_is_refused() {
    let db = tags();
    let mut s = db.session();
    let along = select::<Tag>().with(Tag::PLACES);
    let refused = s.copy_out(along, |_| Ok(())).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::Mapping { .. }));
    s.commit().unwrap();
}

#[test]
fn behind_a_pooler_nothing_is_prepared() {
    let db = TestDb::new::<(Account, Entry)>();
    let builder = Engine::builder(db.url()).statement_mode(sessile::StatementMode::Unnamed);
    let engine = builder.build().unwrap();
    let copied = engine.transaction(|s| {
        s.copy_in([Account::of("ann", 5), Account::of("bob", 6)])?;
        let mut owners = Vec::new();
        s.copy_out(
            select::<Account>().filter(Account::BALANCE.gt(5)),
            |account| {
                owners.push(account.owner);
                Ok(())
            },
        )?;
        Ok(owners)
    });
    assert_eq!(copied.unwrap(), ["bob"]);
    assert_eq!(engine.metrics().prepared, 0);
}
