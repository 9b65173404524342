//! The server, the tables and their rows, and how they are put back before each run.
//!
//! `main` opens it; `race` and `counts` call `reset` outside the clock.
//! It must not go through a peer: tables are hand-written, so that nobody has them made to measure.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use postgres::config::Host;
use postgres::{Client, Config, NoTls};
use sessile::test_support::{Cluster, TestDatabase};

use crate::cpu::{Cpu, Threads};
use crate::peer::{Result, Workload};
use crate::rows::{ACCOUNTS, BALANCE, Sizes, Transfer};

/// A database with the tables of all workloads.
pub(crate) struct Database {
    client: Client,
    url: String,
    version: String,
    /// Dropped last.
    _server: Server,
}

#[expect(dead_code, reason = "held so that the server stays")]
enum Server {
    Own(Cluster),
    Given(TestDatabase),
}

impl Database {
    /// On the server of `DATABASE_URL`, else on one of its own that listens on loopback TCP.
    pub(crate) fn open(sizes: &Sizes) -> Result<Database> {
        let (url, server) = match std::env::var_os("DATABASE_URL") {
            Some(given) if !given.is_empty() => {
                let database = TestDatabase::new()?;
                (database.url().to_owned(), Server::Given(database))
            }
            _ => {
                let cluster = Cluster::start_on_tcp()?;
                let port = cluster.tcp_port().ok_or("the server listens on TCP")?;
                let url = format!("postgresql://postgres@127.0.0.1:{port}/postgres");
                (url, Server::Own(cluster))
            }
        };
        let mut client = Client::connect(&url, NoTls)?;
        client.batch_execute(&schema())?;
        client.batch_execute(&rows(sizes))?;
        // Hint bits, visibility and statistics are settled here, not by whoever comes first.
        client.batch_execute("VACUUM (ANALYZE)")?;
        let version = client.query_one("SHOW server_version", &[])?.get(0);
        Ok(Database {
            client,
            url,
            version,
            _server: server,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The time on a CPU that the peers and the server have used up so far.
    pub(crate) fn cpu(&mut self, threads: Threads) -> Option<Cpu> {
        Cpu::read(&mut self.client, threads)
    }

    /// Brings the tables of a workload back to where they were.
    pub(crate) fn reset(&mut self, workload: Workload) -> Result<()> {
        let sql = match workload {
            Workload::W1 | Workload::W2 | Workload::W5 => return Ok(()),
            Workload::W3 => "TRUNCATE author, book RESTART IDENTITY",
            // Old versions of the rows would slow down whoever comes later.
            Workload::W4 => "VACUUM item",
            Workload::W6 => &accounts(),
        };
        self.client.batch_execute(sql)?;
        if workload == Workload::W6 {
            self.client.batch_execute("VACUUM (ANALYZE) account")?;
        }
        Ok(())
    }

    /// Holds up transfers until so many connections wait, so that one transfer of each worker uses
    /// every connection of a pool; otherwise some would be cold when the clock starts, and which
    /// ones would depend on the pool.
    pub(crate) fn gather(&self, connections: usize) -> Result<JoinHandle<Result<()>>> {
        let mut client = Client::connect(&self.url, NoTls)?;
        client.batch_execute("BEGIN; LOCK TABLE account IN EXCLUSIVE MODE")?;
        Ok(thread::spawn(move || {
            let sql = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let started = Instant::now();
            while client.query_one(sql, &[])?.get::<_, i64>(0) < connections as i64 {
                if started.elapsed() > Duration::from_secs(10) {
                    return Err("the workers do not use a connection each".into());
                }
                // Within a transaction the view shows what it showed first.
                client.batch_execute("SELECT pg_stat_clear_snapshot()")?;
                thread::sleep(Duration::from_millis(1));
            }
            Ok(client.batch_execute("COMMIT")?)
        }))
    }

    /// The sum over all rows of something that a workload wrote.
    fn sum(&mut self, what: &str, from: &str) -> Result<i64> {
        let sql = format!("SELECT coalesce(sum({what}), 0)::bigint FROM {from}");
        Ok(self.client.query_one(&sql, &[])?.get(0))
    }

    /// Checks that W3 left every book with its author.
    pub(crate) fn check_books(&mut self, sizes: &Sizes) -> Result<()> {
        let pairs = "author a JOIN book b ON b.author_id = a.id AND b.title LIKE a.name || ',%'";
        let found = self.sum("1", pairs)?;
        expect_equal("books beside their authors", found, sizes.authors * 3)
    }

    /// Checks that W4 wrote these prices.
    pub(crate) fn check_prices(&mut self, keys: &[i64], prices: &[f64]) -> Result<()> {
        let sql = "SELECT count(*) FROM item JOIN UNNEST($1::bigint[], $2::float8[]) AS u (id, price) \
                   ON item.id = u.id AND item.price = u.price";
        let found: i64 = self.client.query_one(sql, &[&keys, &prices])?.get(0);
        expect_equal("prices that were written", found, keys.len() as i64)
    }

    /// Checks that W6 lost no money and no transfer.
    pub(crate) fn check_accounts(&mut self, workers: &[Vec<Transfer>]) -> Result<()> {
        let all = workers.iter().flatten();
        let moved: i64 = all.clone().map(|t| (t.payee - t.payer) * t.amount).sum();
        let begun: i64 = (1..=ACCOUNTS).map(|id| id * BALANCE).sum();
        let balances = self.sum("id * balance", "account")?;
        expect_equal("balances", balances, begun + moved)?;
        let count = all.count() as i64;
        expect_equal("entries", self.sum("1", "entry")?, count)?;
        let versions = self.sum("version", "account")?;
        expect_equal("versions", versions, ACCOUNTS + 2 * count)
    }
}

fn expect_equal(what: &str, found: i64, expected: i64) -> Result<()> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}: {found} instead of {expected}").into()),
    }
}

/// Where the server of a connection string is: a TCP address or a socket's path.
pub(crate) fn address(url: &str) -> Result<(Config, String)> {
    let config: Config = url.parse()?;
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let address = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => format!("{host}:{port}"),
        Some(Host::Unix(directory)) => format!("{}/.s.PGSQL.{port}", directory.display()),
        None => return Err("the connection string names no host".into()),
    };
    Ok((config, address))
}

fn schema() -> String {
    let key = "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY";
    format!(
        "CREATE TABLE shelf ({key}, name text NOT NULL);
         CREATE TABLE item ({key},
             shelf_id bigint NOT NULL REFERENCES shelf, spare_id bigint REFERENCES shelf,
             name text NOT NULL, maker text NOT NULL, note text,
             added timestamptz NOT NULL, sold timestamptz,
             price float8 NOT NULL, weight float8 NOT NULL,
             active boolean NOT NULL, details jsonb NOT NULL);
         CREATE TABLE author ({key}, name text NOT NULL, score bigint NOT NULL);
         CREATE TABLE book ({key}, author_id bigint NOT NULL REFERENCES author,
             title text NOT NULL, price float8 NOT NULL);
         CREATE TABLE region ({key}, name text NOT NULL);
         CREATE TABLE shop ({key}, region_id bigint NOT NULL REFERENCES region, name text NOT NULL,
             opened timestamptz NOT NULL);
         CREATE TABLE sale ({key}, shop_id bigint NOT NULL REFERENCES shop, amount bigint NOT NULL,
             at timestamptz NOT NULL);
         CREATE INDEX ON shop (region_id);
         CREATE INDEX ON sale (shop_id);
         CREATE TABLE account ({key}, owner text NOT NULL UNIQUE,
             balance bigint NOT NULL CHECK (balance >= 0), version integer NOT NULL);
         CREATE TABLE entry ({key}, payer_id bigint NOT NULL REFERENCES account,
             payee_id bigint REFERENCES account, amount bigint NOT NULL);"
    )
}

fn rows(sizes: &Sizes) -> String {
    let (items, regions) = (sizes.items, sizes.regions);
    format!(
        "INSERT INTO shelf (name) SELECT 'shelf ' || i FROM generate_series(1, 100) AS i;
         INSERT INTO item (shelf_id, spare_id, name, maker, note, added, sold, price, weight,
                           active, details)
         SELECT i % 100 + 1, CASE WHEN i % 3 = 0 THEN i % 100 + 1 END,
                'item number ' || i, 'maker ' || i % 50,
                CASE WHEN i % 2 = 0 THEN 'a note of some length on item ' || i END,
                timestamptz '2020-01-01' + i * interval '1 minute',
                CASE WHEN i % 4 = 0 THEN timestamptz '2021-01-01' + i * interval '1 minute' END,
                i % 1000, i % 77, i % 5 <> 0,
                jsonb_build_object('color', 'blue', 'size', i % 60,
                                   'tags', jsonb_build_array('new', 'tag ' || i % 9))
         FROM generate_series(1, {items}) AS i ORDER BY i;
         INSERT INTO region (name) SELECT 'region ' || i FROM generate_series(1, {regions}) AS i;
         INSERT INTO shop (region_id, name, opened)
         SELECT (i - 1) / 5 + 1, 'shop ' || i, timestamptz '2020-01-01' + i * interval '1 hour'
         FROM generate_series(1, {regions} * 5) AS i ORDER BY i;
         INSERT INTO sale (shop_id, amount, at)
         SELECT (i - 1) / 4 + 1, i % 500, timestamptz '2022-01-01' + i * interval '1 minute'
         FROM generate_series(1, {regions} * 20) AS i ORDER BY i;
         {}",
        accounts()
    )
}

fn accounts() -> String {
    format!(
        "TRUNCATE account, entry RESTART IDENTITY;
         INSERT INTO account (owner, balance, version)
         SELECT 'owner ' || i, {BALANCE}, 1 FROM generate_series(1, {ACCOUNTS}) AS i ORDER BY i;"
    )
}
