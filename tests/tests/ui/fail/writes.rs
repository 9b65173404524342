//! Statements that write take only what their model has, with values of the column's type.

use sessile::Model;
use sessile::query::upsert;
use sessile::sql::*;

#[derive(Model, Clone, Debug)]
struct User {
    #[model(key)]
    id: i64,
    #[model(unique)]
    email: String,
    age: Option<i32>,
}

#[derive(Model, Clone, Debug)]
struct Tag {
    #[model(key)]
    id: i64,
    label: String,
    uses: i64,
}

fn of_another_model() {
    let _ = update::<Tag>().set(User::EMAIL, "ann".to_owned());
    let _ = update::<Tag>().filter(User::EMAIL.eq("ann"));
    let _ = delete::<Tag>().filter(User::EMAIL.eq("ann"));
    let _ = upsert(Vec::<Tag>::new()).on(User::EMAIL);
    let _ = upsert(Vec::<Tag>::new()).update((Tag::USES, User::EMAIL));
    let _ = insert::<Tag>().columns((Tag::ID, User::EMAIL));
    let _ = delete::<Tag>().returning_columns(User::ID);
    let _ = insert::<Tag>().rows(Vec::<User>::new());
}

fn of_another_type() {
    let _ = update::<Tag>().set(Tag::USES, "seven");
    let _ = update::<Tag>().set(Tag::USES, 7_i32);
    let _ = update::<Tag>().set(Tag::USES, None::<i64>);
    let _ = update::<Tag>().set(Tag::USES, Tag::LABEL);
    let _ = update::<Tag>().set(Tag::LABEL, Tag::USES + 1);
    let _ = update::<Tag>().set_null(Tag::USES);
}

fn of_other_rows() {
    let emails = select::<User>().columns((User::ID, User::EMAIL));
    let _ = insert::<Tag>().columns((Tag::LABEL, Tag::USES)).from_select(emails);
    let ids = select::<User>().columns(User::ID);
    let _ = insert::<Tag>().columns((Tag::ID, Tag::USES)).from_select(ids);
}

fn main() {}
