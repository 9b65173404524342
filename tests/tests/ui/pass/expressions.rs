//! Expressions whose types are as they should be, and infer without help.

use sessile::Model;
use sessile::query::{Expr, Rows};
use sessile::sql::*;

#[derive(Model, Clone, Debug)]
struct Account {
    #[model(key, generated)]
    id: i64,
    owner: String,
    nickname: Option<String>,
    balance: i64,
    limit: Option<i64>,
    active: Option<bool>,
    rate: f64,
    opened: jiff::Timestamp,
    closed: Option<jiff::Timestamp>,
}

sql_function! {
    /// How alike two texts are.
    pub fn similarity(a: String, b: String) -> f32;
    fn soundex(text: Option<String>) -> Option<String> = "fuzzy.soundex";
    aggregate fn mode(of: i64) -> Option<i64>;
}

fn literals_take_the_type_of_the_other_side() {
    let _: Expr<i64, Account> = Account::BALANCE + 1;
    let _: Expr<Option<i64>, Account> = Account::LIMIT - 1;
    let _: Expr<i64, Account> = coalesce(Account::LIMIT, 0);
    let _: Expr<f64, Account> = power(Account::RATE, 2.0);
    let _ = Account::BALANCE.ge(1_000).and(Account::LIMIT.lt(7));
    let _ = (Account::BALANCE % 2).eq(0);
    let _ = count().gt(5);
    let _ = tuple((Account::BALANCE, Account::OWNER)).gt((1, "ann"));
    let _ = tuple((Account::BALANCE, Account::LIMIT)).is_in([(1, 2), (3, 4)]);
}

fn null_goes_where_it_belongs() {
    let _: Expr<Option<i64>, _> = Account::BALANCE + Account::LIMIT;
    let _: Expr<Option<i64>, _> = Account::LIMIT + Account::BALANCE;
    let _: Expr<Option<String>, _> = Account::OWNER.concat(Account::NICKNAME);
    let _: Expr<String, _> = coalesce(Account::NICKNAME, Account::OWNER);
    let _: Expr<Option<String>, _> = nullif(Account::OWNER, "ann");
    let _: Expr<Option<i32>, _> = length(Account::NICKNAME);
    let _: Expr<Option<Interval>, _> = Account::OPENED.since(Account::CLOSED);
    let _: Expr<Option<f64>, _> = extract(DatePart::Hour, Account::CLOSED);
    let _: Expr<jiff::Timestamp, _> = Account::OPENED + Interval::days(1);
    let _: Expr<jiff::Timestamp, _> = coalesce(Account::CLOSED, now());
    let _: Expr<Option<String>, _> = case().when(Account::ACTIVE, Account::OWNER).end();
    let _: Expr<String, _> = case().when(Account::ACTIVE, "a").otherwise(Account::OWNER);
    let _: Expr<f32, Account> = similarity(Account::OWNER, "ann");
    let _ = soundex(Account::NICKNAME).eq(soundex("ann"));
}

fn aggregates_and_windows_stand_where_expressions_do() {
    let _: Rows<(Option<bool>, i64, Option<i64>, Option<i64>)> = select::<Account>()
        .group_by(Account::ACTIVE)
        .having(count().gt(1).and(max(Account::LIMIT).lt(100)))
        .having(bool_and(Account::ACTIVE))
        .order_by((count(), max(Account::LIMIT).desc()))
        .columns((
            Account::ACTIVE,
            count().filter_where(Account::BALANCE.lt(0)),
            max(Account::LIMIT) + 1,
            mode(Account::BALANCE),
        ));
    let by_owner = window().partition_by(Account::OWNER).order_by(Account::ID);
    let _: Rows<(i64, Option<i64>, i64)> = select::<Account>().columns((
        row_number().over(by_owner.clone()),
        lag(Account::BALANCE).over(by_owner.clone()),
        lag_by(Account::BALANCE, 1, 0).over(by_owner.rows(preceding(1)..=current_row())),
    ));
}

fn main() {
    literals_take_the_type_of_the_other_side();
    null_goes_where_it_belongs();
    aggregates_and_windows_stand_where_expressions_do();
}
