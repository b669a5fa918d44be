//! The table of keys: names, types, ranges, defaults, help, and where each applies.

use super::chain;
use super::chain::is_chain;
use super::choices::*;
use super::key::{Refusal, row};
use super::training;
use super::value::{Value, Values};
use super::when::*;

pub use super::choices::Choice;
pub use super::key::{Group, Key, Kind};
pub use super::reference::{Row, table};

/// The keys, in the order in which a link is written. A key may depend on those above it only.
pub static KEYS: &[Key] = &[
    row("lab", "Lab", "Which kind of experiment.", Group::Display)
        .kind(|_| Kind::Choice(LABS))
        .default(|_| word("toy1d")),
    row("target", "Law", "The law of the data, $p(x₀)$.", Group::Main)
        .when(|v| is_line(v) || is_plane(v), "lab=toy1d or lab=toy2d")
        .kind(|v| Kind::Choice(if is_plane(v) { PLANE_TARGETS } else { TARGETS }))
        .default(|v| {
            word(if is_plane(v) {
                "checkerboard"
            } else {
                "uniform"
            })
        }),
    row(
        "points",
        "Points",
        "Of the drawn law: base64url of pairs of 16-bit numbers, [−2, 2] each.",
        Group::Main,
    )
    .when(|v| v.word("target") == "drawn", "target=drawn")
    .kind(|_| Kind::Points(MAX_POINTS))
    .required(),
    row(
        "major",
        "Major radius R",
        "From the centre of the torus to the centre of the tube.",
        Group::Main,
    )
    .when(is_torus, "lab=torus")
    .kind(|_| Kind::Real(0.2, 3.0))
    .default(|_| real(1.0)),
    row(
        "minor",
        "Minor radius r",
        "Of the tube; less than the major radius.",
        Group::Main,
    )
    .when(is_torus, "lab=torus")
    // Less than the major radius by a part in 10⁴: at r = R the surface meets itself.
    .kind(|v| Kind::Real(0.05, typed(0.9999 * v.real("major").max(0.2))))
    .default(|v| real(if v.real("major") > 0.45 { 0.4 } else { 0.1 })),
    row(
        "sd",
        "Standard deviation",
        "Of the normal law; its mean is 0.",
        Group::Main,
    )
    .when(|v| v.word("target") == "gaussian", "target=gaussian")
    .kind(|_| Kind::Real(0.01, 10.0))
    .log()
    .default(|_| real(0.5)),
    row(
        "means",
        "Means",
        "Of the components, by comma.",
        Group::Main,
    )
    .when(is_mixture, "target=mixture")
    .kind(|_| Kind::Reals(1, 8, -10.0, 10.0))
    .default(|_| Some(Value::Reals(vec![-1.0, 1.0]))),
    row(
        "sds",
        "Deviations",
        "Standard deviation of each component.",
        Group::Main,
    )
    .when(is_mixture, "target=mixture")
    .kind(|v| Kind::Reals(components(v), components(v), 0.01, 5.0))
    .default(|v| Some(Value::Reals(vec![0.2; components(v)]))),
    row(
        "weights",
        "Weights",
        "Of the components; their sum is made 1.",
        Group::Main,
    )
    .when(is_mixture, "target=mixture")
    .kind(|v| Kind::Reals(components(v), components(v), 1e-6, 1e6))
    .default(|v| {
        Some(Value::Reals(vec![
            // Equal; halves for two, as a share reads best, and ones where a share has no short text.
            if components(v) == 2 { 0.5 } else { 1.0 };
            components(v)
        ]))
    }),
    row(
        "teeth",
        "Teeth K",
        "Number of intervals of the comb in [0, 1].",
        Group::Main,
    )
    .when(|v| v.word("target") == "comb", "target=comb")
    .kind(|_| Kind::Int(2, 16))
    .default(|_| Some(Value::Int(4))),
    row(
        "duty",
        "Duty",
        "Share of each tooth that is filled.",
        Group::Main,
    )
    .when(|v| v.word("target") == "comb", "target=comb")
    .kind(|_| Kind::Real(0.05, 0.95))
    .default(|_| real(0.5)),
    chain::MODEL,
    chain::A,
    chain::B,
    chain::C,
    chain::D,
    chain::T,
    chain::Q,
    chain::O,
    chain::R,
    chain::LENGTH_KEY,
    chain::OPERATOR,
    chain::WIDTH,
    chain::OBSERVED,
    chain::EVERY,
    chain::Y,
    chain::TRUTH_SEED,
    row(
        "process",
        "Process",
        "How noise is mixed in: $α(t)$, $σ(t)$.",
        Group::Main,
    )
    .kind(|_| Kind::Choice(PROCESSES))
    .default(|v| {
        word(match v.word("lab") {
            "toy1d" => "ddpm",
            "lgssm" => "vp",
            _ => "edm",
        })
    }),
    row(
        "sampler",
        "Sampler",
        "How a step from t down to s is made.",
        Group::Main,
    )
    .kind(|_| Kind::Choice(SAMPLERS))
    .default(|v| {
        word(match v.word("lab") {
            "toy1d" => "ancestral",
            "lgssm" => "dpmpp2m",
            _ => "heun",
        })
    }),
    row(
        "steps",
        "Steps N",
        "Number of steps of the sampler.",
        Group::Main,
    )
    .kind(|v| Kind::Int(fewest_steps(v, v.word("sampler")), 2000))
    .log()
    .default(|v| {
        Some(Value::Int(match v.word("lab") {
            "toy1d" => 100,
            "lgssm" => 64,
            _ => 40,
        }))
    }),
    row(
        "grid",
        "Time grid",
        "Where the steps are placed.",
        Group::Main,
    )
    .kind(|v| {
        Kind::Choice(if v.word("process") == "ddpm" {
            &GRIDS[..1]
        } else {
            GRIDS
        })
    })
    .idle_when(is_langevin)
    .default(|v| {
        let by_snr = is_chain(v) && v.word("process") != "ddpm";
        word(if by_snr { "log-snr" } else { "default" })
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
    .kind(|_| Kind::Real(0.0, 80.0))
    .default(|_| real(0.0)),
    row(
        "churn-max",
        "Churn up to σ",
        "S_max: highest σ at which churn acts.",
        Group::More,
    )
    .when(can_churn, CHURN_NEEDS)
    .kind(|v| Kind::Real(v.real("churn-min"), 80.0))
    .default(|_| real(80.0)),
    row(
        "churn-noise",
        "Churn noise",
        "S_noise: factor of the added noise.",
        Group::More,
    )
    .when(can_churn, CHURN_NEEDS)
    .kind(|_| Kind::Real(0.9, 1.1))
    .default(|_| real(1.0)),
    row(
        "corrections",
        "Corrections C",
        "Langevin corrections after each step that ends at σ > 0.",
        Group::Main,
    )
    .when(|v| v.word("sampler") == "pc", "sampler=pc")
    .kind(|_| Kind::Int(0, 16))
    .default(|_| Some(Value::Int(1))),
    row(
        "tau",
        "Correction size τ",
        "Step of a correction, in units of σ².",
        Group::Main,
    )
    .when(|v| v.word("sampler") == "pc", "sampler=pc")
    .kind(|_| Kind::Real(0.01, 1.0))
    .log()
    .default(|_| real(0.25)),
    row(
        "level",
        "Noise level σ",
        "The one level (α = 1) at which Langevin runs.",
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
    row(
        "score",
        "Score",
        "Where the denoiser comes from.",
        Group::Main,
    )
    .kind(|v| {
        Kind::Choice(match is_chain(v) {
            true => chain::scores(v),
            false => &SCORES[..if has_network(v) { 4 } else { 3 }],
        })
    })
    .refuse(|v, value| match value {
        "net" if !is_chain(v) && !has_network(v) => Some(Refusal {
            why: NO_NETWORK,
            instead: Some("trained"),
        }),
        _ if is_chain(v) => chain::no_score(v, value),
        _ => None,
    })
    .default(|v| word(if is_chain(v) { "full" } else { "exact" })),
    chain::K,
    chain::GUIDANCE,
    chain::ZETA,
    chain::STRENGTH,
    chain::LAMBDA,
    chain::GAMMA,
    chain::METHOD,
    chain::CONTEXT,
    chain::HORIZON,
    row(
        "m",
        "Data points m",
        "Size of the empirical law that the score has memorised.",
        Group::Main,
    )
    .when(is_empirical, "score=empirical")
    .kind(|_| Kind::Int(1, 5000))
    .log()
    .default(|_| Some(Value::Int(100))),
    row(
        "data-seed",
        "Data seed",
        "Seed of those points.",
        Group::More,
    )
    .when(is_empirical, "score=empirical")
    .kind(|_| Kind::Seed)
    .default(|_| Some(Value::Int(0))),
    training::WIDTH,
    training::DEPTH,
    training::STEPS,
    training::BATCH,
    training::RATE,
    training::SEED,
    row("init", "Start", "How the particles start.", Group::More)
        .when(is_line, "lab=toy1d")
        .kind(|_| Kind::Choice(INITS))
        .default(|_| word("random")),
    row("n", "Particles n", "Number of samples.", Group::Main)
        .kind(|v| Kind::Int(1, if is_chain(v) { 20_000 } else { 1_000_000 }))
        .log()
        .default(|v| {
            Some(Value::Int(match v.word("lab") {
                "torus" => 4000,
                "lgssm" => 256,
                _ => 10_000,
            }))
        }),
    row("view", "View", "What is drawn.", Group::Display)
        .kind(|v| {
            if is_chain(v) {
                // The last one needs two coordinates.
                let two = chain::states(v) == 2;
                return Kind::Choice(&CHAIN_VIEWS[..CHAIN_VIEWS.len() - usize::from(!two)]);
            }
            let all = match v.word("lab") {
                "toy2d" => PLANE_VIEWS,
                "torus" => TORUS_VIEWS,
                _ => VIEWS,
            };
            // The last one is about networks.
            Kind::Choice(&all[..all.len() - usize::from(!is_learned(v))])
        })
        .refuse(|v, value| match value {
            "errors" if !is_chain(v) => Some(Refusal {
                why: "the errors are those of a network: it needs score=net or score=trained.",
                instead: None,
            }),
            "phase" if is_chain(v) => Some(Refusal {
                why: "a phase picture needs two numbers a state: model=damped-spring, rotation, or custom with a T of 2 × 2.",
                instead: None,
            }),
            _ => None,
        })
        .default(|v| {
            word(match v.word("lab") {
                "toy1d" => "density",
                "lgssm" => "chain",
                _ => "particles",
            })
        }),
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
    .kind(|_| Kind::Choice(ENGINES))
    .default(|_| word("auto")),
    row(
        "fp",
        "Fingerprint",
        "Of the result that was shared.",
        Group::Display,
    )
    .kind(|_| Kind::Text(200))
    .default(|_| None),
    row("seed", "Seed", "Seed of all noise of the run.", Group::Main)
        .kind(|_| Kind::Seed)
        .default(|_| Some(Value::Int(0))),
];

/// A bound that is a product of numbers in the link, as one types it: 0.9999·0.3 is 0.29996999999999996 in f64, and
/// 0.29997 is within the bound.
fn typed(bound: f64) -> f64 {
    format!("{bound:.12e}")
        .parse()
        .map_or(bound, |x: f64| x.max(bound))
}

/// The name on the page of the choice that a key has here; the empty text where it has none.
pub fn name(values: &Values, key: &str) -> &'static str {
    name_of(values, key, values.word(key))
}

/// The name on the page of one choice of a key; the empty text where it is not one.
pub fn name_of(values: &Values, key: &str, word: &str) -> &'static str {
    let choices = match find(key).map(|k| (k.kind)(values)) {
        Some(Kind::Choice(choices)) => choices,
        _ => &[],
    };
    let found = choices.iter().find(|c| c.value == word);
    found.map_or("", |c| c.label)
}

/// The row of a key.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.name == name)
}

const CHURN_NEEDS: &str = "sampler=heun with process=edm or process=ve";

/// Points of a drawn law, at most.
pub const MAX_POINTS: usize = 1000;

const NO_NETWORK: &str = "there is a pretrained network for target=uniform, checkerboard, moons, swissroll and pinwheel, and for target=mixture, target=comb and lab=torus with the default numbers; score=trained trains one here.";

/// Whether a pretrained network is there for this law: those of `nets/` (held by `tests/networks.rs`).
fn has_network(v: &Values) -> bool {
    let own = |key: &str| {
        let default = find(key).and_then(|k| (k.default)(v));
        v.get(key) == default.as_ref()
    };
    match v.word("target") {
        _ if is_torus(v) => ["major", "minor"].into_iter().all(own),
        "uniform" | "checkerboard" | "moons" | "swissroll" | "pinwheel" => true,
        "mixture" => ["means", "sds", "weights"].into_iter().all(own),
        "comb" => ["teeth", "duty"].into_iter().all(own),
        _ => false,
    }
}
