//! The executors of this lab: one run, a run for each segment, or exact draws.

use super::ChainLab;
use super::Method;
use super::draws::Draws;
use super::segments::Segments;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::guide::Guidance;
use crate::guide::Guided;
use crate::sample::BLOCK;
use crate::sample::Executor;
use crate::sample::HostState;
use crate::sample::Path;
use crate::sample::Plan;
use crate::sample::Share;

/// The shares of a run begin at multiples of this number of chains. Under `exact`, all chains of a block count as many
/// products as the one that needed most, so a block is not divided, unless it is the only one ([`Executor::most`]).
pub fn grain(lab: &ChainLab) -> usize {
    if lab.guidance == Guidance::Exact && lab.setup.n > BLOCK {
        BLOCK
    } else {
        1
    }
}

/// A share of the particles at the start of a run of `lab`.
pub fn start(lab: &ChainLab, share: &Share) -> Box<dyn Executor> {
    let (setup, dim) = (&lab.setup, lab.chain.dim());
    match &lab.method {
        Method::AllAtOnce => Box::new(Whole {
            state: setup.start(dim, share),
            guided: lab.guided.fresh(),
            single: share.of <= BLOCK,
        }),
        Method::Autoregressive(series) => Box::new(Segments::new(
            series.clone(),
            &setup.plan,
            &setup.shown_levels(),
            share,
            setup.seed,
        )),
        Method::Exact => {
            let reference = lab.reference.clone();
            Box::new(Draws::new(&setup.plan, reference, share, setup.seed))
        }
    }
}

/// All at once, under guidance, which counts products and keeps failures.
struct Whole {
    state: HostState,
    guided: Guided,
    /// Whether all particles of the run are one block.
    single: bool,
}

impl Executor for Whole {
    fn path(&self) -> Path {
        Path::Host
    }

    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, work: usize) -> Option<usize> {
        self.state.advance(plan, &self.guided, work)
    }

    fn begin(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> bool {
        Executor::begin(&mut self.state, plan, denoiser, work)
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

    fn most(&self) -> Vec<u32> {
        match self.single {
            true => self.guided.most_of_blocks(),
            false => vec![],
        }
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
