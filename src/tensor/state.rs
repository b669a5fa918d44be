//! A run in progress on a tensor device.

use super::model::Model;
use crate::error::Error;
use crate::level::Level;
use crate::rng::{Noise, Stream};
use crate::sample::{Executor, HostState, Plan};
use burn::tensor::{DType, Device, Tensor, TensorData};

/// Entries `particles × width` of one tensor, at most: larger states are cut into pieces.
const ENTRIES: usize = 1 << 22;

/// The particles of a run on a device, in pieces of bounded size; noise is drawn on the host, so that
/// every engine has the same.
pub struct TensorState {
    device: Device,
    dtype: DType,
    model: Model,
    noise: Noise,
    n: usize,
    dim: usize,
    stage: usize,
    /// The next piece of the current stage.
    piece: usize,
    size: usize,
    base: Vec<Tensor<2>>,
    /// x_eval of each piece where it is not x_base.
    eval: Vec<Option<Tensor<2>>>,
    /// x̂₋₁ of each piece.
    before: Vec<Option<Tensor<2>>>,
    /// The committed state as last read.
    host: Vec<f64>,
}

impl TensorState {
    /// As [`HostState::new`] of `n` particles of `dim` coordinates, on `device` with elements of `dtype` (f32 or f64).
    pub fn new(
        plan: &Plan,
        (n, dim): (usize, usize),
        seed: u64,
        quantile_start: bool,
        model: Model,
        device: Device,
        dtype: DType,
    ) -> Self {
        let host = HostState::new(plan, n, dim, seed, quantile_start)
            .x()
            .to_vec();
        let size = (ENTRIES / model.width().max(1)).clamp(1, n);
        let mut state = Self {
            model,
            noise: Noise::new(seed),
            n,
            dim,
            stage: 0,
            piece: 0,
            size,
            base: vec![],
            eval: vec![],
            before: vec![],
            host,
            device,
            dtype,
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
        let options: (&Device, DType) = (&self.device, self.dtype);
        Tensor::from_data(
            TensorData::new(x.to_vec(), [x.len() / self.dim, self.dim]),
            options,
        )
    }

    /// Queues one piece of the current stage. Returns the grid level that this completed, if it did.
    pub fn advance(&mut self, plan: &Plan) -> Option<usize> {
        let stage = plan.stages.get(self.stage)?;
        let k = self.piece;
        let base = self.base[k].clone();
        let [now, old] = stage.pulls;
        let at = self.eval[k].take().unwrap_or_else(|| base.clone());
        let x_hat = stage
            .level
            .as_ref()
            .map(|level| self.model.x_hat(level, at.clone()));
        let noise = (stage.noise != 0.0).then(|| {
            let first = k * self.size;
            let mut z = vec![0.0; self.size.min(self.n - first) * self.dim];
            let index = (first * self.dim) as u64;
            self.noise
                .normals(Stream::Stage, self.stage as u32, index, &mut z);
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

    /// Reads the committed state back; also keeps the device's queue short.
    ///
    /// # Errors
    /// If the device was lost.
    pub async fn read(&mut self) -> Result<(), Error> {
        for (piece, base) in self.host.chunks_mut(self.size * self.dim).zip(&self.base) {
            let data = base.to_data_async().await.map_err(|_| lost())?;
            let data = data.convert::<f64>();
            let read = data.as_slice::<f64>().map_err(|_| lost())?;
            piece.copy_from_slice(read);
        }
        Ok(())
    }
}

impl Executor for TensorState {
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

/// As the host's: x − (δε + √(2δ)z)σ with δ = τ/mean ε² of each particle, ε = (x − αx̂)/σ, all `[n, d]` and
/// δ `[n, 1]`; a particle of no noise at all takes δ = τ.
fn correct(tau: f64, level: &Level, x: Tensor<2>, x_hat: &Tensor<2>, z: Tensor<2>) -> Tensor<2> {
    let eps = (x.clone() - x_hat.clone().mul_scalar(level.alpha)).div_scalar(level.sigma);
    let mean = (eps.clone() * eps.clone()).mean_dim(1);
    let still = mean.clone().equal_elem(0.0);
    let delta = mean.mask_fill(still, 1.0).recip().mul_scalar(tau);
    let root = delta.clone().mul_scalar(2.0).sqrt();
    x - (eps * delta + z * root).mul_scalar(level.sigma)
}

/// What the device itself says of its end is a list of causes and traces: it goes to the console, by
/// cubecl's own log.
pub(super) fn lost() -> Error {
    Error::Engine {
        reason: "The graphics device was lost during the run.".to_owned(),
        remedy: "Run again, or choose the CPU engine.".to_owned(),
    }
}
