//! The shell that starts the server and stops it when this process ends, however it ends.
//!
//! Called by `cluster`. What it does is in `watchdog.sh`; this is the end that gives the orders.
//! Must not let any other process inherit the pipe: the server would outlive us. The standard
//! library opens it close-on-exec.
//!
//! Rejected: `PR_SET_PDEATHSIG`, which needs `unsafe` and fires when the *thread* ends that
//! spawned the server, and which only Linux has.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::binaries::Binaries;
use super::user::ServerUser;

/// A shell at work. Dropping it stops the server, removes the directory, and waits for both.
#[derive(Debug)]
pub(super) struct Watchdog {
    shell: Child,
    orders: Option<ChildStdin>,
    home: PathBuf,
    starts: u32,
}

impl Watchdog {
    /// Spawns the shell; the server waits for [`Watchdog::start`].
    pub(super) fn spawn(
        home: &Path,
        binaries: &Binaries,
        user: Option<ServerUser>,
        options: &[String],
    ) -> io::Result<Watchdog> {
        let mut command = Command::new("/bin/sh");
        command
            .arg("-c")
            .arg(include_str!("watchdog.sh"))
            .arg("sh")
            .arg(home)
            .arg(&binaries.bin)
            .arg(library_path(binaries))
            .args(options)
            .current_dir(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Otherwise Ctrl-C in a terminal would reach the server before the tests are through.
            .process_group(0);
        set_environment(&mut command, home);
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
        let mut shell = command.spawn()?;
        let orders = shell.stdin.take();
        Ok(Watchdog {
            shell,
            orders,
            home: home.to_owned(),
            starts: 0,
        })
    }

    /// Starts the server, on the data that is there or on new data.
    pub(super) fn start(&mut self) -> io::Result<()> {
        self.order("start\n")?;
        self.starts += 1;
        Ok(())
    }

    /// Stops the server, cleanly and without waiting for its clients.
    pub(super) fn stop(&mut self) -> io::Result<()> {
        self.order("stop\n")
    }

    /// Stops the server as a crash would; its next start recovers from the log.
    pub(super) fn crash(&mut self) -> io::Result<()> {
        self.order("crash\n")
    }

    /// Whether the server of the last start has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.home.join(format!("ended-{}", self.starts)).exists()
    }

    /// The process number of the server, or none when it does not run.
    pub(super) fn pid(&self) -> Option<u32> {
        if self.has_ended() {
            return None;
        }
        let note = fs::read_to_string(self.home.join("pid")).ok()?;
        note.trim().parse().ok()
    }

    fn order(&mut self, order: &str) -> io::Result<()> {
        match &mut self.orders {
            Some(orders) => orders.write_all(order.as_bytes()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.orders.take());
        // The shell escalates from INT to KILL within some seconds, so this ends.
        let _ = self.shell.wait();
    }
}

fn set_environment(command: &mut Command, home: &Path) {
    for (name, _) in env::vars_os() {
        // `PGDATA`, `PGPORT` and the like would change what the server does.
        if name.as_encoded_bytes().starts_with(b"PG") {
            command.env_remove(name);
        }
    }
    // The messages in English. And not the home of root: libpq inside the server looks for
    // certificates there, and fails because it may not look.
    command.env("LC_ALL", "C").env("HOME", home);
}

/// The libraries that came with the binaries, before the ones that the user may have set.
fn library_path(binaries: &Binaries) -> OsString {
    if binaries.libraries.is_empty() {
        return OsString::new();
    }
    let inherited = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let inherited = env::split_paths(&inherited).filter(|path| !path.as_os_str().is_empty());
    let all = binaries.libraries.iter().cloned().chain(inherited);
    env::join_paths(all).unwrap_or_default()
}
