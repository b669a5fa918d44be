//! What a sweep answers: its plan, and a point for each run.

use super::axis::Axis;
use crate::answer::{Floats, Reals};
use serde::Serialize;

/// One run of the sweep.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    target_arch = "wasm32",
    derive(tsify::Tsify),
    tsify(rename = "SweepPoint")
)]
pub struct Point {
    /// [`super::Series::id`].
    pub series: String,
    /// N.
    pub steps: u32,
    /// Denoiser calls per particle.
    pub nfe: usize,
    /// W₁ to the law of the data.
    pub w1: f64,
    /// KS to the law of the data.
    pub ks: f64,
    /// Density of the bins.
    pub hist: Floats,
}

/// The runs of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SweepPlan {
    /// The series; those with the samplers of the sides come first.
    pub series: Vec<SweepSeries>,
    /// The numbers of steps, ascending.
    pub steps: Vec<u32>,
    /// Histogram edges.
    pub edges: Reals,
    /// The axis of the samples.
    pub axis: Axis,
    /// Points of the exact density.
    pub xs: Reals,
    /// The exact density of the data there (side a).
    pub exact: Floats,
    /// E W₁ of an independent sample of this size.
    pub iid: f64,
    /// The interval that contains W₁ for 95 % of independent samples of this size.
    pub chance: [f64; 2],
    /// Number of particles of each run.
    pub n: usize,
}

/// One line of the sweep, with its name on the page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SweepSeries {
    /// [`super::Series::id`].
    pub id: String,
    /// The side.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"a\" | \"b\""))]
    pub side: &'static str,
    /// The sampler.
    pub sampler: &'static str,
    /// Its name in the menus.
    pub label: String,
    /// Whether it is the sampler of that side.
    pub main: bool,
}
