//! The rows of the table for chains: score, guidance and method; and what the lab says of the keys that all labs share.

use super::model_keys::*;
use super::words::{ChainScore, ChainView, Way};
use crate::guide::Guidance;
use crate::labs::laws::{int, real};
use crate::link::{
    ByNoise, Group, Key, Kind, LabKeys, Network, Package, Refusal, Value, Values, row,
};
use crate::net::LN_S_WINDOWS;
use crate::observe::OperatorKind;
use crate::process::lgssm::Model;
use crate::sample::Sampler;
use crate::schedule::{Grid, Process};
use crate::word::{Choice, Words};

fn is_trained(v: &Values) -> bool {
    v.choice("score") == Some(ChainScore::Trained)
}

/// The network that the score of a chain is.
fn network(v: &Values) -> Network {
    match v.choice("score") {
        Some(ChainScore::Net) => Network::Pretrained,
        Some(ChainScore::Trained) => Network::Trained,
        Some(ChainScore::Full | ChainScore::Blanket) | None => Network::None,
    }
}

/// Scores of a chain: a blanket needs three states, and a network needs the chain that it has learned.
fn scores(v: &Values) -> Kind {
    let windows = length(v) >= 3;
    Kind::choice_if(|score| match score {
        ChainScore::Full => true,
        ChainScore::Blanket | ChainScore::Trained => windows,
        ChainScore::Net => windows && has_network(v),
    })
}

/// Largest half-window of networks: that of the pretrained networks in `nets/` (held by `tests/networks.rs`).
const LEARNED: u64 = 4;

/// Whether the chain is that of the pretrained networks: a and b have their defaults. The observations do not matter.
fn has_network(v: &Values) -> bool {
    let own = |key: &Key| v.get(key.name) == (key.default)(v).as_ref();
    is_ar1(v) && own(&A) && own(&B)
}

/// Why a score is invalid for this chain.
fn no_score(v: &Values, value: &str) -> Option<Refusal> {
    match ChainScore::of_word(value)? {
        ChainScore::Full => None,
        ChainScore::Blanket | ChainScore::Net | ChainScore::Trained if length(v) < 3 => {
            Some(Refusal {
                why: "a window of 2k + 1 states needs a chain of 3 at least.",
                instead: Some(ChainScore::Full.word()),
            })
        }
        ChainScore::Net => Some(Refusal {
            why: "the pretrained networks are for model=ar1 with a=0.9 and b=0.4358898943540674; score=blanket has exact windows of every chain, score=trained trains a network for them.",
            instead: Some(ChainScore::Blanket.word()),
        }),
        ChainScore::Blanket | ChainScore::Trained => None,
    }
}

/// Keys of the law of a chain's windows, but for their length. What is observed is no part of it.
const OF_LAW: [Key; 5] = [MODEL, A, B, T, Q];

/// The link of the law that a network for the windows of a link learns: the link's chain, as long as a window. Own
/// matrices need an observation; it is the first number of a state, with noise 1.
fn law_of_windows(v: &Values) -> String {
    let mut out = CHAIN.to_owned();
    for key in OF_LAW {
        let Some(value) = v.get(key.name) else {
            continue;
        };
        if (key.default)(v).as_ref() != Some(value) {
            out += &format!("&{}={value}", key.name);
        }
    }
    if is_custom(v) {
        let rest = ",0".repeat(states(v) - 1);
        out += &format!("&O=1{rest}&R=1");
    }
    format!("{out}&length={}", 2 * v.int("k").unwrap_or(1) + 1)
}

fn has_windows(v: &Values) -> bool {
    v.is_learned() && is_chain(v) || v.choice("score") == Some(ChainScore::Blanket)
}

/// Largest half-window of a score.
fn most(v: &Values) -> u64 {
    if v.is_learned() { LEARNED } else { 16 }
}

const K: Key = row(
    "k",
    "Half-window k",
    "Windows have 2k + 1 states; the scores Network and Trained here take k up to 4.",
    Group::Main,
)
.when(has_windows, "score=blanket, net or trained")
.kind(|v| Kind::Int(1, ((length(v) - 1) / 2).clamp(1, most(v))))
.refuse(|v, _| {
    // Below, it is the length that bounds k.
    let bound = v.is_learned() && length(v) > 2 * LEARNED;
    bound.then_some(Refusal {
        why: if is_trained(v) {
            "networks are trained for k=1 to k=4; score=blanket has exact windows for more."
        } else {
            "there are pretrained networks for k=1 to k=4; score=blanket has exact windows for more."
        },
        instead: None,
    })
})
.default(|v| int(((length(v) - 1) / 2).clamp(1, 2)));

fn rule(v: &Values) -> Option<Guidance> {
    v.choice("guidance")
}

const GUIDANCE: Key = row(
    "guidance",
    "Guidance",
    "How observations enter the score; pigdm by default with score=trained, because exact needs a long training.",
    Group::Main,
)
.when(is_chain, CHAIN)
.kind(|_| Kind::choice::<Guidance>())
// exact stops where the covariance that a network implies is not positive. 4000 steps of 128 draws leave it so at the
// start of a run for k = 1, 2 and 4 of the default chain; 20,000 of 512 (width 32, depth 2, rate 3e-3) do not for k = 1 and 2.
.default(|v| match is_trained(v) {
    true => word(Guidance::Pigdm),
    false => word(Guidance::Exact),
});

const ZETA: Key = row("zeta", "Strength ζ", "Factor ζ of DPS.", Group::Main)
    .when(
        |v| matches!(rule(v), Some(Guidance::Dps { .. })),
        "guidance=dps",
    )
    .idle_when(draws)
    .kind(|_| Kind::Real(0.0, 100.0))
    .default(|_| real(1.0));

const STRENGTH: Key = row(
    "strength",
    "Strength",
    "Strength of Finzi's rule: V is divided by it.",
    Group::Main,
)
.when(
    |v| matches!(rule(v), Some(Guidance::Finzi { .. })),
    "guidance=finzi",
)
.idle_when(draws)
.kind(|_| Kind::Real(0.01, 100.0))
.log()
.default(|_| real(1.0));

const LAMBDA: Key = row("lambda", "λ", "Of $V = R + (1 + λ)σ²/α²·AAᵀ$.", Group::Main)
    .when(
        |v| matches!(rule(v), Some(Guidance::Lambda { .. })),
        "guidance=lambda",
    )
    .idle_when(draws)
    .kind(|_| Kind::Real(-0.999, 10.0))
    .default(|_| real(0.0));

const GAMMA: Key = row("gamma", "γ", "Of $V = R + γσ²/α²·AAᵀ$.", Group::Main)
    .when(
        |v| matches!(rule(v), Some(Guidance::Sda { .. })),
        "guidance=sda",
    )
    .idle_when(draws)
    .kind(|_| Kind::Real(0.0, 10.0))
    .default(|_| real(0.01));

const METHOD: Key = row(
    "method",
    "Method",
    "How the states of a chain are sampled: together, or one segment after the other.",
    Group::Main,
)
.when(is_chain, CHAIN)
.kind(|v| Kind::choice_if(|way: Way| way != Way::Exact || is_linear(v)))
.refuse(|v, value| {
    (is_chain(v) && Way::of_word(value) == Some(Way::Exact)).then_some(Refusal {
        why: "of an operator that is not linear there is no exact posterior. Choose operator=linear or operator=window.",
        instead: Some(Way::AllAtOnce.word()),
    })
})
.default(|_| word(Way::AllAtOnce));

fn is_linear(v: &Values) -> bool {
    v.choice("operator").is_none_or(OperatorKind::is_linear)
}

fn is_ar(v: &Values) -> bool {
    v.choice("method") == Some(Way::Autoregressive)
}

const CONTEXT: Key = row(
    "context",
    "Context",
    "Number of states of the previous segment that are given to the next one.",
    Group::Main,
)
.when(is_ar, "method=ar")
.kind(|v| Kind::Int(0, length(v) - 1))
.default(|v| int(1.min(length(v) - 1)));

/// Exact draws use neither a score nor a sampler, and of the guidance only whether there is one.
fn draws(v: &Values) -> bool {
    v.choice("method") == Some(Way::Exact)
}

/// What a key does with exact draws beside the samples.
fn remark(key: &str, v: &Values) -> &'static str {
    if !draws(v) {
        return "";
    }
    match key {
        "guidance" if rule(v) != Some(Guidance::None) => {
            "Exact draws know no rule: each gives the exact posterior; without guidance, they are chains of the prior."
        }
        "score" | "k" => "Exact draws use no score: only the error of this one is shown.",
        "process" | "sampler" | "steps" | "grid" | "level" => {
            "Exact draws use no sampler: this says at which levels of noise the draws are shown on the way."
        }
        "step" | "corrections" | "tau" | "churn" | "churn-min" | "churn-max" | "churn-noise" => {
            "Exact draws use no sampler: this has no effect."
        }
        _ => "",
    }
}

/// Number of states left for the horizon.
fn ahead(v: &Values) -> u64 {
    length(v)
        .saturating_sub(v.int("context").unwrap_or(0))
        .max(1)
}

const HORIZON: Key = row(
    "horizon",
    "Horizon",
    "States by which each segment goes on.",
    Group::Main,
)
.when(is_ar, "method=ar")
.kind(|v| Kind::Int(1, ahead(v)))
.default(|v| int(8.min(ahead(v))));

/// The file of a network for windows says nothing of the chain's length or of what is observed, unless the present link
/// has no chain that the windows fit.
fn of_file(key: &str, file: &Values, present: &Values) -> bool {
    let chain = is_chain(present);
    let same = chain && states(present) == states(file);
    match key {
        "lab" | "model" | "a" | "b" | "T" | "Q" | "score" | "k" => true,
        "length" => chain && present.int("length") < file.int("length"),
        "O" | "R" => !(same && present.get(key).is_some()),
        _ => key.starts_with("net-"),
    }
}

/// The chain of a network is one of its windows: 2k + 1 states.
fn of_recipe(own: &Values) -> Result<String, String> {
    match own.int("length") {
        Some(length) if length % 2 == 1 => Ok(format!("&k={}", length / 2)),
        Some(_) | None => Err("windows of an even number of states".to_owned()),
    }
}

/// The lab lgssm.
pub static LGSSM: LabKeys = LabKeys {
    package: Package::Chains,
    law: &[
        MODEL, A, B, C, D, T, Q, O, R, LENGTH_KEY, OPERATOR, WIDTH, OBSERVED, EVERY, Y, TRUTH_SEED,
    ],
    score: &[
        K, GUIDANCE, ZETA, STRENGTH, LAMBDA, GAMMA, METHOD, CONTEXT, HORIZON,
    ],
    noise: Some(ByNoise {
        process: Process::Vp,
        sampler: Sampler::Dpmpp2m,
        grid: Grid::LogSnr,
    }),
    steps: 64,
    n: 256,
    most: 20_000,
    scores,
    no_score,
    no_view: |_, value| {
        (ChainView::of_word(value) == Some(ChainView::Phase)).then_some(Refusal {
            why: "a phase picture needs two numbers a state: model=damped-spring, rotation, or custom with a T of 2 × 2.",
            instead: None,
        })
    },
    labels: &[("n", "Chains n")],
    remark,
    network,
    pretrained: |v| Some(format!("window{}", v.int("k")?)),
    learned: Some(law_of_windows),
    of_file,
    of_recipe,
    ln_s: LN_S_WINDOWS,
    in_words: |v| {
        let chain = v.choice::<Model>("model")?.in_words();
        Some(format!(
            "windows of {} states of {chain}",
            2 * v.int("k")? + 1
        ))
    },
    numbers: |v| Some(v.int("length")? * states(v) as u64),
    widest: &[|v| {
        v.set("model", Value::of(Model::DampedSpring));
        v.set("score", Value::of(ChainScore::Blanket));
        v.set("length", Value::Int(LENGTH));
    }],
    ..LabKeys::plain(
        Choice {
            value: NAME,
            label: "Chains",
            help: "Linear-Gaussian state-space chains given observations, with the exact posterior.",
        },
        |v| {
            // A phase picture needs two coordinates.
            let two = states(v) == 2;
            Kind::choice_if(|view: ChainView| two || view != ChainView::Phase)
        },
    )
};
