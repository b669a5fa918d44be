//! The host executor: one loop that runs any plan on f64 particles, a bounded piece at a time.

use super::plan::Plan;
use super::plan::Stage;
use crate::denoise::Denoiser;
use crate::level::Level;
use crate::rng::{Noise, Stream};

/// Particles that go through one stage together: small enough for the first-level cache.
const BLOCK: usize = 512;

/// What moves the particles of a plan: the host loop, or tensors on a device.
pub trait Executor {
    /// Stages done.
    fn stages_done(&self) -> usize;
    /// Denoiser evaluations so far, over all particles.
    fn evaluations(&self, plan: &Plan) -> u64;
    /// The committed state (of a device: as last read).
    fn x(&self) -> &[f64];
}

/// A run from start to end, for those who need no pieces.
pub struct HostRun<'a> {
    plan: &'a Plan,
    denoiser: &'a dyn Denoiser,
    state: HostState,
}

/// A run in progress: plain data, no borrow. Each call of [`HostState::advance`] does a bounded piece of
/// work, so the caller can show progress, cancel, or give way to others between two calls.
///
/// Coordinates are interleaved: particle i has the entries `i·dim … (i+1)·dim`, and the draws of the same
/// indices.
#[derive(Debug, Clone)]
pub struct HostState {
    noise: Noise,
    dim: usize,
    /// Next stage, and first particle of it not yet done.
    stage: usize,
    particle: usize,
    base: Vec<f64>,
    /// x_eval where it differs from x_base; empty where no stage needs it.
    eval: Vec<f64>,
    /// x̂₋₁; empty where no stage reads it.
    before: Vec<f64>,
    apart: bool,
}

impl HostState {
    /// A run of `n` particles of `dim` coordinates from their start: N(0, start²) drawn from `seed`, or
    /// (in one dimension) the quantiles start·Φ⁻¹((i+½)/n).
    pub fn new(plan: &Plan, n: usize, dim: usize, seed: u64, quantile_start: bool) -> Self {
        let noise = Noise::new(seed);
        let n = n * dim;
        let mut base = vec![0.0; n];
        if quantile_start {
            for (i, x) in base.iter_mut().enumerate() {
                *x = crate::special::quantile((i as f64 + 0.5) / n as f64);
            }
        } else {
            noise.normals(Stream::Start, 0, 0, &mut base);
        }
        base.iter_mut().for_each(|x| *x *= plan.start);
        let needs = |wanted: bool| if wanted { vec![0.0; n] } else { Vec::new() };
        Self {
            noise,
            dim,
            stage: 0,
            particle: 0,
            eval: needs(plan.stages.iter().any(|s| !s.commit)),
            before: needs(plan.stages.iter().any(|s| s.pulls[1] != 0.0)),
            base,
            apart: false,
        }
    }

    /// Works on the current stage for about `work` particles at most. Returns the grid level that
    /// this piece completed, if it did.
    pub fn advance(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Option<usize> {
        let stage = plan.stages.get(self.stage)?;
        let dim = self.dim;
        let n = self.base.len() / dim;
        let end = n.min(self.particle.saturating_add(work.max(BLOCK)));
        let denoise = stage.level.as_ref().map(|level| denoiser.at(level));
        let (mut x_hat, mut z) = (vec![0.0; BLOCK * dim], vec![0.0; BLOCK * dim]);
        while self.particle < end {
            let (first, last) = (self.particle * dim, end.min(self.particle + BLOCK) * dim);
            let (x_hat, z) = (&mut x_hat[..last - first], &mut z[..last - first]);
            if let Some(denoise) = &denoise {
                let at = if self.apart { &self.eval } else { &self.base };
                denoise.x_hat(&at[first..last], x_hat);
            }
            if stage.noise != 0.0 {
                self.noise
                    .normals(Stream::Stage, self.stage as u32, first as u64, z);
            }
            if let Some((tau, level)) = stage.scaled_in(dim) {
                let at = if self.apart { &self.eval } else { &self.base };
                correct(tau, &level, dim, &at[first..last], x_hat, z);
                self.base[first..last].copy_from_slice(z);
                if let Some(before) = self.before.get_mut(first..last) {
                    before.copy_from_slice(x_hat);
                }
                self.particle = last / dim;
                continue;
            }
            let [now, old] = stage.pulls;
            for i in 0..last - first {
                let k = first + i;
                let mut x = stage.keep * self.base[k] + stage.noise * z[i];
                if denoise.is_some() {
                    x += now * x_hat[i];
                }
                if let Some(before) = self.before.get_mut(k) {
                    x += old * *before;
                    if denoise.is_some() {
                        *before = x_hat[i];
                    }
                }
                if stage.commit {
                    self.base[k] = x
                } else {
                    self.eval[k] = x
                }
            }
            self.particle = last / dim;
        }
        if self.particle < n {
            return None;
        }
        self.particle = 0;
        self.stage += 1;
        self.apart = !stage.commit;
        stage.lands
    }
}

/// A Langevin correction of whole particles with δ = τ/mean ε² each, ε = (x − αx̂)/σ; `z` comes in as the noise
/// and goes out as the new state. A particle of no noise at all takes δ = τ.
fn correct(tau: f64, at: &Level, dim: usize, x: &[f64], x_hat: &[f64], z: &mut [f64]) {
    let particles = x.chunks_exact(dim).zip(x_hat.chunks_exact(dim));
    for ((x, x_hat), z) in particles.zip(z.chunks_exact_mut(dim)) {
        let squares = x.iter().zip(x_hat).map(|(&x, &x_hat)| {
            let eps = at.eps_from_x_hat(x, x_hat);
            eps * eps
        });
        let mean = squares.sum::<f64>() / dim as f64;
        let delta = if mean > 0.0 { tau / mean } else { tau };
        let [keep, pull, noise] = Stage::correction(at, delta);
        for ((z, x), x_hat) in z.iter_mut().zip(x).zip(x_hat) {
            *z = keep * x + pull * x_hat + noise * *z;
        }
    }
}

impl Executor for HostState {
    fn x(&self) -> &[f64] {
        &self.base
    }

    fn stages_done(&self) -> usize {
        self.stage
    }

    fn evaluations(&self, plan: &Plan) -> u64 {
        plan.evaluations(self.stage, self.particle, self.base.len() / self.dim)
    }
}

impl<'a> HostRun<'a> {
    /// A run of `n` particles on the line; see [`HostState::new`].
    pub fn new(
        plan: &'a Plan,
        denoiser: &'a dyn Denoiser,
        n: usize,
        seed: u64,
        quantile_start: bool,
    ) -> Self {
        Self {
            plan,
            denoiser,
            state: HostState::new(plan, n, 1, seed, quantile_start),
        }
    }

    /// A run of `n` particles of `dim` coordinates from random starts.
    pub fn in_space(
        plan: &'a Plan,
        denoiser: &'a dyn Denoiser,
        n: usize,
        dim: usize,
        seed: u64,
    ) -> Self {
        Self {
            plan,
            denoiser,
            state: HostState::new(plan, n, dim, seed, false),
        }
    }

    /// Runs to the end and returns the final particles.
    pub fn finish(mut self) -> Vec<f64> {
        while self.state.stage < self.plan.stages.len() {
            self.state.advance(self.plan, self.denoiser, usize::MAX / 2);
        }
        self.state.base
    }
}
