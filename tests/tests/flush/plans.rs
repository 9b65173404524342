//! The plan is a value: it prints, and asking for it changes nothing (FL-1, S101).

use expect_test::expect;
use sessile::prelude::*;
use sessile_tests::TestDb;

use super::models::{Address, Letter, Note, User};

#[test]
fn a_plan_prints_a_statement_a_line_by_ranks() {
    let mut s = Session::offline();
    let old = s.preload(User {
        id: 7,
        ..User::named("old")
    });
    let old = old.unwrap();
    let ada = s.add(User::named("ada"));
    let home = s.add(Address::of(Some(ada.into()), "home"));
    s.add(Address::of(Some(old.into()), "work"));
    s.add(Letter::to(home, "dear"));
    s[old].name = "older".to_owned();
    s.add(Note::new(1, "note"));
    let plan = s.plan().unwrap();
    expect![[r#"
        rank 1
          UPDATE users SET name ×1 WHERE id
          INSERT notes (id, version, text, stars) ×1
          INSERT users (name, email) ×1 RETURNING id
        rank 2
          INSERT addresses (user_id, street) ×2 RETURNING id
        rank 3
          INSERT letters (address_id, text) ×1 RETURNING id
    "#]]
    .assert_eq(&plan.to_string());
    let ranks: Vec<usize> = plan.ranks().iter().map(|r| r.statements().len()).collect();
    assert_eq!(ranks.iter().sum::<usize>(), plan.statements().count());
    let inserts = plan.ranks()[1].statements();
    assert_eq!(inserts[0].operation(), sessile::Operation::Insert);
    assert_eq!(inserts[0].table().name(), "addresses");
    assert_eq!(
        (inserts[0].rows(), inserts[0].columns()),
        (2, vec!["user_id", "street"])
    );
}

/// FL-1: why each row waits for which, drawn.
#[test]
fn a_plan_is_drawn_with_reasons() {
    let mut s = Session::offline();
    let user = |id, email: &str| User {
        id,
        ..User::at("n", email)
    };
    let [a, b] = [user(1, "a"), user(2, "b")].map(|user| s.preload(user).unwrap());
    s[a].email = Some("b".to_owned());
    s[b].email = Some("a".to_owned());
    s[b].name = "\"B\"".to_owned();
    let ada = s.add(User::named("ada"));
    for street in 0..10 {
        s.add(Address::of(Some(ada.into()), &format!("{street}")));
    }
    let ring = s.add(super::models::Node::under(None, "own"));
    s[ring].parent = ring.into();
    expect![[r#"
        flowchart TD
          subgraph rank1["rank 1"]
            subgraph s0["UPDATE users SET email = NULL ×2 WHERE id"]
              s0r0["User 1"]
              s0r1["User 2"]
            end
            subgraph s1["INSERT nodes (parent_id, data) ×1 RETURNING id"]
              s1r0["new Node (1)"]
            end
            subgraph s2["INSERT users (name, email) ×1 RETURNING id"]
              s2r0["new User (1)"]
            end
          end
          subgraph rank2["rank 2"]
            subgraph s3["UPDATE nodes SET parent_id ×1 WHERE id"]
              s3r0["new Node (1)"]
            end
            subgraph s4["UPDATE users SET email ×1 WHERE id"]
              s4r0["User 1"]
            end
            subgraph s5["UPDATE users SET name, email ×1 WHERE id"]
              s5r0["User 2"]
            end
            subgraph s6["INSERT addresses (user_id, street) ×10 RETURNING id"]
              s6r0["new Address (1), new Address (2), new Address (3) and 7 more"]
            end
          end
          s2r0 -- "Address.user needs the new key ×10" --> s6r0
          s1r0 -- "Node.parent needs the new key" --> s3r0
          s0r1 -- "User.email becomes free" --> s4r0
          s0r0 -- "User.email becomes free" --> s5r0
          s0r0 -- "User.email was NULL until now" --> s4r0
          s0r1 -- "User.email was NULL until now" --> s5r0
          s1r0 -- "Node.parent comes late" --> s3r0
    "#]]
    .assert_eq(&s.plan().unwrap().to_mermaid());
}

/// The same for Graphviz.
#[test]
fn a_plan_is_drawn_in_another_language() {
    let mut s = Session::offline();
    let ada = s.add(User::named("ada"));
    s.add(Address::of(Some(ada.into()), "home"));
    let quoted = s.preload(super::models::Folder::under(None, "\"a\\b\""));
    s.delete(quoted.unwrap()).unwrap();
    expect![[r#"
        digraph plan {
          node [shape=box]
          subgraph cluster_rank1 {
            label="rank 1"
            subgraph cluster_s0 {
              label="INSERT users (name, email) ×1 RETURNING id"
              s0r0 [label="new User (1)"]
            }
            subgraph cluster_s1 {
              label="DELETE folders ×1 WHERE path"
              s1r0 [label="Folder \"\\\"a\\\\b\\\"\""]
            }
          }
          subgraph cluster_rank2 {
            label="rank 2"
            subgraph cluster_s2 {
              label="INSERT addresses (user_id, street) ×1 RETURNING id"
              s2r0 [label="new Address (1)"]
            }
          }
          s0r0 -> s2r0 [label="Address.user needs the new key"]
        }
    "#]]
    .assert_eq(&s.plan().unwrap().to_dot());
}

/// S101: who waits for whom, as data.
#[test]
fn a_plan_tells_its_edges() {
    let mut s = Session::offline();
    let user = |id, email: &str| User {
        id,
        ..User::at("n", email)
    };
    let [a, b] = [user(1, "a"), user(2, "b")].map(|user| s.preload(user).unwrap());
    s.delete(a).unwrap();
    s[b].email = Some("a".to_owned());
    let ada = s.add(User::named("ada"));
    s.add(Address::of(Some(ada.into()), "home"));
    let ring = s.add(super::models::Node::under(None, "own"));
    s[ring].parent = ring.into();
    let plan = s.plan().unwrap();
    let edges = plan.edges().map(|edge| {
        let row = |row: sessile::PlannedRow<'_>| format!("{}/{} {row}", row.rank, row.statement);
        let (before, after) = (row(edge.before), row(edge.after));
        format!("{before} < {after}: {edge}, {:?}\n", edge.constraint)
    });
    expect![[r#"
        0/1 new User (1) < 1/6 new Address (1): Address.user needs the new key, Some("addresses_user_id_fkey")
        0/0 new Node (1) < 1/4 new Node (1): Node.parent needs the new key, Some("nodes_parent_id_fkey")
        0/3 User 1 < 1/5 User 2: User.email becomes free, Some("users_email_key")
        0/0 new Node (1) < 1/4 new Node (1): Node.parent comes late, None
    "#]].assert_eq(&edges.collect::<String>());
    let rows: Vec<_> = plan.rows().map(|row| row.name).collect();
    let counts: usize = plan.statements().map(|statement| statement.rows()).sum();
    assert_eq!(rows.len(), counts);
    for edge in plan.edges() {
        let statements: Vec<_> = plan.statements().collect();
        assert!(edge.after.position < statements[edge.after.statement].rows());
        assert!(plan.rows().any(|row| row == edge.before));
    }
    assert_eq!(
        plan.edges().next().unwrap().reason,
        sessile::Reason::NeedsNewKey
    );
}

/// S101: the edges of many rows are read summed.
#[test]
fn a_plan_lists_what_each_statement_waits_for() {
    let mut s = Session::offline();
    let users: Vec<_> = (0..100).map(|_| s.add(User::named("n"))).collect();
    for user in &users {
        for street in ["home", "work"] {
            s.add(Address::of(Some((*user).into()), street));
        }
    }
    let old = s.preload(User {
        id: 7,
        ..User::at("n", "old")
    });
    let next = s.preload(User {
        id: 8,
        ..User::at("n", "next")
    });
    s.delete(old.unwrap()).unwrap();
    s[next.unwrap()].email = Some("old".to_owned());
    let ring = s.add(super::models::Node::under(None, "own"));
    s[ring].parent = ring.into();
    expect![[r#"
        rank 1
          1. INSERT nodes (parent_id, data) ×1 RETURNING id
          2. INSERT users (name, email) ×100 RETURNING id
          3. LOCK users ×2
          4. DELETE users ×1 WHERE id
        rank 2
          5. UPDATE nodes SET parent_id ×1 WHERE id
               after 1: Node.parent needs the new key (nodes_parent_id_fkey) ×1
               after 1: Node.parent comes late ×1
          6. UPDATE users SET email ×1 WHERE id
               after 4: User.email becomes free (users_email_key) ×1
          7. INSERT addresses (user_id, street) ×200 RETURNING id
               after 2: Address.user needs the new key (addresses_user_id_fkey) ×200
    "#]]
    .assert_eq(&format!("{:#}", s.plan().unwrap()));
}

/// A picture does not grow with the rows.
#[test]
fn many_rows_are_one_box_and_one_arrow() {
    let draw = |rows: i64| {
        let mut s = Session::offline();
        for _ in 0..rows {
            let user = s.add(User::named("n"));
            s.add(Address::of(Some(user.into()), "home"));
        }
        s.plan().unwrap().to_mermaid()
    };
    let many = draw(10_000);
    expect![[r#"
        flowchart TD
          subgraph rank1["rank 1"]
            subgraph s0["INSERT users (name, email) ×10000 RETURNING id"]
              s0r0["new User (1), new User (2), new User (3) and 9997 more"]
            end
          end
          subgraph rank2["rank 2"]
            subgraph s1["INSERT addresses (user_id, street) ×10000 RETURNING id"]
              s1r0["new Address (1), new Address (2), new Address (3) and 9997 more"]
            end
          end
          s0r0 -- "Address.user needs the new key ×10000" --> s1r0
    "#]]
    .assert_eq(&many);
    assert_eq!(draw(10).lines().count(), many.lines().count());
}

#[test]
fn asking_for_the_plan_does_not_change_what_is_sent() {
    let db = TestDb::new::<(User, Address, Letter)>();
    let build = |s: &mut Session| {
        let ada = s.add(User::named("ada"));
        let gone = s.add(User::named("gone"));
        let home = s.add(Address::of(Some(ada.into()), "home"));
        s.add(Letter::to(home, "dear"));
        (ada, gone)
    };
    let mut s = db.session();
    let (_, gone) = build(&mut s);
    s.delete(gone).unwrap();
    s.flush().unwrap();
    s.rollback().unwrap();
    let without = db.statements();
    let mut s = db.session();
    let (ada, gone) = build(&mut s);
    assert_eq!(s.plan().unwrap().to_string(), s.plan().unwrap().to_string());
    s.delete(gone).unwrap();
    s.plan().unwrap();
    assert!(s.key(ada).is_err());
    s.flush().unwrap();
    s.rollback().unwrap();
    assert_eq!(db.statements(), without);
}

/// A key that changes after the plan is the key that is sent.
#[test]
fn a_plan_does_not_tie_children_to_the_key_of_the_moment() {
    let db = TestDb::new::<super::models::Folder>();
    let mut s = db.session();
    let root = s.add(super::models::Folder::under(None, "draft"));
    let child = s.add(super::models::Folder::under(Some(root.into()), "child"));
    s.plan().unwrap();
    s[root].path = "final".to_owned();
    s.commit().unwrap();
    assert_eq!(s[child].parent, Some(Fk::to("final")));
    assert_eq!(
        db.rows("SELECT path, parent_path FROM folders ORDER BY path"),
        "child | final\nfinal | -\n"
    );
}

/// The session stays usable after a plan that can't be made.
#[test]
fn a_plan_that_fails_costs_nothing() {
    let mut s = Session::offline();
    let letter = s.add(Letter::default());
    assert!(s.plan().is_err());
    let home = s.add(Address::default());
    s[letter].address = home.into();
    assert_eq!(s.plan().unwrap().statements().count(), 2);
}

/// FL-1: the same changes give the same plan.
#[test]
fn the_same_changes_give_the_same_plan() {
    let plan = || {
        let mut s = Session::offline();
        let users: Vec<_> = (1..40)
            .map(|id| {
                s.preload(User {
                    id,
                    ..User::at("n", &format!("{id}"))
                })
                .unwrap()
            })
            .collect();
        for (n, user) in users.iter().enumerate() {
            match n % 4 {
                0 => s.delete(*user).unwrap(),
                1 => s[*user].email = Some(format!("{}", n)),
                2 => s[*user].name = "x".to_owned(),
                _ => drop(s.add(Address::of(Some((*user).into()), "s"))),
            }
        }
        format!("{:?}", s.plan().unwrap())
    };
    let first = plan();
    assert!((0..10).all(|_| plan() == first));
}

#[test]
fn an_empty_plan_is_empty() {
    let mut s = Session::offline();
    assert!(s.plan().unwrap().is_empty());
    assert_eq!(s.plan().unwrap().to_string(), "");
}
