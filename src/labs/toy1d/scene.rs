//! What is exact and known before a run: the levels, the densities, the moments, the noising paths.

use super::axis::{Axis, POINTS};
use super::{Toy1d, camera::PATHS};
use crate::level::Level;
use crate::rng::{Noise, Stream};

/// The exact picture of one side. Frame 0 is noise, the last frame the end of the grid.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Steps of the grid.
    pub steps: usize,
    /// Denoiser calls a particle.
    pub nfe: usize,
    /// Whether frames are iterations at one level instead of times.
    pub iterates: bool,
    /// Grid level of each frame.
    pub level_index: Vec<u32>,
    /// Time, α and σ of each frame.
    pub t: Vec<f64>,
    /// α of each frame.
    pub alpha: Vec<f64>,
    /// σ of each frame.
    pub sigma: Vec<f64>,
    /// The axis, shared by both sides.
    pub axis: Axis,
    /// Histogram edges in x.
    pub edges: Vec<f64>,
    /// Points of the exact density in x.
    pub xs: Vec<f64>,
    /// p_t at xs, frame by frame: `[frames × xs]`.
    pub density: Vec<f32>,
    /// p_t at xs on [`COLUMNS`] columns, evenly from the first frame to the last: the same smooth map
    /// whatever the number of steps. `[COLUMNS × xs]`.
    pub map: Vec<f32>,
    /// E x_t of each frame.
    pub mean: Vec<f64>,
    /// √Var x_t of each frame.
    pub sd: Vec<f64>,
    /// Noising paths with exact transitions, `[frames × PATHS]`; empty where frames are iterations.
    pub forward: Vec<f32>,
}

/// Columns of the density map.
pub const COLUMNS: usize = 201;

/// The exact picture of `lab` on `axis`.
pub fn scene(lab: &Toy1d, axis: Axis) -> Scene {
    let shown = lab.setup.shown_levels();
    let levels: Vec<_> = shown.iter().map(|&i| lab.setup.plan.levels[i]).collect();
    let xs = axis.points(POINTS);
    let mut density = Vec::with_capacity(levels.len() * POINTS);
    let (mut mean, mut sd) = (Vec::new(), Vec::new());
    for level in &levels {
        let law = lab.truth_at(level);
        density.extend(xs.iter().map(|&x| law.density(x) as f32));
        mean.push(law.mean());
        sd.push(law.variance().sqrt());
    }
    let mut map = Vec::with_capacity(COLUMNS * POINTS);
    for c in 0..COLUMNS {
        let place = c as f64 / (COLUMNS - 1) as f64 * (levels.len() - 1) as f64;
        let law = lab.truth_at(&between(lab, &levels, place));
        map.extend(xs.iter().map(|&x| law.density(x) as f32));
    }
    Scene {
        map,
        steps: lab.setup.plan.steps(),
        nfe: lab.setup.plan.nfe(),
        iterates: lab.setup.walks_at_one_level(),
        level_index: shown.iter().map(|&i| i as u32).collect(),
        t: levels.iter().map(|l| l.t).collect(),
        alpha: levels.iter().map(|l| l.alpha).collect(),
        sigma: levels.iter().map(|l| l.sigma).collect(),
        edges: axis.edges(),
        axis,
        xs,
        density,
        mean,
        sd,
        forward: if lab.setup.walks_at_one_level() {
            Vec::new()
        } else {
            forward_paths(lab, &shown)
        },
    }
}

/// The level at a place between frames: t moves evenly from one to the next (σ, geometrically, where
/// the process explodes and σ is positive at both).
fn between(lab: &Toy1d, levels: &[Level], place: f64) -> Level {
    let i = (place as usize).min(levels.len() - 1);
    let Some(next) = levels.get(i + 1) else {
        return levels[i];
    };
    let (from, share) = (levels[i], place - i as f64);
    if share == 0.0 || lab.setup.walks_at_one_level() {
        return from;
    }
    let mix = |a: f64, b: f64| a + share * (b - a);
    if !lab.setup.process.explodes() {
        return lab.setup.process.level(mix(from.t, next.t));
    }
    let sigma = match next.sigma > 0.0 {
        true => libm::exp(mix(libm::log(from.sigma), libm::log(next.sigma))),
        false => mix(from.sigma, next.sigma),
    };
    Level {
        t: mix(from.t, next.t),
        alpha: 1.0,
        sigma,
    }
}

/// x at the data end from the law, then x_t = (α_t/α_s)x_s + √(σ_t² − (α_t/α_s)²σ_s²)·z towards noise:
/// the exact transitions of the forward process.
fn forward_paths(lab: &Toy1d, shown: &[usize]) -> Vec<f32> {
    let noise = Noise::new(lab.setup.seed);
    let mut out = vec![0.0f32; shown.len() * PATHS];
    let (mut x, mut z) = ([0.0; PATHS], [0.0; PATHS]);
    lab.law.sample(&noise, Stream::ForwardStart, 0, &mut x);
    let mut before = Level {
        t: 0.0,
        alpha: 1.0,
        sigma: 0.0,
    };
    for (frame, &index) in shown.iter().enumerate().rev() {
        let level = lab.setup.plan.levels[index];
        let keep = level.alpha / before.alpha;
        let add = level.sigma * level.sigma - keep * keep * before.sigma * before.sigma;
        noise.normals(Stream::Forward, frame as u32, 0, &mut z);
        for ((x, z), o) in x.iter_mut().zip(z).zip(&mut out[frame * PATHS..]) {
            *x = keep * *x + add.max(0.0).sqrt() * z;
            *o = *x as f32;
        }
        before = level;
    }
    out
}
