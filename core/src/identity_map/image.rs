//! Which value is meant: an object has one now, and one that the database knows.
//!
//! Whoever asks a store for references or columns says so.
//! It must not hold values.

/// Which value of an object is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Image {
    /// The value now.
    Current,
    /// The value at the last flush; the same where nothing was touched since.
    Flushed,
}

/// One column of one object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) slot: u32,
    pub(crate) image: Image,
    pub(crate) field: usize,
    /// Which of the field's columns.
    pub(crate) part: usize,
}
