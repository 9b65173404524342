//! Set-based writes of rows that have a version, of each kind that there is (VN-2, VN-3).

use expect_test::expect;
use jiff::{SignedDuration, Timestamp};
use sessile::prelude::*;
use sessile::query::Update;
use sessile::sql::*;
use sessile::{ErrorKind, Xmin};
use sessile_tests::TestDb;
use uuid::Uuid;

/// The same model and the same claims for each kind of version.
macro_rules! kinds {
    ($($module:ident $table:tt $version:ty;)+) => {$(
        mod $module {
            use super::*;

            #[derive(Model, Clone, Debug, PartialEq, Default)]
            #[model(table = $table)]
            pub(super) struct Part {
                #[model(key, generated)]
                pub(super) id: i64,
                #[model(version)]
                pub(super) version: $version,
                #[model(unique)]
                pub(super) name: String,
                pub(super) amount: i64,
                #[model(on_delete = set_null)]
                pub(super) above: Option<Fk<Part>>,
            }

            pub(super) fn part(name: &str) -> Part {
                Part { name: name.to_owned(), ..Part::default() }
            }

            /// Rows `a`, `b` and `c`.
            pub(super) fn parts() -> TestDb {
                let db = TestDb::new::<Part>();
                let mut s = db.session();
                assert_eq!(s.bulk_insert(["a", "b", "c"].map(part)).unwrap(), 3);
                s.commit().unwrap();
                db.forget();
                db
            }

            pub(super) fn all(s: &mut Session) -> Vec<Handle<Part>> {
                s.all(select::<Part>().order_by(Part::NAME)).unwrap()
            }

            fn versions(s: &Session, parts: &[Handle<Part>]) -> Vec<$version> {
                parts.iter().map(|part| s[*part].version).collect()
            }

            /// What the server has, read by somebody else.
            fn on_the_server(db: &TestDb) -> Vec<$version> {
                let mut s = db.session();
                let parts = all(&mut s);
                versions(&s, &parts)
            }

            /// The session knows the version of each: its next UPDATE of them is not stale.
            fn writable(s: &mut Session, parts: &[Handle<Part>]) {
                for part in parts {
                    s[*part].name.push('!');
                }
                s.flush().unwrap();
                s.commit().unwrap();
            }

            fn more() -> Update<Part> {
                update::<Part>().set(Part::AMOUNT, Part::AMOUNT + 1)
            }

            fn is_stale(error: &sessile::Error) -> bool {
                matches!(error.kind(), ErrorKind::Stale { .. })
            }

            /// VN-1, BK-2
            #[test]
            fn every_insert_writes_the_first_version() {
                let db = parts();
                let mut s = db.session();
                s.copy_in([part("d"), Part { id: 70, ..part("e") }]).unwrap();
                let query = select::<Part>()
                    .filter(Part::NAME.lt("c"))
                    .columns((Part::NAME.concat("2"), Part::AMOUNT));
                let copies = insert::<Part>().columns((Part::NAME, Part::AMOUNT)).from_select(query);
                let copies = s.bulk_insert(copies.returning()).unwrap();
                let new = s.bulk_insert(insert().rows([part("f")]).returning()).unwrap();
                let rows = [part("g"), part("a")];
                let put = s.upsert(upsert(rows).on(Part::NAME).nothing()).unwrap();
                let ensured = s.ensure(Part::NAME, [part("h")]).unwrap();
                let parts = all(&mut s);
                assert_eq!((parts.len(), copies.len(), new.len(), put.len()), (10, 2, 1, 1));
                assert!(parts.contains(&ensured[0]));
                let known = versions(&s, &parts);
                assert!(known.iter().all(|version| *version != <$version>::default()));
                writable(&mut s, &parts);
            }

            /// VN-3, BK-1
            #[test]
            fn an_update_moves_every_row_on_and_the_session_along() {
                let db = parts();
                let before = on_the_server(&db);
                let mut other = db.session();
                let theirs = all(&mut other);
                other.commit().unwrap();
                let mut s = db.session();
                let a = s.get::<Part>(1).unwrap().unwrap();
                let b = s.get::<Part>(2).unwrap().unwrap();
                assert_eq!(s.update_where(more()).unwrap(), 3);
                let known = versions(&s, &[a, b]);
                writable(&mut s, &[a, b]);
                for (i, version) in known.iter().enumerate() {
                    assert_ne!(*version, before[i]);
                }
                assert_ne!(on_the_server(&db)[2], before[2]);
                for part in theirs {
                    other[part].amount = 9;
                    assert!(is_stale(&other.flush().unwrap_err()));
                    other.rollback().unwrap();
                }
            }

            /// VN-3, BK-1
            #[test]
            fn what_an_update_returns_has_the_new_version() {
                let db = parts();
                let mut s = db.session();
                let a = s.get::<Part>(1).unwrap().unwrap();
                let mut found = s.update_where(more().in_key_order().returning()).unwrap();
                assert!(found.contains(&a));
                s.commit().unwrap();
                found.sort_unstable_by_key(|part| s[*part].id);
                assert_eq!(versions(&s, &found), on_the_server(&db));
                writable(&mut s, &found);
                let columns = (Part::NAME, Part::VERSION);
                let mut told = s.update_where(more().returning_columns(columns)).unwrap();
                told.sort_unstable_by(|one, two| one.0.cmp(&two.0));
                let told: Vec<$version> = told.into_iter().map(|row| row.1).collect();
                assert_eq!(told, versions(&s, &found));
                writable(&mut s, &found);
            }

            /// VN-3, BK-2
            #[test]
            fn an_upsert_moves_on_what_is_there() {
                let db = parts();
                let before = on_the_server(&db);
                let mut s = db.session();
                let a = s.get::<Part>(1).unwrap().unwrap();
                let rows = || ["a", "b", "d"].map(|name| Part { amount: 5, ..part(name) });
                let put = s.upsert(upsert(rows()).on(Part::NAME)).unwrap();
                assert_eq!((put.len(), put[0]), (3, a));
                s.commit().unwrap();
                let after = on_the_server(&db);
                assert_eq!(versions(&s, &put), [after[0], after[1], after[3]]);
                assert!(after[0] != before[0] && after[1] != before[1] && after[2] == before[2]);
                let added = upsert(rows())
                    .on(Part::NAME)
                    .set(Part::AMOUNT, Part::AMOUNT + excluded(Part::AMOUNT))
                    .filter(Part::NAME.ne("b"));
                let added = s.upsert(added).unwrap();
                assert_eq!(added, [put[0], put[2]]);
                assert_ne!(s[a].version, after[0]);
                let taken = s.upsert(upsert(rows()).on(Part::NAME).update(Part::AMOUNT)).unwrap();
                assert_eq!(taken, put);
                writable(&mut s, &put);
            }

            #[test]
            fn what_is_ensured_keeps_its_version() {
                let db = parts();
                let before = on_the_server(&db);
                let mut s = db.session();
                let found = s.ensure(Part::NAME, [part("d"), part("b")]).unwrap();
                assert_eq!(s[found[1]].version, before[1]);
                writable(&mut s, &found);
            }

            /// BK-1: what goes by a condition, and what the database writes along with it.
            #[test]
            fn rows_go_by_a_condition_whatever_their_version() {
                let db = parts();
                let mut s = db.session();
                let [a, b, c] = *all(&mut s) else { panic!("three parts") };
                s[b].above = Some(a.into());
                s[c].above = Some(a.into());
                s.commit().unwrap();
                let version = s[a].version;
                let gone = delete::<Part>().filter(Part::VERSION.eq(version).and(Part::ID.eq(1)));
                let gone = s.delete_where(gone.returning()).unwrap();
                assert_eq!((gone.len(), gone[0].version), (1, version));
                assert_eq!(s.state(a), State::Deleted);
                assert!(s[b].above.is_none());
                assert_eq!(all(&mut s), [b, c]);
                writable(&mut s, &[b, c]);
            }

            /// FL-1, BK-1
            #[test]
            fn expressions_that_wait_are_written_before() {
                let db = parts();
                let mut s = db.session();
                let [a, b, c] = *all(&mut s) else { panic!("three parts") };
                let ask = |s: &mut Session| s.set_expr(a, Part::AMOUNT, Part::AMOUNT + 10).unwrap();
                ask(&mut s);
                s.update_where(more()).unwrap();
                assert_eq!(s[a].amount, 11);
                ask(&mut s);
                let rows = [Part { amount: 100, ..part("a") }];
                let added = Part::AMOUNT + excluded(Part::AMOUNT);
                s.upsert(upsert(rows).on(Part::NAME).set(Part::AMOUNT, added)).unwrap();
                assert_eq!(s[a].amount, 121);
                ask(&mut s);
                s.ensure(Part::NAME, [part("a")]).unwrap();
                assert_eq!(s[a].amount, 131);
                ask(&mut s);
                s.delete_where(delete::<Part>().filter(Part::AMOUNT.eq(141))).unwrap();
                assert_eq!(s.state(a), State::Deleted);
                writable(&mut s, &[b, c]);
                assert_eq!(db.rows(concat!("SELECT amount FROM ", $table)), "1\n1\n");
            }

            /// TX-2, BK-1
            #[test]
            fn a_rollback_restores_the_version() {
                let db = parts();
                let mut s = db.session();
                let parts = all(&mut s);
                let before = versions(&s, &parts);
                let undone: Result<()> = s.savepoint(|s| {
                    s.update_where(more())?;
                    s.upsert(upsert([part("b")]).on(Part::NAME).update(Part::AMOUNT))?;
                    Err(sessile::Error::other("no"))
                });
                assert!(undone.is_err());
                assert_eq!(versions(&s, &parts), before);
                s.update_where(more()).unwrap();
                s.rollback().unwrap();
                assert_eq!(versions(&s, &parts), before);
                writable(&mut s, &parts);
            }

            /// IM-4: rows that stream out have the version, and go back with it by `merge`.
            #[test]
            fn rows_that_stream_out_bring_it_along() {
                let db = parts();
                let mut rows: Vec<Part> = Vec::new();
                let mut s = db.session();
                let query = select::<Part>().order_by(Part::NAME);
                s.copy_out(query.filter(Part::ID.gt(0)), |part| {
                    rows.push(part);
                    Ok(())
                })
                .unwrap();
                let streamed: Vec<$version> = rows.iter().map(|part| part.version).collect();
                assert_eq!(streamed, on_the_server(&db));
                let row = Part { amount: 7, ..rows[0].clone() };
                let a = s.merge(row).unwrap();
                writable(&mut s, &[a]);
            }
        }
    )+};
}

kinds! {
    counters "counted_part" i32;
    small_counters "small_part" i16;
    uuids "random_part" Uuid;
    times "timed_part" Timestamp;
    servers "kept_part" Xmin;
}

/// VN-3
#[test]
fn each_kind_is_moved_on_in_its_own_way() {
    let db = TestDb::new::<(counters::Part, uuids::Part, times::Part, servers::Part)>();
    let mut s = db.session();
    s.update_where(update().set(counters::Part::AMOUNT, 1))
        .unwrap();
    s.update_where(update().set(uuids::Part::AMOUNT, 1))
        .unwrap();
    s.update_where(update().set(times::Part::AMOUNT, 1))
        .unwrap();
    s.update_where(update().set(servers::Part::AMOUNT, 1))
        .unwrap();
    let on = |part: servers::Part| upsert([part]).on(servers::Part::NAME);
    s.upsert(on(servers::part("a"))).unwrap();
    s.copy_in([servers::part("b")]).unwrap();
    s.update_where(update().set(servers::Part::AMOUNT, 2).returning())
        .unwrap();
    db.assert_statements(expect![[r#"
        BEGIN
        UPDATE counted_part SET amount = $1, version = version + 1
        UPDATE random_part SET amount = $1, version = gen_random_uuid()
        UPDATE timed_part SET amount = $1, version = clock_timestamp()
        UPDATE kept_part SET amount = $1
        INSERT kept_part (name, amount, above_id) ×1 ON CONFLICT (name) DO UPDATE SET amount, above_id RETURNING kept_part
        DESCRIBE kept_part
        COPY kept_part (name, amount, above_id)
        UPDATE kept_part SET amount = $1 RETURNING kept_part
    "#]]);
}

/// VN-3
#[test]
fn each_row_gets_a_random_version_of_its_own() {
    let db = uuids::parts();
    let mut s = db.session();
    let distinct = "SELECT count(DISTINCT version) FROM random_part";
    s.update_where(update().set(uuids::Part::AMOUNT, 1))
        .unwrap();
    let copied = (uuids::Part::NAME.concat("2"), uuids::Part::AMOUNT);
    let query = select::<uuids::Part>().columns(copied);
    let copies = insert::<uuids::Part>().columns((uuids::Part::NAME, uuids::Part::AMOUNT));
    let copies = copies.from_select(query).returning();
    assert_eq!(s.bulk_insert(copies).unwrap().len(), 3);
    let rows = ["a", "b", "c", "d"].map(uuids::part);
    s.upsert(
        upsert(rows)
            .on(uuids::Part::NAME)
            .update(uuids::Part::AMOUNT),
    )
    .unwrap();
    s.commit().unwrap();
    assert_eq!(db.rows(distinct), "7\n");
}

/// VN-3: the server's clock does not have to be ahead of the one that wrote the row.
#[test]
fn a_time_moves_on_by_a_microsecond_at_least() {
    let db = times::parts();
    let far: Timestamp = "2200-01-01T00:00:00Z".parse().unwrap();
    let mut s = db.session();
    let [a, b, _] = *times::all(&mut s) else {
        panic!("three parts")
    };
    let before = s[b].version;
    s[a].version = far;
    s.flush().unwrap();
    s.update_where(update().set(times::Part::AMOUNT, 1))
        .unwrap();
    assert_eq!(s[a].version, far + SignedDuration::from_micros(1));
    assert!(s[b].version > before && s[b].version < far);
    let rows = [times::part("a")];
    s.upsert(
        upsert(rows)
            .on(times::Part::NAME)
            .update(times::Part::AMOUNT),
    )
    .unwrap();
    assert_eq!(s[a].version, far + SignedDuration::from_micros(2));
}

/// VN-3: as in a flush.
#[test]
fn a_small_counter_at_its_end_goes_on() {
    let db = small_counters::parts();
    let mut s = db.session();
    let ends = [i16::MAX, -1, i16::MIN];
    let parts = small_counters::all(&mut s);
    for (part, end) in parts.iter().zip(ends) {
        s[*part].version = end;
    }
    s.flush().unwrap();
    s.update_where(update().set(small_counters::Part::AMOUNT, 1))
        .unwrap();
    let after: Vec<i16> = parts.iter().map(|part| s[*part].version).collect();
    assert_eq!(after, [i16::MIN, 0, i16::MIN + 1]);
}

/// VN-3
#[test]
fn a_version_that_is_asked_to_stay_does() {
    let db = uuids::parts();
    let mut s = db.session();
    let parts = uuids::all(&mut s);
    let before: Vec<Uuid> = parts.iter().map(|part| s[*part].version).collect();
    let set = update().set(uuids::Part::AMOUNT, 1);
    s.update_where(set.without_version_bump()).unwrap();
    let after: Vec<Uuid> = parts.iter().map(|part| s[*part].version).collect();
    assert_eq!(before, after);
    s.update_where(update().set(uuids::Part::VERSION, Uuid::from_u128(7)))
        .unwrap();
    assert_eq!(s[parts[0]].version, Uuid::from_u128(7));
}

/// VN-2: it is refused before anything is sent.
#[test]
fn nobody_sets_the_servers_version() {
    use servers::{Part, part};
    let db = servers::parts();
    let mut s = db.session();
    let version = Xmin::default();
    let set = update().set(Part::VERSION, version);
    let refused = [
        s.update_where(set).unwrap_err(),
        s.update_where(update().set_default(Part::VERSION))
            .unwrap_err(),
        s.upsert(upsert([part("a")]).set(Part::VERSION, version))
            .unwrap_err(),
        s.upsert(
            upsert([part("a")])
                .on(Part::NAME)
                .update((Part::VERSION, Part::AMOUNT)),
        )
        .unwrap_err(),
        s.bulk_insert(
            insert()
                .columns((Part::NAME, Part::VERSION))
                .from_select(select::<Part>().columns((Part::NAME, Part::VERSION))),
        )
        .unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(error.kind(), ErrorKind::Mapping { .. }), "{error}");
        expect!["Part.version can't be set: it is the column xmin that PostgreSQL keeps itself"]
            .assert_eq(&error.to_string());
    }
    db.assert_statements(expect![[r#""#]]);
    s.commit().unwrap();
}

/// With an array among its columns, rows are sent cell by cell.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "listed")]
struct Listed {
    #[model(key)]
    code: String,
    words: Vec<String>,
    #[model(version)]
    version: Xmin,
}

/// Nothing of it is sent.
#[derive(Model, Clone, Debug, PartialEq, Default)]
#[model(table = "number")]
struct Number {
    #[model(version)]
    version: Xmin,
    #[model(key, generated)]
    id: i64,
}

/// VN-1
#[test]
fn rows_of_every_shape_leave_the_servers_version_out() {
    let db = TestDb::new::<(Listed, Number)>();
    let mut s = db.session();
    let listed = |code: &str| Listed {
        code: code.to_owned(),
        words: vec!["x".to_owned()],
        ..Listed::default()
    };
    s.bulk_insert(["a", "b"].map(listed)).unwrap();
    s.copy_in([listed("c")]).unwrap();
    let mut found = s.upsert(upsert(["a", "d"].map(listed))).unwrap();
    found.extend(s.ensure(Listed::CODE, ["b", "e"].map(listed)).unwrap());
    let numbers = insert().rows([Number::default(), Number::default()]);
    let numbers = s.bulk_insert(numbers.returning()).unwrap();
    for row in found {
        s[row].words.clear();
    }
    s.touch(numbers[0]).unwrap();
    s.delete(numbers[1]).unwrap();
    s.commit().unwrap();
    assert_eq!(
        db.rows("SELECT code, words FROM listed ORDER BY code"),
        "a | {}\nb | {}\nc | {x}\nd | {}\ne | {}\n"
    );
    assert_eq!(db.rows("SELECT id FROM number"), "1\n");
}
