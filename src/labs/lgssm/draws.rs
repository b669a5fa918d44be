//! Exact draws instead of a sampler, without a score.

use super::Reference;
use crate::denoise::Denoiser;
use crate::rng::Noise;
use crate::rng::Stream;
use crate::sample::Executor;
use crate::sample::Path;
use crate::sample::Plan;
use crate::sample::Share;
use std::rc::Rc;

/// Exact draws as the final state.
///
/// The frames between start and end are α x₀ + σ z at the levels of the plan, where x₀ are the draws and z is the
/// noise from which every method starts. Each frame has the right law, but nothing was sampled step by step. Frame 0
/// is the start itself; the last frame is x₀, also if the grid ends at σ > 0.
pub struct Draws {
    reference: Rc<Reference>,
    seed: u64,
    share: Share,
    /// Number of particles of the share, and of coordinates of a particle.
    n: usize,
    dim: usize,
    z: Vec<f64>,
    /// Scale of the start, and number of particles whose start is drawn.
    start: f64,
    begun: usize,
    drawn: Vec<f64>,
    x: Vec<f64>,
    /// Number of completed levels, and of completed particles of the next level.
    level: usize,
    particle: usize,
    /// Units of work so far.
    work: u64,
}

/// Numbers of a frame that are computed in a unit of work.
const MIXED: usize = 32;

/// The price of exact draws of `n` particles of `dim` coordinates and of their frames, in units of work.
pub(super) fn price(plan: &Plan, reference: &Reference, [n, dim]: [usize; 2]) -> usize {
    let (parts, preparation) = reference.parts();
    let draws = n * (dim + reference.price());
    parts * preparation + draws + plan.steps() * n * dim.div_ceil(MIXED)
}

impl Draws {
    /// A share of the particles, before anything is drawn.
    pub(super) fn new(plan: &Plan, reference: Rc<Reference>, share: &Share, seed: u64) -> Self {
        let (n, dim) = (share.count, reference.dim());
        Self {
            x: vec![0.0; n * dim],
            drawn: Vec::with_capacity(n * dim),
            z: vec![0.0; n * dim],
            start: plan.start,
            begun: 0,
            reference,
            seed,
            share: *share,
            n,
            dim,
            level: 0,
            particle: 0,
            work: 0,
        }
    }
}

impl Executor for Draws {
    fn path(&self) -> Path {
        Path::Host
    }

    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, work: usize) -> Option<usize> {
        let (_, preparation) = self.reference.parts();
        if preparation > 0 {
            let mut left = work.max(1);
            while left > 0 && !self.reference.prepare() {
                left = left.saturating_sub(preparation);
                self.work += preparation as u64;
            }
            return None;
        }
        let done = self.drawn.len() / self.dim;
        if done < self.n {
            let one = self.reference.price();
            let count = (work / one).max(1).min(self.n - done);
            self.work += (count * one) as u64;
            // A sample of n particles is compared with the draws 0 … n − 1, so it uses other draws.
            let first = (self.share.of + self.share.first + done) as u64;
            let fresh = self.reference.draws_from(self.seed, first, count);
            self.drawn.extend(fresh);
            return None;
        }
        if self.is_done(plan) {
            return None;
        }
        let one = self.dim.div_ceil(MIXED);
        let end = self
            .n
            .min(self.particle.saturating_add((work / one).max(1)));
        self.work += ((end - self.particle) * one) as u64;
        let now = self.particle * self.dim..end * self.dim;
        let (x, drawn) = (&mut self.x[now.clone()], &self.drawn[now.clone()]);
        if self.level + 1 == plan.steps() {
            x.copy_from_slice(drawn);
        } else {
            plan.levels[self.level + 1].noise(drawn, &self.z[now], x);
        }
        self.particle = end;
        if end < self.n {
            return None;
        }
        (self.level, self.particle) = (self.level + 1, 0);
        Some(self.level)
    }

    fn begin(&mut self, _: &Plan, _: &dyn Denoiser, work: usize) -> bool {
        let from = self.begun;
        self.begun = from.saturating_add((work / self.dim).max(1)).min(self.n);
        let now = from * self.dim..self.begun * self.dim;
        let index = (self.share.first * self.dim + now.start) as u64;
        let (z, x) = (&mut self.z[now.clone()], &mut self.x[now]);
        Noise::new(self.seed).normals(Stream::Start, 0, index, z);
        self.work += z.len() as u64;
        x.iter_mut().zip(z).for_each(|(x, z)| *x = self.start * *z);
        self.begun == self.n
    }

    fn work(&self, _: &Plan) -> u64 {
        self.work
    }

    fn take(&mut self) -> Vec<f64> {
        self.z = vec![];
        std::mem::take(&mut self.x)
    }

    /// Exact draws need no score.
    fn products(&self) -> Option<u64> {
        Some(0)
    }

    fn stages_done(&self) -> usize {
        self.level
    }

    /// Draws made, and frames of all of them: the work, counted instead of evaluations.
    fn evaluations(&self, _: &Plan) -> u64 {
        (self.drawn.len() / self.dim + self.particle) as u64 + self.level as u64 * self.n as u64
    }

    fn x(&self) -> &[f64] {
        &self.x
    }

    fn is_done(&self, plan: &Plan) -> bool {
        self.level == plan.steps()
    }

    fn total(&self, plan: &Plan, n: usize) -> u64 {
        (1 + plan.steps() as u64) * n as u64
    }
}
