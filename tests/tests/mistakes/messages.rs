//! What errors say: never what their source says again, and never a column's value.

use std::error::Error as StdError;

use sessile::prelude::*;
use sessile::sql::raw;
use sessile_tests::TestDb;

/// A value that must not show up in any message.
const MARKER: &str = "m4rk3r";

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(
    table = "secret",
    check("length(body) < 50", name = "short"),
    check("stars < 1000000", name = "few")
)]
struct Secret {
    #[model(key, generated)]
    id: i64,
    #[model(unique)]
    title: String,
    body: String,
    stars: i32,
    #[model(sql_type = "varchar(40)")]
    code: String,
    #[model(json)]
    memo: Memo,
}

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Memo {
    pages: Vec<i32>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "clue")]
struct Clue {
    #[model(key)]
    name: String,
    secret: Fk<Secret>,
    text: Option<String>,
}

fn secret(title: &str) -> Secret {
    Secret {
        title: title.to_owned(),
        body: MARKER.to_owned(),
        code: MARKER.to_owned(),
        ..Secret::default()
    }
}

fn secrets() -> TestDb {
    let db = TestDb::with::<(Secret, Clue)>(
        "ALTER TABLE clue ALTER text SET NOT NULL;
         CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN IF NEW.title = 'skip' THEN RETURN NULL; END IF; RETURN NEW; END $$;
         CREATE TRIGGER keep BEFORE INSERT ON secret FOR EACH ROW EXECUTE FUNCTION keep();",
    );
    db.engine()
        .transaction(|s| s.insert(secret(MARKER)).map(|_| ()))
        .unwrap();
    db
}

#[track_caller]
fn assert_discreet(error: &Error) {
    let mut said: Vec<String> = Vec::new();
    let mut next: Option<&dyn StdError> = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        for text in [&text, &format!("{error:?}")] {
            assert!(!text.contains(MARKER), "a value in {text}");
        }
        if let Some(outer) = said.last() {
            assert!(!outer.contains(&text), "{outer:?} repeats {text:?}");
        }
        said.push(text);
        next = error.source();
    }
}

/// Runs something that fails in a fresh session.
#[track_caller]
fn failing<T>(db: &TestDb, work: impl FnOnce(&mut Session) -> Result<T>) -> Error {
    let mut s = db.session();
    let Err(error) = work(&mut s) else {
        panic!("nothing failed");
    };
    assert_discreet(&error);
    // And behind the answer of the poisoned session.
    if let Err(refusal) = s.commit() {
        assert_discreet(&refusal);
    }
    error
}

#[track_caller]
fn inserting(db: &TestDb, row: Secret) -> ErrorKind {
    failing(db, |s| s.insert(row)).kind().clone()
}

#[test]
fn violated_constraints_show_no_values() {
    let db = secrets();
    let kind = inserting(&db, secret(MARKER));
    assert!(matches!(kind, ErrorKind::UniqueViolation { .. }));
    let kind = inserting(
        &db,
        Secret {
            body: MARKER.repeat(20),
            ..secret("a")
        },
    );
    assert!(matches!(kind, ErrorKind::CheckViolation { .. }), "{kind:?}");
    let clue = |secret, text: Option<&str>| Clue {
        name: "a".to_owned(),
        secret,
        text: text.map(str::to_owned),
    };
    let error = failing(&db, |s| s.insert(clue(Fk::to(1), None)));
    assert!(matches!(error.kind(), ErrorKind::NotNullViolation { .. }));
    let error = failing(&db, |s| s.insert(clue(Fk::to(99), Some(MARKER))));
    assert!(matches!(
        error.kind(),
        ErrorKind::ForeignKeyViolation { .. }
    ));
    let error = failing(&db, |s| s.insert(clue(Fk::default(), Some(MARKER))));
    assert!(matches!(error.kind(), ErrorKind::NotNullViolation { .. }));
}

#[test]
fn data_that_the_server_cannot_take_is_not_shown() {
    let db = secrets();
    let kind = inserting(
        &db,
        Secret {
            code: MARKER.repeat(9),
            ..secret("a")
        },
    );
    assert!(matches!(kind, ErrorKind::Database { .. }), "{kind:?}");
    for sql in [
        "SELECT $1::text::int",
        "SELECT $1::text::date",
        "SELECT $1::text::uuid",
        "SELECT $1::text::jsonb",
        "SELECT $1::text::boolean",
    ] {
        failing(&db, |s| s.execute(sql, (MARKER,)));
    }
    let nul = format!("{MARKER}\0");
    inserting(
        &db,
        Secret {
            body: nul,
            ..secret("a")
        },
    );
}

#[test]
fn data_that_does_not_fit_the_fields_is_not_shown() {
    let db = secrets();
    db.look().run(
        r#"UPDATE secret SET memo = '{"pages": "m4rk3r"}';
           INSERT INTO secret (title, body, stars, code, memo)
           VALUES ('x', '', 0, '', '{"m4rk3r": "m4rk3r", "pages": ["m4rk3r"]}')"#,
    );
    for id in [1, 2] {
        let error = failing(&db, |s| s.get::<Secret>(id));
        assert_eq!(
            error.to_string(),
            "Secret.memo can't be converted",
            "{error:?}"
        );
    }
    failing(&db, |s| s.rows(raw::<i64>("SELECT title FROM secret", ())));
    failing(&db, |s| s.rows(raw::<(i64,)>("SELECT $1::text", (MARKER,))));
    failing(&db, |s| {
        s.rows(raw::<uuid::Uuid>("SELECT $1::text", (MARKER,)))
    });
}

#[test]
fn rows_that_others_changed_are_named_by_their_keys_alone() {
    let db = secrets();
    let error = failing(&db, |s| {
        let secret = s.get::<Secret>(1)?.expect("it is there");
        s.commit()?;
        db.look().run("UPDATE secret SET body = 'm4rk3r too'");
        s[secret].body = format!("{MARKER} {MARKER}");
        s.flush()
    });
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }));
    let error = failing(&db, |s| {
        let secret = s.get::<Secret>(1)?.expect("it is there");
        db.look().run("DELETE FROM secret");
        s.delete(secret)?;
        s.flush()
    });
    assert!(matches!(error.kind(), ErrorKind::Stale { .. }));
}

#[test]
fn mistakes_in_memory_show_no_values() {
    let db = secrets();
    let kind = inserting(&db, secret("skip"));
    assert!(matches!(kind, ErrorKind::Mapping { .. }), "{kind:?}");
    let foreign = db.session().add(secret("a"));
    for error in [
        failing(&db, |s| {
            let secret = s.add(secret("b"));
            s.key(secret)
        }),
        failing(&db, |s| s.key(foreign)),
        failing(&db, |s| {
            let secret = s.get::<Secret>(1)?.expect("it is there");
            s[secret] = super::messages::secret("c");
            s.flush()
        }),
        failing(&db, |s| {
            for text in [MARKER, "other"] {
                s.add(Clue {
                    name: "a".to_owned(),
                    secret: Fk::to(1),
                    text: Some(text.to_owned()),
                });
            }
            s.flush()
        }),
        failing(&db, |s| {
            let clue = s.add(Clue {
                secret: Fk::to(1),
                ..Clue::default()
            });
            s.loaded(clue, Clue::SECRET)
        }),
        failing(&db, |s| s.one(select::<Clue>())),
        failing(&db, |s| s.get_each::<Secret>([9])),
    ] {
        assert_ne!(error.kind(), &ErrorKind::Other);
    }
}

#[test]
fn errors_of_transactions_do_not_repeat_themselves() {
    let db = secrets();
    failing(&db, |s| {
        s.execute("SET LOCAL transaction_read_only = on; ", ())
            .and_then(|_| s.insert(secret("a")))
    });
    failing(&db, |s| {
        s.execute("SET LOCAL statement_timeout = 20", ())?;
        s.execute("SELECT pg_sleep(1), $1::text", (MARKER,))
    });
    failing(&db, |s| {
        s.execute("SET LOCAL lock_timeout = 20", ())?;
        let mut holder = db.session();
        holder.get_for_update::<Secret>(1)?;
        s.get_for_update::<Secret>(1)
    });
    failing(&db, |s| {
        let error = s.execute("SELECT 1 / $1::int", (0_i32,)).unwrap_err();
        assert_discreet(&error);
        s.count(select::<Secret>())
    });
    failing(&db, |s| {
        s.close()?;
        s.count(select::<Secret>())
    });
    failing(&db, |s| s.savepoint(|s| s.commit()));
    let options = TransactionOptions::repeatable_read();
    let mut s = db.engine().session_with(options);
    let row = s.get::<Secret>(1).unwrap().unwrap();
    db.look().run("UPDATE secret SET stars = 7");
    s[row].body = format!("{MARKER}!");
    let error = s.flush().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Serialization);
    assert_discreet(&error);
}
