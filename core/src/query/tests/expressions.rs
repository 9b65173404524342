//! Expressions: how templates, frames and tests of conditions nest in the text.
//!
//! Tests only.
//! They must not need a server: that the answers are right is checked where there is one.

use super::sql;
use crate::model::Interval;
use crate::query::{
    Columns, aggregate, case, coalesce, count, current_row, extract, fragment, lag, preceding,
    preceding_by, row_number, scalar, select, sum, tuple, value, window,
};
use crate::query::{DatePart, Rows};
use crate::statement::bank::{Account, NoObjects};

/// What is selected, without tables and quotes.
fn selected(columns: impl Columns<Account>) -> String {
    let text = sql(&select::<Account>().columns(columns));
    let selected = text.strip_prefix("SELECT ").expect("it is a SELECT");
    let selected = selected
        .rsplit_once(" FROM \"account\"")
        .expect("it reads")
        .0;
    selected.replace("\"account\".", "").replace('"', "")
}

#[test]
fn operands_in_words_are_kept_together() {
    assert_eq!(selected(-(Account::BALANCE + 1)), "-( balance + $1 )");
    assert_eq!(
        selected(-Account::BALANCE * 2),
        "(-( balance )) * $1",
        "words are put into parentheses"
    );
    assert_eq!(
        selected(Account::OWNER.concat("a").eq("b")),
        "(owner || $1) = $2"
    );
    assert_eq!(
        selected(Account::OWNER.concat("a").concat("b")),
        "(owner || $1) || $2"
    );
    assert_eq!(
        selected(
            case()
                .when(Account::ACTIVE, 1_i64)
                .otherwise(Account::BALANCE)
                + 1
        ),
        "(CASE  WHEN  active  THEN  $1  ELSE  balance  END) + $2"
    );
}

/// A clone of an expression is the same text with the same parameters: PostgreSQL compares them.
#[test]
fn a_clone_shares_its_parameters() {
    let bucket = case()
        .when(Account::BALANCE.gt(9), "rich")
        .otherwise("poor");
    let rows = select::<Account>()
        .group_by(bucket.clone())
        .columns((bucket, count()));
    let text = sql(&rows);
    let (selected, grouped) = text.split_once(" GROUP BY ").unwrap();
    assert!(selected.contains(grouped), "{text}");
}

#[test]
fn only_what_may_be_null_is_tested_when_it_is_read() {
    let plain = [
        selected(Account::BALANCE.gt(1).and(Account::ACTIVE)),
        selected(Account::BALANCE.is_in([1, 2])),
        selected(Account::NICKNAME.is_null()),
        selected(Account::NICKNAME.is_distinct_from("a")),
        selected(Account::NICKNAME.eq("a").nullable()),
        selected(tuple((Account::ID, Account::BALANCE)).is_in([(1, 2)])),
    ];
    for text in plain {
        assert!(!text.ends_with("IS TRUE"), "{text}");
    }
    let highest = scalar(select::<Account>().columns(sum(Account::VERSION)));
    let tested = [
        selected(Account::NICKNAME.eq("a")),
        selected(!Account::NICKNAME.eq("a")),
        selected(Account::NICKNAME.is_in(["a"])),
        selected(value(1_i64).eq(highest)),
        selected(sum(Account::VERSION).gt(1)),
    ];
    for text in tested {
        assert!(text.ends_with("IS TRUE"), "{text}");
    }
}

#[test]
fn names_that_are_no_names_are_refused() {
    let refused = |rows: Rows<Option<i64>>| rows.render(&NoObjects).unwrap_err().to_string();
    for name in ["", "a b", "a;", "a..b", "\"a\"", "1a", "a("] {
        let rows = select::<Account>().columns(aggregate::<Option<i64>, _>(name, ()));
        assert!(refused(rows).contains("is no name of a function"), "{name}");
    }
}

#[test]
fn frames_are_written_with_both_ends() {
    let by_id = || window().order_by(Account::ID);
    assert_eq!(
        format!("{:?}", by_id().rows(preceding(1)..)),
        "Window(ORDER BY id ROWS BETWEEN $1 PRECEDING AND UNBOUNDED FOLLOWING)"
    );
    assert_eq!(
        format!("{:?}", window().range(..).exclude_ties()),
        "Window(RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES)"
    );
    let distance = preceding_by(Interval::days(1))..=current_row();
    assert_eq!(
        format!(
            "{:?}",
            window().partition_by(Account::OWNER).groups(distance)
        ),
        "Window(PARTITION BY owner GROUPS BETWEEN ? AND CURRENT ROW)"
    );
}

#[test]
fn labels_show_no_value() {
    let seconds = extract(DatePart::Epoch, value(Interval::hours(1)));
    assert_eq!(
        format!(
            "{:?}",
            coalesce(lag(Account::NICKNAME).over(window()), "secret")
        ),
        "Expr(coalesce(lag(nickname) OVER (), $1))"
    );
    assert_eq!(
        format!("{:?}", seconds.gt(60.0)),
        "Expr(CAST(EXTRACT(epoch FROM $1) AS double precision) > $2)"
    );
    assert_eq!(
        format!("{:?}", row_number()),
        "WindowFunction(row_number())"
    );
    assert_eq!(
        format!("{:?}", fragment::<i64, _>("{} + 1", (Account::ID,)) + 1),
        "Expr((id + 1) + $1)"
    );
}
