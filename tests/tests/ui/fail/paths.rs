//! Paths must lead from where they stand, and go on at one end.

use sessile::prelude::*;

#[derive(Model, Clone, Debug)]
#[model(has_many(posts = Post::AUTHOR))]
struct Author {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
#[model(has_many(comments = Comment::POST))]
struct Post {
    #[model(key)]
    id: i64,
    author: Fk<Author>,
}

#[derive(Model, Clone, Debug)]
struct Comment {
    #[model(key)]
    id: i64,
    post: Fk<Post>,
}

fn elsewhere() {
    let _ = select::<Author>().with(Post::COMMENTS);
    let _ = select::<Author>().with(Author::POSTS.then(Comment::POST));
    let _ = select::<Author>().with((Author::POSTS, Post::AUTHOR));
}

fn branches(s: &mut Session, post: Handle<Post>) -> Result<()> {
    let path = Author::POSTS.then((Post::COMMENTS, Post::AUTHOR));
    let _ = path.then(Comment::POST);
    s.load(post, Author::POSTS)?;
    s.related(post, Author::POSTS)?;
    Ok(())
}

fn main() {}
