//! One peer with one workload in a process of its own: for its peak memory, and for profilers.
//!
//! `main` runs it for `--alone`, and starts such a process for each peer of W2.
//! It must not open a database where the caller has one.

use std::process::Command;

use crate::course::Course;
use crate::peer::{Entry, Result, Workload};
use crate::peers::PEERS;
use crate::race::entries;

/// Names the database of the process that asks.
const URL: &str = "YARDSTICK_URL";

/// Runs a workload so many times, and returns the peak of the process's memory in KiB.
pub(crate) fn alone(
    name: &str,
    workload: Workload,
    times: usize,
    course: impl FnOnce() -> Result<Course>,
) -> Result<u64> {
    let mut entries = PEERS.iter();
    let entry = entries
        .find(|entry| entry.name == name && entry.takes.contains(&workload))
        .ok_or_else(|| format!("no peer {name:?} takes part in {workload}"))?;
    match std::env::var(URL) {
        Ok(url) if workload == Workload::W2 => {
            let mut peer = (entry.open)(&url, 1)?;
            for _ in 0..times {
                peer.all()?();
            }
        }
        _ => in_course(entry, workload, times, &mut course()?)?,
    }
    peak()
}

fn in_course(entry: &Entry, workload: Workload, times: usize, course: &mut Course) -> Result<()> {
    let mut peer = (entry.open)(course.database.url(), 1)?;
    for round in 0..times {
        match workload {
            Workload::W6 => drop(course.storm(&mut *peer, 1, round as u64)?),
            _ => drop(course.run(&mut *peer, workload)?),
        }
    }
    Ok(())
}

/// The most memory that this process has had, in KiB.
fn peak() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("the system does not say")?.parse()?)
}

/// The peak memory of W2 for each peer, each in a fresh process, in KiB.
pub(crate) fn peaks(url: &str) -> Result<Vec<(&'static str, u64)>> {
    let mut peaks = Vec::new();
    for entry in entries(Workload::W2) {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--alone", "W2", entry.name, "1"]);
        let output = command.env(URL, url).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let text = String::from_utf8(output.stdout)?;
        peaks.push((entry.name, text.trim().parse()?));
    }
    Ok(peaks)
}
