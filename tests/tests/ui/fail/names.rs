//! Names that clash or that nothing has.

use sessile::Model;
use sessile::model::Fk;

#[derive(Model, Clone, Debug)]
#[model(has_many(title = Post::AUTHOR, posts = AUTHOR, likes = "Post::AUTHOR", a::b = Post::AUTHOR))]
#[model(unique(titel, body), index(title, title), index(cache), unique(name = "x"), index, unique())]
#[model(has_one)]
struct User {
    #[model(key)]
    id: i64,
    title: String,
    #[model(rename = "title")]
    caption: String,
    #[allow(non_snake_case)]
    Title: String,
    #[model(skip)]
    cache: Vec<String>,
}

#[derive(Model, Clone, Debug)]
struct Post {
    #[model(key)]
    id: i64,
    author: Fk<User>,
}

fn main() {}
