//! The shapes of keys that infer without help.

use sessile::prelude::*;

#[derive(Model, Clone, Debug)]
struct User {
    #[model(key, generated)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
struct Profile {
    #[model(key)]
    user: Fk<User>,
}

#[derive(Model, Clone, Debug)]
struct Tag {
    #[model(key)]
    name: String,
}

#[derive(Model, Clone, Debug)]
struct Tagging {
    #[model(key)]
    user: Fk<User>,
    #[model(key)]
    tag: Fk<Tag>,
    #[model(key)]
    day: i32,
}

fn keys(s: &mut Session, user: Handle<User>, fk: &Fk<User>, ids: &[i64]) -> Result<()> {
    s.get::<User>(1)?;
    s.get::<User>(&ids[0])?;
    s.get::<User>(user)?;
    s.get::<User>(fk)?;
    s.get_many::<User, 2>([1, 2])?;
    s.get_each::<User>(ids)?;
    s.get_each::<User>(ids.iter().copied())?;

    // A key that is a reference: its parent, or the key of that.
    s.get::<Profile>(user)?;
    s.get::<Profile>(fk)?;
    s.get::<Profile>(fk.clone())?;
    s.get::<Profile>(1)?;

    let tag = s.get::<Tag>("rust")?.ok_or_else(|| Error::other("none"))?;
    s.get_each::<Tag>(["rust", "sql"])?;
    s.get::<Tag>("rust".to_owned())?;

    s.get::<Tagging>((user, tag, 1))?;
    s.get::<Tagging>((1, "rust", 2))?;
    s.get::<Tagging>((&ids[0], &"rust".to_owned(), 2))?;
    s.get::<Tagging>((fk, "rust".to_owned(), &3))?;
    let [_, _] = s.get_many_for_update::<Tagging, _>([(1, "a", 2), (3, "b", 4)])?;
    Ok(())
}

fn main() {
    let _ = keys;
}
