//! Checks whether the largest noise of a run covers the law of the data, and finds remedies.

use super::record::short;
use super::setup::Setup;
use crate::sample::Sampler;
use crate::schedule::{Grid, Process};
use crate::word::Words;

/// The share of the standard deviation that may be missing without a warning, and the allowed error of the mean in
/// standard deviations: less is not visible in a run of usual size.
const MISSING: f64 = 0.01;
const OFF: f64 = 0.1;

/// The part of the law of the data that the exact probability flow misses, because the start is N(0, σ²) instead of
/// the law under the largest noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Missing {
    /// Share of the standard deviation.
    pub deviation: f64,
    /// Error of the mean, in standard deviations.
    pub mean: f64,
}

impl Missing {
    /// For N(mean, variance·I) and a start at σ/α = s: the run ends at mean·(1 − √(v/(v + s²))) with variance v·s²/(v
    /// + s²).
    pub fn of(mean: f64, variance: f64, s: f64) -> Self {
        let total = (variance + s * s).sqrt();
        Self {
            deviation: 1.0 - s / total,
            mean: mean.abs() / total,
        }
    }

    /// Whether the error is visible in a run.
    pub fn counts(&self) -> bool {
        self.deviation > MISSING || self.mean > OFF
    }

    /// The warning, for data with some standard deviation at σ/α = `ratio`, with the remedies.
    pub fn words(&self, (what, deviation): (&str, f64), ratio: f64, remedy: &str) -> String {
        let mut lost = vec![];
        if self.deviation > MISSING {
            lost.push(format!(
                "a deviation that is {} % too small",
                short(100.0 * self.deviation)
            ));
        }
        if self.mean > OFF {
            lost.push(format!(
                "a mean that is off by {} of the exact deviation",
                short(self.mean)
            ));
        }
        format!(
            "The noise at the start, σ/α = {}, does not cover {what}, whose deviation is {}. From this start even exact steps of the probability flow end with {}. {remedy}",
            short(ratio),
            short(deviation),
            lost.join(" and "),
        )
    }
}

/// σ/α at the start of a run; `None` if the start is the law itself (no signal is left) or the run has no such start
/// (`langevin`).
pub fn ratio(setup: &Setup) -> Option<f64> {
    let ratio = setup.plan.levels[0].ratio();
    (ratio.is_finite() && !setup.walks_at_one_level()).then_some(ratio)
}

/// The warning for data with this mean and variance in each coordinate; `None` if the start covers them.
pub fn warning(setup: &Setup, mean: f64, variance: f64) -> Option<String> {
    let ratio = ratio(setup)?;
    let missing = Missing::of(mean, variance, ratio);
    if !missing.counts() {
        return None;
    }
    let better = covering(setup, mean, variance);
    let remedy = match better.as_slice() {
        [] => "Choose data with a smaller deviation, and a mean nearer 0.".to_owned(),
        better => choose(
            better
                .iter()
                .map(|p| format!("process={}", p.word()))
                .collect(),
        ),
    };
    let deviation = variance.sqrt();
    Some(missing.words(("the data", deviation), ratio, &remedy))
}

/// The processes that fit the sampler, the grid and the steps of a run, with σ/α at their starts.
pub fn starts(setup: &Setup) -> Vec<(Process, f64)> {
    let steps = setup.plan.steps() as u32;
    let churns = matches!(setup.sampler, Sampler::Heun(churn) if churn.amount > 0.0);
    let drifts = setup.sampler.needs_drift();
    let allowed = |process: &Process| {
        let gridded = !process.is_discrete() || setup.grid == Grid::Default && steps >= 2;
        gridded && (!churns || process.explodes())
    };
    let start = |process| {
        let levels = setup.grid.levels(process, steps, drifts);
        (process, levels[0].ratio())
    };
    let all = Process::all(steps).filter(allowed);
    all.map(start).collect()
}

/// “Choose x, y, or z.”
pub fn choose(mut ways: Vec<String>) -> String {
    let last = ways.pop().unwrap_or_default();
    match ways.len() {
        0 => format!("Choose {last}."),
        1 => format!("Choose {} or {last}.", ways[0]),
        _ => format!("Choose {}, or {last}.", ways.join(", ")),
    }
}

/// The processes whose start covers such data, with the same sampler, grid and steps. If the start is pure noise, the
/// exact output law of the plan on a normal law must be right too.
fn covering(setup: &Setup, mean: f64, variance: f64) -> Vec<Process> {
    let steps = setup.plan.steps() as u32;
    let fits = |(process, s): &(Process, f64)| {
        let plan = setup.sampler.plan(*process, setup.grid, steps);
        if s.is_finite() {
            return !Missing::of(mean, variance, *s).counts();
        }
        // The start covers everything, but the first steps may be too large.
        let end = plan.moments_on_gaussian(mean, variance.sqrt());
        (end.variance / variance - 1.0).abs() < 4.0 * MISSING
            && (end.mean - mean).abs() < OFF * variance.sqrt()
    };
    let all = starts(setup).into_iter().filter(fits);
    all.take(3).map(|(process, _)| process).collect()
}
