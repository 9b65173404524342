//! Columns that are chosen while the program runs, and rows of them as JSON.
//!
//! Callers turn names from outside into columns by the model's own list, and read what was chosen.
//! It must not let a name from outside into a statement: names only choose among columns.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::error::Error;
use crate::model::Model;
use crate::query::{Expr, Expression, Grouped, Order, Rows, Select, Several, Within};
use crate::statement::{Direction, Item, Node, Parameter, Piece, Projection, Query};

/// A column or expression under a name, whose type is not known to the program. See
/// [`column_named`] and [`named`].
#[must_use = "it does nothing until a query uses it"]
pub struct Named<S> {
    name: Cow<'static, str>,
    node: Node,
    scope: PhantomData<fn() -> S>,
}

/// A column of a model by its name in the table, as from a request.
///
/// ```
/// use sessile::{Model, sql::{columns_named, column_named, select}};
///
/// #[derive(Model, Clone, Debug)]
/// struct Article {
///     #[model(key)]
///     id: i64,
///     title: String,
/// }
///
/// let by = column_named::<Article>("title")?;
/// let query = select::<Article>()
///     .filter(by.text().eq("notes"))
///     .order_by(by.desc())
///     .json(columns_named::<Article>(["id", "title"])?);
/// assert_eq!(
///     column_named::<Article>("password").unwrap_err().to_string(),
///     "no such column of Article: use one of id, title"
/// );
/// # Ok::<(), sessile::Error>(())
/// ```
///
/// # Errors
/// [`Input`](crate::ErrorKind::Input) when the model has no such column; the message lists those
/// that it has and does not repeat the name.
pub fn column_named<M: Model>(name: &str) -> Result<Named<M>, Error> {
    let columns = M::table().columns();
    match columns.iter().position(|column| column.name == name) {
        Some(column) => Ok(Named {
            name: Cow::Borrowed(&columns[column].name),
            node: Node::column::<M>(column),
            scope: PhantomData,
        }),
        None => {
            let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
            Err(Error::input(format!(
                "no such column of {}: use one of {}",
                M::NAME,
                names.join(", ")
            )))
        }
    }
}

/// Columns of a model by their names. See [`column_named`].
///
/// # Errors
/// As [`column_named`].
pub fn columns_named<'a, M: Model>(
    names: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Named<M>>, Error> {
    names.into_iter().map(column_named).collect()
}

/// A column or expression under a name, for [`Select::json`].
pub fn named<E: Expression>(name: impl Into<Cow<'static, str>>, of: E) -> Named<E::Scope> {
    Named {
        name: name.into(),
        node: of.into_expression().into_node(),
        scope: PhantomData,
    }
}

impl<S> Named<S> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value as text, as PostgreSQL writes it; for filters.
    pub fn text(&self) -> Expr<Option<String>, S> {
        let pieces = [
            Piece::from("CAST("),
            self.node.clone().into(),
            " AS text)".into(),
        ];
        Expr::new(Node::words(pieces))
    }

    /// Smallest first; NULLs come last.
    pub fn asc(&self) -> Order<S> {
        Order::new(self.node.clone(), Direction::Ascending)
    }

    /// Largest first; NULLs come first.
    pub fn desc(&self) -> Order<S> {
        Order::new(self.node.clone(), Direction::Descending)
    }

    /// The same among expressions on model `M`, so that several can be put into one list.
    pub fn within<M: Model>(self) -> Named<M>
    where
        S: Within<M>,
    {
        self.rescoped()
    }

    /// The same in a query with joins.
    pub fn several(self) -> Named<Several> {
        self.rescoped()
    }

    fn rescoped<T>(self) -> Named<T> {
        Named {
            name: self.name,
            node: self.node,
            scope: PhantomData,
        }
    }
}

impl<S> Clone for Named<S> {
    fn clone(&self) -> Self {
        Named {
            name: self.name.clone(),
            node: self.node.clone(),
            scope: PhantomData,
        }
    }
}

impl<S> fmt::Debug for Named<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Named({})", self.name)
    }
}

impl<M, S> Select<M, S> {
    /// Reads what was chosen while the program runs: each row is a JSON object with these names.
    ///
    /// Values are what PostgreSQL makes of them in JSON: numbers as numbers, times as text.
    pub fn json(self, columns: impl IntoIterator<Item = Named<S>>) -> Rows<serde_json::Value> {
        let item = Item::value(object(columns));
        let query = Query::Select(self.select, Projection::Columns(vec![item]));
        Rows::of(query, self.along)
    }
}

impl<M, S> Grouped<M, S> {
    /// Reads what was chosen of each group as a JSON object. See [`Select::json`].
    pub fn json(self, columns: impl IntoIterator<Item = Named<S>>) -> Rows<serde_json::Value> {
        self.0.json(columns)
    }
}

/// `jsonb_build_object(name, value, ..)`, which takes a hundred arguments at most: more columns are
/// several objects put together.
fn object<S>(columns: impl IntoIterator<Item = Named<S>>) -> Node {
    const PAIRS: usize = 50;
    let columns: Vec<Named<S>> = columns.into_iter().collect();
    let mut pieces = Vec::new();
    for (i, some) in columns.chunks(PAIRS).enumerate() {
        pieces.push(Piece::from(if i > 0 {
            ") || jsonb_build_object("
        } else {
            "(jsonb_build_object("
        }));
        for (j, column) in some.iter().enumerate() {
            if j > 0 {
                pieces.push(", ".into());
            }
            let name = Parameter::new(column.name.clone().into_owned());
            pieces.extend([
                Node::Parameter(name).into(),
                "::text, ".into(),
                column.node.clone().into(),
            ]);
        }
    }
    pieces.push(match columns.is_empty() {
        true => "'{}'::jsonb".into(),
        false => "))".into(),
    });
    Node::words(pieces)
}
