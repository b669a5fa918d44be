//! The answers of an experiment with chains.

use crate::answer::{Floats, Reals};
use serde::Serialize;

/// The reference for other observations, while one is dragged.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ChainPosterior {
    /// Its mean, [L × p].
    pub mean: Reals,
    /// Its standard deviations.
    pub sd: Reals,
}

/// The covariance [size × size] of the reference over the whole chain, by rows; empty if it is not computed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct ChainCovariance {
    /// Its size; 0 if it is not computed.
    pub size: usize,
    /// By rows.
    pub exact: Floats,
    /// The covariance of the samples, which the page adds from the run.
    pub sample: Option<Floats>,
}

/// The relative errors of scores of windows over σ/α.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ChainScoreErrors {
    /// One curve per half-window for exact scores, and one for the network.
    pub curves: Vec<ScoreCurve>,
}

/// One of these curves.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ScoreCurve {
    /// Half-window.
    pub k: usize,
    /// Whether the scores of the windows come from a network.
    pub learned: bool,
    /// σ/α, from small to large.
    pub ratio: Reals,
    /// The error there.
    pub error: Reals,
    /// The largest of them.
    pub most: f64,
}
