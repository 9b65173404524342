//! The one integration binary; a module per behaviour.

#![allow(clippy::unwrap_used, reason = "a test may panic in its helpers, too")]

mod cluster;
