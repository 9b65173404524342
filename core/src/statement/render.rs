//! From an untyped SELECT to text with numbered parameters.
//!
//! Called by the query room's statements when they run.
//! It must not do I/O, nor keep the text: that is the caller's to cache.

use std::sync::Arc;

use sea_query::{
    Expr, IntoTableRef, LockBehavior, LockType, NullOrdering, Order, PostgresQueryBuilder, Query,
    SelectStatement, TableRef,
};

use super::marker::{Markers, Writer};
use super::text::Text;
use super::{
    Bound, Direction, Lock, Node, Nulls, OrderBy, Projection, Select, Source, Strength, Wait, label,
};
use crate::error::Error;
use crate::model::KeyLookup;

/// A statement that is ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    /// The model that is selected; absent for raw SQL.
    pub(crate) model: Option<&'static str>,
    /// The text that the server gets.
    pub(crate) sql: Arc<str>,
    /// The same for people: no quotes, no column list for whole rows.
    pub(crate) label: Arc<str>,
    /// The values of `$1`, `$2` and so on.
    pub(crate) params: Vec<Bound>,
}

impl Select {
    /// The statement that reads `what`, with the values of this session.
    ///
    /// # Errors
    /// `Mapping` when a column belongs to a table that is not part of the query; what the lookup
    /// says of handles in it.
    pub(crate) fn render(
        &self,
        what: &Projection,
        lookup: &dyn KeyLookup,
    ) -> Result<Rendered, Error> {
        let text = self.text(what)?;
        Ok(Rendered {
            model: Some(self.from.table.model()),
            params: text.resolve(lookup)?,
            label: label::select(self, what).into(),
            sql: text.sql.into(),
        })
    }

    /// The text alone, which does not depend on the session.
    ///
    /// # Errors
    /// `Mapping` when a column belongs to a table that is not part of the query.
    pub(crate) fn text(&self, what: &Projection) -> Result<Text, Error> {
        let mut markers = Markers::new(vec![self.from]);
        let select = self.projected(what, &mut markers)?;
        let mut out = Writer::new();
        select.build_collect_into(PostgresQueryBuilder, &mut out);
        Ok(markers.finish(out))
    }

    fn projected(
        &self,
        what: &Projection,
        markers: &mut Markers,
    ) -> Result<SelectStatement, Error> {
        match what {
            Projection::Whole => {
                let columns = (0..self.from.table.columns().len())
                    .map(|column| markers.column(self.from, column))
                    .collect::<Result<_, _>>()?;
                self.selecting(columns, markers)
            }
            Projection::Columns(columns) => {
                let columns = columns.iter().map(|node| markers.expr(node));
                let columns = columns.collect::<Result<_, _>>()?;
                self.selecting(columns, markers)
            }
            // Aggregates take no row locks, so that a locking query is counted from outside.
            Projection::Count if self.is_cut() || self.lock.is_some() => {
                let rows = self.rows_only().selecting(vec![one()], markers)?;
                Ok(Query::select()
                    .expr(Expr::cust("count(*)"))
                    .from_subquery(rows, "counted")
                    .to_owned())
            }
            Projection::Count => self
                .rows_only()
                .selecting(vec![Expr::cust("count(*)")], markers),
            Projection::Exists => {
                let rows = self.rows_only().selecting(vec![one()], markers)?;
                Ok(Query::select().expr(Expr::exists(rows)).to_owned())
            }
        }
    }

    /// The same rows in any order: which ones are cut off still depends on it.
    fn rows_only(&self) -> Select {
        let mut rows = self.clone();
        if rows.limit.is_none() && rows.offset.is_none() {
            rows.orders.clear();
        }
        rows
    }

    fn selecting(
        &self,
        columns: Vec<Expr>,
        markers: &mut Markers,
    ) -> Result<SelectStatement, Error> {
        let mut select = Query::select();
        select.exprs(columns).from(table_ref(self.from));
        if let Some(filter) = Node::all(self.filters.iter().cloned()) {
            select.and_where(markers.expr(&filter)?);
        }
        for group in &self.groups {
            select.add_group_by([markers.expr(group)?]);
        }
        if let Some(having) = Node::all(self.having.iter().cloned()) {
            select.and_having(markers.expr(&having)?);
        }
        for order in &self.orders {
            let by = markers.expr(&order.by)?;
            order_by(&mut select, order, by);
        }
        if let Some(limit) = self.limit {
            select.limit(limit);
        }
        if let Some(offset) = self.offset {
            select.offset(offset);
        }
        if let Some(lock) = self.lock {
            lock_rows(&mut select, lock);
        }
        Ok(select)
    }
}

fn one() -> Expr {
    Expr::cust("1")
}

fn table_ref(source: Source) -> TableRef {
    match source.table.schema() {
        Some(schema) => (schema, source.table.name()).into_table_ref(),
        None => source.table.name().into_table_ref(),
    }
}

fn order_by(select: &mut SelectStatement, order: &OrderBy, by: Expr) {
    let direction = match order.direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    match order.nulls {
        None => select.order_by_expr(by, direction),
        Some(Nulls::First) => select.order_by_expr_with_nulls(by, direction, NullOrdering::First),
        Some(Nulls::Last) => select.order_by_expr_with_nulls(by, direction, NullOrdering::Last),
    };
}

fn lock_rows(select: &mut SelectStatement, lock: Lock) {
    let strength = match lock.strength {
        Strength::Update => LockType::Update,
        Strength::NoKeyUpdate => LockType::NoKeyUpdate,
        Strength::Share => LockType::Share,
    };
    match lock.wait {
        Wait::Block => select.lock(strength),
        Wait::Fail => select.lock_with_behavior(strength, LockBehavior::Nowait),
        Wait::Skip => select.lock_with_behavior(strength, LockBehavior::SkipLocked),
    };
}
