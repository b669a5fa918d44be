//! What the lab says of its keys.

use super::method_keys::*;
use super::model_keys::*;
use super::score_keys::*;
use super::words::FilterView;
use crate::dynamics::ModelKind;
use crate::filter::Method;
use crate::filter::Operator;
use crate::filter::ensf::Likelihood;
use crate::filter::ensf::Pairing;
use crate::filter::ssls::Prior;
use crate::link::{Kind, LabKeys, Package, Value, Values};
use crate::word::{Choice, Words};

fn title(v: &Values) -> String {
    let model = model(v, false).map_or("", |model| model.label());
    let method = method(v).map_or("", |method| method.label());
    let prior = v.choice::<Prior>("prior");
    let prior = prior.map_or(String::new(), |prior| format!(", {}", prior.label()));
    let members = match v.int("n") {
        Some(n) => format!(" · N = {n}"),
        None => String::new(),
    };
    format!("{model} · {method}{prior}{members}")
}

/// A comparison opens with a method of another kind.
fn other(v: &Values) -> Vec<(&'static str, &'static str)> {
    let other = match method(v) {
        Some(Method::Enkf) => Method::Pf,
        Some(_) | None => Method::Enkf,
    };
    vec![("method", other.word())]
}

/// The most that a model allows, with a method.
fn most(v: &mut Values, model: ModelKind, method: Method) {
    v.set("model", Value::of(model));
    v.set("cycles", Value::Int(CYCLES));
    v.set("method", Value::of(method));
}

/// What the models and the methods allow, together.
const WIDEST: &[fn(&mut Values)] = &[
    |v| {
        let (wells, noise) = (0.1, 0.5);
        most(v, ModelKind::DoubleWell { wells, noise }, Method::Ssls);
        v.set("wells", Value::Real(wells));
        v.set("langevin-steps", Value::Int(50));
    },
    |v| {
        most(v, ModelKind::Ar1, Method::Ensf);
        v.set("pairing", Value::of(Pairing::Full));
        v.set("likelihood", Value::of(Likelihood::Damped));
    },
    |v| most(v, ModelKind::Ar1, Method::Exact),
    |v| most(v, ModelKind::Lorenz63, Method::Reference),
    |v| {
        let (states, forcing) = (200, 8.0);
        most(v, ModelKind::Lorenz96 { states, forcing }, Method::Letkf);
        v.set("states", Value::Int(states as u64));
    },
    |v| {
        let (states, forcing) = (200, 8.0);
        most(v, ModelKind::Lorenz96 { states, forcing }, Method::Enkf);
        v.set("states", Value::Int(states as u64));
    },
    |v| {
        let (states, forcing) = (200, 8.0);
        most(v, ModelKind::Lorenz96 { states, forcing }, Method::Ensf);
        v.set("states", Value::Int(states as u64));
        v.set("operator", Value::of(Operator::Arctan));
    },
];

/// The keys of the lab.
pub static FILTER: LabKeys = LabKeys {
    law: &[
        MODEL,
        WELLS_KEY,
        NOISE_X_KEY,
        STATES,
        FORCING_KEY,
        MODEL_NOISE,
        TRUTH_WELLS,
        TRUTH_NOISE_X,
        TRUTH_FORCING,
        CYCLES_KEY,
        INTERVAL,
        DT,
        INITIAL,
        OPERATOR,
        MASK,
        COORDINATES,
        OBSERVED,
        EVERY,
        BURN_IN,
        NOISE_Y,
        Y,
        TRUTH_SEED,
    ],
    score: &[
        METHOD,
        PRIOR,
        PAIRING,
        N,
        INFLATION,
        LOCALITY,
        BACKGROUND,
        RESAMPLE,
        JITTER,
        LANGEVIN_STEPS,
        BANDWIDTH,
        ANNEAL,
        LANGEVIN_STEP,
        START,
        LANGEVIN,
        STEPS,
        EPS_A,
        EPS_B,
        LIKELIHOOD,
        IMPLICIT,
        SCALE,
    ],
    package: Package::Systems,
    n: 200,
    most: MEMBERS,
    title: Some(title),
    other,
    numbers: |v| Some(dim(v) as u64),
    widest: WIDEST,
    ..LabKeys::plain(
        Choice {
            value: NAME,
            label: "Filters",
            help: "Nonlinear systems observed in time: filters that walk from cycle to cycle.",
        },
        |_| Kind::choice::<FilterView>(),
    )
};
