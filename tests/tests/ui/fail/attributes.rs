//! Attributes that are unknown, misspelt, written twice or written wrongly.

use sessile::Model;
use sessile::model::Fk;

#[derive(Model, Clone, Debug)]
#[model]
#[model(tabel = "user", schema = "", table = 7)]
#[model(colour = "red", check("", name = 3), check(age))]
#[model(schema = "a", schema = "b", has_any(tags = Tag::USER))]
struct User {
    #[model(kay, key = "id", key)]
    id: i64,
    #[model(generated(sometimes), default, default = "1")]
    age: i32,
    #[model(rename = "", json, json, embed, sql::kind)]
    name: String,
    #[model(on_delete = explode)]
    parent: Option<Fk<User>>,
    #[model(unique index)]
    mail: String,
}

fn main() {}
