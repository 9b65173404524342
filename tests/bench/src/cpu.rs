//! Time on a CPU, of this process and of the server's processes for its connections.
//!
//! `course` reads it around each run: unlike the clock it hardly sees what else the
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

/// Whose threads are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threads {
    /// Those that live, to the nanosecond.
    Living,
    /// Those that have ended, too, to a hundredth of a second.
    All,
}

impl Cpu {
    /// What this process and the server's processes for the other connections of this database
    /// have used up so far, if the server runs on this machine.
    pub(crate) fn read(database: &mut Client, threads: Threads) -> Option<Cpu> {
        let sql = "SELECT pid FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let mut server = Duration::ZERO;
        for row in database.query(sql, &[]).ok()? {
            let pid: i32 = row.get(0);
            server += of_threads(&pid.to_string())?;
        }
        let client = match threads {
            Threads::Living => of_threads("self")?,
            Threads::All => of_this_process()?,
        };
        Some(Cpu { client, server })
    }

    /// What has been used up since then.
    pub(crate) fn since(self, before: Cpu) -> Cpu {
        Cpu {
            client: self.client.saturating_sub(before.client),
            server: self.server.saturating_sub(before.server),
        }
    }
}

/// Of all threads that live.
fn of_threads(process: &str) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let of_thread = |entry: fs::DirEntry| {
        let text = fs::read_to_string(entry.path().join("schedstat")).ok()?;
        let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanoseconds))
    };
    threads.flatten().map(of_thread).sum()
}

/// Of this process with the threads that have ended.
fn of_this_process() -> Option<Duration> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold blanks; 11 fields stand between it and the times.
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    // The unit is a hundredth of a second on every Linux that this is compiled for.
    Some(Duration::from_millis((user + system) * 10))
}
