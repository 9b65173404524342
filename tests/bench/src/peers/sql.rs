//! The statements of the peers that are written by hand.
//!
//! `floor` and `tokio_postgres` send the same texts, so that they differ in the driver alone.
//! It must not hold a statement that only one of them would send.

pub(super) const ITEM: &str = "SELECT id, shelf_id, spare_id, name, maker, note, added, sold, \
     price, weight, active, details FROM item WHERE id = $1";
pub(super) const ITEMS: &str = "SELECT id, shelf_id, spare_id, name, maker, note, added, sold, \
     price, weight, active, details FROM item";
pub(super) const ITEMS_BY_KEY: &str = "SELECT id, shelf_id, spare_id, name, maker, note, added, \
     sold, price, weight, active, details FROM item WHERE id = ANY($1)";
pub(super) const AUTHORS: &str = "INSERT INTO author (name, score) SELECT n, s \
     FROM UNNEST($1::text[], $2::bigint[]) WITH ORDINALITY AS u (n, s, o) ORDER BY o RETURNING id";
pub(super) const BOOKS: &str = "INSERT INTO book (author_id, title, price) SELECT a, t, p \
     FROM UNNEST($1::bigint[], $2::text[], $3::float8[]) WITH ORDINALITY AS u (a, t, p, o) \
     ORDER BY o RETURNING id";
pub(super) const PRICES: &str = "UPDATE item SET price = u.price \
     FROM UNNEST($1::bigint[], $2::float8[]) AS u (id, price) WHERE item.id = u.id";
pub(super) const REGIONS: &str = "SELECT id, name FROM region";
pub(super) const SHOPS: &str =
    "SELECT id, region_id, name, opened FROM shop WHERE region_id = ANY($1)";
pub(super) const SALES: &str = "SELECT id, shop_id, amount, at FROM sale WHERE shop_id = ANY($1)";
pub(super) const LOCK: &str =
    "SELECT id, balance FROM account WHERE id = ANY($1) ORDER BY id FOR UPDATE";
pub(super) const BALANCES: &str = "UPDATE account SET balance = u.balance, version = version + 1 \
     FROM UNNEST($1::bigint[], $2::bigint[]) AS u (id, balance) WHERE account.id = u.id";
pub(super) const ENTRY: &str =
    "INSERT INTO entry (payer_id, payee_id, amount) VALUES ($1, $2, $3) RETURNING id";

/// All statements; a connection prepares each when it is opened.
pub(super) const STATEMENTS: [&str; 12] = [
    ITEM,
    ITEMS,
    ITEMS_BY_KEY,
    AUTHORS,
    BOOKS,
    PRICES,
    REGIONS,
    SHOPS,
    SALES,
    LOCK,
    BALANCES,
    ENTRY,
];
