//! Opens connections, and never waits longer than it was told.
//!
//! Called by `builder` once and by `pool` for every connection; `cancel` borrows its watchdog.
//! It must not panic: a pool that asks for a connection would lose a place for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use postgres::config::SslMode;
use postgres::{Client, Config, NoTls};

use super::sqlstate::connect_error;
use super::target::{Target, TlsNeed};
use super::tls::Tls;
use crate::error::{Error, ErrorKind, Result};

/// So many attempts may hang at once; further ones fail at once until one of them ends.
const MOST_HANGING: usize = 16;

/// Knows where to connect and how.
pub(super) struct Connector {
    config: Config,
    /// Tried when the encrypted attempt of `sslmode=prefer` fails at the handshake.
    in_clear: Option<Config>,
    tls: Tls,
    timeout: Duration,
    place: String,
    hanging: Arc<AtomicUsize>,
}

impl Connector {
    pub(super) fn new(target: Target, timeout: Duration) -> Result<Connector> {
        let tls = Tls::new(&target.tls)?;
        let place = target.place();
        let mut config = target.config;
        // For each host, so that a dead one leaves time for the next.
        let hosts = config.get_hosts().len().max(config.get_hostaddrs().len());
        config.connect_timeout(timeout / u32::try_from(hosts).unwrap_or(1).max(1));
        config.notice_callback(|notice| {
            tracing::debug!(
                target: "sessile::notice",
                severity = notice.severity(),
                message = notice.message(),
            );
        });
        let encrypts = !matches!(tls, Tls::None);
        let in_clear = (encrypts && target.tls.need == TlsNeed::Preferred).then(|| {
            let mut config = config.clone();
            config.ssl_mode(SslMode::Disable);
            config
        });
        Ok(Connector {
            config,
            in_clear,
            tls,
            timeout,
            place,
            hanging: Arc::new(AtomicUsize::new(0)),
        })
    }

    /// Opens a connection, within the connect timeout.
    ///
    /// # Errors
    /// `Connection`, with the server's report or the operating system's error.
    pub(super) fn connect(&self) -> Result<Client> {
        let (config, in_clear, tls) =
            (self.config.clone(), self.in_clear.clone(), self.tls.clone());
        self.watched(move || open(&config, in_clear.as_ref(), &tls))
            .map_err(|e| e.while_doing(format!("connecting to {}", self.place)))
    }

    /// Asks the server to cancel what runs on the connection of this token.
    pub(super) fn cancel(&self, token: postgres::CancelToken) -> Result<()> {
        let tls = self.tls.clone();
        self.watched(move || {
            match tls {
                Tls::None => token.cancel_query(NoTls),
                #[cfg(feature = "tls-rustls")]
                Tls::Rustls(tls) => token.cancel_query(tls),
            }
            .map_err(connect_error)
        })
        .map_err(|e| e.while_doing(format!("cancelling a statement at {}", self.place)))
    }

    /// Runs it on a thread of its own and waits for the connect timeout.
    ///
    /// The driver's own timeout covers only the TCP connect. A listener that accepts and then
    /// says nothing would hold the caller for ever; so it holds a thread, which ends when the
    /// listener gives up.
    fn watched<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = Hanging::enter(&self.hanging)?;
        let (sender, receiver) = sync_channel(1);
        std::thread::Builder::new()
            .name("sessile-connect".into())
            .spawn(move || {
                let result = work();
                // Free before the answer is out, so that the next attempt finds the place.
                drop(place);
                // If nobody waits any more a late connection is dropped here.
                let _ = sender.send(result);
            })
            .map_err(|e| Error::new(ErrorKind::Connection).with_source(e))?;
        match receiver.recv_timeout(self.timeout) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                let why = format!("no answer within {:?}", self.timeout);
                Err(Error::new(ErrorKind::Connection).with_source(why))
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(Error::new(ErrorKind::Connection).with_source("the driver panicked"))
            }
        }
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connector({})", self.place)
    }
}

fn open(config: &Config, in_clear: Option<&Config>, tls: &Tls) -> Result<Client> {
    let result = match tls {
        Tls::None => config.connect(NoTls),
        #[cfg(feature = "tls-rustls")]
        Tls::Rustls(tls) => config.connect(tls.clone()),
    };
    match (result, in_clear) {
        (Ok(client), _) => Ok(client),
        // The driver does not show the kind of its errors; its texts are constant.
        (Err(error), Some(config)) if error.to_string() == "error performing TLS handshake" => {
            config.connect(NoTls).map_err(connect_error)
        }
        (Err(error), _) => Err(connect_error(error)),
    }
}

/// A place among the attempts that may hang.
struct Hanging(Arc<AtomicUsize>);

impl Hanging {
    fn enter(count: &Arc<AtomicUsize>) -> Result<Hanging> {
        let place = Hanging(count.clone());
        if count.fetch_add(1, Ordering::Relaxed) >= MOST_HANGING {
            let why = format!("{MOST_HANGING} earlier attempts still wait for an answer");
            return Err(Error::new(ErrorKind::Connection).with_source(why));
        }
        Ok(place)
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
