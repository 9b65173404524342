//! Fetches Debian's packages and unpacks them, without installing anything.
//!
//! Called by `fetch`; works for Debian and what descends from it, root or not.
//! Must not install: the package `postgresql` would create and start a server of its own, and the
//! machine would no longer be what it was. The unpacked tree is relocatable, since PostgreSQL
//! finds its other files from the place of its binary.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{run, say};
use crate::test_support::error::ClusterError;
use crate::test_support::user;

/// Which package lists are asked.
#[derive(Clone, Copy)]
enum Lists {
    /// The ones of the machine. A container image has often none, or old ones.
    Machine,
    /// Ones that are downloaded for the purpose, so that the machine's stay as they are.
    Own,
}

/// Downloads the server and its libraries, and unpacks them into `root`.
pub(super) fn fetch(root: &Path) -> Result<(), ClusterError> {
    fetch_from(root, Lists::Machine).or_else(|_| {
        say("reading package lists (apt-get update, into a directory of our own)");
        fetch_from(root, Lists::Own)
    })
}

fn fetch_from(root: &Path, lists: Lists) -> Result<(), ClusterError> {
    let work = root.join("work");
    for directory in ["debs", "lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(work.join(directory))
            .map_err(ClusterError::io("create a directory for packages"))?;
    }
    // As though nothing were installed, so that the same libraries are found on every machine and
    // a library whose installed version is no longer offered does not stand in the way.
    fs::write(work.join("status"), "").map_err(ClusterError::io("write an empty status file"))?;

    if let Lists::Own = lists {
        run(apt_get(&work, lists).arg("update"))?;
    }
    let plan = run(apt_get(&work, lists).args(["--simulate", "install", "postgresql"]))?;
    let packages = wanted_packages(&plan);
    say(&format!(
        "downloading {} Debian packages of the PostgreSQL server and its libraries",
        packages.len()
    ));
    let debs = work.join("debs");
    run(apt_get(&work, lists)
        .arg("download")
        .args(packages)
        .current_dir(&debs))?;

    say("unpacking them");
    let unreadable = || ClusterError::io("list the downloaded packages");
    for deb in fs::read_dir(&debs).map_err(unreadable())? {
        let deb = deb.map_err(unreadable())?;
        run(Command::new("dpkg").arg("-x").arg(deb.path()).arg(root))?;
    }
    fs::remove_dir_all(&work).map_err(ClusterError::io("remove the downloaded packages"))
}

fn apt_get(work: &Path, lists: Lists) -> Command {
    let mut command = Command::new("apt-get");
    let mut option = |name: &str, value: &str| {
        command.arg("-o").arg(format!("{name}={value}"));
    };
    let path = |name: &str| work.join(name).to_string_lossy().into_owned();
    option("Dir::State::status", &path("status"));
    option("APT::Install-Recommends", "false");
    if user::is_root() {
        // Otherwise apt would change to a user that may not write into our directory.
        option("APT::Sandbox::User", "root");
    }
    if let Lists::Own = lists {
        option("Dir::State::lists", &path("lists"));
        option("Dir::Cache", &path("cache"));
    }
    command
}

/// From apt's plan, lines such as `Inst libpq5 (15.18 …)`, what the server loads. The C library
/// must be the one of the system's loader; LLVM and Perl are large, and only for just-in-time
/// compilation, which is turned off, and for PL/Perl.
fn wanted_packages(plan: &str) -> Vec<&str> {
    plan.lines()
        .filter_map(|line| line.strip_prefix("Inst ")?.split_whitespace().next())
        .filter(|package| {
            let is_server = ["postgresql-client-", "postgresql-"].iter().any(|prefix| {
                package
                    .strip_prefix(prefix)
                    .is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit()))
            });
            let is_left_out = ["libc6", "libc-", "libllvm", "libperl"]
                .iter()
                .any(|prefix| package.starts_with(prefix))
                || ["-perl", "-common", "-modules", "-bin"]
                    .iter()
                    .any(|part| package.contains(part));
            is_server || (package.starts_with("lib") && !is_left_out)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_and_its_libraries_are_wanted() {
        let plan = "Inst libc6 (2.36 Debian:12 [amd64])\n\
                    Inst libpq5 (15.18 Debian:12 [amd64]) []\n\
                    Inst libllvm14 (1:14 Debian:12 [amd64])\n\
                    Inst libjson-perl (4 Debian:12 [all])\n\
                    Inst libpam-modules-bin (1 Debian:12 [amd64])\n\
                    Inst postgresql-common (248 Debian:12 [all])\n\
                    Inst postgresql-client-15 (15.18 Debian:12 [amd64])\n\
                    Inst postgresql-15 (15.18 Debian:12 [amd64])\n\
                    Inst postgresql (15+248 Debian:12 [all])\n\
                    Conf libpq5 (15.18 Debian:12 [amd64])\n";
        assert_eq!(
            wanted_packages(plan),
            ["libpq5", "postgresql-client-15", "postgresql-15"]
        );
    }

    #[test]
    fn lists_of_our_own_do_as_well() {
        if std::env::var_os("SESSILE_TEST_FETCH").is_none() {
            return;
        }
        let root = std::env::temp_dir().join(format!("sessile-lists-{}", std::process::id()));
        fs::create_dir(&root).unwrap();
        let fetched = fetch_from(&root, Lists::Own);
        let is_there = root.join("usr/lib/postgresql").is_dir();
        fs::remove_dir_all(&root).unwrap();
        fetched.unwrap();
        assert!(is_there);
    }
}
