//! Keys that the labs of laws share: the law of the data, where its score comes from, the points of an empirical one.

use crate::law::{LineLaw, PlaneLaw};
use crate::link::{ByNoise, Group, Key, Kind, Network, Refusal, Value, Values, row};
use crate::sample::{Churn, Sampler};
use crate::schedule::{Grid, Process};
use crate::word::{Words, words};

/// Where the score of a law comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LawScore {
    /// The law itself.
    Exact,
    /// Points of the law.
    Empirical,
    /// A network that is trained for the link.
    Trained,
    /// A pretrained network.
    Net,
}

words!(LawScore {
    Exact => "exact", "Exact", "The closed-form score of the law";
    Empirical => "empirical", "Empirical", "The exact score of m data points: perfect memorising";
    Trained => "trained", "Trained here", "A small network that is trained before the run, on fresh draws of the law";
    Net => "net", "Network", "A small network trained on samples of the law";
});

/// How laws in space go through noise, where a link does not say.
pub(super) const IN_SPACE: ByNoise = ByNoise {
    process: Process::Edm,
    sampler: Sampler::Heun(Churn::NONE),
    grid: Grid::Default,
};

/// Whether the values are those of a lab.
pub(super) fn is_lab(v: &Values, name: &str) -> bool {
    v.lab().is_some_and(|lab| lab.name() == name)
}

/// The lab of laws on the line.
pub(super) const LINE: &str = "toy1d";
/// The lab of laws in the plane.
pub(super) const PLANE: &str = "toy2d";
/// The lab of the torus.
pub(super) const TORUS: &str = "torus";

pub(super) fn real(x: f64) -> Option<Value> {
    Some(Value::Real(x))
}

pub(super) fn int(x: u64) -> Option<Value> {
    Some(Value::Int(x))
}

/// The law of the data.
pub(super) const TARGET: Key = row(
    "target",
    "Law",
    "The law of the data, $p(x₀)$.",
    Group::Main,
)
.when(
    |v| is_lab(v, LINE) || is_lab(v, PLANE),
    "lab=toy1d or lab=toy2d",
)
.kind(|v| match is_lab(v, PLANE) {
    true => Kind::choice::<PlaneLaw>(),
    false => Kind::choice::<LineLaw>(),
})
.default(|v| match is_lab(v, PLANE) {
    true => Some(Value::of(PlaneLaw::Checkerboard)),
    false => Some(Value::of(LineLaw::Uniform)),
});

fn is_empirical(v: &Values) -> bool {
    v.choice("score") == Some(LawScore::Empirical)
}

/// Keys of an empirical law.
pub(super) const POINTS: [Key; 2] = [
    row(
        "m",
        "Data points m",
        "Size of the empirical law that the score has memorised.",
        Group::Main,
    )
    .when(is_empirical, "score=empirical")
    .kind(|_| Kind::Int(1, 5000))
    .log()
    .default(|_| int(100)),
    row(
        "data-seed",
        "Data seed",
        "Seed of those points.",
        Group::More,
    )
    .when(is_empirical, "score=empirical")
    .kind(|_| Kind::Seed)
    .default(|_| int(0)),
];

/// The scores of a law: a pretrained network only where there is one.
pub(super) fn scores(has_network: bool) -> Kind {
    Kind::choice_if(|score: LawScore| score != LawScore::Net || has_network)
}

/// Why a law has no such score.
pub(super) fn no_score(value: &str, has_network: bool) -> Option<Refusal> {
    let refused = LawScore::of_word(value) == Some(LawScore::Net) && !has_network;
    refused.then_some(Refusal {
        why: "there is a pretrained network for target=uniform, checkerboard, moons, swissroll and pinwheel, and for target=mixture, target=comb and lab=torus with the default numbers; score=trained trains one here.",
        instead: Some(LawScore::Trained.word()),
    })
}

/// The views of a law: that of the errors only with a network.
pub(super) fn views<V: Words + PartialEq>(v: &Values, errors: V) -> Kind {
    let learned = v.is_learned();
    Kind::choice_if(|view: V| learned || view != errors)
}

/// Why a law has no such view.
pub(super) fn no_view(_: &Values, value: &str) -> Option<Refusal> {
    (value == "errors").then_some(Refusal {
        why: "the errors are those of a network: it needs score=net or score=trained.",
        instead: None,
    })
}

/// The network that the score of a law is.
pub(super) fn network(v: &Values) -> Network {
    match v.choice("score") {
        Some(LawScore::Net) => Network::Pretrained,
        Some(LawScore::Trained) => Network::Trained,
        Some(LawScore::Exact | LawScore::Empirical) | None => Network::None,
    }
}

/// Whether keys have their defaults.
pub(super) fn are_default(v: &Values, keys: &[&Key]) -> bool {
    keys.iter()
        .all(|key| v.get(key.name) == (key.default)(v).as_ref())
}

/// The file of a network for a law says what the law is, and the training.
pub(super) fn of_file(key: &str, file: &Values, _: &Values) -> bool {
    let of_law = file
        .lab()
        .is_some_and(|lab| lab.law.iter().any(|row| row.name == key));
    of_law || matches!(key, "lab" | "score") || key.starts_with("net-")
}

/// The link of a law is whole.
pub(super) fn of_recipe(_: &Values) -> Result<String, String> {
    Ok(String::new())
}
