//! The trajectory of the probability flow through a point, in both directions.

use super::SpaceLab;
use crate::answer::Floats;
use crate::denoise::Denoiser;
use crate::labs::Lab;
use crate::labs::task::{Stages, Task};
use crate::level::Level;
use std::rc::Rc;

/// Steps of Runge–Kutta between two frames.
const STEPS: usize = 4;
/// Approximate number of evaluations between two frames.
const EVALUATIONS: usize = 4 * STEPS;
/// A level without noise is replaced by this share of the noise ratio of its neighbour.
const NEAR: f64 = 1e-3;

/// y at every frame, `[frames × dim]`, on the trajectory of the probability flow through `y` at `frame`, for the
/// score that the sampler uses.
///
/// With u = x_t/α and s = σ/α the flow is du/ds = (u − x̂)/s for every process (Karras et al. 2022, eq. 4). Above s =
/// 1 it is integrated as d(x/σ)/d(α/σ) = x̂, which has no infinity at α = 0. The method is Runge–Kutta of fourth
/// order; at σ = 0, x is the x̂ just above it.
pub fn follow(lab: &SpaceLab, frame: usize, y: &[f64]) -> Vec<f32> {
    let mut path = Path::new(lab, frame, y);
    (0..path.parts()).for_each(|_| path.go_on(lab));
    path.out
}

/// As [`follow`], in pieces.
pub(super) fn task(lab: Rc<SpaceLab>, frame: usize, y: &[f64]) -> Task {
    let path = Path::new(&lab, frame, y);
    let (parts, one) = (path.parts(), EVALUATIONS * lab.denoiser().price());
    let go_on = move |path: &mut Path, _| {
        path.go_on(&lab);
        Ok(())
    };
    let stages = Stages::on(path).then(parts, one, go_on);
    stages.answer(|path| Ok(Floats(path.out)))
}

/// A trajectory that is partly followed: first to the last frame, then back to the first.
struct Path {
    levels: Vec<Level>,
    dim: usize,
    start: (usize, Vec<f64>),
    /// The frame that was reached, and the point there.
    now: (usize, Vec<f64>),
    back: bool,
    /// Whether the level changes. Along a walk at one level it does not.
    moves: bool,
    out: Vec<f32>,
}

impl Path {
    fn new(lab: &SpaceLab, frame: usize, y: &[f64]) -> Self {
        let levels = lab.setup.frames();
        let (dim, c) = (lab.dim(), lab.scale(&levels[frame]));
        let start: Vec<f64> = y.iter().map(|y| c * y).collect();
        let mut own = Self {
            dim,
            start: (frame, start.clone()),
            now: (frame, start),
            back: false,
            moves: !lab.setup.walks_at_one_level(),
            out: vec![f32::NAN; levels.len() * dim],
            levels,
        };
        own.put(lab);
        own
    }

    /// Writes the reached point into its frame.
    fn put(&mut self, lab: &SpaceLab) {
        let (f, x) = &self.now;
        let c = lab.scale(&self.levels[*f]);
        let out = &mut self.out[f * self.dim..(f + 1) * self.dim];
        for (o, x) in out.iter_mut().zip(x) {
            *o = (x / c) as f32;
        }
    }

    /// Number of remaining frames.
    fn parts(&self) -> usize {
        match self.moves {
            true => self.levels.len() - 1,
            false => 0,
        }
    }

    /// Moves to the next frame.
    fn go_on(&mut self, lab: &SpaceLab) {
        if !self.back && self.now.0 + 1 == self.levels.len() {
            self.back = true;
            self.now = self.start.clone();
        }
        let f = self.now.0;
        let next = if self.back { f - 1 } else { f + 1 };
        let (from, to) = (&self.levels[f], &self.levels[next]);
        let x = travel(lab.denoiser(), from, to, &self.now.1);
        self.now = (next, x);
        self.put(lab);
    }
}

/// x at level `to` of the flow through `x` at level `from`.
fn travel(denoiser: &dyn Denoiser, from: &Level, to: &Level, x: &[f64]) -> Vec<f64> {
    if from == to {
        return x.to_vec();
    }
    let (a, b) = (from.ratio(), to.ratio());
    let near = |own: f64, other: f64| if own > 0.0 { own } else { NEAR * other };
    let (first, last) = (near(a, b), near(b, a));
    // Even steps of ln s; of 1/s if s is infinite.
    let ratio = |k: usize| {
        let share = k as f64 / STEPS as f64;
        match first.is_finite() && last.is_finite() {
            true => first * libm::pow(last / first, share),
            false => 1.0 / (1.0 / first + share * (1.0 / last - 1.0 / first)),
        }
    };
    let mut s = first;
    // The state in units in which the larger of α and σ is 1: x/α below s = 1, x/σ above.
    let unit = |level: &Level| level.alpha.max(level.sigma);
    let mut w: Vec<f64> = x.iter().map(|x| x / unit(from)).collect();
    for k in 1..=STEPS {
        let next = ratio(k);
        w = step(denoiser, s, next, &w);
        s = next;
    }
    if b == 0.0 {
        let mut x_hat = vec![0.0; w.len()];
        denoiser.at(&at(s)).x_hat(&w, &mut x_hat);
        w = x_hat;
    }
    w.iter().map(|w| w * unit(to)).collect()
}

/// The level with noise ratio `s`, in units in which the larger of α and σ is 1.
fn at(s: f64) -> Level {
    Level {
        t: 0.5,
        alpha: if s > 1.0 { 1.0 / s } else { 1.0 },
        sigma: s.min(1.0),
    }
}

/// One step of Runge–Kutta from noise ratio `s` to `r`. A step across 1 is done in two parts.
fn step(denoiser: &dyn Denoiser, s: f64, r: f64, w: &[f64]) -> Vec<f64> {
    if (s > 1.0) != (r > 1.0) && s != 1.0 && r != 1.0 {
        let half = step(denoiser, s, 1.0, w);
        return step(denoiser, 1.0, r, &half);
    }
    let high = s > 1.0 || r > 1.0;
    // The clock is 1/s above 1, and s below.
    let clock = |s: f64| if high { 1.0 / s } else { s };
    let (p, q) = (clock(s), clock(r));
    let slope = |clock: f64, w: &[f64]| -> Vec<f64> {
        let s = if high { 1.0 / clock } else { clock };
        let mut x_hat = vec![0.0; w.len()];
        denoiser.at(&at(s)).x_hat(w, &mut x_hat);
        match high {
            true => x_hat,
            false => w.iter().zip(&x_hat).map(|(w, x)| (w - x) / s).collect(),
        }
    };
    let h = q - p;
    let ahead = |slope: &[f64], share: f64| -> Vec<f64> {
        w.iter()
            .zip(slope)
            .map(|(w, k)| w + share * h * k)
            .collect()
    };
    let k1 = slope(p, w);
    let k2 = slope(p + 0.5 * h, &ahead(&k1, 0.5));
    let k3 = slope(p + 0.5 * h, &ahead(&k2, 0.5));
    let k4 = slope(q, &ahead(&k3, 1.0));
    (0..w.len())
        .map(|i| w[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]))
        .collect()
}
