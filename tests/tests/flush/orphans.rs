//! Rows that are deleted when they are taken from their parent (RL-3), and collections whose
//! parents get other keys (RL-1).

use expect_test::expect;
use sessile::prelude::*;
use sessile::{ErrorKind, State};
use sessile_tests::TestDb;

use super::models::save;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "carts", has_many(items = Item::CART))]
struct Cart {
    #[model(key)]
    id: i64,
}

/// Is nothing without its cart.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "items")]
struct Item {
    #[model(key, generated)]
    id: i64,
    #[model(on_delete = cascade, orphan = delete)]
    cart: Option<Fk<Cart>>,
    what: String,
    #[model(version)]
    version: i32,
}

/// Goes with its item.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "labels")]
struct Label {
    #[model(key, generated)]
    id: i64,
    #[model(on_delete = cascade)]
    item: Fk<Item>,
}

/// Two carts, the first with three items, the first of them with a label.
fn carts() -> TestDb {
    let db = TestDb::new::<(Cart, Item, Label)>();
    save(&db, [Cart { id: 1 }, Cart { id: 2 }]);
    let item = |what: &str| Item {
        cart: Some(Fk::to(1)),
        what: what.to_owned(),
        ..Item::default()
    };
    save(&db, ["pen", "ink", "cup"].map(item));
    save(
        &db,
        [Label {
            item: Fk::to(1),
            ..Label::default()
        }],
    );
    db
}

const ITEMS: &str = "SELECT id, cart_id, what FROM items ORDER BY id";

fn load(s: &mut Session) -> (Vec<Handle<Cart>>, Vec<Handle<Item>>) {
    let carts = s.all(select::<Cart>().order_by(Cart::ID).with(Cart::ITEMS));
    let items = s.all(select::<Item>().order_by(Item::ID));
    (carts.unwrap(), items.unwrap())
}

fn items(s: &Session, cart: Handle<Cart>) -> String {
    let items = s.loaded(cart, Cart::ITEMS).unwrap();
    let items: Vec<&str> = items.iter().map(|item| s[*item].what.as_str()).collect();
    items.join(" ")
}

/// RL-3, RL-1
#[test]
fn an_orphan_is_deleted_and_a_child_that_moves_is_not() {
    let db = carts();
    let mut s = db.session();
    let (cart, item) = load(&mut s);
    let label = s.get::<Label>(1).unwrap().unwrap();
    db.forget();
    s[item[0]].cart = None;
    s[item[0]].what = "lost".to_owned();
    s[item[1]].cart = cart[1].into();
    s[item[2]].cart = None;
    s[item[2]].cart = Some(Fk::to(1));
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        LOCK items ×2
        UPDATE items SET cart_id, version ×1 WHERE id, version
        DELETE items ×1 WHERE id, version
    "#]]);
    assert_eq!(s.state(item[0]), State::Deleted);
    assert_eq!(s.state(label), State::Deleted, "it went along");
    assert_eq!(items(&s, cart[0]), "cup");
    assert_eq!(items(&s, cart[1]), "ink");
    s.commit().unwrap();
    expect![[r#"
        2 | 2 | ink
        3 | 1 | cup
    "#]]
    .assert_eq(&db.rows(ITEMS));
}

/// RL-3, ST-2
#[test]
fn an_orphan_is_back_after_a_rollback() {
    let db = carts();
    let mut s = db.session();
    let (_, item) = load(&mut s);
    s[item[0]].cart = None;
    s.flush().unwrap();
    s.rollback().unwrap();
    assert_eq!(s.state(item[0]), State::Persistent);
    assert_eq!(s[item[0]].cart, Some(Fk::to(1)));
}

/// RL-3: what never had a parent is no orphan.
#[test]
fn a_row_that_never_had_a_parent_stays() {
    let db = carts();
    let mut s = db.session();
    let new = s.add(Item::default());
    s.flush().unwrap();
    s[new].what = "free".to_owned();
    s.commit().unwrap();
    assert_eq!(s.state(new), State::Persistent);
    expect![[r#"
        1 | 1 | pen
        2 | 1 | ink
        3 | 1 | cup
        4 | - | free
    "#]]
    .assert_eq(&db.rows(ITEMS));
}

/// RL-3, FL-8, VN-1
#[test]
fn an_orphan_that_somebody_has_changed_is_stale() {
    let db = carts();
    let mut s = db.session();
    let (_, item) = load(&mut s);
    db.look().run("UPDATE items SET version = 2 WHERE id = 1");
    s[item[0]].cart = None;
    let error = s.flush().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Stale { model: "Item", keys } if *keys == ["1"]),
        "{error:?}"
    );
}

/// RL-1, PK-1: a child that leaves a parent which gets another key in the same flush.
#[test]
fn a_child_leaves_the_collection_of_a_parent_with_another_key() {
    let db = carts();
    let mut s = db.session();
    let (cart, item) = load(&mut s);
    db.forget();
    s[cart[0]].id = 7;
    s[item[0]].cart = cart[1].into();
    s[item[2]].cart = None;
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        UPDATE carts SET id ×1 WHERE id
        LOCK items ×2
        UPDATE items SET cart_id, version ×1 WHERE id, version
        DELETE items ×1 WHERE id, version
    "#]]);
    assert_eq!(items(&s, cart[0]), "ink");
    assert_eq!(items(&s, cart[1]), "pen");
    s.commit().unwrap();
    expect![[r#"
        1 | 2 | pen
        2 | 7 | ink
    "#]]
    .assert_eq(&db.rows(ITEMS));
}

/// RL-1, PK-1: keys that parents pass on to each other are told apart.
#[test]
fn collections_are_right_when_parents_pass_their_keys_on() {
    let db = carts();
    let mut s = db.session();
    let (cart, item) = load(&mut s);
    s[cart[1]].id = 9;
    s[cart[0]].id = 2;
    s[item[0]].cart = cart[1].into();
    s.flush().unwrap();
    assert_eq!(items(&s, cart[0]), "ink cup");
    assert_eq!(items(&s, cart[1]), "pen");
    s.commit().unwrap();
    expect![[r#"
        1 | 9 | pen
        2 | 2 | ink
        3 | 2 | cup
    "#]]
    .assert_eq(&db.rows(ITEMS));
}
