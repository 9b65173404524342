//! This test binary run once more, with another environment, or to be killed.
//!
//! Called by the other modules. A child runs one test by its name, `#[test]` functions below that
//! pass at once in the parent.
//! Must not inherit the parent's choice of server.

use std::env;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use sessile::test_support::{Cluster, Origin, TestDatabase};

/// Names the test that is a child.
const ROLE: &str = "SESSILE_TEST_CHILD";
/// Where the child writes the number and the directory of its server.
pub(super) const NOTE: &str = "SESSILE_TEST_NOTE";

/// Runs a child to its end; an error is what it printed.
pub(super) fn run(role: &str, environment: &[(&str, &str)]) -> Result<String, String> {
    let output = command(role, environment).output().unwrap();
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        Ok(text)
    } else {
        Err(text)
    }
}

/// Starts a child that stays until it is killed.
pub(super) fn spawn(role: &str, environment: &[(&str, &str)]) -> Child {
    command(role, environment)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn command(role: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", &format!("cluster::child::{role}"), "--nocapture"])
        .env_remove("DATABASE_URL")
        .env(ROLE, role)
        .envs(environment.iter().copied());
    command
}

fn is(role: &str) -> bool {
    env::var(ROLE).as_deref() == Ok(role)
}

#[test]
fn server() {
    if !is("server") {
        return;
    }
    let cluster = Cluster::start().unwrap();
    if let Ok(note) = env::var(NOTE) {
        let directory = cluster.directory().unwrap().display();
        fs::write(note, format!("{} {directory}\n", cluster.pid().unwrap())).unwrap();
    }
    // Longer than any parent waits; a parent that dies leaves no child for ever.
    thread::sleep(Duration::from_secs(30));
}

#[test]
fn given_server() {
    if !is("given_server") {
        return;
    }
    let empty = TestDatabase::new().unwrap();
    let copy = TestDatabase::from_template("some", |_| Ok(())).unwrap();
    assert_eq!(
        super::ask(empty.url(), "select current_database()"),
        empty.name()
    );
    assert_eq!(
        super::ask(copy.url(), "select current_database()"),
        copy.name()
    );
    let shared = Cluster::shared().unwrap();
    assert_eq!(*shared.origin(), Origin::DatabaseUrl);
    assert_eq!(shared.pid(), None);
    assert!(shared.restart().is_err());
}

#[test]
fn fetched_server() {
    if !is("fetched_server") {
        return;
    }
    let cluster = Cluster::start().unwrap();
    assert!(matches!(cluster.origin(), Origin::Fetched(_)));
    let version = super::ask(&cluster.url("postgres"), "show server_version");
    assert!(version.starts_with(cluster.version()));
    println!("PostgreSQL {version}, {}", cluster.origin());
}
