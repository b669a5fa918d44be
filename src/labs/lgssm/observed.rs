//! The observations of a chain: their operator, and the covariance of their noise.

use crate::error::Error;
use crate::observe::{Band, Operator, OperatorKind, States};
use crate::process::Chain;

/// The operator of a kind on a chain.
pub(super) fn operator(
    kind: OperatorKind,
    chain: &Chain,
    observed: &[usize],
) -> Result<Operator, Error> {
    let states = States {
        length: chain.length(),
        dim: chain.states(),
    };
    let matrix: Vec<f64> = chain.operator().transpose().iter().copied().collect();
    kind.on(states, &matrix, observed)
}

/// R of `count` observed states.
pub(super) fn noises(chain: &Chain, count: usize) -> Result<Band, Error> {
    let r = chain.observation_noise();
    let blocks: Vec<f64> = r.transpose().iter().copied().collect();
    Band::blocks(count, r.nrows(), &blocks)
}
