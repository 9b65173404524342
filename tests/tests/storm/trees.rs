//! Two sessions that delete and change the same parents and children, one upwards and one
//! downwards (FL-7).
//!
//! It must not depend on the clock: who waits is seen by a third connection.

use std::sync::Barrier;
use std::thread;

use sessile::prelude::*;
use sessile::{Engine, ErrorKind};
use sessile_tests::TestDb;

/// A parent whose table comes behind that of its children.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "trees")]
struct Tree {
    #[model(key)]
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "leaves")]
struct Leaf {
    #[model(key)]
    id: i64,
    tree: Fk<Tree>,
    name: String,
}

/// A parent whose table comes before that of its children.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "beds")]
struct Bed {
    #[model(key)]
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "plants")]
struct Plant {
    #[model(key)]
    id: i64,
    bed: Fk<Bed>,
    name: String,
}

/// Children and parents in one table.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "nodes")]
struct Node {
    #[model(key)]
    id: i64,
    parent: Option<Fk<Node>>,
    name: String,
}

/// Four parents with two children each, of both kinds, and a tree of fifteen nodes.
fn garden() -> TestDb {
    TestDb::with::<(Tree, Leaf, Bed, Plant, Node)>(FILL)
}

const FILL: &str = "
    INSERT INTO trees SELECT n, 'old' FROM generate_series(1, 4) n;
    INSERT INTO leaves SELECT n, 1 + n % 4, 'old' FROM generate_series(1, 8) n;
    INSERT INTO beds SELECT n, 'old' FROM generate_series(1, 4) n;
    INSERT INTO plants SELECT n, 1 + n % 4, 'old' FROM generate_series(1, 8) n;
    INSERT INTO nodes SELECT n, nullif(n / 2, 0), 'old' FROM generate_series(1, 15) n";

const EMPTY: &str = "DELETE FROM leaves; DELETE FROM trees; DELETE FROM plants; \
    DELETE FROM beds; DELETE FROM nodes";

/// What a session does to all rows, which it takes upwards or downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Delete,
    Rename,
}

macro_rules! treat {
    ($s:ident, $what:ident, $backwards:ident, $($model:ident),*) => { $(
        let mut rows = $s.all(select::<$model>().order_by($model::ID))?;
        if $backwards {
            rows.reverse();
        }
        for row in rows {
            match $what {
                What::Delete => $s.delete(row)?,
                What::Rename => $s[row].name = format!("new {}", $backwards),
            }
        }
    )* };
}

fn parents_and_children(s: &mut Session, what: What, backwards: bool) -> Result<()> {
    match backwards {
        false => {
            treat!(s, what, backwards, Tree, Leaf);
        }
        true => {
            treat!(s, what, backwards, Leaf, Tree);
        }
    }
    Ok(())
}

fn parents_before_children(s: &mut Session, what: What, backwards: bool) -> Result<()> {
    match backwards {
        false => {
            treat!(s, what, backwards, Bed, Plant);
        }
        true => {
            treat!(s, what, backwards, Plant, Bed);
        }
    }
    Ok(())
}

fn nodes(s: &mut Session, what: What, backwards: bool) -> Result<()> {
    treat!(s, what, backwards, Node);
    Ok(())
}

type Treat = fn(&mut Session, What, bool) -> Result<()>;

/// Two sessions at once, again and again: the ends of each round.
fn rounds(db: &TestDb, treat: Treat, whats: [What; 2], mut check: impl FnMut([Result<()>; 2])) {
    let barrier = Barrier::new(2);
    for _ in 0..25 {
        db.look().run(&format!("{EMPTY}; {FILL}"));
        let ends = thread::scope(|scope| {
            let threads = [false, true].map(|backwards| {
                let (engine, barrier) = (db.engine(), &barrier);
                scope.spawn(move || {
                    let mut s = engine.session();
                    let prepared = treat(&mut s, whats[usize::from(backwards)], backwards);
                    barrier.wait();
                    prepared.and_then(|()| s.commit())
                })
            });
            threads.map(|thread| thread.join().unwrap())
        });
        check(ends);
    }
}

/// FL-7: tables are taken in one order by all sessions that change them.
#[test]
fn two_that_change_whole_trees_in_opposite_order_never_deadlock() {
    for treat in [parents_and_children, parents_before_children, nodes] {
        let db = garden();
        rounds(&db, treat, [What::Rename; 2], |ends| {
            assert!(ends.iter().all(Result::is_ok), "{ends:?}");
        });
        let names = "SELECT name FROM trees UNION SELECT name FROM leaves UNION \
            SELECT name FROM beds UNION SELECT name FROM plants UNION SELECT name FROM nodes";
        let left = db.rows(names);
        assert!(
            ["new false\n", "new true\n"]
                .iter()
                .any(|name| left.contains(name)),
            "{left}"
        );
    }
}

/// FL-7, FL-8: children go first in both, so one waits for the other, and finds nothing.
#[test]
fn two_that_delete_whole_trees_in_opposite_order_never_deadlock() {
    for treat in [parents_and_children, parents_before_children, nodes] {
        let db = garden();
        rounds(&db, treat, [What::Delete; 2], |ends| {
            assert_one_is_stale(&ends);
        });
    }
}

fn assert_one_is_stale(ends: &[Result<()>; 2]) {
    let failed: Vec<_> = ends.iter().filter_map(|end| end.as_ref().err()).collect();
    let [error] = failed[..] else {
        panic!("one of them: {ends:?}")
    };
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }), "{error:?}");
}

/// FL-7, FL-8: rows of one table, and children whose table comes before that of their parents.
#[test]
fn one_that_deletes_and_one_that_changes_trees_never_deadlock() {
    for treat in [parents_and_children, nodes] {
        for whats in [[What::Delete, What::Rename], [What::Rename, What::Delete]] {
            let db = garden();
            rounds(&db, treat, whats, |ends| match &ends {
                // Who renames first leaves rows that can be deleted.
                [Ok(()), Ok(())] => {}
                _ => assert_one_is_stale(&ends),
            });
        }
    }
}

/// The first deletes a plant and waits for another one; the second changes the bed of the first
/// plant, and then that plant.
fn cross(db: &TestDb, engine: &Engine, attempts: u32) -> [Result<()>; 2] {
    let options = TransactionOptions::default().attempts(attempts).stale(true);
    thread::scope(|scope| {
        let (mut holder, mut watcher) = (db.look(), db.look());
        holder.run("BEGIN; SELECT FROM plants WHERE id = 4 FOR UPDATE");
        let deleter = scope.spawn(|| {
            engine.retrying(options, |s: &mut Session| {
                let plants = select::<Plant>().filter(Plant::BED.is(1));
                for plant in s.all(plants)? {
                    s.delete(plant)?;
                }
                if let Some(bed) = s.get::<Bed>(1)? {
                    s.delete(bed)?;
                }
                Ok::<(), Error>(())
            })
        });
        watcher.wait_for_blocked(1);
        let updater = scope.spawn(|| {
            engine.retrying(options, |s: &mut Session| {
                for bed in s.all(select::<Bed>().filter(Bed::ID.eq(1)))? {
                    s[bed].name = "new".to_owned();
                }
                for plant in s.all(select::<Plant>().filter(Plant::BED.is(1)))? {
                    s[plant].name = "new".to_owned();
                }
                Ok::<(), Error>(())
            })
        });
        watcher.wait_for_blocked(2);
        holder.run("COMMIT");
        [deleter.join().unwrap(), updater.join().unwrap()]
    })
}

/// FL-7, TX-4: no order of tables is right for both, since rows are deleted behind those that refer
/// to them; the one that the server picks runs again.
#[test]
fn a_deadlock_of_different_tables_is_retried() {
    let db = garden();
    let ends = cross(&db, db.engine(), 1);
    let failed: Vec<_> = ends.iter().filter_map(|end| end.as_ref().err()).collect();
    assert_eq!(failed.len(), 1, "{ends:?}");
    assert!(matches!(failed[0].kind(), ErrorKind::Deadlock), "{ends:?}");

    db.look().run(&format!("{EMPTY}; {FILL}"));
    let ends = cross(&db, db.engine(), 5);
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
    assert_eq!(db.rows("SELECT id FROM beds ORDER BY id"), "2\n3\n4\n");
    assert_eq!(db.rows("SELECT id FROM plants WHERE bed_id = 1"), "");
}
