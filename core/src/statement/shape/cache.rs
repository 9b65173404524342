//! Every shape's text is built once in a process.
//!
//! Called by the loader and the unit of work for each statement.
//! It must not grow with the number of rows: texts with a cell per value are not kept.

use std::sync::{Arc, PoisonError, RwLock};

use foldhash::HashMap;

use super::{Param, Rows, Shape, Shaped, delete, insert, link, read, tree, update};
use crate::engine::Text;
use crate::model::Table;

type Texts = HashMap<(usize, Shape), Shaped>;

static TEXTS: RwLock<Option<Texts>> = RwLock::new(None);

/// The statement of a shape for a table.
pub(crate) fn shaped(table: &'static Table, shape: Shape) -> Shaped {
    // Tables live as long as the process, so the address names one.
    let key = (std::ptr::from_ref(table) as usize, shape);
    let texts = TEXTS.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(shaped) = texts.as_ref().and_then(|texts| texts.get(&key)) {
        return shaped.clone();
    }
    drop(texts);
    let shaped = build(table, shape);
    if !has_cells(shape) {
        let mut texts = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
        texts
            .get_or_insert_with(HashMap::default)
            .insert(key, shaped.clone());
    }
    shaped
}

fn build(table: &Table, shape: Shape) -> Shaped {
    let (sql, label, params): (String, String, Vec<Param>) = match shape {
        Shape::Get { rows, lock } => read::get(table, rows, lock),
        Shape::Children { field, rows } => read::children(table, field, rows),
        Shape::Tree {
            field,
            towards,
            levels,
        } => tree::tree(table, field, towards, levels),
        Shape::Insert { sent, made, rows } => insert::insert(table, sent, made, rows),
        Shape::Update {
            changed,
            made,
            guarded,
            ordered,
            rows,
        } => update::update(
            table,
            &update::Parts {
                changed,
                made,
                guarded,
                ordered,
                rows,
            },
        ),
        Shape::Delete { ordered, rows } => delete::delete(table, ordered, rows),
        Shape::Link { fields, back, rows } => link::link(table, fields, back, rows),
        Shape::Unlink {
            fields,
            ordered,
            rows,
        } => link::unlink(table, fields, ordered, rows),
        Shape::LockRows { strength } => read::lock(table, strength),
    };
    Shaped {
        text: Text {
            sql: Arc::from(sql),
            label: Arc::from(label),
        },
        params: Arc::from(params),
    }
}

/// Whether the text depends on the number of rows.
fn has_cells(shape: Shape) -> bool {
    let rows = match shape {
        Shape::Get { rows, .. }
        | Shape::Children { rows, .. }
        | Shape::Insert { rows, .. }
        | Shape::Update { rows, .. }
        | Shape::Delete { rows, .. }
        | Shape::Link { rows, .. }
        | Shape::Unlink { rows, .. } => rows,
        Shape::LockRows { .. } | Shape::Tree { .. } => Rows::Arrays,
    };
    matches!(rows, Rows::Cells(_))
}
