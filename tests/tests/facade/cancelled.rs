//! Futures that are dropped: the statement is cancelled, the transaction is gone, the pool is
//! whole.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use sessile::ErrorKind;
use sessile_tests::bank::{Account, transfer};
use tokio::time::{sleep, timeout};

use super::{BUSY, connect, eventually, on_each_runtime, rows};

const BALANCES: &str = "SELECT balance FROM account ORDER BY id";
const SHORT: Duration = Duration::from_millis(100);

/// Whoever asks the server to cancel goes on until the session has no connection any more.
#[test]
fn a_session_that_is_dropped_is_not_in_flight_any_more() {
    let db = super::bank();
    let canceller = sessile::Canceller::new();
    let mut s = db.session();
    s.attach(canceller.clone());
    assert!(!canceller.is_in_flight());
    s.execute("SELECT 1", ()).unwrap();
    assert!(canceller.is_in_flight());
    drop(s);
    assert!(!canceller.is_in_flight());
}

#[test]
fn dropped_while_queued_it_never_runs_and_its_session_stays_open() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut holder = engine.session();
        holder.execute("SELECT 1", ()).await.unwrap();
        // Two wait for the only connection: a unit of work, and a call of a session.
        let (ran, runs) = channel();
        let unit = engine.transaction(move |_| {
            ran.send(()).unwrap();
            Ok(())
        });
        assert!(timeout(SHORT, unit).await.is_err());
        let mut s = engine.session();
        let handle = s.add(Account::of("eve", 1));
        assert!(timeout(SHORT, s.flush()).await.is_err());
        assert!(!s.is_closed());
        assert_eq!(s[handle].owner, "eve");
        holder.rollback().await.unwrap();
        s.commit().await.unwrap();
        assert!(runs.try_recv().is_err());
        assert_eq!(rows(&url, "SELECT count(*) FROM account").await, "3\n");
    });
}

#[test]
fn dropped_while_a_statement_runs_the_server_stops() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let started = Instant::now();
        let unit = engine.transaction(|s| {
            transfer(s, 1, 2, 10)?;
            s.flush()?;
            s.execute("SELECT pg_sleep(30)", ())?;
            Ok(())
        });
        assert!(timeout(SHORT, unit).await.is_err());
        eventually(&url, BUSY, "0\n").await;
        assert!(started.elapsed() < Duration::from_secs(10));
        assert_eq!(rows(&url, BALANCES).await, "100\n0\n");
        // The place came back with the connection.
        engine
            .transaction(|s| transfer(s, 1, 2, 10).map(drop))
            .await
            .unwrap();
    });
}

#[test]
fn a_call_that_was_dropped_closes_its_session() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let ann = s.get_for_update::<Account>(1).await.unwrap();
        s[ann].balance = 0;
        let call = s.execute("SELECT pg_sleep(30)", ());
        assert!(timeout(SHORT, call).await.is_err());
        assert!(s.is_closed());
        assert!(s.peek(ann).is_none());
        let after = s.commit().await.unwrap_err();
        assert_eq!(*after.kind(), ErrorKind::SessionClosed);
        eventually(&url, BUSY, "0\n").await;
        assert_eq!(rows(&url, BALANCES).await, "100\n0\n");
    });
}

#[test]
fn dropped_before_the_closure_ended_ok_it_is_rolled_back() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let (tell, told) = channel::<()>();
        let unit = engine.transaction(move |s| {
            transfer(s, 1, 2, 10)?;
            s.flush()?;
            // Nothing runs on the server that could be cancelled; the future is dropped now.
            told.recv().unwrap();
            Ok(())
        });
        assert!(timeout(SHORT, unit).await.is_err());
        tell.send(()).unwrap();
        eventually(&url, BUSY, "0\n").await;
        assert_eq!(rows(&url, BALANCES).await, "100\n0\n");
    });
}

#[test]
fn dropped_after_it_ended_and_before_it_was_polled_nothing_is_left() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        {
            let mut call = Box::pin(s.execute("SELECT 1", ()));
            let first = std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx)));
            assert!(first.await.is_pending());
            // The statement ends over there, and nobody comes to fetch the result.
            sleep(SHORT).await;
        }
        assert!(s.is_closed());
        eventually(&url, BUSY, "0\n").await;
        engine
            .transaction(|s| transfer(s, 1, 2, 10).map(drop))
            .await
            .unwrap();
    });
}
