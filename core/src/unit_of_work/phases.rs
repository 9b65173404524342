//! The phases of a flush before the plan, one after the other.
//!
//! Called by `session::flush`, and by `preview`.
//! It must not know what becomes of the changes.

use super::cascade::cascade;
use super::changes::Changes;
use super::collect::collect;
use super::settle::settle;
use crate::error::Error;
use crate::identity_map::IdentityMap;

/// What the touched objects ask for, and what follows from it.
///
/// # Errors
/// Those of a flush that need neither a plan nor a database.
pub(crate) fn changes(map: &mut IdentityMap) -> Result<Changes, Error> {
    settle(map)?;
    let mut changes = collect(map)?;
    cascade(map, &mut changes)?;
    Ok(changes)
}
