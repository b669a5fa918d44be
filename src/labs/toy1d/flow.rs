//! The probability flow of the process: its velocity and its characteristics.

use super::Toy1d;
use super::axis::{Axis, POINTS};
use crate::answer::{Floats, Reals};
use crate::labs::Lab;
use crate::labs::task::{Stages, Task};
use serde::Serialize;
use std::ops::Range;
use std::rc::Rc;

/// Arrows over (t, x) and the exact characteristics.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Flow {
    /// Times of the arrows, from noise to data.
    pub t: Reals,
    /// Positions of the arrows.
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
/// The work of a part of the law at a new level, in units, about; and that of a quantile, in evaluations.
const PREPARED: usize = 3;
const QUANTILE: usize = 10;
/// The curves of a time, and its density, go in as many pieces each: a law of thousands of points takes long.
const PIECES: usize = 4;

/// The flow of the score that the sampler uses. With a network, its arrows are drawn next to the curves of the exact
/// law. In one dimension dx/dt = v preserves the distribution function, F_t(x(t)) = const, so a characteristic is a
/// quantile of p_t: there is no integration and no error (`tests/oracles.rs` compares it with an integrated one).
pub fn flow(lab: &Toy1d, axis: Axis) -> Flow {
    let mut drawing = Drawing::new(lab, axis);
    (0..ARROW_TIMES).for_each(|i| drawing.arrows(lab, i));
    (0..CURVE_TIMES * 2 * PIECES).for_each(|i| drawing.part(lab, i));
    drawing.flow
}

/// As [`flow`], in pieces.
pub(super) fn task(lab: Rc<Toy1d>, axis: Axis) -> Task {
    let drawing = Drawing::new(&lab, axis);
    let prepared = PREPARED * lab.model.parts().len();
    let arrow = ARROW_PLACES * lab.denoiser().price() + prepared;
    let parts = |t: &f64| {
        let price = lab.model.price_at(&lab.setup.process.level(*t));
        let of = |n: usize| vec![n.div_ceil(PIECES) * price + prepared; PIECES];
        [of(QUANTILE * CURVES), of(POINTS)].concat()
    };
    let parts = drawing.flow.curve_t.iter().flat_map(parts).collect();
    let other = lab.clone();
    let arrows = move |drawing: &mut Drawing, i| {
        drawing.arrows(&lab, i);
        Ok(())
    };
    let part = move |drawing: &mut Drawing, i| {
        drawing.part(&other, i);
        Ok(())
    };
    Stages::on(drawing)
        .then(ARROW_TIMES, arrow, arrows)
        .then_each(parts, part)
        .answer(|drawing| Ok(drawing.flow))
}

/// A flow that is partly drawn.
struct Drawing {
    flow: Flow,
    xs: Vec<f64>,
    /// The current positions of the curves.
    place: [f64; CURVES],
}

impl Drawing {
    fn new(lab: &Toy1d, axis: Axis) -> Self {
        let levels = &lab.setup.plan.levels;
        let (hi, lo) = match lab.setup.walks_at_one_level() {
            true => (1.0, 1e-3),
            false => (levels[0].t, levels[lab.setup.plan.steps()].t),
        };
        let time = |share: f64| hi + share * (lo - hi);
        let arrow = |i: usize| time((i as f64 + 0.5) / ARROW_TIMES as f64);
        let curve = |i: usize| time(i as f64 / (CURVE_TIMES - 1) as f64);
        let quantile = |i: usize| (i as f64 + 0.5) / CURVES as f64;
        Self {
            flow: Flow {
                t: (0..ARROW_TIMES).map(arrow).collect(),
                x: axis.points(ARROW_PLACES).into(),
                v: Floats::default(),
                curve_t: (0..CURVE_TIMES).map(curve).collect(),
                quantiles: (0..CURVES).map(quantile).collect(),
                curves: vec![0.0f32; CURVES * CURVE_TIMES].into(),
                density: Floats::default(),
                axis,
            },
            xs: axis.points(POINTS),
            place: [0.0; CURVES],
        }
    }

    /// The arrows at one time.
    fn arrows(&mut self, lab: &Toy1d, i: usize) {
        let Flow { t, x, v, .. } = &mut self.flow;
        let (level, rates) = (lab.setup.process.level(t[i]), lab.setup.process.rates(t[i]));
        let mut x_hat = vec![0.0; x.len()];
        lab.denoiser().at(&level).x_hat(x, &mut x_hat);
        let places = x.iter().zip(&x_hat);
        v.0.extend(
            places.map(|(&x, &x_hat)| level.velocity_from_x_hat(rates.slopes(), x, x_hat) as f32),
        );
    }

    /// A piece of the curves or of the density at one time; the pieces of a time follow each other, the curves first.
    fn part(&mut self, lab: &Toy1d, i: usize) {
        let (k, piece) = (i / (2 * PIECES), i % (2 * PIECES));
        let law = lab
            .model
            .diffuse(&lab.setup.process.level(self.flow.curve_t[k]));
        if piece < PIECES {
            for c in share(CURVES, piece) {
                // The previous position is the first guess, because the curve is continuous.
                self.place[c] = law.quantile_near(self.flow.quantiles[c], self.place[c]);
                self.flow.curves.0[c * CURVE_TIMES + k] = self.place[c] as f32;
            }
            return;
        }
        // A point mass at σ = 0 has no density.
        let finite = |p: f64| if p.is_finite() { p as f32 } else { 0.0 };
        let xs = &self.xs[share(POINTS, piece - PIECES)];
        let density = xs.iter().map(|&x| finite(law.density(x)));
        self.flow.density.0.extend(density);
    }
}

/// The piece `i` of the numbers below `n`.
fn share(n: usize, i: usize) -> Range<usize> {
    i * n / PIECES..(i + 1) * n / PIECES
}
