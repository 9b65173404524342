//! `plan()` settles references, and edits go on after it: a reference means what it was set to.

use expect_test::expect;
use sessile::prelude::*;
use sessile::{Hooks, State};
use sessile_tests::TestDb;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "labels")]
struct Label {
    #[model(key)]
    name: String,
    rank: i32,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "jars")]
struct Jar {
    #[model(key, generated)]
    id: i64,
    label: Option<Fk<Label>>,
}

const JARS: &str = "SELECT label_name, rank FROM jars JOIN labels ON name = label_name";

fn db() -> TestDb {
    TestDb::with::<(Label, Jar)>("INSERT INTO labels VALUES ('salt', 1)")
}

fn label(name: &str, rank: i32) -> Label {
    Label {
        name: name.to_owned(),
        rank,
    }
}

fn jar(label: Handle<Label>) -> Jar {
    Jar {
        label: label.into(),
        ..Jar::default()
    }
}

/// FL-1, PK-1: a handle means the object, though a plan has put its key there, which another
/// object has by now.
#[test]
fn a_handle_means_its_object_whatever_is_renamed_after_a_plan() {
    let db = db();
    let mut s = db.session();
    let salt = s.get::<Label>("salt").unwrap().unwrap();
    let jar = s.add(jar(salt));
    s.plan().unwrap();
    s[salt].name = "sea salt".to_owned();
    s.add(label("salt", 2));
    s.plan().unwrap();
    s.commit().unwrap();
    assert_eq!(db.rows(JARS), "sea salt | 1\n");
    assert!(s.refers_to(&s[jar].label, salt));
}

/// FL-1, FL-10: the same when it is a hook that gives the other key.
#[test]
fn a_handle_means_its_object_whatever_a_hook_renames() {
    let db = db();
    let mut s = db.session();
    s.add_hooks(Hooks::new().before_update::<Label>(|label| {
        label.name.push_str(" of the sea");
        Ok(())
    }));
    s.add_hooks(Hooks::new().before_insert::<Label>(|label| {
        "salt".clone_into(&mut label.name);
        Ok(())
    }));
    let salt = s.get::<Label>("salt").unwrap().unwrap();
    s.add(jar(salt));
    s[salt].rank = 3;
    s.add(label("to be named", 2));
    s.commit().unwrap();
    assert_eq!(db.rows(JARS), "salt of the sea | 3\n");
}

/// FL-1, PK-1: what a plan has put back, since the database would write it, is what the program
/// has set when the parent keeps its key after all.
#[test]
fn a_key_that_was_set_stays_when_the_rename_is_taken_back_after_a_plan() {
    let db = db();
    let mut s = db.session();
    let salt = s.get::<Label>("salt").unwrap().unwrap();
    let jar = s.insert(jar(salt)).unwrap();
    s[salt].name = "pepper".to_owned();
    s[jar].label = Some(Fk::to("pepper".to_owned()));
    let plan = s.plan().unwrap().to_string();
    expect![[r#"
        rank 1
          UPDATE labels SET name ×1 WHERE name
    "#]]
    .assert_eq(&plan);
    s[salt].name = "salt".to_owned();
    s.add(label("pepper", 2));
    s.commit().unwrap();
    assert_eq!(db.rows(JARS), "pepper | 2\n");
}

/// FL-1: what was planned any number of times is undone, and written, as if it never had been.
#[test]
fn plans_leave_nothing_for_a_rollback_or_a_flush() {
    let db = db();
    let mut s = db.session();
    let salt = s.get::<Label>("salt").unwrap().unwrap();
    let pending = s.add(jar(salt));
    for _ in 0..3 {
        s.plan().unwrap();
    }
    s.evict_clean();
    s.commit().unwrap();
    assert_eq!(db.rows(JARS), "salt | 1\n");
    let salt = s.get::<Label>("salt").unwrap().unwrap();
    s[pending].label = None;
    let lost = s.add(jar(salt));
    s.plan().unwrap();
    s.rollback().unwrap();
    assert_eq!(s.state(lost), State::Gone);
    assert_eq!(s[pending].label, Some(Fk::to("salt".to_owned())));
    assert_eq!(s.detach(lost).unwrap().id, 0);
}
