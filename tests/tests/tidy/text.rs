//! No file knows the machine on which it was written, or where packages come from.
//!
//! Looks into every file, code or not. The patterns are put together here, or this file would
//! find itself.

use super::assert_none;
use super::files::{File, findings};

/// Beginnings of paths that exist for one user or on one machine.
const MACHINES: [&str; 6] = [
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("/mn", "t/"),
    concat!("/tmp/", "wt"),
];

/// Parts of the names of package registries and their mirrors.
const REGISTRIES: [&str; 6] = [
    concat!("crates", ".io"),
    concat!("npm", "js"),
    concat!("py", "pi"),
    concat!("python", "hosted"),
    concat!("debian", ".org"),
    concat!("arti", "factory"),
];

/// Hosts to which a document may point.
const HOSTS: [&str; 6] = [
    "docs.rs",
    "doc.rust-lang.org",
    "rust-lang.github.io",
    "www.apache.org",
    "www.postgresql.org",
    "rustup.rs",
];

/// The only place from which the lock file may take packages.
const INDEX: &str = concat!(
    "registry+https",
    "://github.com/rust-lang/crates",
    ".io-index"
);

#[test]
fn no_file_names_a_machine_or_a_registry() {
    assert_none(&findings(check));
}

fn check(file: &File) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let mut find = |what: &str| findings.push(format!("{}:{}: {what}", file.path, number + 1));
        if file.path.ends_with("Cargo.lock") {
            if line.starts_with("source = ") && line != format!("source = \"{INDEX}\"") {
                find("a package from elsewhere");
            }
            continue;
        }
        if MACHINES.iter().any(|path| line.contains(path)) {
            find("a path of one machine");
        }
        if REGISTRIES.iter().any(|host| line.contains(host)) {
            find("a registry");
        }
        for host in hosts(line).filter(|host| !is_known(host)) {
            find(&format!("a link to {host}, which is not on the list"));
        }
    }
    findings
}

/// Names that end in `.example` belong to nobody (RFC 2606).
fn is_known(host: &str) -> bool {
    HOSTS.contains(&host) || host.ends_with(".example")
}

/// The hosts of the links in a line.
fn hosts(line: &str) -> impl Iterator<Item = &str> {
    let links = line.split("http").skip(1);
    let rests = links.filter_map(|rest| rest.trim_start_matches('s').strip_prefix("://"));
    rests.map(|rest| {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')));
        &rest[..end.unwrap_or(rest.len())]
    })
}

#[test]
fn a_machine_a_registry_and_a_strange_link_are_found() {
    let findings = |path, text: &str| check(&File::new(path, text)).len();
    assert_eq!(findings("README.md", "see https://docs.rs/postgres"), 0);
    assert_eq!(
        findings("README.md", concat!("see http", "://mirror.org/a")),
        1
    );
    assert_eq!(findings("README.md", &format!("in {}ann", MACHINES[0])), 1);
    assert_eq!(
        findings("core/src/a.rs", &format!("// {}", REGISTRIES[1])),
        1
    );
    let source = |source: &str| format!("source = \"{source}\"");
    assert_eq!(findings("Cargo.lock", &source(INDEX)), 0);
    assert_eq!(findings("Cargo.lock", &source("git+https://a.example")), 1);
}
