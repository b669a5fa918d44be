//! The executors of this lab: one run, a run for each segment, or exact draws.

use super::ChainLab;
use super::Method;
use super::draws::Draws;
use super::segments::Segments;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::guide::Guided;
use crate::sample::Executor;
use crate::sample::HostState;
use crate::sample::Plan;

/// The particles at the start of a run of `lab`.
pub fn start(lab: &ChainLab) -> Box<dyn Executor> {
    let (setup, dim) = (&lab.setup, lab.chain.dim());
    match &lab.method {
        Method::AllAtOnce => Box::new(Whole {
            state: setup.start(dim),
            guided: lab.guided.fresh(),
        }),
        Method::Autoregressive(series) => Box::new(Segments::new(
            series.clone(),
            &setup.plan,
            &setup.shown_levels(),
            setup.n,
            setup.seed,
        )),
        Method::Exact => {
            let reference = lab.reference.clone();
            let size = [setup.n, dim];
            Box::new(Draws::new(&setup.plan, reference, size, setup.seed))
        }
    }
}

/// All at once, under guidance, which counts products and keeps failures.
struct Whole {
    state: HostState,
    guided: Guided,
}

impl Executor for Whole {
    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, work: usize) -> Option<usize> {
        self.state.advance(plan, &self.guided, work)
    }

    fn begin(&mut self, count: usize) -> bool {
        self.state.begin(count)
    }

    fn take(&mut self) -> Vec<f64> {
        self.state.take()
    }

    fn products(&self) -> Option<u64> {
        Some(self.guided.jacobian_products())
    }

    fn stages_done(&self) -> usize {
        self.state.stages_done()
    }

    fn evaluations(&self, plan: &Plan) -> u64 {
        self.state.evaluations(plan)
    }

    fn x(&self) -> &[f64] {
        self.state.x()
    }

    fn check(&self) -> Result<(), Error> {
        self.guided.check()
    }
}

impl Executor for Segments {
    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, work: usize) -> Option<usize> {
        Segments::advance(self, plan, work)
    }

    fn begin(&mut self, count: usize) -> bool {
        Segments::begin(self, count)
    }

    fn take(&mut self) -> Vec<f64> {
        Segments::take(self)
    }

    fn products(&self) -> Option<u64> {
        Some(self.jacobian_products())
    }

    fn stages_done(&self) -> usize {
        Segments::stages_done(self)
    }

    fn evaluations(&self, plan: &Plan) -> u64 {
        Segments::evaluations(self, plan)
    }

    fn x(&self) -> &[f64] {
        Segments::x(self)
    }

    fn is_done(&self, _: &Plan) -> bool {
        Segments::is_done(self)
    }

    fn total(&self, plan: &Plan, _: usize) -> u64 {
        Segments::total(self, plan)
    }

    fn check(&self) -> Result<(), Error> {
        Segments::check(self)
    }
}

impl Executor for Draws {
    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, work: usize) -> Option<usize> {
        Draws::advance(self, plan, work)
    }

    fn begin(&mut self, count: usize) -> bool {
        Draws::begin(self, count)
    }

    fn take(&mut self) -> Vec<f64> {
        Draws::take(self)
    }

    /// Exact draws need no score.
    fn products(&self) -> Option<u64> {
        Some(0)
    }

    fn stages_done(&self) -> usize {
        self.level()
    }

    fn evaluations(&self, _: &Plan) -> u64 {
        self.work()
    }

    fn x(&self) -> &[f64] {
        Draws::x(self)
    }

    fn is_done(&self, plan: &Plan) -> bool {
        Draws::is_done(self, plan)
    }

    fn total(&self, plan: &Plan, _: usize) -> u64 {
        Draws::total(self, plan)
    }
}
