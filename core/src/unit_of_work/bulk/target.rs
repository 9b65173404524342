//! By what a row is known to be there: the key, or fields that are unique together.
//!
//! Called by inserts that look out for conflicts.
//! It must not leave the finding of mistakes to the server, which names no model.

use std::fmt::Write as _;

use bytes::BytesMut;
use foldhash::HashSet;
use postgres_types::IsNull;

use super::rows::sent;
use super::settled::{conversion, encode_column};
use crate::error::{Error, ErrorKind};
use crate::model::{ColumnSet, Model};
use crate::query::UpsertTarget;

/// The fields by which rows are known.
///
/// # Errors
/// `Mapping`, naming what is unique, when they are not.
pub(super) fn target_fields<M: Model>(target: &UpsertTarget) -> Result<ColumnSet, Error> {
    let table = M::table();
    match target {
        UpsertTarget::Key => Ok(table.key()),
        UpsertTarget::Fields(fields) => unique_fields::<M>(fields),
        UpsertTarget::Constraint(name) if *name == table.key_constraint() => Ok(table.key()),
        UpsertTarget::Constraint(name) => {
            let group = table.uniques().iter().find(|group| group.name == *name);
            match group {
                Some(group) => Ok(group.fields.iter().copied().collect()),
                None => Err(unknown::<M>(&format!("has no unique constraint {name}"))),
            }
        }
    }
}

/// These fields, if they are the key or unique together.
///
/// # Errors
/// `Mapping`, naming what is unique, when they are not.
pub(super) fn unique_fields<M: Model>(fields: &[usize]) -> Result<ColumnSet, Error> {
    let table = M::table();
    let wanted: ColumnSet = fields.iter().copied().collect();
    let unique = |fields: &[usize]| fields.iter().copied().collect::<ColumnSet>() == wanted;
    if table.key() == wanted || table.uniques().iter().any(|group| unique(&group.fields)) {
        return Ok(wanted);
    }
    let names = names::<M>(wanted);
    Err(unknown::<M>(&format!("is not unique by {names}")))
}

fn unknown<M: Model>(what: &str) -> Error {
    let table = M::table();
    let mut known = format!("{} ({})", table.key_constraint(), names::<M>(table.key()));
    for group in table.uniques() {
        let fields = names::<M>(group.fields.iter().copied().collect());
        let written = write!(known, ", {} ({fields})", group.name);
        written.expect("a string takes every write");
    }
    Error::mapping(format!("{} {what}; it has {known}", M::NAME))
}

/// The names of fields, with commas between.
pub(super) fn names<M: Model>(fields: ColumnSet) -> String {
    let fields: Vec<&str> = fields.iter().map(|f| M::table().fields()[f].name).collect();
    fields.join(", ")
}

/// Refuses rows that can't be told by the target.
pub(super) struct Told {
    target: ColumnSet,
    seen: HashSet<Vec<u8>>,
}

impl Told {
    pub(super) fn by(target: ColumnSet) -> Told {
        Told {
            target,
            seen: HashSet::default(),
        }
    }

    /// Whether a row is the first that is known by its values; one without values in the target
    /// is none.
    ///
    /// Values whose type only the server knows are not compared.
    ///
    /// # Errors
    /// `Mapping` for a row that is known by nothing: NULL is equal to nothing, and what the
    /// database is to make is not known yet.
    pub(super) fn is_new<M: Model>(&mut self, row: &M) -> Result<bool, Error> {
        let mut bytes = BytesMut::new();
        let mut comparable = true;
        let unsent = self.target.without(sent(row));
        if !unsent.is_empty() {
            return Err(untold::<M>(unsent));
        }
        for column in M::table().columns_of(self.target) {
            let Some((ty, _)) = &column.ty.wire else {
                comparable = false;
                continue;
            };
            let start = bytes.len();
            bytes.extend_from_slice(&[0; 4]);
            let null = encode_column(row, column, ty, &mut bytes);
            if let IsNull::Yes = null.map_err(|source| conversion::<M>(column, source))? {
                return Err(untold::<M>(ColumnSet::only(column.field)));
            }
            let length = u32::try_from(bytes.len() - start).unwrap_or(u32::MAX);
            bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
        Ok(!comparable || self.seen.insert(bytes.to_vec()))
    }
}

fn untold<M: Model>(fields: ColumnSet) -> Error {
    let names = names::<M>(fields);
    Error::mapping(format!(
        "a row of {} can't be looked for by {names}, which has no value",
        M::NAME
    ))
}

/// The error for two rows that would be one.
pub(super) fn twice<M: Model>(target: ColumnSet) -> Error {
    let table = M::table();
    let group = table.uniques().iter();
    let mut group = group.filter(|g| g.fields.iter().copied().collect::<ColumnSet>() == target);
    let constraint = match target == table.key() {
        true => Some(table.key_constraint()),
        false => group.next().map(|g| g.name.clone()),
    };
    let fields = target.iter().map(|f| table.fields()[f].name).collect();
    Error::new(ErrorKind::UniqueViolation {
        constraint,
        model: Some(M::NAME.to_owned()),
        field: Some(names::<M>(target)),
    })
    .with_violated(fields)
    .while_doing(format!(
        "upserting two rows of {} with the same {}",
        M::NAME,
        names::<M>(target)
    ))
}
