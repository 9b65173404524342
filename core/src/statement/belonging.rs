//! SELECT of rows that belong to each of many others, filtered, ordered and limited for each.
//!
//! The loader makes it of a relationship with conditions.
//! It must not let a limit count rows of one for another.

use std::sync::Arc;

use super::{
    Bound, Direction, Item, Node, Nulls, OrderBy, Parameter, Piece, Projection, Query, Rendered,
    RowIn, Select, Source, label_of,
};
use crate::error::Error;
use crate::model::KeyLookup;

/// Rows that belong to others: some of their columns are a key of those.
pub(crate) struct Belonging {
    /// With its filters and orders, and the limit that counts for each key.
    pub(crate) select: Select,
    /// Whose columns are read, one source after the other.
    pub(crate) read: Vec<Source>,
    /// The columns that hold the key.
    pub(crate) columns: Vec<Node>,
    /// The types of these columns.
    pub(crate) types: Vec<&'static str>,
    /// Keys, an array for each column.
    pub(crate) keys: Vec<Bound>,
}

impl Belonging {
    /// The statement, with the values of this session.
    ///
    /// # Errors
    /// As [`Query::render`].
    pub(crate) fn render(self, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        match self.select.limit {
            None => self.of_all(lookup),
            Some(_) => self.of_each(lookup),
        }
    }

    /// Without a limit the keys are one more condition.
    fn of_all(mut self, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        let mut arrays: Vec<Parameter> = self.keys.into_iter().map(Parameter::from).collect();
        let condition = match self.columns.len() {
            1 => Node::is_any_of(self.columns.remove(0), arrays.remove(0)),
            _ => Node::RowIn(Arc::new(RowIn {
                columns: self.columns,
                arrays,
            })),
        };
        self.select.filters.insert(0, condition);
        let what = Projection::Columns(self.read.into_iter().map(whole).collect());
        let rendered = Query::select(self.select.clone(), what).render(lookup)?;
        Ok(Rendered {
            label: counting(&Query::select(self.select, Projection::Whole)),
            ..rendered
        })
    }

    /// With a limit a query runs for each key.
    fn of_each(mut self, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        let conditions = self.columns.into_iter().enumerate().map(|(part, column)| {
            let key = format!(" = each.k{part}");
            Node::words([Piece::from(column), Piece::from(key)])
        });
        self.select.filters.splice(0..0, conditions);
        let width: usize = self.read.iter().map(Source::width).sum();
        let orders = std::mem::take(&mut self.select.orders);
        let ordering = ordering(&orders);
        let mut items: Vec<Item> = self.read.into_iter().map(whole).collect();
        items.extend(orders.iter().map(|order| Item::value(order.by.clone())));
        self.select.orders = orders;
        let columns = names('c', width);
        let aliases = [columns.clone(), names('o', ordering.len())].concat();
        let inner = Query::select(self.select.clone(), Projection::Columns(items)).text()?;
        let mut params = inner.resolve(lookup)?;
        let first = params.len() + 1;
        let arrays = self.types.iter().enumerate();
        let arrays: Vec<String> = arrays
            .map(|(part, ty)| format!("${}::{ty}[]", first + part))
            .collect();
        params.extend(self.keys);
        // A join promises no order, so the one inside is said once more outside.
        let sql = format!(
            "SELECT {} FROM UNNEST({}) WITH ORDINALITY AS each({}, ordinal) \
             CROSS JOIN LATERAL ({}) AS part({}) ORDER BY each.ordinal{}",
            columns.join(", "),
            arrays.join(", "),
            names('k', arrays.len()).join(", "),
            inner.sql,
            aliases.join(", "),
            ordering.concat()
        );
        let model = self.select.from.as_table().map(|table| table.model());
        Ok(Rendered {
            model,
            sql: sql.into(),
            label: counting(&Query::select(self.select, Projection::Whole)),
            params,
        })
    }
}

fn whole(source: Source) -> Item {
    Item::Row {
        source,
        nullable: false,
    }
}

/// `c0, c1, …`
fn names(letter: char, count: usize) -> Vec<String> {
    (0..count).map(|i| format!("{letter}{i}")).collect()
}

/// `, part.o0 DESC`, and so on.
fn ordering(orders: &[OrderBy]) -> Vec<String> {
    let orders = orders.iter().enumerate().map(|(i, order)| {
        let direction = match order.direction {
            Direction::Ascending => "",
            Direction::Descending => " DESC",
        };
        let nulls = match order.nulls {
            None => "",
            Some(Nulls::First) => " NULLS FIRST",
            Some(Nulls::Last) => " NULLS LAST",
        };
        format!(", part.o{i}{direction}{nulls}")
    });
    orders.collect()
}

/// The label, with a place for the number of keys.
fn counting(query: &Query) -> Arc<str> {
    let label = label_of(query);
    let table = match query {
        Query::Select(select, _) => select.from.name(),
        _ => "",
    };
    let head = format!("SELECT {table}");
    match label.strip_prefix(&head) {
        Some(rest) => format!("{head} ×{rest}").into(),
        None => label.into(),
    }
}
