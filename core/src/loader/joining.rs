//! The statement of a query that reads what its paths join to its rows.
//!
//! Called by the files that run queries, before they render one.
//! It must not let a join change which rows the query finds, nor how often.

use std::sync::Arc;

use super::joint::{Breadth, JoinedStep, Place};
use super::path::joined_steps;
use crate::error::Error;
use crate::model::KeyLookup;
use crate::query::{Eager, source_of};
use crate::statement::{
    Direction, Item, Node, OrderBy, Piece, Projection, Query, Rendered, Select, Source, label_of,
    numbered,
};

/// Whether rows of one object may come in several, to be put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folding {
    Allowed,
    /// As where rows come in batches, which would cut an object's rows apart.
    Never,
}

/// A query with what is joined to its rows.
pub(super) struct Joining {
    query: Query,
    /// The same for people.
    shown: Query,
    /// The model that is selected.
    model: Option<&'static str>,
    /// Where the columns of the object begin that paths lead away from.
    pub(super) root: usize,
    /// The same among the columns of what the tables are joined to.
    begin: usize,
    /// The columns by which rows are known to be of one and the same row of the query; none when
    /// each is.
    pub(super) fold_by: Vec<usize>,
    pub(super) steps: Vec<Planned>,
}

/// A step that is joined.
pub(super) struct Planned {
    pub(super) step: Arc<dyn JoinedStep>,
    /// The step that it goes on from, by its position; the rows of the query without one.
    pub(super) from: Option<usize>,
    /// Where the columns of each table on its way begin.
    pub(super) at: Vec<usize>,
}

impl Joining {
    /// What the paths of a query join to its rows; `None` when that is nothing.
    pub(super) fn of(query: &Query, paths: &[Eager], folding: Folding) -> Option<Joining> {
        let Query::Select(select, what) = query else {
            return None;
        };
        let joined = joined_steps(paths, select.from.model_of_rows()?);
        let items = query.items();
        let root = position(&items, &select.from)?;
        let is_grouped = !select.groups.is_empty() || !select.having.is_empty();
        // PostgreSQL locks no rows of a query in the WITH clause when it is told to by name.
        let is_locked_query = select.lock.is_some() && select.from.as_table().is_none();
        if joined.is_empty() || is_grouped || is_locked_query {
            return None;
        }
        let folding = match identity(select, &items) {
            Some(_) => folding,
            None => Folding::Never,
        };
        let mut chosen = Chosen::new(folding);
        chosen.choose(&joined, None, None);
        if chosen.steps.is_empty() {
            return None;
        }
        let base = Base {
            select,
            what,
            items,
            root,
        };
        // A query that looks at the row it is joined to may read the same table as that.
        let is_lateral = chosen.steps.iter().any(|(step, _)| step.is_lateral());
        let stands_apart = chosen.folds && (is_lateral || base.must_stand_apart());
        let mut joining = match stands_apart || select.distinct {
            true => base.apart(chosen.folds),
            false => base.in_place(chosen.folds),
        };
        joining.add(chosen.steps);
        Some(joining)
    }

    /// The statement, with the values of this session.
    ///
    /// # Errors
    /// As [`Query::render`].
    pub(super) fn render(&self, lookup: &dyn KeyLookup) -> Result<Rendered, Error> {
        Ok(Rendered {
            model: self.model,
            label: label_of(&self.shown).into(),
            ..self.query.render(lookup)?
        })
    }

    /// Whether it is known to change nothing in the database, not even locks.
    pub(super) fn is_plain_read(&self) -> bool {
        self.query.is_plain_read()
    }

    /// Joins the tables of these steps, and reads their columns behind those of the query.
    fn add(&mut self, steps: Vec<(Arc<dyn JoinedStep>, Option<usize>)>) {
        let (Query::Select(select, what), Query::Select(shown, _)) =
            (&mut self.query, &mut self.shown)
        else {
            return;
        };
        let Projection::Columns(items) = what else {
            return;
        };
        let select = Arc::make_mut(select);
        let mut names = Names::of(select);
        let root = Place {
            source: select.from.clone(),
            at: self.begin,
        };
        let mut ends: Vec<Place> = Vec::with_capacity(steps.len());
        let mut width: usize = items.iter().map(Item::width).sum();
        for (step, from) in steps {
            let begin = from.map_or(&root, |from| &ends[from]);
            let added = step.joins(begin, names.free(step.name()));
            let at = added.at.iter().map(|at| width + at).collect();
            for join in &added.joins {
                width += join.source.width();
                items.push(whole(join.source.clone()));
            }
            select.joins.extend(added.joins);
            if select.orders.is_empty() && !added.orders.is_empty() {
                let columns = self.fold_by.iter();
                let columns = columns.map(|at| Node::Column(root.source.clone(), *at));
                select.orders.extend(columns.map(ascending));
            }
            select.orders.extend(added.orders);
            ends.push(added.end);
            self.steps.push(Planned { step, from, at });
        }
        *shown = Arc::new(select.clone());
    }
}

/// The steps that are joined, each behind the one that it goes on from.
struct Chosen {
    folding: Folding,
    steps: Vec<(Arc<dyn JoinedStep>, Option<usize>)>,
    folds: bool,
    /// The last of the steps to many, which all lie on one way: side by side, each would repeat
    /// the rows of the other.
    last_many: Option<usize>,
}

impl Chosen {
    fn new(folding: Folding) -> Self {
        Chosen {
            folding,
            steps: Vec::new(),
            folds: false,
            last_many: None,
        }
    }

    fn choose(
        &mut self,
        steps: &[Arc<dyn JoinedStep>],
        from: Option<usize>,
        many_above: Option<usize>,
    ) {
        for step in steps {
            let breadth = step.breadth();
            let is_many = breadth == Breadth::Many;
            let folds = breadth != Breadth::One;
            let is_beside = is_many && self.last_many != many_above;
            if is_beside || folds && self.folding == Folding::Never {
                continue;
            }
            let this = self.steps.len();
            self.steps.push((Arc::clone(step), from));
            self.folds |= folds;
            let mut above = many_above;
            if is_many {
                self.last_many = Some(this);
                above = self.last_many;
            }
            self.choose(step.next(), Some(this), above);
        }
    }
}

/// A query before anything is joined to it.
struct Base<'a> {
    select: &'a Select,
    what: &'a Projection,
    items: Vec<Item>,
    root: usize,
}

impl Base<'_> {
    /// Whether repeating its rows would change what it says: which rows are cut off, locked or
    /// skipped, and what is computed of them.
    fn must_stand_apart(&self) -> bool {
        self.select.is_cut()
            || self.select.lock.is_some()
            || may_repeat(self.select)
            || self.items.len() > 1
    }

    /// The tables are joined to those of the query.
    fn in_place(self, folds: bool) -> Joining {
        let key = self
            .select
            .from
            .as_table()
            .map(|table| table.key_positions());
        let fold_by = match (folds, key) {
            (true, Some(key)) => key.iter().map(|column| self.root + column).collect(),
            _ => Vec::new(),
        };
        let shown = match self.items.len() {
            1 => Projection::Whole,
            _ => self.what.clone(),
        };
        Joining {
            model: model(self.select),
            shown: Query::select(self.select.clone(), shown),
            query: Query::select(self.select.clone(), Projection::Columns(self.items)),
            root: self.root,
            begin: 0,
            fold_by,
            steps: Vec::new(),
        }
    }

    /// The query is one in FROM, and the tables are joined to its rows, in its order.
    fn apart(mut self, folds: bool) -> Joining {
        let orders = &self.select.orders;
        let columns = orders.iter().map(|o| column_of(&mut self.items, &o.by));
        let columns: Vec<usize> = columns.collect();
        let fold_by = match (folds, identity(self.select, &self.items)) {
            (true, Some(Identity::Key(key))) => {
                key.into_iter().map(|column| self.root + column).collect()
            }
            (true, Some(Identity::Number)) => {
                let number = Node::words([Piece::from("row_number() OVER ()")]);
                vec![column_of(&mut self.items, &number)]
            }
            _ => Vec::new(),
        };
        let mut inner = self.select.clone();
        // Outside it is said again, and inside only which rows are cut off depends on it.
        if !inner.is_cut() && inner.lock.is_none() {
            inner.orders.clear();
        }
        let what = match self.items.len() {
            1 => Projection::Whole,
            _ => Projection::Columns(self.items),
        };
        let name = self.select.from.name().to_owned();
        let source = source_of(name, Query::select(inner, what));
        let mut outer = Select::from(source.clone());
        let orders = columns.into_iter().zip(orders);
        let orders = orders.map(|(column, order)| OrderBy {
            by: Node::Column(source.clone(), column),
            ..*order
        });
        outer.orders = orders.collect();
        Joining {
            model: model(self.select),
            shown: Query::select(outer.clone(), Projection::Whole),
            query: Query::select(outer, Projection::Columns(vec![whole(source)])),
            root: self.root,
            begin: self.root,
            fold_by,
            steps: Vec::new(),
        }
    }
}

/// How rows are known that stand for one row of a query.
enum Identity {
    /// By the key of its main table, whose rows it finds once each.
    Key(Vec<usize>),
    /// By numbers that they are given.
    Number,
}

/// How the rows of a query can be told apart, if they can.
fn identity(select: &Select, items: &[Item]) -> Option<Identity> {
    let finds_once = !may_repeat(select) || select.distinct && items.len() == 1;
    match select.from.as_table() {
        Some(table) if finds_once => Some(Identity::Key(table.key_positions().to_vec())),
        // Numbers would make equal rows different, and PostgreSQL locks no numbered rows.
        _ if select.distinct || select.lock.is_some() => None,
        _ => Some(Identity::Number),
    }
}

/// Whether it may find a row several times.
fn may_repeat(select: &Select) -> bool {
    !select.joins.is_empty() || select.from.as_table().is_none()
}

fn model(select: &Select) -> Option<&'static str> {
    select.from.as_table().map(|table| table.model())
}

fn whole(source: Source) -> Item {
    Item::Row {
        source,
        nullable: true,
    }
}

fn ascending(by: Node) -> OrderBy {
    OrderBy {
        by,
        direction: Direction::Ascending,
        nulls: None,
    }
}

/// Where the rows of a source begin among the columns.
fn position(items: &[Item], wanted: &Source) -> Option<usize> {
    let mut at = 0;
    for item in items {
        match item {
            Item::Row { source, .. } if source.is(wanted) => return Some(at),
            other => at += other.width(),
        }
    }
    None
}

/// The position of an expression among the columns, behind which it is added if it must be.
fn column_of(items: &mut Vec<Item>, node: &Node) -> usize {
    if let Node::Column(source, column) = node
        && let Some(at) = position(items, source)
    {
        return at + column;
    }
    let at = items.iter().map(Item::width).sum();
    items.push(Item::value(node.clone()));
    at
}

/// Names that are taken in a statement.
struct Names(Vec<String>);

impl Names {
    fn of(select: &Select) -> Names {
        let joined = select.joins.iter().map(|join| &join.source);
        let sources = std::iter::once(&select.from).chain(joined);
        Names(sources.map(|source| source.name().to_owned()).collect())
    }

    /// A name of its own, so that no expression of the query's can mean it.
    fn free(&mut self, relationship: &str) -> String {
        // The name of an association is longer.
        let end = (0..=relationship.len().min(50)).rev();
        let end = end
            .into_iter()
            .find(|at| relationship.is_char_boundary(*at));
        let short = &relationship[..end.unwrap_or(0)];
        let names = (1..).map(|number| numbered(short, number));
        let mut free = names.filter(|name| !self.0.contains(name));
        let name = free.next().expect("there are more numbers than tables");
        self.0.push(name.clone());
        name
    }
}
