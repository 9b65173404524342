//! A million rows through a cursor, as plain values and as tracked objects: seconds and memory.
//!
//! Run by `cargo run --release --example streaming`; it fails when memory grows with the rows.
//! It must not share its process with anything else that takes memory.

use std::time::Instant;

use sessile::prelude::*;
use sessile::test_support::TestDatabase;

const ROWS: i64 = 1_000_000;
const BATCH: usize = 1_000;

/// Well below the 100 MB and more that the rows take as objects.
const ALLOWED_KB: u64 = 16 * 1024;

/// A row of a view, so that the million is made as it is read.
#[derive(Model, Clone, Debug)]
#[model(table = "reading")]
struct Reading {
    #[model(key)]
    id: i64,
    sensor: String,
    value: i64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = TestDatabase::new()?;
    let engine = Engine::connect(database.url())?;
    let mut s = engine.session();
    s.execute(
        "CREATE VIEW reading AS SELECT id::bigint AS id, 'sensor ' || id % 100 AS sensor, \
         2 * id::bigint AS value FROM generate_series(1, 1000000) AS id",
        (),
    )?;

    measure("plain values", || {
        let query = select::<Reading>().columns((Reading::ID, Reading::SENSOR, Reading::VALUE));
        let mut cursor = s.cursor(query, BATCH)?;
        let mut sum = 0;
        while let Some(batch) = cursor.next(&mut s)? {
            sum += batch.iter().map(|(_, _, value)| value).sum::<i64>();
        }
        Ok(sum)
    })?;

    measure("tracked, evict_clean after each batch", || {
        let mut cursor = s.cursor(select::<Reading>(), BATCH)?;
        let mut sum = 0;
        while let Some(batch) = cursor.next(&mut s)? {
            sum += batch.iter().map(|reading| s[*reading].value).sum::<i64>();
            assert_eq!(s.evict_clean(), batch.len());
        }
        Ok(sum)
    })?;
    Ok(())
}

fn measure(what: &str, work: impl FnOnce() -> Result<i64>) -> Result<()> {
    let (started, before) = (Instant::now(), resident_kb());
    assert_eq!(work()?, ROWS * (ROWS + 1), "every row, each once");
    let seconds = started.elapsed().as_secs_f64();
    let grown = resident_kb().saturating_sub(before);
    println!("{what}: {ROWS} rows in {seconds:.2} s, {grown} kB more resident memory");
    assert!(grown < ALLOWED_KB, "memory grows with the rows");
    Ok(())
}

/// Resident memory of this process; 0 where there is no such file.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().split(' ').next());
    number.and_then(|kb| kb.parse().ok()).unwrap_or(0)
}
