//! Why one row of a plan waits for another.
//!
//! Plans show it; the planner's links say it in their own words.
//! It must not know rows.

use std::fmt;

/// Why one row of a plan waits for another.
///
/// `Display` is the end of a sentence that begins with the fields: *Entry.payer needs the new key*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The later row refers to the earlier one, whose key the database makes.
    NeedsNewKey,
    /// The later row refers to the earlier one, which must be there.
    RefersTo,
    /// The later row refers to the earlier one by the key that it is about to get.
    RefersToChangedKey,
    /// The earlier row refers to the later one by the key that it is about to lose.
    FollowsChangedKey,
    /// The later row's key holds that of the earlier one, which changes.
    PartOfChangedKey,
    /// The earlier row gives up its reference to the later one, which is deleted.
    NoLongerRefers,
    /// The earlier row is pointed at the later one, which is deleted: the database then does what
    /// `on_delete` says.
    RefersToDeleted,
    /// The database deletes a row with the earlier one that refers to the later one, which is
    /// deleted too.
    GoneBeforeDeleted,
    /// The later row refers to the earlier one, and both get other keys: they need statements of
    /// their own, in any order.
    CheckedApart,
    /// The earlier row gives up a unique value, and the later one takes it.
    BecomesFree,
    /// Both are the same row, which was NULL there until now.
    WasNull,
    /// Both are the same row, and this is its fix-up.
    ComesLate,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::NeedsNewKey => "needs the new key",
            Reason::RefersTo => "refers to it",
            Reason::RefersToChangedKey => "refers to the changed key",
            Reason::FollowsChangedKey => "follows the key that changes",
            Reason::PartOfChangedKey => "is part of the key that changes",
            Reason::NoLongerRefers => "no longer refers to it",
            Reason::RefersToDeleted => "refers to what is deleted",
            Reason::GoneBeforeDeleted => "of a row that goes with it refers to what is deleted",
            Reason::CheckedApart => "is checked when both get other keys",
            Reason::BecomesFree => "becomes free",
            Reason::WasNull => "was NULL until now",
            Reason::ComesLate => "comes late",
        })
    }
}
