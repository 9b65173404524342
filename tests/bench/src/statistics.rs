//! Medians and percentiles.
//!
//! Called by `report`.
//! Pure. It must not throw away outliers.

/// The middle of some numbers, and their ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// The spread of numbers of which there is at least one.
pub(crate) fn spread(numbers: impl IntoIterator<Item = f64>) -> Spread {
    let mut sorted: Vec<f64> = numbers.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    Spread {
        median: percentile(&sorted, 50.0),
        least: percentile(&sorted, 0.0),
        most: percentile(&sorted, 100.0),
    }
}

/// The value below which so many percent of the sorted numbers lie, between two of them in
/// proportion.
pub(crate) fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let place = percent / 100.0 * (sorted.len().saturating_sub(1)) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    match (sorted.get(low), sorted.get(high)) {
        (Some(a), Some(b)) => a + (b - a) * place.fract(),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_of_an_even_number_lies_between_two() {
        let spread = spread([4.0, 1.0, 2.0, 100.0]);
        assert_eq!(
            (spread.least, spread.median, spread.most),
            (1.0, 3.0, 100.0)
        );
    }
}
