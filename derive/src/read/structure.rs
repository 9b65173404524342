//! The struct's own attributes.
//!
//! The reader calls it once a struct.
//! It must not look at the fields.

use syn::{Attribute, Expr, Generics, Ident, LitStr, Meta, MetaNameValue, Visibility};

use super::relationship::{Side, WrittenRelationship};
use super::{item, many_to_many};
use crate::errors::Errors;

/// What a struct may say.
const ALLOWED: [&str; 8] = [
    "table",
    "schema",
    "has_many",
    "has_one",
    "many_to_many",
    "unique",
    "index",
    "check",
];

/// A struct as it was written, without its fields.
pub(crate) struct WrittenStruct {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) generics: Generics,
    pub(crate) table: Option<LitStr>,
    pub(crate) schema: Option<LitStr>,
    pub(crate) relationships: Vec<WrittenRelationship>,
    pub(crate) uniques: Vec<WrittenGroup>,
    pub(crate) indexes: Vec<WrittenGroup>,
    pub(crate) checks: Vec<WrittenCheck>,
}

/// `unique(a, b, deferrable)` or `index(a, b, name = "..")`.
pub(crate) struct WrittenGroup {
    pub(crate) name: Option<LitStr>,
    pub(crate) fields: Vec<Ident>,
    pub(crate) deferrable: bool,
}

/// `check = ".."` or `check("..", name = "..")`.
pub(crate) struct WrittenCheck {
    pub(crate) name: Option<LitStr>,
    pub(crate) sql: LitStr,
}

impl WrittenStruct {
    pub(super) fn read(
        ident: Ident,
        vis: Visibility,
        generics: Generics,
        attributes: &[Attribute],
        errors: &mut Errors,
    ) -> WrittenStruct {
        let mut written = WrittenStruct {
            ident,
            vis,
            generics,
            table: None,
            schema: None,
            relationships: Vec::new(),
            uniques: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
        };
        for item in item::items(attributes, "model", errors) {
            written.take(&item, errors);
        }
        written
    }

    fn take(&mut self, item: &Meta, errors: &mut Errors) {
        match item::name(item).as_str() {
            "table" => set_once(&mut self.table, item, errors),
            "schema" => set_once(&mut self.schema, item, errors),
            "has_many" => self.take_relationships(item, Side::Many, errors),
            "has_one" => self.take_relationships(item, Side::One, errors),
            "unique" => self.uniques.extend(group(item, errors)),
            "index" => self.indexes.extend(group(item, errors)),
            "check" => self.checks.extend(check(item, errors)),
            "many_to_many" => {
                let written = many_to_many::read(item, errors);
                self.relationships.extend(written);
            }
            _ => item::unknown(item, "a model", &ALLOWED, errors),
        }
    }

    fn take_relationships(&mut self, item: &Meta, side: Side, errors: &mut Errors) {
        let example = format!("{}(name = Child::FIELD)", item::name(item));
        for pair in item::list::<MetaNameValue>(item, &example, errors) {
            match (pair.path.get_ident(), &pair.value) {
                (Some(ident), Expr::Path(by)) if by.path.segments.len() >= 2 => {
                    self.relationships.push(WrittenRelationship {
                        side: side.clone(),
                        ident: ident.clone(),
                        by: by.path.clone(),
                    });
                }
                (Some(_), value) => errors.add(
                    value,
                    "write the child's constant for the field that refers to this model, \
                     as in `Child::FIELD`",
                ),
                (None, _) => errors.add(&pair.path, format!("write `{example}`")),
            }
        }
    }
}

fn set_once(field: &mut Option<LitStr>, item: &Meta, errors: &mut Errors) {
    if field.is_some() {
        let name = item::name(item);
        errors.add(item, format!("`{name}` is written twice: leave one out"));
        return;
    }
    *field = item::text(item, errors);
}

fn group(item: &Meta, errors: &mut Errors) -> Option<WrittenGroup> {
    let example = format!("{}(field, other_field)", item::name(item));
    let mut group = WrittenGroup {
        name: None,
        fields: Vec::new(),
        deferrable: false,
    };
    for part in item::list::<Meta>(item, &example, errors) {
        match (&part, part.path().get_ident()) {
            // A field of this name is written `r#deferrable`.
            (Meta::Path(_), Some(word)) if word == "deferrable" => {
                if item.path().is_ident("index") {
                    errors.add(
                        &part,
                        "an index checks nothing: write `unique(..)`, or leave this out",
                    );
                }
                group.deferrable = true;
            }
            (Meta::Path(_), Some(field)) => group.fields.push(field.clone()),
            (Meta::NameValue(_), Some(name)) if name == "name" => {
                set_once(&mut group.name, &part, errors);
            }
            _ => errors.add(&part, format!("write the names of fields: `{example}`")),
        }
    }
    if group.fields.is_empty() {
        // An empty list was noted already; one with a name only was not.
        if group.name.is_some() || group.deferrable {
            errors.add(item, format!("write `{example}`"));
        }
        return None;
    }
    Some(group)
}

fn check(item: &Meta, errors: &mut Errors) -> Option<WrittenCheck> {
    if !matches!(item, Meta::List(_)) {
        let sql = item::text(item, errors)?;
        return Some(WrittenCheck { name: None, sql });
    }
    let example = "check(\"..\", name = \"..\")";
    let mut name = None;
    let mut sql = None;
    for part in item::list::<Expr>(item, example, errors) {
        match (&part, item::literal(&part)) {
            (_, Some(text)) if sql.is_none() => sql = Some(text),
            (Expr::Assign(pair), None) if is_name(&pair.left) && name.is_none() => {
                name = item::literal(&pair.right);
                if name.is_none() {
                    errors.add(&pair.right, "write `name = \"..\"`");
                }
            }
            _ => errors.add(&part, format!("write `{example}`")),
        }
    }
    match sql {
        Some(sql) if sql.value().trim().is_empty() => {
            errors.add(sql, "`check` must not be empty");
            None
        }
        Some(sql) => Some(WrittenCheck { name, sql }),
        None => {
            if name.is_some() {
                errors.add(item, format!("write `{example}`"));
            }
            None
        }
    }
}

fn is_name(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident("name"))
}
