//! What the database refuses, with constraint, model and field.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, Entry};

use super::models::{Address, Letter, User};

/// A table with constraints of the database administrator's own naming.
const OWN_NAMES: &str = r#"
    ALTER TABLE users ADD CONSTRAINT "no two" UNIQUE (name);
    ALTER TABLE users ADD CONSTRAINT "not rude" CHECK (name <> 'rude');
    CREATE UNIQUE INDEX by_lower ON users (lower(email));
    ALTER TABLE addresses ADD CONSTRAINT "own fk" FOREIGN KEY (user_id) REFERENCES users (id);
    ALTER TABLE addresses DROP CONSTRAINT addresses_user_id_fkey;"#;

fn message(error: &sessile::Error) -> String {
    format!("{error}\n{:?}\n", error.kind())
}

#[test]
fn a_unique_violation_names_its_field() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    s.add_all([Account::of("ann", 1), Account::of("ann", 2)]);
    let error = s.flush().unwrap_err();
    assert!(error.violates(Account::OWNER));
    assert!(!error.violates(Account::BALANCE));
    expect![[r#"
        INSERT account (owner, balance, version) ×2 RETURNING id: unique constraint account_owner_key (Account.owner) violated
        UniqueViolation { constraint: Some("account_owner_key"), model: Some("Account"), field: Some("owner") }
    "#]].assert_eq(&message(&error));
}

#[test]
fn a_key_that_exists_names_the_key() {
    let db = TestDb::new::<(Account, Entry)>();
    db.look().run("INSERT INTO account VALUES (7, 'ann', 1, 1)");
    let mut s = db.session();
    s.add(Account {
        id: 7,
        ..Account::of("bob", 1)
    });
    let error = s.flush().unwrap_err();
    assert!(error.violates(Account::ID));
    expect![[r#"
        INSERT account (id, owner, balance, version) ×1: unique constraint account_pkey (Account.id) violated
        UniqueViolation { constraint: Some("account_pkey"), model: Some("Account"), field: Some("id") }
    "#]].assert_eq(&message(&error));
}

#[test]
fn a_check_violation_names_its_field() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    let ann = s.insert(Account::of("ann", 1)).unwrap();
    s[ann].balance = -1;
    let error = s.flush().unwrap_err();
    assert!(error.violates(Account::BALANCE));
    expect![[r#"
        UPDATE account SET balance, version ×1 WHERE id, version: check constraint account_balance_check (Account.balance) violated
        CheckViolation { constraint: Some("account_balance_check"), model: Some("Account"), field: Some("balance") }
    "#]].assert_eq(&message(&error));
}

#[test]
fn a_reference_to_nothing_names_its_field() {
    let db = TestDb::new::<(Account, Entry)>();
    let mut s = db.session();
    s.add(Entry {
        payer: Fk::to(99),
        ..Entry::default()
    });
    let error = s.flush().unwrap_err();
    assert!(error.violates(Entry::PAYER));
    expect![[r#"
        INSERT entry (payer_id, payee_id, amount) ×1 RETURNING id: foreign key entry_payer_id_fkey (Entry.payer) violated
        ForeignKeyViolation { constraint: Some("entry_payer_id_fkey"), model: Some("Entry"), field: Some("payer") }
    "#]].assert_eq(&message(&error));
}

#[test]
fn a_null_where_none_may_be_names_its_field() {
    let db = TestDb::with::<(User, Address, Letter)>("ALTER TABLE users ALTER email SET NOT NULL");
    let mut s = db.session();
    s.add(User::named("ann"));
    let error = s.flush().unwrap_err();
    assert!(error.violates(User::EMAIL));
    expect![[r#"
        INSERT users (name, email) ×1 RETURNING id: User.email needs a value
        NotNullViolation { constraint: None, model: Some("User"), field: Some("email") }
    "#]]
    .assert_eq(&message(&error));
}

/// Names that were not made here: the server's detail tells the columns.
#[test]
fn constraints_with_names_of_their_own_are_told_too() {
    let db = TestDb::with::<(User, Address, Letter)>(OWN_NAMES);
    let fails = |work: &dyn Fn(&mut Session)| {
        let mut s = db.session();
        work(&mut s);
        s.flush().unwrap_err()
    };
    let unique = fails(&|s| drop(s.add_all([User::named("a"), User::named("a")])));
    assert!(unique.violates(User::NAME));
    expect![[r#"
        INSERT users (name, email) ×2 RETURNING id: unique constraint no two (User.name) violated
        UniqueViolation { constraint: Some("no two"), model: Some("User"), field: Some("name") }
    "#]]
    .assert_eq(&message(&unique));
    let foreign = fails(&|s| drop(s.add_all([Address::of(Some(Fk::to(9)), "x")])));
    assert!(foreign.violates(Address::USER));
    expect![[r#"
        INSERT addresses (user_id, street) ×1 RETURNING id: foreign key own fk (Address.user) violated
        ForeignKeyViolation { constraint: Some("own fk"), model: Some("Address"), field: Some("user") }
    "#]].assert_eq(&message(&foreign));
    // A check names no column, and neither does an index on an expression.
    let check = fails(&|s| drop(s.add_all([User::named("rude")])));
    expect![[r#"
        INSERT users (name, email) ×1 RETURNING id: check constraint not rude (User) violated
        CheckViolation { constraint: Some("not rude"), model: Some("User"), field: None }
    "#]]
    .assert_eq(&message(&check));
    let index = fails(&|s| drop(s.add_all([User::at("a", "x"), User::at("b", "X")])));
    expect![[r#"
        INSERT users (name, email) ×2 RETURNING id: unique constraint by_lower (User) violated
        UniqueViolation { constraint: Some("by_lower"), model: Some("User"), field: None }
    "#]]
    .assert_eq(&message(&index));
}

/// RL-2: a row that is still referred to by a table with a name of its own.
#[test]
fn a_row_that_is_still_referred_to_names_the_reference() {
    let db = TestDb::with::<(User, Address, Letter)>(OWN_NAMES);
    let mut s = db.session();
    let user = s.insert(User::named("ann")).unwrap();
    s.commit().unwrap();
    db.look()
        .run("INSERT INTO addresses (user_id, street) VALUES (1, 'x')");
    s.delete(user).unwrap();
    let error = s.flush().unwrap_err();
    expect![[r#"
        DELETE users ×1 WHERE id: foreign key own fk (Address.user) violated
        ForeignKeyViolation { constraint: Some("own fk"), model: Some("Address"), field: Some("user") }
    "#]].assert_eq(&message(&error));
}
