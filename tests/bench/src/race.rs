//! All peers side by side in one process, in an order that rotates with each repetition.
//!
//! `main` calls it for each workload.
//! It must not drop a repetition, nor warm up one peer more than another.

use crate::course::{Course, Run, Storm};
use crate::peer::{Entry, Peer, Result, Sums, Workload};
use crate::peers::PEERS;

/// How wide the pool of W6 is.
pub(crate) const WIDTHS: [usize; 3] = [1, 8, 32];

/// Runs that are not timed: Sessile prepares a statement when it meets it for the second time.
const WARM_UP: usize = 2;

/// The runs of one peer.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) peer: &'static str,
    pub(crate) runs: Vec<Run>,
}

/// The storms of one peer.
#[derive(Debug)]
pub(crate) struct StormLane {
    pub(crate) peer: &'static str,
    pub(crate) storms: Vec<Storm>,
}

/// The peers that take part in a workload; the floor is the first.
pub(crate) fn entries(workload: Workload) -> Vec<Entry> {
    let takes = |entry: &Entry| entry.takes.contains(&workload);
    PEERS.into_iter().filter(takes).collect()
}

/// Times one of W1 to W5.
pub(crate) fn race(course: &mut Course, workload: Workload) -> Result<Vec<Lane>> {
    let entries = entries(workload);
    let mut peers = open(course, &entries)?;
    let mut lanes: Vec<Lane> = entries
        .iter()
        .map(|entry| Lane {
            peer: entry.name,
            runs: Vec::new(),
        })
        .collect();
    for repetition in 0..WARM_UP + course.sizes.repetitions {
        let mut all: Vec<Option<Sums>> = vec![None; peers.len()];
        for place in 0..peers.len() {
            let turn = (repetition + place) % peers.len();
            let run = course.run(&mut *peers[turn], workload)?;
            all[turn] = Some(run.sums);
            if repetition >= WARM_UP {
                lanes[turn].runs.push(run);
            }
        }
        same(&entries, &all)?;
    }
    Ok(lanes)
}

fn open(course: &Course, entries: &[Entry]) -> Result<Vec<Box<dyn Peer>>> {
    let url = course.database.url();
    entries.iter().map(|entry| (entry.open)(url, 1)).collect()
}

/// Checks every peer's result against the floor's.
fn same(entries: &[Entry], all: &[Option<Sums>]) -> Result<()> {
    for (entry, sums) in entries.iter().zip(all) {
        if *sums != all[0] {
            let name = entry.name;
            return Err(format!("{name}: {sums:?}, the floor: {:?}", all[0]).into());
        }
    }
    Ok(())
}

/// Times W6 with so many workers and connections. Connections are opened anew for each run: all
/// peers' together would be more than the server admits.
pub(crate) fn storm(course: &mut Course, width: usize) -> Result<Vec<StormLane>> {
    let entries = entries(Workload::W6);
    let mut lanes: Vec<StormLane> = entries
        .iter()
        .map(|entry| StormLane {
            peer: entry.name,
            storms: Vec::new(),
        })
        .collect();
    for repetition in 0..course.sizes.storms {
        for place in 0..entries.len() {
            let turn = (repetition + place) % entries.len();
            let mut peer = (entries[turn].open)(course.database.url(), width)?;
            let storm = course.storm(&mut *peer, width, repetition as u64)?;
            lanes[turn].storms.push(storm);
        }
    }
    Ok(lanes)
}
