//! What storms of transfers have in common: who pays whom, and what must be true afterwards.
//!
//! The storms of threads and of tasks use it; numbers of transfers serve as their amounts, so the
//! ledger shows each of them once or does not.
//! It must not move money itself.

use std::thread;
use std::time::{Duration, Instant};

use sessile::Session;

use crate::bank::{Account, BankError};
use crate::{Look, TestDb};

/// How many accounts there are: few, so that transfers collide.
pub const ACCOUNTS: i64 = 10;

/// What each account is opened with: enough for any order of the transfers.
pub const OPENING: i64 = 100_000_000;

/// Opens the accounts, with the keys 1 to [`ACCOUNTS`].
///
/// # Errors
/// None.
pub fn open_accounts(s: &mut Session) -> Result<(), BankError> {
    let account = |number| Account::of(&format!("account {number}"), OPENING);
    s.add_all((1..=ACCOUNTS).map(account));
    Ok(())
}

/// Two different accounts; opposite pairs meet often, which is what deadlocks are made of.
pub fn partners(number: i64) -> (i64, i64) {
    let payer = number * 7 % ACCOUNTS;
    let payee = (payer + 1 + number * 13 % (ACCOUNTS - 1)) % ACCOUNTS;
    (payer + 1, payee + 1)
}

/// Whether no money has been made or lost, at this moment.
pub fn sum_is_right(look: &mut Look) -> bool {
    let sum = look.rows("SELECT sum(balance) FROM account");
    sum == format!("{}\n", ACCOUNTS * OPENING)
}

/// Checks that transfers 1 to `transfers` happened once each, and that nobody was a deadlock's
/// victim. The engine must have been dropped: `application` is the name of its connections.
///
/// # Panics
/// When one of this is not so.
pub fn assert_calm(db: &TestDb, transfers: i64, application: &str) {
    assert_eq!(
        db.rows("SELECT count(*), count(DISTINCT amount), min(amount), max(amount) FROM entry"),
        format!("{transfers} | {transfers} | 1 | {transfers}\n"),
    );
    let unexplained = format!(
        "SELECT a.owner FROM account a WHERE balance <> {OPENING}
         - (SELECT coalesce(sum(amount), 0) FROM entry WHERE payer_id = a.id)
         + (SELECT coalesce(sum(amount), 0) FROM entry WHERE payee_id = a.id)"
    );
    assert_eq!(db.rows(&unexplained), "");
    let miscounted = "SELECT a.owner FROM account a WHERE version <> 1
         + (SELECT count(*) FROM entry WHERE a.id IN (payer_id, payee_id))";
    assert_eq!(db.rows(miscounted), "", "each transfer is a version");
    assert_no_deadlocks(db, application);
}

/// Servers report their deadlocks at the end of their sessions, at the latest.
fn assert_no_deadlocks(db: &TestDb, application: &str) {
    let mut look = db.look();
    let others = format!(
        "SELECT 1 FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = '{application}'"
    );
    let started = Instant::now();
    while !look.rows(&others).is_empty() {
        let waited = started.elapsed();
        assert!(waited < Duration::from_secs(10), "they don't leave");
        thread::sleep(Duration::from_millis(10));
    }
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(look.rows(deadlocks), "0\n");
}
