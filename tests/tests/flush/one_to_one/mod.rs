//! One-to-one: a parent with at most one child, by a reference that is unique or the key itself.

use sessile::prelude::*;
use sessile_tests::TestDb;

mod ends;
mod exchanges;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "members", has_one(card = Card::MEMBER), has_one(locker = Locker::MEMBER))]
#[model(has_one(profile = Profile::MEMBER), has_one(photo = Photo::MEMBER))]
struct Member {
    #[model(key, generated)]
    id: i64,
    name: String,
}

/// Always somebody's, and holds its member back.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "cards")]
struct Card {
    #[model(key, generated)]
    id: i64,
    #[model(unique)]
    member: Fk<Member>,
    code: String,
}

/// May be nobody's.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "lockers")]
struct Locker {
    #[model(key, generated)]
    id: i64,
    #[model(unique, on_delete = set_null)]
    member: Option<Fk<Member>>,
}

/// Has its member's key for its own, and goes with it.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "profiles")]
struct Profile {
    #[model(key, on_delete = cascade)]
    member: Fk<Member>,
    bio: String,
}

/// One a member, though the table would take two.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "photos")]
struct Photo {
    #[model(key, generated)]
    id: i64,
    #[model(on_delete = cascade)]
    member: Fk<Member>,
}

type Club = (Member, Card, Locker, Profile, Photo);

/// Ann, bob and cid; ann and bob have one of each, cid has nothing, and locker 3 is nobody's.
fn club() -> TestDb {
    TestDb::with::<Club>(
        "INSERT INTO members (name) VALUES ('ann'), ('bob'), ('cid');
         INSERT INTO cards (member_id, code) VALUES (1, 'a'), (2, 'b');
         INSERT INTO lockers (member_id) VALUES (1), (2), (NULL);
         INSERT INTO profiles (member_id, bio) VALUES (1, 'sings'), (2, 'reads');
         INSERT INTO photos (member_id) VALUES (1), (2)",
    )
}

/// The members with what they have, loaded.
fn members(s: &mut Session, db: &TestDb) -> [Handle<Member>; 3] {
    let all = (Member::CARD, Member::LOCKER, Member::PROFILE, Member::PHOTO);
    let found = s.all(select::<Member>().order_by(Member::ID).with(all));
    db.forget();
    found.unwrap().try_into().unwrap()
}

const CARDS: &str = "SELECT id, member_id, code FROM cards ORDER BY id";
const LOCKERS: &str = "SELECT id, member_id FROM lockers ORDER BY id";
const PROFILES: &str = "SELECT member_id, bio FROM profiles ORDER BY 1";
const PHOTOS: &str = "SELECT id, member_id FROM photos ORDER BY id";

fn card(member: impl Into<Fk<Member>>, code: &str) -> Card {
    Card {
        member: member.into(),
        code: code.to_owned(),
        ..Card::default()
    }
}

fn profile(member: impl Into<Fk<Member>>, bio: &str) -> Profile {
    Profile {
        member: member.into(),
        bio: bio.to_owned(),
    }
}
