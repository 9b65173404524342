//! How long to wait before a unit of work is run again.
//!
//! Called by `session` between the attempts of `retrying`.
//! It must not sleep or look at errors: numbers in, a pause out.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The longest pause before the second attempt.
const FIRST: Duration = Duration::from_millis(5);
/// The longest pause before any attempt.
const CAP: Duration = Duration::from_millis(500);

/// The pause after this many failed attempts (1 after the first).
///
/// Exponential with full jitter: anything between zero and a ceiling that starts at 5 ms,
/// doubles with every attempt and stops at 500 ms. Two units of work that collided once draw
/// different pauses and so do not collide in step.
pub(crate) fn pause(failed: u32) -> Duration {
    // A hasher with fresh keys is all the randomness that a pause needs.
    pause_from(failed, RandomState::new().hash_one(failed))
}

fn pause_from(failed: u32, random: u64) -> Duration {
    let doublings = failed.saturating_sub(1).min(16);
    let ceiling = FIRST.saturating_mul(1 << doublings).min(CAP);
    let micros = u64::try_from(ceiling.as_micros()).expect("the cap is half a second");
    Duration::from_micros(random % (micros + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_and_stops_at_the_cap() {
        let ceiling = |failed| {
            (0..200_000)
                .step_by(7)
                .map(|random| pause_from(failed, random))
                .max()
                .unwrap()
        };
        assert!(ceiling(1) > FIRST / 2 && ceiling(1) <= FIRST);
        assert!(ceiling(2) > FIRST && ceiling(2) <= FIRST * 2);
        assert!(pause_from(60, u64::MAX) <= CAP);
        assert!(pause_from(u32::MAX, 12_345_678_901) <= CAP);
    }

    #[test]
    fn two_pauses_differ() {
        let pauses: Vec<_> = (0..20).map(|_| pause(8)).collect();
        assert!(pauses.iter().any(|p| *p != pauses[0]));
    }
}
