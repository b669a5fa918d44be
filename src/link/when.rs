//! Where the keys of the table apply, and how their defaults are written down.

use super::value::{Value, Values};

pub(super) fn is_line(v: &Values) -> bool {
    v.word("lab") == "toy1d"
}

pub(super) fn is_plane(v: &Values) -> bool {
    v.word("lab") == "toy2d"
}

pub(super) fn is_torus(v: &Values) -> bool {
    v.word("lab") == "torus"
}

pub(super) fn is_mixture(v: &Values) -> bool {
    v.word("target") == "mixture"
}

pub(super) fn components(v: &Values) -> usize {
    v.reals("means").len().max(1)
}

pub(super) fn can_churn(v: &Values) -> bool {
    v.word("sampler") == "heun" && matches!(v.word("process"), "edm" | "ve")
}

pub(super) fn is_langevin(v: &Values) -> bool {
    v.word("sampler") == "langevin"
}

/// The fewest steps of `sampler` with a side's process: `ddpm` has two levels at least. A Langevin walk stays at
/// one level, so that the process does not matter.
pub fn fewest_steps(v: &Values, sampler: &str) -> u64 {
    let by_levels = v.word("process") == "ddpm" && sampler != "langevin";
    if by_levels { 2 } else { 1 }
}

pub(super) fn is_empirical(v: &Values) -> bool {
    v.word("score") == "empirical"
}

pub(super) fn is_trained(v: &Values) -> bool {
    v.word("score") == "trained"
}

/// Whether a network runs, of whichever kind.
pub(super) fn is_learned(v: &Values) -> bool {
    matches!(v.word("score"), "net" | "trained")
}

pub(super) fn word(w: &'static str) -> Option<Value> {
    Some(Value::Word(w))
}

pub(super) fn real(x: f64) -> Option<Value> {
    Some(Value::Real(x))
}
