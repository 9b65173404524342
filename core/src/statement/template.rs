//! Expressions in words: text with operands between.
//!
//! The query room makes them for what has no operator of its own, and for fragments of the user.
//! It must not hold a value: values are operands.

use std::borrow::Cow;

use super::Node;

/// Text and operands, one after the other.
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
    /// Whether it may be NULL only by itself, whatever its operands are: `count(..)`,
    /// `coalesce(.., 0)`.
    pub(crate) never_null: bool,
    /// Whether it is not of our own building, so that it may do more than read.
    pub(crate) foreign: bool,
}

/// A piece of a template.
pub(crate) enum Piece {
    /// Sent as it is.
    Text(Cow<'static, str>),
    /// An operand.
    Node(Node),
    /// What can't be sent, and why: it is said when the statement is made.
    Refused(String),
}

impl Template {
    /// Of our own building: reads and does nothing else.
    pub(crate) fn own(pieces: Vec<Piece>) -> Template {
        Template {
            pieces,
            never_null: false,
            foreign: false,
        }
    }

    /// In somebody else's words.
    pub(crate) fn foreign(pieces: Vec<Piece>) -> Template {
        Template {
            pieces,
            never_null: false,
            foreign: true,
        }
    }

    /// The operands.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Node(node) => Some(node),
            Piece::Text(_) | Piece::Refused(_) => None,
        })
    }
}

impl From<&'static str> for Piece {
    fn from(text: &'static str) -> Self {
        Piece::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Piece::Text(Cow::Owned(text))
    }
}

impl From<Node> for Piece {
    fn from(node: Node) -> Self {
        Piece::Node(node)
    }
}
