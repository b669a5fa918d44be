//! What moves the particles of this lab: one run, a run after the other, or exact draws.

use super::ChainLab;
use super::Method;
use super::draws::Draws;
use super::segments::Segments;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::sample::Executor;
use crate::sample::HostExecutor;
use crate::sample::HostState;
use crate::sample::Plan;

/// The particles of a run by any method.
pub enum State {
    /// All at once.
    Whole(HostState),
    /// Autoregressive.
    Segments(Box<Segments>),
    /// Exact draws.
    Draws(Box<Draws>),
}

impl State {
    /// The start of a run of `lab`.
    pub fn new(lab: &ChainLab) -> Self {
        let (setup, dim) = (&lab.setup, lab.chain.dim());
        match &lab.method {
            Method::AllAtOnce => State::Whole(setup.start(dim)),
            Method::Autoregressive(series) => State::Segments(Box::new(Segments::new(
                series.clone(),
                &setup.plan,
                &setup.shown_levels(),
                setup.n,
                setup.seed,
            ))),
            Method::Exact => {
                let reference = lab.reference.clone();
                let draws = Draws::new(&setup.plan, reference, [setup.n, dim], setup.seed);
                State::Draws(Box::new(draws))
            }
        }
    }
}

impl Executor for State {
    fn stages_done(&self) -> usize {
        match self {
            State::Whole(state) => state.stages_done(),
            State::Segments(state) => state.stages_done(),
            State::Draws(state) => state.level(),
        }
    }

    fn evaluations(&self, plan: &Plan) -> u64 {
        match self {
            State::Whole(state) => state.evaluations(plan),
            State::Segments(state) => state.evaluations(plan),
            State::Draws(state) => state.work(),
        }
    }

    fn x(&self) -> &[f64] {
        match self {
            State::Whole(state) => state.x(),
            State::Segments(state) => state.x(),
            State::Draws(state) => state.x(),
        }
    }

    fn is_done(&self, plan: &Plan) -> bool {
        match self {
            State::Whole(state) => state.is_done(plan),
            State::Segments(state) => state.is_done(),
            State::Draws(state) => state.is_done(plan),
        }
    }

    fn total(&self, plan: &Plan, n: usize) -> u64 {
        match self {
            State::Whole(state) => state.total(plan, n),
            State::Segments(state) => state.total(plan),
            State::Draws(state) => state.total(plan),
        }
    }

    fn check(&self) -> Result<(), Error> {
        match self {
            State::Segments(state) => state.check(),
            State::Whole(_) | State::Draws(_) => Ok(()),
        }
    }
}

impl HostExecutor for State {
    fn advance(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Option<usize> {
        match self {
            State::Whole(state) => state.advance(plan, denoiser, work),
            State::Segments(state) => state.advance(plan, work),
            State::Draws(state) => state.advance(plan, work),
        }
    }
}
