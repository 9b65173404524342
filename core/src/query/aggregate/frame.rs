//! Frames: which rows of a window are seen, counted from the current one.
//!
//! Callers write them as Rust ranges of bounds; `window` takes them.
//! It must not check what PostgreSQL checks: that a frame does not end before it starts.

use std::ops::{RangeFrom, RangeFull, RangeInclusive, RangeToInclusive};

use crate::query::Param;
use crate::query::expression::value::bind;
use crate::statement::{Node, Parameter, Piece};

/// Where a frame begins or ends. Made by [`current_row`], [`preceding`] and [`following`].
#[derive(Clone, Debug)]
#[must_use = "a bound does nothing until it is part of a frame"]
pub struct FrameBound(Bound);

#[derive(Clone, Debug)]
enum Bound {
    UnboundedPreceding,
    /// Rows, or groups of rows.
    Counted(Node, Side),
    /// A distance in the order.
    Distant(Node, Side),
    CurrentRow,
    UnboundedFollowing,
}

#[derive(Clone, Copy, Debug)]
enum Side {
    Preceding,
    Following,
}

/// The current row; in a range or in groups, with its equals.
pub fn current_row() -> FrameBound {
    FrameBound(Bound::CurrentRow)
}

/// So many rows or groups before the current one.
pub fn preceding(count: u32) -> FrameBound {
    FrameBound(Bound::Counted(counted(count), Side::Preceding))
}

/// So many rows or groups after the current one.
pub fn following(count: u32) -> FrameBound {
    FrameBound(Bound::Counted(counted(count), Side::Following))
}

/// The value in the order less this, in a range: an `Interval` for timestamps.
pub fn preceding_by(distance: impl Param) -> FrameBound {
    let distance = Node::Parameter(bind(distance).into());
    FrameBound(Bound::Distant(distance, Side::Preceding))
}

/// The value in the order and this, in a range: an `Interval` for timestamps.
pub fn following_by(distance: impl Param) -> FrameBound {
    let distance = Node::Parameter(bind(distance).into());
    FrameBound(Bound::Distant(distance, Side::Following))
}

fn counted(count: u32) -> Node {
    Node::Parameter(Parameter::new(i64::from(count)))
}

/// The two ends of a frame.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Frame(FrameBound, FrameBound);

impl Default for Frame {
    fn default() -> Self {
        Frame(FrameBound(Bound::UnboundedPreceding), current_row())
    }
}

/// A Rust range of bounds: `preceding(2)..=current_row()`, `..=current_row()`, `current_row()..`,
/// or `..` for the whole partition.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no frame of a window",
    label = "expected a range with its end, such as `preceding(2)..=current_row()`"
)]
pub trait IntoFrame {
    #[doc(hidden)]
    fn into_frame(self) -> Frame;
}

impl IntoFrame for RangeInclusive<FrameBound> {
    fn into_frame(self) -> Frame {
        let (start, end) = self.into_inner();
        Frame(start, end)
    }
}

impl IntoFrame for RangeToInclusive<FrameBound> {
    fn into_frame(self) -> Frame {
        Frame(FrameBound(Bound::UnboundedPreceding), self.end)
    }
}

impl IntoFrame for RangeFrom<FrameBound> {
    fn into_frame(self) -> Frame {
        Frame(self.start, FrameBound(Bound::UnboundedFollowing))
    }
}

impl IntoFrame for RangeFull {
    fn into_frame(self) -> Frame {
        let start = FrameBound(Bound::UnboundedPreceding);
        Frame(start, FrameBound(Bound::UnboundedFollowing))
    }
}

/// What the bounds of a frame count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Mode {
    Rows,
    Range,
    Groups,
}

/// Which rows near the current one are left out of a frame.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) enum Exclusion {
    CurrentRow,
    Group,
    Ties,
}

impl Frame {
    pub(in crate::query) fn add_pieces(self, mode: Mode, pieces: &mut Vec<Piece>) {
        pieces.push(mode.text().into());
        self.0.add_pieces(mode, pieces);
        pieces.push(" AND ".into());
        self.1.add_pieces(mode, pieces);
    }
}

impl FrameBound {
    fn add_pieces(self, mode: Mode, pieces: &mut Vec<Piece>) {
        match self.0 {
            Bound::UnboundedPreceding => pieces.push("UNBOUNDED PRECEDING".into()),
            Bound::CurrentRow => pieces.push("CURRENT ROW".into()),
            Bound::UnboundedFollowing => pieces.push("UNBOUNDED FOLLOWING".into()),
            Bound::Distant(..) if mode != Mode::Range => pieces.push(Piece::Refused(
                "a distance is a bound of a range, not of rows or groups: those are counted by \
                 `preceding` and `following`"
                    .to_owned(),
            )),
            Bound::Counted(count, side) | Bound::Distant(count, side) => {
                pieces.push(count.into());
                pieces.push(match side {
                    Side::Preceding => " PRECEDING".into(),
                    Side::Following => " FOLLOWING".into(),
                });
            }
        }
    }
}

impl Mode {
    fn text(self) -> &'static str {
        match self {
            Mode::Rows => " ROWS BETWEEN ",
            Mode::Range => " RANGE BETWEEN ",
            Mode::Groups => " GROUPS BETWEEN ",
        }
    }
}

impl Exclusion {
    pub(in crate::query) fn text(self) -> &'static str {
        match self {
            Exclusion::CurrentRow => " EXCLUDE CURRENT ROW",
            Exclusion::Group => " EXCLUDE GROUP",
            Exclusion::Ties => " EXCLUDE TIES",
        }
    }
}
