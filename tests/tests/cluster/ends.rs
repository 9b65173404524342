//! That a server never outlives its process, and that nothing of it stays.
//!
//! Run by `cargo test`.
//! Must not rely on destructors alone: the process is killed, too.

use std::fs;
use std::path::PathBuf;

use sessile::test_support::Cluster;

use super::{ask, child, eventually, kill, runs};

#[test]
fn a_dropped_server_is_gone_with_its_directory() {
    let cluster = Cluster::start().unwrap();
    let pid = cluster.pid().unwrap();
    let directory = cluster.directory().unwrap().to_owned();
    assert!(runs(pid));
    drop(cluster);
    assert!(!runs(pid));
    assert!(!directory.exists());
}

#[test]
fn a_server_that_was_stopped_leaves_no_directory_either() {
    let cluster = Cluster::start().unwrap();
    let directory = cluster.directory().unwrap().to_owned();
    cluster.stop_hard().unwrap();
    drop(cluster);
    assert!(!directory.exists());
}

#[test]
fn a_server_that_was_killed_leaves_nothing_either() {
    let cluster = Cluster::start().unwrap();
    let directory = cluster.directory().unwrap().to_owned();
    // The other kinds of shared memory stay behind when nobody can clean up.
    let memory = ask(&cluster.url("postgres"), "show dynamic_shared_memory_type");
    assert_eq!(memory, "mmap");
    assert!(kill("-KILL", cluster.pid().unwrap()));
    eventually("the server has ended", || cluster.pid().is_none());
    cluster.restart().unwrap();
    assert!(kill("-KILL", cluster.pid().unwrap()));
    drop(cluster);
    assert!(!directory.exists());
}

#[test]
fn a_killed_process_takes_its_server_along() {
    let (mut owner, pid, directory) = child_with_server();
    assert!(kill("-KILL", owner.id()));
    owner.wait().unwrap();
    let took = eventually("the server is gone", || !runs(pid) && !directory.exists());
    println!("server and directory gone {took:?} after SIGKILL");
}

#[test]
fn an_aborted_process_takes_its_server_along() {
    let (mut owner, pid, directory) = child_with_server();
    assert!(kill("-ABRT", owner.id()));
    owner.wait().unwrap();
    eventually("the server is gone", || !runs(pid) && !directory.exists());
}

#[test]
fn a_process_that_is_killed_during_initdb_leaves_nothing() {
    let mut owner = child::spawn("server", &[]);
    let prefix = format!("sessile-{}-", owner.id());
    let directories = || -> Vec<PathBuf> {
        ["/dev/shm", "/tmp", "/var/tmp"]
            .iter()
            .filter_map(|place| fs::read_dir(place).ok())
            .flat_map(|entries| entries.flatten())
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
            .map(|entry| entry.path())
            .collect()
    };
    eventually("initdb has begun", || {
        directories().iter().any(|path| path.join("pid").exists())
    });
    assert!(kill("-KILL", owner.id()));
    owner.wait().unwrap();
    eventually("the directory is gone", || directories().is_empty());
}

/// A child with a server, the server's process number and its directory.
fn child_with_server() -> (std::process::Child, u32, PathBuf) {
    let note = std::env::temp_dir().join(format!(
        "sessile-note-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    let owner = child::spawn("server", &[(child::NOTE, note.to_str().unwrap())]);
    let read = || fs::read_to_string(&note).unwrap_or_default();
    eventually("the child has a server", || read().ends_with('\n'));
    let text = read();
    fs::remove_file(&note).unwrap();
    let (pid, directory) = text.trim_end().split_once(' ').unwrap();
    (owner, pid.parse().unwrap(), PathBuf::from(directory))
}
