//! The rows of the table that say what moves, how long, and what is observed of it.

use crate::decimal;
use crate::dynamics::{ModelKind, Times};
use crate::filter::Operator;
use crate::labs::laws::{int, is_lab, real};
use crate::link::{Group, Key, Kind, Refusal, Value, Values, row};
use crate::word::Words;

/// The lab's name.
pub(super) const NAME: &str = "filter";
pub(super) const LAB: &str = "lab=filter";

/// Most cycles of a run.
pub(super) const CYCLES: u64 = 2000;
/// Bound of observed values.
const VALUE: f64 = 1e6;

pub(super) fn word(variant: impl Words) -> Option<Value> {
    Some(Value::of(variant))
}

pub(super) fn is_filter(v: &Values) -> bool {
    is_lab(v, NAME)
}

/// Which model it is, with its standard numbers.
fn plain(v: &Values) -> Option<ModelKind> {
    if is_filter(v) {
        v.choice("model")
    } else {
        None
    }
}

/// The model with its numbers; those of the truth come before, where there are any and `truth` is asked for.
pub(super) fn model(v: &Values, truth: bool) -> Option<ModelKind> {
    let number = |key: &str, own: &str| {
        let other = v.real(own).filter(|_| truth);
        other.or_else(|| v.real(key))
    };
    let states = v.int("states").map(|d| d as usize);
    Some(match plain(v)? {
        ModelKind::DoubleWell { wells, noise } => ModelKind::DoubleWell {
            wells: number("wells", "truth.wells").unwrap_or(wells),
            noise: number("noise-x", "truth.noise-x").unwrap_or(noise),
        },
        ModelKind::Lorenz96 {
            states: d,
            forcing: f,
        } => ModelKind::Lorenz96 {
            states: states.unwrap_or(d),
            forcing: number("forcing", "truth.forcing").unwrap_or(f),
        },
        ModelKind::Static { states: d } => ModelKind::Static {
            states: states.unwrap_or(d),
        },
        same @ (ModelKind::Lorenz63 | ModelKind::Ar1 | ModelKind::Spiral) => same,
    })
}

/// Numbers of a state; 1 where there is no model.
pub(super) fn dim(v: &Values) -> usize {
    model(v, false).map_or(1, ModelKind::dim)
}

pub(super) fn is_well(v: &Values) -> bool {
    matches!(plain(v), Some(ModelKind::DoubleWell { .. }))
}

pub(super) fn is_lorenz63(v: &Values) -> bool {
    matches!(plain(v), Some(ModelKind::Lorenz63))
}

pub(super) fn is_lorenz96(v: &Values) -> bool {
    matches!(plain(v), Some(ModelKind::Lorenz96 { .. }))
}

fn is_static(v: &Values) -> bool {
    matches!(plain(v), Some(ModelKind::Static { .. }))
}

/// Whether the time between two cycles can be chosen.
fn has_time(v: &Values) -> bool {
    plain(v).is_some() && !is_static(v)
}

/// Whether a step has a length that can be chosen.
fn has_steps(v: &Values) -> bool {
    plain(v).is_some_and(|model| !model.is_map())
}

/// Whether a state is one number.
pub(super) fn is_line(v: &Values) -> bool {
    is_filter(v) && dim(v) == 1
}

/// Number of cycles; 1 if there is none yet.
pub(super) fn cycles(v: &Values) -> u64 {
    v.int("cycles").unwrap_or(1)
}

/// The cycles that are observed, from 1 on.
pub(super) fn observed_cycles(v: &Values) -> Vec<u32> {
    match v.ints("observed") {
        Some(list) => list.iter().map(|&k| k as u32).collect(),
        None => {
            let every = v.int("every").unwrap_or(1).max(1) as usize;
            (1..=cycles(v) as u32)
                .skip(every - 1)
                .step_by(every)
                .collect()
        }
    }
}

/// The coordinates that are observed.
pub(super) fn coordinates(v: &Values) -> Vec<usize> {
    match v.ints("mask") {
        Some(list) => list.iter().map(|&i| i as usize).collect(),
        None => {
            let every = v.int("coordinates").unwrap_or(1).max(1) as usize;
            (0..dim(v)).step_by(every).collect()
        }
    }
}

pub(super) const MODEL: Key = row("model", "Model", "What moves.", Group::Main)
    .when(is_filter, LAB)
    .kind(|_| Kind::choice::<ModelKind>())
    .default(|_| {
        word(ModelKind::DoubleWell {
            wells: 1.0,
            noise: 0.5,
        })
    });

const WELLS: (f64, f64) = (0.1, 10.0);
const NOISE_X: (f64, f64) = (0.05, 2.0);
const FORCING: (f64, f64) = (0.0, 20.0);

pub(super) const WELLS_KEY: Key = row(
    "wells",
    "Depth c of the wells",
    "$dX = c(X − X³)dt + s dB$.",
    Group::Main,
)
.when(is_well, "model=double-well")
.kind(|_| Kind::Real(WELLS.0, WELLS.1))
.log()
.default(|_| real(1.0));

pub(super) const NOISE_X_KEY: Key = row(
    "noise-x",
    "Noise s",
    "Noise of the double well per square root of time.",
    Group::Main,
)
.when(is_well, "model=double-well")
.kind(|_| Kind::Real(NOISE_X.0, NOISE_X.1))
.log()
.default(|_| real(0.5));

pub(super) const STATES: Key = row(
    "states",
    "Coordinates d",
    "Numbers of a state.",
    Group::Main,
)
.when(
    |v| is_lorenz96(v) || is_static(v),
    "model=lorenz96 or static",
)
.kind(|v| match is_static(v) {
    true => Kind::Int(1, 200),
    false => Kind::Int(4, 200),
})
.log()
.default(|v| int(if is_static(v) { 10 } else { 40 }));

pub(super) const FORCING_KEY: Key = row(
    "forcing",
    "Forcing F",
    "What drives the circle; chaos from about 5 on.",
    Group::Main,
)
.when(is_lorenz96, "model=lorenz96")
.kind(|_| Kind::Real(FORCING.0, FORCING.1))
.default(|_| real(8.0));

pub(super) const MODEL_NOISE: Key = row(
    "model-noise",
    "Model noise q",
    "Noise that is added to the model, per square root of time.",
    Group::More,
)
.when(has_time, "a model that moves: any but model=static")
.kind(|_| Kind::Real(0.0, 5.0))
.default(|_| real(0.0));

pub(super) const TRUTH_WELLS: Key = row(
    "truth.wells",
    "c of the truth",
    "Model error: the truth has this c, the filter the other.",
    Group::More,
)
.when(is_well, "model=double-well")
.kind(|_| Kind::Real(WELLS.0, WELLS.1));

pub(super) const TRUTH_NOISE_X: Key = row(
    "truth.noise-x",
    "s of the truth",
    "Model error: the truth has this s, the filter the other.",
    Group::More,
)
.when(is_well, "model=double-well")
.kind(|_| Kind::Real(NOISE_X.0, NOISE_X.1));

pub(super) const TRUTH_FORCING: Key = row(
    "truth.forcing",
    "F of the truth",
    "Model error: the truth has this F, the filter the other.",
    Group::More,
)
.when(is_lorenz96, "model=lorenz96")
.kind(|_| Kind::Real(FORCING.0, FORCING.1));

pub(super) const CYCLES_KEY: Key = row(
    "cycles",
    "Cycles",
    "Updates of the filter; cycle 0 is the start, which is not observed.",
    Group::Main,
)
.when(is_filter, LAB)
.kind(|_| Kind::Int(1, CYCLES))
.log()
.default(|v| int(if is_lorenz96(v) { 400 } else { 40 }));

fn times(v: &Values) -> Option<Times> {
    Some(model(v, false)?.times())
}

pub(super) const INTERVAL: Key = row(
    "interval",
    "Time between cycles",
    "Of a model that goes by whole steps, a whole number.",
    Group::Main,
)
.when(has_time, "a model that moves: any but model=static")
.kind(|v| match has_steps(v) {
    true => Kind::Real(0.01, 20.0),
    false => Kind::Real(1.0, 20.0),
})
.refuse(|v, value| {
    let whole = decimal::read(value).is_some_and(|x| x.fract() == 0.0);
    (!has_steps(v) && !whole).then_some(Refusal {
        why: "this model goes by whole steps: a whole number is needed.",
        instead: None,
    })
})
.log()
.default(|v| real(times(v)?.interval));

pub(super) const DT: Key = row(
    "dt",
    "Step dt",
    "Longest step of the model between two cycles; the steps are equal.",
    Group::More,
)
.when(has_steps, "model=double-well, lorenz63 or lorenz96")
.kind(|v| {
    let longest = model(v, false).map_or(1.0, ModelKind::longest_step);
    let both = model(v, true).map_or(longest, |own| own.longest_step().min(longest));
    Kind::Real(0.001, both)
})
.refuse(|v, value| {
    let bound = model(v, false).map_or(1.0, ModelKind::longest_step);
    let long = decimal::read(value).is_some_and(|x| x > bound);
    (long && is_well(v)).then_some(Refusal {
        why: "steps above .1/c are not stable.",
        instead: None,
    })
})
.log()
.default(|v| {
    let own = times(v)?.dt;
    let truth = model(v, true)?.times().dt;
    real(own.min(truth))
});

/// The word for the law of the model.
const OWN_LAW: &str = "model";

pub(super) const INITIAL: Key = row(
    "initial",
    "Initial law",
    "Means; standard deviations; weights of a mixture of normals, by comma; or the word model, for the law of the model.",
    Group::More,
)
.when(is_line, "a model of one number: double-well or ar1")
.kind(|_| Kind::Matrix([2, 3], [1, 8], 1e6))
.or_word(OWN_LAW)
.default(|_| Some(Value::Word(OWN_LAW)))
.refuse(|_, value| {
    let mut rows = value.split(';').skip(1);
    let all = |row: Option<&str>, fits: fn(f64) -> bool| {
        row.is_none_or(|row| row.split(',').all(|x| decimal::read(x).is_some_and(fits)))
    };
    let refused = |why| {
        Some(Refusal { why, instead: None })
    };
    if !all(rows.next(), |sd| sd >= 0.0) {
        return refused("each standard deviation, in the second row, must be at least 0.");
    }
    if !all(rows.next(), |weight| weight > 0.0) {
        return refused("each weight, in the third row, must be above 0.");
    }
    None
});

pub(super) const BURN_IN: Key = row(
    "burn-in",
    "Burn-in",
    "First cycles that are left out of means.",
    Group::More,
)
.when(is_filter, LAB)
.kind(|v| Kind::Int(0, cycles(v) - 1))
.default(|v| {
    let part = if is_lorenz96(v) { 2 } else { 10 };
    let usual = cycles(v) / part;
    // Of a list of cycles the same share is left out, so that some count.
    let Some(list) = v.ints("observed") else {
        return int(usual);
    };
    let out = list.len() / part as usize;
    let last = out.checked_sub(1).and_then(|at| list.get(at));
    int(usual.min(last.copied().unwrap_or(0)))
});

pub(super) const OPERATOR: Key = row(
    "operator",
    "Observation",
    "What is seen of a coordinate u, with noise.",
    Group::Main,
)
.when(is_filter, LAB)
.kind(|_| Kind::choice::<Operator>())
.default(|_| word(Operator::Identity));

pub(super) const MASK: Key = row(
    "mask",
    "Observed coordinates",
    "Increasing indices from 0, separated by commas.",
    Group::More,
)
.when(|v| is_filter(v) && dim(v) > 1, "a model of several numbers")
.kind(|v| Kind::Increasing(0, dim(v) as u64));

pub(super) const COORDINATES: Key = row(
    "coordinates",
    "Observe each",
    "Coordinates 0, k, 2k, … are observed.",
    Group::Main,
)
.when(
    |v| is_filter(v) && dim(v) > 1 && v.get("mask").is_none(),
    "a model of several numbers, without the key mask",
)
.kind(|v| Kind::Int(1, dim(v) as u64))
.log()
// Of the spiral the first coordinate is seen.
.default(|v| match plain(v) {
    Some(ModelKind::Spiral) => int(2),
    _ => int(1),
});

pub(super) const OBSERVED: Key = row(
    "observed",
    "Observed cycles",
    "Increasing cycles from 1, separated by commas; after the last one the filter forecasts.",
    Group::More,
)
.when(is_filter, LAB)
.kind(|v| Kind::Increasing(1, cycles(v) + 1));

pub(super) const EVERY: Key = row(
    "every",
    "Observe every",
    "Cycles m, 2m, … are observed.",
    Group::Main,
)
.when(
    |v| is_filter(v) && v.get("observed").is_none(),
    "lab=filter without the key observed",
)
.kind(|v| Kind::Int(1, cycles(v)))
.log()
.default(|_| int(1));

pub(super) const NOISE_Y: Key = row(
    "noise-y",
    "Noise of observations",
    "Standard deviation of the noise of an observation.",
    Group::Main,
)
.when(is_filter, LAB)
.kind(|_| Kind::Real(0.01, 10.0))
.log()
.default(|v| real(model(v, false)?.noise_y()));

pub(super) const Y: Key = row(
    "y",
    "Observed values",
    "One value for each observed cycle and coordinate; without this key they are drawn from the truth.",
    Group::More,
)
.when(is_filter, LAB)
.kind(|v| {
    let count = observed_cycles(v).len() * coordinates(v).len();
    Kind::Reals(count, count, -VALUE, VALUE)
});

pub(super) const TRUTH_SEED: Key = row(
    "truth-seed",
    "Truth seed",
    "Seed of the truth and of its observations.",
    Group::Main,
)
.when(is_filter, LAB)
.kind(|_| Kind::Seed)
.default(|_| int(0));
