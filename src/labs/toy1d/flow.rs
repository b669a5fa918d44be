//! The probability flow of the process: its velocity field and its characteristics.

use super::Toy1d;
use super::axis::{Axis, POINTS};
use crate::answer::{Floats, Reals};
use crate::labs::Lab;
use serde::Serialize;

/// Arrows over (t, x) and the exact characteristics.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Flow {
    /// Times of the arrows, from noise to data.
    pub t: Reals,
    /// Places of the arrows.
    pub x: Reals,
    /// dx/dt, `[t × x]`.
    pub v: Floats,
    /// Times of the curves, from noise to data.
    #[serde(rename = "ct")]
    pub curve_t: Reals,
    /// The probabilities of the curves.
    pub quantiles: Reals,
    /// x of each curve at each time, `[curve × time]`.
    pub curves: Floats,
    /// p_t, `[time × xs]` on the points of the scene.
    pub density: Floats,
    /// The axis.
    pub axis: Axis,
}

const ARROW_TIMES: usize = 29;
const ARROW_PLACES: usize = 25;
const CURVE_TIMES: usize = 161;
const CURVES: usize = 19;

/// The flow of the score that the sampler uses; of a network, its arrows beside the curves of the exact law. In one dimension dx/dt = v keeps the distribution
/// function, F_t(x(t)) = const, so a characteristic is a quantile of p_t: no integration, no error
/// (`tests/oracles.rs` compares with an integrated one).
pub fn flow(lab: &Toy1d, axis: Axis) -> Flow {
    let levels = &lab.setup.plan.levels;
    let (hi, lo) = match lab.setup.walks_at_one_level() {
        true => (1.0, 1e-3),
        false => (levels[0].t, levels[lab.setup.plan.steps()].t),
    };
    let time = |share: f64| hi + share * (lo - hi);
    let t: Vec<f64> = (0..ARROW_TIMES)
        .map(|i| time((i as f64 + 0.5) / ARROW_TIMES as f64))
        .collect();
    let x = axis.points(ARROW_PLACES);
    let mut x_hat = vec![0.0; x.len()];
    let mut v = Vec::with_capacity(t.len() * x.len());
    for &t in &t {
        let (level, rates) = (lab.setup.process.level(t), lab.setup.process.rates(t));
        lab.denoiser().at(&level).x_hat(&x, &mut x_hat);
        let places = x.iter().zip(&x_hat);
        v.extend(places.map(|(&x, &x_hat)| level.velocity_from_x_hat(&rates, x, x_hat) as f32));
    }
    let curve_t: Vec<f64> = (0..CURVE_TIMES)
        .map(|i| time(i as f64 / (CURVE_TIMES - 1) as f64))
        .collect();
    let quantiles: Vec<f64> = (0..CURVES)
        .map(|i| (i as f64 + 0.5) / CURVES as f64)
        .collect();
    let xs = axis.points(POINTS);
    let mut curves = vec![0.0f32; CURVES * CURVE_TIMES];
    let mut place = [0.0; CURVES];
    let mut density = Vec::with_capacity(CURVE_TIMES * POINTS);
    for (k, &t) in curve_t.iter().enumerate() {
        let law = lab.model.diffuse(&lab.setup.process.level(t));
        for (c, &p) in quantiles.iter().enumerate() {
            // From the place a moment before: the curve is continuous.
            place[c] = law.quantile_near(p, place[c]);
            curves[c * CURVE_TIMES + k] = place[c] as f32;
        }
        // A point mass at σ = 0 has no density to draw.
        let finite = |p: f64| if p.is_finite() { p as f32 } else { 0.0 };
        density.extend(xs.iter().map(|&x| finite(law.density(x))));
    }
    Flow {
        t: t.into(),
        x: x.into(),
        v: v.into(),
        curve_t: curve_t.into(),
        quantiles: quantiles.into(),
        curves: curves.into(),
        density: density.into(),
        axis,
    }
}
