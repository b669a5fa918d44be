//! What is drawn of an observation: which pixels are seen at random.

use crate::rng::{Noise, Stream};

/// `count` of `all` pixels, drawn without replacement from a seed, in increasing order.
///
/// Held by `tests/turbulence/lab.rs`: `random_pixels_are_different_and_grow_with_their_number`.
pub(super) fn pixels(seed: u64, all: usize, count: usize) -> Vec<usize> {
    let noise = Noise::new(seed);
    let mut order: Vec<(f64, usize)> = (0..all)
        .map(|k| (noise.uniform(Stream::Thinning, 0, k as u64), k))
        .collect();
    order.sort_by(|p, q| p.0.total_cmp(&q.0));
    let mut chosen: Vec<usize> = order.iter().take(count).map(|own| own.1).collect();
    chosen.sort_unstable();
    chosen
}
