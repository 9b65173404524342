//! Hooks: what runs beside a flush, beside its rows, and after the end of a transaction.

use std::sync::{Arc, Mutex};

use expect_test::expect;
use sessile::prelude::*;
use sessile::{Engine, Hooks};
use sessile_tests::{TestDb, chain};

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "articles", has_many(audits = Audit::ARTICLE))]
struct Article {
    #[model(key, generated)]
    id: i64,
    title: String,
    slug: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "audits")]
struct Audit {
    #[model(key, generated)]
    id: i64,
    #[model(on_delete = cascade)]
    article: Fk<Article>,
    what: String,
}

fn article(title: &str) -> Article {
    Article {
        title: title.to_owned(),
        ..Article::default()
    }
}

fn db() -> TestDb {
    TestDb::new::<(Article, Audit)>()
}

/// What hooks note down.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn engine(db: &TestDb, hooks: Hooks) -> Engine {
    Engine::builder(db.url())
        .pool_size(2)
        .hooks(hooks)
        .build()
        .unwrap()
}

/// Notes every row.
fn noting(log: &Log) -> Hooks {
    let [a, b, c, d, e, f] = [0; 6].map(|_| log.clone());
    Hooks::new()
        .before_insert::<Article>(move |row| {
            a.note(format!("before insert {} {}", row.id, row.title));
            Ok(())
        })
        .after_insert::<Article>(move |row| {
            b.note(format!("after insert {} {}", row.id, row.title));
            Ok(())
        })
        .before_update::<Article>(move |row| {
            c.note(format!("before update {}", row.title));
            Ok(())
        })
        .after_update::<Article>(move |row| {
            d.note(format!("after update {}", row.title));
            Ok(())
        })
        .before_delete::<Article>(move |row| {
            e.note(format!("before delete {}", row.title));
            Ok(())
        })
        .after_delete::<Article>(move |row| {
            f.note(format!("after delete {}", row.title));
            Ok(())
        })
}

/// FL-10, S72
#[test]
fn what_a_hook_adds_before_a_flush_is_part_of_it() {
    let db = db();
    let mut s = db.session();
    let article = s.add(article("one"));
    s.add_hooks(Hooks::new().before_flush(move |s| {
        s[article].slug = "added".to_owned();
        s.add(Audit {
            article: article.into(),
            what: "new".to_owned(),
            ..Audit::default()
        });
        Ok(())
    }));
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT articles (title, slug) ×1 RETURNING id
        INSERT audits (article_id, what) ×1 RETURNING id
    "#]]);
    // Nothing was touched, so there is nothing to hook into.
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT slug, what FROM articles JOIN audits ON article_id = articles.id"),
        "added | new\n"
    );
}

/// FL-10
#[test]
fn hooks_of_an_engine_see_every_row_of_every_session() {
    let db = db();
    let log = Log::default();
    let engine = engine(&db, noting(&log));
    let mut s = engine.session();
    let [one, two] = [s.add(article("one")), s.add(article("two"))];
    s.commit().unwrap();
    assert_eq!(
        log.take(),
        [
            "before insert 0 one",
            "before insert 0 two",
            "after insert 1 one",
            "after insert 2 two"
        ]
    );
    s[one].title = "first".to_owned();
    s.delete(two).unwrap();
    s.add(Audit {
        article: one.into(),
        ..Audit::default()
    });
    s.flush().unwrap();
    assert_eq!(
        log.take(),
        [
            "before update first",
            "before delete two",
            "after update first",
            "after delete two"
        ]
    );
    s[one].title = "again".to_owned();
    s[one].title = "first".to_owned();
    s.commit().unwrap();
    assert_eq!(log.take(), [""; 0]);
}

/// FL-10: the plan that was shown is the plan without hooks.
#[test]
fn a_plan_runs_no_hooks() {
    let db = db();
    let log = Log::default();
    let noted = log.clone();
    let mut s = db.session();
    s.add_hooks(noting(&log).before_flush(move |_| {
        noted.note("before flush");
        Ok(())
    }));
    s.add(article("one"));
    s.plan().unwrap();
    assert_eq!(log.take(), [""; 0]);
}

/// FL-10: what they change is written with the row.
#[test]
fn hooks_before_a_row_change_what_is_written() {
    let db = db();
    let mut s = db.session();
    let slug = |row: &mut Article| {
        row.slug = row.title.to_lowercase();
        Ok(())
    };
    s.add_hooks(
        Hooks::new()
            .before_insert::<Article>(slug)
            .before_update::<Article>(slug),
    );
    let one = s.add(article("One"));
    s.flush().unwrap();
    s[one].title = "Two".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT articles (title, slug) ×1 RETURNING id
        UPDATE articles SET title, slug ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT title, slug FROM articles"), "Two | two\n");
}

/// FL-10: a hook that takes the change back leaves nothing to write.
#[test]
fn a_change_that_a_hook_undoes_is_not_sent() {
    let db = db();
    let mut s = db.session();
    let one = s.add(article("one"));
    s.commit().unwrap();
    s.add_hooks(Hooks::new().before_update::<Article>(|row| {
        row.title = "one".to_owned();
        Ok(())
    }));
    db.forget();
    s[one].title = "two".to_owned();
    s.commit().unwrap();
    db.assert_statements(expect![[r#""#]]);
}

/// FL-10, S72
#[test]
fn a_hook_must_not_flush() {
    let db = db();
    type Verb = fn(&mut Session) -> Result<()>;
    let verbs: [Verb; 6] = [
        |s| s.flush(),
        |s| s.commit(),
        |s| s.rollback(),
        |s| s.savepoint(|_| Ok(())),
        |s| s.close(),
        |s| s.insert(article("two")).map(drop),
    ];
    for verb in verbs {
        let mut s = db.session();
        s.add_hooks(Hooks::new().before_flush(verb));
        s.add(article("one"));
        let error = s.flush().unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Reentrant);
        s.rollback().unwrap();
        db.assert_statements(expect![[r#""#]]);
    }
    assert_eq!(db.rows("SELECT count(*) FROM articles"), "0\n");
}

/// FL-10, AF-2: it reads the database as it is.
#[test]
fn a_hook_may_read_and_that_does_not_flush() {
    let db = db();
    let mut s = db.session();
    let log = Log::default();
    let noted = log.clone();
    s.add_hooks(Hooks::new().before_flush(move |s| {
        noted.note(s.count(select::<Article>())?.to_string());
        Ok(())
    }));
    s.add(article("one"));
    s.flush().unwrap();
    s.add(article("two"));
    assert_eq!(s.count(select::<Article>()).unwrap(), 2);
    assert_eq!(log.take(), ["0", "1"]);
}

/// FL-11
#[test]
fn an_error_of_a_hook_fails_the_flush() {
    let db = db();
    let refusing = || Err::<(), _>(Error::other("not today"));
    let all = [
        Hooks::new().before_flush(move |_| refusing()),
        Hooks::new().before_insert::<Article>(move |_| refusing()),
        Hooks::new().after_insert::<Article>(move |_| refusing()),
        Hooks::new().after_flush(move |_| refusing()),
    ];
    for hooks in all {
        let engine = engine(&db, hooks);
        let mut s = engine.session();
        let one = s.add(article("one"));
        let error = s.commit().unwrap_err();
        assert!(chain(&error).contains("not today"));
        let refusal = s.flush().unwrap_err();
        assert_eq!(*refusal.kind(), ErrorKind::TransactionFailed);
        s.rollback().unwrap();
        assert_eq!(s.state(one), State::Gone);
        assert_eq!(s.detach(one).unwrap().id, 0);
    }
    assert_eq!(db.rows("SELECT count(*) FROM articles"), "0\n");
}

/// FL-10: a panic goes through, and the session can flush again.
#[test]
fn a_panic_of_a_hook_reaches_the_caller() {
    let db = db();
    let mut s = db.session();
    let first = Mutex::new(true);
    s.add_hooks(Hooks::new().before_flush(move |_| {
        assert!(!std::mem::take(&mut *first.lock().unwrap()), "at first");
        Ok(())
    }));
    s.add(article("one"));
    let flush = std::panic::AssertUnwindSafe(|| s.flush());
    assert!(std::panic::catch_unwind(flush).is_err());
    assert_eq!(s.count(select::<Article>()).unwrap(), 1);
}

/// FL-10: what it changes waits for the next flush, which a commit does by itself.
#[test]
fn what_a_hook_changes_after_a_flush_is_committed_too() {
    let db = db();
    let mut s = db.session();
    let one = s.add(article("one"));
    s.add_hooks(Hooks::new().after_flush(move |s| {
        if s[one].slug.is_empty() {
            s[one].slug = format!("article-{}", s[one].id);
        }
        Ok(())
    }));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT articles (title, slug) ×1 RETURNING id
        UPDATE articles SET slug ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT slug FROM articles"), "article-1\n");
}

/// S73
#[test]
fn a_hook_that_never_ends_is_stopped() {
    let db = db();
    let mut s = db.session();
    let one = s.add(article("one"));
    s.add_hooks(Hooks::new().after_flush(move |s| {
        s[one].slug.push('x');
        Ok(())
    }));
    let error = s.commit().unwrap_err();
    expect!["the hooks of the flush have changed objects 100 times in a row"]
        .assert_eq(&error.to_string());
    let sent = db.statements();
    let rounds = sent
        .lines()
        .filter(|line| *line == "UPDATE articles SET slug ×1 WHERE id");
    assert_eq!(rounds.count(), 99);
    assert!(sent.ends_with("\nROLLBACK\n"), "{sent}");
    s.rollback().unwrap();
    assert_eq!(s.state(one), State::Gone);
    assert_eq!(db.rows("SELECT count(*) FROM articles"), "0\n");
}

/// TX-5
#[test]
fn what_waits_for_the_commit_runs_after_it_and_once() {
    let db = db();
    let log = Log::default();
    let mut s = db.session();
    s.add(article("one"));
    let (noted, url) = (log.clone(), db.url().to_owned());
    s.after_commit(move || {
        let rows = sessile_tests::Look::at(&url).rows("SELECT title FROM articles");
        noted.note(format!("committed {}", rows.trim()));
    });
    let noted = log.clone();
    s.after_rollback(move || noted.note("rolled back"));
    s.flush().unwrap();
    assert_eq!(log.take(), [""; 0]);
    s.commit().unwrap();
    assert_eq!(log.take(), ["committed one"]);
    s.add(article("two"));
    s.commit().unwrap();
    s.rollback().unwrap();
    assert_eq!(log.take(), [""; 0]);
}

/// TX-5
#[test]
fn what_waits_for_the_rollback_runs_however_that_comes_about() {
    let db = db();
    let log = Log::default();
    let wait = |s: &mut Session| {
        let (committed, rolled_back) = (log.clone(), log.clone());
        s.after_commit(move || committed.note("committed"));
        s.after_rollback(move || rolled_back.note("rolled back"));
    };
    let mut s = db.session();
    wait(&mut s);
    s.rollback().unwrap();
    assert_eq!(log.take(), ["rolled back"]);
    wait(&mut s);
    s.close().unwrap();
    assert_eq!(log.take(), ["rolled back"]);
    let failed = db.engine().transaction(|s| {
        wait(s);
        Err::<(), _>(Error::other("no"))
    });
    assert!(failed.is_err());
    assert_eq!(log.take(), ["rolled back"]);
    let panics = std::panic::AssertUnwindSafe(|| {
        db.engine().transaction(|s| -> Result<()> {
            wait(s);
            s.insert(article("one"))?;
            panic!("on purpose")
        })
    });
    assert!(std::panic::catch_unwind(panics).is_err());
    assert_eq!(log.take(), ["rolled back"]);
    assert_eq!(db.rows("SELECT count(*) FROM articles"), "0\n");
    let refused = db.engine().transaction(|s| {
        wait(s);
        s.add(Audit {
            article: Fk::to(9),
            ..Audit::default()
        });
        Ok(())
    });
    assert!(refused.is_err());
    assert_eq!(log.take(), ["rolled back"]);
    db.engine()
        .transaction(|s| {
            wait(s);
            Ok(())
        })
        .unwrap();
    assert_eq!(log.take(), ["committed"]);
}

/// TX-5, TX-2
#[test]
fn what_waits_inside_a_savepoint_goes_the_way_of_the_savepoint() {
    let db = db();
    let log = Log::default();
    let wait = |s: &mut Session, what: &'static str| {
        let (committed, rolled_back) = (log.clone(), log.clone());
        s.after_commit(move || committed.note(format!("{what} committed")));
        s.after_rollback(move || rolled_back.note(format!("{what} rolled back")));
    };
    let mut s = db.session();
    wait(&mut s, "outside");
    s.savepoint(|s| {
        wait(s, "kept");
        s.savepoint(|s| {
            wait(s, "lost");
            Err::<(), _>(Error::other("no"))
        })
        .unwrap_err();
        Ok::<_, Error>(())
    })
    .unwrap();
    assert_eq!(log.take(), [""; 0]);
    s.commit().unwrap();
    assert_eq!(
        log.take(),
        ["outside committed", "kept committed", "lost rolled back"]
    );
}

/// TX-5
#[test]
fn a_panic_after_the_commit_does_not_undo_it() {
    let db = db();
    let mut s = db.session();
    s.add(article("one"));
    s.after_commit(|| panic!("too late"));
    let commit = std::panic::AssertUnwindSafe(|| s.commit());
    assert!(std::panic::catch_unwind(commit).is_err());
    assert_eq!(s.count(select::<Article>()).unwrap(), 1);
    s.rollback().unwrap();
    assert_eq!(db.rows("SELECT count(*) FROM articles"), "1\n");
}
