//! What the README shows is what happens.

use std::fs;
use std::path::Path;
use std::process::Command;

use sessile::test_support::TestDatabase;

#[test]
fn the_program_of_the_readme_prints_what_it_says() {
    let database = TestDatabase::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_readme"))
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, block(&file("README.md"), "text"));
}

#[test]
fn the_readme_shows_the_program_that_is_run() {
    let program = file("tests/src/bin/readme.rs");
    let (_head, program) = program.split_once("\n\n").unwrap();
    assert_eq!(block(&file("README.md"), "rust"), program);
}

#[test]
fn the_readme_begins_with_the_two_commands() {
    let commands = block(&file("README.md"), "sh");
    let commands: Vec<&str> = commands.lines().collect();
    let expected = ["cargo run --example quickstart", "cargo test --workspace"];
    let without_comments = commands
        .iter()
        .map(|line| line.split('#').next().unwrap_or_default());
    assert!(without_comments.map(str::trim).eq(expected), "{commands:?}");
}

#[test]
fn ci_takes_its_commands_from_the_readme() {
    let script = file(".ci/run");
    assert!(script.contains("README.md"));
    assert!(!script.contains("cargo test --workspace"));
}

/// The first block of a language.
fn block(text: &str, language: &str) -> String {
    let (_, rest) = text.split_once(&format!("```{language}\n")).unwrap();
    let (block, _) = rest.split_once("```\n").unwrap();
    block.to_owned()
}

fn file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(path)).unwrap()
}
