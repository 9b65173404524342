//! The id of a transaction rides with the first write of a flush, so that a commit whose answer is
//! lost can be asked about. What becomes of the answer is tested in the engine, behind a link that
//! breaks.

use sessile::prelude::*;
use sessile_tests::TestDb;

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
