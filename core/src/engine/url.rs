//! Connection strings, taken apart into keywords and values.
//!
//! Called by `target`, which knows what the keywords mean.
//! It must not put any part of the string into a message: a password may stand anywhere.
//!
//! The driver's own parser is not used: it refuses keywords that hosted databases put into
//! their URLs, and finds credentials in a URL whose parameters contain an `@`.

use std::iter::Peekable;
use std::str::Chars;

use crate::error::{Error, Result};

/// A keyword as libpq spells it, with its value; `host` and `port` hold lists with commas.
pub(super) type Setting = (String, String);

/// Takes a connection string apart, of either form:
/// `postgres://user:password@host:port/database?keyword=value` or `keyword=value keyword='a b'`.
pub(super) fn settings(text: &str) -> Result<Vec<Setting>> {
    let text = text.trim();
    let url = ["postgres://", "postgresql://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    match url {
        Some(rest) => from_url(rest),
        None if text.contains("://") => Err(malformed(
            "the scheme is neither `postgres` nor `postgresql`",
        )),
        None => from_pairs(text),
    }
}

fn from_url(rest: &str) -> Result<Vec<Setting>> {
    let mut settings = Vec::new();
    // As in libpq, an `@` ends the credentials only when it stands before the first slash.
    let authority = rest.split('/').next().unwrap_or_default();
    let rest = match authority.split_once('@') {
        Some((credentials, _)) => {
            add_credentials(&mut settings, credentials)?;
            &rest[credentials.len() + 1..]
        }
        None => rest,
    };
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    if place.contains('@') {
        // What follows the slash or the first `@` of a password must not pass for a name.
        return Err(malformed(
            "a `/` or `@` in a name or password must be written `%2F` or `%40`",
        ));
    }
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    add_hosts(&mut settings, hosts)?;
    if !database.is_empty() {
        settings.push(("dbname".into(), decode(database)?));
    }
    for parameter in parameters.split('&').filter(|p| !p.is_empty()) {
        let (keyword, value) = parameter
            .split_once('=')
            .ok_or_else(|| malformed("a parameter of the URL has no value"))?;
        settings.push((decode(keyword)?, decode(value)?));
    }
    Ok(settings)
}

fn add_credentials(settings: &mut Vec<Setting>, credentials: &str) -> Result<()> {
    let (user, password) = match credentials.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (credentials, None),
    };
    if !user.is_empty() {
        settings.push(("user".into(), decode(user)?));
    }
    if let Some(password) = password {
        settings.push(("password".into(), decode(password)?));
    }
    Ok(())
}

fn add_hosts(settings: &mut Vec<Setting>, hosts: &str) -> Result<()> {
    if hosts.is_empty() {
        return Ok(());
    }
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',') {
        let (name, port) = match host.strip_prefix('[') {
            Some(v6) => {
                let (name, rest) = v6
                    .split_once(']')
                    .ok_or_else(|| malformed("a host that starts with `[` has no `]`"))?;
                (name, rest.strip_prefix(':'))
            }
            None => match host.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (host, None),
            },
        };
        names.push(decode(name)?);
        ports.push(decode(port.unwrap_or_default())?);
    }
    settings.push(("host".into(), names.join(",")));
    if ports.iter().any(|port| !port.is_empty()) {
        settings.push(("port".into(), ports.join(",")));
    }
    Ok(())
}

fn decode(text: &str) -> Result<String> {
    let bad = || malformed("a `%` is not followed by two hexadecimal digits");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit().ok_or_else(bad)?, digit().ok_or_else(bad)?);
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| bad())?);
    }
    String::from_utf8(bytes).map_err(|_| malformed("a percent-encoded part is not UTF-8"))
}

fn from_pairs(text: &str) -> Result<Vec<Setting>> {
    let mut settings = Vec::new();
    let mut rest = text.chars().peekable();
    loop {
        skip_blanks(&mut rest);
        if rest.peek().is_none() {
            return Ok(settings);
        }
        let keyword = keyword(&mut rest)?;
        let value = value(&mut rest)?;
        settings.push((keyword, value));
    }
}

fn skip_blanks(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| c.is_whitespace()).is_some() {}
}

fn keyword(rest: &mut Peekable<Chars<'_>>) -> Result<String> {
    let mut keyword = String::new();
    while let Some(c) = rest.next_if(|c| !c.is_whitespace() && *c != '=') {
        keyword.push(c);
    }
    skip_blanks(rest);
    match rest.next() {
        Some('=') if !keyword.is_empty() => Ok(keyword),
        _ => Err(malformed(
            "it is neither a URL nor a list of `keyword=value`",
        )),
    }
}

fn value(rest: &mut Peekable<Chars<'_>>) -> Result<String> {
    skip_blanks(rest);
    let quoted = rest.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    loop {
        match rest.next() {
            Some('\'') if quoted => return Ok(value),
            None if quoted => return Err(malformed("a quoted value does not end")),
            None => return Ok(value),
            Some(c) if !quoted && c.is_whitespace() => return Ok(value),
            Some('\\') => value.extend(rest.next()),
            Some(c) => value.push(c),
        }
    }
}

fn malformed(why: &str) -> Error {
    Error::config(format!("the connection string can't be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        settings(text).unwrap()
    }

    fn pairs<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
        expected.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec()
    }

    #[test]
    fn a_url_gives_what_its_parts_say() {
        assert_eq!(
            read("postgres://ann:p%40ss@db:5433/bank?sslmode=require&application_name=a%20b"),
            pairs([
                ("user", "ann"),
                ("password", "p@ss"),
                ("host", "db"),
                ("port", "5433"),
                ("dbname", "bank"),
                ("sslmode", "require"),
                ("application_name", "a b"),
            ])
        );
    }

    #[test]
    fn several_hosts_share_one_url() {
        assert_eq!(
            read("postgresql://u@h1:1,[::1]:2,h3/db"),
            pairs([
                ("user", "u"),
                ("host", "h1,::1,h3"),
                ("port", "1,2,"),
                ("dbname", "db"),
            ])
        );
        assert_eq!(
            read("postgres://%2Fvar%2Frun/db"),
            pairs([("host", "/var/run"), ("dbname", "db")])
        );
    }

    #[test]
    fn an_at_sign_in_a_parameter_is_no_credential() {
        assert_eq!(
            read("postgres://h/db?application_name=a@b"),
            pairs([("host", "h"), ("dbname", "db"), ("application_name", "a@b")])
        );
    }

    #[test]
    fn pairs_may_be_quoted_and_escaped() {
        assert_eq!(
            read(r"host = h  password='a b\'c' options=-c\ x=y user=''"),
            pairs([
                ("host", "h"),
                ("password", "a b'c"),
                ("options", "-c x=y"),
                ("user", ""),
            ])
        );
        assert_eq!(read(""), pairs([]));
    }

    #[test]
    fn no_message_quotes_the_string() {
        for text in [
            "postgres://u:secret@h/db?secret",
            "postgres://u:secret%zz@h/db",
            "postgres://u:secret@[h/db",
            "mysql://u:secret@h/db",
            "password='secret",
            "secret",
            "password secret",
            "postgres://u:secret%ff@h",
            "postgres://u:%",
            "postgres://u:p@secret@h/db",
            "postgres://u:12/secret@h/db",
        ] {
            let message = settings(text).err().map(|e| format!("{e} {e:?}"));
            let message = message.unwrap_or_else(|| panic!("{text} was accepted"));
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
