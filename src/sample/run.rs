//! The host executor: one loop that runs any plan on f64 particles, a bounded piece at a time.

use super::plan::Plan;
use super::plan::Stage;
use crate::denoise::DenoiseAt;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::level::Level;
use crate::rng::{Noise, Stream};
use std::pin::Pin;

/// Particles that go through one stage together: small enough for the first-level cache.
pub(crate) const BLOCK: usize = 512;

/// The end of the work that a device has queued.
pub type Settling<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

/// What moves the particles of a plan: the host loop, or tensors on a device.
pub trait Executor {
    /// On the host, does a bounded piece of work: about `work` denoiser evaluations and Jacobian products at most, or
    /// one particle. On a device, queues a piece. Returns the grid level that it completed, if it did and the state at
    /// this level is to be seen.
    fn advance(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Option<usize>;

    /// Device operations that the next [`Executor::advance`] queues, about; none on the host.
    fn operations(&self, _plan: &Plan) -> usize {
        0
    }

    /// Waits for what is queued and reads what the last frame shows; on the host it is ready at once.
    ///
    /// # Errors
    /// If the device was lost.
    fn settle(&mut self) -> Settling<'_> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Products with the score's Jacobian or its transpose so far, over all particles; none where there are none to
    /// count.
    fn products(&self) -> Option<u64> {
        None
    }

    /// Stages done.
    fn stages_done(&self) -> usize;
    /// Denoiser evaluations so far, over all particles.
    fn evaluations(&self, plan: &Plan) -> u64;
    /// The committed state (of a device: as last read).
    fn x(&self) -> &[f64];

    /// Whether nothing is left to do.
    fn is_done(&self, plan: &Plan) -> bool {
        self.stages_done() == plan.stages.len()
    }

    /// [`Executor::evaluations`] at the end, of `n` particles.
    fn total(&self, plan: &Plan, n: usize) -> u64 {
        plan.evaluations(plan.stages.len(), 0, n)
    }

    /// Whether all that was done so far is a result; asked after each piece of work.
    ///
    /// # Errors
    /// What broke down.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
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
    /// Number of the first particle, and of the part of a series: where the draws begin.
    first: u64,
    part: u32,
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
        let mut own = Self::part(plan, n, dim, seed, (0, 0));
        if quantile_start {
            let n = own.base.len();
            for (i, x) in own.base.iter_mut().enumerate() {
                *x = crate::special::quantile((i as f64 + 0.5) / n as f64);
                *x *= plan.start;
            }
        }
        own
    }

    /// As [`HostState::new`] from random starts, of the particles from number `first` on, in one part of a series
    /// of runs from one seed. Stages count on through the parts, so no draw of one is a draw of another, and none
    /// depends on how the particles are shared out.
    pub fn part(plan: &Plan, n: usize, dim: usize, seed: u64, (part, first): (u32, u64)) -> Self {
        let noise = Noise::new(seed);
        let n = n * dim;
        let mut base = vec![0.0; n];
        noise.normals(Stream::Start, part, first * dim as u64, &mut base);
        base.iter_mut().for_each(|x| *x *= plan.start);
        let needs = |wanted: bool| if wanted { vec![0.0; n] } else { Vec::new() };
        Self {
            noise,
            dim,
            first,
            part,
            stage: 0,
            particle: 0,
            eval: needs(plan.stages.iter().any(|s| !s.commit)),
            before: needs(plan.stages.iter().any(|s| s.pulls[1] != 0.0)),
            base,
            apart: false,
        }
    }

    /// Works on the current stage: about `work` evaluations and Jacobian products at most, or one particle. Returns
    /// the grid level that this piece completed, if it did.
    ///
    /// Products cost as much as evaluations and their number is found out on the way (`guidance=exact` takes from
    /// two to thousands a particle), so that of a denoiser that takes any one particle goes ahead of the others.
    pub fn advance(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Option<usize> {
        let stage = plan.stages.get(self.stage)?;
        let n = self.base.len() / self.dim;
        let denoise = stage.level.as_ref().map(|level| denoiser.at(level));
        let taken = || denoiser.products().unwrap_or(0);
        let mut left = work.max(1) as u64;
        let mut some = match denoiser.products() {
            Some(_) if denoise.is_some() => 1,
            _ => left,
        };
        let room = (BLOCK.min(n).min(some.max(left) as usize)) * self.dim;
        let (mut x_hat, mut z) = (vec![0.0; room], vec![0.0; room]);
        while self.particle < n && left > 0 {
            let edge = BLOCK - self.particle % BLOCK;
            if edge == BLOCK {
                denoiser.next_block();
            }
            let count = edge.min(n - self.particle).min(some as usize);
            let before = taken();
            let (x_hat, z) = (&mut x_hat[..count * self.dim], &mut z[..count * self.dim]);
            self.go_through(plan, denoise.as_deref(), x_hat, z);
            let cost = count as u64 + taken() - before;
            left = left.saturating_sub(cost);
            some = (left / cost.div_ceil(count as u64)).max(1);
        }
        if self.particle < n {
            return None;
        }
        self.particle = 0;
        self.stage += 1;
        self.apart = !stage.commit;
        stage.lands
    }

    /// Takes the next particles through the current stage, as many as `x_hat` and `z` have room for.
    fn go_through(
        &mut self,
        plan: &Plan,
        denoise: Option<&(dyn DenoiseAt + '_)>,
        x_hat: &mut [f64],
        z: &mut [f64],
    ) {
        let stage = &plan.stages[self.stage];
        let dim = self.dim;
        let (first, last) = (self.particle * dim, self.particle * dim + x_hat.len());
        self.particle = last / dim;
        if let Some(denoise) = denoise {
            let at = if self.apart { &self.eval } else { &self.base };
            denoise.x_hat(&at[first..last], x_hat);
        }
        if stage.noise != 0.0 {
            let draw = self.part * plan.stages.len() as u32 + self.stage as u32;
            let from = self.first * dim as u64 + first as u64;
            self.noise.normals(Stream::Stage, draw, from, z);
        }
        if let Some((tau, level)) = stage.scaled_in(dim) {
            let at = if self.apart { &self.eval } else { &self.base };
            correct(tau, &level, dim, &at[first..last], x_hat, z);
            self.base[first..last].copy_from_slice(z);
            if let Some(before) = self.before.get_mut(first..last) {
                before.copy_from_slice(x_hat);
            }
            return;
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
    }

    /// Particles that are through the current stage.
    pub(crate) fn through(&self) -> usize {
        self.particle
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
    fn advance(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Option<usize> {
        HostState::advance(self, plan, denoiser, work)
    }

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
