//! The yardstick: Sessile beside code written by hand, on the six workloads.
//!
//! A program of its own; `README.md` beside it says how to run and read it.
//! It must not flatter: every peer gets the same rows, the same warm-up and the same clock.

mod arguments;

mod rows;

mod peer;
mod peers;

mod cpu;
mod database;

mod course;

mod alone;
mod counts;
mod price;
mod proxy;
mod race;

mod report;
mod statistics;

use std::process::ExitCode;

use arguments::{Arguments, Task};
use course::Course;
use peer::{Result, Workload};
use rows::Sizes;

fn main() -> ExitCode {
    let ended = arguments::read(std::env::args().skip(1)).and_then(run);
    ended.unwrap_or_else(|failure| {
        eprintln!("{failure}");
        ExitCode::FAILURE
    })
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    let sizes = match arguments.quick {
        true => Sizes::QUICK,
        false => Sizes::FULL,
    };
    match arguments.task {
        Task::Race => race(sizes, &arguments.workloads)?,
        Task::CheckCounts => return check(),
        Task::WriteCounts => {
            let mut course = Course::new(Sizes::FULL)?;
            counts::write(&counts::counts(&mut course, &Workload::ALL)?)?;
        }
        Task::Alone(peer, times) => {
            let course = || Course::new(sizes);
            let peak = alone::alone(&peer, arguments.workloads[0], times, course)?;
            println!("{peak}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Times, counts and prints. Tables go out one by one, so that a long run can be watched.
fn race(sizes: Sizes, workloads: &[Workload]) -> Result<()> {
    let mut course = Course::new(sizes)?;
    println!("PostgreSQL {}; {sizes:?}\n", course.database.version());
    for workload in workloads {
        match workload {
            Workload::W6 => {
                for width in race::WIDTHS {
                    println!(
                        "{}",
                        report::storm(width, &race::storm(&mut course, width)?)
                    );
                }
                let repetitions = course.sizes.repetitions;
                println!(
                    "{}",
                    report::price(&price::price(&mut course, repetitions)?)
                );
            }
            _ => println!(
                "{}",
                report::race(*workload, &race::race(&mut course, *workload)?)
            ),
        }
        if *workload == Workload::W2 {
            println!("{}", report::peaks(&alone::peaks(course.database.url())?));
        }
    }
    let counted = counts::counts(&mut course, workloads)?;
    println!("{}", report::counts(&counted));
    Ok(())
}

/// Whether every peer sends what it is expected to.
fn check() -> Result<ExitCode> {
    let mut course = Course::new(Sizes::FULL)?;
    let counted = counts::counts(&mut course, &Workload::ALL)?;
    let differences = counts::differences(&counted)?;
    for difference in &differences {
        println!("{difference}");
    }
    match differences.is_empty() {
        true => Ok(ExitCode::SUCCESS),
        false => {
            println!(
                "If this is meant, run with --write counts and commit {}.",
                counts::file().display()
            );
            Ok(ExitCode::FAILURE)
        }
    }
}
