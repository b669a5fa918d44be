//! How the particles of a run start.

use crate::word::words;

/// How the particles start. The closed set of `init=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Init {
    /// Independent normal draws.
    Random,
    /// The quantiles of the normal law, in one dimension.
    Quantile,
}

words!(Init {
    Random => "random", "Random", "Independent normal draws";
    Quantile => "quantile", "Quantiles", "$Φ⁻¹((i+½)/n)$: an ODE sampler without Monte-Carlo noise";
});
