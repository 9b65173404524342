//! Encrypted connections to a server whose authority is known, unknown, or for somebody else.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::*;

/// A server with a certificate for `localhost`, not for its address, and the authority's file.
/// None where there is no `openssl` to make certificates with.
fn secured() -> Option<&'static (Cluster, PathBuf)> {
    static SECURED: OnceLock<Option<(Cluster, PathBuf)>> = OnceLock::new();
    SECURED
        .get_or_init(|| {
            let found = Command::new("openssl").arg("version").output();
            if found.is_err() {
                eprintln!("no openssl: the tests of encrypted connections are left out");
                return None;
            }
            let cluster = Cluster::start_on_tcp().unwrap();
            let data = cluster.directory().unwrap().join("data");
            make_certificates(&data);
            let mut admin = Client::connect(&cluster.url("postgres"), NoTls).unwrap();
            admin.batch_execute("alter system set ssl = on").unwrap();
            admin.batch_execute("select pg_reload_conf()").unwrap();
            eventually("ssl = on", || {
                let mut admin = Client::connect(&cluster.url("postgres"), NoTls).unwrap();
                let ssl: String = admin.query_one("show ssl", &[]).unwrap().get(0);
                ssl == "on"
            });
            let authority = data.join("root.crt");
            Some((cluster, authority))
        })
        .as_ref()
}

/// `root.crt`, and `server.crt` with `server.key`, where the server looks for them.
fn make_certificates(data: &Path) {
    let script = "
        openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.crt -days 2 \
            -subj /CN=authority
        openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost
        printf 'subjectAltName=DNS:localhost\\n' > extensions
        openssl x509 -req -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -days 2 \
            -extfile extensions -out server.crt";
    let made = Command::new("sh")
        .args(["-ec", script])
        .current_dir(data)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let owner = fs::metadata(data).unwrap();
    for file in ["root.crt", "server.crt", "server.key"] {
        chown(data.join(file), Some(owner.uid()), Some(owner.gid())).unwrap();
    }
}

fn connect(host: &str, settings: &str) -> Result<bool> {
    let (cluster, authority) = secured().expect("asked for before");
    let port = cluster.tcp_port().unwrap();
    let authority = authority.display();
    let settings = settings.replace("ROOT", &format!("sslrootcert={authority}"));
    let url = format!("postgres://postgres@{host}:{port}/postgres?{settings}");
    let engine = Engine::connect(&url)?;
    let sql = "select ssl::int from pg_stat_ssl where pid = pg_backend_pid()";
    let mut connection = acquire(&engine);
    Ok(number(&mut connection, sql)? == 1)
}

#[test]
fn a_server_of_a_known_authority_is_spoken_to_in_secret() {
    if secured().is_none() {
        return;
    }
    for mode in ["prefer", "require", "verify-ca", "verify-full"] {
        let secret = connect("localhost", &format!("sslmode={mode}&ROOT"));
        assert!(secret.unwrap(), "{mode}");
    }
    assert!(!connect("localhost", "sslmode=disable").unwrap());
}

#[test]
fn a_server_of_an_unknown_authority_is_refused_whatever_the_mode() {
    if secured().is_none() {
        return;
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = connect("localhost", &format!("sslmode={mode}")).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Connection);
        assert!(chain(&error).contains("UnknownIssuer"), "{}", chain(&error));
    }
}

#[test]
fn a_certificate_for_another_host_is_refused_whatever_the_mode() {
    if secured().is_none() {
        return;
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = connect("127.0.0.1", &format!("sslmode={mode}&ROOT")).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Connection);
    }
}

#[test]
fn prefer_goes_on_in_clear_when_the_server_can_not_be_verified() {
    if secured().is_none() {
        return;
    }
    assert!(!connect("localhost", "sslmode=prefer").unwrap());
}

#[test]
fn certificates_that_can_not_be_read_are_a_mistake_of_configuration() {
    for settings in [
        "sslrootcert=/no/such/file",
        "sslcert=/no/such/file&sslkey=/no/such/file",
        "sslcert=/no/such/file",
    ] {
        let url = format!("postgres://u:secret@h/db?sslmode=require&{settings}");
        let error = Engine::connect(&url).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Config { .. }), "{error}");
    }
}
