//! `TestDatabase::with_tables` and `engine`.

use sessile::prelude::*;
use sessile::test_support::{ClusterError, TestDatabase};
use sessile_async::AsyncEngine;
use sessile_tests::bank::{Account, Entry};

#[test]
fn each_test_has_a_database_of_its_own_with_the_tables() {
    let first = TestDatabase::with_tables::<(Account, Entry)>().unwrap();
    let second = TestDatabase::with_tables::<(Account, Entry)>().unwrap();
    let engine = first.engine().unwrap();
    let added = engine.transaction(|s| s.insert(Account::of("ann", 1)).map(drop));
    added.unwrap();
    let count = |database: &TestDatabase| {
        let engine = database.engine().unwrap();
        engine.session().count(select::<Account>()).unwrap()
    };
    assert_eq!((count(&first), count(&second)), (1, 0));
}

/// Needs the tables of the bank.
#[derive(Model, Clone, Debug)]
#[model(table = "card")]
struct Card {
    #[model(key, generated)]
    id: i64,
    account: Fk<Account>,
}

#[test]
fn tables_that_can_not_be_created_are_an_error_with_its_cause() {
    let error = TestDatabase::with_tables::<Card>().unwrap_err();
    let ClusterError::Template { source, .. } = error else {
        panic!("{error:?}");
    };
    assert!(source.downcast_ref::<Error>().is_some(), "{source:?}");
}

#[tokio::test]
async fn an_asynchronous_test_may_ask_for_one() {
    let database = TestDatabase::with_tables::<Account>().unwrap();
    let engine = AsyncEngine::connect(database.url()).await.unwrap();
    let mut s = engine.session();
    assert_eq!(s.count(select::<Account>()).await.unwrap(), 0);
}
