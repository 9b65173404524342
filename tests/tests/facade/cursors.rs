//! Cursors of the facade: each batch is one hop, and the session works on in between.

use sessile::prelude::*;
use sessile_tests::bank::Account;

use super::{BUSY, connect, eventually, on_each_runtime};

#[test]
fn batches_are_awaited_while_the_session_works_on() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let query = select::<Account>().order_by(Account::ID);
        let mut cursor = s.cursor(query, 1).await.unwrap();
        let mut owners = Vec::new();
        while let Some(batch) = cursor.next(&mut s).await.unwrap() {
            owners.extend(batch.iter().map(|account| s[*account].owner.clone()));
            assert_eq!(s.count(select::<Account>()).await.unwrap(), 2);
            assert_eq!(s.evict_clean(), 1);
        }
        assert_eq!(owners, ["ann", "bob"]);
        let values = select::<Account>().columns(Account::BALANCE);
        let mut cursor = s.cursor(values, 10).await.unwrap();
        let sum: i64 = cursor.next(&mut s).await.unwrap().unwrap().iter().sum();
        assert_eq!(sum, 100);
        s.commit().await.unwrap();
    });
}

#[test]
fn a_cursor_ends_with_its_transaction_and_its_session() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 2).await;
        let mut s = engine.session();
        let mut cursor = s.cursor(select::<Account>(), 1).await.unwrap();
        let mut other = engine.session();
        other.close().await.unwrap();
        let closed = cursor.next(&mut other).await.unwrap_err();
        assert_eq!(closed.kind(), &ErrorKind::SessionClosed);
        assert!(cursor.next(&mut s).await.unwrap().is_some());
        s.rollback().await.unwrap();
        let closed = cursor.next(&mut s).await.unwrap_err();
        assert_eq!(closed.kind(), &ErrorKind::CursorClosed);
        drop(s);
        drop(cursor);
        eventually(&url, BUSY, "0\n").await;
    });
}
