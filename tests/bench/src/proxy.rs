//! A forwarder between a peer and the server that counts the messages of the protocol.
//!
//! `counts` has the peers connect through it, in a pass that is not timed.
//! It must not change a byte. See "Frontend/Backend Protocol", chapter "Message Formats", in
//! PostgreSQL's manual.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use postgres::Config;

use crate::database::address;
use crate::peer::Result;

/// What has passed since the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Messages that the server answers by "ready for query": Sync and Query.
    pub(crate) round_trips: u64,
    /// Messages that run something: Execute and Query. A Query may hold several statements.
    pub(crate) statements: u64,
    /// Texts that the server has to parse: Parse and Query.
    pub(crate) parses: u64,
    /// Bytes to the server.
    pub(crate) sent: u64,
    /// Bytes from the server.
    pub(crate) received: u64,
}

#[derive(Debug, Default)]
struct Counters {
    round_trips: AtomicU64,
    statements: AtomicU64,
    parses: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

/// A proxy that listens on loopback TCP as long as the process lives.
#[derive(Debug)]
pub(crate) struct Proxy {
    url: String,
    counters: Arc<Counters>,
}

impl Proxy {
    /// In front of the server of this connection string.
    pub(crate) fn start(url: &str) -> Result<Proxy> {
        let (config, server) = address(url)?;
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let counters = Arc::new(Counters::default());
        let shared = counters.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A connection that can't be made ends, which the peer reports.
                let _ = forward(client, &server, &shared);
            }
        });
        Ok(Proxy {
            url: through(&config, port),
            counters,
        })
    }

    /// The connection string that leads through it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What has passed since the last call.
    pub(crate) fn take(&self) -> Counts {
        let take = |counter: &AtomicU64| counter.swap(0, Ordering::SeqCst);
        Counts {
            round_trips: take(&self.counters.round_trips),
            statements: take(&self.counters.statements),
            parses: take(&self.counters.parses),
            sent: take(&self.counters.sent),
            received: take(&self.counters.received),
        }
    }
}

fn through(config: &Config, port: u16) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let mut url = format!("host=127.0.0.1 port={port} sslmode=disable");
    if let Some(user) = config.get_user() {
        url.push_str(&format!(" user={}", quoted(user)));
    }
    if let Some(password) = config.get_password() {
        let password = String::from_utf8_lossy(password);
        url.push_str(&format!(" password={}", quoted(&password)));
    }
    if let Some(database) = config.get_dbname() {
        url.push_str(&format!(" dbname={}", quoted(database)));
    }
    url
}

/// A connection to the server.
trait Stream: Read + Write + Send + Sized {
    fn twin(&self) -> io::Result<Self>;
    fn close(&self, how: Shutdown);
}

impl Stream for TcpStream {
    fn twin(&self) -> io::Result<Self> {
        self.try_clone()
    }

    fn close(&self, how: Shutdown) {
        let _ = self.shutdown(how);
    }
}

impl Stream for UnixStream {
    fn twin(&self) -> io::Result<Self> {
        self.try_clone()
    }

    fn close(&self, how: Shutdown) {
        let _ = self.shutdown(how);
    }
}

fn forward(client: TcpStream, server: &str, counters: &Arc<Counters>) -> io::Result<()> {
    client.set_nodelay(true)?;
    if server.starts_with('/') {
        return pipe(client, UnixStream::connect(server)?, counters);
    }
    let server = TcpStream::connect(server)?;
    server.set_nodelay(true)?;
    pipe(client, server, counters)
}

fn pipe<S: Stream + 'static>(
    client: TcpStream,
    server: S,
    counters: &Arc<Counters>,
) -> io::Result<()> {
    let (mut from_client, mut to_server) = (client.twin()?, server.twin()?);
    let up = counters.clone();
    thread::spawn(move || {
        let mut reader = Reader::default();
        copy(&mut from_client, &mut to_server, |bytes| {
            up.sent.fetch_add(bytes.len() as u64, Ordering::SeqCst);
            reader.read(bytes, |tag| count(&up, tag));
        });
        to_server.close(Shutdown::Write);
    });
    let (mut from_server, mut to_client) = (server, client);
    let down = counters.clone();
    thread::spawn(move || {
        copy(&mut from_server, &mut to_client, |bytes| {
            down.received
                .fetch_add(bytes.len() as u64, Ordering::SeqCst);
        });
        to_client.close(Shutdown::Both);
    });
    Ok(())
}

/// Until one side ends; counted before it is sent on, so that an answer is never ahead of the
/// count of its question.
fn copy(from: &mut impl Read, to: &mut impl Write, mut look: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        look(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}

fn count(counters: &Counters, tag: u8) {
    let counted: &[&AtomicU64] = match tag {
        b'S' => &[&counters.round_trips],
        b'E' => &[&counters.statements],
        b'P' => &[&counters.parses],
        b'Q' => &[
            &counters.round_trips,
            &counters.statements,
            &counters.parses,
        ],
        _ => &[],
    };
    for counter in counted {
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

/// Follows the messages of a frontend through reads that end anywhere.
#[derive(Debug, Default)]
struct Reader {
    /// The first message of a connection has no tag.
    started: bool,
    /// The beginning of a message, up to its length.
    head: Vec<u8>,
    /// Bytes of the message's body that are still to come.
    rest: usize,
}

impl Reader {
    fn read(&mut self, mut bytes: &[u8], mut message: impl FnMut(u8)) {
        while !bytes.is_empty() {
            if self.rest > 0 {
                let skipped = self.rest.min(bytes.len());
                self.rest -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            self.head.push(bytes[0]);
            bytes = &bytes[1..];
            let tagged = usize::from(self.started);
            if let Some(length) = self.head.get(tagged..).and_then(|h| h.first_chunk::<4>()) {
                // The length counts itself.
                self.rest = (u32::from_be_bytes(*length) as usize).saturating_sub(4);
                if self.started {
                    message(self.head[0]);
                }
                self.started = true;
                self.head.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(reads: &[&[u8]]) -> Vec<u8> {
        let mut reader = Reader::default();
        let mut tags = Vec::new();
        for read in reads {
            reader.read(read, |tag| tags.push(tag));
        }
        tags
    }

    #[test]
    fn messages_are_found_wherever_reads_end() {
        let stream = [
            b"\x00\x00\x00\x09\x00\x03\x00\x00\x00".as_slice(),
            b"Q\x00\x00\x00\x0aBEGIN\x00",
            b"P\x00\x00\x00\x07a\x00\x00",
            b"S\x00\x00\x00\x04",
        ]
        .concat();
        assert_eq!(tags(&[&stream]), b"QPS");
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(tags(&single), b"QPS");
    }
}
