//! The host executor: one loop that runs any plan on f64 particles, in pieces of bounded size.
//!
//! Held by `tests/contracts/run.rs`: `pieces_of_any_size_give_the_whole_run`, `a_run_that_was_stopped_goes_on_where_it_was`;
//! `tests/pieces.rs`: `a_piece_is_bounded_in_evaluations_and_products_together`.

use super::brief::{Brief, Wanted};
use super::path::Path;
use super::plan::Plan;
use super::plan::Stage;
use super::share::Share;
use crate::denoise::DenoiseAt;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::level::Level;
use crate::rng::{Noise, Stream};
use std::pin::Pin;

/// Particles that go through one stage together; they fit into the first-level cache.
pub const BLOCK: usize = 512;

/// The end of the work that a device has queued.
pub type Settling<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

/// Moves the particles of a plan: the host loop, tensors on a device, or a kernel.
pub trait Executor {
    /// What moves the particles.
    fn path(&self) -> Path;

    /// On the host, does a bounded piece: about `work` units ([`Denoiser::price`]) at most, or one particle. On a
    /// device, queues a piece. Returns the grid level that it completed, if it did and the state at this level is to be
    /// seen.
    fn advance(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Option<usize>;

    /// Draws the start of some particles, before anything else: about `work` units, or one particle. Returns whether
    /// all have theirs.
    fn begin(&mut self, _plan: &Plan, _denoiser: &dyn Denoiser, _work: usize) -> bool {
        true
    }

    /// Units of work so far: on the host, as [`Denoiser::price`] says; on a device, evaluations.
    fn work(&self, plan: &Plan) -> u64 {
        self.evaluations(plan)
    }

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

    /// What is wanted of each frame in place of its particles, before the start; what cannot give that shows all particles.
    fn want(&mut self, _: Wanted) {}

    /// The frame that is seen, where it was wanted in short: then [`Executor::x`] is known at the end only.
    fn brief(&self) -> Option<&Brief> {
        None
    }

    /// Goes on to the state of the next frame, where the last read brought several; false where it did not.
    fn next_frame(&mut self) -> bool {
        false
    }

    /// Products with the score's Jacobian or its transpose so far, over all particles; none where there are none to
    /// count.
    fn products(&self) -> Option<u64> {
        None
    }

    /// Where all particles of the run are one block ([`BLOCK`]), of which this may be a share: in each evaluation so far, the
    /// largest number of products that one of them needed.
    fn most(&self) -> Vec<u32> {
        vec![]
    }

    /// Number of completed stages.
    fn stages_done(&self) -> usize;
    /// Denoiser evaluations so far, over all particles.
    fn evaluations(&self, plan: &Plan) -> u64;
    /// The committed state; on a device, the state that was last read.
    fn x(&self) -> &[f64];

    /// The final state, when nothing is left to do; [`Executor::x`] is empty from here on.
    fn take(&mut self) -> Vec<f64>;

    /// Whether nothing is left to do.
    fn is_done(&self, plan: &Plan) -> bool {
        self.stages_done() == plan.stages.len()
    }

    /// [`Executor::evaluations`] at the end of a run with `n` particles.
    fn total(&self, plan: &Plan, n: usize) -> u64 {
        plan.evaluations(plan.stages.len(), 0, n)
    }

    /// Checks whether the state is valid. Callers check after each piece of work.
    ///
    /// # Errors
    /// The failure, if there was one.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// A run from start to end, for callers that need no pieces.
pub struct HostRun<'a> {
    plan: &'a Plan,
    denoiser: &'a dyn Denoiser,
    state: HostState,
}

/// A run in progress, as plain data without borrows. Each call of [`HostState::advance`] does a bounded piece of work,
/// so the caller can show progress, cancel, or yield between two calls.
///
/// Coordinates are interleaved: particle i has the entries `i·dim … (i+1)·dim`, and uses the draws with these indices.
#[derive(Debug, Clone)]
pub struct HostState {
    noise: Noise,
    n: usize,
    dim: usize,
    /// Scale of the start; for a start at quantiles the number of particles that share them.
    start: (f64, Option<usize>),
    /// Number of particles whose start is drawn.
    drawn: usize,
    /// Units of work so far.
    work: u64,
    /// Number of the first particle, and number of the part in a series of runs. The draws follow from both.
    first: u64,
    part: u32,
    /// The current stage, and its first particle that is not done yet.
    stage: usize,
    particle: usize,
    base: Vec<f64>,
    /// x_eval; empty if every stage commits.
    eval: Vec<f64>,
    /// x̂₋₁; empty if no stage reads it.
    before: Vec<f64>,
    /// Whether x_eval differs from x_base.
    uncommitted: bool,
}

impl HostState {
    /// A run of `n` particles of `dim` coordinates. They start at draws of N(0, start²) from `seed`, or (in one
    /// dimension) at the quantiles start·Φ⁻¹((i+½)/n).
    pub fn new(plan: &Plan, n: usize, dim: usize, seed: u64, quantile_start: bool) -> Self {
        let mut own = Self::undrawn(plan, [n, dim], seed, quantile_start, (0, 0));
        own.begin(usize::MAX);
        own
    }

    /// One part of a series of runs from one seed: `n` particles from number `first` on, with random starts. The
    /// stages of all parts are numbered consecutively, so the parts share no draw, and a draw does not depend on how
    /// the particles are distributed over runs.
    pub fn part(plan: &Plan, n: usize, dim: usize, seed: u64, place: (u32, u64)) -> Self {
        let mut own = Self::undrawn(plan, [n, dim], seed, false, place);
        own.begin(usize::MAX);
        own
    }

    /// As [`HostState::new`] and [`HostState::part`], but the start is not drawn yet: see [`HostState::begin`].
    pub fn undrawn(
        plan: &Plan,
        [n, dim]: [usize; 2],
        seed: u64,
        quantile_start: bool,
        (part, first): (u32, u64),
    ) -> Self {
        let needs = |wanted: bool| vec![0.0; if wanted { n * dim } else { 0 }];
        Self {
            noise: Noise::new(seed),
            n,
            dim,
            first,
            part,
            start: (plan.start, quantile_start.then_some(n)),
            drawn: 0,
            work: 0,
            stage: 0,
            particle: 0,
            eval: needs(plan.stages.iter().any(|s| !s.commit)),
            before: needs(plan.stages.iter().any(|s| s.pulls[1] != 0.0)),
            base: needs(true),
            uncommitted: false,
        }
    }

    /// Some particles of a run, which go the way that they go among all others. The start is not drawn yet: see
    /// [`HostState::begin`].
    pub fn share(plan: &Plan, share: &Share, dim: usize, seed: u64, quantile_start: bool) -> Self {
        let place = (0, share.first as u64);
        let mut own = Self::undrawn(plan, [share.count, dim], seed, false, place);
        own.start.1 = quantile_start.then_some(share.of);
        own
    }

    /// x_eval: the state, or what the last stage made of it without committing. It is where the next stage asks for x̂.
    pub fn newest(&self) -> &[f64] {
        if self.uncommitted {
            &self.eval
        } else {
            &self.base
        }
    }

    /// x̂₋₁; empty if no stage reads it.
    pub(super) fn recalled(&self) -> &[f64] {
        &self.before
    }

    /// Whether all particles have their start.
    pub fn has_start(&self) -> bool {
        self.drawn == self.n
    }

    /// Draws the start of the next `count` particles. Returns whether all particles have their start.
    pub fn begin(&mut self, count: usize) -> bool {
        let from = self.drawn;
        self.drawn = from.saturating_add(count.max(1)).min(self.n);
        let (scale, quantiles) = self.start;
        let fresh = &mut self.base[from * self.dim..self.drawn * self.dim];
        let index = (self.first + from as u64) * self.dim as u64;
        if let Some(n) = quantiles {
            let all = (n * self.dim) as f64;
            for (i, x) in (index..).zip(fresh.iter_mut()) {
                *x = crate::special::quantile((i as f64 + 0.5) / all);
            }
        } else {
            let (stream, part) = (Stream::Start, self.part);
            self.noise.normals(stream, part, index, fresh);
        }
        fresh.iter_mut().for_each(|x| *x *= scale);
        self.work += fresh.len() as u64;
        self.has_start()
    }

    /// Works on the current stage: at most about `work` units ([`Denoiser::price`]), but at least one particle. If this
    /// piece completes a grid level, it returns the level.
    ///
    /// A Jacobian product costs as much as an evaluation, and how many a particle needs is known only afterwards
    /// (`guidance=exact` needs from two to thousands). So with a denoiser that computes products, each piece begins
    /// with a single particle, whose cost sets the number of particles that follow.
    pub fn advance(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Option<usize> {
        let stage = plan.stages.get(self.stage)?;
        let n = self.n;
        let denoise = stage.level.as_ref().map(|level| denoiser.at(level));
        let taken = || denoiser.products().unwrap_or(0);
        let price = denoiser.price() as u64;
        // Two numbers that are drawn in a warm cache and added take a unit.
        let one = self.dim.div_ceil(2) as u64 + if denoise.is_some() { price } else { 0 };
        let mut left = work.max(1) as u64;
        let most = (left / one).max(1);
        let mut some = match denoiser.products() {
            Some(_) if denoise.is_some() => 1,
            _ => most,
        };
        let room = BLOCK.min(n).min(most as usize) * self.dim;
        let (mut x_hat, mut z) = (vec![0.0; room], vec![0.0; room]);
        while self.particle < n {
            let edge = BLOCK - self.particle % BLOCK;
            if edge == BLOCK {
                denoiser.next_block();
            }
            let count = edge.min(n - self.particle).min(some as usize);
            let before = taken();
            let (x_hat, z) = (&mut x_hat[..count * self.dim], &mut z[..count * self.dim]);
            self.go_through(plan, denoise.as_deref(), x_hat, z);
            let cost = count as u64 * one + (taken() - before) * price;
            self.work += cost;
            left = left.saturating_sub(cost);
            some = (left / cost.div_ceil(count as u64)).min(most);
            if some == 0 {
                break;
            }
        }
        if self.particle < n {
            return None;
        }
        self.particle = 0;
        self.stage += 1;
        self.uncommitted = !stage.commit;
        stage.lands
    }

    /// As [`HostState::advance`] for a single particle whose x̂ at the level of the current stage is known.
    ///
    /// Held by `tests/turbulence/pieces.rs`: `a_walk_in_pieces_gives_the_bits_of_the_composition_of_chains`.
    pub fn advance_with(&mut self, plan: &Plan, x_hat: &[f64]) -> Option<usize> {
        self.advance(plan, &Known(x_hat), usize::MAX / 2)
    }

    /// Moves the next particles through the current stage, as many as `x_hat` and `z` have room for.
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
            denoise.x_hat(&self.newest()[first..last], x_hat);
        }
        if stage.noise != 0.0 {
            let draw = self.part * plan.stages.len() as u32 + self.stage as u32;
            let from = self.first * dim as u64 + first as u64;
            self.noise.normals(Stream::Stage, draw, from, z);
        }
        if let Some((tau, level)) = stage.scaled_in(dim) {
            correct(tau, &level, dim, &self.newest()[first..last], x_hat, z);
            self.base[first..last].copy_from_slice(z);
            if let Some(before) = self.before.get_mut(first..last) {
                before.copy_from_slice(x_hat);
            }
            return;
        }
        let [now, old] = stage.pulls;
        let state = if stage.commit {
            &mut self.base[first..last]
        } else {
            let eval = &mut self.eval[first..last];
            eval.copy_from_slice(&self.base[first..last]);
            eval
        };
        // A loop for each case, so that the compiler vectorises it. All add in the order of the formula.
        let (keep, noise) = (stage.keep, stage.noise);
        let still = noise * 0.0;
        match (noise != 0.0, denoise.is_some()) {
            (true, true) => {
                for ((x, z), x_hat) in state.iter_mut().zip(&*z).zip(&*x_hat) {
                    *x = keep * *x + noise * z + now * x_hat;
                }
            }
            (true, false) => {
                for (x, z) in state.iter_mut().zip(&*z) {
                    *x = keep * *x + noise * z;
                }
            }
            (false, true) => {
                for (x, x_hat) in state.iter_mut().zip(&*x_hat) {
                    *x = keep * *x + still + now * x_hat;
                }
            }
            (false, false) => state.iter_mut().for_each(|x| *x = keep * *x + still),
        }
        if let Some(before) = self.before.get_mut(first..last) {
            for (x, before) in state.iter_mut().zip(&*before) {
                *x += old * before;
            }
            if denoise.is_some() {
                before.copy_from_slice(x_hat);
            }
        }
    }

    /// Units of work so far ([`Denoiser::price`]).
    pub fn work(&self) -> u64 {
        self.work
    }

    /// Number of particles that have completed the current stage.
    pub fn through(&self) -> usize {
        self.particle
    }
}

/// A denoiser of a single particle that was evaluated before.
struct Known<'a>(&'a [f64]);

impl Denoiser for Known<'_> {
    fn at(&self, _: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(Known(self.0))
    }
}

impl DenoiseAt for Known<'_> {
    fn x_hat(&self, _: &[f64], out: &mut [f64]) {
        out.copy_from_slice(self.0);
    }
}

/// A Langevin correction of whole particles, each with its own δ = τ/mean ε², ε = (x − αx̂)/σ. `z` holds the noise on
/// entry and the new state on return. If ε = 0, δ = τ.
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
    fn path(&self) -> Path {
        Path::Host
    }

    fn begin(&mut self, _: &Plan, _: &dyn Denoiser, work: usize) -> bool {
        HostState::begin(self, work / self.dim)
    }

    fn work(&self, _: &Plan) -> u64 {
        self.work
    }

    fn take(&mut self) -> Vec<f64> {
        (self.eval, self.before) = (vec![], vec![]);
        std::mem::take(&mut self.base)
    }

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
        plan.evaluations(self.stage, self.particle, self.n)
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
