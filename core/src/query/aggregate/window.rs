//! Windows: which rows a function sees beside the one it is computed for.
//!
//! Callers make them with `window` and pass them to `over`.
//! It must not know functions.

use std::fmt;
use std::marker::PhantomData;

use crate::query::aggregate::frame::{Exclusion, Frame, IntoFrame, Mode};
use crate::query::expression::order::order_pieces;
use crate::query::{Expression, Joined, Nothing, OrderKeys, Scope};
use crate::statement::{Node, OrderBy, Piece};

/// Rows that a function sees. See [`window`].
#[must_use = "a window does nothing until a function goes over it"]
pub struct Window<S = Nothing> {
    partitions: Vec<Node>,
    orders: Vec<OrderBy>,
    frame: Option<(Mode, Frame)>,
    exclusion: Option<Exclusion>,
    scope: PhantomData<fn() -> S>,
}

/// All rows of the query, until it is partitioned; in no order, until it is ordered.
///
/// Without a frame a window that is ordered goes from its first row to the current one and its
/// equals; one that is not ordered has all rows of the partition. That is PostgreSQL's default.
///
/// ```
/// use sessile::{Model, sql::{avg, current_row, preceding, window}};
///
/// #[derive(Model, Clone, Debug)]
/// struct Sample {
///     #[model(key)]
///     id: i64,
///     rate: f64,
/// }
///
/// let smooth = avg(Sample::RATE).over(
///     window().order_by(Sample::ID).rows(preceding(2)..=current_row()),
/// );
/// assert_eq!(
///     format!("{smooth:?}"),
///     "Expr(avg(rate) OVER (ORDER BY id ROWS BETWEEN $1 PRECEDING AND CURRENT ROW))"
/// );
/// ```
pub fn window() -> Window {
    Window {
        partitions: Vec::new(),
        orders: Vec::new(),
        frame: None,
        exclusion: None,
        scope: PhantomData,
    }
}

impl<S: Scope> Window<S> {
    /// Only rows that are equal in these: a column, an expression or a tuple of up to six.
    pub fn partition_by<P: Partition>(mut self, by: P) -> Window<Joined<S, P::Scope>> {
        by.add_nodes(&mut self.partitions);
        self.rescoped()
    }

    /// The rows in this order, after the orders of earlier calls.
    pub fn order_by<O: OrderKeys>(mut self, orders: O) -> Window<Joined<S, O::Scope>> {
        orders.add_keys(&mut self.orders);
        self.rescoped()
    }

    /// Rows counted from the current one: `rows(preceding(2)..=current_row())`.
    pub fn rows(self, frame: impl IntoFrame) -> Self {
        self.framed(Mode::Rows, frame)
    }

    /// Rows whose value in the order is no further away than this:
    /// `range(preceding_by(Interval::days(7))..=current_row())`.
    pub fn range(self, frame: impl IntoFrame) -> Self {
        self.framed(Mode::Range, frame)
    }

    /// Groups of rows that are equal in the order, counted from that of the current row.
    pub fn groups(self, frame: impl IntoFrame) -> Self {
        self.framed(Mode::Groups, frame)
    }

    /// Leaves the current row out of its frame.
    pub fn exclude_current_row(self) -> Self {
        self.excluding(Exclusion::CurrentRow)
    }

    /// Leaves the current row and those that are equal to it in the order out of its frame.
    pub fn exclude_group(self) -> Self {
        self.excluding(Exclusion::Group)
    }

    /// Leaves rows that are equal to the current one in the order out of its frame, but not the
    /// current one itself.
    pub fn exclude_ties(self) -> Self {
        self.excluding(Exclusion::Ties)
    }

    fn framed(mut self, mode: Mode, frame: impl IntoFrame) -> Self {
        self.frame = Some((mode, frame.into_frame()));
        self
    }

    fn excluding(mut self, exclusion: Exclusion) -> Self {
        self.exclusion = Some(exclusion);
        // An exclusion is part of a frame; this is the one that holds when none is given.
        self.frame
            .get_or_insert_with(|| (Mode::Range, Frame::default()));
        self
    }

    fn rescoped<T>(self) -> Window<T> {
        Window {
            partitions: self.partitions,
            orders: self.orders,
            frame: self.frame,
            exclusion: self.exclusion,
            scope: PhantomData,
        }
    }
}

impl<S> Window<S> {
    /// A function over this window.
    ///
    /// Whether it may be NULL is in the function's type: an outer join does not make it so.
    pub(in crate::query) fn over(self, function: Piece) -> Node {
        let mut pieces = vec![function, " OVER (".into()];
        pieces.extend(self.into_pieces());
        pieces.push(")".into());
        Node::never_null(pieces)
    }

    fn into_pieces(self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (i, node) in self.partitions.into_iter().enumerate() {
            pieces.push(if i == 0 { "PARTITION BY " } else { ", " }.into());
            pieces.push(node.into());
        }
        order_pieces(&mut pieces, self.orders);
        if let Some((mode, frame)) = self.frame {
            frame.add_pieces(mode, &mut pieces);
        }
        if let Some(exclusion) = self.exclusion {
            pieces.push(exclusion.text().into());
        }
        // Each clause begins with a space, the first needs none.
        if let Some(Piece::Text(text)) = pieces.first_mut() {
            *text = text.trim_start().to_owned().into();
        }
        pieces
    }
}

impl<S> Clone for Window<S> {
    fn clone(&self) -> Self {
        Window {
            partitions: self.partitions.clone(),
            orders: self.orders.clone(),
            frame: self.frame.clone(),
            exclusion: self.exclusion,
            scope: PhantomData,
        }
    }
}

impl<S> fmt::Debug for Window<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pieces = self.clone().into_pieces();
        write!(f, "Window({:?})", Node::words(pieces))
    }
}

/// What windows are partitioned by: a column, an expression, or a tuple of up to six.
#[diagnostic::on_unimplemented(
    message = "a window can't be partitioned by `{Self}`",
    label = "expected a column, an expression or a tuple of them"
)]
pub trait Partition {
    /// The models that it names.
    type Scope: Scope;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn add_nodes(self, nodes: &mut Vec<Node>);
}

impl<E: Expression> Partition for E {
    type Scope = E::Scope;

    #[allow(private_interfaces)]
    fn add_nodes(self, nodes: &mut Vec<Node>) {
        nodes.push(self.into_expression().into_node());
    }
}

macro_rules! tuple_partitions {
    (@scope $first:ident) => { $first::Scope };
    (@scope $first:ident, $($rest:ident),+) => {
        Joined<$first::Scope, tuple_partitions!(@scope $($rest),+)>
    };
    ($(($($p:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<$($p: Partition),+> Partition for ($($p,)+) {
                type Scope = tuple_partitions!(@scope $($p),+);

                #[allow(private_interfaces)]
                fn add_nodes(self, nodes: &mut Vec<Node>) {
                    $(self.$i.add_nodes(nodes);)+
                }
            }
        )+
    };
}
tuple_partitions!(
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
);
