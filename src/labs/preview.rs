//! Small runs with a network in training: a link's own plan, few particles.

use super::chain::{self, ChainLab};
use super::compiled::Compiled;
use super::run::{Frames, Lab, Run};
use super::setup::Setup;
use super::space::{self, SpaceLab};
use super::toy1d::{self, Toy1d};
use crate::net::Net;
use std::sync::Arc;

/// A preview costs a fiftieth of the training, within these bounds of its particles.
const SHARE: u64 = 50;
const PARTICLES: (u64, u64) = (64, 500);
/// Of chains: the least number in a preview, what a product with a Jacobian costs in evaluations, what guidance costs
/// about in all, and the evaluations of a network in one stage, at most: the shortest piece there is.
const CHAINS: u64 = 8;
const PRODUCT: u64 = 3;
const GUIDED: u64 = 32;
const STAGE: u64 = 1 << 15;

/// A small run with the network as it stands.
pub(super) enum Preview {
    Line(Box<toy1d::Run>),
    Space(Box<space::Run>),
    Chain(Box<chain::Run>),
}

impl Preview {
    /// Of a training that takes so many evaluations. None where the network is not asked, and of chains that are too
    /// long for a small run.
    pub fn new(view: &Compiled, net: Arc<Net>, training: u64) -> Option<Self> {
        let evaluations = training / SHARE;
        let few = |setup: &mut Setup| {
            let nfe = setup.plan.nfe().max(1) as u64;
            let n = (evaluations / nfe).clamp(PARTICLES.0, PARTICLES.1);
            setup.n = setup.n.min(n as usize);
            setup.net = Some(net.clone());
        };
        match view {
            Compiled::Line(lab, axis) => {
                let mut lab: Toy1d = lab.clone();
                few(&mut lab.setup);
                Some(Preview::Line(Box::new(toy1d::Run::new(lab, *axis))))
            }
            Compiled::Space(lab, window) => {
                // The camera is that of the whole run: it pads the particles that are not there.
                let camera = space::Camera::new(lab, *window);
                let mut lab: SpaceLab = lab.clone();
                few(&mut lab.setup);
                Some(Preview::Space(Box::new(Run::with(lab, camera))))
            }
            Compiled::Chain(lab, _) => {
                let camera = chain::Camera::new(lab);
                let guided = if lab.guides { GUIDED } else { 1 };
                let one = windows_of(lab) * guided;
                let nfe = lab.score_calls() as u64;
                let n = (evaluations / (nfe * one).max(1)).max(CHAINS);
                let n = n.min(STAGE / one).min(lab.setup.n as u64);
                if nfe == 0 || n == 0 {
                    return None;
                }
                let lab = lab.with_network(net, n as usize).ok()?;
                Some(Preview::Chain(Box::new(Run::with(lab, camera))))
            }
        }
    }

    /// A piece of about so many evaluations of the network: whether the run is done, and what the piece cost. None
    /// where guidance has broken down.
    pub fn advance(&mut self, work: u64) -> Option<(bool, u64)> {
        match self {
            Preview::Line(run) => Some(piece(run, work)),
            Preview::Space(run) => Some(piece(run, work)),
            Preview::Chain(run) => piece_of_windows(run, work),
        }
    }

    /// All frames.
    pub fn take(&mut self) -> Option<Frames> {
        match self {
            Preview::Line(run) => run.recorder().take(),
            Preview::Space(run) => run.recorder().take(),
            Preview::Chain(run) => run.recorder().take(),
        }
    }
}

fn piece<L: Lab>(run: &mut Run<L>, work: u64) -> (bool, u64) {
    let before = run.evaluations();
    let done = run.advance(work as usize);
    (done, run.evaluations() - before)
}

/// Windows that a chain asks the network for, for each x̂.
fn windows_of(lab: &ChainLab) -> u64 {
    let k = lab.score.half_window().unwrap_or(0) as u64;
    (lab.chain.length() as u64).saturating_sub(2 * k).max(1)
}

/// As [`piece`], of a chain, whose x̂ is many windows and whose guidance asks for products with Jacobians.
fn piece_of_windows(run: &mut chain::Run, work: u64) -> Option<(bool, u64)> {
    let windows = windows_of(&run.lab);
    let spent = |run: &chain::Run| {
        let products = run.lab.jacobian_products(&run.state).unwrap_or(0);
        windows * (run.evaluations() + PRODUCT * products)
    };
    let before = spent(run);
    let done = run.advance((work / windows).max(1) as usize);
    run.check().ok()?;
    Some((done, spent(run) - before))
}
