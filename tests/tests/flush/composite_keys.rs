//! New rows whose keys have several parts, some of them references.

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

/// One part is drawn from a sequence, the other is the program's.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "lines")]
struct Line {
    #[model(key)]
    page: i32,
    #[model(key, generated)]
    number: i32,
    text: String,
}

/// Both parts are made by the database.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "marks")]
struct Mark {
    #[model(key, default = "gen_random_uuid()")]
    id: uuid::Uuid,
    #[model(key, generated)]
    number: i64,
    text: String,
    #[model(default = "upper('new')")]
    state: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "posts")]
struct Post {
    #[model(key, generated)]
    id: i64,
    title: String,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "tags")]
struct Tag {
    #[model(key)]
    name: String,
}

/// An association: its key is two references.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "post_tags")]
struct PostTag {
    #[model(key)]
    post: Fk<Post>,
    #[model(key)]
    tag: Fk<Tag>,
    weight: i32,
}

/// A child of the association.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "votes")]
struct Vote {
    #[model(key)]
    number: i64,
    #[model(on_delete = cascade)]
    tagging: Fk<PostTag>,
}

fn tag(name: &str) -> Tag {
    Tag {
        name: name.to_owned(),
    }
}

fn post(title: &str) -> Post {
    Post {
        title: title.to_owned(),
        ..Post::default()
    }
}

/// S10
#[test]
fn only_the_drawn_part_of_a_key_comes_back() {
    let db = TestDb::new::<Line>();
    let mut s = db.session();
    let line = |page, text: &str| Line {
        page,
        text: text.to_owned(),
        ..Line::default()
    };
    let handles = s.add_all([line(9, "a"), line(1, "b"), line(9, "c")]);
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT lines (page, text) ×3 RETURNING number
    "#]]);
    assert_eq!(s.get::<Line>((1, 2)).unwrap(), Some(handles[1]));
    db.assert_statements(expect![[r#""#]]);
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT page, number, text FROM lines ORDER BY number"),
        "9 | 1 | a\n1 | 2 | b\n9 | 3 | c\n"
    );
}

/// FL-6: keys that no sequence makes are matched by the row's ordinal.
#[test]
fn keys_with_several_drawn_parts_find_their_rows() {
    let db = TestDb::new::<Mark>();
    let mut s = db.session();
    let handles = s.add_all((0..500).map(|n| Mark {
        text: format!("m{n}"),
        ..Mark::default()
    }));
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT marks (text) ×500 RETURNING id, number, state
        COMMIT
    "#]]);
    let mut held: Vec<String> = handles
        .iter()
        .map(|h| &s[*h])
        .map(|m| format!("{} | {} | {} | {}\n", m.text, m.id, m.number, m.state))
        .collect();
    held.sort_unstable();
    assert_eq!(
        held.concat(),
        db.rows("SELECT text, id, number, state FROM marks ORDER BY text COLLATE \"C\"")
    );
}

/// FL-2: the handles in the key become keys during the flush.
#[test]
fn an_association_of_new_rows_waits_for_both_keys() {
    let db = TestDb::new::<(PostTag, Post, Tag, Vote)>();
    let mut s = db.session();
    let notes = s.add(post("notes"));
    let rust = s.add(tag("rust"));
    let tagging = s.add(PostTag {
        post: notes.into(),
        tag: rust.into(),
        weight: 3,
    });
    let vote = s.add(Vote {
        number: 1,
        tagging: tagging.into(),
    });
    s.flush().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT posts (title) ×1 RETURNING id
        INSERT tags (name) ×1
        INSERT post_tags (post_id, tag_name, weight) ×1
        INSERT votes (number, tagging_post_id, tagging_tag_name) ×1
    "#]]);
    assert_eq!(s.key(tagging).unwrap(), (1, "rust".to_owned()));
    assert_eq!(s[vote].tagging, Fk::to((1, "rust".to_owned())));
    assert_eq!(s.get::<PostTag>((notes, "rust")).unwrap(), Some(tagging));
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT number, tagging_post_id, tagging_tag_name FROM votes"),
        "1 | 1 | rust\n"
    );
}

/// S44
#[test]
fn two_posts_with_three_associations_are_three_statements() {
    let db = TestDb::new::<(PostTag, Post, Tag, Vote)>();
    let mut s = db.session();
    let [one, two] = ["one", "two"].map(|title| s.add(post(title)));
    let [red, blue] = ["red", "blue"].map(|name| s.add(tag(name)));
    for (post, tag) in [(one, red), (one, blue), (two, red)] {
        s.add(PostTag {
            post: post.into(),
            tag: tag.into(),
            weight: 1,
        });
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT posts (title) ×2 RETURNING id
        INSERT tags (name) ×2
        INSERT post_tags (post_id, tag_name, weight) ×3
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT post_id, tag_name FROM post_tags ORDER BY 1, 2"),
        "1 | blue\n1 | red\n2 | red\n"
    );
}

/// S46, FL-2
#[test]
fn a_post_goes_after_its_associations() {
    let db = TestDb::new::<(PostTag, Post, Tag, Vote)>();
    let mut s = db.session();
    let notes = s.add(post("notes"));
    let tags = ["red", "blue"].map(|name| s.add(tag(name)));
    let taggings = tags.map(|tag| {
        s.add(PostTag {
            post: notes.into(),
            tag: tag.into(),
            weight: 1,
        })
    });
    s.commit().unwrap();
    db.forget();
    s.delete(notes).unwrap();
    for tagging in taggings {
        s.delete(tagging).unwrap();
    }
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE post_tags ×2 WHERE post_id, tag_name
        DELETE posts ×1 WHERE id
        COMMIT
    "#]]);
    assert_eq!(
        db.rows("SELECT (SELECT count(*) FROM post_tags), (SELECT count(*) FROM tags)"),
        "0 | 2\n"
    );
}

/// S45
#[test]
fn tags_are_exchanged_by_an_insert_and_a_delete() {
    let db = TestDb::new::<(PostTag, Post, Tag, Vote)>();
    let mut s = db.session();
    let notes = s.add(post("notes"));
    let red = s.add(tag("red"));
    let old = s.add(PostTag {
        post: notes.into(),
        tag: red.into(),
        weight: 1,
    });
    s.commit().unwrap();
    db.forget();
    s.delete(old).unwrap();
    let blue = s.add(tag("blue"));
    s.add(PostTag {
        post: notes.into(),
        tag: blue.into(),
        weight: 2,
    });
    s.commit().unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        INSERT tags (name) ×1
        DELETE post_tags ×1 WHERE post_id, tag_name
        INSERT post_tags (post_id, tag_name, weight) ×1
        COMMIT
    "#]]);
    assert_eq!(db.rows("SELECT tag_name FROM post_tags"), "blue\n");
}

/// ST-4: by handle or by key, it is the same association.
#[test]
fn two_associations_of_the_same_rows_are_refused_before_sql() {
    let db = TestDb::new::<(PostTag, Post, Tag, Vote)>();
    let mut s = db.session();
    let notes = s.insert(post("notes")).unwrap();
    let red = s.insert(tag("red")).unwrap();
    db.forget();
    s.add(PostTag {
        post: notes.into(),
        tag: red.into(),
        weight: 1,
    });
    s.add(PostTag {
        post: Fk::to(1),
        tag: Fk::to("red"),
        weight: 2,
    });
    let error = s.flush().unwrap_err();
    assert_eq!(error.to_string(), "two objects for PostTag (1, \"red\")");
}

/// S47, FL-8: the missing pair is named.
#[test]
fn an_association_that_is_gone_is_stale_and_named() {
    let db = TestDb::new::<(PostTag, Post, Tag, Vote)>();
    let mut s = db.session();
    let notes = s.add(post("notes"));
    let tags = ["red", "blue"].map(|name| s.add(tag(name)));
    let taggings = tags.map(|tag| {
        s.add(PostTag {
            post: notes.into(),
            tag: tag.into(),
            weight: 1,
        })
    });
    s.commit().unwrap();
    db.look()
        .run("DELETE FROM post_tags WHERE tag_name = 'blue'");
    db.forget();
    for tagging in taggings {
        s.delete(tagging).unwrap();
    }
    let error = s.flush().unwrap_err();
    db.assert_statements(expect![[r#"
        BEGIN
        DELETE post_tags ×2 WHERE post_id, tag_name
        ROLLBACK
    "#]]);
    expect![[r#"stale PostTag: (1, "blue") changed or deleted by somebody else"#]]
        .assert_eq(&error.to_string());
    assert_eq!(db.rows("SELECT tag_name FROM post_tags"), "red\n");
}
