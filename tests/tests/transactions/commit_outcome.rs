//! The id of a transaction rides with the first write of a flush, so that a commit whose answer is
//! lost can be asked about. Links that break are tested in the engine.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sessile::prelude::*;
use sessile::test_support::Cluster;
use sessile_tests::{Look, TestDb};

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "logs")]
struct Log {
    #[model(key)]
    id: i64,
    text: String,
}

/// Its keys are drawn by the database, and by no sequence.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tickets")]
struct Ticket {
    #[model(key, generated)]
    id: uuid::Uuid,
    text: String,
}

fn log(id: i64) -> Log {
    Log {
        id,
        text: "new".to_owned(),
    }
}

fn ticket(text: &str) -> Ticket {
    Ticket {
        text: text.to_owned(),
        ..Ticket::default()
    }
}

/// Which of the statements sent say the id.
fn told(db: &TestDb) -> Vec<bool> {
    let tells = |sql: &str| sql.contains("pg_current_xact_id()");
    let sent = db.recorded();
    let statements = sent.iter().filter(|sent| sent.label.contains('×'));
    statements.map(|sent| tells(&sent.sql)).collect()
}

/// TX-3
#[test]
fn only_the_first_write_of_a_transaction_says_its_id() {
    let db = TestDb::new::<Log>();
    let mut s = db.session();
    let one = s.add(log(1));
    s.flush().unwrap();
    s[one].text = "changed".to_owned();
    s.flush().unwrap();
    s.delete(one).unwrap();
    s.commit().unwrap();
    assert_eq!(told(&db), [true, false, false]);
    s.add(log(2));
    s.commit().unwrap();
    assert_eq!(told(&db), [true]);
}

/// TX-3
#[test]
fn every_kind_of_write_can_say_it() {
    let db = TestDb::new::<(Log, Ticket)>();
    let mut s = db.session();
    let rows = s.add_all((1..=3).map(log));
    s.commit().unwrap();
    s.get_each::<Log>([1, 2, 3]).unwrap();
    rows.iter().for_each(|row| s[*row].text = "one".to_owned());
    s.commit().unwrap();
    s.get_each::<Log>([1, 2, 3]).unwrap();
    s[rows[0]].text = "two".to_owned();
    s.commit().unwrap();
    s.delete(rows[0]).unwrap();
    s.commit().unwrap();
    s.delete(rows[1]).unwrap();
    s.delete(rows[2]).unwrap();
    s.commit().unwrap();
    let drawn = s.add_all([ticket("a"), ticket("b")]);
    s.commit().unwrap();
    let told = told(&db).into_iter().filter(|told| *told).count();
    assert_eq!(told, 6);
    assert_eq!(db.rows("SELECT count(*) FROM logs"), "0\n");
    for (row, text) in drawn.iter().zip(["a", "b"]) {
        let id = s[*row].id;
        let sql = format!("SELECT text FROM tickets WHERE id = '{id}'");
        assert_eq!(db.rows(&sql), format!("{text}\n"));
    }
}

/// Ends the session that waits at its commit, as soon as there is one.
fn terminate_at_commit(url: &str) -> thread::JoinHandle<()> {
    let mut look = Look::at(url);
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    thread::spawn(move || {
        while look.rows(sql).is_empty() {
            thread::sleep(Duration::from_millis(10));
        }
    })
}

/// TX-3, TX-5, S98: the server commits, waits for a replica that never comes, and its connection
/// breaks then.
#[test]
fn a_commit_that_happened_is_a_success_although_its_answer_is_lost() {
    let cluster = Cluster::start().unwrap();
    let url = cluster.url("postgres");
    let engine = Engine::builder(&url).pool_size(1).build().unwrap();
    engine.create_tables::<(Log,)>().unwrap();
    let mut look = Look::at(&url);
    look.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    look.run("SELECT pg_reload_conf()");
    let mut s = engine.session();
    s.execute("SET LOCAL synchronous_commit = on", ()).unwrap();
    let one = s.add(log(1));
    let (tell, told) = mpsc::channel();
    s.after_commit(move || tell.send("committed").unwrap());
    let terminator = terminate_at_commit(&url);

    s.commit().unwrap();

    terminator.join().unwrap();
    assert_eq!(told.try_recv(), Ok("committed"));
    assert_eq!(s.state(one), State::Persistent);
    assert_eq!(look.rows("SELECT id, text FROM logs"), "1 | new\n");
    assert_eq!(s.get::<Log>(1).unwrap(), Some(one));
}

/// TX-3, TX-5
#[test]
fn a_commit_that_did_not_happen_is_a_lost_connection_and_a_rollback_heals() {
    let db = TestDb::new::<Log>();
    let mut s = db.session();
    let one = s.add(log(1));
    let (tell, told) = mpsc::channel();
    s.after_rollback(move || tell.send("rolled back").unwrap());
    s.flush().unwrap();
    db.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    let error = s.commit().unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Connection);
    assert_eq!(*s.flush().unwrap_err().kind(), ErrorKind::TransactionFailed);
    s.rollback().unwrap();
    assert_eq!(told.try_recv(), Ok("rolled back"));
    assert_eq!(s.state(one), State::Gone);
    s.add(log(1));
    s.commit().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM logs"), "1\n");
}

/// TX-3: raw SQL brings no id along.
#[test]
fn the_outcome_of_raw_sql_alone_stays_unknown() {
    let db = TestDb::new::<Log>();
    let mut s = db.session();
    let (tell, told) = mpsc::channel();
    let also = tell.clone();
    s.after_commit(move || tell.send("committed").unwrap());
    s.after_rollback(move || also.send("rolled back").unwrap());
    s.execute("INSERT INTO logs VALUES (1, 'raw')", ()).unwrap();
    db.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    let error = s.commit().unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::CommitUnknown);
    s.rollback().unwrap();
    assert!(told.try_recv().is_err());
}
