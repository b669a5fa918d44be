//! What the lab says of its keys.

use super::law::WINDOW;
use super::method_keys::*;
use super::model_keys::*;
use super::words::{FilmScore, FilmView, Law, Layout, Task, Way};
use crate::link::{ByNoise, Kind, LabKeys, Network, Package, Refusal, Value, Values};
use crate::sample::Sampler;
use crate::schedule::{Grid, Process};
use crate::word::{Choice, Words};

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
