//! Random queries and paths: joined, they bring the same objects as by statements.
//!
//! Two sessions prepare the same mixture of loaded, changed, added and deleted objects, run one
//! query, and show what they have along the same path.
//! It must not compare what nobody promises, as the order of a query without one.

use sessile::prelude::*;
use sessile::query::{Select, Several};
use sessile::sql::{row, value};
use sessile::{Filtered, IntoPath, IntoView};
use sessile_tests::TestDb;
use sessile_tests::magazine::{Author, Category, Comment, Magazine, Part, Post, Tag};

/// How many random cases there are; each path comes by several times.
const CASES: u64 = 160;

/// Every shape that a path looks at, with NULLs, and parents without children.
const ROWS: &str = "
    INSERT INTO author (name) SELECT 'a' || i % 3 FROM generate_series(1, 6) i;
    INSERT INTO badge (author_id, text) SELECT i, 'b' FROM generate_series(1, 6, 2) i;
    INSERT INTO follow SELECT DISTINCT i, 1 + (i * j) % 6 FROM generate_series(1, 6) i,
        generate_series(2, 4) j;
    INSERT INTO category (parent_id, name) SELECT nullif(i / 2, 0), 'c' FROM generate_series(1, 9) i;
    INSERT INTO post (author_id, category_id, title)
        SELECT 1 + (i * 5) % 4, nullif(i % 10, 0), 't' || i % 4 FROM generate_series(1, 20) i;
    INSERT INTO comment (post_id, author_id, text, score, hidden)
        SELECT 1 + (i * 7) % 15, 1 + i % 6, 'x' || i, i % 5, i % 3 = 0
        FROM generate_series(1, 40) i;
    INSERT INTO tag SELECT 'tag' || i, i FROM generate_series(1, 4) i;
    INSERT INTO post_tag SELECT DISTINCT 1 + i % 18, 'tag' || 1 + (i * i) % 4
        FROM generate_series(1, 30) i;
    INSERT INTO part SELECT i % 3, i, NULL, NULL, 'p' FROM generate_series(1, 12) i;
    UPDATE part SET whole_maker = (number / 2) % 3, whole_number = number / 2 WHERE number > 1;
    INSERT INTO spare SELECT i % 3, i, (i + 5) % 12 % 3 , (i + 5) % 12
        FROM generate_series(1, 6) i WHERE i > 0";

/// The same numbers for both sessions (SplitMix64).
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn key(&mut self, most: u64) -> i64 {
        1 + self.below(most) as i64
    }
}

/// Objects that are there before the query runs.
fn prepare(s: &mut Session, random: &mut Random) {
    for _ in 0..random.below(4) {
        s.get::<Author>(random.key(6)).unwrap();
        let post = s.get::<Post>(random.key(20)).unwrap().unwrap();
        match random.below(4) {
            0 => drop(s.related_one(post, Post::COMMENTS).unwrap()),
            1 => drop(s.related_one(post, Post::TAGS).unwrap()),
            2 => drop(s.related_one(post, Post::CATEGORY).unwrap()),
            _ => s[post].title = "changed".to_owned(),
        }
        if random.once_in(3) {
            s[post].author = Fk::to(random.key(6));
        }
    }
    for _ in 0..random.below(4) {
        let Some(comment) = s.get::<Comment>(random.key(40)).unwrap() else {
            continue;
        };
        match random.below(3) {
            // It is deleted already, and waits for the flush.
            _ if s.peek_mut(comment).is_none() => {}
            0 => s[comment].post = Fk::to(random.key(20)),
            1 => s.delete(comment).unwrap(),
            _ => s[comment].text = "changed".to_owned(),
        }
        if random.once_in(2) {
            s.add(Comment {
                post: Fk::to(random.key(20)),
                author: Fk::to(random.key(6)),
                text: "added".to_owned(),
                ..Comment::default()
            });
        }
    }
}

/// A query with an order that leaves nothing open.
fn query(random: &mut Random) -> Select<Post, Several> {
    let mut query = select::<Post>().correlated();
    let joins = random.below(6);
    if joins == 0 {
        query = query.join(Post::AUTHOR).filter(Author::NAME.ne("a1"));
    }
    if joins == 1 {
        query = query.join(Post::COMMENTS).filter(Comment::SCORE.lt(3));
    }
    if joins == 2 {
        query = query.left_join(Post::CATEGORY);
    }
    if random.once_in(3) {
        query = query.filter(Post::ID.gt(random.key(20)));
    }
    if joins < 2 && random.once_in(3) {
        query = query.distinct();
    } else if random.once_in(4) {
        query = query.for_update();
    } else if random.once_in(6) {
        query = query
            .order_by(Post::AUTHOR.key())
            .distinct_on(Post::AUTHOR.key());
    } else if random.once_in(3) {
        query = query.order_by(Post::COMMENTS.count().desc());
    }
    if random.once_in(2) {
        query = query.order_by(Post::TITLE.desc());
    }
    query = query.order_by(Post::ID);
    if random.once_in(2) {
        query = query.limit(random.below(8));
    }
    if random.once_in(4) {
        query = query.offset(random.below(5));
    }
    query
}

/// What a session has along `show` after it ran a query that loads along `along`, and the number
/// of reads that this took.
fn shown<M, P, V>(
    db: &TestDb,
    seed: u64,
    query: fn(&mut Random) -> Select<M, Several>,
    (along, show): (P, V),
) -> (String, usize)
where
    M: Model + serde::Serialize,
    P: IntoPath<M>,
    V: IntoView<M>,
{
    db.look()
        .run("ALTER SEQUENCE comment_id_seq RESTART WITH 1000");
    let mut random = Random(seed);
    let mut s = db.session();
    prepare(&mut s, &mut random);
    let suspended = random.once_in(3);
    let mut s = match suspended {
        true => Suspended::Yes(s),
        false => Suspended::No(s),
    };
    db.forget();
    let query = query(&mut random).with(along);
    let found = s.run(|s| match random.below(4) {
        0 => s.page(query, 5, 1).map(|page| page.items),
        1 => s.rows(query.columns((value(7), row::<M>()))).map(objects),
        2 => s.first(query).map(|first| first.into_iter().collect()),
        _ => s.all(query),
    });
    let reads = db.statements();
    let reads = reads.lines().filter(|line| line.contains("SELECT"));
    let count = reads.count();
    let shown = s.run(|s| match found {
        Ok(found) => match s.views(&found, show) {
            Ok(views) => serde_json::to_string(&views).unwrap(),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    });
    (shown, count)
}

fn objects<M>(rows: Vec<(i32, Handle<M>)>) -> Vec<Handle<M>> {
    rows.into_iter().map(|(_, object)| object).collect()
}

/// A session whose changes wait, or not.
enum Suspended {
    Yes(Session),
    No(Session),
}

impl Suspended {
    fn run<R>(&mut self, work: impl FnOnce(&mut Session) -> R) -> R {
        match self {
            Suspended::Yes(s) => work(&mut s.no_autoflush()),
            Suspended::No(s) => work(s),
        }
    }
}

fn best(comments: u64) -> Filtered<HasMany<Post, Comment>> {
    let seen = Post::COMMENTS.filter(Comment::HIDDEN.eq(false));
    seen.order_by(Comment::SCORE.desc()).limit(comments)
}

macro_rules! compare {
    ($db:expr, $seed:expr, $query:expr, $($plain:expr => $joined:expr;)+) => {{
        let paths = [$(stringify!($joined)),+].len() as u64;
        let mut number = 0;
        let mut objects = 0;
        $(
            if $seed % paths == number {
                let (plain, by_statements) = shown($db, $seed, $query, ($plain, $plain));
                let (joined, by_joins) = shown($db, $seed, $query, ($joined, $plain));
                assert_eq!(joined, plain, "seed {}: {}", $seed, stringify!($joined));
                objects = plain.matches("{").count();
                assert!(by_joins <= by_statements, "seed {}: {}", $seed, stringify!($joined));
            }
            number += 1;
        )+
        assert_eq!(number, paths);
        objects
    }};
}

/// LD-1, IM-1, IM-2
#[test]
fn joined_paths_bring_what_statements_bring() {
    let db = TestDb::with::<Magazine>(ROWS);
    let mut shown = 0;
    for seed in 0..CASES {
        shown += compare!(&db, seed, query,
            Post::AUTHOR => Post::AUTHOR.joined();
            Post::CATEGORY => Post::CATEGORY.joined();
            Post::COMMENTS => Post::COMMENTS.joined();
            Post::TAGS => Post::TAGS.joined();
            (Post::AUTHOR, Post::COMMENTS) => (Post::AUTHOR.joined(), Post::COMMENTS.joined());
            (Post::COMMENTS, Post::TAGS) => (Post::COMMENTS.joined(), Post::TAGS.joined());
            Post::COMMENTS.then(Comment::AUTHOR)
                => Post::COMMENTS.joined().then(Comment::AUTHOR.joined());
            Post::COMMENTS.then(Comment::AUTHOR.then(Author::BADGE))
                => Post::COMMENTS.joined().then(Comment::AUTHOR.joined().then(Author::BADGE));
            Post::AUTHOR.then((Author::POSTS.then(Post::COMMENTS), Author::BADGE))
                => Post::AUTHOR.joined().then((
                    Author::POSTS.joined().then(Post::COMMENTS.joined()),
                    Author::BADGE.joined(),
                ));
            Post::AUTHOR.then(Author::FANS.then(Author::FOLLOWS))
                => Post::AUTHOR.joined().then(Author::FANS.joined().then(Author::FOLLOWS.joined()));
            Post::CATEGORY.then(Category::PARENT.then(Category::CHILDREN))
                => Post::CATEGORY.joined().then(
                    Category::PARENT.joined().then(Category::CHILDREN.joined()),
                );
            best(2) => best(2).joined();
            (Post::AUTHOR, best(1).then(Comment::AUTHOR))
                => (Post::AUTHOR.joined(), best(1).joined().then(Comment::AUTHOR.joined()));
            (Post::COMMENTS.filter(Comment::SCORE.gt(1)), Post::TAGS)
                => (Post::COMMENTS.filter(Comment::SCORE.gt(1)).joined(), Post::TAGS.joined());
            Post::TAGS.order_by(Tag::RANK.desc()).limit(1).then(Tag::POSTS.then(best(1)))
                => Post::TAGS.order_by(Tag::RANK.desc()).limit(1).joined().then(
                    Tag::POSTS.joined().then(best(1).joined()),
                );
            Post::CATEGORY.then((Category::POSTS, Category::PARENT))
                => Post::CATEGORY.joined().then((Category::POSTS.joined(), Category::PARENT));
        );
    }
    // Errors and empty results are rare.
    assert!(shown > 10 * CASES as usize, "{shown}");
}

/// Keys of two columns, and a model that leads to itself.
#[test]
fn joined_paths_of_a_model_to_itself_bring_what_statements_bring() {
    fn query(random: &mut Random) -> Select<Part, Several> {
        let query = select::<Part>().order_by((Part::NAME, Part::NUMBER.desc()));
        let query = match random.below(3) {
            0 => query.limit(random.below(9)).offset(random.below(3)),
            1 => query.for_share(),
            _ => query,
        };
        query.correlated()
    }
    let db = TestDb::with::<Magazine>(ROWS);
    let mut shown = 0;
    for seed in 0..80 {
        shown += compare!(&db, seed, query,
            (Part::WHOLE, Part::PARTS) => (Part::WHOLE.joined(), Part::PARTS.joined());
            Part::PARTS.then((Part::SPARES, Part::PARTS))
                => Part::PARTS.joined().then((Part::SPARES.joined(), Part::PARTS.joined()));
            Part::PARTS.filter(Part::NUMBER.gt(3)).limit(1).then(Part::PARTS.limit(1))
                => Part::PARTS.filter(Part::NUMBER.gt(3)).limit(1).joined().then(
                    Part::PARTS.limit(1).joined(),
                );
            Part::SPARES.then(Part::WHOLE.then(Part::WHOLE))
                => Part::SPARES.joined().then(Part::WHOLE.joined().then(Part::WHOLE.joined()));
        );
    }
    assert!(shown > 800, "{shown}");
}
