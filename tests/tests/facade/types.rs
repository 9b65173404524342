//! What the compiler must accept: futures that can be sent, and spawned.

use sessile::prelude::*;
use sessile_async::{AsyncEngine, AsyncSession};
use sessile_tests::bank::{Account, BankError, transfer};

fn is_send<T: Send>(value: T) -> T {
    value
}

fn is_static<T: Send + 'static>(value: T) -> T {
    value
}

async fn owner_across_an_await(s: &mut AsyncSession, ann: Handle<Account>) -> String {
    let owner = &s[ann].owner;
    tokio::task::yield_now().await;
    owner.clone()
}

/// Never runs: that it compiles is the test.
#[allow(dead_code)]
fn futures_can_be_sent_and_spawned(engine: AsyncEngine<BankError>, ann: Handle<Account>) {
    let options = TransactionOptions::serializable();
    drop(is_static(
        engine.transaction(|s| transfer(s, 1, 2, 3).map(drop)),
    ));
    drop(is_static(engine.transaction_with(options, |_| Ok(()))));
    drop(is_static(engine.retrying(options, |_| Ok(()))));
    drop(tokio::spawn(engine.transaction(|_| Ok(()))));
    drop(is_static(async move {
        let mut s = engine.session();
        is_send(s.get::<Account>(1)).await?;
        is_send(s.all(select::<Account>())).await?;
        is_send(owner_across_an_await(&mut s, ann)).await;
        is_send(s.run(|s| s.flush())).await?;
        is_send(s.commit()).await
    }));
}

/// Never runs: a future does not borrow the engine that made it.
#[allow(dead_code)]
fn a_future_outlives_its_engine() -> impl Future<Output = Result<(), BankError>> + Send {
    let makes_one = |engine: &AsyncEngine<BankError>| engine.transaction(|_| Ok(()));
    let engine: AsyncEngine<BankError> = unreachable();
    makes_one(&engine)
}

#[allow(dead_code)]
fn unreachable<T>() -> T {
    unreachable!()
}

#[test]
fn an_engine_and_a_session_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<AsyncEngine<BankError>>();
    shared::<AsyncSession>();
}
