//! The throw-away server: that it starts, that it copies databases, that it goes away.
//!
//! Run by `cargo test`. A test that needs another environment or has to be killed runs this
//! binary once more, as a child (`child`).
//! Must not set a variable of this process: other tests run beside.

mod child;
mod databases;
mod ends;
mod fetches;
mod starts;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

/// The first column of the first row, as text.
fn ask(url: &str, sql: &str) -> String {
    let mut client = Client::connect(url, NoTls).unwrap();
    let answer = client.simple_query(sql).unwrap();
    let value = answer.iter().find_map(|message| match message {
        postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    client.close().unwrap();
    value.unwrap_or_default()
}

/// Waits up to ten seconds.
fn eventually(what: &str, condition: impl Fn() -> bool) -> Duration {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < Duration::from_secs(10), "{what}: not yet");
        std::thread::sleep(Duration::from_millis(5));
    }
    begin.elapsed()
}

/// Sends a signal, or asks with `-0` whether the process is there. The shell's own `kill`, since
/// small container images have no other.
fn kill(signal: &str, pid: u32) -> bool {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("kill {signal} {pid}"));
    shell.stderr(Stdio::null()).status().unwrap().success()
}

fn runs(pid: u32) -> bool {
    kill("-0", pid)
}
