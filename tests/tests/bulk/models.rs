//! The models that the tests of bulk work share, where the bank and the desk do not do.
//!
//! Named after what they are for.

use serde::{Deserialize, Serialize};
use sessile::prelude::*;

/// A JSON column's value.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Default)]
pub(super) struct Look {
    pub(super) colour: String,
    pub(super) size: u8,
}

/// A tag, known by its name, with a column of most kinds.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tag", has_many(places = Tagged::TAG))]
pub(super) struct Tag {
    #[model(key, generated)]
    pub(super) id: i64,
    #[model(unique)]
    pub(super) name: String,
    pub(super) uses: i64,
    #[model(json)]
    pub(super) look: Look,
    #[model(sql_type = "varchar(9)")]
    pub(super) code: String,
    #[model(default = "7")]
    pub(super) rank: i64,
    pub(super) parent: Option<Fk<Tag>>,
}

impl Tag {
    pub(super) fn named(name: &str, uses: i64) -> Tag {
        Tag {
            name: name.to_owned(),
            uses,
            ..Tag::default()
        }
    }
}

/// A use of a tag: its key is of two references' kind.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tagged")]
pub(super) struct Tagged {
    #[model(key)]
    pub(super) place: String,
    #[model(key, on_delete = cascade)]
    pub(super) tag: Fk<Tag>,
    pub(super) weight: i32,
    pub(super) words: Vec<String>,
}

impl Tagged {
    pub(super) fn at(place: &str, tag: impl Into<Fk<Tag>>, weight: i32) -> Tagged {
        Tagged {
            place: place.to_owned(),
            tag: tag.into(),
            weight,
            words: vec!["a, \"b\"".to_owned(), "{}".to_owned()],
        }
    }
}
