//! Systematic resampling.

/// Systematic resampling (Kitagawa 1996): output k is the first index whose cumulated weight exceeds (k + u)/n, for
/// k = 0 … n−1. An index of weight w appears ⌊nw⌋ or ⌈nw⌉ times. The weights add up to 1; 0 ≤ u < 1.
///
/// Held by `tests/filter/updates.rs`: `systematic_resampling_is_the_worked_example`.
pub fn systematic(weights: &[f64], n: usize, u: f64) -> Vec<u32> {
    let last = weights.len().saturating_sub(1);
    let (mut index, mut sum) = (0, weights.first().copied().unwrap_or(1.0));
    let pick = |k: usize| {
        let at = (k as f64 + u) / n as f64;
        while sum <= at && index < last {
            index += 1;
            sum += weights[index];
        }
        index as u32
    };
    (0..n).map(pick).collect()
}

/// Weights from logarithms, in place: w ← exp(w − max), scaled to a sum of 1. Returns whether that is possible: it is not
/// if no logarithm is finite.
pub fn normalise(log: &mut [f64]) -> bool {
    let top = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return false;
    }
    log.iter_mut().for_each(|w| *w = libm::exp(*w - top));
    let sum: f64 = log.iter().sum();
    log.iter_mut().for_each(|w| *w /= sum);
    sum.is_finite()
}
