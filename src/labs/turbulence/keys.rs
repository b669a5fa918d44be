//! The rows of the table that say how a film is sampled, and what the lab says of its keys.

use super::law::WINDOW;
use super::model_keys::*;
use super::words::{FilmScore, FilmView, Law, Layout, Task, Way};
use crate::decimal;
use crate::guide::Guidance;
use crate::labs::laws::{int, real};
use crate::link::{
    ByNoise, Group, Key, Kind, LabKeys, Network, Package, Refusal, Value, Values, row,
};
use crate::sample::Sampler;
use crate::schedule::{Grid, Process};
use crate::word::{Choice, Words};

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

const GUIDANCE: Key = row(
    "guidance",
    "Guidance",
    "How the observed pixels enter the score.",
    Group::Main,
)
.when(is_guided, "task=assimilate with method=aao or ar")
.kind(|_| Kind::choice_if(|rule| no_rule(rule).is_none()))
.refuse(|_, value| no_rule(Guidance::of_word(value)?))
.default(|_| word(Guidance::Sda { gamma: 0.01 }));

const ZETA: Key = row("zeta", "Strength ζ", "Factor ζ of DPS.", Group::Main)
    .when(
        |v| matches!(rule(v), Some(Guidance::Dps { .. })),
        "lab=turbulence with guidance=dps",
    )
    .kind(|_| Kind::Real(0.0, 1000.0))
    .default(|_| real(100.0));

/// The least γ of whole frames: below it a run blows up, because a step moves by (1 − t/s)·J/γ of the misfit.
const WHOLE: f64 = 0.1;

const GAMMA: Key = row(
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

const SIGMA_MAX: Key = row(
    "sigma-max",
    "Largest σ",
    "Noise of the start; 1 is the deviation of the vorticity.",
    Group::More,
)
.when(has_ends, ENDS)
.kind(|_| Kind::Real(1.0, 200.0))
.log()
.default(|_| real(30.0));

const SIGMA_MIN: Key = row("sigma-min", "Least σ", "Last noise above 0.", Group::More)
    .when(has_ends, ENDS)
    .kind(|_| Kind::Real(0.002, 0.5))
    .log()
    .default(|_| real(0.02));

fn is_ar(v: &Values) -> bool {
    way(v) == Some(Way::Autoregressive)
}

const AR: &str = "lab=turbulence with method=ar";

const CONTEXT: Key = row(
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

const HORIZON: Key = row(
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

const CONTEXT_GAMMA: Key = row(
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

const PHYSICS: Key = row(
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

const PHYSICS_SD: Key = row(
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

const PHYSICS_GAMMA: Key = row(
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

const TAU: Key = row(
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

const N: Key = row(
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

const INFLATION: Key = row(
    "inflation",
    "Inflation",
    "Factor of the distances of members from their mean after an update.",
    Group::Main,
)
.when(is_enkf, ENKF)
.kind(|_| Kind::Real(1.0, 2.0))
.default(|_| real(1.05));

const LOCALITY: Key = row(
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
fn pretrained(v: &Values) -> Option<&'static str> {
    score(v).and_then(FilmScore::network)
}

fn scores(v: &Values) -> Kind {
    match is_sampled(v) {
        true => Kind::choice_if(|score| no_window(v, score).is_none()),
        false => Kind::none(),
    }
}

/// Why a score does not fit the flow, the method or the film.
fn no_window(v: &Values, score: FilmScore) -> Option<Refusal> {
    if !is_standard(v) {
        return Some(Refusal {
            why: OTHER_FLOW,
            instead: None,
        });
    }
    if !is_sampled(v) {
        return Some(Refusal {
            why: "this method makes no use of a score: method=aao or ar goes through noise with one.",
            instead: None,
        });
    }
    let short = score.network().is_some() && frames(v) < WINDOW;
    short.then_some(Refusal {
        why: "a network knows windows of five frames: frames=5 or more.",
        instead: Some("frames=5"),
    })
}

fn title(v: &Values) -> String {
    let label = |key: &str| crate::link::name(v, key);
    let asked = label("task").unwrap_or_default();
    let method = label("method").unwrap_or_default();
    let score = label("score").map_or(String::new(), |own| format!(", {own}"));
    format!("{asked} · {method}{score} · {} frames", frames(v))
}

/// A comparison opens with a method of another kind.
fn other(v: &Values) -> Vec<(&'static str, &'static str)> {
    let other = match (way(v), task(v)) {
        (Some(Way::AllAtOnce), Some(Task::Assimilate)) => Way::Posterior,
        (Some(Way::AllAtOnce), Some(Task::Forecast)) => Way::Autoregressive,
        (Some(Way::Free), Some(Task::Assimilate)) => Way::Enkf,
        (Some(Way::Free), _) => return vec![],
        (_, Some(Task::Assimilate)) if is_standard(v) => Way::AllAtOnce,
        _ => Way::Free,
    };
    vec![("method", other.word())]
}

/// What the tasks and the methods allow, together.
const WIDEST: &[fn(&mut Values)] = &[
    |v| {
        v.set("frames", Value::Int(FRAMES));
        v.set("task", Value::of(Task::Assimilate));
        set_usual_pixels(v);
        v.set("method", Value::of(Way::AllAtOnce));
        v.set("process", Value::of(Process::Edm));
        v.set("sampler", Value::of(PC));
        v.set("physics", Value::of(Law::Residual));
    },
    |v| {
        v.set("frames", Value::Int(FRAMES));
        v.set("task", Value::of(Task::Assimilate));
        set_usual_pixels(v);
        v.set("method", Value::of(Way::Autoregressive));
        v.set("physics", Value::of(Law::Defect));
    },
    |v| {
        v.set("frames", Value::Int(FRAMES));
        v.set("task", Value::of(Task::Assimilate));
        set_usual_pixels(v);
        v.set("method", Value::of(Way::Free));
    },
];

/// The pixels that are seen where a link names none: without them whole frames are, which narrows the range of γ.
fn set_usual_pixels(v: &mut Values) {
    v.set("layout", Value::of(Layout::Grid));
    v.set("spacing", Value::Int(4));
}

const PC: Sampler = Sampler::Pc {
    corrections: 1,
    tau: 0.5,
};

/// The keys of the lab.
pub static TURBULENCE: LabKeys = LabKeys {
    package: Package::Fields,
    law: &[
        PIXELS,
        VISCOSITY,
        DRAG,
        FORCING,
        WAVE,
        FRAMES_KEY,
        INTERVAL,
        TRUTH_SEED,
        VORTICES_KEY,
        TASK,
        GIVEN,
        GIVEN_NOISE,
        LAYOUT,
        SPACING,
        COUNT,
        MASK,
        EVERY,
        NOISE_Y,
        Y_SEED,
        METHOD,
    ],
    score: &[
        GUIDANCE,
        ZETA,
        GAMMA,
        SIGMA_MAX,
        SIGMA_MIN,
        CONTEXT,
        HORIZON,
        CONTEXT_GAMMA,
        PHYSICS,
        PHYSICS_SD,
        PHYSICS_GAMMA,
        TAU,
        N,
        INFLATION,
        LOCALITY,
    ],
    noise: Some(ByNoise {
        process: Process::Edm,
        sampler: PC,
        grid: Grid::Default,
    }),
    walks: is_sampled,
    walk_needs: "a method that goes through noise, method=aao or ar",
    // A flow that no score knows has another method than the usual one: its link says so.
    written: |v| match is_standard(v) {
        true => &["score"],
        false => &["method"],
    },
    trains: false,
    steps: 32,
    n: 1,
    most: 256,
    scores,
    no_score: |v, value| no_window(v, FilmScore::of_word(value)?),
    network: |v| match pretrained(v) {
        Some(_) => Network::Pretrained,
        None => Network::None,
    },
    pretrained: |v| pretrained(v).map(str::to_owned),
    title: Some(title),
    other,
    numbers: |v| Some((frames(v) * pixels(v).pow(2)) as u64),
    widest: WIDEST,
    ..LabKeys::plain(
        Choice {
            value: NAME,
            label: "Turbulence",
            help: "A two-dimensional flow from few pixels: films of vorticity, assimilated and forecast.",
        },
        |_| Kind::choice::<FilmView>(),
    )
};
