//! What objects take beside their values: 100,000 rows of a narrow and of a wide model, in bytes,
//! `cargo run --release -p sessile-tests --example memory`.
//!
//! Brings its own server unless `DATABASE_URL` names one. The floor is a `Vec` of the same values
//! with a `HashMap` from key to place, made in the same run.
//! It must not measure time, nor share its process with anything else that takes memory.

use std::collections::HashMap;

use peak_alloc::PeakAlloc;
use sessile::prelude::*;
use sessile::test_support::TestDatabase;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const ROWS: i64 = 100_000;

#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "narrow")]
struct Narrow {
    #[model(key)]
    id: i64,
    value: i64,
}

#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "wide", has_many(parts = Part::WIDE))]
struct Wide {
    #[model(key)]
    id: i64,
    name: String,
    email: Option<String>,
    age: i32,
    value: i64,
    #[model(version)]
    version: i32,
}

/// What loaded collections are measured with: a tenth as many parents, with two children each.
#[derive(Model, Clone, Debug, PartialEq)]
#[model(table = "part")]
struct Part {
    #[model(key)]
    id: i64,
    wide: Fk<Wide>,
}

/// What is measured of a model.
trait Measured: Model<Key = i64> {
    fn id(&self) -> i64;
    fn touch(&mut self);
}

impl Measured for Narrow {
    fn id(&self) -> i64 {
        self.id
    }

    fn touch(&mut self) {
        self.value += 1;
    }
}

impl Measured for Wide {
    fn id(&self) -> i64 {
        self.id
    }

    fn touch(&mut self) {
        self.value += 1;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = TestDatabase::new()?;
    let engine = Engine::connect(database.url())?;
    engine.create_tables::<(Narrow, Wide, Part)>()?;
    engine.transaction(|s| {
        let rows = format!("SELECT n, n FROM generate_series(1, {ROWS}) n");
        s.execute(format!("INSERT INTO narrow {rows}"), ())?;
        let columns = "n, 'somebody ' || n, 'somebody' || n || '@example.org', 30, n, 1";
        let rows = format!("SELECT {columns} FROM generate_series(1, {ROWS}) n");
        s.execute(format!("INSERT INTO wide {rows}"), ())?;
        let rows = format!("SELECT n, n / 2 + 1 FROM generate_series(0, {ROWS} / 5 - 1) n");
        s.execute(format!("INSERT INTO part {rows}"), ())?;
        Ok(())
    })?;
    println!("bytes a row, of {ROWS} rows");
    measure::<Narrow>(&engine)?;
    measure::<Wide>(&engine)?;
    collections(&engine)?;
    Ok(())
}

fn measure<T: Measured>(engine: &Engine) -> Result<()> {
    // What a connection keeps for its largest statement is not a row's.
    let mut s = engine.session();
    for row in s.all(select::<T>())? {
        s[row].touch();
    }
    s.flush()?;
    s.rollback()?;
    s.close()?;
    let mut s = engine.session();
    let before = MEMORY.current_usage();
    let handles = s.all(select::<T>())?;
    let list = size_of_val(handles.as_slice());
    let loaded = since(before) - list as i64;

    let before = MEMORY.current_usage();
    let values: Vec<T> = handles.iter().map(|handle| s[*handle].clone()).collect();
    let value = since(before);
    let index: HashMap<i64, usize> = (0..).zip(&values).map(|(at, row)| (row.id(), at)).collect();
    let floor = since(before);
    assert_eq!(index.len(), values.len());
    drop((values, index));

    let before = MEMORY.current_usage();
    handles.iter().for_each(|handle| s[*handle].touch());
    let touched = since(before);

    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    s.flush()?;
    let peak = MEMORY.peak_usage() as i64 - before as i64;
    let flushed = since(before);
    s.commit()?;
    let after = since(before) + touched + loaded;

    let row = |bytes: i64| bytes / ROWS;
    println!("{}, a struct of {} bytes", T::NAME, size_of::<T>());
    println!(
        "  a value, with what it has on the heap    {:>5}",
        row(value)
    );
    println!(
        "  the floor                                {:>5}",
        row(floor)
    );
    println!(
        "  loaded                                   {:>5}, {:.2} of the floor, {} beside the value",
        row(loaded),
        loaded as f64 / floor as f64,
        row(loaded - value)
    );
    println!(
        "  touched                                  {:>5} more, {} beside the copy",
        row(touched),
        row(touched - value)
    );
    println!(
        "  peak of the flush                        {:>5} more",
        row(peak)
    );
    println!(
        "  flushed, until the commit                {:>5} more",
        row(flushed)
    );
    println!(
        "  after the commit                         {:>5}",
        row(after)
    );
    Ok(())
}

/// What it takes to know the children of a parent, beside the children.
fn collections(engine: &Engine) -> Result<()> {
    let mut s = engine.session();
    let parents = s.all(select::<Wide>().filter(Wide::ID.le(ROWS / 10)))?;
    let children = s.all(select::<Part>())?;
    let before = MEMORY.current_usage();
    s.load(&parents, Wide::PARTS)?;
    let known = since(before);
    let parents = parents.len() as i64;
    println!(
        "A loaded collection of {} children           {:>5}",
        children.len() as i64 / parents,
        known / parents
    );
    Ok(())
}

/// How much more is in use.
fn since(before: usize) -> i64 {
    MEMORY.current_usage() as i64 - before as i64
}
