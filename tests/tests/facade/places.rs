//! Admission: as many units of work as connections, and the rest waits without a thread.

use std::time::Duration;

use sessile::{Engine, ErrorKind};
use sessile_async::AsyncEngine;
use sessile_tests::bank::{Account, transfer};
use tokio::runtime::Builder;

use super::{bank, connect, on_each_runtime, rows};

#[test]
fn an_exhausted_pool_leaves_blocking_threads_to_others() {
    let db = bank();
    let url = db.url().to_owned();
    // Two blocking threads; three units of work want the only connection.
    let mut builder = Builder::new_multi_thread();
    let runtime = builder
        .worker_threads(1)
        .max_blocking_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let engine = connect(&url, 1).await;
        let unit = || {
            engine.transaction(|s| {
                s.execute("SELECT pg_sleep(0.3)", ())?;
                Ok(())
            })
        };
        let units = [unit(), unit(), unit()].map(tokio::spawn);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let free = tokio::task::spawn_blocking(|| ());
        tokio::time::timeout(Duration::from_millis(150), free)
            .await
            .expect("a blocking thread is free")
            .unwrap();
        for unit in units {
            unit.await.unwrap().unwrap();
        }
    });
}

#[test]
fn who_waits_too_long_for_a_place_is_told() {
    on_each_runtime(async |url| {
        let builder = Engine::builder(&url)
            .pool_size(1)
            .acquire_timeout(Duration::from_millis(100));
        let engine = AsyncEngine::build(builder).await.unwrap();
        let mut holder = engine.session();
        holder.execute("SELECT 1", ()).await.unwrap();
        let refused = engine.transaction(|_| Ok(())).await.unwrap_err();
        assert!(matches!(refused.kind(), ErrorKind::PoolTimeout { .. }));
        holder.rollback().await.unwrap();
        engine.transaction(|_| Ok(())).await.unwrap();
    });
}

#[test]
fn a_session_holds_its_place_from_its_first_statement_to_its_end() {
    on_each_runtime(async |url| {
        let builder = Engine::builder(&url)
            .pool_size(1)
            .acquire_timeout(Duration::from_millis(100));
        let engine = AsyncEngine::build(builder).await.unwrap();
        let mut idle = engine.session();
        // Nothing to write: no connection, and no place is kept.
        idle.flush().await.unwrap();
        let mut s = engine.session();
        s.get::<Account>(1).await.unwrap();
        assert!(idle.get::<Account>(1).await.is_err());
        // To end what was not begun needs no place.
        idle.commit().await.unwrap();
        idle.rollback().await.unwrap();
        s.commit().await.unwrap();
        assert!(idle.get::<Account>(1).await.unwrap().is_some());
    });
}

#[test]
fn close_waits_for_what_runs_and_lets_nobody_in() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 2).await;
        let unit = engine.transaction(|s| {
            s.execute("SELECT pg_sleep(0.2)", ())?;
            transfer(s, 1, 2, 10).map(drop)
        });
        let running = tokio::spawn(unit);
        tokio::time::sleep(Duration::from_millis(50)).await;
        engine.close().await;
        let balances = rows(&url, "SELECT balance FROM account ORDER BY id").await;
        assert_eq!(balances, "90\n10\n");
        let refused = engine.transaction(|_| Ok(())).await;
        assert!(refused.is_err());
        running.await.unwrap().unwrap();
    });
}
