//! Time on a CPU, of this process and of the server's processes for its connections.
//!
//! `course` reads it around each run of W1 to W5: unlike the clock it hardly sees what else the
//! machine is busy with, and it tells whose time it is.
//! It must not fail: where the system does not say, there are no such columns.

use std::fs;
use std::time::Duration;

use postgres::Client;

/// Time on a CPU.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    pub(crate) client: Duration,
    pub(crate) server: Duration,
}

/// The processes that are watched.
#[derive(Debug)]
pub(crate) struct Watched(Vec<i32>);

impl Watched {
    /// The connections of this database but for this one, if the server runs on this machine.
    pub(crate) fn connections(client: &mut Client) -> Watched {
        let sql = "SELECT pid FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let rows = client.query(sql, &[]).unwrap_or_default();
        Watched(rows.iter().map(|row| row.get(0)).collect())
    }

    /// What they have used up so far.
    pub(crate) fn read(&self) -> Option<Cpu> {
        let processes = self.0.iter();
        let server: Option<Duration> = processes.map(|pid| of_process(&pid.to_string())).sum();
        Some(Cpu {
            client: of_process("self")?,
            server: server?,
        })
    }
}

impl Cpu {
    /// What has been used up since then.
    pub(crate) fn since(self, before: Cpu) -> Cpu {
        Cpu {
            client: self.client.saturating_sub(before.client),
            server: self.server.saturating_sub(before.server),
        }
    }
}

/// Of all threads that live.
fn of_process(process: &str) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let of_thread = |entry: fs::DirEntry| {
        let text = fs::read_to_string(entry.path().join("schedstat")).ok()?;
        let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanoseconds))
    };
    threads.flatten().map(of_thread).sum()
}
