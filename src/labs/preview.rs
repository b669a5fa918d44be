//! Small runs with a network in training: the plan of the link with few particles.

use super::record::Frames;
use super::runner::Runner;
use super::setup::Setup;
use crate::net::Net;
use std::sync::Arc;

/// A preview costs a fiftieth of the training, within these bounds on its particles.
pub(super) const SHARE: u64 = 50;
const PARTICLES: (u64, u64) = (64, 500);
/// Cost of a product with a Jacobian, in evaluations.
const PRODUCT: u64 = 3;

/// A small run with the current network.
pub struct Preview {
    run: Box<dyn Runner>,
    /// Evaluations of the network for one x̂ of a particle.
    asks: u64,
}

/// Changes a setup to a small run with `net`, for a training of `all` evaluations.
pub(super) fn few(setup: &mut Setup, net: Arc<Net>, all: u64) {
    let nfe = setup.plan.nfe().max(1) as u64;
    let n = (all / SHARE / nfe).clamp(PARTICLES.0, PARTICLES.1);
    setup.n = setup.n.min(n as usize);
    setup.net = Some(net);
}

impl Preview {
    /// A small run on the host. Each x̂ of a particle needs `asks` evaluations of the network.
    pub(super) fn of(run: impl Runner + 'static, asks: u64) -> Self {
        let run = Box::new(run);
        Self { run, asks }
    }

    /// Does a piece of about this many evaluations of the network. Returns whether the run is done, and the cost of
    /// the piece; `None` if guidance failed.
    pub(super) fn advance(&mut self, work: u64) -> Option<(bool, u64)> {
        let before = self.spent();
        let done = self.run.advance((work / self.asks).max(1) as usize);
        self.run.check().ok()?;
        Some((done, self.spent() - before))
    }

    fn spent(&self) -> u64 {
        let products = self.run.products().unwrap_or(0);
        self.asks * (self.run.evaluations() + PRODUCT * products)
    }

    /// All frames.
    pub(super) fn take(&mut self) -> Option<Frames> {
        self.run.take()
    }
}
