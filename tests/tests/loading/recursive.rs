//! Relationships of a model to itself, followed to the end in one statement.

use expect_test::expect;
use sessile::ErrorKind;
use sessile::prelude::*;
use sessile_tests::TestDb;

use sessile_tests::magazine::{Category, Part, empty, magazine, titles};

/// The names of everything below, with one more indent for each level.
fn tree(s: &Session, of: Handle<Category>) -> String {
    let mut text = format!("{}(", s[of].name);
    for child in s.loaded(of, Category::CHILDREN).unwrap() {
        text += &tree(s, child);
    }
    text + ")"
}

fn path_up(s: &Session, of: Handle<Category>) -> String {
    let parent = s.loaded(of, Category::PARENT).unwrap();
    match parent {
        Some(parent) => format!("{} < {}", s[of].name, path_up(s, parent)),
        None => s[of].name.clone(),
    }
}

fn names(s: &Session, categories: &[Handle<Category>]) -> String {
    let names: Vec<&str> = categories.iter().map(|c| s[*c].name.as_str()).collect();
    names.join(" ")
}

fn top() -> sessile::query::Select<Category> {
    select::<Category>().filter(Category::ID.eq(1))
}

/// A chain of so many categories, each in the one before it.
fn chain(length: u32) -> TestDb {
    let db = empty();
    db.look().run(&format!(
        "INSERT INTO category (parent_id, name)
         SELECT nullif(i - 1, 0), i::text FROM generate_series(1, {length}) i"
    ));
    db
}

/// LD-5
#[test]
fn a_tree_comes_by_one_statement_and_each_level_is_loaded() {
    let db = magazine();
    let mut s = db.session();
    let all = s.one(top().with(Category::CHILDREN.recursive())).unwrap();
    assert_eq!(tree(&s, all), "all(code(rust(orm()))food())");
    db.assert_statements(expect![[r#"
        SELECT category WHERE id = $1 LIMIT $2
        BEGIN
        SELECT category ×1 WHERE parent_id RECURSIVE
    "#]]);
    s.load(all, Category::CHILDREN.recursive()).unwrap();
    let below = s.related(all, Category::CHILDREN.recursive()).unwrap();
    assert_eq!(names(&s, &below), "code food rust orm", "level by level");
    db.assert_statements(expect![""]);
}

/// LD-5
#[test]
fn the_way_up_comes_by_one_statement() {
    let db = magazine();
    let mut s = db.session();
    let both = s.get_each::<Category>([5, 3]).unwrap();
    db.forget();
    s.load(&both, Category::PARENT.recursive()).unwrap();
    assert_eq!(path_up(&s, both[0]), "orm < rust < code < all");
    assert_eq!(path_up(&s, both[1]), "food < all");
    let above = s.loaded(both[0], Category::PARENT.recursive()).unwrap();
    assert_eq!(names(&s, &above), "rust code all", "the nearest first");
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT category ×2 WHERE id RECURSIVE
    "#]]);
}

/// LD-5: whatever the depth.
#[test]
fn a_thousand_levels_are_one_statement_in_either_direction() {
    let db = chain(1000);
    let mut s = db.session();
    let first = s.get::<Category>(1).unwrap().unwrap();
    db.forget();
    let below = s.related(first, Category::CHILDREN.recursive()).unwrap();
    assert_eq!(below.len(), 999);
    assert_eq!(s.loaded(below[998], Category::CHILDREN).unwrap(), []);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT category ×1 WHERE parent_id RECURSIVE
    "#]]);
    let mut s = db.session();
    let last = s.get::<Category>(1000).unwrap().unwrap();
    db.forget();
    let above = s.related(last, Category::PARENT.recursive()).unwrap();
    assert_eq!((above.len(), s[above[998]].id), (999, 1));
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT category ×1 WHERE id RECURSIVE
    "#]]);
}

/// LD-5: the flat list has each object once, the one where it began too if the circle closes.
#[test]
fn a_circle_in_the_data_is_followed_once() {
    let db = magazine();
    db.look()
        .run("UPDATE category SET parent_id = 5 WHERE id = 1");
    let mut s = db.session();
    let all = s.one(top().with(Category::CHILDREN.recursive())).unwrap();
    let below = s.loaded(all, Category::CHILDREN.recursive()).unwrap();
    assert_eq!(names(&s, &below), "code food rust orm all");
    let mut s = db.session();
    let all = s.one(top().with(Category::PARENT.recursive())).unwrap();
    let above = s.loaded(all, Category::PARENT.recursive()).unwrap();
    assert_eq!(names(&s, &above), "orm rust code all");
    let mut s = db.session();
    let all = s.one(top().with(Category::PARENT.recursive_to(9))).unwrap();
    let above = s.loaded(all, Category::PARENT.recursive()).unwrap();
    assert_eq!(above.len(), 4);
    db.look()
        .run("UPDATE category SET parent_id = 1 WHERE id = 1");
    let mut s = db.session();
    let all = s.one(top().with(Category::CHILDREN.recursive())).unwrap();
    let below = s.loaded(all, Category::CHILDREN.recursive()).unwrap();
    assert_eq!(names(&s, &below), "all code food rust orm");
}

/// LD-5
#[test]
fn levels_can_be_limited() {
    let db = magazine();
    let mut s = db.session();
    let all = s
        .one(top().with(Category::CHILDREN.recursive_to(2)))
        .unwrap();
    let below = s.loaded(all, Category::CHILDREN.recursive_to(2)).unwrap();
    assert_eq!(names(&s, &below), "code food rust");
    let rust = below[2];
    let error = s.loaded(rust, Category::CHILDREN).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotLoaded { .. }));
    let error = s.loaded(all, Category::CHILDREN.recursive()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Category.children recursive is not loaded"
    );
    db.assert_statements(expect![[r#"
        SELECT category WHERE id = $1 LIMIT $2
        BEGIN
        SELECT category ×1 WHERE parent_id RECURSIVE
    "#]]);
    let mut s = db.session();
    let orm = s.get::<Category>(5).unwrap().unwrap();
    let above = s.related(orm, Category::PARENT.recursive_to(2)).unwrap();
    assert_eq!(names(&s, &above), "rust code");
    assert!(s.local::<Category>(&1).is_none());
    let none = s.related(orm, Category::PARENT.recursive_to(0)).unwrap();
    assert_eq!(none, []);
}

/// LD-1, LD-5: the search begins where memory ends.
#[test]
fn what_is_loaded_is_neither_read_again_nor_overwritten() {
    let db = magazine();
    let mut s = db.session();
    let all = s.one(top().with(Category::CHILDREN)).unwrap();
    let children = s.loaded(all, Category::CHILDREN).unwrap();
    db.look()
        .run("INSERT INTO category (parent_id, name) VALUES (1, 'unseen'), (3, 'seen')");
    db.forget();
    s.load(all, Category::CHILDREN.recursive()).unwrap();
    assert_eq!(s.loaded(all, Category::CHILDREN).unwrap(), children);
    assert_eq!(tree(&s, all), "all(code(rust(orm()))food(seen()))");
    db.assert_statements(expect![[r#"
        SELECT category ×2 WHERE parent_id RECURSIVE
    "#]]);
}

/// LD-1, LD-5
#[test]
fn levels_below_one_that_is_loaded_are_filled_in() {
    let db = magazine();
    let mut s = db.session();
    let code = s.get::<Category>(2).unwrap().unwrap();
    s.load(code, Category::CHILDREN).unwrap();
    let all = s.get::<Category>(1).unwrap().unwrap();
    db.forget();
    s.load(all, Category::CHILDREN.recursive()).unwrap();
    assert_eq!(tree(&s, all), "all(code(rust(orm()))food())");
    db.assert_statements(expect![[r#"
        SELECT category ×1 WHERE parent_id RECURSIVE
    "#]]);
}

/// LD-1, LD-5: what was loaded before stays, also where others have changed the tree since.
#[test]
fn a_tree_that_others_have_changed_is_filled_in_as_well() {
    let db = magazine();
    let mut s = db.session();
    let code = s.get::<Category>(2).unwrap().unwrap();
    s.load(code, Category::CHILDREN).unwrap();
    db.look()
        .run("UPDATE category SET parent_id = NULL WHERE id = 4");
    let all = s.get::<Category>(1).unwrap().unwrap();
    db.forget();
    s.load(all, Category::CHILDREN.recursive()).unwrap();
    assert_eq!(tree(&s, all), "all(code(rust(orm()))food())");
    db.assert_statements(expect![[r#"
        SELECT category ×1 WHERE parent_id RECURSIVE
        SELECT category ×1 WHERE parent_id RECURSIVE
    "#]]);
}

/// RL-1, LD-5
#[test]
fn a_flush_keeps_every_level_right() {
    let db = magazine();
    let mut s = db.session();
    let all = s.one(top().with(Category::CHILDREN.recursive())).unwrap();
    let [code, food] = s.loaded(all, Category::CHILDREN).unwrap()[..] else {
        panic!()
    };
    let rust = s.loaded(code, Category::CHILDREN).unwrap()[0];
    s[rust].parent = food.into();
    s.add(Category {
        parent: rust.into(),
        name: "new".to_owned(),
        ..Category::default()
    });
    s.flush().unwrap();
    assert_eq!(tree_of_known(&s, all), "all(code()food(rust(orm()new?)))");
}

/// As `tree`, with a question mark where children are not known.
fn tree_of_known(s: &Session, of: Handle<Category>) -> String {
    let Ok(children) = s.loaded(of, Category::CHILDREN) else {
        return format!("{}?", s[of].name);
    };
    let children: Vec<String> = children.iter().map(|c| tree_of_known(s, *c)).collect();
    format!("{}({})", s[of].name, children.concat())
}

/// LD-5: what is loaded along with each level, and what each level is of keys of two columns.
#[test]
fn a_recursive_step_is_gone_on_from() {
    let db = magazine();
    let mut s = db.session();
    let path = Category::CHILDREN.recursive().then(Category::POSTS);
    let all = s.one(top().with(path)).unwrap();
    let below = s.loaded(all, Category::CHILDREN.recursive()).unwrap();
    let posts: Vec<String> = below
        .iter()
        .map(|c| titles(&s, &s.loaded(*c, Category::POSTS).unwrap()))
        .collect();
    assert_eq!(posts, ["", "p3", "p1", "p4"]);
    db.assert_statements(expect![[r#"
        SELECT category WHERE id = $1 LIMIT $2
        BEGIN
        SELECT category ×1 WHERE parent_id RECURSIVE
        SELECT post ×4 WHERE category_id
    "#]]);
}

/// LD-5
#[test]
fn trees_of_keys_of_two_columns_are_followed() {
    let db = magazine();
    let mut s = db.session();
    let [car, tyre] = s
        .get_many::<Part, 2>([(1, 1), (3, 1)])
        .unwrap()
        .map(Option::unwrap);
    db.forget();
    let above = s.related_one(tyre, Part::WHOLE.recursive()).unwrap();
    let below = s.related_one(car, Part::PARTS.recursive()).unwrap();
    let names = |parts: &[Handle<Part>]| {
        let names: Vec<&str> = parts.iter().map(|p| s[*p].name.as_str()).collect();
        names.join(" ")
    };
    assert_eq!(names(&above), "wheel axle car");
    assert_eq!(names(&below), "axle wheel disc tyre");
    let mut s = db.session();
    let car = s.get::<Part>((1, 1)).unwrap().unwrap();
    let two = s.related_one(car, Part::PARTS.recursive_to(2)).unwrap();
    assert_eq!(two.len(), 3);
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT part ×1 WHERE maker, number RECURSIVE
        SELECT part ×1 WHERE whole_maker, whole_number RECURSIVE
        SELECT part ×1 WHERE maker, number
        BEGIN
        SELECT part ×1 WHERE whole_maker, whole_number RECURSIVE
    "#]]);
}

#[test]
fn a_reference_up_that_leads_nowhere_ends_the_way() {
    let db = magazine();
    db.look().run(
        "ALTER TABLE category DROP CONSTRAINT category_parent_id_fkey;
         UPDATE category SET parent_id = 99 WHERE id = 4",
    );
    let mut s = db.session();
    let orm = s.get::<Category>(5).unwrap().unwrap();
    db.forget();
    let above = s.related(orm, Category::PARENT.recursive()).unwrap();
    assert_eq!(names(&s, &above), "rust");
    s.related(orm, Category::PARENT.recursive()).unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        SELECT category ×1 WHERE id RECURSIVE
        SELECT category ×1 WHERE id RECURSIVE
    "#]]);
}
