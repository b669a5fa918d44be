//! Conditions under which keys of the table apply, and how their defaults are written.

use super::value::{Value, Values};
use super::words::{ChainScore, Lab, LawScore};
use crate::law::LineLaw;
use crate::sample::Sampler;
use crate::schedule::Process;
use crate::word::Words;

pub(super) fn is_lab(v: &Values, lab: Lab) -> bool {
    v.choice("lab") == Some(lab)
}

pub(super) fn is_line(v: &Values) -> bool {
    is_lab(v, Lab::Toy1d)
}

pub(super) fn is_plane(v: &Values) -> bool {
    is_lab(v, Lab::Toy2d)
}

pub(super) fn is_torus(v: &Values) -> bool {
    is_lab(v, Lab::Torus)
}

pub(super) fn is_law(v: &Values, law: LineLaw) -> bool {
    v.choice("target") == Some(law)
}

pub(super) fn is_mixture(v: &Values) -> bool {
    is_law(v, LineLaw::Mixture)
}

pub(super) fn components(v: &Values) -> usize {
    v.reals("means").map_or(1, <[f64]>::len)
}

pub(super) fn can_churn(v: &Values) -> bool {
    let pair = v.choice::<Sampler>("sampler").zip(v.choice("process"));
    pair.is_some_and(|(sampler, process)| sampler.can_churn(process))
}

pub(super) fn is_pc(v: &Values) -> bool {
    matches!(v.choice("sampler"), Some(Sampler::Pc { .. }))
}

pub(super) fn is_langevin(v: &Values) -> bool {
    matches!(v.choice("sampler"), Some(Sampler::Langevin { .. }))
}

pub(super) fn is_discrete(v: &Values) -> bool {
    v.choice("process").is_some_and(Process::is_discrete)
}

/// The smallest number of steps of `sampler` with the process of a side: see [`Sampler::fewest_steps`].
pub(super) fn fewest_steps(v: &Values, sampler: Sampler) -> u32 {
    v.choice("process")
        .map_or(1, |process| sampler.fewest_steps(process))
}

pub(super) fn is_empirical(v: &Values) -> bool {
    v.choice("score") == Some(LawScore::Empirical)
}

/// Whether the score comes from a network that is trained for the link.
pub fn is_trained(v: &Values) -> bool {
    v.choice("score") == Some(LawScore::Trained) || v.choice("score") == Some(ChainScore::Trained)
}

/// Whether the score comes from a network, trained for the link or pretrained.
pub fn is_learned(v: &Values) -> bool {
    let pretrained =
        v.choice("score") == Some(LawScore::Net) || v.choice("score") == Some(ChainScore::Net);
    pretrained || is_trained(v)
}

pub(super) fn word(variant: impl Words) -> Option<Value> {
    Some(Value::of(variant))
}

pub(super) fn int(x: u64) -> Option<Value> {
    Some(Value::Int(x))
}

pub(super) fn real(x: f64) -> Option<Value> {
    Some(Value::Real(x))
}
