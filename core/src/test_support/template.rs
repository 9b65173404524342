//! Template databases: set up once per process and name, copied for each test.
//!
//! Called by `database`.
//! Must not leave a session on a template: while there is one, `CREATE DATABASE … TEMPLATE` waits
//! for 5 seconds and then fails with 55006.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::cluster::Cluster;
use super::error::ClusterError;
use super::leftovers;
use super::statement;

/// How long a session of the setup may take to leave, before it is made to.
const PATIENCE: Duration = Duration::from_secs(1);
const GIVE_UP: Duration = Duration::from_secs(10);

/// The database of a template, once it is ready.
type Slot = Arc<Mutex<Option<String>>>;

/// The name of the template database, which the first call for `name` creates and sets up. Calls
/// for the same name wait for it, calls for other names do not.
pub(super) fn database_for(
    cluster: &Cluster,
    name: &str,
    setup: impl FnOnce(&str) -> Result<(), Box<dyn Error + Send + Sync>>,
) -> Result<String, ClusterError> {
    let slot = slot(name);
    // A setup that panicked left the slot empty: the next call tries again.
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(database) = &*slot {
        return Ok(database.clone());
    }
    let database = leftovers::new_name(&format!("t_{name}"));
    let url = cluster.administration_url();
    statement::run(&url, &create_statement(&database, "template0"))
        .map_err(ClusterError::statement("create a template database"))?;
    let prepared = setup(&cluster.url(&database))
        .map_err(|source| ClusterError::Template {
            name: name.to_owned(),
            source,
        })
        .and_then(|()| close(&url, &database));
    if let Err(error) = prepared {
        let _ = statement::run(&url, &leftovers::drop_statement(&database));
        return Err(error);
    }
    *slot = Some(database.clone());
    Ok(database)
}

/// The statement that creates `database` as a copy. It has to be sent alone.
pub(super) fn create_statement(database: &str, template: &str) -> String {
    format!("create database \"{database}\" template \"{template}\"")
}

fn slot(name: &str) -> Slot {
    static SLOTS: Mutex<Option<HashMap<String, Slot>>> = Mutex::new(None);
    let mut slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
    let slots = slots.get_or_insert_default();
    Arc::clone(slots.entry(name.to_owned()).or_default())
}

/// Lets nobody in any more and waits until everybody has left. A backend takes a moment to go
/// after its client has; one whose client was forgotten, in a pool say, is terminated. So no copy
/// ever meets a session, and none has to be tried twice.
fn close(url: &str, database: &str) -> Result<(), ClusterError> {
    let doing = || ClusterError::statement("close a template database");
    let close = format!("alter database \"{database}\" allow_connections false");
    statement::run(url, &close).map_err(doing())?;

    let begin = Instant::now();
    loop {
        let what = match begin.elapsed() > PATIENCE {
            false => "pid",
            true => "pg_terminate_backend(pid)",
        };
        let sessions = format!("select {what} from pg_stat_activity where datname = '{database}'");
        let sessions = statement::read_column(url, &sessions).map_err(doing())?;
        if sessions.is_empty() || begin.elapsed() > GIVE_UP {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(2));
    }
}
