//! Small runs with a network in training: a link's own plan, few particles.

use super::record::Frames;
use super::runner::Runner;
use super::setup::Setup;
use crate::net::Net;
use std::sync::Arc;

/// A preview costs a fiftieth of the training, within these bounds of its particles.
pub(super) const SHARE: u64 = 50;
const PARTICLES: (u64, u64) = (64, 500);
/// What a product with a Jacobian costs in evaluations.
const PRODUCT: u64 = 3;

/// A small run with the network as it stands.
pub struct Preview {
    run: Box<dyn Runner>,
    /// Evaluations of the network in one x̂ of a particle.
    asks: u64,
}

/// Makes a setup that of a small run with `net`, beside a training that takes `all` evaluations.
pub(super) fn few(setup: &mut Setup, net: Arc<Net>, all: u64) {
    let nfe = setup.plan.nfe().max(1) as u64;
    let n = (all / SHARE / nfe).clamp(PARTICLES.0, PARTICLES.1);
    setup.n = setup.n.min(n as usize);
    setup.net = Some(net);
}

impl Preview {
    /// A small run on the host, whose particles ask the network `asks` times for each x̂.
    pub(super) fn of(run: impl Runner + 'static, asks: u64) -> Self {
        let run = Box::new(run);
        Self { run, asks }
    }

    /// A piece of about so many evaluations of the network: whether the run is done, and what the piece cost. None
    /// where guidance has broken down.
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
