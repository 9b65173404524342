//! What a flush refuses, and that nothing is half done then.

use expect_test::expect;
use sessile::prelude::*;
use sessile::{HandleProblem, State};
use sessile_tests::TestDb;

use super::models::{Address, Letter, User, save};

const SOME_LEFT_OUT: &str = "
    CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RETURN CASE WHEN NEW.name LIKE 'x%' THEN NULL ELSE NEW END; END $$;
    CREATE TRIGGER leave_out BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION leave_out();";

fn db() -> TestDb {
    TestDb::new::<(User, Address, Letter)>()
}

/// S06, FL-6
#[test]
fn rows_that_a_trigger_left_out_fail_the_flush() {
    for names in [&["a", "x", "b"][..], &["x"]] {
        let db = TestDb::with::<(User, Address, Letter)>(SOME_LEFT_OUT);
        let mut s = db.session();
        let users = s.add_all(names.iter().map(|name| User::named(name)));
        let error = s.flush().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Mapping { .. }));
        assert!(error.to_string().contains("of User"), "{error}");
        assert!(users.iter().all(|user| s[*user].id == 0));
        assert!(matches!(
            s.commit().unwrap_err().kind(),
            ErrorKind::TransactionFailed
        ));
        s.rollback().unwrap();
        let back = s.detach(users[0]).unwrap();
        assert_eq!(back, User::named(names[0]));
        assert_eq!(db.rows("SELECT count(*) FROM users"), "0\n");
    }
}

/// RL-4
#[test]
fn an_unset_reference_is_refused_before_sql() {
    let db = db();
    let mut s = db.session();
    s.add(User::named("ann"));
    s.add(Letter::default());
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#""#]]);
    expect!["writing an unset reference: Letter.address needs a value"]
        .assert_eq(&error.to_string());
    assert!(matches!(error.kind(), ErrorKind::NotNullViolation { .. }));
    assert!(error.violates(Letter::ADDRESS));
}

/// RL-4: the objects to which a reference can't point, and why.
#[test]
fn a_reference_to_an_object_that_left_is_refused_before_sql() {
    let db = db();
    save(&db, [User::named("ann"), User::named("bob")]);
    let refused = |set: &dyn Fn(&mut Session) -> Handle<User>| {
        let mut s = db.session();
        let user = set(&mut s);
        s.add(Address::of(Some(user.into()), "home"));
        db.forget();
        let error = s.flush().unwrap_err();
        assert!(!db.statements().contains("INSERT"));
        let problem = match error.kind() {
            ErrorKind::Handle { model, problem } => {
                assert_eq!(*model, "User");
                *problem
            }
            other => panic!("{other:?}"),
        };
        (problem, error.to_string())
    };
    let (problem, text) = refused(&|s| {
        let user = s.add(User::named("new"));
        s.detach(user).unwrap();
        user
    });
    assert_eq!(problem, HandleProblem::Gone);
    expect!["following Address.user: gone handle of User"].assert_eq(&text);
    let (problem, _) = refused(&|s| {
        let user = s.get::<User>(1).unwrap().unwrap();
        s.delete(user).unwrap();
        s.flush().unwrap();
        user
    });
    assert_eq!(problem, HandleProblem::Deleted);
    let mut other = db.session();
    let foreign = other.get::<User>(2).unwrap().unwrap();
    let (problem, text) = refused(&|_| foreign);
    assert_eq!(problem, HandleProblem::Foreign);
    expect!["following Address.user: foreign handle of User"].assert_eq(&text);
}

/// RL-4: in an UPDATE, too, and for a reference that may be NULL.
#[test]
fn an_update_to_an_object_that_left_is_refused_before_sql() {
    let db = db();
    let mut s = db.session();
    let home = s.insert(Address::of(None, "home")).unwrap();
    let user = s.add(User::named("new"));
    s[home].user = user.into();
    s.delete(user).unwrap();
    db.forget();
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
    assert!(matches!(error.kind(), ErrorKind::Handle { .. }));
}

/// FL-11: what earlier statements of the flush did is undone in memory as well.
#[test]
fn a_flush_that_fails_in_the_middle_leaves_nothing() {
    let db = db();
    save(&db, [User::at("ann", "a")]);
    let mut s = db.session();
    let ann = s.get::<User>(1).unwrap().unwrap();
    s[ann].name = "anna".to_owned();
    let bob = s.add(User::named("bob"));
    let home = s.add(Address::of(Some(bob.into()), "home"));
    s.add(Address::of(Some(Fk::to(99)), "nowhere"));
    let error = s.flush().unwrap_err();
    assert!(error.violates(Address::USER));
    assert!(matches!(
        s.get::<User>(1).unwrap_err().kind(),
        ErrorKind::TransactionFailed
    ));
    s.rollback().unwrap();
    assert_eq!(s[ann].name, "ann");
    assert_eq!((s.state(bob), s.state(home)), (State::Gone, State::Gone));
    let bob_value = s.detach(bob).unwrap();
    assert_eq!(bob_value, User::named("bob"));
    let address = s.detach(home).unwrap();
    assert_eq!(address.id, 0);
    assert_eq!(address.user, Some(bob.into()));
    assert_eq!(db.rows("SELECT id, name FROM users"), "1 | ann\n");
    // And the session works on.
    s[ann].name = "anna".to_owned();
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT id, name FROM users"), "1 | anna\n");
}

/// A value that does not fit names model and field, and nothing is sent.
#[test]
fn a_value_that_can_not_be_sent_names_its_field() {
    let db = db();
    let mut s = db.session();
    s.add(User::named("nul \0 in it"));
    let error = s.flush().unwrap_err();
    assert_eq!(db.rows("SELECT count(*) FROM users"), "0\n");
    expect!["INSERT users (name, email) ×1 RETURNING id: the server refused the statement"]
        .assert_eq(&error.to_string());
}
