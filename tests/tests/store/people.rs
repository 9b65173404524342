//! Who works for whom, and for which customers.

use sessile::prelude::*;
use sessile::sql::*;

use super::models::{Customer, Employee, store};
use super::same;

#[test]
fn everybody_with_their_boss() {
    let boss = alias::<Employee>("boss");
    same(
        &store(),
        select::<Employee>()
            .left_join(Employee::BOSS.to(&boss))
            .order_by(Employee::ID)
            .columns((Employee::NAME, boss.column(Employee::NAME).nullable())),
        "SELECT e.name, b.name FROM employee e LEFT JOIN employee b ON b.id = e.boss_id ORDER BY e.id",
    );
}

#[test]
fn those_with_more_than_half_of_their_bosss_salary() {
    let boss = alias::<Employee>("boss");
    let twice = Employee::SALARY + Employee::SALARY;
    same(
        &store(),
        select::<Employee>()
            .filter(
                Employee::BOSS
                    .to(&boss)
                    .any(twice.gt(boss.column(Employee::SALARY))),
            )
            .order_by(Employee::ID)
            .columns((Employee::NAME, Employee::SALARY)),
        "SELECT e.name, e.salary FROM employee e JOIN employee b ON b.id = e.boss_id
         WHERE e.salary * 2 > b.salary ORDER BY e.id",
    );
}

#[test]
fn how_many_people_and_customers_each_looks_after() {
    same(
        &store(),
        select::<Employee>().order_by(Employee::ID).columns((
            Employee::NAME,
            Employee::REPORTS.count(),
            Employee::CUSTOMERS.count_of(Customer::EMAIL.is_not_null()),
        )),
        "SELECT name, (SELECT count(*) FROM employee r WHERE r.boss_id = e.id),
                (SELECT count(email) FROM customer WHERE support_id = e.id)
         FROM employee e ORDER BY id",
    );
}

#[test]
fn customers_of_one_country_in_pairs() {
    let other = alias::<Customer>("other");
    same(
        &store(),
        select::<Customer>()
            .join_on(
                &other,
                other
                    .column(Customer::COUNTRY)
                    .eq(Customer::COUNTRY)
                    .and(other.column(Customer::ID).gt(Customer::ID)),
            )
            .filter(Customer::COUNTRY.eq("NO"))
            .order_by((Customer::ID, other.column(Customer::ID).asc()))
            .columns((Customer::NAME, other.column(Customer::NAME))),
        "SELECT a.name, b.name FROM customer a JOIN customer b ON a.country = b.country AND b.id > a.id
         WHERE a.country = 'NO' ORDER BY a.id, b.id",
    );
}

#[test]
fn everybody_with_the_way_to_the_top() {
    let chain = recursive_all(
        "chain",
        select::<Employee>()
            .filter(Employee::BOSS.is_null())
            .columns((Employee::ID, Employee::NAME, value(0_i32))),
        |chain| {
            select::<Employee>()
                .join_on(chain, Employee::BOSS.key().eq(chain.at::<0>()))
                .columns((
                    Employee::ID,
                    chain.at::<1>().concat(" > ").concat(Employee::NAME),
                    chain.at::<2>() + 1,
                ))
        },
    );
    same(
        &store(),
        from(&chain)
            .order_by((chain.at::<2>().asc(), chain.at::<1>().asc()))
            .columns((chain.at::<1>(), chain.at::<2>())),
        "WITH RECURSIVE chain(id, way, depth) AS (
             SELECT id, name, 0 FROM employee WHERE boss_id IS NULL
             UNION ALL SELECT e.id, way || ' > ' || name, depth + 1
             FROM employee e JOIN chain c ON e.boss_id = c.id)
         SELECT way, depth FROM chain ORDER BY depth, way",
    );
}

#[test]
fn salaries_beside_those_hired_before() {
    let before = window()
        .order_by(Employee::HIRED)
        .rows(..=current_row())
        .exclude_current_row();
    same(
        &store(),
        select::<Employee>().order_by(Employee::HIRED).columns((
            Employee::NAME,
            Employee::SALARY,
            round_to(avg(Employee::SALARY).over(before), 2),
            dense_rank().over(window().order_by(Employee::SALARY.desc())),
        )),
        "SELECT name, salary, round(avg(salary) OVER (ORDER BY hired ROWS BETWEEN UNBOUNDED PRECEDING
                    AND CURRENT ROW EXCLUDE CURRENT ROW), 2),
                dense_rank() OVER (ORDER BY salary DESC)
         FROM employee ORDER BY hired",
    );
}

#[test]
fn customers_by_how_they_can_be_reached() {
    let reached = coalesce(Customer::EMAIL, "by post");
    same(
        &store(),
        select::<Customer>()
            .filter(Customer::NAME.matches("[0-5]$"))
            .order_by(Customer::ID)
            .columns((upper(Customer::NAME), reached, length(Customer::EMAIL))),
        "SELECT upper(name), coalesce(email, 'by post'), length(email) FROM customer
         WHERE name ~ '[0-5]$' ORDER BY id",
    );
}
