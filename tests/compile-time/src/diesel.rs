//! The crate in Diesel.
//!
//! `main` writes it to disk.
//! It must not say more or less than `sessile` does.

/// The crate's manifest.
pub(crate) fn manifest() -> String {
    "[workspace]\n[package]\nname = \"with_diesel\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
     [dependencies]\ndiesel = { version = \"2\", default-features = false, features = [\"postgres\"] }\n"
        .to_owned()
}

/// The module of one model.
pub(crate) fn module(number: usize) -> String {
    format!(
        r#"
use diesel::dsl::count_star;
use diesel::prelude::*;

diesel::table! {{
    thing{number} (id) {{
        id -> BigInt,
        name -> Text,
        amount -> BigInt,
        rate -> Nullable<Double>,
        active -> Bool,
        parent_id -> Nullable<BigInt>,
    }}
}}

diesel::alias!(thing{number} as parent: Parent);

#[derive(Queryable, Selectable, Identifiable, Insertable, AsChangeset, Clone, Debug, PartialEq, Default)]
#[diesel(table_name = thing{number})]
pub struct Thing{number} {{
    pub id: i64,
    pub name: String,
    pub amount: i64,
    pub rate: Option<f64>,
    pub active: bool,
    pub parent_id: Option<i64>,
}}

pub fn rich{number}(c: &mut PgConnection, least: i64) -> QueryResult<Vec<Thing{number}>> {{
    thing{number}::table
        .filter(thing{number}::amount.ge(least).and(thing{number}::name.like("A%")))
        .order_by((thing{number}::name, thing{number}::id.desc()))
        .limit(20)
        .select(Thing{number}::as_select())
        .load(c)
}}

pub fn by_name{number}(c: &mut PgConnection) -> QueryResult<Vec<(String, i64)>> {{
    thing{number}::table
        .filter(thing{number}::active)
        .group_by(thing{number}::name)
        .select((thing{number}::name, count_star()))
        .load(c)
}}

pub fn names{number}(c: &mut PgConnection) -> QueryResult<Vec<(String, i64, String)>> {{
    thing{number}::table
        .inner_join(parent.on(parent.field(thing{number}::id).nullable().eq(thing{number}::parent_id)))
        .filter(thing{number}::rate.is_not_null())
        .select((thing{number}::name, thing{number}::amount, parent.field(thing{number}::name)))
        .load(c)
}}

pub fn of_active{number}(c: &mut PgConnection, least: i64) -> QueryResult<Vec<Thing{number}>> {{
    thing{number}::table
        .inner_join(parent.on(parent.field(thing{number}::id).nullable().eq(thing{number}::parent_id)))
        .filter(parent.field(thing{number}::active).eq(true))
        .filter(parent.field(thing{number}::amount).gt(least).or(thing{number}::name.eq("x")))
        .select(Thing{number}::as_select())
        .load(c)
}}
"#
    )
}
