//! Values that the database computes in the flush that writes them (CT-4).
//!
//! S09, a key given as an expression, can't be written: keys are sent as they are, since a new
//! object may be referred to before it is inserted.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::*;
use sessile_tests::TestDb;

use super::models::{Note, save};

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "accounts")]
struct Account {
    #[model(key, generated)]
    id: i64,
    owner: String,
    #[model(check = "balance >= 0")]
    balance: i64,
    #[model(default = "7")]
    level: Option<i32>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tokens")]
struct Token {
    #[model(key, default = "gen_random_uuid()")]
    id: uuid::Uuid,
    #[model(default = "7")]
    level: Option<i32>,
}

fn account(owner: &str, balance: i64) -> Account {
    Account {
        owner: owner.to_owned(),
        balance,
        level: Some(1),
        ..Account::default()
    }
}

fn db() -> TestDb {
    let db = TestDb::new::<(Account, Token, Note)>();
    save(&db, ["ann", "bob", "cid"].map(|owner| account(owner, 50)));
    db
}

fn accounts(s: &mut Session) -> Vec<Handle<Account>> {
    s.get_each([1, 2, 3]).unwrap()
}

const ROWS: &str = "SELECT id, owner, balance, level FROM accounts ORDER BY id";

/// CT-4, S20
#[test]
fn the_database_computes_the_value_and_the_object_has_it() {
    let db = db();
    let mut s = db.session();
    let ann = accounts(&mut s)[0];
    db.look()
        .run("UPDATE accounts SET balance = 80 WHERE id = 1");
    db.forget();
    s.set_expr(ann, Account::BALANCE, Account::BALANCE + 10)
        .unwrap();
    assert_eq!(s[ann].balance, 50);
    assert_eq!(s.changes(ann).unwrap(), ["balance"]);
    assert!(s.has_changes());
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE accounts SET balance = balance + $1 ×1 WHERE id RETURNING balance
        COMMIT
    "#]]);
    assert_eq!(s[ann].balance, 90);
    assert!(!s.has_changes());
    assert!(
        db.rows(ROWS)
            .starts_with("1 | ann | 90 | 1\n2 | bob | 50 | 1\n")
    );
}

/// CT-4: it goes with what else changed of the row.
#[test]
fn other_changes_of_the_row_are_in_the_same_update() {
    let db = db();
    let mut s = db.session();
    let ann = accounts(&mut s)[0];
    db.forget();
    s[ann].owner = "Ann".to_owned();
    s.set_expr(ann, Account::BALANCE, Account::BALANCE * 2)
        .unwrap();
    s.set_expr(
        ann,
        Account::LEVEL,
        scalar(select::<Account>().columns(max(Account::LEVEL))),
    )
    .unwrap();
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE accounts SET owner, balance = balance * $1, level = (SELECT accounts (max(level))) ×1 WHERE id RETURNING balance, level
    "#]]);
    assert_eq!((s[ann].balance, s[ann].level), (100, Some(1)));
    assert_eq!(s[ann].owner, "Ann");
    s.flush().unwrap();
    db.assert_statements(expect![[r#""#]]);
}

/// CT-4, FL-5: values of the expression differ, its text does not.
#[test]
fn rows_with_the_same_expression_are_one_statement() {
    let db = db();
    let mut s = db.session();
    let all = accounts(&mut s);
    db.forget();
    for (account, more) in all.iter().zip([1, 20, 300]) {
        let sum = Account::BALANCE + i64::from(more);
        s.set_expr(*account, Account::BALANCE, sum).unwrap();
    }
    s.set_expr(all[2], Account::BALANCE, Account::BALANCE - 1)
        .unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK accounts ×3
        UPDATE accounts SET balance = balance + $1 ×2 WHERE id RETURNING balance
        UPDATE accounts SET balance = balance - $1 ×1 WHERE id RETURNING balance
        COMMIT
    "#]]);
    let balances = all.iter().map(|a| s[*a].balance);
    assert_eq!(balances.collect::<Vec<_>>(), [51, 70, 49]);
    assert_eq!(
        db.rows(ROWS),
        "1 | ann | 51 | 1\n2 | bob | 70 | 1\n3 | cid | 49 | 1\n"
    );
}

/// CT-4: what is computed from the row as it is overwrites nobody, so an expired object needs no
/// comparison; what is sent as it is beside it does (ST-6).
#[test]
fn only_values_that_were_read_are_compared() {
    let db = db();
    let mut s = db.session();
    let [ann, bob, _] = *accounts(&mut s) else {
        panic!("three accounts");
    };
    s.commit().unwrap();
    db.forget();
    s.set_expr(ann, Account::BALANCE, Account::BALANCE + 1)
        .unwrap();
    s.set_expr(bob, Account::BALANCE, Account::BALANCE + 1)
        .unwrap();
    s[bob].owner = "Bob".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK accounts ×2
        UPDATE accounts SET balance = balance + $1 ×1 WHERE id RETURNING balance
        UPDATE accounts SET owner, balance = balance + $1 ×1 WHERE id, owner RETURNING balance
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(ROWS),
        "1 | ann | 51 | 1\n2 | Bob | 51 | 1\n3 | cid | 50 | 1\n"
    );
}

/// CT-4: the last word counts.
#[test]
fn a_value_and_an_expression_take_each_others_place() {
    let db = db();
    let mut s = db.session();
    let [ann, bob, cid] = *accounts(&mut s) else {
        panic!("three accounts");
    };
    db.forget();
    s[ann].balance = 7;
    s.set_expr(ann, Account::BALANCE, Account::BALANCE + 1)
        .unwrap();
    s.set_expr(bob, Account::BALANCE, Account::BALANCE + 1)
        .unwrap();
    s[bob].balance = 7;
    s.set_expr(cid, Account::BALANCE, Account::BALANCE + 1)
        .unwrap();
    s.set_expr(cid, Account::BALANCE, 7).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK accounts ×3
        UPDATE accounts SET balance = balance + $1 ×1 WHERE id RETURNING balance
        UPDATE accounts SET balance = $1 ×1 WHERE id RETURNING balance
        UPDATE accounts SET balance ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows(ROWS),
        "1 | ann | 51 | 1\n2 | bob | 7 | 1\n3 | cid | 7 | 1\n"
    );
}

/// S08: the default, NULL and a value.
#[test]
fn a_generated_field_of_a_new_row_can_be_null_or_its_default() {
    let db = db();
    let mut s = db.session();
    db.forget();
    let new = |owner: &str| Account {
        level: None,
        ..account(owner, 0)
    };
    let unset = s.add(new("unset"));
    let nulls = s.add_all([new("null"), new("too")]);
    for null in &nulls {
        s.set_expr(*null, Account::LEVEL, None).unwrap();
    }
    let sum = s.add(new("sum"));
    s.set_expr(sum, Account::LEVEL, value(2) + 3).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT accounts (owner, balance) ×1 RETURNING id, level
        INSERT accounts (owner, balance, level = $1) ×2 RETURNING id, level
        INSERT accounts (owner, balance, level = $1 + $2) ×1 RETURNING id, level
        COMMIT
    "#]]);
    let levels = [unset, nulls[0], nulls[1], sum].map(|a| s[a].level);
    assert_eq!(levels, [Some(7), None, None, Some(5)]);
    let keys = nulls.iter().map(|a| (s[*a].id, s[*a].owner.clone()));
    for (id, owner) in keys {
        let sql = format!("SELECT owner FROM accounts WHERE id = {id} AND level IS NULL");
        assert_eq!(db.rows(&sql), format!("{owner}\n"));
    }
}

/// FL-6: keys that no sequence makes could not be told apart, nor rows of which nothing is sent.
#[test]
fn rows_that_could_not_be_matched_are_inserted_one_by_one() {
    let db = db();
    let mut s = db.session();
    db.forget();
    let tokens = s.add_all([Token::default(), Token::default()]);
    for (token, level) in tokens.iter().zip([1, 2]) {
        s.set_expr(*token, Token::LEVEL, value(level) + 1).unwrap();
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tokens (level = $1 + $2) ×1 RETURNING id, level
        INSERT tokens (level = $1 + $2) ×1 RETURNING id, level
        COMMIT
    "#]]);
    for (token, level) in tokens.iter().zip([2, 3]) {
        let sql = format!("SELECT level FROM tokens WHERE id = '{}'", s[*token].id);
        assert_eq!(db.rows(&sql), format!("{level}\n"));
        assert_eq!(s[*token].level, Some(level));
    }
}

/// CT-4, ST-2
#[test]
fn a_rollback_takes_the_computed_value_back() {
    let db = db();
    let mut s = db.session();
    let [ann, bob, _] = *accounts(&mut s) else {
        panic!("three accounts");
    };
    s.set_expr(ann, Account::BALANCE, Account::BALANCE + 1)
        .unwrap();
    s.savepoint(|s| {
        assert_eq!(s[ann].balance, 51);
        s.set_expr(ann, Account::BALANCE, Account::BALANCE + 1)?;
        s.flush()?;
        assert_eq!(s[ann].balance, 52);
        s.set_expr(bob, Account::BALANCE, Account::BALANCE + 1)?;
        Err::<(), _>(Error::other("no"))
    })
    .unwrap_err();
    assert_eq!((s[ann].balance, s[bob].balance), (51, 50));
    db.forget();
    s.flush().unwrap();
    db.assert_statements(expect![[r#""#]]);
    s.set_expr(bob, Account::BALANCE, Account::BALANCE + 1)
        .unwrap();
    s.rollback().unwrap();
    assert_eq!((s[ann].balance, s[bob].balance), (50, 50));
    assert!(!s.has_changes());
}

/// CT-4, VN-1
#[test]
fn a_computed_change_counts_the_version() {
    let db = db();
    save(&db, [Note::new(1, "a"), Note::new(2, "b")]);
    let mut s = db.session();
    let notes = s.get_each::<Note>([1, 2]).unwrap();
    db.look().run("UPDATE notes SET version = 5 WHERE id = 2");
    db.forget();
    for note in &notes {
        s.set_expr(*note, Note::STARS, Note::STARS + 1).unwrap();
    }
    let error = s.commit().unwrap_err();
    db.assert_statements(expect![[r#"
        BEGIN
        LOCK notes ×2
        UPDATE notes SET version, stars = stars + $1 ×2 WHERE id, version RETURNING stars
        ROLLBACK
    "#]]);
    assert_eq!(
        *error.kind(),
        ErrorKind::Stale {
            model: "Note",
            keys: vec!["2".to_owned()]
        }
    );
    s.rollback().unwrap();
    assert_eq!((s[notes[0]].stars, s[notes[0]].version), (0, 1));
}

/// FL-11: a constraint that the new value violates is reported like any other.
#[test]
fn a_computed_value_that_is_refused_fails_the_flush() {
    let db = db();
    let mut s = db.session();
    let ann = accounts(&mut s)[0];
    s.set_expr(ann, Account::BALANCE, Account::BALANCE - 51)
        .unwrap();
    let error = s.flush().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::CheckViolation { .. }));
    s.rollback().unwrap();
    assert_eq!(s[ann].balance, 50);
}

/// CT-4
#[test]
fn what_can_not_be_computed_is_refused_before_the_flush() {
    let db = db();
    let mut s = db.session();
    let ann = accounts(&mut s)[0];
    let note = s.add(Note::new(1, "a"));
    let new = s.add(account("new", 1));
    let gone = s.add(account("gone", 1));
    s.delete(gone).unwrap();
    let refused = [
        s.set_expr(ann, Account::ID, Account::ID + 1),
        s.set_expr(note, Note::VERSION, Note::VERSION + 1),
        s.set_expr(new, Account::BALANCE, Account::BALANCE + 1),
        s.set_expr(gone, Account::BALANCE, 1),
    ];
    let said = refused.map(|refused| refused.unwrap_err().to_string());
    expect![[r#"
        Account.id is part of the key, which is sent as it is
        Note.version is the version, which the session counts
        Account.balance of a row that is new can't be computed from its columns
        gone handle of Account"#]]
    .assert_eq(&said.join("\n"));
    s.delete(ann).unwrap();
    let marked = s.set_expr(ann, Account::BALANCE, 1).unwrap_err();
    assert!(matches!(marked.kind(), ErrorKind::Handle { .. }));
}

/// CT-4: what was asked goes with the object.
#[test]
fn an_object_that_leaves_takes_what_was_asked_along() {
    let db = db();
    let mut s = db.session();
    let ann = accounts(&mut s)[0];
    s.set_expr(ann, Account::BALANCE, 1).unwrap();
    s.delete(ann).unwrap();
    let new = s.add(account("new", 1));
    s.set_expr(new, Account::LEVEL, 3).unwrap();
    s.delete(new).unwrap();
    let next = s.add(account("next", 2));
    db.forget();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT accounts (owner, balance, level) ×1 RETURNING id
        DELETE accounts ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(s[next].level, Some(1));
}

/// CT-4: types whose names are words of SQL are no exception.
#[test]
fn values_of_every_type_go_into_expressions() {
    #[derive(Model, Clone, Debug, PartialEq, Default)]
    #[model(table = "odd")]
    struct Odd {
        #[model(key)]
        id: i64,
        sign: i8,
        text: Option<String>,
        at: Option<jiff::Timestamp>,
        even: Option<bool>,
    }
    let db = TestDb::new::<Odd>();
    let odd = |id| Odd {
        id,
        ..Odd::default()
    };
    save(&db, [1, 2].map(odd));
    let mut s = db.session();
    let at: jiff::Timestamp = "2024-05-06T07:08:09Z".parse().unwrap();
    for odd in s.get_each::<Odd>([1, 2]).unwrap() {
        s.set_expr(odd, Odd::SIGN, -3_i8).unwrap();
        s.set_expr(odd, Odd::TEXT, "it's").unwrap();
        s.set_expr(odd, Odd::AT, at).unwrap();
        s.set_expr(odd, Odd::EVEN, Odd::ID.is_in([2, 4])).unwrap();
        s.flush().unwrap();
        let row = &s[odd];
        let values = (row.sign, row.text.as_deref(), row.at, row.even);
        assert_eq!(values, (-3, Some("it's"), Some(at), Some(row.id == 2)));
    }
}
