//! S44 to S46 with pairs instead of association objects (RL-5).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::TAGGINGS;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "items")]
#[model(many_to_many(keywords: Keyword = (Tagging::ITEM, Tagging::KEYWORD)))]
struct Item {
    #[model(key, generated)]
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "keywords")]
#[model(many_to_many(items: Item = (Tagging::KEYWORD, Tagging::ITEM)))]
struct Keyword {
    #[model(key, generated)]
    id: i64,
    word: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "taggings")]
struct Tagging {
    #[model(key)]
    item: Fk<Item>,
    #[model(key)]
    keyword: Fk<Keyword>,
}

fn item(name: &str) -> Item {
    Item {
        name: name.to_owned(),
        ..Item::default()
    }
}

fn keyword(word: &str) -> Keyword {
    Keyword {
        word: word.to_owned(),
        ..Keyword::default()
    }
}

/// S44, S45, S46
#[test]
fn pairs_cost_a_statement_for_what_is_linked_and_one_for_what_is_not() {
    let db = TestDb::new::<(Item, Keyword, Tagging)>();
    let mut s = db.session();
    let [tea, ink] = ["tea", "ink"].map(|name| s.add(item(name)));
    let [k1, k2] = ["k1", "k2"].map(|word| s.add(keyword(word)));
    s.link(tea, Item::KEYWORDS, k1).unwrap();
    s.link(tea, Item::KEYWORDS, k2).unwrap();
    s.link(k1, Keyword::ITEMS, ink).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT items (name) ×2 RETURNING id
        INSERT keywords (word) ×2 RETURNING id
        INSERT taggings (item_id, keyword_id) ×3 ON CONFLICT DO NOTHING
        COMMIT
    "#]]);
    assert_eq!(db.rows(TAGGINGS), "ink | k1\ntea | k1\ntea | k2\n");

    let k3 = s.add(keyword("k3"));
    s.unlink(tea, Item::KEYWORDS, k1).unwrap();
    s.link(tea, Item::KEYWORDS, k3).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT keywords (word) ×1 RETURNING id
        INSERT taggings (item_id, keyword_id) ×1 ON CONFLICT DO NOTHING
        DELETE taggings ×1 WHERE item_id, keyword_id
        COMMIT
    "#]]);
    assert_eq!(db.rows(TAGGINGS), "ink | k1\ntea | k2\ntea | k3\n");

    s.unlink(tea, Item::KEYWORDS, k2).unwrap();
    s.unlink(tea, Item::KEYWORDS, k3).unwrap();
    s.delete(tea).unwrap();
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE taggings ×2 WHERE item_id, keyword_id
        DELETE items ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(db.rows(TAGGINGS), "ink | k1\n");
    assert_eq!(db.rows("SELECT count(*) FROM keywords"), "3\n");
}
