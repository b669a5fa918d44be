//! A run in progress on a tensor device.

use super::faults::Faults;
use super::lost::lost;
use super::model::Model;
use super::upload::Place;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::level::Level;
use crate::rng::{Noise, Stream};
use crate::sample::{Executor, HostState, Path, Plan, Settling};
use burn::tensor::Tensor;
use std::ops::Range;

/// Largest number of entries `particles × width` of one tensor. Larger states are split into pieces.
const ENTRIES: usize = 1 << 22;

/// The start of a part in a series of runs.
#[derive(Debug, Clone)]
pub struct Part {
    /// Number of the part, which determines its draws: see [`HostState::part`].
    pub number: u32,
    /// The context of each particle, if the denoiser uses one.
    pub context: Option<Pieces>,
    /// Number of columns of the largest tensor of any part, so that all parts have the same pieces.
    pub width: usize,
}

/// Some columns of the particles on a device, split like the particles of the run.
#[derive(Debug, Clone)]
pub struct Pieces(Vec<Tensor<2>>);

impl Pieces {
    /// Reads them, `[n × columns]`.
    ///
    /// # Errors
    /// If the device was lost.
    pub async fn read(&self) -> Result<Vec<f64>, Error> {
        let mut all = vec![];
        for piece in &self.0 {
            let data = piece.to_data_async().await.map_err(|_| lost())?;
            let data = data.convert::<f64>();
            all.extend_from_slice(data.as_slice::<f64>().map_err(|_| lost())?);
        }
        Ok(all)
    }
}

/// The particles of a run on a device, in pieces of bounded size. Noise is drawn on the host, so that every engine has
/// the same noise.
///
/// Held by `tests/tensor.rs`: `both_executors_give_the_same_particles_in_f64`, `runs_in_pieces_are_whole_runs`.
pub struct TensorState {
    place: Place,
    model: Model,
    noise: Noise,
    part: u32,
    context: Option<Pieces>,
    n: usize,
    dim: usize,
    stage: usize,
    /// The next piece of the current stage.
    piece: usize,
    size: usize,
    base: Vec<Tensor<2>>,
    /// x_eval of each piece, if it differs from x_base.
    eval: Vec<Option<Tensor<2>>>,
    /// x̂₋₁ of each piece.
    before: Vec<Option<Tensor<2>>>,
    /// The committed state as last read.
    host: Vec<f64>,
}

impl TensorState {
    /// As [`HostState::new`], for `n` particles of `dim` coordinates on a device.
    pub fn new(
        plan: &Plan,
        (n, dim): (usize, usize),
        seed: u64,
        quantile_start: bool,
        model: Model,
        place: &Place,
    ) -> Self {
        let start = HostState::new(plan, n, dim, seed, quantile_start);
        let part = Part {
            number: 0,
            context: None,
            width: model.width(),
        };
        Self::starting(start, (n, dim), seed, part, model, place)
    }

    /// One part of a series of runs, as [`HostState::part`].
    pub fn part(
        plan: &Plan,
        (n, dim): (usize, usize),
        seed: u64,
        part: Part,
        model: Model,
        place: &Place,
    ) -> Self {
        let start = HostState::part(plan, n, dim, seed, (part.number, 0));
        Self::starting(start, (n, dim), seed, part, model, place)
    }

    fn starting(
        start: HostState,
        (n, dim): (usize, usize),
        seed: u64,
        part: Part,
        model: Model,
        place: &Place,
    ) -> Self {
        let host = start.x().to_vec();
        let size = (ENTRIES / part.width.max(1)).clamp(1, n);
        let mut state = Self {
            model,
            noise: Noise::new(seed),
            part: part.number,
            context: part.context,
            n,
            dim,
            stage: 0,
            piece: 0,
            size,
            base: vec![],
            eval: vec![],
            before: vec![],
            host,
            place: place.clone(),
        };
        state.base = state
            .host
            .chunks(size * dim)
            .map(|x| state.upload(x))
            .collect();
        state.eval = vec![None; state.base.len()];
        state.before = vec![None; state.base.len()];
        state
    }

    fn upload(&self, x: &[f64]) -> Tensor<2> {
        self.place
            .matrix(x.to_vec(), [x.len() / self.dim, self.dim])
    }

    /// Columns of the committed state of the first particles: whole pieces with at least `particles` particles, or all.
    pub fn pieces(&self, columns: Range<usize>, particles: usize) -> Pieces {
        let whole = self.base.iter().take(particles.div_ceil(self.size));
        let cut = |x: &Tensor<2>| x.clone().narrow(1, columns.start, columns.len());
        Pieces(whole.map(cut).collect())
    }

    /// The failures so far; `None` for a model that cannot fail.
    pub fn faults(&self) -> Option<Faults> {
        self.model.faults().cloned()
    }

    /// Whether all stages are done.
    pub fn is_over(&self, plan: &Plan) -> bool {
        self.stage == plan.stages.len()
    }

    /// Queues one piece of the current stage. If it completes a grid level, it returns the level.
    pub fn advance(&mut self, plan: &Plan) -> Option<usize> {
        let stage = plan.stages.get(self.stage)?;
        let k = self.piece;
        let base = self.base[k].clone();
        let [now, old] = stage.pulls;
        let at = self.eval[k].take().unwrap_or_else(|| base.clone());
        let context = self.context.as_ref().map(|c| &c.0[k]);
        let x_hat = stage
            .level
            .as_ref()
            .map(|level| self.model.x_hat_given(level, at.clone(), context));
        let noise = (stage.noise != 0.0).then(|| {
            let first = k * self.size;
            let mut z = vec![0.0; self.size.min(self.n - first) * self.dim];
            let index = (first * self.dim) as u64;
            let draw = self.part * plan.stages.len() as u32 + self.stage as u32;
            self.noise.normals(Stream::Stage, draw, index, &mut z);
            self.upload(&z)
        });
        let x = match (stage.scaled_in(self.dim), &x_hat, noise) {
            (Some((tau, level)), Some(x_hat), Some(z)) => correct(tau, &level, at, x_hat, z),
            (_, x_hat, noise) => {
                let mut x = base.mul_scalar(stage.keep);
                if let Some(x_hat) = x_hat {
                    x = x + x_hat.clone().mul_scalar(now);
                }
                if old != 0.0
                    && let Some(before) = &self.before[k]
                {
                    x = x + before.clone().mul_scalar(old);
                }
                if let Some(z) = noise {
                    x = x + z.mul_scalar(stage.noise);
                }
                x
            }
        };
        if x_hat.is_some() {
            self.before[k] = x_hat;
        }
        if stage.commit {
            self.base[k] = x
        } else {
            self.eval[k] = Some(x)
        }
        self.piece += 1;
        if self.piece < self.base.len() {
            return None;
        }
        self.piece = 0;
        self.stage += 1;
        stage.lands
    }

    /// Tensor operations that the next [`TensorState::advance`] queues, about.
    pub fn operations(&self, plan: &Plan) -> usize {
        let level = plan.stages.get(self.stage).and_then(|s| s.level);
        10 + level.map_or(0, |level| self.model.operations(&level))
    }

    /// Reads the committed state back. This also keeps the queue of the device short.
    ///
    /// # Errors
    /// If the device was lost.
    pub async fn read(&mut self) -> Result<(), Error> {
        self.host = self.pieces(0..self.dim, self.n).read().await?;
        Ok(())
    }
}

impl Executor for TensorState {
    fn path(&self) -> Path {
        Path::Tensors
    }

    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, _: usize) -> Option<usize> {
        TensorState::advance(self, plan)
    }

    fn take(&mut self) -> Vec<f64> {
        std::mem::take(&mut self.host)
    }

    fn operations(&self, plan: &Plan) -> usize {
        TensorState::operations(self, plan)
    }

    fn settle(&mut self) -> Settling<'_> {
        Box::pin(self.read())
    }

    fn x(&self) -> &[f64] {
        &self.host
    }

    fn stages_done(&self) -> usize {
        self.stage
    }

    fn evaluations(&self, plan: &Plan) -> u64 {
        plan.evaluations(self.stage, self.piece * self.size, self.n)
    }
}

/// As on the host: x − (δε + √(2δ)z)σ with δ = τ/mean ε² for each particle, ε = (x − αx̂)/σ. All are `[n, d]`, and δ is
/// `[n, 1]`. If ε = 0, δ = τ.
fn correct(tau: f64, level: &Level, x: Tensor<2>, x_hat: &Tensor<2>, z: Tensor<2>) -> Tensor<2> {
    let eps = (x.clone() - x_hat.clone().mul_scalar(level.alpha)).div_scalar(level.sigma);
    let mean = (eps.clone() * eps.clone()).mean_dim(1);
    let still = mean.clone().equal_elem(0.0);
    let delta = mean.mask_fill(still, 1.0).recip().mul_scalar(tau);
    let root = delta.clone().mul_scalar(2.0).sqrt();
    x - (eps * delta + z * root).mul_scalar(level.sigma)
}
