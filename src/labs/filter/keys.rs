//! What the lab says of its keys.

use super::method_keys::*;
use super::model_keys::*;
use super::score_keys::*;
use super::words::FilterView;
use crate::filter::Method;
use crate::filter::ssls::Prior;
use crate::link::{Kind, LabKeys, Network, Values};
use crate::net::LN_S;
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

/// The keys of the lab.
pub static FILTER: LabKeys = LabKeys {
    said: Choice {
        value: NAME,
        label: "Filters",
        help: "Nonlinear systems observed in time: filters that walk from cycle to cycle.",
    },
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
        BURN_IN,
        OPERATOR,
        MASK,
        COORDINATES,
        OBSERVED,
        EVERY,
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
    start: &[],
    noise: None,
    steps: 0,
    n: 200,
    most: MEMBERS,
    scores: |_| Kind::none(),
    no_score: |_, _| None,
    views: |_| Kind::choice::<FilterView>(),
    no_view: |_, _| None,
    labels: &[],
    remark: |_, _| "",
    network: |_| Network::None,
    pretrained: |_| None,
    learned: None,
    of_file: |_, _, _| false,
    of_recipe: |_| Err("no network".to_owned()),
    ln_s: LN_S,
    in_words: |_| None,
    title: Some(title),
    other,
    numbers: |v| Some(dim(v) as u64),
    widest: |_| {},
};
