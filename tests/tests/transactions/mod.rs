//! Where transactions begin and end, by hand and around closures.

mod autoflush;
mod begin;
mod closures;
mod commit;
mod commit_outcome;
mod deadlines;
mod failures;
mod hooks;
mod hooks_in_savepoints;
mod nested;
mod options;
mod rehearsals;
mod retrying;
mod savepoint_failures;
mod savepoints;

use sessile_tests::TestDb;

/// How many connections to the database are inside a transaction.
fn open_transactions(db: &TestDb) -> String {
    db.rows(
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
    )
}
