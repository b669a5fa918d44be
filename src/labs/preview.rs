//! Small runs with a network in training: the plan of the link with few particles.

use super::record::Frames;
use super::runner::Runner;
use super::setup::Setup;
use crate::net::Net;
use std::sync::Arc;

/// A preview costs a fiftieth of the training, within these bounds on its particles.
pub(super) const SHARE: u64 = 50;
const PARTICLES: (u64, u64) = (64, 500);

/// A small run with the current network.
pub struct Preview {
    run: Box<dyn Runner>,
    /// Units of work of an evaluation of the network.
    price: u64,
}

/// Changes a setup to a small run with `net`, for a training of `all` evaluations.
pub(super) fn few(setup: &mut Setup, net: Arc<Net>, all: u64) {
    let nfe = setup.plan.nfe().max(1) as u64;
    let n = (all / SHARE / nfe).clamp(PARTICLES.0, PARTICLES.1);
    setup.n = setup.n.min(n as usize);
    setup.net = Some(net);
}

impl Preview {
    /// A small run on the host with a network of this price ([`crate::denoise::Denoiser::price`]).
    pub(super) fn of(run: impl Runner + 'static, price: usize) -> Self {
        let (run, price) = (Box::new(run), price as u64);
        Self { run, price }
    }

    /// Does a piece that takes as long as this many evaluations of the network. Returns whether the run is done, and
    /// what the piece has cost in the same measure; `None` if guidance failed.
    pub(super) fn advance(&mut self, evaluations: u64) -> Option<(bool, u64)> {
        let before = self.run.work();
        let work = evaluations.saturating_mul(self.price);
        let done = self.run.advance(work as usize);
        self.run.check().ok()?;
        Some((done, (self.run.work() - before).div_ceil(self.price)))
    }

    /// All frames.
    pub(super) fn take(&mut self) -> Option<Frames> {
        self.run.take()
    }
}
