//! A relationship to children must go by a reference to this model.

use sessile::Model;
use sessile::model::Fk;

#[derive(Model, Clone, Debug)]
#[model(has_many(posts = Post::AUTHOR))]
struct User {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
#[model(has_many(posts = Post::AUTHOR, titles = Post::TITLE))]
struct Blog {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
struct Post {
    #[model(key)]
    id: i64,
    author: Fk<User>,
    title: String,
}

fn main() {}
