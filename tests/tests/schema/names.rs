//! Names: schemas, quotes, and as many bytes as PostgreSQL keeps.

use expect_test::expect;
use sessile::prelude::*;
use sessile::sql::*;
use sessile_tests::TestDb;

use super::{constraints, indexes, tables};

/// In a schema of its own, with names that need quotes.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(schema = "Order Desk", table = "select \"all\"", has_many(lines = Line::ORDER))]
struct Order {
    #[model(key, rename = "from")]
    id: String,
    #[model(rename = "Group", unique, check = "\"Group\" <> ''")]
    group: String,
}

/// Refers from one schema into another.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(schema = "lines")]
struct Line {
    #[model(key, generated)]
    id: i64,
    #[model(rename = "order")]
    order: Fk<Order>,
    #[model(rename = "naïve ? $1 :x", index)]
    note: i32,
}

#[test]
fn names_are_quoted_in_every_statement() {
    let db = TestDb::new::<(Line, Order)>();
    expect![[r#"
        Order Desk | select "all"
        lines | line
    "#]]
    .assert_eq(&tables(&db));
    let table = "\"Order Desk\".\"select \"\"all\"\"\"";
    expect![[r#"
        select "all"_Group_check | CHECK (("Group" <> ''::text))
        select "all"_Group_key | UNIQUE ("Group")
        select "all"_pkey | PRIMARY KEY ("from")
    "#]]
    .assert_eq(&constraints(&db, table));
    expect![[r#"
        line_order_fkey | FOREIGN KEY ("order") REFERENCES "Order Desk"."select ""all"""("from") ON UPDATE CASCADE ON DELETE RESTRICT
        line_pkey | PRIMARY KEY (id)
    "#]].assert_eq(&constraints(&db, "lines.line"));
    expect![[r#"
        CREATE INDEX "line_naïve ? $1 :x_idx" ON lines.line USING btree ("naïve ? $1 :x")
        CREATE INDEX line_order_idx ON lines.line USING btree ("order")
    "#]]
    .assert_eq(&indexes(&db, "lines.line"));
    let mut s = db.session();
    let order = Order {
        id: "o1".to_owned(),
        group: "g".to_owned(),
    };
    let order = s.insert(order).unwrap();
    for note in 0..3 {
        s.add(Line {
            order: order.into(),
            note,
            ..Line::default()
        });
    }
    s.commit().unwrap();
    s.get_for_update::<Order>("o1").unwrap();
    let lines = s.related(order, Order::LINES).unwrap();
    assert_eq!(lines.len(), 3);
    for line in lines {
        s[line].note += 10;
    }
    let high = select::<Line>().filter(Line::NOTE.gt(10).and(Line::ORDER.is(order)));
    let high = s
        .all(high.order_by(Line::NOTE.desc()).for_update())
        .unwrap();
    assert_eq!(high.len(), 2);
    s.delete(high[0]).unwrap();
    let notes = select::<Line>().group_by(Line::NOTE).order_by(Line::NOTE);
    assert_eq!(
        s.rows(notes.columns((Line::NOTE, count()))).unwrap(),
        [(10, 1), (11, 1)]
    );
    s.commit().unwrap();
    let sql = "SELECT \"order\", \"naïve ? $1 :x\" FROM lines.line ORDER BY 2";
    assert_eq!(db.rows(sql), "o1 | 10\no1 | 11\n");
    db.engine().drop_tables::<(Order, Line)>().unwrap();
    assert_eq!(tables(&db), "");
}

/// A table and a column of 63 bytes.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "a_table_with_a_name_of_sixty_three_bytes_which_is_as_long_as_it")]
#[model(has_many(next = Self::A_REFERENCE))]
struct Long {
    #[model(key, generated)]
    id: i64,
    #[model(
        unique,
        check = "length(a_column_with_a_name_of_sixty_three_bytes_which_is_as_long_as_i) > 0"
    )]
    a_column_with_a_name_of_sixty_three_bytes_which_is_as_long_as_i: String,
    #[model(unique, index)]
    a_column_with_a_name_of_sixty_three_bytes_which_is_as_long_as_j: i32,
    #[model(rename = "a_reference_with_a_name_of_sixty_three_bytes_is_as_long_as_i_be")]
    a_reference: Option<Fk<Self>>,
}

#[test]
fn names_may_have_the_63_bytes_that_are_kept() {
    let db = TestDb::new::<Long>();
    let table = "a_table_with_a_name_of_sixty_three_bytes_which_is_as_long_as_it";
    assert_eq!(table.len(), 63);
    expect![[r#"
        a_table_with_a_name_of_sixty_three_bytes_which_is_as_long__fkey | FOREIGN KEY (a_reference_with_a_name_of_sixty_three_bytes_is_as_long_as_i_be) REFERENCES a_table_with_a_name_of_sixty_three_bytes_which_is_as_long_as_it(id) ON UPDATE CASCADE ON DELETE RESTRICT
        a_table_with_a_name_of_sixty_three_bytes_which_is_as_long__key1 | UNIQUE (a_column_with_a_name_of_sixty_three_bytes_which_is_as_long_as_j)
        a_table_with_a_name_of_sixty_three_bytes_which_is_as_long__pkey | PRIMARY KEY (id)
        a_table_with_a_name_of_sixty_three_bytes_which_is_as_long_a_key | UNIQUE (a_column_with_a_name_of_sixty_three_bytes_which_is_as_long_as_i)
        a_table_with_a_name_of_sixty_three_bytes_which_is_as_long_check | CHECK ((length(a_column_with_a_name_of_sixty_three_bytes_which_is_as_long_as_i) > 0))
    "#]].assert_eq(&constraints(&db, table));
    expect![[r#"
        CREATE INDEX a_table_with_a_name_of_sixty__a_reference_with_a_name_of_si_idx ON public.a_table_with_a_name_of_sixty_three_bytes_which_is_as_long_as_it USING btree (a_reference_with_a_name_of_sixty_three_bytes_is_as_long_as_i_be)
        CREATE INDEX a_table_with_a_name_of_sixty_three_bytes_which_is_as_long_a_idx ON public.a_table_with_a_name_of_sixty_three_bytes_which_is_as_long_as_it USING btree (a_column_with_a_name_of_sixty_three_bytes_which_is_as_long_as_j)
    "#]].assert_eq(&indexes(&db, table));
    let mut s = db.session();
    let row = |name: &str, number| Long {
        a_column_with_a_name_of_sixty_three_bytes_which_is_as_long_as_i: name.to_owned(),
        a_column_with_a_name_of_sixty_three_bytes_which_is_as_long_as_j: number,
        ..Long::default()
    };
    let first = s.insert(row("x", 1)).unwrap();
    s.insert(Long {
        a_reference: first.into(),
        ..row("y", 2)
    })
    .unwrap();
    assert_eq!(s.related(first, Long::NEXT).unwrap().len(), 1);
    let error = s.insert(row("z", 2)).unwrap_err();
    let taken = Long::A_COLUMN_WITH_A_NAME_OF_SIXTY_THREE_BYTES_WHICH_IS_AS_LONG_AS_J;
    assert!(error.violates(taken), "{error:?}");
}

/// Letters of two bytes, one of which stands where a name is cut.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(table = "ein_tisch_mit_einem_namen_der_so_lang_ist_wie_es_nur_gehtäöü")]
struct Wide {
    #[model(key)]
    id: i64,
    #[model(unique)]
    größe: i32,
}

#[test]
fn names_are_cut_between_letters() {
    let db = TestDb::new::<Wide>();
    let table = "ein_tisch_mit_einem_namen_der_so_lang_ist_wie_es_nur_gehtäöü";
    assert_eq!(table.len(), 63);
    expect![[r#"
        ein_tisch_mit_einem_namen_der_so_lang_ist_wie_es_nur_geht_pkey | PRIMARY KEY (id)
        ein_tisch_mit_einem_namen_der_so_lang_ist_wie_es_nur_gehtä_key | UNIQUE ("größe")
    "#]]
    .assert_eq(&constraints(&db, table));
    db.look().run(&format!("INSERT INTO {table} VALUES (1, 1)"));
    let error = db.session().insert(Wide { id: 1, größe: 2 }).unwrap_err();
    assert!(error.violates(Wide::ID), "{error:?}");
    let error = db.session().insert(Wide { id: 2, größe: 1 }).unwrap_err();
    assert!(error.violates(Wide::GRÖSSE), "{error:?}");
}
