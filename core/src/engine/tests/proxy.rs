//! A link to the server that can be broken in the ways that links break.
//!
//! Used by the tests whose fault is between client and server.
//! It must not need privileges: threads that copy bytes, or stop to.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// What happens to bytes on the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Link {
    /// They pass.
    Open,
    /// They are taken and go nowhere, in either direction: a stuck proxy.
    Stuck,
    /// Requests pass; answers are taken and go nowhere.
    Mute,
    /// Requests pass; the first answer breaks the link.
    BreaksAtAnswer,
    /// Requests pass; the next answer breaks the link, and those that are made later are whole.
    LosesAnswer,
    /// The next request breaks the link, which the server hears of a while later; links that are
    /// made later are whole.
    LosesRequest,
    /// The link is broken, and nobody listens.
    Cut,
}

/// A listener that forwards to the server.
pub(super) struct Proxy {
    pub(super) port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    link: AtomicU8,
    accepted: AtomicUsize,
}

impl State {
    fn is(&self, link: Link) -> bool {
        self.link.load(Ordering::SeqCst) == link as u8
    }

    /// Whether this is the one to break; later links are open.
    fn breaks_once(&self, link: Link) -> bool {
        let open = Link::Open as u8;
        let order = Ordering::SeqCst;
        let changed = self.link.compare_exchange(link as u8, open, order, order);
        changed.is_ok()
    }
}

impl Proxy {
    pub(super) fn to(server: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.is(Link::Cut) {
                    continue;
                }
                shared.accepted.fetch_add(1, Ordering::SeqCst);
                forward(client, server, &shared);
            }
        });
        Proxy { port, state }
    }

    pub(super) fn set(&self, link: Link) {
        self.state.link.store(link as u8, Ordering::SeqCst);
        // Longer than a pump's look at the state, so that the change is in force.
        thread::sleep(Duration::from_millis(30));
    }

    /// How many connections came through.
    pub(super) fn accepted(&self) -> usize {
        self.state.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.set(Link::Cut);
    }
}

fn forward(client: TcpStream, server: u16, state: &Arc<State>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (back_from, back_to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let (there, back) = (state.clone(), state.clone());
    thread::spawn(move || pump(client, server, &there, false));
    thread::spawn(move || pump(back_from, back_to, &back, true));
}

/// Copies one direction until the link ends.
fn pump(mut from: TcpStream, mut to: TcpStream, state: &State, answers: bool) {
    let _ = from.set_read_timeout(Some(Duration::from_millis(10)));
    let mut buffer = [0; 64 * 1024];
    while !state.is(Link::Cut) {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => break,
        };
        if answers && (state.is(Link::BreaksAtAnswer) || state.breaks_once(Link::LosesAnswer)) {
            break;
        }
        if !answers && state.breaks_once(Link::LosesRequest) {
            let _ = from.shutdown(Shutdown::Both);
            thread::sleep(Duration::from_millis(300));
            break;
        }
        if state.is(Link::Stuck) || (answers && state.is(Link::Mute)) {
            continue;
        }
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

/// A port whose listener takes connections and never says a word.
pub(super) fn mute_listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port where nobody listens.
pub(super) fn closed_port() -> u16 {
    let (listener, port) = mute_listener();
    drop(listener);
    port
}
