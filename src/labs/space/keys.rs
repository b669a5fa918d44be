//! The keys of the labs toy2d and torus.

use crate::decimal;
use crate::labs::laws::{self, LawScore, PLANE, TARGET, TORUS, are_default, is_lab, real};
use crate::law::PlaneLaw;
use crate::link::points::MAX_POINTS;
use crate::link::{Group, Key, Kind, LabKeys, Value, Values, row};
use crate::word::{Choice, words};

/// A view of the lab toy2d.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaneView {
    /// The samples over the exact density.
    Particles,
    /// The velocity of the flow.
    Flow,
    /// The exact density.
    Density,
    /// Paths of particles.
    Trajectories,
    /// Where the error comes from; only of networks.
    Errors,
}

words!(PlaneView {
    Particles => "particles", "Particles", "The samples, with the exact density behind them";
    Flow => "flow", "Flow", "The velocity of the probability flow at this time";
    Density => "density", "Density", "The exact density at this time, with contours";
    Trajectories => "trajectories", "Trajectories", "Paths of single particles from noise to data";
    Errors => "errors", "Errors", "What the network, the steps and the luck of the draw cost";
});

/// A view of the lab torus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TorusView {
    /// The samples in space.
    Particles,
    /// Their angles.
    Angles,
    /// Where the error comes from; only of networks.
    Errors,
}

words!(TorusView {
    Particles => "particles", "Particles", "The samples in space; colour is the distance from the surface";
    Angles => "angles", "Angles", "The angles of the samples against their exact densities";
    Errors => "errors", "Errors", "What the network, the steps and the luck of the draw cost";
});

/// The least major radius of a torus.
const LEAST_MAJOR: f64 = 0.2;

/// The major radius of a torus.
fn major(v: &Values) -> f64 {
    v.real("major").unwrap_or(LEAST_MAJOR)
}

/// A bound that is a product of numbers in the link, as one types it: 0.9999·0.3 is 0.29996999999999996 in f64, and
/// 0.29997 is within the bound.
fn typed(bound: f64) -> f64 {
    decimal::read(&format!("{bound:.12e}")).map_or(bound, |x| x.max(bound))
}

const POINTS: Key = row(
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
.required();

const MAJOR: Key = row(
    "major",
    "Major radius R",
    "Distance from the centre of the torus to the centre of the tube.",
    Group::Main,
)
.when(|v| is_lab(v, TORUS), "lab=torus")
.kind(|_| Kind::Real(LEAST_MAJOR, 3.0))
.default(|_| real(1.0));

const MINOR: Key = row(
    "minor",
    "Minor radius r",
    "Radius of the tube; less than the major radius.",
    Group::Main,
)
.when(|v| is_lab(v, TORUS), "lab=torus")
// Less than the major radius by a part in 10⁴: at r = R the surface meets itself.
.kind(|v| Kind::Real(0.05, typed(0.9999 * major(v))))
.default(|v| real(if major(v) > 0.45 { 0.4 } else { 0.1 }));

/// Whether a pretrained network is there for a law in the plane: those of `nets/` (held by `tests/networks.rs`).
fn has_network(v: &Values) -> bool {
    v.choice("target").is_some_and(|law| match law {
        PlaneLaw::Moons | PlaneLaw::Checkerboard | PlaneLaw::Swissroll | PlaneLaw::Pinwheel => true,
        PlaneLaw::Gaussians8 | PlaneLaw::Rings | PlaneLaw::Drawn => false,
    })
}

/// The same for a torus.
fn has_torus(v: &Values) -> bool {
    are_default(v, &[&MAJOR, &MINOR])
}

/// The lab toy2d.
pub static TOY2D: LabKeys = LabKeys {
    law: &[TARGET, POINTS],
    score: &laws::POINTS,
    noise: Some(laws::IN_SPACE),
    steps: 40,
    n: 10_000,
    most: 1_000_000,
    scores: |v| laws::scores(has_network(v)),
    no_score: |v, value| laws::no_score(value, has_network(v)),
    no_view: laws::no_view,
    network: laws::network,
    pretrained: |v| v.word("target").map(str::to_owned),
    of_file: laws::of_file,
    of_recipe: laws::of_recipe,
    in_words: |v| Some(v.choice::<PlaneLaw>("target")?.in_words().to_owned()),
    numbers: |_| Some(2),
    widest: &[|v| v.set("score", Value::of(LawScore::Net))],
    ..LabKeys::plain(
        Choice {
            value: PLANE,
            label: "2-D",
            help: "Laws in the plane: particles, flow fields, densities.",
        },
        |v| laws::views(v, PlaneView::Errors),
    )
};

/// The lab torus.
pub static TORUS_LAB: LabKeys = LabKeys {
    law: &[MAJOR, MINOR],
    score: &laws::POINTS,
    noise: Some(laws::IN_SPACE),
    steps: 40,
    n: 4000,
    most: 1_000_000,
    scores: |v| laws::scores(has_torus(v)),
    no_score: |v, value| laws::no_score(value, has_torus(v)),
    no_view: laws::no_view,
    network: laws::network,
    pretrained: |_| Some(TORUS.to_owned()),
    of_file: laws::of_file,
    of_recipe: laws::of_recipe,
    in_words: |_| Some("the torus".to_owned()),
    numbers: |_| Some(3),
    widest: &[|v| {
        v.set("score", Value::of(LawScore::Net));
        v.set("major", Value::Real(3.0));
    }],
    ..LabKeys::plain(
        Choice {
            value: TORUS,
            label: "Torus",
            help: "The uniform law on a torus in space.",
        },
        |v| laws::views(v, TorusView::Errors),
    )
};
