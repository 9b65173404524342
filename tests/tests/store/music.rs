//! What there is to listen to, and what nobody does.

use rust_decimal::Decimal;
use sessile::prelude::*;
use sessile::query::{Alias, Expr};
use sessile::sql::*;

use super::models::{Album, Artist, Customer, Genre, Line, Place, Playlist, Track, store};
use super::same;

#[test]
fn albums_longer_than_half_an_hour() {
    same(
        &store(),
        select::<Track>()
            .join(Track::ALBUM)
            .join(Album::ARTIST)
            .group_by((Artist::NAME, Album::ID, Album::TITLE))
            .having(sum(Track::SECONDS).gt(1_800))
            .order_by(Album::ID)
            .columns((Artist::NAME, Album::TITLE, count(), sum(Track::SECONDS))),
        "SELECT r.name, a.title, count(*), sum(seconds) FROM track
         JOIN album a ON a.id = album_id JOIN artist r ON r.id = artist_id
         GROUP BY r.name, a.id HAVING sum(seconds) > 1800 ORDER BY a.id",
    );
}

#[test]
fn playlists_in_their_order() {
    same(
        &store(),
        select::<Place>()
            .join(Place::PLAYLIST)
            .join(Place::TRACK)
            .left_join(Playlist::OWNER)
            .order_by((Playlist::ID, Place::POSITION))
            .columns((
                Playlist::NAME,
                Customer::NAME.nullable(),
                Place::POSITION,
                Track::TITLE,
            )),
        "SELECT p.name, c.name, position, t.title FROM playlist_track
         JOIN playlist p ON p.id = playlist_id JOIN track t ON t.id = track_id
         LEFT JOIN customer c ON c.id = owner_id ORDER BY p.id, position",
    );
}

#[test]
fn tracks_that_nobody_bought_or_put_into_a_list() {
    same(
        &store(),
        select::<Track>()
            .filter((!Track::LINES.exists()).and(!Track::PLACES.exists()))
            .order_by(Track::ID)
            .columns(Track::TITLE),
        "SELECT title FROM track t WHERE NOT EXISTS (SELECT FROM invoice_line WHERE track_id = t.id)
         AND NOT EXISTS (SELECT FROM playlist_track WHERE track_id = t.id) ORDER BY id",
    );
}

#[test]
fn albums_without_a_date_of_artists_from_somewhere() {
    same(
        &store(),
        select::<Album>()
            .filter(Album::RELEASED.is_null())
            .filter(Album::ARTIST.has(Artist::COUNTRY.is_not_null()))
            .order_by(Album::ID)
            .columns((Album::TITLE, Album::TRACKS.max(Track::PRICE))),
        "SELECT a.title, (SELECT max(price) FROM track WHERE album_id = a.id) FROM album a
         JOIN artist r ON r.id = artist_id AND country IS NOT NULL WHERE released IS NULL ORDER BY a.id",
    );
}

#[test]
fn tracks_longer_than_the_average_of_their_genre() {
    let other = alias::<Track>("other");
    let average = average_of_the_same_genre(&other);
    same(
        &store(),
        select::<Track>()
            .correlated()
            .filter(Track::SECONDS.cast::<Decimal>().gt(average))
            .order_by(Track::ID)
            .columns((Track::TITLE, Track::SECONDS)),
        "SELECT title, seconds FROM track t WHERE seconds >
             (SELECT avg(seconds) FROM track o WHERE o.genre_name = t.genre_name) ORDER BY id",
    );
}

#[test]
fn the_genres_of_each_artist_in_one_line() {
    let names = string_agg(Genre::NAME, ", ")
        .distinct()
        .order_by(Genre::NAME);
    same(
        &store(),
        select::<Track>()
            .join(Track::ALBUM)
            .join(Album::ARTIST)
            .join(Track::GENRE)
            .group_by(Artist::NAME)
            .order_by(Artist::NAME)
            .columns((
                Artist::NAME,
                names,
                array_agg(Track::ID).order_by(Track::ID.desc()),
            )),
        "SELECT r.name, string_agg(DISTINCT genre_name, ', ' ORDER BY genre_name),
                array_agg(t.id ORDER BY t.id DESC)
         FROM track t JOIN album a ON a.id = album_id JOIN artist r ON r.id = artist_id
         WHERE genre_name IS NOT NULL GROUP BY r.name ORDER BY r.name",
    );
}

#[test]
fn countries_of_artists_and_of_customers() {
    let artists = select::<Artist>()
        .filter(Artist::COUNTRY.is_not_null())
        .columns(coalesce(Artist::COUNTRY, ""));
    let customers = select::<Customer>().columns(Customer::COUNTRY);
    same(
        &store(),
        artists.union(customers).order_by_at::<0>(),
        "SELECT country FROM artist WHERE country IS NOT NULL
         UNION SELECT country FROM customer ORDER BY 1",
    );
}

#[test]
fn tracks_in_lists_that_were_never_sold() {
    let listed = select::<Place>().columns(Place::TRACK.key());
    let sold = select::<Line>().columns(Line::TRACK.key());
    same(
        &store(),
        listed.except(sold).order_by_at_desc::<0>().limit(5),
        "SELECT track_id FROM playlist_track EXCEPT SELECT track_id FROM invoice_line
         ORDER BY 1 DESC LIMIT 5",
    );
}

#[test]
fn wanted_lengths_and_the_tracks_that_have_them() {
    let wanted = values(
        "wanted",
        [
            ("short", 60, 120),
            ("long", 400, 500),
            ("endless", 900, 999),
        ],
    );
    same(
        &store(),
        from(&wanted)
            .left_join_on(
                table::<Track>(),
                Track::SECONDS.between(wanted.at::<1>(), wanted.at::<2>()),
            )
            .group_by(wanted.at::<0>())
            .order_by(wanted.at::<0>().asc())
            .columns((wanted.at::<0>(), count_of(Track::ID), min(Track::TITLE))),
        "SELECT w.n, count(t.id), min(title)
         FROM (VALUES ('short', 60, 120), ('long', 400, 500), ('endless', 900, 999)) AS w(n, a, b)
         LEFT JOIN track t ON seconds BETWEEN a AND b GROUP BY w.n ORDER BY w.n",
    );
}

fn average_of_the_same_genre(other: &Alias<Track>) -> Expr<Option<Decimal>> {
    scalar(
        from(other)
            .correlated()
            .filter(other.key(Track::GENRE).eq(Track::GENRE.key()))
            .columns(avg(other.column(Track::SECONDS))),
    )
}
