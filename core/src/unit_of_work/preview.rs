//! What a flush would do, without doing it.
//!
//! Called by `Session::plan`.
//! It must not leave traces that change what is flushed later.

use super::cascade::cascade;
use super::collect::collect;
use super::plan::Plan;
use super::planner::plan_with_notes;
use super::settle::settle;
use crate::error::Error;
use crate::identity_map::IdentityMap;

/// The plan for what waits, with notes for people.
///
/// # Errors
/// Those of a flush that need no database.
pub(crate) fn preview(map: &mut IdentityMap, ordered_locks: bool) -> Result<Plan, Error> {
    let plan = settle(map).and_then(|()| {
        let mut changes = collect(map)?;
        cascade(map, &mut changes)?;
        plan_with_notes(map, &changes, ordered_locks)
    });
    map.clear_claims();
    plan
}
