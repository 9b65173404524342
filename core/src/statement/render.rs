//! From an untyped query to text with numbered parameters.
//!
//! Called by the query room's statements when they run.
//! It must not do I/O, nor keep the text: that is the caller's to cache.

use std::sync::Arc;

use sea_query::{
    Expr, IntoIden, IntoTableRef, JoinType, Keyword, LockBehavior, LockType, NullOrdering, Order,
    Query as Builder, SelectStatement, TableRef,
};

use super::marker::Markers;
use super::visit::Values;
use super::{
    Bound, Direction, Join, JoinKind, Lock, Node, Nulls, OrderBy, Parameter, Place, Projection,
    Query, Select, Source, Strength, Wait, label_of,
};
use crate::error::Error;
use crate::model::KeyLookup;

/// The values that a statement can have.
const MOST_VALUES: usize = u16::MAX as usize;

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
    /// The values in expressions that PostgreSQL looks for in other clauses.
    fn compared(&self, what: &Projection) -> Values {
        let mut values = Values::default();
        for node in self.groups.iter().chain(&self.distinct_on) {
            node.visit(&mut values);
        }
        if let (true, Projection::Columns(items)) = (self.distinct, what) {
            items.iter().for_each(|item| item.visit(&mut values));
        }
        values
    }

    /// The same rows in any order: which ones are cut off still depends on it.
    fn rows_only(&self) -> Select {
        let mut rows = self.clone();
        if rows.limit.is_none() && rows.offset.is_none() && rows.distinct_on.is_empty() {
            rows.orders.clear();
        }
        rows
    }
}

impl Query {
    /// The statement, with the values of this session.
    ///
    /// # Errors
    /// `Mapping` when it can't be a statement, as when a column belongs to a table that is not
    /// part of it, or when it has too many values; what the lookup says of handles in it.
    pub(crate) fn render(&self, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        let (params, rendered) = self.unresolved()?;
        if params.len() > MOST_VALUES {
            return Err(Error::mapping(format!(
                "a statement with {} values, of which the protocol takes {MOST_VALUES}: a list \
                 given to `is_in` is one",
                params.len()
            )));
        }
        let params = params.iter().map(|p| p.resolve(lookup));
        Ok(Rendered {
            params: params.collect::<Result<_, _>>()?,
            ..rendered
        })
    }

    /// The statement without its values, and how to find them.
    ///
    /// # Errors
    /// `Mapping` when it can't be a statement.
    pub(crate) fn unresolved(&self) -> Result<(Vec<Parameter>, Rendered), Error> {
        let text = self.text()?;
        let rendered = Rendered {
            model: self.model(),
            params: Vec::new(),
            label: label_of(self).into(),
            sql: text.sql.into(),
        };
        Ok((text.params, rendered))
    }

    /// The model whose table is read first.
    fn model(&self) -> Option<&'static str> {
        match self {
            Query::Select(select, _) => select.from.as_table().map(|table| table.model()),
            Query::Set(set) => set.left.model(),
            Query::About(query, _) => query.model(),
            Query::Values(_) | Query::Words(..) | Query::Refused(_) => None,
        }
    }
}

impl Markers {
    pub(super) fn projected(
        &mut self,
        select: &Select,
        what: &Projection,
    ) -> Result<SelectStatement, Error> {
        match what {
            Projection::Whole | Projection::Columns(_) => self.select(select, what, no_more),
            // Aggregates take no row locks, so that a locking query is counted from outside.
            Projection::Count if select.is_cut() || select.lock.is_some() => {
                let rows = match select.distinct {
                    true => self.select(&select.rows_only(), &Projection::Whole, no_more)?,
                    false => self.select(&select.rows_only(), &Projection::Exists, no_more)?,
                };
                Ok(Builder::select()
                    .expr(Expr::cust("count(*)"))
                    .from_subquery(rows, "counted")
                    .to_owned())
            }
            Projection::Count => self.select(&select.rows_only(), what, no_more),
            Projection::Exists => {
                let rows = self.select(&select.rows_only(), what, no_more)?;
                Ok(Builder::select().expr(Expr::exists(rows)).to_owned())
            }
        }
    }

    /// One SELECT; `more` adds conditions once its sources are in sight.
    pub(super) fn select(
        &mut self,
        select: &Select,
        what: &Projection,
        more: impl FnOnce(&mut Markers) -> Result<Vec<Expr>, Error>,
    ) -> Result<SelectStatement, Error> {
        self.frames.enter();
        let mut out = Builder::select();
        let from = self.source(&select.from)?;
        out.from(from);
        for join in &select.joins {
            self.join(&mut out, join)?;
        }
        for condition in more(self)? {
            out.and_where(condition);
        }
        self.clauses(&mut out, select, what)?;
        self.frames.leave();
        Ok(out)
    }

    fn clauses(
        &mut self,
        out: &mut SelectStatement,
        select: &Select,
        what: &Projection,
    ) -> Result<(), Error> {
        self.share(select.compared(what));
        let mut columns = self.projection(select, what)?;
        if let Some(first) = columns.first_mut()
            && !select.distinct_on.is_empty()
        {
            // sea-query's DISTINCT ON takes columns only, and here may be expressions; to it, the
            // clause is the beginning of the list.
            let on = Expr::tuple(self.exprs(&select.distinct_on)?);
            let rest = std::mem::replace(first, Expr::Keyword(Keyword::Null));
            *first = Expr::cust_with_exprs("DISTINCT ON $1 $2", [on, rest]);
        }
        out.exprs(columns);
        if select.distinct {
            out.distinct();
        }
        if let Some(filter) = Node::all(select.filters.iter().cloned()) {
            out.and_where(self.expr(&filter)?);
        }
        for group in &select.groups {
            out.add_group_by([self.expr(group)?]);
        }
        if let Some(having) = Node::all(select.having.iter().cloned()) {
            out.and_having(self.expr(&having)?);
        }
        for order in &select.orders {
            let by = self.expr(&order.by)?;
            order_by(out, order, by);
        }
        if let Some(limit) = select.limit {
            out.limit(limit);
        }
        if let Some(offset) = select.offset {
            out.offset(offset);
        }
        match &select.lock {
            Some(lock) => self.lock(out, select, lock),
            None => Ok(()),
        }
    }

    fn projection(&mut self, select: &Select, what: &Projection) -> Result<Vec<Expr>, Error> {
        match what {
            Projection::Whole => (0..select.from.width())
                .map(|column| self.column(&select.from, column))
                .collect(),
            Projection::Columns(items) => {
                let mut columns = Vec::with_capacity(items.len());
                for item in items {
                    columns.extend(self.item(item)?);
                }
                Ok(columns)
            }
            Projection::Count => Ok(vec![Expr::cust("count(*)")]),
            Projection::Exists => Ok(vec![Expr::cust("1")]),
        }
    }

    /// A source comes into sight.
    fn source(&mut self, source: &Source) -> Result<TableRef, Error> {
        match source.as_derived() {
            Some(derived) if derived.place == Place::Here => {
                let hidden = self.frames.hide_innermost();
                let query = self.body(derived)?;
                self.frames.show(hidden);
                self.derived(source, query)
            }
            Some(derived) => {
                let name = self.frames.add(source)?;
                Ok(under_its_name(
                    derived.name.to_string().into_table_ref(),
                    &derived.name,
                    name,
                ))
            }
            None => {
                let name = self.frames.add(source)?;
                Ok(table_ref(source, name))
            }
        }
    }

    fn derived(&mut self, source: &Source, query: SelectStatement) -> Result<TableRef, Error> {
        let name = self.frames.add(source)?;
        Ok(TableRef::SubQuery(Box::new(query), name.into_iden()))
    }

    fn join(&mut self, out: &mut SelectStatement, join: &Join) -> Result<(), Error> {
        let source = match (join.lateral, join.source.as_derived()) {
            (true, Some(derived)) if derived.place == Place::Here => {
                let query = self.body(derived)?;
                self.derived(&join.source, query)?
            }
            _ => self.source(&join.source)?,
        };
        match join.kind {
            JoinKind::Inner | JoinKind::Cross => {}
            JoinKind::Left => self.frames.mark_last(),
            JoinKind::Right => self.frames.mark_all_but_last(),
            JoinKind::Full => {
                self.frames.mark_last();
                self.frames.mark_all_but_last();
            }
        }
        let on = join.on.as_ref().map(|on| self.expr(on)).transpose()?;
        let kind = match join.kind {
            JoinKind::Inner => JoinType::InnerJoin,
            JoinKind::Left => JoinType::LeftJoin,
            JoinKind::Right => JoinType::RightJoin,
            JoinKind::Full => JoinType::FullOuterJoin,
            JoinKind::Cross => JoinType::CrossJoin,
        };
        let on = on.unwrap_or_else(|| Expr::cust("TRUE"));
        match (join.lateral, source) {
            (true, TableRef::SubQuery(query, name)) => out.join_lateral(kind, *query, name, on),
            (_, source) if join.kind == JoinKind::Cross => out.cross_join(source),
            (_, source) => out.join(kind, source, on),
        };
        Ok(())
    }

    /// Row locks. With joins they are said to be of the main table only, unless others are named:
    /// the rows of an outer join can't be locked.
    ///
    /// # Errors
    /// `Mapping` where PostgreSQL locks nothing: rows that may be absent, or that stand for others.
    fn lock(
        &mut self,
        out: &mut SelectStatement,
        select: &Select,
        lock: &Lock,
    ) -> Result<(), Error> {
        if select.distinct || !select.distinct_on.is_empty() || !select.groups.is_empty() {
            return Err(Error::mapping(format!(
                "the query on {} locks rows that DISTINCT or GROUP BY puts together",
                self.frames.outermost()
            )));
        }
        let strength = match lock.strength {
            Strength::Update => LockType::Update,
            Strength::NoKeyUpdate => LockType::NoKeyUpdate,
            Strength::Share => LockType::Share,
            Strength::KeyShare => LockType::KeyShare,
        };
        let of = match lock.of.as_slice() {
            [] if select.joins.is_empty() => Vec::new(),
            [] => vec![self.locked(&select.from)?],
            of => of
                .iter()
                .map(|s| self.locked(s))
                .collect::<Result<_, _>>()?,
        };
        match (lock.wait, of.is_empty()) {
            (Wait::Block, true) => out.lock(strength),
            (Wait::Block, false) => out.lock_with_tables(strength, of),
            (Wait::Fail, true) => out.lock_with_behavior(strength, LockBehavior::Nowait),
            (Wait::Skip, true) => out.lock_with_behavior(strength, LockBehavior::SkipLocked),
            (Wait::Fail, false) => {
                out.lock_with_tables_behavior(strength, of, LockBehavior::Nowait)
            }
            (Wait::Skip, false) => {
                out.lock_with_tables_behavior(strength, of, LockBehavior::SkipLocked)
            }
        };
        Ok(())
    }

    fn locked(&self, source: &Source) -> Result<TableRef, Error> {
        match self.frames.name(source) {
            Some(_) if self.frames.is_absent(source) => Err(Error::mapping(format!(
                "rows of {} come from an outer join and can't be locked",
                source.title()
            ))),
            Some(name) => Ok(name.to_owned().into_table_ref()),
            None => Err(Error::mapping(format!(
                "the query on {} locks rows of {}, which is not part of it",
                self.frames.outermost(),
                source.title()
            ))),
        }
    }
}

/// No more conditions.
fn no_more(_: &mut Markers) -> Result<Vec<Expr>, Error> {
    Ok(Vec::new())
}

/// A table, under its name in the text.
fn table_ref(source: &Source, name: String) -> TableRef {
    let schema = source.as_table().and_then(|table| table.schema());
    let own = source.as_table().map_or("", |table| table.name());
    let table = match schema {
        Some(schema) => (schema, own).into_table_ref(),
        None => own.into_table_ref(),
    };
    under_its_name(table, own, name)
}

fn under_its_name(table: TableRef, own: &str, name: String) -> TableRef {
    match name == own {
        true => table,
        false => table.alias(name),
    }
}

pub(super) fn order_by(select: &mut SelectStatement, order: &OrderBy, by: Expr) {
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
