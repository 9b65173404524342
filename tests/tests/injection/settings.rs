//! What reaches the server beside the text and the values of statements: tags, the name of the
//! program, settings of the connection.

use sessile::Engine;
use sessile::prelude::*;
use sessile::sql::*;

use super::{Canary, NUL, assert_alive, cage, hostile};

#[test]
fn tags_end_no_comment() {
    let db = cage();
    let mut s = db.session();
    for text in hostile().into_iter().chain([NUL.to_owned()]) {
        let query = select::<Canary>()
            .order_by(Canary::ID)
            .comment(text.clone(), text.clone());
        assert_eq!(s.all(query.clone()).unwrap().len(), 2);
        assert_eq!(s.count(query.clone()).unwrap(), 2);
        let rows = query.columns(Canary::ID).comment("x", text.clone());
        assert_eq!(s.rows(rows).unwrap(), [1, 2]);
        let groups = select::<Canary>()
            .group_by(Canary::NAME)
            .comment(text.clone(), "x");
        assert_eq!(s.rows(groups.columns(count())).unwrap(), [1, 1]);
    }
    assert_alive(&db);
}

/// As in a URL.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn the_name_of_a_program_is_a_name_only() {
    let db = cage();
    // The server keeps 63 bytes of it, and only those of ASCII.
    let kept =
        |text: &str| (1..=63).contains(&text.len()) && text.bytes().all(|b| (32..127).contains(&b));
    let sql = "SELECT current_setting('application_name')";
    for text in hostile().iter().filter(|text| text.len() < 5_000) {
        let url = format!("{}?application_name={}", db.url(), encoded(text));
        for builder in [
            Engine::builder(db.url()).application_name(text.clone()),
            Engine::builder(&url),
        ] {
            let engine = builder.pool_size(1).build().unwrap();
            let name = engine
                .transaction(|s| s.rows(raw::<String>(sql, ())))
                .unwrap();
            if kept(text) {
                assert_eq!(name, [text.as_str()]);
            }
        }
    }
    let engine = Engine::builder(db.url()).application_name(NUL).build();
    let result =
        engine.and_then(|engine| engine.transaction(|s| s.rows(raw::<i32>("SELECT 1", ()))));
    let kind = result.unwrap_err().kind().clone();
    assert!(
        matches!(kind, ErrorKind::Config { .. } | ErrorKind::Connection),
        "{kind:?}"
    );
    assert_alive(&db);
}

#[test]
fn a_name_of_a_database_is_a_name_only() {
    let db = cage();
    let at = db.url().split('?').next().unwrap().rfind('/').unwrap();
    let (server, rest) = db.url().split_at(at);
    let parameters = rest
        .split_once('?')
        .map_or("", |(_, parameters)| parameters);
    for text in hostile()
        .iter()
        .filter(|text| !text.is_empty() && text.len() < 5_000)
    {
        let url = format!("{server}/{}?{parameters}", encoded(text));
        let result = Engine::connect(&url)
            .and_then(|engine| engine.transaction(|s| s.count(select::<Canary>())));
        let kind = result.unwrap_err().kind().clone();
        let is_typed = matches!(
            kind,
            ErrorKind::Config { .. } | ErrorKind::Connection | ErrorKind::Database { .. }
        );
        assert!(is_typed, "{text}: {kind:?}");
    }
    assert_alive(&db);
}
