//! The table of keys: names, types, ranges, defaults, help, and when each key applies.

use super::chain;
use super::chain::is_chain;
use super::key::{Refusal, row};
use super::training;
use super::value::{Value, Values};
use super::when::*;
use super::words::{ChainScore, ChainView, Engine, Lab, LawScore, LineView, PlaneView, TorusView};
use crate::law::{LineLaw, PlaneLaw};
use crate::sample::{Churn, Init, Sampler};
use crate::schedule::{Grid, Process};
use crate::word::Words;

pub use super::key::{Group, Key, Kind};
pub use super::reference::{Row, table};
pub use crate::word::Choice;

/// The keys, in the order in which a link is written. A key may depend only on those above it.
pub static KEYS: &[Key] = &[
    row("lab", "Lab", "Which kind of experiment.", Group::Display)
        .kind(|_| Kind::choice::<Lab>())
        .default(|_| word(Lab::Toy1d)),
    row("target", "Law", "The law of the data, $p(x₀)$.", Group::Main)
        .when(|v| is_line(v) || is_plane(v), "lab=toy1d or lab=toy2d")
        .kind(|v| match is_plane(v) {
            true => Kind::choice::<PlaneLaw>(),
            false => Kind::choice::<LineLaw>(),
        })
        .default(|v| match is_plane(v) {
            true => word(PlaneLaw::Checkerboard),
            false => word(LineLaw::Uniform),
        }),
    row(
        "points",
        "Points",
        "The points of the drawn law: base64url of pairs of 16-bit numbers, each in [−2, 2].",
        Group::Main,
    )
    .when(
        |v| v.choice("target") == Some(PlaneLaw::Drawn),
        "target=drawn",
    )
    .kind(|_| Kind::Points(MAX_POINTS))
    .required(),
    row(
        "major",
        "Major radius R",
        "Distance from the centre of the torus to the centre of the tube.",
        Group::Main,
    )
    .when(is_torus, "lab=torus")
    .kind(|_| Kind::Real(LEAST_MAJOR, 3.0))
    .default(|_| real(1.0)),
    row(
        "minor",
        "Minor radius r",
        "Radius of the tube; less than the major radius.",
        Group::Main,
    )
    .when(is_torus, "lab=torus")
    // Less than the major radius by a part in 10⁴: at r = R the surface meets itself.
    .kind(|v| Kind::Real(0.05, typed(0.9999 * major(v))))
    .default(|v| real(if major(v) > 0.45 { 0.4 } else { 0.1 })),
    row(
        "sd",
        "Standard deviation",
        "Standard deviation of the normal law; its mean is 0.",
        Group::Main,
    )
    .when(|v| is_law(v, LineLaw::Gaussian), "target=gaussian")
    .kind(|_| Kind::Real(0.01, 10.0))
    .log()
    .default(|_| real(0.5)),
    row(
        "means",
        "Means",
        "Means of the components, separated by commas.",
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
        "Weights of the components, normalised to the sum 1.",
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
    .when(|v| is_law(v, LineLaw::Comb), "target=comb")
    .kind(|_| Kind::Int(2, 16))
    .default(|_| Some(Value::Int(4))),
    row(
        "duty",
        "Duty",
        "Share of each tooth that is filled.",
        Group::Main,
    )
    .when(|v| is_law(v, LineLaw::Comb), "target=comb")
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
        "How noise is added: $α(t)$, $σ(t)$.",
        Group::Main,
    )
    .kind(|_| Kind::choice::<Process>())
    .default(|v| of_lab(v)?.process),
    row(
        "sampler",
        "Sampler",
        "How a step from t down to s is made.",
        Group::Main,
    )
    .kind(|_| Kind::choice::<Sampler>())
    .default(|v| of_lab(v)?.sampler),
    row(
        "steps",
        "Steps N",
        "Number of steps of the sampler.",
        Group::Main,
    )
    .kind(|v| {
        let fewest = v.choice("sampler").map_or(1, |sampler| fewest_steps(v, sampler));
        Kind::Int(u64::from(fewest), 2000)
    })
    .log()
    .default(|v| of_lab(v)?.steps),
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
    .idle_when(is_langevin)
    .default(|v| match is_discrete(v) {
        true => word(Grid::Default),
        false => of_lab(v)?.grid,
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
    .kind(|v| Kind::Real(v.real("churn-min").unwrap_or(0.0), 80.0))
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
    row(
        "score",
        "Score",
        "The denoiser of the run.",
        Group::Main,
    )
    .kind(|v| match is_chain(v) {
        true => chain::scores(v),
        false => Kind::choice_if(|score: LawScore| score != LawScore::Net || has_network(v)),
    })
    .refuse(|v, value| match is_chain(v) {
        true => chain::no_score(v, value),
        false => {
            let refused = LawScore::of_word(value) == Some(LawScore::Net) && !has_network(v);
            refused.then_some(Refusal {
                why: NO_NETWORK,
                instead: Some(LawScore::Trained.word()),
            })
        }
    })
    .default(|v| of_lab(v)?.score),
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
        .kind(|_| Kind::choice::<Init>())
        .default(|_| word(Init::Random)),
    row("n", "Particles n", "Number of samples.", Group::Main)
        .kind(|v| Kind::Int(1, if is_chain(v) { 20_000 } else { 1_000_000 }))
        .log()
        .default(|v| of_lab(v)?.n),
    row("view", "View", "What is drawn.", Group::Display)
        .kind(views)
        .refuse(|v, value| match is_chain(v) {
            true => (ChainView::of_word(value) == Some(ChainView::Phase)).then_some(Refusal {
                why: "a phase picture needs two numbers a state: model=damped-spring, rotation, or custom with a T of 2 × 2.",
                instead: None,
            }),
            false => (value == LineView::Errors.word()).then_some(Refusal {
                why: "the errors are those of a network: it needs score=net or score=trained.",
                instead: None,
            }),
        })
        .default(|v| of_lab(v)?.view),
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
        "Fingerprint of the shared result.",
        Group::Display,
    )
    .kind(|_| Kind::Text(200))
    .default(|_| None),
    row("seed", "Seed", "Seed of all noise of the run.", Group::Main)
        .kind(|_| Kind::Seed)
        .default(|_| Some(Value::Int(0))),
];

/// A bound that is a product of numbers in the link, rounded as a user types it: 0.9999·0.3 is 0.29996999999999996 in
/// f64, and 0.29997 must be within the bound.
fn typed(bound: f64) -> f64 {
    format!("{bound:.12e}")
        .parse()
        .map_or(bound, |x: f64| x.max(bound))
}

/// The smallest major radius of a torus.
const LEAST_MAJOR: f64 = 0.2;

/// The major radius of a torus.
fn major(v: &Values) -> f64 {
    v.real("major").unwrap_or(LEAST_MAJOR)
}

/// The defaults of the keys that all labs have.
struct Defaults {
    process: Option<Value>,
    sampler: Option<Value>,
    steps: Option<Value>,
    grid: Option<Value>,
    score: Option<Value>,
    n: Option<Value>,
    view: Option<Value>,
}

fn of_lab(v: &Values) -> Option<Defaults> {
    let space = |n, view| Defaults {
        process: word(Process::Edm),
        sampler: word(Sampler::Heun(Churn::NONE)),
        steps: int(40),
        grid: word(Grid::Default),
        score: word(LawScore::Exact),
        n: int(n),
        view,
    };
    Some(match v.choice("lab")? {
        Lab::Toy1d => Defaults {
            process: word(Process::Ddpm(100)),
            sampler: word(Sampler::Ancestral),
            steps: int(100),
            ..space(10_000, word(LineView::Density))
        },
        Lab::Toy2d => space(10_000, word(PlaneView::Particles)),
        Lab::Torus => space(4000, word(TorusView::Particles)),
        Lab::Lgssm => Defaults {
            process: word(Process::Vp),
            sampler: word(Sampler::Dpmpp2m),
            steps: int(64),
            grid: word(Grid::LogSnr),
            score: word(ChainScore::Full),
            n: int(256),
            view: word(ChainView::Chain),
        },
    })
}

/// The views of a lab. The errors need a network, and a phase picture needs two coordinates.
fn views(v: &Values) -> Kind {
    let learned = is_learned(v);
    match v.choice("lab") {
        None | Some(Lab::Toy1d) => {
            Kind::choice_if(|view: LineView| learned || view != LineView::Errors)
        }
        Some(Lab::Toy2d) => Kind::choice_if(|view: PlaneView| learned || view != PlaneView::Errors),
        Some(Lab::Torus) => Kind::choice_if(|view: TorusView| learned || view != TorusView::Errors),
        Some(Lab::Lgssm) => {
            let two = chain::states(v) == 2;
            Kind::choice_if(|view: ChainView| two || view != ChainView::Phase)
        }
    }
}

/// The name on the page of the choice of a key; `None` if the key does not apply.
pub fn name(values: &Values, key: &str) -> Option<&'static str> {
    let Kind::Choice(choices) = (find(key)?.kind)(values) else {
        return None;
    };
    Some(choices.find(values.word(key)?)?.label)
}

/// The row of a key.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.name == name)
}

const CHURN_NEEDS: &str = "sampler=heun with process=edm or process=ve";

/// Largest number of points of a drawn law.
pub const MAX_POINTS: usize = 1000;

const NO_NETWORK: &str = "there is a pretrained network for target=uniform, checkerboard, moons, swissroll and pinwheel, and for target=mixture, target=comb and lab=torus with the default numbers; score=trained trains one here.";

/// Whether there is a pretrained network for this law: those in `nets/` (held by `tests/networks.rs`).
fn has_network(v: &Values) -> bool {
    let own = |key: &str| {
        let default = find(key).and_then(|k| (k.default)(v));
        v.get(key) == default.as_ref()
    };
    let all = |keys: &[&str]| keys.iter().copied().all(own);
    if is_torus(v) {
        return all(&["major", "minor"]);
    }
    if let Some(law) = v.choice("target") {
        return match law {
            LineLaw::Uniform => true,
            LineLaw::Mixture => all(&["means", "sds", "weights"]),
            LineLaw::Comb => all(&["teeth", "duty"]),
            LineLaw::Gaussian => false,
        };
    }
    match v.choice("target") {
        Some(
            PlaneLaw::Moons | PlaneLaw::Checkerboard | PlaneLaw::Swissroll | PlaneLaw::Pinwheel,
        ) => true,
        Some(PlaneLaw::Gaussians8 | PlaneLaw::Rings | PlaneLaw::Drawn) | None => false,
    }
}
