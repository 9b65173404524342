//! The crate in Sessile.
//!
//! `main` writes it to disk.
//! It must not say more or less than `diesel` does.

use std::path::Path;

/// The crate's manifest.
pub(crate) fn manifest(repository: &Path) -> String {
    format!(
        "[workspace]\n[package]\nname = \"with_sessile\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [dependencies]\nsessile = {{ path = {:?} }}\n",
        repository.join("core")
    )
}

/// The module of one model.
pub(crate) fn module(number: usize) -> String {
    format!(
        r#"
use sessile::prelude::*;
use sessile::sql::*;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "thing{number}")]
pub struct Thing{number} {{
    #[model(key, generated)]
    pub id: i64,
    pub name: String,
    pub amount: i64,
    pub rate: Option<f64>,
    pub active: bool,
    pub parent: Option<Fk<Thing{number}>>,
}}

pub fn rich{number}(s: &mut Session, least: i64) -> Result<Vec<Thing{number}>> {{
    s.rows(
        select::<Thing{number}>()
            .filter(Thing{number}::AMOUNT.ge(least).and(Thing{number}::NAME.like("A%")))
            .order_by((Thing{number}::NAME, Thing{number}::ID.desc()))
            .limit(20)
            .untracked(),
    )
}}

pub fn by_name{number}(s: &mut Session) -> Result<Vec<(String, i64)>> {{
    s.rows(
        select::<Thing{number}>()
            .filter(Thing{number}::ACTIVE)
            .group_by(Thing{number}::NAME)
            .columns((Thing{number}::NAME, count())),
    )
}}

pub fn names{number}(s: &mut Session) -> Result<Vec<(String, i64, String)>> {{
    let parent = alias::<Thing{number}>("parent");
    s.rows(
        select::<Thing{number}>()
            .join(Thing{number}::PARENT.to(&parent))
            .filter(Thing{number}::RATE.is_not_null())
            .columns((Thing{number}::NAME, Thing{number}::AMOUNT, parent.column(Thing{number}::NAME))),
    )
}}

pub fn of_active{number}(s: &mut Session, least: i64) -> Result<Vec<Thing{number}>> {{
    let parent = alias::<Thing{number}>("parent");
    s.rows(
        select::<Thing{number}>()
            .join(Thing{number}::PARENT.to(&parent))
            .filter(parent.column(Thing{number}::ACTIVE).eq(true))
            .filter(parent.column(Thing{number}::AMOUNT).gt(least).or(Thing{number}::NAME.eq("x")))
            .untracked(),
    )
}}
"#
    )
}
