//! The private directory of one cluster: data, socket, log, and the notes of the watchdog.
//!
//! Called by `cluster`; removed by `watchdog`.
//! Must not lie below the project or the target directory: the path of a socket is limited to
//! 107 bytes on Linux and 103 on macOS.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::error::ClusterError;
use super::user::ServerUser;

const LONGEST_PATH: usize = 80;
/// Room for a few hundred test databases of 8 MB; containers often have 64 MB in all.
const WANTED_MEGABYTES: u64 = 2048;

/// Creates a directory that nobody else uses, closed to all but the user of the server.
pub(super) fn create(user: Option<ServerUser>) -> Result<PathBuf, ClusterError> {
    let mut refusal = io::Error::from(ErrorKind::NotFound);
    for place in places() {
        match create_in(&place, user) {
            Ok(directory) => return Ok(directory),
            Err(error) => refusal = error,
        }
    }
    Err(ClusterError::io("create a directory for the server")(
        refusal,
    ))
}

fn places() -> Vec<PathBuf> {
    let mut places = Vec::new();
    // Measured: PostgreSQL 16 and later create the files of a database 10 to 20 times slower on
    // a disk than in memory.
    if free_megabytes("/dev/shm").is_some_and(|free| free >= WANTED_MEGABYTES) {
        places.push(PathBuf::from("/dev/shm"));
    }
    places.extend([PathBuf::from("/tmp"), PathBuf::from("/var/tmp")]);
    places.push(std::env::temp_dir());
    places.retain(|place| place.as_os_str().len() <= LONGEST_PATH);
    places
}

/// The standard library does not say how much room there is; `df -P` does, in a fixed format.
fn free_megabytes(place: &str) -> Option<u64> {
    let mut df = Command::new("df");
    df.args(["-Pk", place]).stdin(Stdio::null());
    let output = df.output().ok().filter(|output| output.status.success())?;
    free_in(&String::from_utf8_lossy(&output.stdout))
}

fn free_in(df: &str) -> Option<u64> {
    let kilobytes: u64 = df.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes / 1024)
}

fn create_in(place: &Path, user: Option<ServerUser>) -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory = place.join(format!("sessile-{}-{number}", process::id()));
        match DirBuilder::new().mode(0o700).create(&directory) {
            // A process of the same number, in another container, may share the place.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
            Ok(()) => {}
        }
        if let Some(user) = user
            && let Err(error) = chown(&directory, Some(user.uid), Some(user.gid))
        {
            let _ = fs::remove_dir(&directory);
            return Err(error);
        }
        return Ok(directory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_free_room_is_read_from_df() {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                  tmpfs 65536 4 65532 1% /dev/shm\n";
        assert_eq!(free_in(df), Some(63));
        assert_eq!(free_in(""), None);
    }

    #[test]
    fn two_directories_are_never_the_same() {
        let first = create(None).unwrap();
        let second = create(None).unwrap();
        assert_ne!(first, second);
        fs::remove_dir(first).unwrap();
        fs::remove_dir(second).unwrap();
    }
}
