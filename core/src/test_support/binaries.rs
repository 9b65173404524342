//! The installed binaries of a PostgreSQL server.
//!
//! Called by `cluster`.
//! Must not pass over a `PG_BIN_DIR` that is
//! wrong: whoever set it wants to know.

use std::env;
use std::fmt;
use std::fs;
use std::path::{self, Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::ClusterError;

/// Where a server comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The server of `DATABASE_URL`; it was not started here and is not stopped.
    DatabaseUrl,
    /// Binaries that were installed, in this directory.
    Found(PathBuf),
    /// Binaries that were fetched, unpacked in this directory.
    Fetched(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::DatabaseUrl => formatter.write_str("the server of DATABASE_URL"),
            Origin::Found(directory) => write!(formatter, "installed in {}", directory.display()),
            Origin::Fetched(directory) => write!(formatter, "fetched into {}", directory.display()),
        }
    }
}

/// A directory with `initdb` and `postgres`, and what they need to run.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    pub(super) bin: PathBuf,
    /// Directories of shared libraries that the system's loader does not look into.
    pub(super) libraries: Vec<PathBuf>,
    pub(super) origin: Origin,
    pub(super) version: String,
}

/// The installed binaries, unless there are none or they are hidden.
pub(super) fn find_installed() -> Result<Option<Binaries>, ClusterError> {
    if env::var("SESSILE_PG_HIDE_INSTALLED").as_deref() == Ok("1") {
        return Ok(None);
    }
    if let Some(directory) = env::var_os("PG_BIN_DIR") {
        // A relative path would not hold in the directory where the server is started.
        let directory = path::absolute(&directory).unwrap_or(directory.into());
        let binaries = installed(&directory).ok_or(ClusterError::BinDir(directory))?;
        return Ok(Some(binaries));
    }
    let found = on_path().into_iter().chain(distribution_directories());
    Ok(found.into_iter().find_map(|bin| installed(&bin)))
}

/// The version of the server in `bin`, such as `15.18`; none when it is not there or does not run.
pub(super) fn version(bin: &Path, libraries: &[PathBuf]) -> Option<String> {
    if !bin.join("initdb").is_file() {
        return None;
    }
    let mut postgres = Command::new(bin.join("postgres"));
    postgres.arg("--version").stdin(Stdio::null());
    if !libraries.is_empty() {
        postgres.env("LD_LIBRARY_PATH", env::join_paths(libraries).ok()?);
    }
    let output = postgres.output().ok()?;
    version_in(&String::from_utf8_lossy(&output.stdout))
}

/// Versions in the order of their numbers: 9.6 before 10, 15.9 before 15.18.
pub(super) fn version_numbers(version: &str) -> Vec<u32> {
    version
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect()
}

fn version_in(answer: &str) -> Option<String> {
    let rest = answer.strip_prefix("postgres (PostgreSQL) ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

fn installed(bin: &Path) -> Option<Binaries> {
    let version = version(bin, &[])?;
    Some(Binaries {
        bin: bin.to_owned(),
        libraries: Vec::new(),
        origin: Origin::Found(bin.to_owned()),
        version,
    })
}

/// The directory of the first `initdb` on `PATH`. A link is followed, because `postgres` lies
/// beside the real one.
fn on_path() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let initdb = env::split_paths(&path)
        .map(|directory| directory.join("initdb"))
        .find(|candidate| candidate.is_file())?;
    let real = fs::canonicalize(initdb).ok()?;
    real.parent().map(Path::to_owned)
}

/// The places where distributions keep several versions side by side, newest version first.
fn distribution_directories() -> Vec<PathBuf> {
    // Parent, prefix of the versioned directory, the rest of the way.
    let places = [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
        ("/usr/libexec", "postgresql", ""),
    ];
    let mut found: Vec<(Vec<u32>, PathBuf)> = Vec::new();
    for (parent, prefix, rest) in places {
        for (name, path) in entries(Path::new(parent)) {
            if let Some(version) = name.strip_prefix(prefix)
                && version.starts_with(|first: char| first.is_ascii_digit())
            {
                found.push((version_numbers(version), path.join(rest)));
            }
        }
    }
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

/// The entries of a directory that can be read, with their names.
pub(super) fn entries(directory: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, entry.path())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_servers_answer() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(version_in(debian).as_deref(), Some("15.18"));
        assert_eq!(
            version_in("postgres (PostgreSQL) 18beta1\n").as_deref(),
            Some("18beta1")
        );
        assert_eq!(version_in("sh: not found"), None);
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        assert!(version_numbers("9.6") < version_numbers("10"));
        assert!(version_numbers("15.9") < version_numbers("15.18"));
    }
}
