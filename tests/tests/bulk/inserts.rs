//! `bulk_insert`: plain rows, and rows of a query, outside the objects of the session.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};
use sessile_tests::desk::{Note, Page, two_notes};

use super::models::{Look, Tag, Tagged};

fn tags() -> TestDb {
    TestDb::new::<(Tag, Tagged)>()
}

#[test]
fn rows_go_in_one_statement_and_become_no_objects() {
    let db = tags();
    let mut s = db.session();
    let rows = (0..2_000).map(|n| Tag::named(&format!("tag {n}"), n));
    assert_eq!(s.bulk_insert(rows).unwrap(), 2_000);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tag (name, uses, look, code, parent_id) ×2000
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT count(*), sum(uses), min(rank), max(id) FROM tag"),
        "2000 | 1999000 | 7 | 2000\n"
    );
    assert_eq!(s.local::<Tag>(&1), None);
}

#[test]
fn no_rows_are_no_statement() {
    let db = tags();
    let mut s = db.session();
    assert_eq!(s.bulk_insert(Vec::<Tag>::new()).unwrap(), 0);
    assert_eq!(s.bulk_insert(insert::<Tag>()).unwrap(), 0);
    assert!(
        s.bulk_insert(insert::<Tag>().returning())
            .unwrap()
            .is_empty()
    );
    assert!(s.upsert(upsert(Vec::<Tag>::new())).unwrap().is_empty());
    assert!(s.ensure(Tag::NAME, Vec::new()).unwrap().is_empty());
    s.commit().unwrap();
    db.assert_statements(expect![""]);
}

#[test]
fn rows_that_send_different_columns_are_a_statement_each() {
    let db = tags();
    let mut s = db.session();
    let ranked = |name, rank| Tag {
        rank,
        ..Tag::named(name, 0)
    };
    let rows = [
        ranked("a", 0),
        ranked("b", 3),
        ranked("c", 0),
        ranked("d", 4),
    ];
    assert_eq!(s.bulk_insert(rows).unwrap(), 4);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tag (name, uses, look, code, parent_id) ×2
        INSERT tag (name, uses, look, code, rank, parent_id) ×2
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT name, rank FROM tag ORDER BY name"),
        "a | 7\nb | 3\nc | 7\nd | 4\n"
    );
}

#[test]
fn values_arrive_as_they_are() {
    let db = tags();
    let mut s = db.session();
    let hostile = "o'hara\\ \"; DROP TABLE tag; -- {a,NULL}";
    let look = Look {
        colour: hostile.to_owned(),
        size: 200,
    };
    let tag = Tag {
        look,
        code: "c'\"".to_owned(),
        ..Tag::named(hostile, i64::MIN)
    };
    s.bulk_insert([tag.clone()]).unwrap();
    s.bulk_insert([Tagged::at(hostile, Fk::to(1), -1)]).unwrap();
    s.commit().unwrap();
    let found = s.get::<Tag>(1).unwrap().unwrap();
    assert_eq!(
        s[found],
        Tag {
            id: 1,
            rank: 7,
            ..tag
        }
    );
    let used = s.one(select::<Tagged>()).unwrap();
    assert_eq!(s[used], Tagged::at(hostile, Fk::to(1), -1));
    assert_eq!(db.rows("SELECT words[1] FROM tagged"), "a, \"b\"\n");
}

/// VN-1
#[test]
fn versions_begin_and_handles_become_keys() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    let ann = s.add(Account::of("ann", 5));
    s.bulk_insert([
        Account::of("bob", 6),
        Account {
            version: 5,
            ..Account::of("cyd", 7)
        },
    ])
    .unwrap();
    let entry = |amount| Entry {
        payer: ann.into(),
        amount,
        ..Entry::default()
    };
    assert_eq!(s.bulk_insert((1..=3).map(entry)).unwrap(), 3);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT owner, version FROM account ORDER BY owner"),
        "ann | 1\nbob | 1\ncyd | 5\n"
    );
    assert_eq!(
        db.rows("SELECT sum(amount) FROM entry WHERE payer_id = 1"),
        "6\n"
    );
}

#[test]
fn rows_with_arrays_go_cell_by_cell() {
    let db = tags();
    let mut s = db.session();
    s.bulk_insert([Tag::named("red", 1)]).unwrap();
    let rows = (0..1_500).map(|n| Tagged::at(&n.to_string(), Fk::to(1), n));
    db.forget();
    assert_eq!(s.bulk_insert(rows).unwrap(), 1_500);
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        INSERT tagged (place, tag_id, weight, words) ×1000
        INSERT tagged (place, tag_id, weight, words) ×500
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT count(*), sum(array_length(words, 1)) FROM tagged"),
        "1500 | 3000\n"
    );
}

/// FL-6
#[test]
fn a_statement_is_cut_where_it_would_be_too_large() {
    let db = two_notes();
    let mut s = db.session();
    let body = "x".repeat(2 << 20);
    let rows = (0..33).map(|n| Note::of(&n.to_string(), &body));
    assert_eq!(s.bulk_insert(rows).unwrap(), 33);
    let few = (0..10_001).map(|n| Tag::named(&n.to_string(), n));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT note (folder_name, title, body, stars) ×31
        INSERT note (folder_name, title, body, stars) ×2
        COMMIT
    "#]]);
    let db = tags();
    let mut s = db.session();
    assert_eq!(s.bulk_insert(few).unwrap(), 10_001);
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tag (name, uses, look, code, parent_id) ×10000
        INSERT tag (name, uses, look, code, parent_id) ×1
    "#]]);
}

/// RL-4
#[test]
fn a_row_that_cannot_be_sent_is_named() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    let refused = s
        .bulk_insert([
            Entry {
                payer: Fk::to(1),
                ..Entry::default()
            },
            Entry::default(),
        ])
        .unwrap_err();
    assert!(refused.violates(Entry::PAYER));
    assert_eq!(
        refused.to_string(),
        "writing row 2 of Entry: writing an unset reference: Entry.payer needs a value"
    );
    db.assert_statements(expect![""]);
}

#[test]
fn a_violated_constraint_is_named() {
    let db = tags();
    let mut s = db.session();
    let refused = s
        .bulk_insert([Tag::named("a", 1), Tag::named("a", 2)])
        .unwrap_err();
    assert!(refused.violates(Tag::NAME), "{refused:?}");
    s.rollback().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM tag"), "0\n");
}

#[test]
fn conflicts_can_be_left_out() {
    let db = tags();
    let mut s = db.session();
    s.bulk_insert([Tag::named("a", 1)]).unwrap();
    let rows = || insert::<Tag>().rows([Tag::named("a", 2), Tag::named("b", 3)]);
    assert_eq!(s.bulk_insert(rows().ignoring(Tag::NAME)).unwrap(), 1);
    assert_eq!(s.bulk_insert(rows().ignoring_conflicts()).unwrap(), 0);
    let refused = s.bulk_insert(rows().ignoring(Tag::USES)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Tag is not unique by uses; it has tag_pkey (id), tag_name_key (name)"
    );
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT name, uses FROM tag ORDER BY 1"),
        "a | 1\nb | 3\n"
    );
}

/// BK-2, ST-2
#[test]
fn returned_rows_are_objects_until_a_rollback() {
    let db = tags();
    let mut s = db.session();
    let rows = [Tag::named("a", 2), Tag::named("b", 3)];
    let tags = s.bulk_insert(insert().rows(rows).returning()).unwrap();
    assert_eq!(tags.len(), 2);
    assert_eq!(s[tags[0]].rank, 7);
    assert_eq!(s.get::<Tag>(s[tags[0]].id).unwrap(), Some(tags[0]));
    s[tags[0]].uses = 9;
    s.flush().unwrap();
    s.rollback().unwrap();
    assert_eq!(s.state(tags[0]), State::Gone);
    let value = s.detach(tags[0]).unwrap();
    assert_eq!((value.id, value.rank), (0, 0));
    assert_eq!(db.rows("SELECT count(*) FROM tag"), "0\n");
}

#[test]
fn columns_of_new_rows_can_be_had() {
    let db = tags();
    let mut s = db.session();
    let rows = insert().rows([Tag::named("a", 2)]);
    let made: Vec<(i64, i64)> = s
        .bulk_insert(rows.returning_columns((Tag::ID, Tag::RANK * Tag::USES)))
        .unwrap();
    assert_eq!(made, [(1, 14)]);
}

/// RL-1
#[test]
fn a_collection_that_got_rows_is_forgotten() {
    let db = two_notes();
    let mut s = db.session();
    let milk = s.get::<Note>(1).unwrap().unwrap();
    assert!(s.related(milk, Note::PAGES).unwrap().is_empty());
    s.bulk_insert([Page::of(milk, "one")]).unwrap();
    let pages = s.related(milk, Note::PAGES).unwrap();
    assert_eq!(pages.len(), 1);
    let new = insert().rows([Page::of(milk, "two")]).returning();
    let two = s.bulk_insert(new).unwrap()[0];
    assert!(s.loaded(milk, Note::PAGES).unwrap().contains(&two));
}

mod from_a_query {
    use super::*;

    #[derive(Model, Clone, Debug, PartialEq, Default)]
    #[model(table = "archive")]
    struct Archive {
        #[model(key, generated)]
        id: i64,
        #[model(unique)]
        owner: String,
        balance: i64,
        account: Option<Fk<Account>>,
        #[model(version)]
        version: i32,
    }

    fn archive() -> TestDb {
        TestDb::with::<(Account, Archive)>(
            "INSERT INTO account (owner, balance, version) VALUES ('ann', 100, 1), ('bob', 5, 1)",
        )
    }

    #[test]
    fn rows_never_leave_the_server() {
        let db = archive();
        let mut s = db.session();
        s.add(Account::of("cyd", 7));
        let rich = select::<Account>()
            .filter(Account::BALANCE.gt(5))
            .order_by(Account::OWNER)
            .columns((Account::OWNER, Account::BALANCE + 1));
        let copy = insert::<Archive>()
            .columns((Archive::OWNER, Archive::BALANCE))
            .from_select(rich);
        assert_eq!(s.bulk_insert(copy.clone()).unwrap(), 2);
        let again = copy.ignoring(Archive::OWNER).returning();
        assert!(s.bulk_insert(again).unwrap().is_empty());
        s.commit().unwrap();
        assert_eq!(
            db.rows("SELECT id, owner, balance, version FROM archive"),
            "1 | ann | 101 | 1\n2 | cyd | 8 | 1\n"
        );
    }

    #[test]
    fn raw_sql_is_a_query_too() {
        let db = archive();
        let mut s = db.session();
        let sql = "SELECT owner, id FROM account WHERE balance > $1";
        let copy = insert::<Archive>()
            .columns((Archive::OWNER, Archive::BALANCE))
            .from_select(raw(sql, (50_i64,)))
            .returning();
        let copied = s.bulk_insert(copy).unwrap();
        assert_eq!(
            (s[copied[0]].owner.as_str(), s[copied[0]].version),
            ("ann", 1)
        );
    }
}
