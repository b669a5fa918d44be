//! The exact output law of a plan for an affine denoiser in many dimensions, by a closed recursion.

use super::plan::Plan;
use super::plan::Stage;
use crate::denoise::Denoiser;
use crate::level::Level;
use nalgebra::DMatrix;
use nalgebra::DVector;

/// x̂ = K x + k at one level: K d × d, k d.
#[derive(Debug, Clone, PartialEq)]
pub struct Affine {
    /// K.
    pub gain: DMatrix<f64>,
    /// k.
    pub offset: DVector<f64>,
}

impl Affine {
    /// The map of a denoiser of `dim` coordinates that is affine at `level` (an exact score of a normal law, a
    /// blanket of one, guidance with a linear operator): k = x̂(0), the columns of K are x̂(e_j) − k.
    pub fn of(denoiser: &dyn Denoiser, level: &Level, dim: usize) -> Self {
        let mut probes = DMatrix::zeros(dim, dim + 1);
        probes.fill_diagonal(1.0);
        let mut out = DMatrix::zeros(dim, dim + 1);
        denoiser
            .at(level)
            .x_hat(probes.as_slice(), out.as_mut_slice());
        // The last probe is 0.
        let offset = out.column(dim).into_owned();
        let mut gain = out.columns(0, dim).into_owned();
        for mut column in gain.column_iter_mut() {
            column -= &offset;
        }
        Self { gain, offset }
    }
}

/// A normal law of d coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    /// Its mean, d.
    pub mean: DVector<f64>,
    /// Its covariance, d × d.
    pub covariance: DMatrix<f64>,
}

/// x_base, x_eval, x̂₋₁, and x̂ while a stage is done.
const PARTS: usize = 4;
const BASE: usize = 0;
const EVAL: usize = 1;
const BEFORE: usize = 2;
const X_HAT: usize = 3;

/// Mean and covariance of the parts that a plan needs; blocks of the others are empty.
struct Joint {
    live: Vec<usize>,
    mean: [DVector<f64>; PARTS],
    covariance: [[DMatrix<f64>; PARTS]; PARTS],
}

impl Plan {
    /// The law of the final state of `dim` coordinates when x̂ = K x + k with the maps of `affine` at each level
    /// (asked once where stages of one level follow each other).
    ///
    /// Every stage is then a linear map of (x_base, x_eval, x̂₋₁) plus noise, as in
    /// [`Plan::moments_on_gaussian`]: two products of d × d matrices a stage, four where a stage reads x̂₋₁ or
    /// does not commit. A scaled correction is not linear; it is taken with δ = τ/E ε² of the current law, its
    /// limit in many dimensions.
    pub fn moments(&self, dim: usize, mut affine: impl FnMut(&Level) -> Affine) -> Gaussian {
        let mut joint = Joint::start(self, dim);
        let mut known: Option<(Level, Affine)> = None;
        for stage in &self.stages {
            let mut factors = (stage.keep, stage.pulls, stage.noise);
            if let Some(level) = &stage.level {
                let map = match known.take() {
                    Some((at, map)) if at == *level => map,
                    _ => affine(level),
                };
                joint.evaluate(&map);
                known = Some((*level, map));
            }
            if let Some((tau, level)) = stage.scaled_in(dim) {
                let mean = joint.mean_square_noise(&level);
                let delta = if mean > 0.0 { tau / mean } else { tau };
                let [keep, pull, noise] = Stage::correction(&level, delta);
                factors = (keep, [pull, 0.0], noise);
            }
            joint.apply(stage, factors);
        }
        let [mean, ..] = joint.mean;
        let [[covariance, ..], ..] = joint.covariance;
        Gaussian { mean, covariance }
    }
}

impl Joint {
    fn start(plan: &Plan, dim: usize) -> Self {
        let mut live = vec![BASE];
        if plan.stages.iter().any(|s| !s.commit) {
            live.push(EVAL);
        }
        if plan.stages.iter().any(|s| s.pulls[1] != 0.0) {
            live.push(BEFORE);
        }
        let empty = || DMatrix::zeros(0, 0);
        let mut covariance: [[DMatrix<f64>; PARTS]; PARTS] =
            std::array::from_fn(|_| std::array::from_fn(|_| empty()));
        let start = DMatrix::from_diagonal_element(dim, dim, plan.start * plan.start);
        for &i in &live {
            for &j in &live {
                covariance[i][j] = if i == BEFORE || j == BEFORE {
                    DMatrix::zeros(dim, dim)
                } else {
                    start.clone()
                };
            }
        }
        Self {
            live,
            mean: std::array::from_fn(|_| DVector::zeros(dim)),
            covariance,
        }
    }

    /// Where the denoiser is evaluated: x_eval is x_base in a plan whose every stage commits.
    fn eval(&self) -> usize {
        if self.live.contains(&EVAL) {
            EVAL
        } else {
            BASE
        }
    }

    /// Adds x̂ = K x_eval + k: its covariances are K times those of x_eval.
    fn evaluate(&mut self, map: &Affine) {
        let eval = self.eval();
        self.mean[X_HAT] = &map.gain * &self.mean[eval] + &map.offset;
        for &j in &self.live {
            let cross = &map.gain * &self.covariance[eval][j];
            self.covariance[j][X_HAT] = cross.transpose();
            self.covariance[X_HAT][j] = cross;
        }
        let own = &self.covariance[X_HAT][eval] * map.gain.transpose();
        self.covariance[X_HAT][X_HAT] = (&own + own.transpose()) * 0.5;
    }

    /// E ε², the mean over the coordinates, ε = (x_eval − αx̂)/σ.
    fn mean_square_noise(&self, at: &Level) -> f64 {
        let eval = self.eval();
        let c = &self.covariance;
        let spread = c[eval][eval].trace() - 2.0 * at.alpha * c[X_HAT][eval].trace()
            + at.alpha * at.alpha * c[X_HAT][X_HAT].trace();
        let mean = &self.mean[eval] - &self.mean[X_HAT] * at.alpha;
        (spread + mean.norm_squared()) / (at.sigma * at.sigma * mean.len() as f64)
    }

    /// The stage with keep, pulls and noise as given.
    fn apply(&mut self, stage: &Stage, (keep, [now, old], noise): (f64, [f64; 2], f64)) {
        let evaluates = stage.level.is_some();
        // Each new part as factors of the old ones and x̂, and its factor of z.
        let state = ([keep, 0.0, old, if evaluates { now } else { 0.0 }], noise);
        let unit = |part: usize| (std::array::from_fn(|i| f64::from(i == part)), 0.0);
        let new: [([f64; PARTS], f64); 3] = [
            if stage.commit { state } else { unit(BASE) },
            state,
            unit(if evaluates { X_HAT } else { BEFORE }),
        ];
        let old = self.covariance.clone();
        let means = self.mean.clone();
        for &i in &self.live {
            self.mean[i].fill(0.0);
            for (factor, mean) in new[i].0.iter().zip(&means) {
                if *factor != 0.0 {
                    self.mean[i].axpy(*factor, mean, 1.0);
                }
            }
            for &j in &self.live {
                let sum = &mut self.covariance[i][j];
                sum.fill(0.0);
                for (a, row) in new[i].0.iter().zip(&old) {
                    for (b, block) in new[j].0.iter().zip(row) {
                        if a * b != 0.0 {
                            sum.zip_apply(block, |s, x| *s += a * b * x);
                        }
                    }
                }
                let own = new[i].1 * new[j].1;
                for k in 0..sum.nrows() {
                    sum[(k, k)] += own;
                }
            }
        }
    }
}
