//! What a flush would do, without doing it.
//!
//! Called by `Session::plan`.
//! It must not leave traces that change what is flushed later.

use super::phases::changes;
use super::plan::Plan;
use super::planner::plan_with_notes;
use crate::error::Error;
use crate::identity_map::IdentityMap;

/// The plan for what waits, with notes for people.
///
/// # Errors
/// Those of a flush that need no database.
pub(crate) fn preview(map: &mut IdentityMap, ordered_locks: bool) -> Result<Plan, Error> {
    let plan = changes(map).and_then(|changes| plan_with_notes(map, &changes, ordered_locks));
    map.clear_claims();
    plan
}
