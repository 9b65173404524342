//! Conditions: each operator's text, what it takes and how it nests.
//!
//! Tests only.
//! They must not need a server.

use super::{clauses, label};
use crate::query::{Expr, IntoFilter, all, any, lower, select, value};
use crate::statement::Projection;
use crate::statement::bank::{Account, NoObjects};

/// The condition as the server gets it, without the table before each column.
fn condition(filter: impl IntoFilter<Account>) -> String {
    let clauses = clauses(&select::<Account>().filter(filter));
    let condition = clauses.split_once(" WHERE ").expect("there is a filter").1;
    condition.replace("\"account\".", "").replace('"', "")
}

#[test]
fn comparisons_take_values_columns_and_expressions() {
    assert_eq!(condition(Account::BALANCE.eq(1_000)), "balance = $1");
    assert_eq!(condition(Account::OWNER.ne("ann")), "owner <> $1");
    assert_eq!(condition(Account::NICKNAME.eq("ann")), "nickname = $1");
    assert_eq!(
        condition(Account::OWNER.eq(String::from("a"))),
        "owner = $1"
    );
    assert_eq!(
        condition(Account::OWNER.eq(&String::from("a"))),
        "owner = $1"
    );
    assert_eq!(condition(Account::BALANCE.lt(Account::ID)), "balance < id");
    assert_eq!(
        condition(Account::BALANCE.le(Account::ID + 1)),
        "balance <= id + $1"
    );
    assert_eq!(condition(Account::RATE.gt(0.5)), "rate > $1");
    assert_eq!(condition(Account::VERSION.ge(3)), "version >= $1");
    assert_eq!(
        condition(Account::NICKNAME.eq(Account::OWNER)),
        "nickname = owner"
    );
    assert_eq!(
        condition(lower(Account::OWNER).eq("ann")),
        "lower(owner) = $1"
    );
}

#[test]
fn none_means_null() {
    assert_eq!(condition(Account::NICKNAME.eq(None)), "nickname IS NULL");
    assert_eq!(
        condition(Account::NICKNAME.ne(None)),
        "nickname IS NOT NULL"
    );
    assert_eq!(
        condition(Account::NICKNAME.eq(Some("ann".to_owned()))),
        "nickname = $1"
    );
    assert_eq!(
        condition(Account::NICKNAME.is_not_distinct_from(None)),
        "nickname IS NULL"
    );
    assert_eq!(
        condition(Account::NICKNAME.is_distinct_from("ann")),
        "nickname IS DISTINCT FROM $1"
    );
    assert_eq!(
        condition(Account::NICKNAME.is_not_distinct_from(Account::OWNER)),
        "nickname IS NOT DISTINCT FROM owner"
    );
    assert_eq!(condition(Account::NICKNAME.is_null()), "nickname IS NULL");
    assert_eq!(
        condition(Account::NICKNAME.is_not_null()),
        "nickname IS NOT NULL"
    );
}

#[test]
fn a_list_is_one_array() {
    assert_eq!(condition(Account::ID.is_in([1, 2])), "id = ANY($1)");
    assert_eq!(
        condition(Account::ID.is_in(Vec::<i64>::new())),
        "id = ANY($1)"
    );
    assert_eq!(
        condition(Account::OWNER.is_in(["ann", "bob"])),
        "owner = ANY($1)"
    );
    assert_eq!(condition(Account::ID.not_in([1, 2])), "id <> ALL($1)");
}

#[test]
fn a_none_in_a_list_finds_null() {
    let names = [Some("ann".to_owned()), None];
    assert_eq!(
        condition(Account::NICKNAME.is_in(names.clone())),
        "nickname = ANY($1) OR nickname IS NULL"
    );
    assert_eq!(
        condition(Account::NICKNAME.not_in(names)),
        "nickname <> ALL($1) AND nickname IS NOT NULL"
    );
}

#[test]
fn both_bounds_belong_to_between() {
    assert_eq!(
        condition(Account::BALANCE.between(1, Account::ID)),
        "balance BETWEEN $1 AND id"
    );
}

#[test]
fn patterns_keep_their_wildcards_and_text_loses_them() {
    assert_eq!(condition(Account::OWNER.like("A%")), "owner LIKE $1");
    assert_eq!(
        condition(Account::OWNER.not_like("A%")),
        "owner NOT LIKE $1"
    );
    assert_eq!(condition(Account::OWNER.ilike("a%")), "owner ILIKE $1");
    assert_eq!(
        condition(Account::NICKNAME.not_ilike("a%")),
        "nickname NOT ILIKE $1"
    );
    assert_eq!(
        pattern(Account::OWNER.starts_with("100%_\\")),
        "\"100\\\\%\\\\_\\\\\\\\%\""
    );
    assert_eq!(pattern(Account::OWNER.ends_with("x")), "\"%x\"");
    assert_eq!(pattern(Account::NICKNAME.contains("x")), "\"%x%\"");
}

/// The value of the only parameter, as Rust prints it.
fn pattern(filter: impl IntoFilter<Account>) -> String {
    let query = select::<Account>().filter(filter);
    let rendered = query.render(&NoObjects, &Projection::Whole).unwrap();
    format!("{:?}", rendered.params[0].value())
}

#[test]
fn conditions_nest_as_they_are_written() {
    let rich = || Account::BALANCE.gt(1);
    let named = || Account::NICKNAME.is_not_null();
    assert_eq!(
        condition(rich().and(named()).or(Account::ACTIVE)),
        "(balance > $1 AND nickname IS NOT NULL) OR active"
    );
    assert_eq!(
        condition(rich().and(named().or(Account::ACTIVE))),
        "balance > $1 AND (nickname IS NOT NULL OR active)"
    );
    assert_eq!(
        condition(!rich().or(named())),
        "NOT (balance > $1 OR nickname IS NOT NULL)"
    );
    assert_eq!(condition(!Account::ACTIVE), "NOT active");
    assert_eq!(condition(Account::ACTIVE), "active");
    assert_eq!(
        condition(Account::ACTIVE.eq(rich())),
        "active = (balance > $1)"
    );
}

#[test]
fn arithmetic_keeps_its_order() {
    let doubled = || Account::BALANCE * 2;
    assert_eq!(condition((doubled() + 1).gt(0)), "(balance * $1) + $2 > $3");
    assert_eq!(
        condition((Account::BALANCE - (Account::ID - 1)).gt(0)),
        "balance - (id - $1) > $2"
    );
    assert_eq!(
        condition(((Account::BALANCE + 1) * 2).gt(0)),
        "(balance + $1) * $2 > $3"
    );
    assert_eq!(
        condition((value(1_i64) + Account::ID).eq(Account::BALANCE / 2)),
        "$1 + id = balance / $2"
    );
}

#[test]
fn conditions_made_at_run_time_are_one_condition() {
    let words = ["a", "b"];
    let each = || words.map(|word| Account::OWNER.contains(word));
    assert_eq!(condition(all(each())), "owner LIKE $1 AND owner LIKE $2");
    assert_eq!(condition(any(each())), "owner LIKE $1 OR owner LIKE $2");
    assert_eq!(condition(any(Vec::<Expr<bool, Account>>::new())), "$1");
}

#[test]
fn thousands_of_conditions_do_not_exhaust_the_stack() {
    let many = any((0..20_000).map(|id| Account::ID.eq(id)));
    let query = select::<Account>().filter(many);
    let rendered = query.render(&NoObjects, &Projection::Whole).unwrap();
    assert_eq!(rendered.params.len(), 20_000);
    assert!(rendered.label.ends_with("id = $20000"));
}

#[test]
fn filters_add_up_and_none_adds_nothing() {
    let nothing: Option<Expr<bool, Account>> = None;
    let query = select::<Account>()
        .filter(Account::BALANCE.gt(1).or(Account::ACTIVE))
        .filter(nothing)
        .filter(Some(Account::OWNER.eq("ann")));
    assert_eq!(
        clauses(&query),
        "\"account\" WHERE (\"account\".\"balance\" > $1 OR \"account\".\"active\") \
         AND \"account\".\"owner\" = $2"
    );
    assert_eq!(
        label(&query),
        "SELECT account WHERE (balance > $1 OR active) AND owner = $2"
    );
}

#[test]
fn a_function_can_name_the_type_of_its_condition() {
    fn rich() -> Expr<bool, Account> {
        Account::BALANCE.ge(1_000).and(Account::ACTIVE).within()
    }
    let plain: Expr<bool, Account> = Account::BALANCE.ge(1_000);
    assert_eq!(
        condition(all([rich(), plain])),
        "balance >= $1 AND active AND balance >= $2"
    );
}

#[test]
fn debug_shows_the_condition_and_no_value() {
    let secret = Account::OWNER.eq("ann").or(Account::BALANCE.gt(5));
    assert_eq!(format!("{secret:?}"), "Expr(owner = $1 OR balance > $2)");
}
