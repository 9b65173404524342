//! The session call by call: each verb is one hop, memory is plain.

use sessile::prelude::*;
use sessile_tests::bank::{Account, Entry};

use super::{BUSY, connect, on_each_runtime, rows};

#[test]
fn verbs_hop_and_memory_does_not() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let ann = s.get::<Account>(1).await.unwrap().expect("ann is there");
        let bob = s.get_for_update::<Account>(2).await.unwrap();
        s[ann].balance -= 10;
        s[bob].balance += 10;
        let entry = s.add(Entry {
            payer: ann.into(),
            payee: bob.into(),
            amount: 10,
            ..Entry::default()
        });
        s.flush().await.unwrap();
        assert_eq!(s.key(entry).unwrap(), 1);
        assert!(s.refers_to(&s[entry].payer, ann));
        let outgoing = s.related(ann, Account::OUTGOING).await.unwrap();
        assert_eq!(outgoing, [entry]);
        let large = || Account::OUTGOING.filter(Entry::AMOUNT.gt(5)).limit(1);
        assert_eq!(s.related_one(ann, large()).await.unwrap(), [entry]);
        s.load([ann, bob], Account::INCOMING.then(Entry::PAYEE))
            .await
            .unwrap();
        assert_eq!(s.loaded(bob, Account::INCOMING).unwrap(), [entry]);
        let rich = s.count(select::<Account>().filter(Account::BALANCE.ge(10)));
        assert_eq!(rich.await.unwrap(), 2);
        s.commit().await.unwrap();
        assert_eq!(
            rows(&url, "SELECT balance FROM account ORDER BY id").await,
            "90\n10\n"
        );
        assert_eq!(rows(&url, BUSY).await, "0\n");
    });
}

#[test]
fn run_is_one_hop_for_many_verbs() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let owners = s
            .run(|s| -> Result<Vec<String>> {
                let all = s.all(select::<Account>().order_by(Account::ID))?;
                Ok(all.into_iter().map(|h| s[h].owner.clone()).collect())
            })
            .await;
        assert_eq!(owners.unwrap(), ["ann", "bob"]);
    });
}

#[test]
fn functions_over_a_shared_session_serve_both_worlds() {
    fn view(s: &Session, account: Handle<Account>) -> String {
        format!("{}: {}", s[account].owner, s[account].balance)
    }
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let ann = s.get::<Account>(1).await.unwrap().expect("ann is there");
        assert_eq!(view(&s, ann), "ann: 100");
    });
}

#[test]
fn every_verb_answers_closed_after_close() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let ann = s.get::<Account>(1).await.unwrap().expect("ann is there");
        s.close().await.unwrap();
        s.close().await.unwrap();
        assert!(s.is_closed());
        assert!(s.peek(ann).is_none());
        let again = s.get::<Account>(1).await.unwrap_err();
        assert_eq!(*again.kind(), ErrorKind::SessionClosed);
    });
}

#[test]
fn a_guard_that_is_dropped_is_taken_back_with_the_next_call() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let ann = s.get_for_update::<Account>(1).await.unwrap();
        s[ann].balance = 80;
        {
            let mut outer = s.begin_nested().await.unwrap();
            outer[ann].balance = 70;
            let mut inner = outer.begin_nested().await.unwrap();
            inner[ann].balance = -1;
            // A failure inside is healed with the savepoint.
            let refused = inner.flush().await.unwrap_err();
            assert!(matches!(refused.kind(), ErrorKind::CheckViolation { .. }));
            drop(inner);
            assert_eq!(outer[ann].balance, 70);
        }
        assert_eq!(s[ann].balance, 80);
        let mut kept = s.begin_nested().await.unwrap();
        let eve = kept.insert(Account::of("eve", 5)).await.unwrap();
        kept.release().await.unwrap();
        assert_eq!(s[eve].owner, "eve");
        s.commit().await.unwrap();
        let all = rows(&url, "SELECT owner, balance FROM account ORDER BY owner");
        assert_eq!(all.await, "ann | 80\nbob | 0\neve | 5\n");
    });
}

#[test]
fn a_savepoint_is_one_hop_and_is_taken_back() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let ann = s.get_for_update::<Account>(1).await.unwrap();
        s[ann].balance = 80;
        let refused = s
            .savepoint(move |s| -> Result<()> {
                s[ann].balance = 0;
                s.flush()?;
                Err(Error::other("changed my mind"))
            })
            .await;
        assert!(refused.is_err());
        assert_eq!(s[ann].balance, 80);
        s.commit().await.unwrap();
        let balance = rows(&url, "SELECT balance FROM account WHERE id = 1").await;
        assert_eq!(balance, "80\n");
    });
}

/// TX-5: on the thread that commits, even when nothing was begun.
#[test]
fn what_waits_for_the_end_never_runs_on_a_worker() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        for commit in [true, false] {
            let (tell, told) = std::sync::mpsc::channel();
            let also = tell.clone();
            let thread = || std::thread::current().id();
            s.after_commit(move || tell.send((true, thread())).unwrap());
            s.after_rollback(move || also.send((false, thread())).unwrap());
            match commit {
                true => s.commit().await.unwrap(),
                false => s.rollback().await.unwrap(),
            }
            let (committed, ran_on) = told.recv().unwrap();
            assert_eq!(committed, commit);
            assert_ne!(ran_on, thread());
        }
    });
}

/// CT-4, S91: memory verbs are plain, and `merge` is a hop.
#[test]
fn values_come_back_and_are_computed() {
    on_each_runtime(async |url| {
        let engine = connect(&url, 1).await;
        let mut s = engine.session();
        let ann = s.get::<Account>(1).await.unwrap().expect("ann is there");
        let mut value = s[ann].clone();
        value.owner = "Ann".to_owned();
        assert_eq!(s.merge(value).await.unwrap(), ann);
        s.set_expr(ann, Account::BALANCE, Account::BALANCE + 1)
            .unwrap();
        s.touch(ann).unwrap();
        s.commit().await.unwrap();
        let row = (s[ann].owner.as_str(), s[ann].balance, s[ann].version);
        assert_eq!(row, ("Ann", 101, 2));
    });
}
