//! What only one room may name: the driver, the pool, the query builder, blocking threads; and
//! what nobody may.

use super::assert_none;
use super::files::{File, all, findings};
use super::tokens::{Name, names, tokens};

/// A name, the beginnings of the paths that may have it, and what to do instead.
struct Rule {
    names: fn(&Name) -> bool,
    what: &'static str,
    allowed: &'static [&'static str],
}

const RULES: [Rule; 7] = [
    Rule {
        names: |name| name.before == "postgres" && name.name == "Client",
        what: "`postgres::Client` belongs to `engine`",
        allowed: &["core/src/engine/", "core/src/test_support/", "tests/"],
    },
    Rule {
        names: |name| name.name == "r2d2",
        what: "`r2d2` belongs to `engine`",
        // The yardstick measures against a pool of its own.
        allowed: &["core/src/engine/", "tests/bench/"],
    },
    Rule {
        names: |name| name.name == "sea_query",
        what: "`sea_query` belongs to `statement`",
        allowed: &["core/src/statement/"],
    },
    Rule {
        names: |name| name.name == "tokio",
        what: "`tokio` belongs to the facade",
        allowed: &["async-facade/", "tests/", "core/src/engine/tests/"],
    },
    Rule {
        names: |name| name.name == "spawn_blocking",
        what: "`spawn_blocking` belongs to one file of the facade",
        allowed: &["async-facade/src/", "tests/"],
    },
    Rule {
        names: |name| name.name == "unsafe",
        what: "`unsafe` is forbidden",
        allowed: &[],
    },
    Rule {
        names: |name| name.bang && matches!(name.name.as_str(), "todo" | "dbg"),
        what: "an unfinished thought: `todo!` or `dbg!`",
        allowed: &[],
    },
];

#[test]
fn what_belongs_to_one_room_is_named_there_only() {
    assert_none(&findings(check));
}

#[test]
fn one_file_names_spawn_blocking() {
    let names_it = |file: &&File| {
        file.path.starts_with("async-facade/src/") && file.text.contains("spawn_blocking(")
    };
    let files: Vec<String> = all()
        .iter()
        .filter(names_it)
        .map(|f| f.path.clone())
        .collect();
    assert!(files.len() < 2, "{files:?}");
}

fn check(file: &File) -> Vec<String> {
    if !file.is_rust() {
        return Vec::new();
    }
    let names = names(tokens(&file.path, &file.text));
    RULES
        .iter()
        .filter(|rule| !rule.allowed.iter().any(|path| file.path.starts_with(path)))
        .filter(|rule| names.iter().any(rule.names))
        .map(|rule| format!("{}: {}", file.path, rule.what))
        .collect()
}

#[test]
fn a_name_outside_its_room_is_found() {
    let findings = |path, text| check(&File::new(path, text)).len();
    let session = "core/src/session/a.rs";
    for bad in [
        "use postgres::Client;",
        "use postgres::{Client, NoTls};",
        "fn f() { postgres::Client::connect(url, tls) }",
        "use r2d2::Pool;",
        "use sea_query::Expr;",
        "use tokio::task;",
        "fn f() { spawn_blocking(g) }",
        "fn f() { unsafe { g() } }",
        "fn f() { todo!() }",
        "fn f() { dbg!(g()) }",
    ] {
        assert_eq!(findings(session, bad), 1, "{bad}");
    }
    assert_eq!(findings("core/src/engine/a.rs", "use r2d2::Pool;"), 0);
    assert_eq!(findings(session, "// unsafe\nfn f() { g(\"r2d2\") }"), 0);
}
