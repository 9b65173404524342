//! INSERT and UPDATE of rows of which the database computes columns.
//!
//! Called by the unit of work. Their values come as `VALUES`, a parameter for each cell, since the
//! types of an expression's values have no arrays that are known here.
//! It must not grow with the number of rows: what is kept is one text for each way of computing.

use std::sync::{Arc, PoisonError, RwLock};

use super::text::{aliases, names, plain, positions, returning, returning_label};
use super::update::{Identified, identified, version_column};
use super::{Matching, Param, Shaped};
use crate::engine::Text;
use crate::model::{ColumnSet, Table};
use crate::statement::ComputedText;
use crate::statement::computed::{ROW, VALUES};
use crate::statement::names::{quote, table_name};

/// Which columns of a row are computed, and how: a number, so that rows are easily compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Computation(usize);

/// The texts behind the numbers, from 1. They stay as long as the process, as those of prepared
/// statements do; a program has as many as it has different expressions.
static TEXTS: RwLock<Vec<Texts>> = RwLock::new(Vec::new());

type Texts = Arc<[Arc<ComputedText>]>;

impl Computation {
    /// Nothing is computed.
    pub(crate) const NONE: Computation = Computation(0);

    /// The number of these texts.
    pub(crate) fn of(texts: &[Arc<ComputedText>]) -> Computation {
        if texts.is_empty() {
            return Computation::NONE;
        }
        let known = |all: &[Texts]| all.iter().position(|known| **known == *texts);
        let all = TEXTS.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(position) = known(&all) {
            return Computation(position + 1);
        }
        drop(all);
        let mut all = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(position) = known(&all) {
            return Computation(position + 1);
        }
        all.push(Arc::from(texts));
        Computation(all.len())
    }

    /// Whether nothing is computed.
    pub(crate) fn is_none(self) -> bool {
        self == Computation::NONE
    }

    /// The texts, in the order of the columns.
    pub(crate) fn texts(self) -> Texts {
        let all = TEXTS.read().unwrap_or_else(PoisonError::into_inner);
        match self.0.checked_sub(1) {
            Some(position) => all[position].clone(),
            None => Arc::from([]),
        }
    }

    /// What to sort by: the numbers differ from run to run.
    pub(crate) fn sort_key(self) -> Vec<String> {
        match self.is_none() {
            true => Vec::new(),
            false => self.texts().iter().map(|text| text.sql.clone()).collect(),
        }
    }

    /// The fields that are computed.
    pub(crate) fn fields(self, table: &Table) -> ColumnSet {
        if self.is_none() {
            return ColumnSet::EMPTY;
        }
        let fields = |text: &Arc<ComputedText>| table.columns()[text.column].field;
        self.texts().iter().map(fields).collect()
    }
}

/// A statement that writes rows of which columns are computed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Computing {
    pub(crate) computation: Computation,
    /// How many rows it writes.
    pub(crate) rows: usize,
    /// Whether no other statement writes rows in the same way, so that its only row needs no
    /// matching.
    pub(crate) alone: bool,
}

/// UPDATE of these fields beside those that are computed.
pub(crate) fn computed_update(
    table: &Table,
    changed: ColumnSet,
    made: ColumnSet,
    guarded: bool,
    computing: Computing,
) -> Shaped {
    let sent = positions(table, changed);
    let old = if guarded { sent.clone() } else { Vec::new() };
    let mut params: Vec<Param> = sent.iter().map(|c| Param::Current(*c)).collect();
    params.extend(super::text::key_params(table));
    params.extend(version_column(table).map(Param::Flushed));
    params.extend(old.iter().map(|c| Param::Flushed(*c)));
    let (new, olds) = (aliases('n', sent.len()), aliases('o', old.len()));
    let name_of = |c: usize| quote(&table.columns()[c].name);
    let texts = computing.computation.texts();
    let plain_set = sent.iter().zip(&new);
    let plain_set = plain_set.map(|(c, alias)| format!("{} = {VALUES}.{alias}", name_of(*c)));
    let computed_set = texts
        .iter()
        .map(|text| format!("{} = {}", name_of(text.column), text.sql));
    let set: Vec<String> = plain_set.chain(computed_set).collect();
    let Identified {
        aliases: identity,
        mut conditions,
    } = identified(table);
    for (column, alias) in old.iter().zip(&olds) {
        let name = name_of(*column);
        conditions.push(format!(
            "{ROW}.{name} IS NOT DISTINCT FROM {VALUES}.{alias}"
        ));
    }
    let all: Vec<String> = new.into_iter().chain(identity).chain(olds).collect();
    let ordinal = match computing.alone {
        true => String::new(),
        false => format!("{VALUES}.ordinal"),
    };
    let sql = format!(
        "UPDATE {} AS {ROW} SET {} FROM {} WHERE {}{}",
        table_name(table),
        set.join(", "),
        source(table, &params, &all, computing),
        conditions.join(" AND "),
        returning(&[ordinal, names(table.columns_of(made), &format!("{ROW}."))])
    );
    let mut by: Vec<&str> = table.key_columns().map(|c| c.name.as_str()).collect();
    let checked = version_column(table).into_iter().chain(old);
    by.extend(checked.map(|c| table.columns()[c].name.as_str()));
    let label = format!(
        "UPDATE {} SET {} × WHERE {}{}",
        table.name(),
        assignments(table, changed, computing.computation),
        by.join(", "),
        returning_label(table, made)
    );
    shaped(sql, label, params)
}

/// INSERT of these fields beside those that are computed.
pub(crate) fn computed_insert(
    table: &Table,
    sent: ColumnSet,
    made: ColumnSet,
    computing: Computing,
) -> Shaped {
    let params: Vec<Param> = positions(table, sent)
        .into_iter()
        .map(Param::Current)
        .collect();
    let texts = computing.computation.texts();
    let new = aliases('n', params.len());
    let columns = table.columns_of(sent).map(|c| quote(&c.name));
    let computed = texts.iter().map(|t| quote(&table.columns()[t.column].name));
    let columns: Vec<String> = columns.chain(computed).collect();
    let selected: Vec<&str> = new
        .iter()
        .map(String::as_str)
        .chain(texts.iter().map(|text| text.sql.as_str()))
        .collect();
    let matching = match (computing.alone, Matching::of(table, made)) {
        (false, Matching::Key) => names(table.key_columns(), ""),
        // It is the only row of its statement.
        (false, Matching::Ordinal) if !sent.is_empty() => "1::bigint".to_owned(),
        _ => String::new(),
    };
    let sql = format!(
        "INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY ordinal{}",
        table_name(table),
        columns.join(", "),
        selected.join(", "),
        source(table, &params, &new, computing),
        returning(&[matching, names(table.columns_of(made), "")])
    );
    let label = format!(
        "INSERT {} ({}) ×{}",
        table.name(),
        assignments(table, sent, computing.computation),
        returning_label(table, made)
    );
    shaped(sql, label, params)
}

/// Whether rows can be inserted together: what comes back for each must be told apart.
pub(crate) fn inserts_together(table: &Table, sent: ColumnSet, made: ColumnSet) -> bool {
    !sent.is_empty() && Matching::of(table, made) != Matching::Ordinal
}

fn assignments(table: &Table, fields: ColumnSet, computation: Computation) -> String {
    let computed: Vec<String> = computation
        .texts()
        .iter()
        .map(|text| format!("{} = {}", table.columns()[text.column].name, text.label))
        .collect();
    match plain(table.columns_of(fields)) {
        sent if sent.is_empty() => computed.join(", "),
        sent => format!("{sent}, {}", computed.join(", ")),
    }
}

/// `(VALUES ($1::bigint, …, 1), …) AS u(a, …, ordinal)`: the rows' own values, then those of the
/// expressions.
fn source(table: &Table, params: &[Param], aliases: &[String], computing: Computing) -> String {
    let texts = computing.computation.texts();
    // Quoted, since `char` without quotes is another type.
    let of_texts = texts.iter().flat_map(|t| t.types.iter());
    let types: Vec<String> = params
        .iter()
        .map(|p| table.columns()[p.column()].ty.name.to_owned())
        .chain(of_texts.map(|ty| quote(ty.name())))
        .collect();
    let rows: Vec<String> = (0..computing.rows)
        .map(|row| {
            let cell = |(i, ty): (usize, &String)| format!("${}::{ty}", row * types.len() + i + 1);
            let mut cells: Vec<String> = types.iter().enumerate().map(cell).collect();
            cells.push((row + 1).to_string());
            format!("({})", cells.join(", "))
        })
        .collect();
    let columns: Vec<String> = aliases
        .iter()
        .cloned()
        .chain(texts.iter().flat_map(|text| text.names()))
        .chain(["ordinal".to_owned()])
        .collect();
    format!(
        "(VALUES {}) AS {VALUES}({})",
        rows.join(", "),
        columns.join(", ")
    )
}

fn shaped(sql: String, label: String, params: Vec<Param>) -> Shaped {
    Shaped {
        text: Text {
            sql: Arc::from(sql),
            label: Arc::from(label),
        },
        params: Arc::from(params),
    }
}
