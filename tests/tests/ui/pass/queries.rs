//! The shapes of queries that infer without help.

use sessile::Model;
use sessile::model::{Fk, Handle};
use sessile::query::{Expr, Rows, Select};
use sessile::sql::*;

#[derive(Model, Clone, Debug)]
struct Account {
    #[model(key, generated)]
    id: i64,
    owner: String,
    nickname: Option<String>,
    balance: i64,
    limit: Option<i64>,
    active: bool,
}

#[derive(Model, Clone, Debug)]
struct Entry {
    #[model(key, generated)]
    id: i64,
    payer: Fk<Account>,
    payee: Option<Fk<Account>>,
    amount: i64,
}

fn conditions(name: String, ids: Vec<i64>, wanted: Option<i64>) -> Select<Account> {
    select::<Account>()
        .filter(Account::BALANCE.ge(1_000).and(Account::OWNER.like("A%")))
        .filter(Account::OWNER.eq("ann").or(Account::OWNER.eq(&name)))
        .filter(Account::NICKNAME.eq("ann").or(Account::NICKNAME.eq(None)))
        .filter(Account::NICKNAME.eq(Account::OWNER))
        .filter(Account::LIMIT.lt(7).or(Account::LIMIT.eq(Some(8))))
        .filter(Account::LIMIT.gt(Account::BALANCE + 1))
        .filter(Account::ID.is_in(ids).or(Account::ID.is_in([1, 2])))
        .filter(wanted.map(|id| Account::ID.eq(id)))
        .filter(!Account::ACTIVE)
        .order_by((Account::OWNER, Account::BALANCE.desc().nulls_last()))
        .limit(20)
}

fn references(handle: Handle<Account>, fk: &Fk<Account>, keys: Vec<i64>) -> Select<Entry> {
    select::<Entry>()
        .filter(Entry::PAYER.is(handle).or(Entry::PAYER.is(fk)).or(Entry::PAYER.is(7)))
        .filter(Entry::PAYEE.is_any_of([handle]).or(Entry::PAYEE.is_any_of(keys)))
        .filter(Entry::PAYEE.is_null().or(Entry::PAYEE.is_not_null()))
        .for_update()
        .skip_locked()
}

fn run_time(words: &[&str]) -> Expr<bool, Account> {
    let mut condition: Expr<bool, Account> = Account::ACTIVE.eq(true);
    for word in words {
        condition = condition.or(Account::OWNER.contains(word)).within();
    }
    all([condition, Account::BALANCE.gt(0)])
}

fn projections() {
    let _: Rows<String> = select::<Account>().columns(Account::OWNER);
    let _: Rows<(String, bool)> =
        select::<Account>().columns((Account::OWNER, Account::BALANCE.le(5)));
    let _: Rows<(bool, i64, Option<i64>)> = select::<Account>()
        .group_by(Account::ACTIVE)
        .having(count().gt(1))
        .columns((Account::ACTIVE, count(), max(Account::LIMIT)));
    let _: Rows<(String, i64)> = raw("SELECT $1, $2", ("ann", 5_i64)).into();
}

fn queries_of_queries() {
    let names = || select::<Account>().columns(Account::OWNER);
    let _: Rows<String> = names().union(names()).except(raw("SELECT 'ann'", ()));
    let _: Rows<Handle<Account>> = select::<Account>().union_all(select::<Account>());
    let pairs = cte("pairs", raw::<(i64, String)>("SELECT 1::bigint, 'ann'", ()));
    let _: Rows<i64> = from(&pairs).columns(pairs.at::<0>());
    let new = insert::<Account>()
        .columns((Account::OWNER, Account::BALANCE))
        .from_select(from(&pairs).columns((pairs.at::<1>(), pairs.at::<0>())))
        .ignoring_conflicts()
        .returning_columns((Account::ID, Account::OWNER));
    let new = cte("new", new);
    let _: Rows<String> = from(&new).columns(new.at::<1>());
    let copied = insert::<Entry>().columns(Entry::PAYER);
    let _ = copied.from_select(raw::<i64>("SELECT 1::bigint", ()));
}

fn main() {
    projections();
    queries_of_queries();
    let _ = conditions("ann".to_owned(), vec![1], None).filter(run_time(&["a"]));
    let _ = references;
}
