//! Queries of queries: rows of one shape, positions that exist, objects of the model that is read.

use sessile::Model;
use sessile::prelude::*;
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
}

#[derive(FromRow, Debug)]
struct Use {
    label: String,
    uses: i32,
}

fn of_different_rows() {
    let labels = select::<Tag>().columns(Tag::LABEL);
    let _ = labels.union(select::<Tag>().columns(Tag::USES));
    let pairs = select::<Tag>().columns((Tag::ID, Tag::LABEL));
    let _ = pairs.except(select::<User>().columns(User::ID));
}

fn no_such_position() {
    let pairs = subquery("pairs", select::<Tag>().columns((Tag::ID, Tag::LABEL)));
    let _ = pairs.at::<9>();
}

fn columns_of_objects() {
    let tags = subquery("tags", select::<Tag>());
    let _ = tags.column(User::EMAIL);
}

fn another_step() {
    let ids = select::<Tag>().columns(Tag::ID);
    let _ = recursive("ids", ids, |_| select::<Tag>().columns(Tag::LABEL));
}

fn of_another_model() {
    let _ = select::<Tag>().columns((row::<User>(), Tag::LABEL));
    let _ = select::<Tag>().columns(row::<User>());
}

fn two_columns_as_one() {
    let _ = scalar(select::<Tag>().columns((Tag::ID, Tag::USES)));
    let _ = Tag::ID.in_query(select::<Tag>().columns(Tag::LABEL));
}

fn a_page_of_values(s: &mut Session) {
    let _ = s.page_after(select::<Tag>().columns(Tag::LABEL), 10, None);
}

fn another_struct() {
    let _ = select::<Tag>().columns((Tag::LABEL, Tag::USES)).as_struct::<Use>();
    let _ = select::<Tag>().columns(Tag::LABEL).as_struct::<Use>();
}

fn no_query() {
    let _ = cte("tags", update::<Tag>().set(Tag::USES, 0));
    let _ = values("rows", [Tag::LABEL]);
}

fn main() {}
