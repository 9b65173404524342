//! What was sold, to whom, and how it grows.

use rust_decimal::Decimal;
use sessile::prelude::*;
use sessile::sql::*;

use super::models::{Album, Artist, Customer, Genre, Invoice, Line, Track, store};
use super::same;

#[test]
fn customers_by_country() {
    same(
        &store(),
        select::<Customer>()
            .group_by(Customer::COUNTRY)
            .order_by((count().desc(), Customer::COUNTRY))
            .columns((Customer::COUNTRY, count())),
        "SELECT country, count(*) FROM customer GROUP BY country ORDER BY 2 DESC, 1",
    );
}

#[test]
fn artists_with_more_than_two_albums() {
    same(
        &store(),
        select::<Album>()
            .join(Album::ARTIST)
            .group_by(Artist::NAME)
            .having(count().gt(2))
            .order_by(Artist::NAME)
            .columns((Artist::NAME, count(), max(Album::RELEASED))),
        "SELECT r.name, count(*), max(released) FROM album JOIN artist r ON r.id = artist_id
         GROUP BY r.name HAVING count(*) > 2 ORDER BY 1",
    );
}

#[test]
fn genres_that_nobody_has_bought() {
    same(
        &store(),
        select::<Genre>()
            .filter(!Genre::TRACKS.any(Track::LINES.exists()))
            .order_by(Genre::NAME)
            .columns(Genre::NAME),
        "SELECT name FROM genre g WHERE NOT EXISTS (
             SELECT FROM track t JOIN invoice_line l ON l.track_id = t.id WHERE t.genre_name = g.name)
         ORDER BY name",
    );
}

#[test]
fn what_each_genre_has_brought_in() {
    let amount = Line::PRICE * Line::QUANTITY.cast::<Decimal>();
    same(
        &store(),
        select::<Line>()
            .join(Line::TRACK)
            .join(Track::GENRE)
            .group_by(Genre::NAME)
            .order_by(Genre::NAME)
            .columns((Genre::NAME, sum(amount))),
        "SELECT genre_name, sum(l.price * quantity) FROM invoice_line l
         JOIN track t ON t.id = track_id WHERE genre_name IS NOT NULL GROUP BY 1 ORDER BY 1",
    );
}

#[test]
fn invoices_of_customers_without_support() {
    same(
        &store(),
        select::<Invoice>()
            .join(Invoice::CUSTOMER)
            .filter(Customer::SUPPORT.is_null())
            .order_by(Invoice::ID)
            .columns((Invoice::ID, Customer::NAME, Customer::EMAIL, Invoice::AT)),
        "SELECT i.id, c.name, c.email, i.at FROM invoice i JOIN customer c ON c.id = customer_id
         WHERE support_id IS NULL ORDER BY 1",
    );
}

#[test]
fn the_last_invoice_of_each_customer() {
    same(
        &store(),
        select::<Invoice>()
            .join(Invoice::CUSTOMER)
            .distinct_on(Customer::ID)
            .order_by((Customer::ID, Invoice::AT.desc()))
            .columns((Customer::NAME, Invoice::ID, Invoice::AT)),
        "SELECT DISTINCT ON (c.id) c.name, i.id, i.at FROM invoice i JOIN customer c ON c.id = customer_id
         ORDER BY c.id, i.at DESC",
    );
}

#[test]
fn customers_who_never_bought() {
    same(
        &store(),
        select::<Customer>()
            .filter(!Customer::INVOICES.exists())
            .order_by(Customer::ID)
            .columns((Customer::NAME, Customer::COUNTRY)),
        "SELECT name, country FROM customer c
         WHERE NOT EXISTS (SELECT FROM invoice WHERE customer_id = c.id) ORDER BY id",
    );
}

#[test]
fn genres_that_a_customer_keeps_buying() {
    same(
        &store(),
        select::<Line>()
            .join(Line::INVOICE)
            .join(Invoice::CUSTOMER)
            .join(Line::TRACK)
            .join(Track::GENRE)
            .group_by((Customer::NAME, Genre::NAME))
            .having(count().ge(4))
            .order_by((Customer::NAME, Genre::NAME))
            .columns((Customer::NAME, Genre::NAME, count(), sum(Line::QUANTITY))),
        "SELECT c.name, genre_name, count(*), sum(quantity) FROM invoice_line
         JOIN invoice i ON i.id = invoice_id JOIN customer c ON c.id = customer_id
         JOIN track t ON t.id = track_id WHERE genre_name IS NOT NULL
         GROUP BY 1, 2 HAVING count(*) >= 4 ORDER BY 1, 2",
    );
}

#[test]
fn the_dearest_track_of_each_invoice() {
    let dearest = subquery(
        "dearest",
        select::<Line>()
            .correlated()
            .join(Line::TRACK)
            .filter(Line::INVOICE.key().eq(Invoice::ID))
            .order_by((Line::PRICE.desc(), Track::ID))
            .limit(1)
            .columns((Track::TITLE, Line::PRICE)),
    );
    same(
        &store(),
        select::<Invoice>()
            .left_join_lateral(&dearest)
            .order_by(Invoice::ID)
            .columns((
                Invoice::ID,
                dearest.at::<0>().nullable(),
                dearest.at::<1>().nullable(),
            )),
        "SELECT i.id, d.title, d.price FROM invoice i LEFT JOIN LATERAL (
             SELECT t.title, l.price FROM invoice_line l JOIN track t ON t.id = track_id
             WHERE invoice_id = i.id ORDER BY l.price DESC, t.id LIMIT 1) d ON true ORDER BY i.id",
    );
}

#[test]
fn customers_who_spent_more_than_most() {
    let amount = Line::PRICE * Line::QUANTITY.cast::<Decimal>();
    let spent = cte(
        "spent",
        select::<Line>()
            .join(Line::INVOICE)
            .group_by(Invoice::CUSTOMER.key())
            .columns((Invoice::CUSTOMER.key(), sum(amount))),
    );
    let other = spent.alias("other");
    let fewer = from(&other)
        .correlated()
        .filter(other.at::<1>().lt(spent.at::<1>()))
        .columns(count());
    same(
        &store(),
        select::<Customer>()
            .join_on(&spent, spent.at::<0>().eq(Customer::ID))
            .filter(scalar(fewer).gt(15))
            .order_by(Customer::ID)
            .columns((Customer::NAME, spent.at::<1>())),
        "WITH spent AS (SELECT customer_id, sum(price * quantity) AS s FROM invoice_line
                        JOIN invoice ON id = invoice_id GROUP BY 1)
         SELECT name, s FROM customer JOIN spent ON customer_id = id
         WHERE (SELECT count(*) FROM spent o WHERE o.s < spent.s) > 15 ORDER BY id",
    );
}
