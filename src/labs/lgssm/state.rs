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
use crate::sample::Path;
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
    fn path(&self) -> Path {
        Path::Host
    }

    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, work: usize) -> Option<usize> {
        self.state.advance(plan, &self.guided, work)
    }

    fn begin(&mut self, work: usize) -> bool {
        Executor::begin(&mut self.state, work)
    }

    fn work(&self, _: &Plan) -> u64 {
        self.state.work()
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
