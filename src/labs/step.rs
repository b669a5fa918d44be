//! The question “step”: one particle's step into a frame, with the parts that the plan's table names.

use super::lab::Lab;
use super::task::{Question, Stages, Task};
use crate::answer::Reals;
use crate::sample::{Parts, Trace};
use serde::Serialize;
use std::rc::Rc;

/// Asks for the step into a frame of a particle, by its number in the run.
pub(super) const STEP: Question = Question {
    name: "step",
    args: &["frame", "particle"],
};

/// Work to prepare a level, in evaluations, about.
const PREPARED: usize = 3;

/// The last step into a frame, of one particle as the CPU engine computes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Step {
    /// Number of the step, from 1; 0 at the start, where there is none.
    pub step: usize,
    /// The particle.
    pub particle: usize,
    /// Its stages, in order.
    pub stages: Vec<StepStage>,
}

/// One stage of a step, as a row of the plan: after = kept + noise + pulled + recalled.
///
/// Held by `tests/lab.rs`: `the_parts_of_a_step_add_up_to_the_frame_of_the_run`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct StepStage {
    /// Number of the stage in the plan's table, from 1.
    pub stage: usize,
    /// t of the denoiser; none for a stage that only adds noise.
    pub t: Option<f64>,
    /// Factors of x, x̂, x̂₋₁ and z.
    pub factors: [f64; 4],
    /// Whether `after` is the state from here on; otherwise it is only the next point where the denoiser is asked.
    pub commits: bool,
    /// x, the state at the start of the step.
    pub base: Reals,
    /// The point where the denoiser is asked.
    pub at: Reals,
    /// x̂ there; empty for a stage that only adds noise.
    pub x_hat: Reals,
    /// Factor of x times x.
    pub kept: Reals,
    /// Factor of z times z.
    pub noise: Reals,
    /// Factor of x̂ times x̂.
    pub pulled: Reals,
    /// Factor of x̂₋₁ times x̂₋₁.
    pub recalled: Reals,
    /// The sum of the four.
    pub after: Reals,
}

/// The step of `particle` into `frame`, in pieces: the particle is followed from its start.
pub(super) fn task<L: Lab>(lab: Rc<L>, frame: usize, particle: usize) -> Task {
    let setup = lab.setup();
    let shown = setup.shown_levels();
    let step = shown[frame.min(shown.len() - 1)];
    let particle = particle.min(setup.n - 1);
    let size = [setup.n, lab.dim()];
    let trace = Trace::new(
        &setup.plan,
        size,
        setup.seed,
        setup.quantile_start,
        particle,
    );
    let lands = |step: usize| setup.plan.stages.iter().position(|s| s.lands == Some(step));
    let (from, to) = match step {
        0 => (0, 0),
        _ => (
            lands(step - 1).map_or(0, |i| i + 1),
            lands(step).map_or(0, |i| i + 1),
        ),
    };
    let cost = lab.denoiser().price() * PREPARED;
    let other = lab.clone();
    let go_on = move |(trace, found): &mut (Trace, Vec<Parts>), i: usize| {
        let plan = &other.setup().plan;
        if i < from {
            trace.pass(plan, other.denoiser());
        } else {
            found.extend(trace.go_on(plan, other.denoiser()));
        }
        Ok(())
    };
    let stages = Stages::on((trace, vec![])).then(to, cost, go_on);
    stages.answer(move |(_, found)| {
        let plan = &lab.setup().plan;
        let told = |parts: Parts| {
            let row = &plan.stages[parts.stage];
            StepStage {
                stage: parts.stage + 1,
                t: row.level.map(|level| level.t),
                factors: [row.keep, row.pulls[0], row.pulls[1], row.noise],
                commits: row.commit,
                base: parts.base.into(),
                at: parts.at.into(),
                x_hat: parts.x_hat.into(),
                kept: parts.kept.into(),
                noise: parts.noise.into(),
                pulled: parts.pulled.into(),
                recalled: parts.recalled.into(),
                after: parts.after.into(),
            }
        };
        let stages = found.into_iter().map(told).collect();
        Ok(Step {
            step,
            particle,
            stages,
        })
    })
}
