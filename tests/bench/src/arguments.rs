//! The command line.
//!
//! Called by `main`.
//! Pure: it must not do what it reads.

use crate::peer::{Result, Workload};

/// What to do, and with which workloads.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) task: Task,
    pub(crate) quick: bool,
    pub(crate) workloads: Vec<Workload>,
}

/// What to do.
#[derive(Debug)]
pub(crate) enum Task {
    /// Time and count, and print tables.
    Race,
    /// Count, and compare with `counts.txt`.
    CheckCounts,
    /// Count, and write `counts.txt`.
    WriteCounts,
    /// One peer, one workload, so many times.
    Alone(String, usize),
}

/// How it is called.
pub(crate) const USAGE: &str = "yardstick [--quick] [W1 .. W6]
yardstick --check counts
yardstick --write counts
yardstick [--quick] --alone WORKLOAD PEER TIMES";

/// Reads the words behind the program's name.
pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Arguments> {
    let mut arguments = Arguments {
        task: Task::Race,
        quick: false,
        workloads: Vec::new(),
    };
    let next = |words: &mut dyn Iterator<Item = String>| words.next().ok_or(USAGE);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--quick" => arguments.quick = true,
            "--check" | "--write" => {
                if next(&mut words)? != "counts" {
                    return Err(USAGE.into());
                }
                arguments.task = match word.as_str() {
                    "--check" => Task::CheckCounts,
                    _ => Task::WriteCounts,
                };
            }
            "--alone" => {
                arguments.workloads = vec![workload(&next(&mut words)?)?];
                let peer = next(&mut words)?;
                arguments.task = Task::Alone(peer, next(&mut words)?.parse()?);
            }
            name => arguments.workloads.push(workload(name)?),
        }
    }
    if arguments.workloads.is_empty() {
        arguments.workloads = Workload::ALL.to_vec();
    }
    Ok(arguments)
}

fn workload(name: &str) -> Result<Workload> {
    let mut all = Workload::ALL.into_iter();
    let found = all.find(|workload| workload.to_string() == name);
    found.ok_or_else(|| USAGE.into())
}
