//! Views: what is loaded along a path, as JSON, and nothing else.

use expect_test::{Expect, expect};
use serde::{Serialize, Serializer};
use sessile::ErrorKind;
use sessile::prelude::*;

use sessile_tests::magazine::{
    Author, Badge, Category, Comment, Part, Post, PostTag, Tag, authors, magazine, posts,
};

fn assert_json(view: &impl Serialize, expected: Expect) {
    expected.assert_eq(&serde_json::to_string_pretty(view).unwrap());
}

fn line(view: &impl Serialize) -> String {
    serde_json::to_string(view).unwrap()
}

#[test]
fn a_view_nests_what_its_path_leads_to() {
    let db = magazine();
    let mut s = db.session();
    let path = || {
        (
            Post::AUTHOR.then(Author::BADGE),
            Post::CATEGORY,
            Post::COMMENTS.then(Comment::AUTHOR),
            Post::TAGS,
        )
    };
    let all = s.all(posts().with(path())).unwrap();
    db.forget();
    let two = [all[1], all[3]];
    assert_json(
        &s.views(two, path()).unwrap(),
        expect![[r#"
            [
              {
                "id": 2,
                "author": {
                  "id": 1,
                  "name": "ann",
                  "badge": {
                    "id": 1,
                    "author": 1,
                    "text": "gold"
                  }
                },
                "category": null,
                "title": "p2",
                "comments": [],
                "tags": [
                  {
                    "name": "db",
                    "rank": 2
                  }
                ]
              },
              {
                "id": 4,
                "author": {
                  "id": 2,
                  "name": "bob",
                  "badge": null
                },
                "category": {
                  "id": 5,
                  "parent": 4,
                  "name": "orm"
                },
                "title": "p4",
                "comments": [
                  {
                    "id": 5,
                    "post": 4,
                    "author": {
                      "id": 1,
                      "name": "ann"
                    },
                    "text": "c5",
                    "score": 1,
                    "hidden": false
                  }
                ],
                "tags": [
                  {
                    "name": "rust",
                    "rank": 1
                  }
                ]
              }
            ]"#]],
    );
    db.assert_statements(expect![""]);
}

#[test]
fn what_the_path_does_not_name_is_not_shown() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(posts().with((Post::AUTHOR, Post::TAGS))).unwrap();
    let alone = s.view(all[1], ()).unwrap();
    assert_eq!(
        line(&alone),
        r#"{"id":2,"author":1,"category":null,"title":"p2"}"#
    );
    let tags = s.view(all[2], (Post::TAGS,)).unwrap();
    assert_eq!(
        line(&tags),
        r#"{"id":3,"author":1,"category":3,"title":"p3","tags":[]}"#
    );
}

#[test]
fn what_is_not_loaded_is_said_before_anything_is_written() {
    let db = magazine();
    let mut s = db.session();
    let all = s.all(authors().with(Author::POSTS)).unwrap();
    db.forget();
    let error = s
        .views(&all, Author::POSTS.then((Post::AUTHOR, Post::COMMENTS)))
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotLoaded { .. }));
    assert_eq!(error.to_string(), "Post.comments is not loaded");
    assert!(s.view(all[2], Author::POSTS.then(Post::COMMENTS)).is_ok());
    db.assert_statements(expect![""]);
    let mut other = db.session();
    let foreign = other.insert(Author::default()).unwrap();
    for error in [
        s.view(foreign, ()).unwrap_err(),
        s.views([all[0], foreign], ()).unwrap_err(),
    ] {
        assert!(matches!(
            error.kind(),
            ErrorKind::Handle {
                model: "Author",
                ..
            }
        ));
    }
}

/// LD-4
#[test]
fn two_rows_where_one_should_be_are_no_view() {
    let db = magazine();
    db.look()
        .run("INSERT INTO badge (author_id, text) VALUES (1, 'tin')");
    let mut s = db.session();
    let all = s.all(authors().with(Author::BADGE)).unwrap();
    let error = s.view(all[0], Author::BADGE).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::TooMany { model: "Badge" });
}

#[test]
fn names_can_be_given_and_must_differ() {
    let db = magazine();
    let mut s = db.session();
    let path = (Post::AUTHOR, Post::TAGS.then(Tag::POSTS));
    let post = s.all(posts().limit(2).with(path)).unwrap()[1];
    let named = (
        Post::AUTHOR.named("writer"),
        Post::TAGS
            .named("keywords")
            .then(Tag::POSTS.named("elsewhere")),
    );
    assert_eq!(
        line(&s.view(post, named).unwrap()),
        "{\"id\":2,\"author\":1,\"category\":null,\"title\":\"p2\",\
         \"writer\":{\"id\":1,\"name\":\"ann\"},\
         \"keywords\":[{\"name\":\"db\",\"rank\":2,\"elsewhere\":[\
         {\"id\":1,\"author\":1,\"category\":4,\"title\":\"p1\"},\
         {\"id\":2,\"author\":1,\"category\":null,\"title\":\"p2\"}]}]}"
    );
    let twice = s.view(post, (Post::TAGS, Post::TAGS.then(Tag::POSTS)));
    let error = twice.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a view of Post has two branches with the name tags"
    );
    let made = HasMany::from(PostTag::POST);
    s.load(post, made).unwrap();
    assert!(line(&s.view(post, made).unwrap()).ends_with(r#""post_tag":[{"post":2,"tag":"db"}]}"#));
}

/// LD-5
#[test]
fn a_tree_is_nested_to_its_leaves() {
    let db = magazine();
    let mut s = db.session();
    let path = || {
        (
            Category::POSTS,
            Category::CHILDREN.recursive().then(Category::POSTS),
        )
    };
    let top = select::<Category>().filter(Category::ID.eq(2));
    let code = s.one(top.with(path())).unwrap();
    assert_json(
        &s.view(code, path()).unwrap(),
        expect![[r#"
            {
              "id": 2,
              "parent": 1,
              "name": "code",
              "posts": [],
              "children": [
                {
                  "id": 4,
                  "parent": 2,
                  "name": "rust",
                  "children": [
                    {
                      "id": 5,
                      "parent": 4,
                      "name": "orm",
                      "children": [],
                      "posts": [
                        {
                          "id": 4,
                          "author": 2,
                          "category": 5,
                          "title": "p4"
                        }
                      ]
                    }
                  ],
                  "posts": [
                    {
                      "id": 1,
                      "author": 1,
                      "category": 4,
                      "title": "p1"
                    }
                  ]
                }
              ]
            }"#]],
    );
    let one = Category::CHILDREN.recursive_to(1);
    assert_eq!(
        line(&s.view(code, one).unwrap()),
        r#"{"id":2,"parent":1,"name":"code","children":[{"id":4,"parent":2,"name":"rust"}]}"#
    );
    let orm = s.get::<Category>(5).unwrap().unwrap();
    s.load(orm, Category::PARENT.recursive()).unwrap();
    let up = s.view(orm, Category::PARENT.recursive()).unwrap();
    assert_eq!(
        line(&up),
        "{\"id\":5,\"parent\":{\"id\":4,\"parent\":{\"id\":2,\"parent\":\
         {\"id\":1,\"parent\":null,\"name\":\"all\"},\"name\":\"code\"},\"name\":\"rust\"},\
         \"name\":\"orm\"}"
    );
}

/// LD-5: where a circle closes, the object is shown and not gone on from.
#[test]
fn a_circle_is_shown_once() {
    let db = magazine();
    db.look().run(
        "UPDATE category SET parent_id = NULL WHERE parent_id <> 2;
         UPDATE category SET parent_id = 4 WHERE id = 2",
    );
    let mut s = db.session();
    let code = s.get::<Category>(2).unwrap().unwrap();
    s.load(code, Category::CHILDREN.recursive()).unwrap();
    assert_eq!(
        line(&s.view(code, Category::CHILDREN.recursive()).unwrap()),
        "{\"id\":2,\"parent\":4,\"name\":\"code\",\"children\":[\
         {\"id\":4,\"parent\":2,\"name\":\"rust\",\"children\":[\
         {\"id\":2,\"parent\":4,\"name\":\"code\"}]}]}"
    );
}

#[test]
fn a_reference_is_its_key_and_without_one_it_can_not_be_written() {
    let db = magazine();
    let mut s = db.session();
    let wheel = s.get::<Part>((2, 1)).unwrap().unwrap();
    assert_eq!(
        line(&s.view(wheel, ()).unwrap()),
        r#"{"maker":2,"number":1,"whole":[1,2],"name":"wheel"}"#
    );
    let new = s.add(Author::default());
    let badge = s.add(Badge {
        author: new.into(),
        ..Badge::default()
    });
    let view = s.view(badge, ()).unwrap();
    let error = serde_json::to_string(&view).unwrap_err();
    assert_eq!(error.to_string(), "a reference to Author has no key yet");
    assert_eq!(
        line(&s.view(badge, Badge::AUTHOR).unwrap()),
        r#"{"id":0,"author":{"id":0,"name":""},"text":""}"#,
        "the object is at hand"
    );
    s.flush().unwrap();
    assert_eq!(
        line(&s.view(badge, ()).unwrap()),
        r#"{"id":2,"author":4,"text":""}"#
    );
}

/// With fields that are known only when it is written.
#[derive(Model, Clone, Debug, PartialEq, Default, Serialize)]
struct Flattened {
    #[model(key)]
    name: String,
    #[serde(flatten)]
    #[model(json)]
    rank: std::collections::BTreeMap<String, i32>,
}

/// A model that is written as text.
#[derive(Model, Clone, Debug, PartialEq, Default)]
struct AsText {
    #[model(key)]
    name: String,
}

impl Serialize for AsText {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

#[test]
fn flattened_structs_have_fields_and_text_has_none() {
    let mut s = Session::offline();
    let tag = s
        .preload(Flattened {
            name: "rust".to_owned(),
            rank: [("up".to_owned(), 2)].into(),
        })
        .unwrap();
    assert_eq!(line(&s.view(tag, ()).unwrap()), r#"{"name":"rust","up":2}"#);
    let text = s
        .preload(AsText {
            name: "a".to_owned(),
        })
        .unwrap();
    let error = serde_json::to_string(&s.view(text, ()).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a model in a view must serialize as a struct or a map, not as text"
    );
}
