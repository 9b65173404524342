//! What a connection string asks for: where to connect, as whom, and how.
//!
//! Called by `builder`; `connector` connects to what it finds here.
//! It must not connect, and its messages must not show values, which may be secrets.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use postgres::config::{
    ChannelBinding, Config, LoadBalanceHosts, SslMode, SslNegotiation, TargetSessionAttrs,
};

use super::url;
use crate::error::{Error, Result};

/// Everything that a connection string says.
pub(super) struct Target {
    pub(super) config: Config,
    pub(super) tls: TlsRequest,
    /// Seconds in the string; covers the whole attempt.
    pub(super) connect_timeout: Option<Duration>,
    /// Here and not in `config`, which does not show whether it was said.
    pub(super) keepalives_idle: Option<Duration>,
}

/// What is asked for in matters of TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TlsRequest {
    pub(super) need: TlsNeed,
    /// PEM file with the authorities to trust; the public ones when there is none.
    pub(super) root_certificates: Option<PathBuf>,
    /// PEM files with the client's certificate and key.
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

/// Whether a connection may, must or must not be encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum TlsNeed {
    Refused,
    #[default]
    Preferred,
    Required,
}

impl Target {
    /// Reads a connection string.
    ///
    /// Keywords mean what they mean to libpq, also where the driver differs
    /// (`tcp_user_timeout` is in milliseconds).
    pub(super) fn parse(text: &str) -> Result<Target> {
        let mut target = Target {
            config: Config::new(),
            tls: TlsRequest::default(),
            connect_timeout: None,
            keepalives_idle: None,
        };
        for (keyword, value) in url::settings(text)? {
            target.set(&keyword, &value)?;
        }
        target.settle_hosts()?;
        Ok(target)
    }

    /// `user@host:port/database`, for messages.
    pub(super) fn place(&self) -> String {
        let config = &self.config;
        let hosts: Vec<String> = config.get_hosts().iter().map(host_name).collect();
        let ports: Vec<String> = config.get_ports().iter().map(u16::to_string).collect();
        let user = config.get_user().map(|user| format!("{user}@"));
        let port = Some(ports.join(",")).filter(|ports| !ports.is_empty());
        let database = config.get_dbname().map(|name| format!("/{name}"));
        format!(
            "{}{}{}{}",
            user.unwrap_or_default(),
            hosts.join(","),
            port.map(|port| format!(":{port}")).unwrap_or_default(),
            database.unwrap_or_default()
        )
    }

    fn set(&mut self, keyword: &str, value: &str) -> Result<()> {
        let config = &mut self.config;
        match keyword {
            "user" if value.is_empty() => {}
            "user" => _ = config.user(value),
            "password" => _ = config.password(value),
            "dbname" => _ = config.dbname(value),
            "application_name" => _ = config.application_name(value),
            "fallback_application_name" if config.get_application_name().is_none() => {
                _ = config.application_name(value);
            }
            "fallback_application_name" => {}
            "options" => _ = config.options(value),
            "host" => value.split(',').for_each(|host| _ = config.host(host)),
            "hostaddr" => {
                for address in value.split(',') {
                    config.hostaddr(parse(keyword, address)?);
                }
            }
            "port" => {
                for port in value.split(',') {
                    config.port(match port {
                        "" => 5432,
                        port => parse(keyword, port)?,
                    });
                }
            }
            _ => return self.set_network(keyword, value),
        }
        Ok(())
    }

    fn set_network(&mut self, keyword: &str, value: &str) -> Result<()> {
        let config = &mut self.config;
        match keyword {
            "connect_timeout" => self.connect_timeout = seconds(keyword, value)?,
            "tcp_user_timeout" => {
                let millis: u64 = parse(keyword, value)?;
                if millis > 0 {
                    config.tcp_user_timeout(Duration::from_millis(millis));
                }
            }
            "keepalives" => _ = config.keepalives(parse::<u8>(keyword, value)? != 0),
            "keepalives_idle" => self.keepalives_idle = seconds(keyword, value)?,
            "keepalives_interval" => {
                if let Some(interval) = seconds(keyword, value)? {
                    config.keepalives_interval(interval);
                }
            }
            "keepalives_count" | "keepalives_retries" => {
                config.keepalives_retries(parse(keyword, value)?);
            }
            "target_session_attrs" => _ = config.target_session_attrs(session(value)?),
            "load_balance_hosts" => {
                config.load_balance_hosts(match value {
                    "disable" => LoadBalanceHosts::Disable,
                    "random" => LoadBalanceHosts::Random,
                    _ => return Err(bad_value(keyword)),
                });
            }
            _ => return self.set_security(keyword, value),
        }
        Ok(())
    }

    fn set_security(&mut self, keyword: &str, value: &str) -> Result<()> {
        match (keyword, value) {
            ("sslmode", "disable") => self.tls.need = TlsNeed::Refused,
            ("sslmode", "allow" | "prefer") => self.tls.need = TlsNeed::Preferred,
            ("sslmode", "require" | "verify-ca" | "verify-full") => {
                self.tls.need = TlsNeed::Required;
            }
            ("sslrootcert", "system") => self.tls.root_certificates = None,
            ("sslrootcert", file) => self.tls.root_certificates = Some(file.into()),
            ("sslcert", file) => self.tls.certificate = Some(file.into()),
            ("sslkey", file) => self.tls.key = Some(file.into()),
            ("sslnegotiation", "postgres") => {
                self.config.ssl_negotiation(SslNegotiation::Postgres);
            }
            ("sslnegotiation", "direct") => {
                self.config.ssl_negotiation(SslNegotiation::Direct);
            }
            ("channel_binding", value) => _ = self.config.channel_binding(binding(value)?),
            // What the driver does anyway.
            ("gssencmode", "disable" | "prefer")
            | ("sslcompression", "0")
            | ("sslsni", "1")
            | ("client_encoding", "auto" | "utf8" | "UTF8" | "utf-8" | "UTF-8") => {}
            (
                "sslmode" | "sslnegotiation" | "gssencmode" | "sslcompression" | "sslsni"
                | "client_encoding",
                _,
            ) => return Err(bad_value(keyword)),
            ("passfile" | "service", _) => {
                return Err(Error::config(format!(
                    "`{keyword}` in the connection string is not supported; write out what the \
                     file says"
                )));
            }
            _ => return Err(unknown(keyword)),
        }
        Ok(())
    }

    fn settle_hosts(&mut self) -> Result<()> {
        let hosts = self.config.get_hosts();
        let addresses = self.config.get_hostaddrs().len();
        let count = hosts.len().max(addresses);
        if count == 0 {
            return Err(Error::config("the connection string names no host"));
        }
        if !hosts.is_empty() && addresses > 0 && hosts.len() != addresses {
            return Err(Error::config(
                "the connection string has different numbers of `host` and `hostaddr`",
            ));
        }
        let ports = self.config.get_ports().len();
        if ports > 1 && ports != count {
            return Err(Error::config(
                "the connection string has different numbers of hosts and ports",
            ));
        }
        // There is no TLS over Unix sockets; libpq ignores `sslmode` for them as well.
        let only_sockets = addresses == 0 && !hosts.iter().any(is_network);
        if only_sockets {
            self.tls.need = TlsNeed::Refused;
        }
        self.config.ssl_mode(match self.tls.need {
            TlsNeed::Refused => SslMode::Disable,
            TlsNeed::Preferred => SslMode::Prefer,
            TlsNeed::Required => SslMode::Require,
        });
        Ok(())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.place())
    }
}

fn host_name(host: &postgres::config::Host) -> String {
    match host {
        postgres::config::Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        postgres::config::Host::Unix(path) => path.display().to_string(),
    }
}

fn is_network(host: &postgres::config::Host) -> bool {
    matches!(host, postgres::config::Host::Tcp(_))
}

/// The driver can tell writable servers from others, not primaries from standbys; a standby is
/// never writable, and a primary is unless it was configured read only.
fn session(value: &str) -> Result<TargetSessionAttrs> {
    match value {
        "any" => Ok(TargetSessionAttrs::Any),
        "read-write" | "primary" => Ok(TargetSessionAttrs::ReadWrite),
        "read-only" | "standby" => Ok(TargetSessionAttrs::ReadOnly),
        "prefer-standby" => Err(Error::config(
            "`target_session_attrs=prefer-standby` is not supported; use `standby` or `any`",
        )),
        _ => Err(bad_value("target_session_attrs")),
    }
}

fn binding(value: &str) -> Result<ChannelBinding> {
    match value {
        "disable" => Ok(ChannelBinding::Disable),
        "prefer" => Ok(ChannelBinding::Prefer),
        "require" => Ok(ChannelBinding::Require),
        _ => Err(bad_value("channel_binding")),
    }
}

fn seconds(keyword: &str, value: &str) -> Result<Option<Duration>> {
    // As in libpq, zero and negative values mean "no limit of its own".
    let seconds: i64 = parse(keyword, value)?;
    Ok(u64::try_from(seconds)
        .ok()
        .filter(|s| *s > 0)
        .map(Duration::from_secs))
}

fn parse<T: FromStr>(keyword: &str, value: &str) -> Result<T> {
    value.trim().parse().map_err(|_| bad_value(keyword))
}

fn bad_value(keyword: &str) -> Error {
    Error::config(format!(
        "the connection string has a value for `{keyword}` that makes no sense"
    ))
}

/// Names the keyword only when it is one of libpq's: a stray one may be a piece of a password.
fn unknown(keyword: &str) -> Error {
    const LIBPQ: [&str; 16] = [
        "gssdelegation",
        "gsslib",
        "krbsrvname",
        "oauth_issuer",
        "replication",
        "require_auth",
        "requiressl",
        "requirepeer",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcertmode",
        "sslcrl",
        "sslcrldir",
        "sslkeylogfile",
        "sslpassword",
        "servicefile",
    ];
    Error::config(match LIBPQ.contains(&keyword) {
        true => format!("`{keyword}` in the connection string is not supported"),
        false => "the connection string has an unknown keyword".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Target::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn hosted_databases_may_put_libpqs_keywords_into_their_urls() {
        let target = Target::parse(
            "postgres://ann:pw@db.example:6543/bank?sslmode=verify-full&sslrootcert=/ca.pem\
             &connect_timeout=3&tcp_user_timeout=1500&target_session_attrs=primary\
             &gssencmode=disable&keepalives_count=4",
        )
        .unwrap();
        assert_eq!(target.tls.need, TlsNeed::Required);
        assert_eq!(target.tls.root_certificates, Some("/ca.pem".into()));
        assert_eq!(target.connect_timeout, Some(Duration::from_secs(3)));
        let config = &target.config;
        let limit = Duration::from_millis(1500);
        assert_eq!(config.get_tcp_user_timeout(), Some(&limit));
        assert_eq!(config.get_keepalives_retries(), Some(4));
        assert_eq!(
            config.get_target_session_attrs(),
            TargetSessionAttrs::ReadWrite
        );
        assert_eq!(target.place(), "ann@db.example:6543/bank");
    }

    #[test]
    fn what_is_not_supported_is_refused_by_name() {
        assert!(refusal("host=h passfile=/x").contains("`passfile`"));
        assert!(refusal("host=h service=x").contains("`service`"));
        assert!(refusal("host=h sslcrl=x").contains("`sslcrl`"));
        assert!(refusal("host=h target_session_attrs=prefer-standby").contains("prefer-standby"));
        assert!(refusal("host=h sslmode=sometimes").contains("`sslmode`"));
        assert!(refusal("host=h port=http").contains("`port`"));
        assert!(refusal("user=ann").contains("names no host"));
        assert!(refusal("host=a,b port=1,2,3").contains("numbers of hosts and ports"));
    }

    #[test]
    fn a_piece_of_a_password_is_not_shown_as_a_keyword() {
        let message = refusal("host=h password=my secret=1");
        assert!(message.ends_with("an unknown keyword"), "{message}");
    }

    #[test]
    fn the_password_is_not_in_the_debug_output() {
        let target = Target::parse("postgres://ann:secret@h/db").unwrap();
        assert!(!format!("{target:?} {}", target.place()).contains("secret"));
    }

    #[test]
    fn sockets_are_never_encrypted() {
        let target = Target::parse("host=/run/postgresql sslmode=require").unwrap();
        assert_eq!(target.tls.need, TlsNeed::Refused);
    }
}
