//! Where a server is, and the connection string of each of its databases.
//!
//! Called by `cluster`.
//! Pure: no connection, no file.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// A server, without a database. Not `Debug`: a given string may hold a password.
#[derive(Clone)]
pub(super) enum Address {
    /// A server that was started here.
    Socket { directory: PathBuf, port: u16 },
    /// The text of `DATABASE_URL`.
    Given(String),
}

impl Address {
    /// The connection string of a database.
    pub(super) fn url(&self, database: &str) -> String {
        match self {
            Address::Socket { directory, port } => {
                let host = percent_encoded(directory.as_os_str().as_bytes());
                let database = percent_encoded(database.as_bytes());
                format!("postgresql://postgres@{host}:{port}/{database}")
            }
            Address::Given(given) => with_database(given, database),
        }
    }

    /// The connection string for `CREATE DATABASE` and the like.
    pub(super) fn administration_url(&self) -> String {
        match self {
            Address::Socket { .. } => self.url("postgres"),
            Address::Given(given) => given.clone(),
        }
    }
}

fn with_database(given: &str, database: &str) -> String {
    let scheme_end = ["postgresql://", "postgres://"]
        .into_iter()
        .find(|scheme| given.starts_with(scheme))
        .map(str::len);
    let Some(scheme_end) = scheme_end else {
        // The last of two settings wins.
        let quoted = database.replace('\\', "\\\\").replace('\'', "\\'");
        return format!("{given} dbname='{quoted}'");
    };

    let host_start = given[scheme_end..]
        .find('@')
        .map_or(scheme_end, |at| scheme_end + at + 1);
    let host_end = given[host_start..]
        .find(['/', '?'])
        .map_or(given.len(), |end| host_start + end);
    let database = percent_encoded(database.as_bytes());
    let mut url = format!("{}/{database}", &given[..host_end]);

    let parameters = given[host_end..].split_once('?').map_or("", |(_, all)| all);
    let kept = parameters
        .split('&')
        .filter(|one| !one.is_empty() && !one.starts_with("dbname="));
    for (position, parameter) in kept.enumerate() {
        url.push(if position == 0 { '?' } else { '&' });
        url.push_str(parameter);
    }
    url
}

fn percent_encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                text.push(byte.into());
            }
            _ => write!(text, "%{byte:02X}").expect("a string takes all that is written"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use postgres::Config;
    use postgres::config::Host;

    #[test]
    fn the_driver_understands_the_address_of_a_socket() {
        let address = Address::Socket {
            directory: PathBuf::from("/tmp/a b"),
            port: 5433,
        };
        let config: Config = address.url("c/d").parse().unwrap();
        assert_eq!(config.get_hosts(), [Host::Unix(PathBuf::from("/tmp/a b"))]);
        assert_eq!(config.get_ports(), [5433]);
        assert_eq!(config.get_user(), Some("postgres"));
        assert_eq!(config.get_dbname(), Some("c/d"));
    }

    #[test]
    fn a_given_address_keeps_everything_but_its_database() {
        let cases = [
            ("postgres://h", "postgres://h/x"),
            ("postgres://u:p@h:1/old", "postgres://u:p@h:1/x"),
            (
                "postgres://u@h?keepalives=1",
                "postgres://u@h/x?keepalives=1",
            ),
            (
                "postgresql://h:1,i:2/old?dbname=y&keepalives=1&connect_timeout=2",
                "postgresql://h:1,i:2/x?keepalives=1&connect_timeout=2",
            ),
            ("host=h dbname=old", "host=h dbname=old dbname='x'"),
        ];
        for (given, expected) in cases {
            let url = Address::Given(given.to_owned()).url("x");
            assert_eq!(url, expected);
            let config: Config = url.parse().unwrap();
            assert_eq!(config.get_dbname(), Some("x"));
        }
    }
}
