//! A music store: what it sells, to whom, and who looks after them.
//!
//! The tests beside it use it.
//! It must not hold a query.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use sessile::prelude::*;
use sessile_tests::TestDb;

/// Somebody who works there, and for whom.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "employee", has_many(reports = Employee::BOSS, customers = Customer::SUPPORT))]
pub(super) struct Employee {
    #[model(key, generated)]
    pub id: i64,
    pub name: String,
    pub salary: Decimal,
    pub hired: Date,
    pub boss: Option<Fk<Employee>>,
}

/// Somebody who makes music.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "artist", has_many(albums = Album::ARTIST))]
pub(super) struct Artist {
    #[model(key, generated)]
    pub id: i64,
    #[model(unique)]
    pub name: String,
    pub country: Option<String>,
}

/// Music that came out together.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "album", has_many(tracks = Track::ALBUM))]
pub(super) struct Album {
    #[model(key, generated)]
    pub id: i64,
    pub artist: Fk<Artist>,
    pub title: String,
    pub released: Option<Date>,
}

/// A kind of music.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "genre", has_many(tracks = Track::GENRE))]
pub(super) struct Genre {
    #[model(key)]
    pub name: String,
}

/// One piece.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "track", has_many(lines = Line::TRACK, places = Place::TRACK))]
pub(super) struct Track {
    #[model(key, generated)]
    pub id: i64,
    pub album: Fk<Album>,
    #[model(on_delete = set_null)]
    pub genre: Option<Fk<Genre>>,
    pub title: String,
    pub seconds: i32,
    pub price: Decimal,
}

/// Somebody who buys.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "customer", has_many(invoices = Invoice::CUSTOMER))]
pub(super) struct Customer {
    #[model(key, generated)]
    pub id: i64,
    pub name: String,
    pub country: String,
    pub email: Option<String>,
    pub support: Option<Fk<Employee>>,
}

/// A purchase.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "invoice", has_many(lines = Line::INVOICE))]
pub(super) struct Invoice {
    #[model(key, generated)]
    pub id: i64,
    pub customer: Fk<Customer>,
    pub at: Timestamp,
}

/// What was bought, at the price of that day.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "invoice_line")]
pub(super) struct Line {
    #[model(key)]
    pub invoice: Fk<Invoice>,
    #[model(key)]
    pub track: Fk<Track>,
    pub price: Decimal,
    pub quantity: i32,
}

/// Tracks that somebody put together.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "playlist", has_many(places = Place::PLAYLIST))]
pub(super) struct Playlist {
    #[model(key, generated)]
    pub id: i64,
    pub name: String,
    pub owner: Option<Fk<Customer>>,
}

/// A track's place in a playlist.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "playlist_track")]
pub(super) struct Place {
    #[model(key)]
    pub playlist: Fk<Playlist>,
    #[model(key)]
    pub track: Fk<Track>,
    pub position: i32,
}

/// All of them.
pub(super) type Store = (
    Employee,
    Artist,
    Album,
    Genre,
    Track,
    Customer,
    Invoice,
    Line,
    Playlist,
    Place,
);

/// Some hundred rows that are the same every time, with ties, gaps and NULLs among them.
const ROWS: &str = "
    INSERT INTO employee (name, salary, hired, boss_id) VALUES
        ('Ada', 9000, '2010-01-04', NULL),
        ('Ben', 6000, '2012-06-01', 1), ('Cleo', 6500, '2011-03-15', 1),
        ('Dov', 4000, '2015-09-01', 2), ('Eve', 4200, '2016-02-29', 2), ('Fay', 4200, '2018-11-05', 3),
        ('Gus', 3000, '2021-07-19', 4);
    INSERT INTO genre VALUES ('Jazz'), ('Rock'), ('Opera'), ('Folk'), ('Noise');
    INSERT INTO artist (name, country)
        SELECT 'Artist ' || i, (ARRAY['NO', 'PT', NULL, 'JP'])[1 + i % 4] FROM generate_series(1, 9) i;
    INSERT INTO album (artist_id, title, released)
        SELECT 1 + i % 8, 'Album ' || i, CASE WHEN i % 5 > 0 THEN DATE '1999-12-01' + i * 97 END
        FROM generate_series(1, 20) i;
    INSERT INTO track (album_id, genre_name, title, seconds, price)
        SELECT 1 + i % 19, (ARRAY['Jazz', 'Rock', 'Folk', NULL, 'Opera'])[1 + i * i % 5],
               'Track ' || i, 60 + i * 37 % 400, (99 + i % 3 * 50) / 100.0
        FROM generate_series(1, 150) i;
    INSERT INTO customer (name, country, email, support_id)
        SELECT 'Customer ' || i, (ARRAY['NO', 'PT', 'JP'])[1 + i % 3],
               CASE WHEN i % 4 > 0 THEN 'c' || i || '@example.org' END,
               CASE WHEN i % 6 > 0 THEN 4 + i % 3 END
        FROM generate_series(1, 25) i;
    INSERT INTO invoice (customer_id, at)
        SELECT 1 + i * 5 % 23, TIMESTAMPTZ '2023-01-05 08:00:00+00' + i * INTERVAL '7 days 5 hours'
        FROM generate_series(1, 90) i;
    INSERT INTO invoice_line
        SELECT DISTINCT ON (1, 2) 1 + i % 88, 1 + i * 7 % 141, (99 + i % 3 * 50) / 100.0, 1 + i % 4
        FROM generate_series(1, 300) i ORDER BY 1, 2, i;
    INSERT INTO playlist (name, owner_id)
        SELECT 'Playlist ' || i, CASE WHEN i > 2 THEN i END FROM generate_series(1, 6) i;
    INSERT INTO playlist_track
        SELECT DISTINCT ON (1, 2) 1 + i % 5, 1 + i * 11 % 150, i
        FROM generate_series(1, 60) i ORDER BY 1, 2, i";

/// A store with these rows.
pub(super) fn store() -> TestDb {
    TestDb::with::<Store>(ROWS)
}
