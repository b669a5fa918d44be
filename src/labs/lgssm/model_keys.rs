//! The rows of the table for chains that say what the chain is and what is observed of it.

use crate::labs::laws::{int, is_lab, real};
use crate::link::{Group, Key, Kind, Refusal, Value, Values, row};
use crate::observe::OperatorKind;
use crate::process::lgssm::Model;
use crate::word::Words;

/// The lab's name.
pub(super) const NAME: &str = "lgssm";

pub(super) fn word(variant: impl Words) -> Option<Value> {
    Some(Value::of(variant))
}

/// Largest length of a chain. The time of a run is linear in it: `cargo xtask bench --shares` prints the exponents.
pub(super) const LENGTH: u64 = 10_000;
/// Bound of the entries of matrices and of observed values.
pub(super) const ENTRY: f64 = 1e6;
pub(super) const CHAIN: &str = "lab=lgssm";

pub(super) fn is_chain(v: &Values) -> bool {
    is_lab(v, NAME)
}

pub(super) fn model(v: &Values) -> Option<Model> {
    v.choice("model")
}

pub(super) fn is_ar1(v: &Values) -> bool {
    model(v) == Some(Model::Ar1)
}

pub(super) fn is_custom(v: &Values) -> bool {
    model(v) == Some(Model::Custom)
}

/// Length of the chain; 1 if no length is given yet.
pub(super) fn length(v: &Values) -> u64 {
    v.int("length").unwrap_or(1)
}

/// p, the number of coordinates of a state; 1 if there is no chain.
pub(super) fn states(v: &Values) -> usize {
    match model(v) {
        Some(Model::Custom) => v.matrix("T").map_or(1, |t| t.len()),
        Some(Model::DampedSpring | Model::Rotation) => 2,
        Some(Model::Ar1) | None => 1,
    }
}

/// q, the number of rows of an observation; 1 if there is no chain.
pub(super) fn rows(v: &Values) -> usize {
    match model(v) {
        Some(Model::Custom) => v.matrix("O").map_or(1, |o| o.len()),
        Some(Model::Ar1 | Model::DampedSpring | Model::Rotation) | None => 1,
    }
}

/// Number of observed indices.
pub(super) fn observed(v: &Values) -> usize {
    match v.ints("observed") {
        Some(list) => list.len(),
        None => length(v).div_ceil(v.int("every").unwrap_or(1)) as usize,
    }
}

pub(super) const MODEL: Key = row("model", "Model", "Which chain.", Group::Main)
    .when(is_chain, CHAIN)
    .kind(|_| Kind::choice::<Model>())
    .default(|_| word(Model::Ar1));

pub(super) const A: Key = row(
    "a",
    "Memory a",
    "$x_i = a·x_{i−1} + N(0, b²)$.",
    Group::Main,
)
.when(is_ar1, "model=ar1")
.kind(|_| Kind::Real(-0.999, 0.999))
.default(|_| real(0.9));

pub(super) const B: Key = row(
    "b",
    "Noise b",
    "Standard deviation of the noise in $x_i$; $√(1 − a²)$ makes the variance of $x_i$ 1.",
    Group::Main,
)
.when(is_ar1, "model=ar1")
.kind(|_| Kind::Real(0.001, 10.0))
.log()
// √0.19: unit variance at a = 0.9.
.default(|_| real(0.435_889_894_354_067_4));

pub(super) const C: Key = row(
    "c",
    "Gain c",
    "$y_i = c·x_i + N(0, d²)$; not 0.",
    Group::More,
)
.when(is_ar1, "model=ar1")
.kind(|_| Kind::Real(-10.0, 10.0))
.refuse(|_, value| {
    matches!(value, "0" | "-0").then_some(Refusal {
        why: "an observation of gain 0 sees nothing. Choose c=1, or any number but 0.",
        instead: Some("1"),
    })
})
.default(|_| real(1.0));

pub(super) const D: Key = row(
    "d",
    "Observation noise d",
    "Standard deviation of the noise of an observation.",
    Group::Main,
)
.when(
    |v| is_chain(v) && !is_custom(v),
    "model=ar1, damped-spring or rotation",
)
.kind(|_| Kind::Real(0.0, 10.0))
.default(|_| real(0.5));

pub(super) const T: Key = row(
    "T",
    "Transition T",
    "$x_i = T·x_{i−1} + N(0, Q)$: rows by semicolon, at most 4 × 4, spectral radius at most .999.",
    Group::Main,
)
.when(is_custom, "model=custom")
.kind(|_| Kind::Matrix([1, 4], [1, 4], ENTRY))
.required();

pub(super) const Q: Key = row(
    "Q",
    "Noise covariance Q",
    "p × p, symmetric, no negative eigenvalue.",
    Group::Main,
)
.when(is_custom, "model=custom")
.kind(|v| Kind::Matrix([states(v); 2], [states(v); 2], ENTRY))
.required();

pub(super) const O: Key = row(
    "O",
    "Observation O",
    "$y_i = O·x_i + N(0, R)$: q rows of p numbers.",
    Group::Main,
)
.when(is_custom, "model=custom")
.kind(|v| Kind::Matrix([1, 4], [states(v); 2], ENTRY))
.required();

pub(super) const R: Key = row(
    "R",
    "Observation noise covariance R",
    "q × q, symmetric, positive definite.",
    Group::Main,
)
.when(is_custom, "model=custom")
.kind(|v| Kind::Matrix([rows(v); 2], [rows(v); 2], ENTRY))
.required();

pub(super) const LENGTH_KEY: Key = row("length", "Length L", "Number of states.", Group::Main)
    .when(is_chain, CHAIN)
    .kind(|_| Kind::Int(1, LENGTH))
    .log()
    .default(|_| int(33));

pub(super) const OPERATOR: Key = row(
    "operator",
    "Observation",
    "The observation operator.",
    Group::Main,
)
.when(is_chain, CHAIN)
.kind(|_| Kind::choice::<OperatorKind>())
.default(|_| word(OperatorKind::Linear));

pub(super) const WIDTH: Key = row(
    "width",
    "Window",
    "Number of states in the mean of an observation.",
    Group::Main,
)
.when(
    |v| matches!(v.choice("operator"), Some(OperatorKind::Window(_))),
    "operator=window",
)
.kind(|v| Kind::Int(1, length(v)))
.default(|v| int(4.min(length(v))));

pub(super) const OBSERVED: Key = row(
    "observed",
    "Observed indices",
    "Increasing indices, separated by commas.",
    Group::More,
)
.when(is_chain, CHAIN)
.kind(|v| Kind::Increasing(0, length(v)));

pub(super) const EVERY: Key = row(
    "every",
    "Observe every",
    "Indices 0, m, 2m, … are observed.",
    Group::Main,
)
.when(
    |v| is_chain(v) && v.get("observed").is_none(),
    "lab=lgssm without the key observed",
)
.kind(|v| Kind::Int(1, length(v)))
.log()
.default(|v| int(4.min(length(v))));

pub(super) const Y: Key = row(
    "y",
    "Observed values",
    "One value per observed index and row; without this key they are drawn from the truth.",
    Group::More,
)
.when(is_chain, CHAIN)
.kind(|v| {
    let count = observed(v) * rows(v);
    Kind::Reals(count, count, -ENTRY, ENTRY)
});

pub(super) const TRUTH_SEED: Key = row(
    "truth-seed",
    "Truth seed",
    "Seed of the simulated chain and of its observations.",
    Group::Main,
)
.when(is_chain, CHAIN)
.kind(|_| Kind::Seed)
.default(|_| int(0));
