//! Every file opens with what it is, who calls it and what it must not do.
//!
//! A test says what it claims in its name, so a file of tests needs a sentence only.

use super::assert_none;
use super::files::{File, findings};

/// Words with which a head draws a line. A file without one has not said what it must not do.
const LIMITS: [&str; 7] = [
    "ust not",
    "Pure",
    "never",
    "knows nothing",
    "Nothing",
    "No ",
    "no more than",
];

#[test]
fn every_file_has_a_head() {
    assert_none(&findings(check));
}

fn check(file: &File) -> Vec<String> {
    if !file.is_rust() {
        return Vec::new();
    }
    let head: Vec<&str> = file
        .text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .collect();
    let text = head.join(" ");
    let sentences = text.split_inclusive(['.', ':']);
    let sentences = sentences.filter(|s| s.ends_with(['.', ':'])).count();
    let problem = if head.is_empty() || sentences == 0 {
        "no head: `//!` lines that say what it is"
    } else if file.is_test() {
        return Vec::new();
    } else if sentences < 2 || head.len() < 2 {
        "its head is not three answers: what it is, who calls it, what it must not do"
    } else if !LIMITS.iter().any(|limit| text.contains(limit)) {
        "its head does not say what it must not do"
    } else {
        return Vec::new();
    };
    vec![format!("{}: {problem}", file.path)]
}

#[test]
fn a_missing_or_short_head_is_found() {
    let check = |path, text| check(&File::new(path, text));
    let good = "//! Counts.\n//!\n//! Called by `a`.\n//! It must not add.\n\nfn f() {}\n";
    assert_eq!(check("core/src/a.rs", good).len(), 0);
    assert_eq!(check("core/src/a.rs", "fn f() {}\n").len(), 1);
    assert_eq!(check("core/src/a.rs", "//! Counts.\n").len(), 1);
    let endless = "//! Counts.\n//!\n//! Called by `a`. Adds.\n";
    assert_eq!(check("core/src/a.rs", endless).len(), 1);
    assert_eq!(check("tests/tests/a/mod.rs", "//! Counting.\n").len(), 0);
    assert_eq!(check("tests/tests/a/mod.rs", "use a::b;\n").len(), 1);
}
