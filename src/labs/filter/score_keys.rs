//! The rows of the table for filters that move their members by a score; and the numbers of the method of a link.

use super::method_keys::{method, usual};
use super::model_keys::{dim, model, word};
use super::words::Implicit;
use crate::filter::ensf::{Likelihood, Pairing, Scale};
use crate::filter::ssls::{Kind as Langevin, Prior, Start};
use crate::filter::{Method, Settings};
use crate::labs::laws::{int, real};
use crate::link::{Group, Key, Kind, Refusal, Values, row};
use crate::word::Words;

const SSLS: &str = "method=ssls";
const KDE: &str = "method=ssls with prior=kde";
const ENSF: &str = "method=ensf";

fn is_ssls(v: &Values) -> bool {
    method(v) == Some(Method::Ssls)
}

fn is_kde(v: &Values) -> bool {
    v.choice("prior") == Some(Prior::Kde)
}

fn is_ensf(v: &Values) -> bool {
    method(v) == Some(Method::Ensf)
}

pub(super) const PRIOR: Key = row(
    "prior",
    "Prior score",
    "How the score of the forecast is learned from its members.",
    Group::Main,
)
.when(is_ssls, SSLS)
.kind(|v| {
    Kind::choice_if(|prior| match prior {
        Prior::Kde | Prior::Gauss => true,
        Prior::Ism => dim(v) <= 10,
        Prior::Dsm => dim(v) <= 3,
    })
})
.refuse(|_, value| match Prior::of_word(value)? {
    Prior::Ism => Some(Refusal {
        why: "a polynomial log-density is for at most 10 coordinates.",
        instead: Some(Prior::Gauss.word()),
    }),
    Prior::Dsm => Some(Refusal {
        why: "the network is for at most 3 coordinates.",
        instead: Some(Prior::Gauss.word()),
    }),
    Prior::Kde | Prior::Gauss => None,
})
// Of the model alone: the numbers of a method follow the prior.
.default(|v| word(Prior::of(model(v, false)?)));

pub(super) const LANGEVIN_STEPS: Key = row(
    "langevin-steps",
    "Langevin steps S",
    "Steps of an update, on all levels together.",
    Group::Main,
)
.when(is_ssls, SSLS)
.kind(|_| Kind::Int(1, 500))
.log()
.default(|v| int(usual(v)?.ssls.steps as u64));

pub(super) const BANDWIDTH: Key = row(
    "bandwidth",
    "Kernel width f",
    "Width of the kernels, in units of Silverman's rule.",
    Group::Main,
)
.when(is_kde, KDE)
.kind(|_| Kind::Real(0.1, 2.0))
.log()
.default(|v| real(usual(v)?.ssls.bandwidth));

pub(super) const ANNEAL: Key = row(
    "anneal",
    "Levels L",
    "The kernels narrow from 1 to their width on so many levels; 1: they have it from the start.",
    Group::Main,
)
.when(is_kde, KDE)
.kind(|v| Kind::Int(1, v.int("langevin-steps").unwrap_or(50).min(50)))
.refuse(|_, _| {
    Some(Refusal {
        why: "each level needs a Langevin step.",
        instead: None,
    })
})
.default(|v| {
    let steps = v.int("langevin-steps").unwrap_or(1);
    int((usual(v)?.ssls.anneal as u64).min(steps))
});

pub(super) const LANGEVIN_STEP: Key = row(
    "langevin-step",
    "Step h",
    "Length of a Langevin step: 1 would draw from a normal law directly.",
    Group::Main,
)
.when(is_ssls, SSLS)
.kind(|_| Kind::Real(0.001, 1.0))
.log()
.default(|v| real(usual(v)?.ssls.step));

pub(super) const START: Key = row(
    "start",
    "Start",
    "Where the Langevin steps begin.",
    Group::Main,
)
.when(is_ssls, SSLS)
.kind(|_| Kind::choice::<Start>())
.default(|v| word(usual(v)?.ssls.start));

pub(super) const LANGEVIN: Key = row(
    "langevin",
    "Kind of step",
    "How much noise a step has.",
    Group::More,
)
.when(is_ssls, SSLS)
.kind(|_| Kind::choice::<Langevin>())
.default(|v| word(usual(v)?.ssls.langevin));

pub(super) const PAIRING: Key = row(
    "pairing",
    "Pairing",
    "Which members the score of a particle sees.",
    Group::Main,
)
.when(is_ensf, ENSF)
.kind(|_| Kind::choice::<Pairing>())
.default(|v| word(usual(v)?.ensf.pairing));

pub(super) const STEPS: Key = row(
    "steps",
    "Steps S",
    "Steps of the reverse diffusion.",
    Group::Main,
)
.when(is_ensf, ENSF)
.kind(|_| Kind::Int(2, 1000))
.log()
.default(|v| int(usual(v)?.ensf.steps as u64));

pub(super) const EPS_A: Key = row(
    "eps-a",
    "ε_a",
    "$α = 1 − (1 − ε_a)t$: what is left of the signal at the start.",
    Group::Main,
)
.when(is_ensf, ENSF)
.kind(|_| Kind::Real(0.001, 0.99))
.default(|v| real(usual(v)?.ensf.eps_a));

pub(super) const EPS_B: Key = row(
    "eps-b",
    "ε_b",
    "$β² = ε_b + (1 − ε_b)t$: the blur that is left at the end.",
    Group::Main,
)
.when(is_ensf, ENSF)
.kind(|_| Kind::Real(0.001, 1.0))
.default(|v| real(usual(v)?.ensf.eps_b));

pub(super) const LIKELIHOOD: Key = row(
    "likelihood",
    "Likelihood",
    "How the observation enters the score.",
    Group::Main,
)
.when(is_ensf, ENSF)
.kind(|v| {
    let full = v.choice("pairing") == Some(Pairing::Full);
    Kind::choice_if(|own: Likelihood| full || own != Likelihood::Exact)
})
.refuse(|_, value| {
    (Likelihood::of_word(value) == Some(Likelihood::Exact)).then_some(Refusal {
        why: "the weights are those of the members that a particle sees: it needs the pairing All members.",
        instead: Some(Likelihood::Damped.word()),
    })
})
.default(|v| word(usual(v)?.ensf.likelihood));

fn is_damped(v: &Values) -> bool {
    v.choice("likelihood") == Some(Likelihood::Damped)
}

pub(super) const IMPLICIT: Key = row(
    "implicit",
    "Implicit step",
    "Whether the gradient of the likelihood is implicit: without, a step explodes where R is small.",
    Group::Main,
)
.when(is_damped, "method=ensf with likelihood=damped")
.kind(|_| Kind::choice::<Implicit>())
.default(|v| {
    word(match usual(v)?.ensf.implicit {
        true => Implicit::Yes,
        false => Implicit::No,
    })
});

pub(super) const SCALE: Key = row(
    "scale",
    "Units",
    "The units in which the diffusion runs.",
    Group::More,
)
.when(is_ensf, ENSF)
.kind(|_| Kind::choice::<Scale>())
.default(|v| word(usual(v)?.ensf.scale));

/// Sets what a link says.
fn set<T>(slot: &mut T, said: Option<T>) {
    if let Some(said) = said {
        *slot = said;
    }
}

/// The numbers of the method of a link.
pub(super) fn settings(v: &Values) -> Option<Settings> {
    let mut own = usual(v)?;
    let whole = |key: &str| v.int(key).map(|n| n as usize);
    set(&mut own.n, whole("n"));
    set(&mut own.inflation, v.real("inflation"));
    set(&mut own.locality, v.real("locality"));
    set(&mut own.background, v.real("background"));
    set(&mut own.resample, v.real("resample"));
    set(&mut own.jitter, v.real("jitter"));
    set(&mut own.ssls.bandwidth, v.real("bandwidth"));
    set(&mut own.ssls.anneal, whole("anneal"));
    set(&mut own.ssls.steps, whole("langevin-steps"));
    set(&mut own.ssls.step, v.real("langevin-step"));
    set(&mut own.ssls.start, v.choice("start"));
    set(&mut own.ssls.langevin, v.choice("langevin"));
    set(&mut own.ensf.pairing, v.choice("pairing"));
    set(&mut own.ensf.steps, whole("steps"));
    set(&mut own.ensf.eps_a, v.real("eps-a"));
    set(&mut own.ensf.eps_b, v.real("eps-b"));
    set(&mut own.ensf.likelihood, v.choice("likelihood"));
    set(&mut own.ensf.scale, v.choice("scale"));
    let implicit = v
        .choice("implicit")
        .map(|own: Implicit| own == Implicit::Yes);
    set(&mut own.ensf.implicit, implicit);
    Some(own)
}
