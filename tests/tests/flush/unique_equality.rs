//! Unique values that are equal to PostgreSQL though their bytes differ (FL-3).

use expect_test::expect;
use rust_decimal::Decimal;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::User;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "mailboxes")]
struct Mailbox {
    #[model(key)]
    id: i64,
    #[model(unique, sql_type = "citext")]
    address: String,
    #[model(unique, sql_type = "char(8)")]
    code: Option<String>,
    #[model(unique)]
    size: Option<Decimal>,
}

fn mailbox(id: i64, address: &str) -> Mailbox {
    Mailbox {
        id,
        address: address.to_owned(),
        ..Mailbox::default()
    }
}

fn db() -> TestDb {
    let db = TestDb::with::<User>("CREATE EXTENSION citext");
    db.engine().create_tables::<(Mailbox,)>().unwrap();
    db
}

/// `citext` compares without case.
#[test]
fn an_address_in_other_letters_is_the_same() {
    let db = db();
    let mut s = db.session();
    let old = s.add(mailbox(1, "A@x"));
    let other = s.add(mailbox(2, "B@x"));
    s.commit().unwrap();
    db.forget();
    s.delete(old).unwrap();
    s.add(mailbox(3, "b@X"));
    s[other].address = "a@X".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK mailboxes ×2
        DELETE mailboxes ×1 WHERE id
        UPDATE mailboxes SET address ×1 WHERE id, address
        INSERT mailboxes (id, address, code, size) ×1
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, address FROM mailboxes ORDER BY id"),
        "2 | a@X\n3 | b@X\n"
    );
}

/// `char(n)` is padded, and numbers have no digits that count behind the last one.
#[test]
fn blanks_and_zeros_at_the_end_do_not_count() {
    let db = db();
    let mut s = db.session();
    let full = |id, code: &str, size| Mailbox {
        code: Some(code.to_owned()),
        size: Some(size),
        ..mailbox(id, &id.to_string())
    };
    let [one, two] =
        [("a", 10), ("b", 20)].map(|(code, size)| s.add(full(size, code, Decimal::from(size))));
    s.commit().unwrap();
    db.forget();
    s.delete(one).unwrap();
    s.add(full(2, "b  ", Decimal::new(1_000, 2)));
    s[two].code = Some("a   ".to_owned());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK mailboxes ×2
        DELETE mailboxes ×1 WHERE id
        UPDATE mailboxes SET code ×1 WHERE id, code
        INSERT mailboxes (id, address, code, size) ×1
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT id, code, size FROM mailboxes ORDER BY id"),
        "2 | b        | 10.00\n20 | a        | 20\n"
    );
}
