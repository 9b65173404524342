//! A time limit on a transaction is a deadline for all of it.

use std::time::{Duration, Instant};

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::desk::{Note, notes, two_notes};

use super::open_transactions;

fn limit(millis: u64) -> TransactionOptions {
    TransactionOptions::default().timeout(Duration::from_millis(millis))
}

#[test]
fn statements_share_the_time_of_their_transaction() {
    let db = two_notes();
    let started = Instant::now();
    let mut finished = 0;
    let error = db
        .engine()
        .transaction_with(limit(300), |s| {
            s.execute("SELECT pg_sleep(0.2)", ())?;
            finished += 1;
            s.execute("SELECT pg_sleep(0.2)", ())?;
            finished += 1;
            Ok(())
        })
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout);
    assert_eq!(finished, 1);
    let took = started.elapsed().as_millis();
    assert!((250..390).contains(&took), "{took} ms");
    assert_eq!(open_transactions(&db), "0\n");
}

#[test]
fn with_no_time_left_nothing_is_sent() {
    let db = two_notes();
    let mut s = db.engine().session_with(limit(50));
    let milk = s.get::<Note>(1).unwrap().unwrap();
    s[milk].stars = 5;
    std::thread::sleep(Duration::from_millis(60));
    db.forget();
    assert_eq!(s.get::<Note>(2).unwrap_err().kind(), &ErrorKind::Timeout);
    db.assert_statements(expect![[r#"
        ROLLBACK
    "#]]);
    let error = s.commit().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TransactionFailed);
    assert_eq!(error.cause().unwrap().kind(), &ErrorKind::Timeout);
    s.rollback().unwrap();
    assert_eq!(s[milk].stars, 0);
}

#[test]
fn a_commit_after_the_deadline_rolls_back() {
    let db = two_notes();
    let error = db
        .engine()
        .transaction_with(limit(100), |s| {
            let milk = s.get::<Note>(1)?.expect("it is there");
            s[milk].stars = 5;
            s.flush()?;
            std::thread::sleep(Duration::from_millis(120));
            Ok(())
        })
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout);
    assert_eq!(notes(&db), "1 | milk | buy | 0\n2 | rent | pay | 0\n");
}

#[test]
fn each_transaction_of_a_session_has_its_own_time() {
    let db = two_notes();
    let mut s = db.engine().session_with(limit(200));
    for _ in 0..3 {
        s.execute("SELECT pg_sleep(0.1)", ()).unwrap();
        s.commit().unwrap();
    }
}
