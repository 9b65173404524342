//! Round trips, statements and bytes of each peer, counted by the proxy.
//!
//! `main` calls it for the table, and to compare with `counts.txt`.
//! It must not depend on time: two passes over the same code count the same.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::course::Course;
use crate::peer::{Peer, Result, Workload};
use crate::peers::PEERS;
use crate::proxy::{Counts, Proxy};
use crate::rows::transfers;

/// What one peer sends for one run of a workload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    pub(crate) workload: Workload,
    pub(crate) peer: &'static str,
    /// The first run on a connection; what is prepared ahead is not counted.
    pub(crate) first: Counts,
    /// Later runs, with everything prepared.
    pub(crate) later: Counts,
}

/// How many transfers are counted.
pub(crate) const TRANSFERS: usize = 100;

/// Counts every peer once in each of these workloads.
pub(crate) fn counts(course: &mut Course, workloads: &[Workload]) -> Result<Vec<Count>> {
    let proxy = Proxy::start(course.database.url())?;
    let mut counts = Vec::new();
    for workload in workloads {
        for entry in PEERS.iter().filter(|e| e.takes.contains(workload)) {
            let mut peer = (entry.open)(proxy.url(), 1)?;
            proxy.take();
            run(course, &mut *peer, *workload)?;
            let first = proxy.take();
            // The second run prepares what the first one met; the third is as all that follow.
            run(course, &mut *peer, *workload)?;
            proxy.take();
            run(course, &mut *peer, *workload)?;
            counts.push(Count {
                workload: *workload,
                peer: entry.name,
                first,
                later: proxy.take(),
            });
        }
    }
    Ok(counts)
}

fn run(course: &mut Course, peer: &mut dyn Peer, workload: Workload) -> Result<()> {
    if workload != Workload::W6 {
        return course.run(peer, workload).map(|_| ());
    }
    course.database.reset(workload)?;
    peer.transfer(transfers(TRANSFERS, 1, 0)).map(|_| ())
}

/// What must not change unseen: messages, not bytes, which follow the names of statements.
type Kept = BTreeMap<(String, String), [u64; 6]>;

/// Where the expected counts are.
pub(crate) fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.txt")
}

/// Writes the counts as those to be expected.
pub(crate) fn write(counts: &[Count]) -> Result<()> {
    let mut text = String::from(
        "# workload | peer | first run: round trips, statements, parses | later runs: the same\n",
    );
    for ((workload, peer), n) in kept(counts) {
        let [a, b, c, d, e, f] = n;
        writeln!(text, "{workload} | {peer} | {a} {b} {c} | {d} {e} {f}")?;
    }
    Ok(std::fs::write(file(), text)?)
}

/// The differences between these counts and those to be expected, a line each.
pub(crate) fn differences(counts: &[Count]) -> Result<Vec<String>> {
    let expected = read(&std::fs::read_to_string(file())?)?;
    let found = kept(counts);
    let mut lines = Vec::new();
    for (key, counted) in &found {
        match expected.get(key) {
            Some(known) if known == counted => {}
            Some(known) => lines.push(format!("{} {}: {known:?} -> {counted:?}", key.0, key.1)),
            None => lines.push(format!("{} {}: {counted:?} is not expected", key.0, key.1)),
        }
    }
    let gone = expected.keys().filter(|key| !found.contains_key(*key));
    lines.extend(gone.map(|key| format!("{} {}: expected, not counted", key.0, key.1)));
    Ok(lines)
}

fn kept(counts: &[Count]) -> Kept {
    let numbers = |c: &Counts| [c.round_trips, c.statements, c.parses];
    let line = |count: &Count| {
        let ([a, b, c], [d, e, f]) = (numbers(&count.first), numbers(&count.later));
        let key = (count.workload.to_string(), count.peer.to_owned());
        (key, [a, b, c, d, e, f])
    };
    counts.iter().map(line).collect()
}

fn read(text: &str) -> Result<Kept> {
    let mut kept = Kept::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let [workload, peer, first, later] = parts.as_slice() else {
            return Err(format!("counts.txt: four parts are expected in {line:?}").into());
        };
        let numbers: std::result::Result<Vec<u64>, _> = first
            .split_whitespace()
            .chain(later.split_whitespace())
            .map(str::parse)
            .collect();
        let numbers = <[u64; 6]>::try_from(numbers?).map_err(|_| "counts.txt: six numbers")?;
        kept.insert(((*workload).to_owned(), (*peer).to_owned()), numbers);
    }
    Ok(kept)
}
