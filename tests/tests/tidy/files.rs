//! The files of the workspace, as the checks read them.
//!
//! Each check asks for those that it is about.
//! It must not look into what a build or a version control leaves behind.

use std::fs;
use std::path::Path;

/// One file.
pub(super) struct File {
    /// Its path from the root of the workspace, with `/` between the parts.
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    pub(super) fn new(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Rust that is written to be read; what the compiler is shown in UI tests is not.
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs") && !self.path.starts_with("tests/tests/ui/")
            || self.path == "tests/tests/ui/mod.rs"
    }

    /// Rust that holds tests: the integration tests, and the files `tests/…` and `…tests.rs` of
    /// a room.
    pub(super) fn is_test(&self) -> bool {
        let in_room = self.path.contains("/tests/") || self.path.ends_with("tests.rs");
        self.is_rust() && (self.path.starts_with("tests/tests/") || in_room)
    }
}

/// All files of the workspace, in the order of their paths.
pub(super) fn all() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package lies in the workspace");
    let mut files = Vec::new();
    collect(root, "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// What a check finds in all files.
pub(super) fn findings(check: impl Fn(&File) -> Vec<String>) -> Vec<String> {
    all().iter().flat_map(check).collect()
}

fn collect(directory: &Path, prefix: &str, files: &mut Vec<File>) {
    let entries = fs::read_dir(directory).expect("the workspace can be read");
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if matches!(name.as_str(), "target" | "wip" | ".git") {
            continue;
        }
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().expect("an entry has a type");
        if kind.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(File { path, text });
        }
    }
}
