//! The results as Markdown.
//!
//! Called by `main` with what `race`, `counts`, `alone` and `price` found.
//! It must not measure or judge.

use std::fmt::Write;
use std::time::Duration;

use crate::counts::Count;
use crate::course::{Run, Storm};
use crate::cpu::Cpu;
use crate::peer::Workload;
use crate::price::WAYS;
use crate::race::{Lane, StormLane};
use crate::statistics::{Spread, percentile, spread};

/// The heading and meaning of a workload.
pub(crate) fn title(workload: Workload) -> &'static str {
    match workload {
        Workload::W1 => "W1: single-row selects by primary key",
        Workload::W2 => "W2: one select of many rows",
        Workload::W3 => "W3: parents with three children each, one transaction",
        Workload::W4 => "W4: load, change one column each, save, commit",
        Workload::W5 => "W5: a graph of three levels",
        Workload::W6 => "W6: transfers",
    }
}

/// The table of one of W1 to W5: milliseconds, the ratio to the floor, and time on a CPU.
pub(crate) fn race(workload: Workload, lanes: &[Lane]) -> String {
    let mut text = format!(
        "### {}\n\n| peer | ms, median (min–max) | ratio, median (min–max) \
         | CPU ms: client + server | CPU ratio, median (min–max) |\n|---|---|---|---|---|\n",
        title(workload)
    );
    let took: fn(&Run) -> f64 = |run| milliseconds(&run.took);
    let client: fn(&Run) -> f64 = |run| run.cpu.map_or(f64::NAN, |cpu| milliseconds(&cpu.client));
    let server: fn(&Run) -> f64 = |run| run.cpu.map_or(f64::NAN, |cpu| milliseconds(&cpu.server));
    let both = |run: &Run| client(run) + server(run);
    let floor = &lanes[0].runs;
    for Lane { peer, runs } in lanes {
        let time = spread(runs.iter().map(took));
        let ratio = spread(runs.iter().zip(floor).map(|(a, b)| took(a) / took(b)));
        let cpu = spread(runs.iter().zip(floor).map(|(a, b)| both(a) / both(b)));
        line(
            &mut text,
            format_args!(
                "| {peer} | {} | {} | {:.1} + {:.1} | {} |",
                numbers(time, 1),
                strong(ratio),
                spread(runs.iter().map(client)).median,
                spread(runs.iter().map(server)).median,
                strong(cpu)
            ),
        );
    }
    text
}

/// The table of W6 for one width: transfers a second, the ratio to the floor, latencies.
pub(crate) fn storm(width: usize, lanes: &[StormLane]) -> String {
    let mut text = format!(
        "### W6: transfers, {width} workers and connections\n\n\
         | peer | transfers/s, median (min–max) | ratio, median (min–max) | p50 µs | p99 µs \
         | CPU µs a transfer: client + server |\n|---|---|---|---|---|---|\n"
    );
    let rates = |lane: &StormLane| -> Vec<f64> {
        let rate = |storm: &Storm| storm.times.len() as f64 / storm.took.as_secs_f64();
        lane.storms.iter().map(rate).collect()
    };
    let floor = rates(&lanes[0]);
    for lane in lanes {
        let own = rates(lane);
        let ratio = spread(own.iter().zip(&floor).map(|(a, b)| a / b));
        let rate = spread(own);
        let at = |percent| {
            let of = |storm: &Storm| {
                let mut times: Vec<f64> = storm.times.iter().map(microseconds).collect();
                times.sort_by(f64::total_cmp);
                percentile(&times, percent)
            };
            spread(lane.storms.iter().map(of)).median
        };
        let cpu = |of: fn(&Cpu) -> Duration| {
            let each = |storm: &Storm| {
                let used = storm.cpu.as_ref().map(of);
                used.map_or(f64::NAN, |used| microseconds(&used)) / storm.times.len() as f64
            };
            spread(lane.storms.iter().map(each)).median
        };
        line(
            &mut text,
            format_args!(
                "| {} | {} | {} | {:.0} | {:.0} | {:.0} + {:.0} |",
                lane.peer,
                numbers(rate, 0),
                strong(ratio),
                at(50.0),
                at(99.0),
                cpu(|cpu| cpu.client),
                cpu(|cpu| cpu.server)
            ),
        );
    }
    text
}

/// The table of the facade's price: microseconds a unit of work.
pub(crate) fn price(medians: &[Vec<Duration>]) -> String {
    let mut text = String::from(
        "### The price of the facade: one unit of work of six statements\n\n\
         | way | µs, median (min–max) | ratio to the session, median (min–max) |\n|---|---|---|\n",
    );
    let session = &medians[1];
    for (way, times) in WAYS.iter().zip(medians) {
        let time = spread(times.iter().map(microseconds));
        let ratios = times.iter().zip(session);
        let ratio = spread(ratios.map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()));
        line(
            &mut text,
            format_args!("| {way} | {} | {} |", numbers(time, 0), strong(ratio)),
        );
    }
    text
}

/// The table of what the proxy counted.
pub(crate) fn counts(counts: &[Count]) -> String {
    let mut text = String::from(
        "### Round trips and statements\n\n\
         | workload | peer | round trips | statements | parses | KiB sent | KiB received \
         | first run: round trips / statements / parses |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for count in counts {
        let (later, first) = (&count.later, &count.first);
        line(
            &mut text,
            format_args!(
                "| {} | {} | {} | {} | {} | {} | {} | {} / {} / {} |",
                count.workload,
                count.peer,
                later.round_trips,
                later.statements,
                later.parses,
                later.sent / 1024,
                later.received / 1024,
                first.round_trips,
                first.statements,
                first.parses
            ),
        );
    }
    text
}

/// The table of W2's memory.
pub(crate) fn peaks(peaks: &[(&str, u64)]) -> String {
    let mut text =
        String::from("### W2: peak memory of a fresh process\n\n| peer | MiB |\n|---|---|\n");
    for (peer, kib) in peaks {
        line(
            &mut text,
            format_args!("| {peer} | {:.1} |", *kib as f64 / 1024.0),
        );
    }
    text
}

/// A median with its ends.
fn numbers(of: Spread, digits: usize) -> String {
    let (median, least, most) = (of.median, of.least, of.most);
    format!("{median:.digits$} ({least:.digits$}–{most:.digits$})")
}

/// A ratio with its ends, the median in bold.
fn strong(of: Spread) -> String {
    format!("**{:.2}** ({:.2}–{:.2})", of.median, of.least, of.most)
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes all that is written");
}

fn milliseconds(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn microseconds(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
