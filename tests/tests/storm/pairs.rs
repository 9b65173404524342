//! Two sessions that link and unlink the same pairs at once: none of them fails (RL-5).
//!
//! It must not depend on the clock: who waits is seen by a third connection.

use std::sync::Barrier;
use std::thread::{self, ScopedJoinHandle};

use sessile::prelude::*;
use sessile_tests::TestDb;
use sessile_tests::magazine::{Post, Tag, magazine, posts, tags};

use crate::property::random::Random;

const PAIRS: &str = "SELECT post_id, tag_name FROM post_tag ORDER BY 1, 2";

#[derive(Clone, Copy, Debug)]
enum Wish {
    Link(usize, &'static str),
    Unlink(usize, &'static str),
}
use Wish::{Link, Unlink};

/// Wishes for posts by their numbers, whose tags are loaded, and flushes.
fn wish(s: &mut Session, wishes: &[Wish]) -> Result<Vec<Handle<Post>>> {
    let all = s.all(posts().with(Post::TAGS))?;
    for wish in wishes {
        match *wish {
            Link(post, tag) => {
                let tag = s.get_each::<Tag>([tag])?[0];
                s.link(all[post - 1], Post::TAGS, tag)?;
            }
            Unlink(post, tag) => {
                let tag = s.get_each::<Tag>([tag])?[0];
                s.unlink(all[post - 1], Post::TAGS, tag)?;
            }
        }
    }
    s.flush()?;
    Ok(all)
}

/// The tags of a post as the session that has it sees them.
fn tags_of(s: &mut Session, post: Handle<Post>) -> Result<String> {
    let found = s.related(post, Post::TAGS)?;
    Ok(tags(s, &found))
}

/// The second waits until the first has ended; both have what they wished for.
fn one_after_the_other(first: &[Wish], second: &[Wish], post: usize, commits: bool) -> [String; 3] {
    let db = magazine();
    let (of_one, of_two) = thread::scope(|scope| {
        let mut one = db.session();
        let all = wish(&mut one, first).unwrap();
        let of_one = tags_of(&mut one, all[post - 1]).unwrap();
        let there = scope.spawn(|| {
            let mut two = db.session();
            let all = wish(&mut two, second)?;
            let seen = tags_of(&mut two, all[post - 1])?;
            two.commit()?;
            Ok::<_, Error>(seen)
        });
        db.look().wait_for_blocked(1);
        match commits {
            true => one.commit(),
            false => one.rollback(),
        }
        .unwrap();
        (of_one, there.join().unwrap().unwrap())
    });
    let rows = db.rows(&format!(
        "SELECT string_agg(tag_name, ' ' ORDER BY tag_name) FROM post_tag WHERE post_id = {post}"
    ));
    [of_one, of_two, rows.trim().to_owned()]
}

/// RL-5: whether the first commits or not.
#[test]
fn a_pair_that_two_sessions_link_at_once_is_there_once() {
    for commits in [true, false] {
        let first = [Link(3, "async"), Link(3, "db")];
        let second = [Link(3, "db"), Link(3, "async")];
        let seen = one_after_the_other(&first, &second, 3, commits);
        assert_eq!(seen, ["async db"; 3]);
    }
}

/// RL-5: whether the first commits or not.
#[test]
fn a_pair_that_two_sessions_unlink_at_once_is_gone() {
    for commits in [true, false] {
        let first = [Unlink(1, "db"), Unlink(1, "rust")];
        let second = [Unlink(1, "rust"), Unlink(1, "db")];
        let seen = one_after_the_other(&first, &second, 1, commits);
        assert_eq!(seen, ["", "", "-"]);
    }
}

/// RL-5: the second waits for what becomes of the row, and has the last word.
#[test]
fn a_pair_that_one_session_unlinks_while_another_links_it_is_there() {
    for commits in [true, false] {
        let seen = one_after_the_other(&[Unlink(1, "db")], &[Link(1, "db")], 1, commits);
        assert_eq!(seen, ["rust", "db rust", "db rust"]);
    }
}

/// RL-5: a row that another session has not committed is not there to be unlinked; nobody waits.
#[test]
fn a_pair_that_one_session_links_while_another_unlinks_it_is_there() {
    let db = magazine();
    let (mut one, mut two) = (db.session(), db.session());
    let of_one = wish(&mut one, &[Link(3, "db")]).unwrap();
    let of_two = wish(&mut two, &[Unlink(3, "db")]).unwrap();
    assert_eq!(tags_of(&mut one, of_one[2]).unwrap(), "db");
    assert_eq!(tags_of(&mut two, of_two[2]).unwrap(), "");
    two.commit().unwrap();
    one.commit().unwrap();
    assert_eq!(tags_of(&mut two, of_two[2]).unwrap(), "db");
    assert_eq!(
        db.rows("SELECT tag_name FROM post_tag WHERE post_id = 3"),
        "db\n"
    );
}

/// RL-5: a pair that is there already is linked by nothing, so another session may unlink it.
#[test]
fn a_pair_that_is_there_and_linked_again_may_be_unlinked_meanwhile() {
    let db = magazine();
    let (mut one, mut two) = (db.session(), db.session());
    let of_one = wish(&mut one, &[Link(1, "db")]).unwrap();
    let of_two = wish(&mut two, &[Unlink(1, "db")]).unwrap();
    assert_eq!(tags_of(&mut two, of_two[0]).unwrap(), "rust");
    two.commit().unwrap();
    one.commit().unwrap();
    assert_eq!(tags_of(&mut one, of_one[0]).unwrap(), "rust");
    assert_eq!(
        db.rows("SELECT tag_name FROM post_tag WHERE post_id = 1"),
        "rust\n"
    );
}

/// A first session that waits for a pair that somebody else holds, and a second that waits behind it
/// or need not wait.
fn behind_a_third(
    first: &'static [Wish],
    second: &'static [Wish],
    held: &str,
) -> (TestDb, Vec<Result<()>>) {
    let db = magazine();
    let ends = thread::scope(|scope| {
        let (mut holder, mut watcher) = (db.look(), db.look());
        holder.run(&format!("BEGIN; INSERT INTO post_tag VALUES ({held})"));
        let mut threads: Vec<ScopedJoinHandle<'_, Result<()>>> = Vec::new();
        for (number, wishes) in [first, second].into_iter().enumerate() {
            let engine = db.engine();
            threads.push(scope.spawn(move || {
                let mut s = engine.session();
                wish(&mut s, wishes)?;
                s.commit()
            }));
            let latest = &threads[number];
            watcher.wait_for_blocked_or(number + 1, || latest.is_finished());
        }
        holder.run("COMMIT");
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    (db, ends)
}

/// RL-5: pairs are inserted in one order by all sessions, whatever the order of the calls.
#[test]
fn sessions_that_link_the_same_pairs_in_opposite_order_do_not_deadlock() {
    let first = &[Link(2, "async"), Link(4, "async"), Link(3, "async")];
    let second = &[Link(3, "async"), Link(2, "async")];
    let (db, ends) = behind_a_third(first, second, "4, 'async'");
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
    assert_eq!(
        db.rows(PAIRS),
        "1 | db\n1 | rust\n2 | async\n2 | db\n3 | async\n4 | async\n4 | rust\n"
    );
}

/// RL-5: each unlinks what the other links.
#[test]
fn sessions_that_exchange_the_same_pairs_do_not_deadlock() {
    let first = &[Unlink(1, "db"), Link(1, "async"), Link(2, "db")];
    let second = &[Unlink(2, "db"), Link(1, "db")];
    let (db, ends) = behind_a_third(first, second, "1, 'async'");
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
    // The second had nothing to wait for, so it came first.
    assert_eq!(db.rows(PAIRS), "1 | async\n1 | rust\n2 | db\n4 | rust\n");
}

/// RL-5: four sessions link and unlink some of all pairs of a magazine, sixty times.
#[test]
fn random_links_and_unlinks_never_fail() {
    let db = magazine();
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|number| {
                let (engine, barrier) = (db.engine(), &barrier);
                scope.spawn(move || {
                    let mut random = Random::new(number);
                    (0..60)
                        .map(|_| some_pairs(engine, barrier, &mut random))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        for thread in threads {
            let ends = thread.join().unwrap();
            ends.into_iter().for_each(|end| end.unwrap());
        }
    });
    let doubled = "SELECT post_id, tag_name FROM post_tag GROUP BY 1, 2 HAVING count(*) > 1";
    assert_eq!(db.rows(doubled), "");
}

/// Links some pairs and unlinks others, in random order.
fn some_pairs(engine: &sessile::Engine, barrier: &Barrier, random: &mut Random) -> Result<()> {
    let all: Vec<(usize, &str)> = (1..=4)
        .flat_map(|post| ["async", "db", "rust"].map(|tag| (post, tag)))
        .collect();
    let wishes: Vec<Wish> = random
        .some(&all, 8)
        .into_iter()
        .map(|(post, tag)| match random.once_in(2) {
            true => Link(post, tag),
            false => Unlink(post, tag),
        })
        .collect();
    barrier.wait();
    let mut s = engine.session();
    wish(&mut s, &wishes)?;
    s.commit()
}
