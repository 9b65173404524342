//! Whole rows with PostgreSQL's own version, out of every form that a query has (VN-1, VN-2).

use sessile::Xmin;
use sessile::prelude::*;
use sessile::query::Select;
use sessile::sql::*;
use sessile_tests::TestDb;

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "branch", has_many(children = Branch::PARENT, leaves = Leaf::BRANCH))]
struct Branch {
    #[model(key)]
    id: i64,
    #[model(version)]
    version: Xmin,
    name: String,
    parent: Option<Fk<Branch>>,
}

#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "leaf")]
struct Leaf {
    #[model(key, generated)]
    id: i64,
    branch: Fk<Branch>,
    size: i32,
    #[model(version)]
    version: Xmin,
}

/// A trunk with two boughs, the first with a twig; leaves on the boughs and on the twig.
fn tree() -> TestDb {
    TestDb::with::<(Branch, Leaf)>(
        "INSERT INTO branch (id, name, parent_id) VALUES
             (1, 'trunk', NULL), (2, 'bough', 1), (3, 'bow', 1), (4, 'twig', 2);
         INSERT INTO leaf (branch_id, size) VALUES (2, 5), (2, 7), (3, 1), (4, 9)",
    )
}

fn branches() -> Select<Branch> {
    select::<Branch>().order_by(Branch::ID)
}

/// The version that came along is the row's: an UPDATE finds it.
fn branches_are_writable(s: &mut Session, found: &[Handle<Branch>]) {
    assert!(!found.is_empty());
    for branch in found {
        assert_ne!(s[*branch].version, Xmin::default());
        s[*branch].name.push('!');
    }
    s.commit().unwrap();
}

fn leaves_are_writable(s: &mut Session, found: &[Handle<Leaf>]) {
    assert!(!found.is_empty());
    for leaf in found {
        assert_ne!(s[*leaf].version, Xmin::default());
        s[*leaf].size += 1;
    }
    s.commit().unwrap();
}

#[test]
fn joined_rows_bring_their_versions() {
    let db = tree();
    let mut s = db.session();
    let above = alias::<Branch>("above");
    let query = select::<Leaf>()
        .join(Leaf::BRANCH)
        .left_join(Branch::PARENT.to(&above))
        .columns((row::<Leaf>(), row::<Branch>(), above.row().nullable()));
    let rows = s.rows(query).unwrap();
    let leaves: Vec<_> = rows.iter().map(|row| row.0).collect();
    let mut found: Vec<_> = rows.iter().map(|row| row.1).collect();
    found.extend(rows.iter().filter_map(|row| row.2));
    leaves_are_writable(&mut s, &leaves);
    branches_are_writable(&mut s, &found);
}

/// A derived table may have a column that is called like the system's.
#[test]
fn rows_of_a_subquery_and_of_a_cte_bring_their_versions() {
    let db = tree();
    let mut s = db.session();
    let inner = || select::<Branch>().filter(Branch::ID.ge(2));
    let part = subquery("part", inner());
    let found = s.rows(from(&part).columns(part.row())).unwrap();
    branches_are_writable(&mut s, &found);
    let part = cte("part", inner()).materialized();
    let versions = from(&part).columns((part.row(), part.column(Branch::VERSION)));
    let rows = s.rows(versions).unwrap();
    assert!(rows.iter().all(|row| s[row.0].version == row.1));
    let found: Vec<_> = rows.into_iter().map(|row| row.0).collect();
    branches_are_writable(&mut s, &found);
    // Two whole rows in one subquery: the second version has another name.
    let both = select::<Leaf>().join(Leaf::BRANCH);
    let both = subquery(
        "both",
        both.columns((row::<Leaf>(), row::<Branch>(), Leaf::VERSION)),
    );
    let outer = s.rows(from(&both).columns((both.at::<2>(), count())).clone());
    assert!(outer.is_err(), "an aggregate beside a column");
    s.rollback().unwrap();
    let versions = s.rows(from(&both).columns(both.at::<2>())).unwrap();
    assert_eq!(versions.len(), 4);
    let named = part.alias("named");
    let query = from(&named)
        .join(named.as_alias().along(Branch::LEAVES))
        .filter(named.column(Branch::VERSION).is_not_null())
        .columns((named.row(), row::<Leaf>()));
    let rows = s.rows(query).unwrap();
    let leaves: Vec<_> = rows.iter().map(|row| row.1).collect();
    leaves_are_writable(&mut s, &leaves);
}

#[test]
fn rows_of_a_lateral_query_bring_their_versions() {
    let db = tree();
    let mut s = db.session();
    let best = subquery(
        "best",
        select::<Leaf>()
            .correlated()
            .filter(Leaf::BRANCH.key().eq(Branch::ID))
            .order_by(Leaf::SIZE.desc())
            .limit(1),
    );
    let query = select::<Branch>()
        .join_lateral(&best)
        .columns((row::<Branch>(), best.row()));
    let rows = s.rows(query).unwrap();
    let (found, leaves): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    assert_eq!(leaves.len(), 3);
    leaves_are_writable(&mut s, &leaves);
    branches_are_writable(&mut s, &found);
}

#[test]
fn rows_of_a_recursive_query_bring_their_versions() {
    let db = tree();
    let mut s = db.session();
    let below = recursive(
        "below",
        select::<Branch>().filter(Branch::ID.eq(1)),
        |below| {
            from(below)
                .join(below.as_alias().along(Branch::CHILDREN))
                .columns(row::<Branch>())
        },
    );
    let found = s.rows(from(&below).columns(below.row())).unwrap();
    assert_eq!(found.len(), 4);
    branches_are_writable(&mut s, &found);
}

#[test]
fn rows_of_set_operations_bring_their_versions() {
    let db = tree();
    let mut s = db.session();
    let of = |ids: [i64; 2]| select::<Branch>().filter(Branch::ID.is_in(ids));
    let union = of([1, 2]).union(of([2, 3])).order_by(Branch::ID);
    let found = s.rows(union).unwrap();
    assert_eq!(found.len(), 3);
    branches_are_writable(&mut s, &found);
    let common = s.rows(of([1, 2]).intersect(of([2, 3]))).unwrap();
    branches_are_writable(&mut s, &common);
    let rest = s.rows(of([1, 2]).except(of([2, 3]))).unwrap();
    branches_are_writable(&mut s, &rest);
    let distinct = branches().distinct();
    assert_eq!(s.count(distinct.clone()).unwrap(), 4);
    let found = s.all(distinct).unwrap();
    branches_are_writable(&mut s, &found);
    let first = select::<Leaf>()
        .distinct_on(Leaf::BRANCH.key())
        .order_by((Leaf::BRANCH.key(), Leaf::SIZE.desc()));
    let found = s.all(first).unwrap();
    assert_eq!(found.len(), 3);
    leaves_are_writable(&mut s, &found);
}

#[test]
fn locks_cursors_and_pages_bring_the_version() {
    let db = tree();
    let mut s = db.session();
    let before = s.all(branches()).unwrap();
    db.look().run("UPDATE branch SET name = name");
    let locked = s.all(branches().for_update().skip_locked()).unwrap();
    assert_eq!(locked, before);
    branches_are_writable(&mut s, &locked);
    let mut cursor = s.cursor(branches(), 3).unwrap();
    let mut streamed = Vec::new();
    while let Some(batch) = cursor.next(&mut s).unwrap() {
        streamed.extend(batch);
    }
    branches_are_writable(&mut s, &streamed);
    let page = s.page(branches(), 2, 1).unwrap();
    branches_are_writable(&mut s, &page.items);
    let page = s.page_after(branches(), 3, None).unwrap();
    let next = s.page_after(branches(), 3, page.next).unwrap();
    assert_eq!(next.items, before[3..]);
    branches_are_writable(&mut s, &next.items);
    let plain: Vec<Branch> = s.rows(branches().untracked()).unwrap();
    assert_eq!(plain[3], s[before[3]]);
}

/// LD-1, LD-5
#[test]
fn what_is_loaded_along_brings_its_version() {
    let db = tree();
    let mut s = db.session();
    let best = || Branch::LEAVES.order_by(Leaf::SIZE.desc()).limit(1);
    let large = || Branch::LEAVES.filter(Leaf::SIZE.ge(7));
    let all = s.all(branches().with(best()).with(large())).unwrap();
    let mut leaves = s.loaded(all[1], best()).unwrap();
    leaves.extend(s.loaded(all[3], large()).unwrap());
    leaves_are_writable(&mut s, &leaves);
    let below = s.related(all[0], Branch::CHILDREN.recursive()).unwrap();
    assert_eq!(below.len(), 3);
    branches_are_writable(&mut s, &below);
    let mut s = db.session();
    let twig = s.get::<Branch>(4).unwrap().unwrap();
    let above = s.related(twig, Branch::PARENT.recursive_to(1)).unwrap();
    branches_are_writable(&mut s, &above);
    let leaf = s
        .first(select::<Leaf>().with(Leaf::BRANCH))
        .unwrap()
        .unwrap();
    let branch = s.loaded(leaf, Leaf::BRANCH).unwrap();
    branches_are_writable(&mut s, &[branch]);
}

#[test]
fn raw_sql_brings_it_by_its_name() {
    let db = tree();
    let mut s = db.session();
    let found = s
        .rows(raw::<Handle<Branch>>(
            "SELECT id, xmin, name, parent_id FROM branch WHERE id > $1",
            (2_i64,),
        ))
        .unwrap();
    branches_are_writable(&mut s, &found);
}
