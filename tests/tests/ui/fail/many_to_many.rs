//! `many_to_many(..)` that is written wrongly, or leads elsewhere.

use sessile::Model;
use sessile::model::Fk;

#[derive(Model, Clone, Debug)]
#[model(many_to_many)]
#[model(many_to_many())]
#[model(many_to_many(a = PostTag::TAG, b: Tag, c: Tag = PostTag::TAG))]
#[model(many_to_many(d: Tag = (PostTag::POST), e: Tag = (PostTag::POST, TAG)))]
#[model(many_to_many(f: Tag = (PostTag::POST, Other::TAG), g: Tag = (PostTag::POST, PostTag::TAG, 1)))]
#[model(many_to_many(h: Tag = (PostTag::POST, PostTag::TAG) twice, id: Tag = (PostTag::POST, PostTag::TAG)))]
struct Written {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
#[model(many_to_many(
    right: Tag = (PostTag::POST, PostTag::TAG),
    swapped: Tag = (PostTag::TAG, PostTag::POST),
    elsewhere: Post = (PostTag::POST, PostTag::TAG),
    plain: Tag = (PostTag::POST, PostTag::RANK),
))]
struct Post {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
struct Tag {
    #[model(key)]
    name: String,
}

#[derive(Model, Clone, Debug)]
struct PostTag {
    #[model(key)]
    post: Fk<Post>,
    #[model(key)]
    tag: Fk<Tag>,
    rank: i32,
}

fn main() {}
