//! Dropping sessions and engines anywhere: nothing panics, nothing stays open.

use sessile_tests::bank::{Account, transfer};

use super::{BUSY, bank, connect, eventually, many, on_each_runtime, rows, single};

#[test]
fn a_session_dropped_in_an_async_fn_rolls_back() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        {
            let mut s = engine.session();
            let ann = s.get_for_update::<Account>(1).await.unwrap();
            s[ann].balance = 0;
            s.flush().await.unwrap();
        }
        eventually(&url, BUSY, "0\n").await;
        assert_eq!(
            rows(&url, "SELECT balance FROM account WHERE id = 1").await,
            "100\n"
        );
        engine
            .transaction(|s| transfer(s, 1, 2, 10).map(drop))
            .await
            .unwrap();
    });
}

#[test]
fn a_session_dropped_in_a_panic_rolls_back() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let task = tokio::spawn(async move {
            let _ann = s.get_for_update::<Account>(1).await.unwrap();
            panic!("with a session in hand");
        });
        assert!(task.await.unwrap_err().is_panic());
        eventually(&url, BUSY, "0\n").await;
        engine
            .transaction(|s| transfer(s, 1, 2, 10).map(drop))
            .await
            .unwrap();
    });
}

#[test]
fn an_engine_dropped_in_an_async_fn_closes_its_connections() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 3).await;
        engine
            .transaction(|s| transfer(s, 1, 2, 10).map(drop))
            .await
            .unwrap();
        let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name = 'facade'";
        assert_eq!(rows(&url, others).await, "1\n");
        drop(engine);
        eventually(&url, others, "0\n").await;
    });
}

#[test]
fn a_blocking_verb_in_a_task_is_refused() {
    on_each_runtime(async |url| {
        let build = move || sessile::Engine::builder(&url).pool_size(1).build().unwrap();
        let engine = tokio::task::spawn_blocking(build).await.unwrap();
        let mut s = engine.session();
        let refused = s.get::<Account>(1).unwrap_err();
        assert_eq!(*refused.kind(), sessile::ErrorKind::InAsyncContext);
        let bury = move || drop((s, engine));
        tokio::task::spawn_blocking(bury).await.unwrap();
    });
}

#[test]
fn the_shutdown_of_a_runtime_leaves_no_transaction_open() {
    for runtime in [single(), many()] {
        let db = bank();
        let url = db.url().to_owned();
        runtime.block_on(async {
            let engine = connect(&url, 2).await;
            let busy = engine.transaction(|s| {
                transfer(s, 1, 2, 10)?;
                s.flush()?;
                s.execute("SELECT pg_sleep(30)", ())?;
                Ok(())
            });
            tokio::spawn(busy);
            let mut s = engine.session();
            tokio::spawn(async move {
                let ann = s.get_for_update::<Account>(2).await.unwrap();
                s[ann].balance = 7;
                std::future::pending::<()>().await;
            });
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        });
        runtime.shutdown_background();
        single().block_on(async {
            eventually(&url, BUSY, "0\n").await;
            let balances = rows(&url, "SELECT balance FROM account ORDER BY id").await;
            assert_eq!(balances, "100\n0\n");
        });
    }
}
