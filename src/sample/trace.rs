//! One particle of a run, stage by stage, with the parts of which each stage adds up its new state.

use super::plan::Plan;
use super::run::{Executor, HostState};
use super::share::Share;
use crate::denoise::Denoiser;
use crate::rng::Stream;

/// One stage of one particle; arrays have an entry a coordinate.
///
/// after = ((kept + noise) + pulled) + recalled, with kept = keep·x_base, noise = noise·z, pulled = pull₀·x̂ and
/// recalled = pull₁·x̂₋₁ (see [`super::Stage`]): in this order the sum is that of the run to the last bit.
///
/// Held by `tests/lab.rs`: `the_parts_of_a_step_add_up_to_the_frame_of_the_run`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// Number of the stage in the plan, from 0.
    pub stage: usize,
    /// x_base, the state at the start of the step.
    pub base: Vec<f64>,
    /// x_eval, where the denoiser is asked.
    pub at: Vec<f64>,
    /// x̂ there; empty for a stage that does not ask.
    pub x_hat: Vec<f64>,
    /// keep·x_base.
    pub kept: Vec<f64>,
    /// noise·z.
    pub noise: Vec<f64>,
    /// pull₀·x̂; zeros for a stage that does not ask.
    pub pulled: Vec<f64>,
    /// pull₁·x̂₋₁; zeros if the stage does not read it.
    pub recalled: Vec<f64>,
    /// The state after the stage.
    pub after: Vec<f64>,
}

/// A particle of a run that is followed alone. A draw is a function of seed, stage and particle, so it goes the way that
/// it goes among all others.
#[derive(Debug, Clone)]
pub struct Trace {
    state: HostState,
    seed: u64,
    particle: u64,
}

impl Trace {
    /// Particle number `particle` of a run of `n` particles of `dim` coordinates; see [`HostState::share`].
    pub fn new(
        plan: &Plan,
        [n, dim]: [usize; 2],
        seed: u64,
        quantile_start: bool,
        particle: usize,
    ) -> Self {
        let alone = Share {
            first: particle,
            count: 1,
            of: n,
        };
        let mut state = HostState::share(plan, &alone, dim, seed, quantile_start);
        state.begin(1);
        Self {
            state,
            seed,
            particle: particle as u64,
        }
    }

    /// Goes through the next stage without asking for its parts.
    pub fn pass(&mut self, plan: &Plan, denoiser: &dyn Denoiser) {
        self.state.advance(plan, denoiser, usize::MAX / 2);
    }

    /// Goes through the next stage; none where all are done. A stage that is scaled to the particle
    /// ([`super::Stage::scaled`], in eight coordinates or more) has other factors than its row of the plan, so its parts
    /// do not add up to its state.
    pub fn go_on(&mut self, plan: &Plan, denoiser: &dyn Denoiser) -> Option<Parts> {
        let number = self.state.stages_done();
        let stage = plan.stages.get(number)?;
        let base = self.state.x().to_vec();
        let at = self.state.newest().to_vec();
        let old = self.state.recalled().to_vec();
        let mut x_hat = vec![];
        if let Some(level) = &stage.level {
            x_hat = vec![0.0; at.len()];
            denoiser.at(level).x_hat(&at, &mut x_hat);
        }
        let mut z = vec![0.0; at.len()];
        if stage.noise != 0.0 {
            let from = self.particle * at.len() as u64;
            let noise = crate::rng::Noise::new(self.seed);
            noise.normals(Stream::Stage, number as u32, from, &mut z);
        }
        // What a stage does not read is empty, and adds zeros.
        let times = |factor: f64, x: &[f64]| -> Vec<f64> {
            let part = |c: usize| x.get(c).map_or(0.0, |x| factor * x);
            (0..at.len()).map(part).collect()
        };
        let parts = Parts {
            stage: number,
            kept: times(stage.keep, &base),
            noise: times(stage.noise, &z),
            pulled: times(stage.pulls[0], &x_hat),
            recalled: times(stage.pulls[1], &old),
            after: vec![],
            base,
            at,
            x_hat,
        };
        self.pass(plan, denoiser);
        let after = self.state.newest().to_vec();
        Some(Parts { after, ..parts })
    }
}
