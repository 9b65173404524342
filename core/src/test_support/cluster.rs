//! A PostgreSQL server of our own, from its first start to the removal of its last file.
//!
//! Called by `database` and by tests that need a whole server.
//! Must not outlive the process: the server is a child of the watchdog, never of this one.

use std::env;
use std::error::Error;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::address::Address;
use super::binaries::{self, Origin};
use super::directory;
use super::error::{ClusterError, last_lines};
use super::fetch;
use super::leftovers;
use super::statement;
use super::user;
use super::watchdog::Watchdog;

const READY_WITHIN: Duration = Duration::from_secs(30);
const STOPPED_WITHIN: Duration = Duration::from_secs(15);
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
const LOG_LINES: usize = 20;

/// A running PostgreSQL server that goes away with this process.
///
/// It has one superuser `postgres` without a password, a socket in a directory that is closed to
/// other users, and a database `postgres`. Nothing is synced to disk. Starting takes about half a
/// second, nearly all of it `initdb`.
///
/// Dropping it stops the server, removes its directory and waits for both. The server also stops
/// when the process is killed.
///
/// ```
/// use sessile::test_support::Cluster;
///
/// let cluster = Cluster::start()?;
/// println!("PostgreSQL {}, {}", cluster.version(), cluster.origin());
/// let directory = cluster.directory().expect("a server of our own has one").to_owned();
/// drop(cluster);
/// assert!(!directory.exists());
/// # Ok::<(), sessile::test_support::ClusterError>(())
/// ```
pub struct Cluster {
    origin: Origin,
    version: String,
    address: Address,
    tcp_port: Option<u16>,
    /// None for the server of `DATABASE_URL`. The mutex lets fault tests restart the shared one.
    watchdog: Option<Mutex<Watchdog>>,
}

impl Cluster {
    /// Starts a server of one's own, reachable through a socket only; `DATABASE_URL` is not
    /// looked at.
    ///
    /// # Errors
    ///
    /// When no binaries are found or can be fetched, or when the server is not ready within 30
    /// seconds; the error then holds the end of its log.
    pub fn start() -> Result<Cluster, ClusterError> {
        start_with(None)
    }

    /// Like [`Cluster::start`], and listens on a free port of 127.0.0.1 too, for tests that put a
    /// proxy in between.
    ///
    /// # Errors
    ///
    /// As [`Cluster::start`].
    pub fn start_on_tcp() -> Result<Cluster, ClusterError> {
        let mut attempt = 1;
        loop {
            let port = free_port().map_err(ClusterError::io("find a free port"))?;
            match start_with(Some(port)) {
                // Somebody may take the port before the server does.
                Err(ClusterError::Start { .. }) if attempt < 3 => attempt += 1,
                result => return result,
            }
        }
    }

    /// The server that all tests of this process share: the one of `DATABASE_URL`, else one that
    /// the first call starts.
    ///
    /// # Errors
    ///
    /// As [`Cluster::start`], and when the server of `DATABASE_URL` cannot be reached. The error
    /// of the first call is the error of all later ones.
    pub fn shared() -> Result<&'static Cluster, ClusterError> {
        static SHARED: OnceLock<Result<Cluster, Arc<ClusterError>>> = OnceLock::new();
        SHARED
            .get_or_init(|| given_or_started().map_err(Arc::new))
            .as_ref()
            .map_err(|error| ClusterError::Shared(Arc::clone(error)))
    }

    /// The connection string of a database, in the form of a URL.
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }

    /// The version of the server, such as `15.18`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where the server comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The port on 127.0.0.1, if the server was started by [`Cluster::start_on_tcp`].
    pub fn tcp_port(&self) -> Option<u16> {
        self.tcp_port
    }

    /// The directory of a server of our own: `data`, `log` and the socket. It is removed with the
    /// server.
    pub fn directory(&self) -> Option<&Path> {
        match &self.address {
            Address::Socket { directory, .. } => Some(directory),
            Address::Given(_) => None,
        }
    }

    /// The process number of the postmaster; none when it is stopped or not ours.
    pub fn pid(&self) -> Option<u32> {
        self.watchdog().ok()?.pid()
    }

    /// Stops the server and starts it again, with the same data, socket and port. Sessions are
    /// ended. Starts a server that was stopped or has crashed, too.
    ///
    /// # Errors
    ///
    /// `NotOurs` for the server of `DATABASE_URL`; else as [`Cluster::start`].
    pub fn restart(&self) -> Result<(), ClusterError> {
        let mut watchdog = self.watchdog()?;
        watchdog
            .stop()
            .map_err(ClusterError::io("order the server to stop"))?;
        self.wait_until_stopped(&watchdog)?;
        self.launch(&mut watchdog)
    }

    /// Stops the server as a crash would, without a checkpoint and without a word to its clients.
    /// [`Cluster::restart`] starts it again, and what was committed is recovered.
    ///
    /// # Errors
    ///
    /// `NotOurs` for the server of `DATABASE_URL`.
    pub fn stop_hard(&self) -> Result<(), ClusterError> {
        let mut watchdog = self.watchdog()?;
        watchdog
            .crash()
            .map_err(ClusterError::io("order the server to crash"))?;
        self.wait_until_stopped(&watchdog)
    }

    /// The connection string for creating and dropping databases.
    pub(super) fn administration_url(&self) -> String {
        self.address.administration_url()
    }

    fn watchdog(&self) -> Result<MutexGuard<'_, Watchdog>, ClusterError> {
        let watchdog = self.watchdog.as_ref().ok_or(ClusterError::NotOurs)?;
        // A panic between two orders leaves the watchdog as good as it was.
        Ok(watchdog.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn launch(&self, watchdog: &mut Watchdog) -> Result<(), ClusterError> {
        watchdog
            .start()
            .map_err(ClusterError::io("order the server to start"))?;
        let url = self.administration_url();
        let begin = Instant::now();
        loop {
            // Before the attempt: a server that has ended in the meantime is seen next time.
            let has_ended = watchdog.has_ended();
            let refusal = match self.try_to_connect(&url) {
                Ok(true) => return Ok(()),
                Ok(false) => None,
                Err(error) => Some(error.into()),
            };
            if has_ended {
                return Err(self.start_error("ended while it was starting", refusal));
            }
            if begin.elapsed() > READY_WITHIN {
                return Err(self.start_error("was not ready within 30 seconds", refusal));
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Whether the server answers; false while it has no socket, which is cheaper to see.
    fn try_to_connect(&self, url: &str) -> Result<bool, postgres::Error> {
        if let Address::Socket { directory, port } = &self.address
            && !directory.join(format!(".s.PGSQL.{port}")).exists()
        {
            return Ok(false);
        }
        statement::run(url, "").map(|()| true)
    }

    fn wait_until_stopped(&self, watchdog: &Watchdog) -> Result<(), ClusterError> {
        let begin = Instant::now();
        while !watchdog.has_ended() {
            if begin.elapsed() > STOPPED_WITHIN {
                return Err(self.start_error("did not stop within 15 seconds", None));
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        Ok(())
    }

    fn start_error(
        &self,
        problem: &'static str,
        source: Option<Box<dyn Error + Send + Sync>>,
    ) -> ClusterError {
        let log = self.directory().map(|directory| directory.join("log"));
        let log = log.and_then(|path| fs::read(path).ok()).unwrap_or_default();
        ClusterError::Start {
            problem,
            log: last_lines(&String::from_utf8_lossy(&log), LOG_LINES),
            source,
        }
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Cluster")
            .field("origin", &self.origin)
            .field("version", &self.version)
            .field("directory", &self.directory())
            .field("tcp_port", &self.tcp_port)
            .finish_non_exhaustive()
    }
}

fn given_or_started() -> Result<Cluster, ClusterError> {
    let given = env::var("DATABASE_URL").ok();
    match given.filter(|given| !given.is_empty()) {
        Some(given) => use_given(given),
        None => Cluster::start(),
    }
}

fn use_given(given: String) -> Result<Cluster, ClusterError> {
    let answer = statement::read_column(&given, "show server_version")
        .map_err(|error| ClusterError::DatabaseUrl(error.into()))?;
    leftovers::drop_those_of_dead_processes(&given);
    let version = answer.first().and_then(|text| text.split(' ').next());
    Ok(Cluster {
        origin: Origin::DatabaseUrl,
        version: version.unwrap_or("unknown").to_owned(),
        address: Address::Given(given),
        tcp_port: None,
        watchdog: None,
    })
}

fn start_with(tcp_port: Option<u16>) -> Result<Cluster, ClusterError> {
    let user = user::server_user()?;
    let binaries = match binaries::find_installed()? {
        Some(binaries) => binaries,
        None => fetch::fetch()?,
    };
    let directory: PathBuf = directory::create(user)?;
    let port = tcp_port.unwrap_or(5432);
    let watchdog = Watchdog::spawn(&directory, &binaries, user, &options(tcp_port, port));
    let watchdog = watchdog.map_err(|source| {
        let _ = fs::remove_dir(&directory);
        ClusterError::io("spawn /bin/sh to watch over the server")(source)
    })?;
    let cluster = Cluster {
        origin: binaries.origin,
        version: binaries.version,
        address: Address::Socket { directory, port },
        tcp_port,
        watchdog: Some(Mutex::new(watchdog)),
    };
    // Should it fail, the watchdog is dropped with the cluster and cleans up.
    cluster.launch(&mut *cluster.watchdog()?)?;
    Ok(cluster)
}

fn options(tcp_port: Option<u16>, port: u16) -> Vec<String> {
    let listen = tcp_port.map_or("", |_| "127.0.0.1");
    let settings = [
        format!("listen_addresses={listen}"),
        format!("port={port}"),
        "max_connections=100".to_owned(),
        "shared_buffers=32MB".to_owned(),
        // The data lives no longer than the process, so nothing need survive the machine.
        "fsync=off".to_owned(),
        "synchronous_commit=off".to_owned(),
        "full_page_writes=off".to_owned(),
        // The log of a few hundred new databases would otherwise keep 1 GB of memory.
        "max_wal_size=64MB".to_owned(),
        "min_wal_size=32MB".to_owned(),
        "autovacuum=off".to_owned(),
        // Files among the data: a server that is killed leaves the other kind in shared memory.
        "dynamic_shared_memory_type=mmap".to_owned(),
        // Its libraries are not among the fetched ones.
        "jit=off".to_owned(),
        // GMT is built in; UTC is read from a file that a small container image may lack.
        "timezone=GMT".to_owned(),
        "log_timezone=GMT".to_owned(),
    ];
    settings
        .into_iter()
        .flat_map(|setting| ["-c".to_owned(), setting])
        .collect()
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
