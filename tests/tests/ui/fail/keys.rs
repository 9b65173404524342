//! Keys of other models.

use sessile::prelude::*;

#[derive(Model, Clone, Debug)]
struct User {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
struct Article {
    #[model(key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
struct Favorite {
    #[model(key)]
    user: Fk<User>,
    #[model(key)]
    article: Fk<Article>,
}

#[derive(Model, Clone, Debug)]
struct Tag {
    #[model(key)]
    name: String,
}

fn keys(s: &mut Session, user: Handle<User>, article: Handle<Article>) -> Result<()> {
    // The handle of another model, though both keys are i64.
    s.get::<User>(article)?;
    s.get_for_update::<User>(Fk::<Article>::to(1))?;

    // The parts of a key in another order.
    s.get::<Favorite>((article, user))?;

    // A key of another type.
    s.get::<Tag>(1)?;
    Ok(())
}

fn main() {}
