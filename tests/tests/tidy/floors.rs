//! A room names rooms on lower floors only: never a neighbour, never upward.
//!
//! Read from paths that begin with `crate::`, or climb to it with `super::`; code for tests is
//! free. `lib.rs` is the map of the house and may name everything.

use std::collections::{BTreeMap, BTreeSet};

use super::assert_none;
use super::files::{File, all};
use super::tokens::{Name, names, test_modules, tokens};

/// The rooms of `core`, with their floors.
const ROOMS: [(&str, u8); 10] = [
    ("error", 0),
    ("model", 1),
    ("engine", 2),
    ("statement", 3),
    ("query", 4),
    ("identity_map", 4),
    ("loader", 5),
    ("unit_of_work", 5),
    ("session", 6),
    ("test_support", 7),
];

const CORE: &str = "core/src/";
const MAP: &str = "core/src/lib.rs";

#[test]
fn rooms_name_lower_floors_only() {
    assert_none(&check(&all()));
}

#[test]
fn the_house_has_these_rooms_and_no_others() {
    let rooms: BTreeSet<String> = all()
        .iter()
        .filter_map(|file| Some(file.path.strip_prefix(CORE)?.split_once('/')?.0.to_owned()))
        .collect();
    let known: BTreeSet<String> = ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(rooms, known);
}

fn check(files: &[File]) -> Vec<String> {
    let core: Vec<&File> = files
        .iter()
        .filter(|file| file.path.starts_with(CORE) && file.is_rust())
        .collect();
    let exports = exports(&core);
    let tests = test_files(&core);
    let mut findings = BTreeSet::new();
    for file in core {
        let Some((room, _)) = file.path[CORE.len()..].split_once('/') else {
            continue;
        };
        if tests.iter().any(|test| file.path.starts_with(test)) {
            continue;
        }
        for name in names(tokens(&file.path, &file.text)) {
            let Some(first) = first_below_the_root(&file.path, &name) else {
                continue;
            };
            let target = exports.get(first).map_or(first, String::as_str);
            if let Some(problem) = problem(room, target) {
                findings.insert(format!("{}: `crate::{first}` {problem}", file.path));
            }
        }
    }
    findings.into_iter().collect()
}

fn problem(room: &str, target: &str) -> Option<String> {
    if room == target {
        return None;
    }
    let Some(floor) = floor(room) else {
        return Some(format!("is named from `{room}`, which has no floor"));
    };
    match floor_of_target(target) {
        None => Some("is in no room that has a floor".to_owned()),
        Some(above) if above >= floor => Some(format!(
            "is on floor {above}, and {room} on floor {floor} may name lower ones only"
        )),
        Some(_) => None,
    }
}

fn floor(room: &str) -> Option<u8> {
    let found = ROOMS.iter().find(|(name, _)| *name == room)?;
    Some(found.1)
}

/// What derived code is given is the highest floor of all: nobody in the house may name it.
fn floor_of_target(target: &str) -> Option<u8> {
    match target {
        "prelude" | "sql" | "__private" => Some(u8::MAX),
        _ => floor(target),
    }
}

/// The first part of a path below the crate's root, if this name is that part.
fn first_below_the_root<'n>(path: &str, name: &'n Name) -> Option<&'n str> {
    let to_root = vec!["super"; depth(path) + name.depth].join("::");
    let at_root = name.before == "crate" || name.before == to_root;
    let is_part = !matches!(name.name.as_str(), "super" | "self");
    (at_root && is_part).then_some(name.name.as_str())
}

/// How many `super` lead from a file to the crate's root.
fn depth(path: &str) -> usize {
    let parts = path[CORE.len()..].split('/');
    parts.filter(|part| *part != "mod.rs").count()
}

/// What has a name of the root, with its room: what `lib.rs` exports, and the macros for users,
/// which Rust puts there wherever they are written.
fn exports(core: &[&File]) -> BTreeMap<String, String> {
    let Some(map) = core.iter().find(|file| file.path == MAP) else {
        return BTreeMap::new();
    };
    let exported = names(tokens(MAP, &map.text))
        .into_iter()
        .filter(|name| floor(&name.before).is_some())
        .map(|name| (name.name, name.before));
    exported
        .chain(core.iter().filter_map(macro_for_users))
        .collect()
}

/// The macro that a file has for users, with the file's room.
fn macro_for_users(file: &&File) -> Option<(String, String)> {
    let (_, written) = file.text.split_once("#[macro_export]\nmacro_rules! ")?;
    let (name, _) = written.split_once(' ')?;
    let (room, _) = file.path[CORE.len()..].split_once('/')?;
    Some((name.to_owned(), room.to_owned()))
}

/// The files and folders of modules that are for tests only.
fn test_files(core: &[&File]) -> Vec<String> {
    let mut tests = Vec::new();
    for file in core {
        let folder = match file.path.strip_suffix("/mod.rs") {
            Some(folder) => folder,
            None => &file.path[..file.path.len() - ".rs".len()],
        };
        for module in test_modules(tokens(&file.path, &file.text)) {
            tests.push(format!("{folder}/{module}.rs"));
            tests.push(format!("{folder}/{module}/"));
        }
    }
    tests
}

#[test]
fn a_name_of_the_same_or_a_higher_floor_is_found() {
    let map = "pub use session::{Session, Models};";
    let findings = |path, text| check(&[File::new(MAP, map), File::new(path, text)]).len();
    let loader = "core/src/loader/a.rs";
    assert_eq!(findings(loader, "use crate::{error::Error, engine};"), 0);
    assert_eq!(
        findings(loader, "use crate::{error, unit_of_work::plan};"),
        1
    );
    assert_eq!(findings(loader, "use crate::session::Session;"), 1);
    assert_eq!(findings(loader, "fn f() { crate::Session::new() }"), 1);
    assert_eq!(findings(loader, "use super::super::session;"), 1);
    assert_eq!(findings(loader, "use super::session;"), 0);
    assert_eq!(findings(loader, "mod b { use super::super::a; }"), 0);
    assert_eq!(findings("core/src/loader/mod.rs", "use super::session;"), 1);
    assert_eq!(findings(loader, "use crate::prelude::Handle;"), 1);
    assert_eq!(findings(loader, "use crate::attic::Box;"), 1);
    assert_eq!(findings("core/src/attic/a.rs", "use crate::error;"), 1);
    assert_eq!(
        findings("core/src/query/a.rs", "use crate::identity_map::X;"),
        1
    );
    assert_eq!(
        findings(loader, "macro_rules! m { () => { $crate::session } }"),
        1
    );
    assert_eq!(
        findings(
            loader,
            "#[macro_export]\nmacro_rules! m { () => { $crate::m!() } }"
        ),
        0
    );
    assert_eq!(
        findings(
            loader,
            "//! `crate::session`\n#[cfg(test)] use crate::session;"
        ),
        0
    );
}
