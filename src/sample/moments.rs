//! The exact output law of a plan with an affine denoiser in many dimensions, by a closed recursion.
//!
//! Held by `tests/blankets.rs`: `one_dimension_is_a_special_case`, `runs_of_chains_have_their_closed_output_law`.

use super::plan::Plan;
use super::plan::Stage;
use crate::denoise::Denoiser;
use crate::level::Level;
use nalgebra::DMatrix;
use nalgebra::DVector;

/// x̂ = K x + k at one level, with K d × d and k of length d.
#[derive(Debug, Clone, PartialEq)]
pub struct Affine {
    /// K.
    pub gain: DMatrix<f64>,
    /// k.
    pub offset: DVector<f64>,
}

impl Affine {
    /// The map of a denoiser of `dim` coordinates that is affine at `level`: an exact score of a normal law, a blanket
    /// of one, or guidance with a linear operator. k = x̂(0), and the columns of K are x̂(e_j) − k.
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

/// A normal law with d coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    /// Mean, of length d.
    pub mean: DVector<f64>,
    /// Covariance, d × d.
    pub covariance: DMatrix<f64>,
}

/// x_base, x_eval, x̂₋₁.
const PARTS: usize = 3;
const BASE: usize = 0;
const EVAL: usize = 1;
const BEFORE: usize = 2;

/// Mean and covariance of those parts that a plan needs. The blocks of the other parts are empty.
struct Joint {
    live: Vec<usize>,
    mean: [DVector<f64>; PARTS],
    covariance: [[DMatrix<f64>; PARTS]; PARTS],
}

/// A new part: base·x_base + before·x̂₋₁ + E·x_eval + offset + noise·z.
struct Form {
    base: f64,
    before: f64,
    eval: Option<DMatrix<f64>>,
    offset: DVector<f64>,
    noise: f64,
}

impl Plan {
    /// The law of the final state of `dim` coordinates if x̂ = K x + k, with the map that `affine` gives for each level.
    /// Consecutive stages with the same level use one map.
    ///
    /// Every stage is then a linear map of (x_base, x_eval, x̂₋₁) plus noise, as in [`Plan::moments_on_gaussian`]. A
    /// stage costs two products of d × d matrices if every stage commits and none reads x̂₋₁. A scaled correction is not
    /// linear; it is computed with δ = τ/E ε² of the current law, its limit in many dimensions.
    pub fn moments(&self, dim: usize, mut affine: impl FnMut(&Level) -> Affine) -> Gaussian {
        let mut joint = Joint::start(self, dim);
        let mut known: Option<(Level, Affine)> = None;
        for stage in &self.stages {
            known = stage.level.map(|level| match known.take() {
                Some((at, map)) if at == level => (at, map),
                _ => (level, affine(&level)),
            });
            let map = known.as_ref().map(|(_, map)| map);
            let mut factors = (stage.keep, stage.pulls, stage.noise);
            if let (Some((tau, level)), Some(map)) = (stage.scaled_in(dim), map) {
                let mean = joint.mean_square_noise(&level, map);
                let delta = if mean > 0.0 { tau / mean } else { tau };
                let [keep, pull, noise] = Stage::correction(&level, delta);
                factors = (keep, [pull, 0.0], noise);
            }
            joint.apply(stage.commit, factors, map);
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
        let start = plan.start * plan.start;
        // x_base and x_eval are equal at the start; x̂₋₁ does not exist yet.
        let block = |i: usize, j: usize| {
            let all = [i, j].iter().all(|part| live.contains(part));
            let size = if all { dim } else { 0 };
            let known = i != BEFORE && j != BEFORE;
            DMatrix::from_diagonal_element(size, size, if known { start } else { 0.0 })
        };
        Self {
            mean: std::array::from_fn(|_| DVector::zeros(dim)),
            covariance: std::array::from_fn(|i| std::array::from_fn(|j| block(i, j))),
            live,
        }
    }

    /// The part at which the denoiser is evaluated. If every stage of the plan commits, x_eval is x_base.
    fn eval(&self) -> usize {
        if self.live.contains(&EVAL) {
            EVAL
        } else {
            BASE
        }
    }

    /// E ε², the mean over the coordinates, ε = ((I − αK)x_eval − αk)/σ.
    fn mean_square_noise(&self, at: &Level, map: &Affine) -> f64 {
        let eval = self.eval();
        let dim = map.offset.len();
        let rest = DMatrix::identity(dim, dim) - &map.gain * at.alpha;
        let spread = (&rest * &self.covariance[eval][eval]).dot(&rest);
        let mean = rest * &self.mean[eval] - &map.offset * at.alpha;
        (spread + mean.norm_squared()) / (at.sigma * at.sigma * dim as f64)
    }

    /// Applies a stage with its keep, pulls and noise, and the map of its level if it evaluates the denoiser.
    fn apply(
        &mut self,
        commit: bool,
        (keep, [now, old], noise): (f64, [f64; 2], f64),
        map: Option<&Affine>,
    ) {
        let eval = self.eval();
        let dim = self.mean[BASE].len();
        let plain = |base, before| Form {
            base,
            before,
            eval: None,
            offset: DVector::zeros(dim),
            noise: 0.0,
        };
        let mut state = Form {
            noise,
            ..plain(keep, old)
        };
        if let Some(map) = map {
            let mut matrix = &map.gain * now;
            // In a correction keep and now are large and nearly cancel, so they are added before any product.
            if eval == BASE {
                let diagonal = matrix.diagonal().add_scalar(keep);
                matrix.set_diagonal(&diagonal);
                state.base = 0.0;
            }
            state.eval = Some(matrix);
            state.offset = &map.offset * now;
        }
        let before = map.map_or(plain(0.0, 1.0), |map| Form {
            eval: Some(map.gain.clone()),
            offset: map.offset.clone(),
            ..plain(0.0, 0.0)
        });
        let forms = [state, before, plain(1.0, 0.0)];
        // The form of each part.
        let takes = [if commit { 0 } else { 2 }, 0, 1];
        let used: Vec<usize> = (0..forms.len())
            .filter(|form| self.live.iter().any(|&part| takes[part] == *form))
            .collect();

        let means: Vec<DVector<f64>> = forms.iter().map(|form| self.mean_of(form, eval)).collect();
        let mut whole = vec![vec![DMatrix::zeros(0, 0); forms.len()]; forms.len()];
        for &f in &used {
            let half: [DMatrix<f64>; PARTS] =
                std::array::from_fn(|part| self.cross(&forms[f], part, eval));
            for &g in used.iter().filter(|&&g| g >= f) {
                let form = &forms[g];
                let mut sum = DMatrix::from_diagonal_element(dim, dim, forms[f].noise * form.noise);
                if let Some(matrix) = &form.eval {
                    sum += &half[eval] * matrix.transpose();
                }
                add(&mut sum, form.base, &half[BASE]);
                add(&mut sum, form.before, &half[BEFORE]);
                if f == g {
                    sum = (&sum + sum.transpose()) * 0.5;
                }
                whole[g][f] = sum.transpose();
                whole[f][g] = sum;
            }
        }
        for &i in &self.live {
            self.mean[i].copy_from(&means[takes[i]]);
            for &j in &self.live {
                self.covariance[i][j].copy_from(&whole[takes[i]][takes[j]]);
            }
        }
    }

    fn mean_of(&self, form: &Form, eval: usize) -> DVector<f64> {
        let mut mean = form.offset.clone();
        mean.axpy(form.base, &self.mean[BASE], 1.0);
        mean.axpy(form.before, &self.mean[BEFORE], 1.0);
        if let Some(matrix) = &form.eval {
            mean.gemv(1.0, matrix, &self.mean[eval], 1.0);
        }
        mean
    }

    /// Cov(new part, old part); empty if the old part is not live.
    fn cross(&self, form: &Form, part: usize, eval: usize) -> DMatrix<f64> {
        if !self.live.contains(&part) {
            return DMatrix::zeros(0, 0);
        }
        let old = &self.covariance;
        let mut sum = match &form.eval {
            Some(matrix) => matrix * &old[eval][part],
            None => DMatrix::zeros(old[part][part].nrows(), old[part][part].ncols()),
        };
        add(&mut sum, form.base, &old[BASE][part]);
        add(&mut sum, form.before, &old[BEFORE][part]);
        sum
    }
}

/// sum += factor·block. A block that is not live is empty and has the factor 0.
fn add(sum: &mut DMatrix<f64>, factor: f64, block: &DMatrix<f64>) {
    if factor != 0.0 {
        sum.zip_apply(block, |s, x| *s += factor * x);
    }
}
