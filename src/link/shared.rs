//! The rows of the table that all labs have.

use super::engine::Engine;
use super::key::{Group, Key, Values, row};
use super::kind::Kind;
use super::training::TRAINING;
use super::value::Value;
use crate::sample::Sampler;
use crate::schedule::{Grid, Process};
use crate::word::{Choices, Words};

fn word(variant: impl Words) -> Option<Value> {
    Some(Value::of(variant))
}

fn real(x: f64) -> Option<Value> {
    Some(Value::Real(x))
}

/// Whether the runs of the lab go through levels of noise.
fn by_noise(v: &Values) -> bool {
    v.lab()
        .is_some_and(|lab| lab.noise.is_some() && (lab.walks)(v))
}

fn can_churn(v: &Values) -> bool {
    let pair = v.choice::<Sampler>("sampler").zip(v.choice("process"));
    pair.is_some_and(|(sampler, process)| sampler.can_churn(process))
}

fn is_pc(v: &Values) -> bool {
    matches!(v.choice("sampler"), Some(Sampler::Pc { .. }))
}

fn is_langevin(v: &Values) -> bool {
    matches!(v.choice("sampler"), Some(Sampler::Langevin { .. }))
}

fn is_discrete(v: &Values) -> bool {
    v.choice("process").is_some_and(Process::is_discrete)
}

/// The first choice of a kind.
fn first(kind: Kind) -> Option<Value> {
    let Kind::Choice(choices) = kind else {
        return None;
    };
    choices.iter().next().map(|c| Value::Word(c.value))
}

/// The choices of the key `lab`.
fn labs(v: &Values) -> Kind {
    Kind::Choice(Choices::all(v.table().map_or(&[], |table| &table.choices)))
}

const CHURN_NEEDS: &str = "sampler=heun with process=edm or process=ve";

/// The first key.
pub(super) static LAB: Key = row("lab", "Lab", "Which kind of experiment.", Group::Display)
    .kind(labs)
    .default(|v| first(labs(v)));

/// The keys of process and sampler, which come after the law of the data.
pub(super) static RUN: [Key; 12] = [
    row(
        "process",
        "Process",
        "How noise is added: $α(t)$, $σ(t)$.",
        Group::Main,
    )
    .kind(|_| Kind::choice::<Process>())
    .when(by_noise, "")
    .idle_when(is_langevin)
    .default(|v| word(v.lab()?.noise?.process)),
    row(
        "sampler",
        "Sampler",
        "How a step from t down to s is made.",
        Group::Main,
    )
    .kind(|_| Kind::choice::<Sampler>())
    .when(by_noise, "")
    .default(|v| word(v.lab()?.noise?.sampler)),
    row(
        "steps",
        "Steps N",
        "Number of steps of the sampler.",
        Group::Main,
    )
    .kind(|v| {
        let pair = v.choice::<Sampler>("sampler").zip(v.choice("process"));
        let fewest = pair.map_or(1, |(sampler, process)| sampler.fewest_steps(process));
        Kind::Int(u64::from(fewest), 2000)
    })
    .when(
        |v| v.lab().is_some_and(|lab| lab.steps > 0 && (lab.walks)(v)),
        "",
    )
    .log()
    .default(|v| Some(Value::Int(v.lab()?.steps))),
    row(
        "grid",
        "Time grid",
        "How the steps are spaced.",
        Group::Main,
    )
    .kind(|v| {
        let own_levels = is_discrete(v);
        Kind::choice_if(|grid: Grid| !own_levels || grid == Grid::Default)
    })
    .when(by_noise, "")
    .idle_when(is_langevin)
    .default(|v| match is_discrete(v) {
        true => word(Grid::Default),
        false => word(v.lab()?.noise?.grid),
    }),
    row(
        "churn",
        "Churn",
        "S_churn of EDM: noise added back before each step.",
        Group::More,
    )
    .when(can_churn, CHURN_NEEDS)
    .kind(|_| Kind::Real(0.0, 100.0))
    .default(|_| real(0.0)),
    row(
        "churn-min",
        "Churn from σ",
        "S_min: lowest σ at which churn acts.",
        Group::More,
    )
    .when(can_churn, CHURN_NEEDS)
    .idle_when(|v| v.real("churn") == Some(0.0))
    .kind(|_| Kind::Real(0.0, 80.0))
    .default(|_| real(0.0)),
    row(
        "churn-max",
        "Churn up to σ",
        "S_max: highest σ at which churn acts.",
        Group::More,
    )
    .when(can_churn, CHURN_NEEDS)
    .idle_when(|v| v.real("churn") == Some(0.0))
    .kind(|v| Kind::Real(v.real("churn-min").unwrap_or(0.0), 80.0))
    .default(|_| real(80.0)),
    row(
        "churn-noise",
        "Churn noise",
        "S_noise: factor of the added noise.",
        Group::More,
    )
    .when(can_churn, CHURN_NEEDS)
    .idle_when(|v| v.real("churn") == Some(0.0))
    .kind(|_| Kind::Real(0.9, 1.1))
    .default(|_| real(1.0)),
    row(
        "corrections",
        "Corrections C",
        "Langevin corrections after each step that ends at σ > 0.",
        Group::Main,
    )
    .when(is_pc, "sampler=pc")
    .kind(|_| Kind::Int(0, 16))
    .default(|_| Some(Value::Int(1))),
    row(
        "tau",
        "Correction size τ",
        "Step of a correction, in units of σ².",
        Group::Main,
    )
    .when(is_pc, "sampler=pc")
    .idle_when(|v| v.int("corrections") == Some(0))
    .kind(|_| Kind::Real(0.01, 1.0))
    .log()
    .default(|_| real(0.25)),
    row(
        "level",
        "Noise level σ",
        "The noise level (α = 1) at which Langevin runs.",
        Group::Main,
    )
    .when(is_langevin, "sampler=langevin")
    .kind(|_| Kind::Real(0.002, 80.0))
    .log()
    .default(|_| real(0.1)),
    row(
        "step",
        "Step h/σ²",
        "Langevin step h in units of σ².",
        Group::Main,
    )
    .when(is_langevin, "sampler=langevin")
    .kind(|_| Kind::Real(0.001, 1.0))
    .log()
    .default(|_| real(0.1)),
];

/// Whether a row that all labs share is one of the way through noise: of process, sampler, score and training.
pub(super) fn is_of_noise(key: &Key) -> bool {
    let run = RUN.iter().filter(|row| row.name != "steps");
    let mut rows = run.chain([&SCORE]).chain(&TRAINING);
    rows.any(|row| row.name == key.name)
}

/// Whether a row is one of a walk through noise: of its process, sampler, steps or score.
pub(super) fn is_of_walk(key: &Key) -> bool {
    let mut rows = RUN.iter().chain([&SCORE]);
    rows.any(|row| row.name == key.name)
}

/// Whether a row is one of a training.
pub(super) fn is_of_training(key: &Key) -> bool {
    TRAINING.iter().any(|row| row.name == key.name)
}

/// Where the score comes from; the keys of a lab's own score follow.
pub(super) static SCORE: Key = row("score", "Score", "The denoiser of the run.", Group::Main)
    .when(
        |v| v.lab().is_some_and(|lab| first((lab.scores)(v)).is_some()),
        "",
    )
    .kind(|v| v.lab().map_or(Kind::none(), |lab| (lab.scores)(v)))
    .refuse(|v, value| (v.lab()?.no_score)(v, value))
    .default(|v| first((v.lab()?.scores)(v)));

/// The last keys.
pub(super) static LAST: [Key; 6] = [
    row("n", "Particles n", "Number of samples.", Group::Main)
        .kind(|v| Kind::Int(1, v.lab().map_or(1, |lab| lab.most)))
        .log()
        .default(|v| Some(Value::Int(v.lab()?.n))),
    row("view", "View", "What is drawn.", Group::Display)
        .kind(|v| v.lab().map_or(Kind::none(), |lab| (lab.views)(v)))
        .refuse(|v, value| (v.lab()?.no_view)(v, value))
        .default(|v| first((v.lab()?.views)(v))),
    row(
        "at",
        "Position",
        "Scrub position, 0 noise to 1 data; no effect on the run.",
        Group::Display,
    )
    .kind(|_| Kind::Real(0.0, 1.0))
    .default(|_| real(0.0)),
    row(
        "engine",
        "Engine",
        "Where the run is computed.",
        Group::Display,
    )
    .kind(|_| Kind::choice::<Engine>())
    .default(|_| word(Engine::Auto)),
    row(
        "fp",
        "Fingerprint",
        "Fingerprint of the shared result, in a comparison of both.",
        Group::Display,
    )
    .kind(|_| Kind::Text(200))
    .default(|_| None),
    row("seed", "Seed", "Seed of all noise of the run.", Group::Main)
        .kind(|_| Kind::Seed)
        .default(|_| Some(Value::Int(0))),
];
