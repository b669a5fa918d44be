//! The frames of a run as every picture sees them, known before the run.

use super::lab::Lab;
use super::record::Camera;
use crate::answer::{Indices, Named, Reals};
use serde::Serialize;

/// What goes on from one frame to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Clock {
    /// Noise becomes less.
    #[serde(rename = "time")]
    Noise,
    /// A walk goes on at one level of noise.
    #[serde(rename = "iteration")]
    Iteration,
    /// A sequence grows: step by step, without noise that becomes less.
    #[serde(rename = "index")]
    Index,
}

/// The frames of a run. Frame 0 is its start, the last frame its end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Timeline {
    /// What goes on from one frame to the next.
    pub clock: Clock,
    /// Steps of the whole run.
    pub steps: usize,
    /// Frames; of many steps not each is one.
    pub frames: usize,
    /// The step after which each frame is taken.
    pub level_index: Indices,
    /// Names of the arrays that a run records, and the numbers of each in a frame.
    pub record: Named<usize>,
    /// What is not right about a run though it can be done, each with its remedy.
    pub warnings: Vec<String>,
}

/// The levels of noise of frames, where they have any.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Levels {
    /// Denoiser calls a particle.
    pub nfe: usize,
    /// Time of each frame: 1 is noise, 0 is data.
    pub t: Reals,
    /// α of each frame.
    pub alpha: Reals,
    /// σ of each frame.
    pub sigma: Reals,
}

impl Timeline {
    /// Of a run of `lab`, seen by `camera`.
    pub(super) fn of<L: Lab>(lab: &L, camera: &L::Camera) -> Self {
        let setup = lab.setup();
        let shown = setup.shown_levels();
        Self {
            clock: match setup.walks_at_one_level() {
                true => Clock::Iteration,
                false => Clock::Noise,
            },
            steps: setup.plan.steps(),
            frames: shown.len(),
            level_index: shown.iter().map(|&i| i as u32).collect(),
            record: Named(camera.record()),
            warnings: lab.warnings(),
        }
    }
}

impl Levels {
    /// Of a run of `lab`.
    pub(super) fn of<L: Lab>(lab: &L) -> Self {
        let setup = lab.setup();
        let levels = setup.frames();
        Self {
            nfe: lab.rounds() * setup.plan.nfe(),
            t: levels.iter().map(|l| l.t).collect(),
            alpha: levels.iter().map(|l| l.alpha).collect(),
            sigma: levels.iter().map(|l| l.sigma).collect(),
        }
    }
}
