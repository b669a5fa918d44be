//! The rows of the table that say how a film is found: guidance, noise, segments, equations, ensembles.

use super::law::WINDOW;
use super::model_keys::*;
use super::words::{FilmScore, Law, Task, Way};
use crate::decimal;
use crate::guide::Guidance;
use crate::labs::laws::{int, real};
use crate::link::{Group, Key, Kind, Refusal, Values, row};
use crate::sample::Sampler;
use crate::schedule::{Grid, Process};
use crate::word::Words;

/// Whether a film goes through noise.
pub(super) fn is_sampled(v: &Values) -> bool {
    matches!(way(v), Some(Way::AllAtOnce | Way::Autoregressive))
}

const SAMPLED: &str = "method=aao or ar";

fn rule(v: &Values) -> Option<Guidance> {
    if is_own(v) {
        v.choice("guidance")
    } else {
        None
    }
}

/// Whether pixels guide a sampler.
fn is_guided(v: &Values) -> bool {
    is_sampled(v) && task(v) == Some(Task::Assimilate)
}

/// Why a rule is none for films.
fn no_rule(rule: Guidance) -> Option<Refusal> {
    let why = match rule {
        Guidance::None
        | Guidance::Sda { .. }
        | Guidance::Diagonal
        | Guidance::Dps { .. }
        | Guidance::Pigdm
        | Guidance::Replace => return None,
        Guidance::Exact => {
            "it inverts a covariance of all observed numbers at every step; method=posterior has the exact mean of the Gaussian law."
        }
        Guidance::Finzi { .. } | Guidance::Lambda { .. } => "this rule is one for chains.",
    };
    Some(Refusal {
        why,
        instead: Some(Guidance::Sda { gamma: 0.01 }.word()),
    })
}

pub(super) const GUIDANCE: Key = row(
    "guidance",
    "Guidance",
    "How the observed pixels enter the score.",
    Group::Main,
)
.when(is_guided, "task=assimilate with method=aao or ar")
.kind(|_| Kind::choice_if(|rule| no_rule(rule).is_none()))
.refuse(|_, value| no_rule(Guidance::of_word(value)?))
.default(|_| word(Guidance::Sda { gamma: 0.01 }));

pub(super) const ZETA: Key = row("zeta", "Strength ζ", "Factor ζ of DPS.", Group::Main)
    .when(
        |v| matches!(rule(v), Some(Guidance::Dps { .. })),
        "lab=turbulence with guidance=dps",
    )
    .kind(|_| Kind::Real(0.0, 1000.0))
    .default(|_| real(100.0));

/// The least γ of whole frames: below it a run blows up, because a step moves by (1 − t/s)·J/γ of the misfit.
const WHOLE: f64 = 0.1;

pub(super) const GAMMA: Key = row(
    "gamma",
    "γ",
    "Of $V = R + γσ²/α²·AAᵀ$; at least .1 where more than half of the pixels are seen.",
    Group::Main,
)
    .when(
        |v| matches!(rule(v), Some(Guidance::Sda { .. })),
        "lab=turbulence with guidance=sda",
    )
    .kind(|v| match sees_whole_frames(v) {
        true => Kind::Real(WHOLE, 10.0),
        false => Kind::Real(0.001, 10.0),
    })
    .refuse(|v, value| {
    (sees_whole_frames(v) && is_below(value, WHOLE)).then_some(Refusal {
            why: "where more than half of the pixels are seen, a smaller γ makes the run blow up: a step moves by J/γ of the misfit.",
            instead: None,
        })
    })
    .log()
    .default(|v| real(if sees_whole_frames(v) { WHOLE } else { 0.01 }));

/// Whether the grid of σ has ends of its own.
pub(super) fn has_ends(v: &Values) -> bool {
    let karras = matches!(v.choice("grid"), Some(Grid::Default | Grid::Karras));
    let level = v.choice("sampler").and_then(Sampler::own_level);
    is_sampled(v) && v.choice("process") == Some(Process::Edm) && karras && level.is_none()
}

const ENDS: &str = "process=edm with grid=default or karras";

pub(super) const SIGMA_MAX: Key = row(
    "sigma-max",
    "Largest σ",
    "Noise of the start; 1 is the deviation of the vorticity.",
    Group::More,
)
.when(has_ends, ENDS)
.kind(|_| Kind::Real(1.0, 200.0))
.log()
.default(|_| real(30.0));

pub(super) const SIGMA_MIN: Key = row("sigma-min", "Least σ", "Last noise above 0.", Group::More)
    .when(has_ends, ENDS)
    .kind(|_| Kind::Real(0.002, 0.5))
    .log()
    .default(|_| real(0.02));

fn is_ar(v: &Values) -> bool {
    way(v) == Some(Way::Autoregressive)
}

const AR: &str = "lab=turbulence with method=ar";

pub(super) const CONTEXT: Key = row(
    "context",
    "Context",
    "Last frames of a segment that are given to the next one.",
    Group::Main,
)
.when(is_ar, AR)
.kind(|v| Kind::Int(1, frames(v) as u64 - 1))
.default(|_| int(2));

/// Frames left for the horizon.
fn ahead(v: &Values) -> u64 {
    frames(v) as u64 - v.int("context").unwrap_or(1)
}

/// The least horizon: a network needs segments of a whole window.
fn least_ahead(v: &Values) -> u64 {
    let context = v.int("context").unwrap_or(1);
    match pretrained(v) {
        Some(_) => (WINDOW as u64).saturating_sub(context).max(1),
        None => 1,
    }
}

pub(super) const HORIZON: Key = row(
    "horizon",
    "Horizon",
    "Frames by which each segment goes on.",
    Group::Main,
)
.when(is_ar, AR)
.kind(|v| Kind::Int(least_ahead(v), ahead(v)))
.refuse(|v, value| {
    let short = value.parse().is_ok_and(|own: u64| own < least_ahead(v));
    short.then_some(Refusal {
        why: "a network knows windows of five frames: context and horizon have five together at least, or score=gaussian.",
        instead: None,
    })
})
.default(|v| int(3.clamp(least_ahead(v), ahead(v))));

pub(super) const CONTEXT_GAMMA: Key = row(
    "context-gamma",
    "γ of whole frames",
    "Of $V = R + γσ²/α²$ for frames that are known whole; below .1 a run blows up.",
    Group::More,
)
.when(
    |v| is_sampled(v) && (is_ar(v) || task(v) == Some(Task::Forecast)),
    "method=ar, or task=forecast with method=aao",
)
.kind(|_| Kind::Real(WHOLE, 10.0))
.refuse(|_, value| {
    is_below(value, WHOLE).then_some(Refusal {
        why: "a step moves by J/γ of the misfit of a whole frame: with less than .1 the run blows up.",
        instead: None,
    })
})
.log()
.default(|_| real(WHOLE));

pub(super) const PHYSICS: Key = row(
    "physics",
    "Equations",
    "What the equations of the flow add to the guidance.",
    Group::Main,
)
.when(is_sampled, SAMPLED)
.kind(|_| Kind::choice::<Law>())
.default(|_| word(Law::None));

fn law(v: &Values) -> Option<Law> {
    if is_own(v) { v.choice("physics") } else { None }
}

fn has_law(v: &Values) -> bool {
    matches!(law(v), Some(Law::Residual | Law::Defect))
}

/// The least deviation and γ of a law; below, a run blows up.
fn floors(v: &Values) -> [f64; 2] {
    match law(v) {
        Some(Law::Defect) => [0.02, 0.3],
        Some(Law::Residual | Law::None) | None => [0.4, 1.0],
    }
}

/// Whether a text is a number below a floor.
fn is_below(text: &str, floor: f64) -> bool {
    decimal::read(text).is_some_and(|x| x < floor)
}

const BLOWS: Refusal = Refusal {
    why: "smaller numbers make the run blow up: residual takes at least .4 and γ 1, defect .02 and γ .3.",
    instead: None,
};

pub(super) const PHYSICS_SD: Key = row(
    "physics-sd",
    "Deviation of the equations",
    "s of $V = s² + cγσ²/α²$: how far a film may be from solving the equations.",
    Group::More,
)
.when(has_law, "physics=residual or defect")
.kind(|v| Kind::Real(floors(v)[0], 10.0))
.refuse(|v, value| is_below(value, floors(v)[0]).then_some(BLOWS))
.log()
.default(|v| real(floors(v)[0]));

pub(super) const PHYSICS_GAMMA: Key = row(
    "physics-gamma",
    "γ of the equations",
    "γ of $V = s² + cγσ²/α²$; c is 40 for the residual, 2 for the defect.",
    Group::More,
)
.when(has_law, "physics=residual or defect")
.kind(|v| Kind::Real(floors(v)[1], 100.0))
.refuse(|v, value| is_below(value, floors(v)[1]).then_some(BLOWS))
.log()
.default(|v| real(floors(v)[1]));

pub(super) const TAU: Key = row(
    "tau",
    "Correction size τ",
    "Step of a correction, in units of σ².",
    Group::Main,
)
.when(
    |v| is_own(v) && matches!(v.choice("sampler"), Some(Sampler::Pc { .. })),
    "lab=turbulence with sampler=pc",
)
.idle_when(|v| v.int("corrections") == Some(0))
.kind(|_| Kind::Real(0.01, 1.0))
.log()
.default(|_| real(0.5));

/// Whether members are moved by the equations.
fn has_members(v: &Values) -> bool {
    matches!(way(v), Some(Way::Enkf | Way::Free))
}

pub(super) const N: Key = row(
    "n",
    "Samples n",
    "Films that are drawn; members of an ensemble. Mean and spread are those of all.",
    Group::Main,
)
.when(
    |v| is_sampled(v) || has_members(v),
    "a method with samples or members: aao, ar, enkf or free",
)
.kind(|v| match way(v) {
    Some(Way::Enkf) => Kind::Int(2, 256),
    Some(Way::Free) => Kind::Int(1, 256),
    _ => Kind::Int(1, 64),
})
.log()
.default(|v| int(if has_members(v) { 64 } else { 1 }));

fn is_enkf(v: &Values) -> bool {
    way(v) == Some(Way::Enkf)
}

const ENKF: &str = "lab=turbulence with method=enkf";

pub(super) const INFLATION: Key = row(
    "inflation",
    "Inflation",
    "Factor of the distances of members from their mean after an update.",
    Group::Main,
)
.when(is_enkf, ENKF)
.kind(|_| Kind::Real(1.0, 2.0))
.default(|_| real(1.05));

pub(super) const LOCALITY: Key = row(
    "locality",
    "Localisation c",
    "Radius of Gaspari and Cohn's function, in pixels; covariances end at 2c. 0 is off.",
    Group::Main,
)
.when(is_enkf, ENKF)
.kind(|_| Kind::Real(0.0, 32.0))
.default(|_| real(8.0));

/// The score of a link, in this lab.
fn score(v: &Values) -> Option<FilmScore> {
    if is_own(v) { v.choice("score") } else { None }
}

/// The network that a score is.
pub(super) fn pretrained(v: &Values) -> Option<&'static str> {
    score(v).and_then(FilmScore::network)
}
