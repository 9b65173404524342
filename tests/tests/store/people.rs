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
