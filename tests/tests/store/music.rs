//! What there is to listen to, and what nobody does.

use sessile::prelude::*;
use sessile::sql::*;

use super::models::{Album, Artist, Customer, Place, Playlist, Track, store};
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
