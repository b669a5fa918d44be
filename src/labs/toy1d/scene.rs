//! The exact part of a picture, known before a run: the levels, the densities, the moments, the noising paths.

use super::Toy1d;
use super::axis::{Axis, POINTS};
use super::camera::{Camera, PATHS};
use crate::answer::{Floats, Reals};
use crate::denoise::Denoiser;
use crate::labs::task::{Stages, Task};
use crate::labs::timeline::{Levels, Timeline};
use crate::level::Level;
use crate::rng::{Noise, Stream};
use serde::Serialize;
use std::rc::Rc;

/// The exact picture of one side. A run records `hist` (densities of the bins) and `paths` (traced particles).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Scene {
    /// The lab.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"toy1d\""))]
    pub lab: &'static str,
    /// The frames.
    #[serde(flatten)]
    pub timeline: Timeline,
    /// Their levels.
    #[serde(flatten)]
    pub levels: Levels,
    /// The axis, shared by both sides.
    pub axis: Axis,
    /// Histogram edges in x.
    pub edges: Reals,
    /// Points of the exact density in x.
    pub xs: Reals,
    /// p_t at xs, frame by frame: `[frames × xs]`.
    pub density: Floats,
    /// Columns of `map`, evenly from frame 0 to the last.
    pub columns: usize,
    /// p_t at xs on the columns: the same smooth map for every number of steps. `[columns × xs]`.
    pub map: Floats,
    /// E x_t of each frame.
    pub mean: Reals,
    /// √Var x_t of each frame.
    pub sd: Reals,
    /// Number of traced particles.
    pub paths: usize,
    /// Noising paths with exact transitions, `[frames × paths]`; empty if frames are iterations.
    pub forward: Floats,
}

/// Number of columns of the density map.
pub const COLUMNS: usize = 201;

/// The exact picture of `lab` on `axis`.
pub fn scene(lab: &Toy1d, axis: Axis) -> Scene {
    let mut drawing = Drawing::new(lab, axis);
    (0..drawing.parts()).for_each(|i| drawing.draw(lab, i));
    drawing.scene
}

/// As [`scene`], in pieces.
pub(super) fn task(lab: Rc<Toy1d>, axis: Axis) -> Task {
    let drawing = Drawing::new(&lab, axis);
    let (parts, price) = (drawing.parts(), lab.law.price());
    let draw = move |drawing: &mut Drawing, i| {
        drawing.draw(&lab, i);
        Ok(())
    };
    let stages = Stages::on(drawing).then(parts, POINTS * price, draw);
    stages.answer(|drawing| Ok(drawing.scene))
}

/// A picture that is partly drawn.
struct Drawing {
    scene: Scene,
    levels: Vec<Level>,
}

impl Drawing {
    fn new(lab: &Toy1d, axis: Axis) -> Self {
        let shown = lab.setup.shown_levels();
        let forward = match lab.setup.walks_at_one_level() {
            true => Vec::new(),
            false => forward_paths(lab, &shown),
        };
        Self {
            levels: lab.setup.frames(),
            scene: Scene {
                lab: "toy1d",
                timeline: Timeline::of(lab, &Camera::new(lab, axis)),
                levels: Levels::of(lab),
                axis,
                edges: axis.edges().into(),
                xs: axis.points(POINTS).into(),
                density: Floats::default(),
                columns: COLUMNS,
                map: Floats::default(),
                mean: Reals::default(),
                sd: Reals::default(),
                paths: PATHS,
                forward: forward.into(),
            },
        }
    }

    /// The densities at one level after the other: first of the frames, then of the columns.
    fn parts(&self) -> usize {
        self.levels.len() + COLUMNS
    }

    fn draw(&mut self, lab: &Toy1d, i: usize) {
        let Self { scene, levels } = self;
        let frames = levels.len();
        let column = i.checked_sub(frames);
        let level = match column {
            None => levels[i],
            Some(c) => {
                let place = c as f64 / (COLUMNS - 1) as f64 * (frames - 1) as f64;
                between(lab, levels, place)
            }
        };
        let law = lab.truth_at(&level);
        let density = scene.xs.iter().map(|&x| law.density(x) as f32);
        match column {
            None => {
                scene.density.0.extend(density);
                scene.mean.0.push(law.mean());
                scene.sd.0.push(law.variance().sqrt());
            }
            Some(_) => scene.map.0.extend(density),
        }
    }
}

/// The level at a position between frames: t changes linearly from one to the next (σ geometrically, if the process
/// explodes and σ is positive at both).
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

/// x at the data end comes from the law; then x_t = (α_t/α_s)x_s + √(σ_t² − (α_t/α_s)²σ_s²)·z towards noise, with the
/// exact transitions of the forward process.
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
