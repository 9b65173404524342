//! No file grows beyond what can be read in one go.
//!
//! A file that reaches its ceiling holds two ideas: give each its own.

use super::assert_none;
use super::files::{File, findings};

const SOURCE: usize = 400;
const TESTS: usize = 500;

/// Files that may be longer, with the lines that they may have and why. Keep it empty.
const EXCEPTIONS: [(&str, usize, &str); 0] = [];

#[test]
fn no_file_is_over_its_ceiling() {
    assert_none(&findings(check));
}

fn check(file: &File) -> Vec<String> {
    if !file.path.ends_with(".rs") {
        return Vec::new();
    }
    let usual = if file.is_test() { TESTS } else { SOURCE };
    let exception = EXCEPTIONS.iter().find(|(path, ..)| *path == file.path);
    let ceiling = exception.map_or(usual, |(_, lines, _)| *lines);
    let lines = file.text.lines().count();
    if lines <= ceiling {
        return Vec::new();
    }
    vec![format!("{}: {lines} lines, at most {ceiling}", file.path)]
}

#[test]
fn a_file_that_is_too_long_is_found() {
    let lines = |count| "\n".repeat(count);
    let check = |path, count| check(&File::new(path, &lines(count))).len();
    assert_eq!(check("core/src/a.rs", 400), 0);
    assert_eq!(check("core/src/a.rs", 401), 1);
    assert_eq!(check("tests/tests/a.rs", 500), 0);
    assert_eq!(check("tests/tests/a.rs", 501), 1);
}
