//! What the engine counts, and that the way statements are sent changes no result.

use sessile::prelude::*;
use sessile::sql::*;
use sessile::{Engine, StatementMode};
use sessile_tests::TestDb;
use sessile_tests::bank::{Account, BankError, Entry, transfer};

use super::models::{Article, Favorite, Tag, User, blog};

fn bank() -> TestDb {
    TestDb::with::<(Account, Entry)>(
        "INSERT INTO account (owner, balance, version)
         SELECT 'o' || i, 100, 1 FROM generate_series(1, 10) i",
    )
}

fn engine(db: &TestDb, mode: StatementMode) -> Engine {
    let engine = Engine::builder(db.url()).pool_size(1).statement_mode(mode);
    engine.build().unwrap()
}

/// A bit of everything: locks, batches by UNNEST, queries, projections.
fn work(engine: &Engine) -> String {
    let engine = engine.errors::<BankError>();
    let id = engine.transaction(|s| {
        let entry = transfer(s, 1, 2, 10)?;
        s.flush()?;
        Ok(s.key(entry)?)
    });
    let broke = engine.transaction(|s| transfer(s, 1, 2, 1_000).map(drop));
    assert!(matches!(broke, Err(BankError::InsufficientFunds)));
    let told = engine.transaction(|s| {
        let new = s.add_all((0..3).map(|i| Account::of(&format!("n{i}"), i)));
        let some = select::<Account>().filter(Account::ID.is_in([3, 4, 5]));
        let some = s.all(some.order_by(Account::ID).for_update())?;
        for account in &some {
            s[*account].balance += 7;
        }
        s.delete(some[0])?;
        s.flush()?;
        let paid = s.all(
            select::<Entry>()
                .filter(Entry::PAYER.is(1))
                .with(Entry::PAYEE),
        )?;
        let payee = s.related(paid[0], Entry::PAYEE)?;
        let sums = select::<Account>().columns((count(), max(Account::BALANCE)));
        let sums = s.rows(sums)?;
        let keys: Vec<i64> = new.iter().map(|new| s[*new].id).collect();
        let raw = raw::<(i64, String)>("SELECT $1 + 1, $2", (1_i64, "x"));
        let raw = s.rows(raw)?;
        Ok(format!(
            "{keys:?} {:?} {sums:?} {raw:?}",
            payee.map(|p| s[p].balance)
        ))
    });
    format!("{:?} {}", id.unwrap(), told.unwrap())
}

#[test]
fn unnamed_statements_do_the_same_work() {
    let rows = "SELECT id, owner, balance, version FROM account ORDER BY id";
    let results = [StatementMode::Named, StatementMode::Unnamed].map(|mode| {
        let db = bank();
        let engine = engine(&db, mode);
        let told = work(&engine);
        let metrics = engine.metrics();
        assert_eq!(
            metrics.prepared > 0,
            mode == StatementMode::Named,
            "{metrics:?}"
        );
        (told, db.rows(rows), metrics.statements)
    });
    assert_eq!(results[0], results[1]);
}

#[test]
fn unnamed_statements_read_every_kind_of_key() {
    let db = blog();
    let engine = engine(&db, StatementMode::Unnamed);
    let mut s = engine.session();
    assert!(s.get::<Tag>("rust").unwrap().is_some());
    assert_eq!(s.get_each::<Tag>(["sql", "rust"]).unwrap().len(), 2);
    assert_eq!(s.get_each::<Favorite>([(1, 3), (2, 1)]).unwrap().len(), 2);
    let users = s
        .all(select::<User>().with(User::ARTICLES).with(User::FAVORITES))
        .unwrap();
    assert_eq!(users.len(), 3);
    let by = select::<Article>().filter(Article::AUTHOR.is_any_of([1, 2]));
    assert_eq!(s.count(by).unwrap(), 4);
    assert_eq!(engine.metrics().prepared, 0);
}

#[test]
fn a_text_that_comes_again_is_prepared_once_and_then_found() {
    let db = bank();
    let engine = engine(&db, StatementMode::Named);
    let run = || {
        let mut s = engine.session();
        s.get::<Account>(1).unwrap();
        s.count(select::<Account>()).unwrap();
        let metrics = engine.metrics();
        (metrics.statements, metrics.prepared, metrics.cache_hits)
    };
    assert_eq!(run(), (2, 0, 0), "the first time without preparing");
    assert_eq!(run(), (4, 2, 0), "the second time it is worth it");
    assert_eq!(run(), (6, 2, 2), "the third time it is there");
    assert_eq!(run(), (8, 2, 4));
}

#[test]
fn the_engine_counts_connections_and_ends_of_transactions() {
    let db = bank();
    let engine = engine(&db, StatementMode::Named);
    let before = engine.metrics();
    engine
        .transaction(|s| s.get_for_update::<Account>(1).map(drop))
        .unwrap();
    let failed = engine.transaction(|s| {
        s.get_for_update::<Account>(1)?;
        Err::<(), _>(Error::other("no"))
    });
    assert!(failed.is_err());
    engine.transaction(|_| Ok(())).unwrap();
    let after = engine.metrics();
    assert_eq!(
        after.commits - before.commits,
        1,
        "nothing done, nothing to commit"
    );
    assert_eq!(after.rollbacks - before.rollbacks, 1);
    assert_eq!(
        (after.connects, after.connections, after.discarded),
        (1, 1, 0)
    );
    let mut s = engine.session();
    s.get::<Account>(1).unwrap();
    assert_eq!(engine.metrics().idle, 0);
    drop(s);
    assert_eq!(engine.metrics().idle, 1);
}

/// The error of the closures is said once, so that `?` infers.
#[test]
fn an_engine_knows_the_error_of_its_closures() {
    let db = bank();
    let engine: Engine<BankError> = db.engine().errors();
    let result = engine.transaction(|s| {
        s.get_for_update::<Account>(99)?;
        Ok(())
    });
    let Err(BankError::Database(error)) = result else {
        panic!("{result:?}")
    };
    assert!(
        matches!(error.kind(), ErrorKind::NotFound { .. }),
        "{error}"
    );
    let own = engine.transaction(|_| Err::<(), _>(BankError::InsufficientFunds));
    assert!(matches!(own, Err(BankError::InsufficientFunds)));
    let other = engine.transaction_as(|_| Err::<(), Error>(Error::other("x")));
    assert!(matches!(other.unwrap_err().kind(), ErrorKind::Other));
}
