//! The steps of a run, and which of them are shown.

use super::setup::Setup;
use super::words::{Task, Way};
use crate::labs::setup::thinned;
use crate::level::Level;

/// Frames of a run that are kept, at most.
const KEPT: usize = 65;

/// The first frame that a way reaches by steps of its own.
pub(super) fn first(setup: &Setup) -> usize {
    match (setup.way, setup.task) {
        (Way::Enkf | Way::Free, Task::Forecast) => setup.seen.len() - 1,
        _ => 0,
    }
}

/// Steps of a run: of the sampler in all segments, of the film, or one.
pub(super) fn steps(setup: &Setup) -> usize {
    match (setup.way, &setup.sampling) {
        (Way::AllAtOnce | Way::Autoregressive, Some(own)) => own.segments.len() * own.plan.steps(),
        (Way::Enkf | Way::Free, _) => setup.frames - 1 - first(setup),
        _ => 1,
    }
}

/// The steps after which a frame of the run is kept.
pub(super) fn shown(setup: &Setup) -> Vec<usize> {
    thinned(steps(setup), KEPT)
}

/// The segment of a step of a sampler, and the level at its end; the end of a segment is the last level of its own.
pub(super) fn place(setup: &Setup, step: usize) -> Option<(usize, Level)> {
    let plan = &setup.sampling.as_ref()?.plan;
    let segment = step.saturating_sub(1) / plan.steps();
    let level = plan.levels.get(step - segment * plan.steps())?;
    Some((segment, *level))
}

/// The time of a step on its way from noise to data, where all frames are on it together.
pub(super) fn time(setup: &Setup, step: usize) -> Option<f64> {
    match setup.way {
        Way::AllAtOnce => place(setup, step).map(|(_, level)| level.t),
        Way::Autoregressive | Way::Posterior | Way::Interpolate | Way::Enkf | Way::Free => None,
    }
}

/// Calls of the denoiser a sample up to a step.
pub(super) fn calls(setup: &Setup, step: usize) -> Option<usize> {
    let plan = &setup.sampling.as_ref()?.plan;
    let (segment, _) = place(setup, step)?;
    let level = step - segment * plan.steps();
    let stages = &plan.stages;
    let reached = stages.iter().position(|s| s.lands == Some(level));
    let within = &stages[..reached.map_or(0, |i| i + 1)];
    let asked = within.iter().filter(|s| s.level.is_some()).count();
    Some(segment * plan.nfe() + asked)
}
