//! What has no operator of its own: functions by name, and fragments in the caller's own words.
//!
//! Callers write a function of theirs once, in one typed line, or pass a fragment where an
//! expression is wanted.
//! It must not put values into text: they are operands.

use std::sync::Arc;

use crate::model::{Column, Model};
use crate::query::expression::value::bind;
use crate::query::{Expr, Expression, Joined, Nothing, Param, Scope};
use crate::statement::{Node, Piece, Template, Token, tokens};

/// A column, an expression or a value, as an operand of a function or fragment.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an operand",
    label = "neither a column, an expression nor a value with a PostgreSQL type"
)]
pub trait Operand {
    /// The type of its values.
    type Value;

    /// The models that it names.
    type Scope: Scope;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_operand(self) -> Node;
}

impl<T: Param> Operand for T {
    type Value = T::Value;
    type Scope = Nothing;

    #[allow(private_interfaces)]
    fn into_operand(self) -> Node {
        Node::Parameter(bind(self).into())
    }
}

impl<M: Model, V> Operand for Column<M, V> {
    type Value = V;
    type Scope = M;

    #[allow(private_interfaces)]
    fn into_operand(self) -> Node {
        self.into_expression().into_node()
    }
}

impl<V, S: Scope> Operand for Expr<V, S> {
    type Value = V;
    type Scope = S;

    #[allow(private_interfaces)]
    fn into_operand(self) -> Node {
        self.into_node()
    }
}

/// The operands of a function or fragment: `()`, or a tuple of up to eight.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of operands",
    label = "expected `()` or a tuple",
    note = "a single operand is a tuple of one: `(operand,)`"
)]
pub trait Operands {
    /// The models that they name.
    type Scope: Scope;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_operands(self) -> Vec<Node>;
}

impl Operands for () {
    type Scope = Nothing;

    #[allow(private_interfaces)]
    fn into_operands(self) -> Vec<Node> {
        Vec::new()
    }
}

macro_rules! tuple_operands {
    (@scope $first:ident) => { $first::Scope };
    (@scope $first:ident, $($rest:ident),+) => {
        Joined<$first::Scope, tuple_operands!(@scope $($rest),+)>
    };
    ($(($($o:ident $i:tt),+)),+ $(,)?) => {
        $(
            impl<$($o: Operand),+> Operands for ($($o,)+) {
                type Scope = tuple_operands!(@scope $($o),+);

                #[allow(private_interfaces)]
                fn into_operands(self) -> Vec<Node> {
                    vec![$(self.$i.into_operand()),+]
                }
            }
        )+
    };
}
tuple_operands!(
    (A 0),
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7),
);

/// A call of any SQL function, with values of type `V`; an `Option` where it may return NULL.
///
/// The name may have a schema (`"public.similarity"`). A name that is no name is refused with
/// [`Mapping`](crate::ErrorKind::Mapping) when the query runs.
///
/// ```
/// use sessile::sql::function;
///
/// let alike = function::<f32, _>("similarity", ("word", "two words"));
/// assert_eq!(format!("{alike:?}"), "Expr(similarity($1, $2))");
/// ```
///
/// A function that is called in several places is written down once, with its types, by
/// [`sql_function!`](crate::sql_function).
pub fn function<V, O: Operands>(name: &'static str, operands: O) -> Expr<V, O::Scope> {
    let mut pieces = vec![name_piece(name), "(".into()];
    for (i, operand) in operands.into_operands().into_iter().enumerate() {
        if i > 0 {
            pieces.push(", ".into());
        }
        pieces.push(operand.into());
    }
    pieces.push(")".into());
    Expr::new(Node::Template(Arc::new(Template::foreign(pieces))))
}

/// The name of a function, or why it is none.
pub(in crate::query) fn name_piece(name: &'static str) -> Piece {
    match is_name(name) {
        true => Piece::from(name),
        false => Piece::Refused(format!("{name:?} is no name of a function")),
    }
}

/// Names that need no quotes, with dots between.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let mut chars = part.chars();
        chars
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    name.split('.').all(is_part)
}

/// An expression in SQL of the caller's own, with `{}` where the operands stand; `{{` and `}}` are
/// braces.
///
/// The text is sent as it is, in parentheses: it must not come from outside the program, and
/// `&'static str` sees to that. Operands are columns, expressions, and values, which are bound. A
/// text with more or fewer operands than it has places, or with a `$1` of its own, is refused with
/// [`Mapping`](crate::ErrorKind::Mapping) when the query runs.
///
/// ```
/// use sessile::{Model, sql::{fragment, select}};
///
/// #[derive(Model, Clone, Debug)]
/// struct Account {
///     #[model(key)]
///     id: i64,
///     owner: String,
/// }
///
/// let similar = select::<Account>().filter(fragment::<bool, _>("{} % {}", (Account::OWNER, "ann")));
/// assert_eq!(format!("{similar:?}"), "Select(SELECT account WHERE (owner % $1))");
/// ```
pub fn fragment<V, O: Operands>(text: &'static str, operands: O) -> Expr<V, O::Scope> {
    let mut operands = operands.into_operands().into_iter();
    let mut pieces = vec![Piece::from("(")];
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('{', Some('{')) | ('}', Some('}')) => {
                chars.next();
                plain.push(c);
            }
            ('{', Some('}')) => {
                chars.next();
                pieces.push(std::mem::take(&mut plain).into());
                pieces.push(match operands.next() {
                    Some(operand) => operand.into(),
                    None => Piece::Refused(format!("the fragment {text:?} has too few operands")),
                });
            }
            _ => plain.push(c),
        }
    }
    pieces.push(plain.into());
    if let Some(number) = tokens(text).find(|token| token.position().is_some()) {
        pieces.push(Piece::Refused(format!(
            "the fragment {text:?} has the placeholder {}: write `{{}}`, and the value as an operand",
            number.text()
        )));
    }
    if operands.next().is_some() {
        pieces.push(Piece::Refused(format!(
            "the fragment {text:?} has too many operands"
        )));
    }
    // A comment at its end would take in the parenthesis, and all that follows.
    let is_open = matches!(tokens(text).last(), Some(Token::LineComment(_)));
    pieces.push(if is_open { "\n)" } else { ")" }.into());
    Expr::new(Node::Template(Arc::new(Template::foreign(pieces))))
}
