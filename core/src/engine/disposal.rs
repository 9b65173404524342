//! Where clients go that may be stuck.
//!
//! Called by `driver` when a client is given up.
//! It must not be waited for: dropping a client with an unanswered request hangs.

use postgres::Client;

/// Drops the client on a thread of its own.
///
/// The drop waits for the answer to what was sent last, which may never come. One thread for
/// all of them would be blocked by the first, so each has its own; a thread ends when its peer
/// does. Without a thread to be had the client is leaked, which is better than to hang.
pub(super) fn dispose(client: Client) {
    let thread = std::thread::Builder::new().name("sessile-disposal".into());
    let parcel = std::mem::ManuallyDrop::new(client);
    let _ = thread.spawn(move || drop(std::mem::ManuallyDrop::into_inner(parcel)));
}
