//! A database for one test.
//!
//! Called by tests.
//! Must not be shared by tests that write: a copy of a template is cheap.

use std::error::Error;

use super::cluster::Cluster;
use super::error::ClusterError;
use super::leftovers;
use super::statement;
use super::template;

/// A database of its own on the [shared](Cluster::shared) server.
///
/// On a server that was started here a drop does nothing, since the server goes away as a whole;
/// each database takes about 8 MB until then. On the server of `DATABASE_URL` the database is
/// dropped, with the sessions that are still on it. Templates, and the databases of processes that
/// were killed, are dropped there by the next process that runs on the same machine.
///
/// Creating one is blocking, and works inside an async runtime, too.
#[derive(Debug)]
pub struct TestDatabase {
    cluster: &'static Cluster,
    name: String,
    url: String,
}

impl TestDatabase {
    /// An empty database, in about 20 milliseconds.
    ///
    /// # Errors
    ///
    /// Those of [`Cluster::shared`], and when the database cannot be created.
    pub fn new() -> Result<TestDatabase, ClusterError> {
        let cluster = Cluster::shared()?;
        copy_of(cluster, "template0", "test")
    }

    /// A copy of the template `name`, in about 20 milliseconds.
    ///
    /// The first call of a process for this name creates the template and gives its connection
    /// string to `setup`, which makes the tables and rows that every copy shall have. Later calls
    /// do not run their `setup`. Connections of the setup should be closed when it returns; one
    /// that is still open a second later is terminated.
    ///
    /// ```
    /// use sessile::test_support::TestDatabase;
    ///
    /// let first = TestDatabase::from_template("empty", |_url| Ok(()))?;
    /// let second = TestDatabase::from_template("empty", |_url| Err("is not run".into()))?;
    /// assert_ne!(first.name(), second.name());
    /// # Ok::<(), sessile::test_support::ClusterError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Cluster::shared`], `Template` with the error of `setup`, and when a database
    /// cannot be created. After an error the next call sets up the template anew.
    pub fn from_template(
        name: &str,
        setup: impl FnOnce(&str) -> Result<(), Box<dyn Error + Send + Sync>>,
    ) -> Result<TestDatabase, ClusterError> {
        let cluster = Cluster::shared()?;
        let template = template::database_for(cluster, name, setup)?;
        copy_of(cluster, &template, name)
    }

    /// The connection string.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The name on the server; no other process uses the same.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // Dropping takes 5 ms and sometimes 100, so it is not done where the server goes anyway.
        if self.cluster.directory().is_none() {
            let sql = leftovers::drop_statement(&self.name);
            let _ = statement::run(&self.cluster.administration_url(), &sql);
        }
    }
}

fn copy_of(
    cluster: &'static Cluster,
    template: &str,
    purpose: &str,
) -> Result<TestDatabase, ClusterError> {
    let name = leftovers::new_name(purpose);
    let sql = template::create_statement(&name, template);
    statement::run(&cluster.administration_url(), &sql).map_err(ClusterError::statement(
        format!("create a database from the template `{template}`"),
    ))?;
    let url = cluster.url(&name);
    Ok(TestDatabase { cluster, name, url })
}
