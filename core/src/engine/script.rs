//! Statements on a connection of their own: connect, run, close.
//!
//! Called by `test_support`, to ask whether a server is ready and to create and drop databases.
//! Must not be used for work that belongs to a session: there is no pool, no TLS, no transaction.

use std::time::Duration;

use postgres::{Client, Config, Error, NoTls, SimpleQueryMessage};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Connects to `url`, sends `sql` as one simple query and closes the connection; an empty `sql`
/// only connects. `CREATE DATABASE` and `DROP DATABASE` have to be sent alone.
pub(crate) fn run_script(url: &str, sql: &str) -> Result<(), Error> {
    let mut client = connect(url)?;
    if !sql.is_empty() {
        client.batch_execute(sql)?;
    }
    client.close()
}

/// Like [`run_script`], and gives the first column of the rows as text, NULLs left out.
pub(crate) fn read_column(url: &str, sql: &str) -> Result<Vec<String>, Error> {
    let mut client = connect(url)?;
    let column = client
        .simple_query(sql)?
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .collect();
    client.close()?;
    Ok(column)
}

fn connect(url: &str) -> Result<Client, Error> {
    let mut config: Config = url.parse()?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    config.connect(NoTls)
}
