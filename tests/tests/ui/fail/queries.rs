//! A query takes only what its model has, with values of the column's type.

use sessile::Model;
use sessile::model::{Fk, Handle};
use sessile::query::Rows;
use sessile::sql::*;

#[derive(Model, Clone, Debug)]
struct User {
    #[model(key)]
    id: i64,
    email: String,
}

#[derive(Model, Clone, Debug)]
struct Tag {
    #[model(key)]
    id: i64,
    owner: Fk<User>,
    label: String,
    uses: i64,
}

fn of_another_model() {
    let _ = select::<Tag>().filter(User::EMAIL.eq("ann"));
    let _ = select::<Tag>().filter(Tag::LABEL.eq("a").and(User::EMAIL.eq("ann")));
    let _ = select::<Tag>().order_by(User::EMAIL.desc());
    let _ = select::<Tag>().columns((Tag::ID, User::EMAIL));
}

fn of_another_type() {
    let _ = Tag::USES.eq("seven");
    let _ = Tag::USES.eq(7_i32);
    let _ = Tag::USES.is_in(["seven"]);
    let _ = select::<Tag>().filter(Tag::LABEL);
    let _: Rows<String> = select::<Tag>().columns(Tag::USES);
}

fn of_another_parent(tag: Handle<Tag>) {
    let _ = Tag::OWNER.is(tag);
}

fn not_a_list() {
    let _ = raw::<i64>("SELECT $1", 7);
}

fn main() {}
