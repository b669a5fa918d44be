//! What is known before a run: the truth and its observations.

use super::film::{record, shown};
use super::twin::Twin;
use crate::answer::{Floats, Indices, Named, Reals};
use crate::error::Error;
use crate::filter::accuracy::Ranks;
use crate::labs::task::{Stages, Task};
use crate::labs::timeline::{Clock, Timeline};
use serde::Serialize;
use std::rc::Rc;

/// The truth, what is observed of it, and how a run is recorded: each frame is a cycle. A run records `mean` and `sd`
/// `[states]`, `members` `[shown × states]` (the first ones), `weights` `[shown]` (1 where all are equal) of methods whose
/// members may keep weights, the scores `rmse`, `spread`, `crps`, and `w1` and `ess` where there are any, `ranks` `[bins]`,
/// the counts so far, and `flatness` of these.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FilterScene {
    /// The lab.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"filter\""))]
    pub lab: &'static str,
    /// The frames.
    #[serde(flatten)]
    pub timeline: Timeline,
    /// What an index of the clock is called.
    pub index_name: &'static str,
    /// Number of members; 0 where the method has none.
    pub n: usize,
    /// Members in every frame.
    pub shown: usize,
    /// Numbers of a state.
    pub states: usize,
    /// Time between two cycles.
    pub interval: f64,
    /// Steps of the model between two cycles.
    pub substeps: u32,
    /// The first cycles that are left out of means.
    pub burn_in: usize,
    /// The truth, `[(cycles + 1) × states]`.
    pub truth: Reals,
    /// In models of three numbers the truth after every step of the model, `[steps + 1 × 3]`, as far as it is kept.
    pub path: Floats,
    /// Cycles that are observed.
    pub observed: Indices,
    /// Coordinates that are observed.
    pub coordinates: Indices,
    /// The observed values, `[observed × coordinates]`.
    pub y: Reals,
    /// Whether there is an exact filter.
    pub known: bool,
    /// Whether there is a reference in its place: the job `reference`.
    pub reference: bool,
    /// Bins of the rank histogram.
    pub bins: usize,
}

/// Work of a part, in units.
const PART: usize = 20_000;

/// Parts that simulate the truth up to the last cycle.
pub(super) fn parts(twin: &Twin) -> usize {
    (twin.price_of_truth(twin.cycles) / PART as f64) as usize + 2
}

/// Goes on with the truth. Returns whether it is at the last cycle.
pub(super) fn simulate(twin: &Twin) -> Result<bool, Error> {
    twin.simulate(twin.cycles, &mut (PART as f64))
}

/// The scene, once the truth is simulated.
pub(super) fn scene(twin: &Rc<Twin>) -> Task {
    let (own, end) = (twin.clone(), twin.clone());
    Stages::on(())
        .then(parts(twin), PART, move |(), _| simulate(&own).map(|_| ()))
        .answer(move |()| {
            while !simulate(&end)? {}
            Ok(known(&end))
        })
}

fn known(twin: &Twin) -> FilterScene {
    let past = twin.past.borrow();
    let values = past.seen.iter().flatten().flat_map(|y| y.values());
    FilterScene {
        lab: "filter",
        timeline: Timeline {
            clock: Clock::Index,
            steps: twin.cycles,
            frames: twin.cycles + 1,
            level_index: (0..=twin.cycles as u32).collect(),
            record: Named(record(twin)),
            warnings: vec![],
        },
        index_name: "cycle",
        n: twin.n,
        shown: shown(twin),
        states: twin.dim(),
        interval: twin.interval,
        substeps: twin.truth.substeps(),
        burn_in: twin.burn_in,
        truth: past.truth.clone().into(),
        path: past.path.clone().into(),
        observed: twin.observed().map(|k| k as u32).collect(),
        coordinates: twin.sensor.indices().iter().map(|&i| i as u32).collect(),
        y: values.copied().collect(),
        known: twin.known,
        reference: twin.has_reference(),
        bins: Ranks::bins(twin.n),
    }
}
