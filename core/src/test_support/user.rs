//! The user that the server runs as: PostgreSQL refuses to run as root.
//!
//! Called by `cluster`, `watchdog` and `fetch`.
//! Must not read anything but `/etc/passwd`; `initdb` wants the user to have an entry there.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::error::ClusterError;

/// Somebody who is not root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ServerUser {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The user to change to, or `None` when this process is not root and the server can run as it is.
pub(super) fn server_user() -> Result<Option<ServerUser>, ClusterError> {
    if !is_root() {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").map_err(ClusterError::io("read /etc/passwd"))?;
    match pick(&passwd) {
        Some(user) => Ok(Some(user)),
        None => Err(ClusterError::NoUser),
    }
}

/// Whether this process is root. The standard library does not say, `id` does.
pub(super) fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| {
        let id = Command::new("id").arg("-u").stdin(Stdio::null()).output();
        id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
    })
}

fn pick(passwd: &str) -> Option<ServerUser> {
    entry(passwd, "postgres").or_else(|| entry(passwd, "nobody"))
}

fn entry(passwd: &str, name: &str) -> Option<ServerUser> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(ServerUser { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_is_preferred_to_nobody() {
        let nobody = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n";
        let user = ServerUser {
            uid: 65534,
            gid: 65533,
        };
        assert_eq!(pick(nobody), Some(user));

        let both = format!("{nobody}postgres:x:101:104:,,,:/var/lib/postgresql:/bin/sh\n");
        let user = ServerUser { uid: 101, gid: 104 };
        assert_eq!(pick(&both), Some(user));

        assert_eq!(pick("root:x:0:0:root:/root:/bin/sh\n"), None);
    }
}
