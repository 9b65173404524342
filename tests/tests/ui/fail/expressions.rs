//! Expressions that PostgreSQL would refuse do not compile.

use sessile::Model;
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
    label: String,
    uses: i64,
    spare: Option<i64>,
}

sql_function! {
    fn similarity(a: String, b: String) -> f32;
}

fn of_another_model() {
    let _ = select::<Tag>().columns(sum(Tag::SPARE.cast::<i32>()).filter_where(User::ID.gt(1)));
}

fn of_another_type() {
    let _ = case().when(Tag::USES.gt(1), Tag::LABEL).otherwise(Tag::USES);
    let _ = coalesce(Tag::SPARE, "none");
    let _ = similarity(Tag::LABEL, Tag::USES);
    let _ = tuple((Tag::USES, Tag::LABEL)).gt((1, 2));
    let _ = Tag::LABEL + 1;
}

fn not_an_aggregate() {
    let _ = upper(Tag::LABEL).filter_where(Tag::USES.gt(1));
}

fn without_a_window() {
    let _ = select::<Tag>().columns(row_number());
}

fn null_where_there_is_a_value() {
    let _: sessile::query::Rows<i64> = select::<Tag>().columns(Tag::USES + Tag::SPARE);
}

fn main() {}
