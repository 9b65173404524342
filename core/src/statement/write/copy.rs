//! COPY: the texts that move rows in the binary format.
//!
//! Called by the wings that stream rows.
//! It must not put a value into a text, though COPY takes no parameters: they wait in settings of
//! the transaction.

use crate::engine::Text;
use crate::error::Error;
use crate::model::{ColumnSet, Table};
use crate::statement::names::table_name;
use crate::statement::shape::text::{names, plain};
use crate::statement::{Bound, Rendered, closed, tokens};

/// `COPY .. FROM STDIN` for these fields.
pub(crate) fn copy_in(table: &Table, fields: ColumnSet) -> Text {
    let columns = names(table.columns_of(fields), "");
    let columns = match columns.is_empty() {
        true => String::new(),
        false => format!(" ({columns})"),
    };
    Text {
        sql: format!(
            "COPY {}{columns} FROM STDIN (FORMAT binary)",
            table_name(table)
        )
        .into(),
        label: format!(
            "COPY {} ({})",
            table.name(),
            plain(table.columns_of(fields))
        )
        .into(),
    }
}

/// A query that shows the types of these fields.
pub(crate) fn describe(table: &Table, fields: ColumnSet) -> Text {
    Text {
        sql: format!(
            "SELECT {} FROM {}",
            names(table.columns_of(fields), ""),
            table_name(table)
        )
        .into(),
        label: format!("DESCRIBE {}", table.name()).into(),
    }
}

/// `COPY .. TO STDOUT` of the rows of a query, and what has to be run before it where the query
/// has values.
///
/// # Errors
/// `Mapping` for a value whose type only the server knows.
pub(crate) fn copy_out(query: &Rendered) -> Result<(Option<Rendered>, Text), Error> {
    let sql = match query.params.is_empty() {
        true => query.sql.to_string(),
        false => with_settings(&query.sql, &query.params)?,
    };
    let sql = closed(&sql);
    let text = Text {
        sql: format!("COPY ({sql}) TO STDOUT (FORMAT binary)").into(),
        label: format!("COPY {}", query.label).into(),
    };
    let settings = (!query.params.is_empty()).then(|| settings(query));
    Ok((settings.transpose()?, text))
}

/// The values, as settings that end with the transaction. A letter before each tells NULL from
/// an empty text.
fn settings(query: &Rendered) -> Result<Rendered, Error> {
    let mut set = Vec::with_capacity(query.params.len());
    for (i, param) in query.params.iter().enumerate() {
        let (number, ty) = (i + 1, type_name(param)?);
        set.push(format!(
            "set_config('sessile.p{number}', coalesce('v' || (${number}::{ty})::text, 'n'), true)"
        ));
    }
    Ok(Rendered {
        model: query.model,
        sql: format!("SELECT {}", set.join(", ")).into(),
        label: format!("SET values ×{}", query.params.len()).into(),
        params: query.params.clone(),
    })
}

/// The text with settings in the places of its placeholders.
fn with_settings(sql: &str, params: &[Bound]) -> Result<String, Error> {
    let mut out = String::with_capacity(sql.len() * 2);
    for token in tokens(sql) {
        let Some(position) = token.position() else {
            out.push_str(token.text());
            continue;
        };
        let param = params.get(position).ok_or_else(|| {
            let number = token.text();
            Error::mapping(format!(
                "a query that is copied has {number} and no value for it"
            ))
        })?;
        let (number, ty) = (position + 1, type_name(param)?);
        out.push_str(&format!(
            "substr(nullif(current_setting('sessile.p{number}'), 'n'), 2)::{ty}"
        ));
    }
    Ok(out)
}

/// A type's name in a cast.
fn type_name(param: &Bound) -> Result<String, Error> {
    use postgres_types::{Kind, Type};
    let quoted = |ty: &Type| format!("pg_catalog.\"{}\"", ty.name());
    match param.ty().kind() {
        _ if *param.ty() == Type::UNKNOWN => Err(Error::mapping(
            "a value whose type only the server knows, in a query that is copied",
        )),
        Kind::Array(element) => Ok(format!("{}[]", quoted(element))),
        _ => Ok(quoted(param.ty())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_within_names_are_names() {
        let params = [Bound::new(1_i64), Bound::new(vec![2_i32])];
        let sql = "SELECT \"$1\", '$2', $$a$$, E'\\'$1' FROM t WHERE a = $1 AND b = ANY($2)";
        let one = "substr(nullif(current_setting('sessile.p1'), 'n'), 2)::pg_catalog.\"int8\"";
        let two = "substr(nullif(current_setting('sessile.p2'), 'n'), 2)::pg_catalog.\"int4\"[]";
        assert_eq!(
            with_settings(sql, &params).unwrap(),
            format!(
                "SELECT \"$1\", '$2', $$a$$, E'\\'$1' FROM t WHERE a = {one} AND b = ANY({two})"
            )
        );
        assert!(with_settings("SELECT $3", &params).is_err());
        assert!(with_settings("SELECT $99999999999999999999", &params).is_err());
    }
}
