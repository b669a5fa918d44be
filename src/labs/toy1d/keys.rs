//! The keys of the lab toy1d.

use crate::labs::laws::{self, LINE, TARGET, are_default, is_lab, real};
use crate::law::LineLaw;
use crate::link::{ByNoise, Group, Key, Kind, LabKeys, Value, Values, row};
use crate::sample::{Init, Sampler};
use crate::schedule::{Grid, Process};
use crate::word::{Choice, words};

/// A view of the lab toy1d.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineView {
    /// The density over time.
    Density,
    /// Histograms at several times.
    Histogram,
    /// The probability flow.
    Flow,
    /// The error against the number of steps.
    Sweep,
    /// Where the error comes from; only of networks.
    Errors,
}

words!(LineView {
    Density => "density", "Density", "pₜ(x) over time, with trajectories";
    Histogram => "histogram", "Histograms", "The samples at several times";
    Flow => "flow", "Flow", "The probability-flow velocity and its characteristics";
    Sweep => "sweep", "Sweep", "Samples and error against the number of steps";
    Errors => "errors", "Errors", "What the network, the steps and the luck of the draw cost";
});

fn is_mixture(v: &Values) -> bool {
    v.choice("target") == Some(LineLaw::Mixture)
}

fn is_comb(v: &Values) -> bool {
    v.choice("target") == Some(LineLaw::Comb)
}

fn components(v: &Values) -> usize {
    v.reals("means").map_or(1, <[f64]>::len)
}

const SD: Key = row(
    "sd",
    "Standard deviation",
    "Standard deviation of the normal law; its mean is 0.",
    Group::Main,
)
.when(
    |v| v.choice("target") == Some(LineLaw::Gaussian),
    "target=gaussian",
)
.kind(|_| Kind::Real(0.01, 10.0))
.log()
.default(|_| real(0.5));

const MEANS: Key = row(
    "means",
    "Means",
    "Means of the components, separated by commas.",
    Group::Main,
)
.when(is_mixture, "target=mixture")
.kind(|_| Kind::Reals(1, 8, -10.0, 10.0))
.default(|_| Some(Value::Reals(vec![-1.0, 1.0])));

const SDS: Key = row(
    "sds",
    "Deviations",
    "Standard deviation of each component.",
    Group::Main,
)
.when(is_mixture, "target=mixture")
.kind(|v| Kind::Reals(components(v), components(v), 0.01, 5.0))
.default(|v| Some(Value::Reals(vec![0.2; components(v)])));

const WEIGHTS: Key = row(
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
});

const TEETH: Key = row(
    "teeth",
    "Teeth K",
    "Number of intervals of the comb in [0, 1].",
    Group::Main,
)
.when(is_comb, "target=comb")
.kind(|_| Kind::Int(2, 16))
.default(|_| Some(Value::Int(4)));

const DUTY: Key = row(
    "duty",
    "Duty",
    "Share of each tooth that is filled.",
    Group::Main,
)
.when(is_comb, "target=comb")
.kind(|_| Kind::Real(0.05, 0.95))
.default(|_| real(0.5));

const INIT: Key = row("init", "Start", "How the particles start.", Group::More)
    .when(|v| is_lab(v, LINE), "lab=toy1d")
    .kind(|_| Kind::choice::<Init>())
    .default(|_| Some(Value::of(Init::Random)));

/// Whether a pretrained network is there for this law: those of `nets/` (held by `tests/networks.rs`).
fn has_network(v: &Values) -> bool {
    v.choice("target").is_some_and(|law| match law {
        LineLaw::Uniform => true,
        LineLaw::Mixture => are_default(v, &[&MEANS, &SDS, &WEIGHTS]),
        LineLaw::Comb => are_default(v, &[&TEETH, &DUTY]),
        LineLaw::Gaussian => false,
    })
}

/// The lab toy1d.
pub static TOY1D: LabKeys = LabKeys {
    law: &[TARGET, SD, MEANS, SDS, WEIGHTS, TEETH, DUTY],
    score: &laws::POINTS,
    start: &[INIT],
    noise: Some(ByNoise {
        process: Process::Ddpm(100),
        sampler: Sampler::Ancestral,
        grid: Grid::Default,
    }),
    steps: 100,
    n: 10_000,
    most: 1_000_000,
    scores: |v| laws::scores(has_network(v)),
    no_score: |v, value| laws::no_score(value, has_network(v)),
    no_view: laws::no_view,
    network: laws::network,
    pretrained: |v| v.word("target").map(str::to_owned),
    of_file: laws::of_file,
    of_recipe: laws::of_recipe,
    in_words: |v| Some(v.choice::<LineLaw>("target")?.in_words().to_owned()),
    widest: &[|v| {
        v.set("score", Value::of(laws::LawScore::Net));
        v.set("target", Value::of(LineLaw::Mixture));
        for key in [MEANS, SDS, WEIGHTS] {
            if let Some(value) = (key.default)(v) {
                v.set(key.name, value);
            }
        }
    }],
    ..LabKeys::plain(
        Choice {
            value: LINE,
            label: "1-D",
            help: "Laws on the line, with the exact answer behind the sample.",
        },
        |v| laws::views(v, LineView::Errors),
    )
};
