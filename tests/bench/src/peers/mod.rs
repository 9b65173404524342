//! The peers, one file each.
//!
//! `race`, `counts` and `alone` go through the list; the first one is what ratios refer to.
//! A new peer is a file here and a line in the list.
//! It must not do a peer's work.

pub(crate) mod facade;
pub(crate) mod floor;
pub(crate) mod models;
pub(crate) mod sessile;
mod sql;
mod tokio_postgres;

use crate::peer::Entry;
use crate::peer::Workload::{W1, W2, W3, W4, W5, W6};

/// All peers; the floor first.
pub(crate) const PEERS: [Entry; 7] = [
    Entry {
        name: "floor",
        takes: &[W1, W2, W3, W4, W5, W6],
        open: floor::open,
    },
    Entry {
        name: "tokio-postgres",
        takes: &[W1, W2, W3, W4, W5, W6],
        open: tokio_postgres::open,
    },
    Entry {
        name: "sessile",
        takes: &[W1, W2, W3, W4, W5, W6],
        open: sessile::open,
    },
    Entry {
        name: "sessile, a session each",
        takes: &[W1],
        open: sessile::open_session_each,
    },
    Entry {
        name: "sessile, siblings",
        takes: &[W5],
        open: sessile::open_siblings,
    },
    Entry {
        name: "facade, one hop",
        takes: &[W6],
        open: facade::open_one_hop,
    },
    Entry {
        name: "facade, call by call",
        takes: &[W6],
        open: facade::open_calls,
    },
];
