//! What may be sent, shared and copied: checked by the compiler.

use std::hash::Hash;

use sessile::prelude::*;
use sessile::query::{Expr, Raw, Rows, Select};
use sessile::{Engine, Path};

use super::models::{Article, User};

fn sent_and_shared<T: Send + Sync>() {}

fn owned<T: Clone + Send + 'static>() {}

fn handle<T: Copy + Eq + Hash + Send + Sync + 'static>() {}

fn copied<T: Copy + Send + Sync + 'static>() {}

#[test]
fn sessions_may_be_sent_and_shared() {
    sent_and_shared::<Session>();
    sent_and_shared::<Engine>();
    owned::<Engine<std::io::Error>>();
}

#[test]
fn handles_are_plain_values() {
    handle::<Handle<User>>();
    sent_and_shared::<Fk<User>>();
    copied::<BelongsTo<Article, User>>();
    copied::<HasMany<User, Article>>();
    copied::<Column<User, String>>();
}

#[test]
fn queries_are_owned_values_that_may_be_sent() {
    owned::<Select<User>>();
    owned::<Rows<(String, i64)>>();
    owned::<Raw<i64>>();
    owned::<Expr<bool, User>>();
    owned::<Path<User>>();
    sent_and_shared::<Select<User>>();
}

#[test]
fn errors_travel_anywhere() {
    fn error<T: std::error::Error + Send + Sync + 'static>() {}
    error::<Error>();
    owned::<Error>();
}
