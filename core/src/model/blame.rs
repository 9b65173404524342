//! Finds the model and the fields behind a violated constraint, and the model that does not fit
//! the database.
//!
//! Called on errors that the server reported, before they reach the caller.
//! It must not look at column values: names only.

use super::{Table, tables_named};
use crate::error::{Error, ErrorKind, ServerReport};

/// The same error, with model and field where they can be told.
pub(crate) fn blame(error: Error) -> Error {
    let Some(report) = error.server() else {
        return error;
    };
    let Some((table, fields)) = locate(report) else {
        return error;
    };
    let names: Vec<&'static str> = fields.iter().map(|f| table.fields()[*f].name).collect();
    let (model, field) = (
        Some(table.model().to_owned()),
        (!names.is_empty()).then(|| names.join(", ")),
    );
    let kind = match error.kind().clone() {
        ErrorKind::UniqueViolation { constraint, .. } => ErrorKind::UniqueViolation {
            constraint,
            model,
            field,
        },
        ErrorKind::ForeignKeyViolation { constraint, .. } => ErrorKind::ForeignKeyViolation {
            constraint,
            model,
            field,
        },
        ErrorKind::NotNullViolation { constraint, .. } => ErrorKind::NotNullViolation {
            constraint,
            model,
            field,
        },
        ErrorKind::CheckViolation { constraint, .. } => ErrorKind::CheckViolation {
            constraint,
            model,
            field,
        },
        ErrorKind::ExclusionViolation { constraint, .. } => ErrorKind::ExclusionViolation {
            constraint,
            model,
            field,
        },
        _ => return error,
    };
    error.with_kind(kind).with_violated(names)
}

/// The same error of a statement that was built from a model, where the database lacks what the
/// model names or has it of another type.
pub(crate) fn blame_model(error: Error, model: &str) -> Error {
    let message = match error.code() {
        Some("42P01" | "3F000") => format!("a table that {model} needs is not in the database"),
        Some("42703") => format!("a column that {model} needs is not in the database"),
        Some("42804" | "42883") => {
            format!("a column that {model} needs has another type in the database")
        }
        _ => return blame(error),
    };
    error.with_kind(ErrorKind::Mapping { message })
}

/// The table and the fields that a report is about.
fn locate(report: &ServerReport) -> Option<(&'static Table, Vec<usize>)> {
    let table = report.table()?;
    let candidates = tables_named(table)
        .into_iter()
        .filter(|t| t.schema().is_none() || t.schema() == report.schema());
    let mut fallback = None;
    for table in candidates {
        match fields(table, report) {
            Some(fields) => return Some((table, fields)),
            None => fallback = fallback.or(Some((table, Vec::new()))),
        }
    }
    fallback
}

fn fields(table: &Table, report: &ServerReport) -> Option<Vec<usize>> {
    if let Some(column) = report.column() {
        return Some(vec![field_of_column(table, column)?]);
    }
    let constraint = report.constraint()?;
    fields_of_constraint(table, constraint)
        .or_else(|| fields_of_constraint(table, without_shard(constraint)?))
        .or_else(|| match report.code() {
            FOREIGN_KEY => reference_of_detail(table, report.detail()?),
            _ => fields_of_detail(table, report.detail()?),
        })
}

/// The SQLSTATE of a violated foreign key.
const FOREIGN_KEY: &str = "23503";

fn field_of_column(table: &Table, column: &str) -> Option<usize> {
    let found = table.columns().iter().find(|c| c.name == column)?;
    Some(found.field)
}

fn fields_of_constraint(table: &Table, name: &str) -> Option<Vec<usize>> {
    if table.key_constraint() == name {
        return Some(table.key().iter().collect());
    }
    if let Some(unique) = table.uniques().iter().find(|c| c.name == name) {
        return Some(unique.fields.clone());
    }
    if let Some(fk) = table.foreign_keys().iter().find(|c| c.name == name) {
        return Some(vec![fk.field]);
    }
    let check = table.checks().iter().find(|c| c.name == name)?;
    Some(check.field.into_iter().collect())
}

/// A distributed table's shards carry a number behind their constraints' names.
fn without_shard(name: &str) -> Option<&str> {
    let (stem, number) = name.rsplit_once('_')?;
    let is_shard = number.len() >= 6 && number.bytes().all(|b| b.is_ascii_digit());
    is_shard.then_some(stem)
}

/// The columns of `Key (a, b)=(…) already exists.`, for constraints that were not made here.
fn columns_of_detail(detail: &str) -> Option<Vec<&str>> {
    let start = detail.find('(')? + 1;
    let end = start + detail[start..].find(")=(")?;
    let columns = detail[start..end].split(", ");
    Some(columns.map(|column| column.trim_matches('"')).collect())
}

/// The reference behind such a detail. Its columns are those of the reference when the row that
/// it names is missing, and those of that row's key when the row is still referred to.
fn reference_of_detail(table: &Table, detail: &str) -> Option<Vec<usize>> {
    let columns = columns_of_detail(detail)?;
    let refers_by = |field: &[usize]| table.foreign_keys().iter().any(|fk| [fk.field] == *field);
    if let Some(fields) = fields_of_detail(table, detail).filter(|fields| refers_by(fields)) {
        return Some(fields);
    }
    let mut by_key = table.foreign_keys().iter().filter(|fk| {
        let key = fk.target().key_columns().map(|column| column.name.as_str());
        key.eq(columns.iter().copied())
    });
    match (by_key.next(), by_key.next()) {
        (Some(only), None) => Some(vec![only.field]),
        _ => None,
    }
}

/// The fields of the columns in such a detail.
fn fields_of_detail(table: &Table, detail: &str) -> Option<Vec<usize>> {
    let mut fields = Vec::new();
    for column in columns_of_detail(detail)? {
        let field = field_of_column(table, column)?;
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    Some(fields)
}
