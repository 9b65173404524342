//! The architecture is a test: what is said of the house is looked up in its files.
//!
//! One file per rule. Each fails with the names of the files that break it, and has a test on a
//! bad snippet, so that it is known to be able to fail.
//! It must not know exceptions without saying why.

mod ceilings;
mod confined;
mod files;
mod floors;
mod heads;
mod text;
mod tokens;

/// Fails with one line for each finding.
#[track_caller]
fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "\n  {}\n", findings.join("\n  "));
}
