//! The names of databases, and the ones that dead processes left on the server of `DATABASE_URL`.
//!
//! Called by `cluster`, once at the start, and by `database` and `template` for names.
//! Must not drop what may belong to a living process: of another machine or container nothing is
//! known, so a name also says on which one its process was counted.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use super::statement;

/// `sessile_<where>_<process>_<number>`, and `purpose` for the reader; unique on a server.
pub(super) fn new_name(purpose: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let here = here().unwrap_or_else(|| "x".to_owned());
    let mut name = format!("sessile_{here}_{}_{number}_", process::id());
    // An identifier that needs no quotes and keeps below PostgreSQL's limit of 63 bytes.
    name.extend(purpose.chars().take(20).map(|character| {
        if character.is_ascii_alphanumeric() {
            character.to_ascii_lowercase()
        } else {
            '_'
        }
    }));
    name
}

/// Drops databases of processes that ran here and do not any more. Best effort: another process
/// may be doing the same.
pub(super) fn drop_those_of_dead_processes(url: &str) {
    let Some(here) = here() else { return };
    let prefix = format!("sessile_{here}_");
    let list = format!("select datname from pg_database where starts_with(datname, '{prefix}')");
    for name in statement::read_column(url, &list).unwrap_or_default() {
        if owner(&name, &prefix).is_some_and(is_dead) {
            let _ = statement::run(url, &drop_statement(&name));
        }
    }
}

/// Ends the sessions of a database and drops it.
pub(super) fn drop_statement(name: &str) -> String {
    format!("drop database if exists \"{name}\" with (force)")
}

fn owner(name: &str, prefix: &str) -> Option<u32> {
    let (process, _) = name.strip_prefix(prefix)?.split_once('_')?;
    process.parse().ok()
}

fn is_dead(process: u32) -> bool {
    !Path::new("/proc").join(process.to_string()).exists()
}

/// A word for this boot of this machine and the namespace in which processes are counted; none
/// where the system does not tell.
fn here() -> Option<String> {
    let boot = fs::read("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    let mut hasher = DefaultHasher::new();
    (boot, namespace).hash(&mut hasher);
    Some(format!("{:08x}", hasher.finish() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_identifier_and_says_whose_it_is() {
        let name = new_name("Blog, with every Relationship there is");
        assert!(name.len() <= 63);
        assert!(name.ends_with("_blog__with_every_rel"), "{name}");
        let prefix = name.split_inclusive('_').take(2).collect::<String>();
        assert_eq!(owner(&name, &prefix), Some(process::id()));
        assert_ne!(name, new_name("Blog, with every Relationship there is"));
    }
}
