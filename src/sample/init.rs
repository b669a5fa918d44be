//! The start of the particles of a run.

use crate::word::words;

/// The start of the particles. The closed set of `init=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Init {
    /// Independent normal draws.
    Random,
    /// The quantiles of the normal law; only in one dimension.
    Quantile,
}

words!(Init {
    Random => "random", "Random", "Independent normal draws";
    Quantile => "quantile", "Quantiles", "$Φ⁻¹((i+½)/n)$: an ODE sampler without Monte-Carlo noise";
});
