//! Every attribute, in the places where it makes sense.

#![deny(missing_docs, warnings)]

use serde::{Deserialize, Serialize};
use sessile::Model;
use sessile::model::{BelongsTo, Column, Fk, HasMany, HasOne, Optional, Required};

/// Models in a module, with names that need care.
pub mod shop {
    use super::*;

    /// Stored as jsonb.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub struct Memo {
        text: String,
    }

    /// A tree, by `Self`.
    #[derive(Model, Clone, Debug)]
    #[model(schema = "shop", has_many(children = Self::PARENT, type_ = Category::PARENT))]
    pub struct Category {
        /// The key.
        #[model(key, default = "gen_random_uuid()")]
        pub id: String,
        /// The parent.
        #[model(on_delete = cascade(client), index)]
        pub parent: Option<Fk<Self>>,
        /// Keywords and the names of the trait's own items are good names.
        pub r#type: String,
        /// Also `Model::NAME`.
        pub name: String,
        /// Also `Model::table`.
        pub table: String,
        /// Only here.
        #[model(skip)]
        pub cache: Vec<(u8, u8)>,
    }

    /// Two references in the key.
    #[derive(Model, Clone, Debug)]
    #[model(table = "favorite", unique(category, rank, name = "best"), index(rank))]
    #[model(unique(user, rank, deferrable), unique(r#deferrable, rank))]
    #[model(check = "rank > 0", check("rank < 9", name = "top"))]
    pub struct Favorite {
        /// One part.
        #[model(key, on_delete = cascade)]
        pub category: Fk<super::shop::Category>,
        /// Another.
        #[model(key, rename = "usr")]
        pub user: Fk<User>,
        /// A number.
        #[model(check = "rank <> 7", unique)]
        pub rank: i16,
        /// A word that is a name too.
        #[model(unique, deferrable)]
        pub deferrable: i16,
        /// Checked at COMMIT.
        #[model(deferrable)]
        pub editor: Option<Fk<User>>,
        /// As json.
        #[model(json, generated)]
        pub memo: Memo,
        /// As json, or NULL.
        #[model(json)]
        pub remark: Option<Memo>,
    }

    /// A key of its own and a version.
    #[derive(Model, Clone, Debug)]
    #[model(has_one(favorite = super::shop::Favorite::USER))]
    pub struct User {
        #[model(key, generated)]
        pub(crate) id: i64,
        #[model(sql_type = "citext", rename = "mail")]
        pub(super) email: Option<String>,
        #[model(generated(always))]
        #[allow(dead_code)]
        lower: String,
        #[model(version)]
        #[allow(dead_code)]
        version: i64,
    }
}

macro_rules! model {
    ($name:ident, $field:ident: $ty:ty) => {
        #[derive(Model, Clone, Debug)]
        struct $name {
            #[model(key)]
            id: i64,
            $field: $ty,
        }
    };
}

fn main() {
    use shop::{Category, Favorite, User};
    let _: HasMany<Category, Category> = Category::CHILDREN;
    let _: HasMany<Category, Category> = Category::TYPE_;
    let _: BelongsTo<Category, Category, Optional> = Category::PARENT;
    let _: BelongsTo<Favorite, User, Required> = Favorite::USER;
    let _: HasOne<User, Favorite> = User::FAVORITE;
    let _: Column<User, Option<String>> = User::EMAIL;
    let _: Column<Category, String> = Category::TYPE;
    let _: Column<Category, String> = Category::NAME;

    // In a function, and with types that come through a macro.
    model!(Local, owner: Option<Fk<User>>);
    let local = Local { id: 1, owner: None };
    assert!(local.id == 1 && local.owner.is_none());
    let _: BelongsTo<Local, User, Optional> = Local::OWNER;
}
