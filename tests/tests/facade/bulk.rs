//! Bulk work call by call: rows and closures cross to the blocking thread, and numbers come back.

use sessile::prelude::*;
use sessile::sql::upsert;
use sessile_tests::bank::Account;

use super::{connect, on_each_runtime, rows};

#[test]
fn many_rows_are_written_and_read_call_by_call() {
    on_each_runtime(|url| async move {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let account = |n: i64| Account::of(&format!("owner {n}"), n);
        assert_eq!(s.bulk_insert((0..10).map(account)).await.unwrap(), 10);
        assert_eq!(s.copy_in((10..20).map(account)).await.unwrap(), 10);
        let ensured = s
            .ensure(Account::OWNER, vec![account(3), account(30)])
            .await;
        assert_eq!(ensured.unwrap().len(), 2);
        let paid = upsert([account(4)])
            .on(Account::OWNER)
            .update(Account::BALANCE);
        let paid = s.upsert(paid).await.unwrap();
        assert_eq!(s[paid[0]].version, 2);
        let more = update::<Account>()
            .set(Account::BALANCE, Account::BALANCE + 1)
            .filter(Account::OWNER.like("owner%"));
        assert_eq!(s.update_where(more.clone()).await.unwrap(), 21);
        assert_eq!(s[paid[0]].balance, 5);
        let owners = more.returning_columns(Account::OWNER);
        assert_eq!(s.update_where(owners).await.unwrap().len(), 21);
        let (send, read) = std::sync::mpsc::channel();
        let copied = s.copy_out(select::<Account>(), move |account| {
            send.send(account.balance).map_err(Error::other)
        });
        assert_eq!(copied.await.unwrap(), 23);
        assert_eq!(read.iter().count(), 23);
        let gone = delete::<Account>()
            .filter(Account::BALANCE.lt(10))
            .returning();
        assert_eq!(s.delete_where(gone).await.unwrap().len(), 9);
        s.commit().await.unwrap();
        assert_eq!(rows(&url, "SELECT count(*) FROM account").await, "14\n");
    });
}
