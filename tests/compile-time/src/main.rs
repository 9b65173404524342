//! How long a crate of models and queries takes to compile, beside the same in Diesel.
//!
//! A program of its own; `README.md` beside it says how to run and read it.
//! It must not flatter: both crates have the same models, queries and modules.

mod diesel;
mod sessile;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const MODELS: usize = 50;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A crate on disk.
struct Crate {
    name: &'static str,
    directory: PathBuf,
}

fn main() -> Result<()> {
    let repetitions = std::env::args().nth(1).map_or(Ok(5), |n| n.parse())?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let repository = repository.canonicalize()?;
    let place = std::env::temp_dir().join(format!("compile-time-{}", std::process::id()));
    let crates = [
        Crate::write(
            "with_sessile",
            &place,
            &sessile::manifest(&repository),
            sessile::module,
        )?,
        Crate::write("with_diesel", &place, &diesel::manifest(), diesel::module)?,
    ];
    for written in &crates {
        eprintln!(
            "{} with its dependencies: {:.1} s",
            written.name,
            written.build(false)?
        );
        written.build(true)?;
    }
    println!(
        "{MODELS} models, {} queries, debug profile, {repetitions} repetitions\n",
        4 * MODELS
    );
    println!("| | Sessile, s | Diesel, s | ratio |\n|---|---|---|---|");
    let mut from_nothing = Vec::new();
    let mut after_a_change = Vec::new();
    for repetition in 0..repetitions {
        from_nothing.push(in_turn(&crates, repetition, Crate::build_from_nothing)?);
        after_a_change.push(in_turn(&crates, repetition, Crate::build_after_a_change)?);
    }
    row("from nothing", &from_nothing);
    row("after a change to one module, incremental", &after_a_change);
    fs::remove_dir_all(&place)?;
    Ok(())
}

/// The seconds of both, whichever goes first.
fn in_turn(
    crates: &[Crate; 2],
    repetition: usize,
    time: impl Fn(&Crate) -> Result<f64>,
) -> Result<[f64; 2]> {
    let mut seconds = [0.0; 2];
    for turn in 0..2 {
        let which = (turn + repetition) % 2;
        seconds[which] = time(&crates[which])?;
    }
    Ok(seconds)
}

fn row(what: &str, seconds: &[[f64; 2]]) {
    let of = |which: usize| median(seconds.iter().map(|s| s[which]).collect());
    let ratio = median(seconds.iter().map(|s| s[0] / s[1]).collect());
    println!("| {what} | {:.2} | {:.2} | {ratio:.2} |", of(0), of(1));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl Crate {
    fn write(
        name: &'static str,
        place: &Path,
        manifest: &str,
        module: impl Fn(usize) -> String,
    ) -> Result<Crate> {
        let directory = place.join(name);
        let source = directory.join("src");
        fs::create_dir_all(&source)?;
        fs::write(directory.join("Cargo.toml"), manifest)?;
        let modules: String = (0..MODELS).map(|n| format!("pub mod m{n};\n")).collect();
        fs::write(source.join("lib.rs"), modules)?;
        for number in 0..MODELS {
            fs::write(source.join(format!("m{number}.rs")), module(number))?;
        }
        Ok(Crate { name, directory })
    }

    fn build(&self, incremental: bool) -> Result<f64> {
        let begin = Instant::now();
        self.cargo(&["build", "--quiet"], incremental)?;
        Ok(begin.elapsed().as_secs_f64())
    }

    fn build_from_nothing(&self) -> Result<f64> {
        self.cargo(&["clean", "--quiet", "-p", self.name], false)?;
        self.build(false)
    }

    fn build_after_a_change(&self) -> Result<f64> {
        // What the build from nothing left behind has no incremental files.
        self.build(true)?;
        let module = self.directory.join("src/m7.rs");
        let text = fs::read_to_string(&module)?;
        fs::write(
            &module,
            format!(
                "{text}\n/// Changed.\npub fn changed_{}() {{}}\n",
                text.len()
            ),
        )?;
        self.build(true)
    }

    fn cargo(&self, arguments: &[&str], incremental: bool) -> Result<()> {
        let status = Command::new("cargo")
            .args(arguments)
            .env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" })
            .env_remove("CARGO_TARGET_DIR")
            .current_dir(&self.directory)
            .status()?;
        match status.success() {
            true => Ok(()),
            false => Err(format!("cargo {} failed in {}", arguments.join(" "), self.name).into()),
        }
    }
}
