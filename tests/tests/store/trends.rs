//! How sales go: by month, in order, against what came before.

use rust_decimal::Decimal;
use sessile::prelude::*;
use sessile::query::Expr;
use sessile::sql::*;

use super::models::{Customer, Genre, Invoice, Line, Track, store};
use super::same;

fn amount() -> Expr<Decimal, Line> {
    (Line::PRICE * Line::QUANTITY.cast::<Decimal>()).within()
}

#[test]
fn what_each_month_brought_in() {
    let month = date_trunc_in(TimeUnit::Month, Invoice::AT, "UTC");
    same(
        &store(),
        select::<Line>()
            .join(Line::INVOICE)
            .group_by(month.clone())
            .order_by(month.clone().asc())
            .columns((month, count_distinct(Invoice::ID), sum(amount()))),
        "SELECT date_trunc('month', at, 'UTC'), count(DISTINCT i.id), sum(price * quantity)
         FROM invoice_line JOIN invoice i ON i.id = invoice_id GROUP BY 1 ORDER BY 1",
    );
}

#[test]
fn sales_that_add_up_from_invoice_to_invoice() {
    let so_far = sum(sum(amount())).over(window().order_by(Invoice::ID));
    same(
        &store(),
        select::<Line>()
            .join(Line::INVOICE)
            .group_by(Invoice::ID)
            .order_by(Invoice::ID)
            .columns((Invoice::ID, sum(amount()), so_far)),
        "SELECT i.id, sum(price * quantity), sum(sum(price * quantity)) OVER (ORDER BY i.id)
         FROM invoice_line JOIN invoice i ON i.id = invoice_id GROUP BY i.id ORDER BY i.id",
    );
}

#[test]
fn the_average_of_an_invoice_and_the_two_around_it() {
    let of_invoice = cte(
        "of_invoice",
        select::<Line>()
            .group_by(Line::INVOICE.key())
            .columns((Line::INVOICE.key(), sum(amount()))),
    );
    let around = window()
        .order_by(of_invoice.at::<0>())
        .rows(preceding(1)..=following(1));
    same(
        &store(),
        from(&of_invoice)
            .order_by(of_invoice.at::<0>().asc())
            .columns((
                of_invoice.at::<0>(),
                round_to(avg(of_invoice.at::<1>()).over(around), 2),
            )),
        "SELECT invoice_id, round(avg(sum(price * quantity)) OVER (ORDER BY invoice_id
                    ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), 2)
         FROM invoice_line GROUP BY invoice_id ORDER BY invoice_id",
    );
}

#[test]
fn how_long_customers_wait_between_purchases() {
    let by_customer = window()
        .partition_by(Invoice::CUSTOMER.key())
        .order_by(Invoice::AT);
    same(
        &store(),
        select::<Invoice>().order_by(Invoice::ID).columns((
            Invoice::ID,
            lag(Invoice::AT).over(by_customer.clone()),
            row_number().over(by_customer),
        )),
        "SELECT id, lag(at) OVER w, row_number() OVER w FROM invoice
         WINDOW w AS (PARTITION BY customer_id ORDER BY at) ORDER BY id",
    );
}

#[test]
fn customers_by_what_they_spent_in_their_country() {
    let spent = sum(amount());
    let in_country = window()
        .partition_by(Customer::COUNTRY)
        .order_by(spent.clone().desc());
    same(
        &store(),
        select::<Line>()
            .join(Line::INVOICE)
            .join(Invoice::CUSTOMER)
            .group_by(Customer::ID)
            .order_by((Customer::COUNTRY, spent.clone().desc(), Customer::ID))
            .columns((
                Customer::COUNTRY,
                Customer::NAME,
                spent,
                rank().over(in_country.clone()),
                ntile(4).over(in_country),
            )),
        "SELECT country, c.name, sum(price * quantity),
                rank() OVER w, ntile(4) OVER w
         FROM invoice_line JOIN invoice i ON i.id = invoice_id JOIN customer c ON c.id = customer_id
         GROUP BY c.id WINDOW w AS (PARTITION BY country ORDER BY sum(price * quantity) DESC)
         ORDER BY country, 3 DESC, c.id",
    );
}

#[test]
fn the_three_longest_tracks_of_each_genre() {
    let longest = window()
        .partition_by(Track::GENRE.key())
        .order_by((Track::SECONDS.desc(), Track::ID.asc()));
    let ranked = subquery(
        "ranked",
        select::<Track>().join(Track::GENRE).columns((
            Genre::NAME,
            Track::TITLE,
            Track::SECONDS,
            row_number().over(longest),
        )),
    );
    same(
        &store(),
        from(&ranked)
            .filter(ranked.at::<3>().le(3))
            .order_by((ranked.at::<0>().asc(), ranked.at::<3>().asc()))
            .columns((ranked.at::<0>(), ranked.at::<1>(), ranked.at::<2>())),
        "SELECT genre_name, title, seconds FROM (
             SELECT *, row_number() OVER (PARTITION BY genre_name ORDER BY seconds DESC, id) AS place
             FROM track WHERE genre_name IS NOT NULL) t
         WHERE place <= 3 ORDER BY 1, place",
    );
}

#[test]
fn each_genres_share_of_all_sales() {
    let all = window().rows(..);
    let share = sum(amount()).filter_where(Track::GENRE.is_not_null());
    same(
        &store(),
        select::<Line>()
            .join(Line::TRACK)
            .group_by(Track::GENRE.key())
            .order_by(Track::GENRE.key().asc().nulls_first())
            .columns((
                Track::GENRE.key(),
                share,
                round_to(
                    sum(amount()) * Decimal::ONE_HUNDRED / sum(sum(amount())).over(all),
                    1,
                ),
            )),
        "SELECT genre_name, sum(l.price * quantity) FILTER (WHERE genre_name IS NOT NULL),
                round(sum(l.price * quantity) * 100 / sum(sum(l.price * quantity)) OVER (), 1)
         FROM invoice_line l JOIN track t ON t.id = track_id
         GROUP BY genre_name ORDER BY genre_name NULLS FIRST",
    );
}

#[test]
fn sales_by_quarter() {
    let quarter = extract(DatePart::Quarter, Invoice::AT);
    same(
        &store(),
        select::<Invoice>()
            .group_by(quarter.clone())
            .having(count().gt(5))
            .order_by(quarter.clone().asc())
            .columns((quarter, count(), min(Invoice::AT), max(Invoice::AT))),
        "SELECT extract(quarter FROM at)::float8, count(*), min(at), max(at) FROM invoice
         GROUP BY 1 HAVING count(*) > 5 ORDER BY 1",
    );
}

#[test]
fn prices_in_bands() {
    let band = case()
        .when(Line::PRICE.lt(Decimal::ONE), "low")
        .when(Line::PRICE.lt(Decimal::new(149, 2)), "middle")
        .otherwise("high");
    same(
        &store(),
        select::<Line>()
            .group_by(band.clone())
            .order_by(band.clone().asc())
            .columns((band, count(), count().filter_where(Line::QUANTITY.gt(2)))),
        "SELECT CASE WHEN price < 1 THEN 'low' WHEN price < 1.49 THEN 'middle' ELSE 'high' END,
                count(*), count(*) FILTER (WHERE quantity > 2)
         FROM invoice_line GROUP BY 1 ORDER BY 1",
    );
}
