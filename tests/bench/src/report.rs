//! The results as Markdown.
//!
//! Called by `main` with what `race`, `counts`, `alone` and `price` found.
//! It must not measure or judge.

use std::fmt::Write;
use std::time::Duration;

use crate::counts::Count;
use crate::peer::Workload;
use crate::price::WAYS;
use crate::race::{Lane, StormLane};
use crate::statistics::{percentile, spread};

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

/// The table of one of W1 to W5: milliseconds, and the ratio to the floor.
pub(crate) fn race(workload: Workload, lanes: &[Lane]) -> String {
    let mut text = format!(
        "### {}\n\n| peer | ms, median (min–max) | ratio, median (min–max) |\n|---|---|---|\n",
        title(workload)
    );
    let floor = &lanes[0].times;
    for lane in lanes {
        let times = spread(lane.times.iter().map(milliseconds));
        let ratios = lane.times.iter().zip(floor);
        let ratio = spread(ratios.map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()));
        line(
            &mut text,
            format_args!(
                "| {} | {:.1} ({:.1}–{:.1}) | **{:.2}** ({:.2}–{:.2}) |",
                lane.peer,
                times.median,
                times.least,
                times.most,
                ratio.median,
                ratio.least,
                ratio.most
            ),
        );
    }
    text
}

/// The table of W6 for one width: transfers a second, the ratio to the floor, latencies.
pub(crate) fn storm(width: usize, lanes: &[StormLane]) -> String {
    let mut text = format!(
        "### W6: transfers, {width} workers and connections\n\n\
         | peer | transfers/s, median (min–max) | ratio, median (min–max) | p50 µs | p99 µs |\n\
         |---|---|---|---|---|\n"
    );
    let rates = |lane: &StormLane| -> Vec<f64> {
        let rate =
            |storm: &crate::course::Storm| storm.times.len() as f64 / storm.took.as_secs_f64();
        lane.storms.iter().map(rate).collect()
    };
    let floor = rates(&lanes[0]);
    for lane in lanes {
        let own = rates(lane);
        let ratio = spread(own.iter().zip(&floor).map(|(a, b)| a / b));
        let rate = spread(own);
        let at = |percent| {
            let of = |storm: &crate::course::Storm| {
                let mut times: Vec<f64> = storm.times.iter().map(microseconds).collect();
                times.sort_by(f64::total_cmp);
                percentile(&times, percent)
            };
            spread(lane.storms.iter().map(of)).median
        };
        line(
            &mut text,
            format_args!(
                "| {} | {:.0} ({:.0}–{:.0}) | **{:.2}** ({:.2}–{:.2}) | {:.0} | {:.0} |",
                lane.peer,
                rate.median,
                rate.least,
                rate.most,
                ratio.median,
                ratio.least,
                ratio.most,
                at(50.0),
                at(99.0)
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
            format_args!(
                "| {way} | {:.0} ({:.0}–{:.0}) | **{:.2}** ({:.2}–{:.2}) |",
                time.median, time.least, time.most, ratio.median, ratio.least, ratio.most
            ),
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

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes all that is written");
}

fn milliseconds(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn microseconds(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
