//! Orders from outside: the keys that a request may sort by.
//!
//! Callers write the list once and parse what a request asks for.
//! It must not let a name from outside into a statement: names only choose among orders.

use std::borrow::Cow;
use std::fmt;

use crate::error::Error;
use crate::query::expression::order::Orders;
use crate::query::{IntoOrders, Order};
use crate::statement::{Direction, Nulls, OrderBy};

/// The keys that a request may sort by, in a query on `S`: a model, or
/// [`Several`](crate::query::Several) for a query with joins.
///
/// ```
/// use sessile::{ErrorKind, Model, query::SortKeys, sql::select};
///
/// #[derive(Model, Clone, Debug)]
/// struct Article {
///     #[model(key)]
///     id: i64,
///     title: String,
///     stars: i32,
/// }
///
/// let keys = SortKeys::<Article>::new()
///     .key("title", Article::TITLE)
///     .key("best", (Article::STARS.desc(), Article::ID.asc()));
/// let query = select::<Article>().order_by(keys.parse("best,-title")?);
/// assert_eq!(
///     format!("{query:?}"),
///     "Select(SELECT article ORDER BY stars DESC, id, title DESC)"
/// );
///
/// let refused = keys.parse("password").unwrap_err();
/// assert!(matches!(refused.kind(), ErrorKind::Input { .. }));
/// assert_eq!(refused.to_string(), "no such sort key: use one of title, best");
/// # Ok::<(), sessile::Error>(())
/// ```
pub struct SortKeys<S> {
    keys: Vec<(Cow<'static, str>, Vec<Order<S>>)>,
}

impl<S> SortKeys<S> {
    /// No keys.
    pub fn new() -> Self {
        SortKeys { keys: Vec::new() }
    }

    /// One more key: the name that requests use, and the order that it stands for.
    pub fn key(mut self, name: impl Into<Cow<'static, str>>, orders: impl IntoOrders<S>) -> Self {
        let mut all = Orders(Vec::new());
        orders.add_orders(&mut all);
        let orders = all.0.into_iter().map(Order::from_untyped).collect();
        self.keys.push((name.into(), orders));
        self
    }

    /// The names, as they were given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(name, _)| name.as_ref())
    }

    /// The order that a request asks for: names with commas between, a `-` before those that are
    /// to be reversed. A name that comes again counts once; an empty text asks for no order.
    ///
    /// # Errors
    /// [`Input`](crate::ErrorKind::Input) for a name that is not among the keys; the message lists
    /// these and does not repeat the name.
    pub fn parse(&self, wanted: &str) -> Result<Vec<Order<S>>, Error> {
        let mut used = Vec::new();
        let mut orders = Vec::new();
        for part in wanted.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (name, reversed) = match part.strip_prefix('-') {
                Some(name) => (name, true),
                None => (part, false),
            };
            let Some(found) = self.keys.iter().position(|(key, _)| key == name) else {
                let names: Vec<&str> = self.names().collect();
                return Err(Error::input(format!(
                    "no such sort key: use one of {}",
                    names.join(", ")
                )));
            };
            if !used.contains(&found) {
                used.push(found);
                let key = self.keys[found].1.iter().cloned();
                orders.extend(key.map(|order| match reversed {
                    true => order.reversed(),
                    false => order,
                }));
            }
        }
        Ok(orders)
    }
}

impl<S> Order<S> {
    /// The opposite order, NULLs included.
    pub fn reversed(self) -> Self {
        let order = self.into_untyped();
        Order::from_untyped(OrderBy {
            by: order.by,
            direction: match order.direction {
                Direction::Ascending => Direction::Descending,
                Direction::Descending => Direction::Ascending,
            },
            nulls: order.nulls.map(|nulls| match nulls {
                Nulls::First => Nulls::Last,
                Nulls::Last => Nulls::First,
            }),
        })
    }
}

impl<S> Default for SortKeys<S> {
    fn default() -> Self {
        SortKeys::new()
    }
}

impl<S> Clone for SortKeys<S> {
    fn clone(&self) -> Self {
        SortKeys {
            keys: self.keys.clone(),
        }
    }
}

impl<S> fmt::Debug for SortKeys<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
