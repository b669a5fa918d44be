//! The plan as a table to read.

use super::Setup;
use serde::Serialize;

/// What a run does, a row for each stage of its plan or step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct PlanTable {
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// The rows; empty where a row has no such entry.
    pub rows: Vec<Vec<Cell>>,
    /// What the columns mean.
    pub note: &'static str,
}

/// An entry of a table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(
    target_arch = "wasm32",
    derive(tsify::Tsify),
    tsify(type = "number | \"\"")
)]
#[serde(untagged)]
pub enum Cell {
    /// A number.
    Number(f64),
    /// Nothing.
    Empty(&'static str),
}

impl From<f64> for Cell {
    fn from(x: f64) -> Self {
        match x.is_nan() {
            true => Cell::Empty(""),
            false => Cell::Number(x),
        }
    }
}

/// The table of a plan.
pub fn plan_table(setup: &Setup) -> PlanTable {
    let mut rows = Vec::with_capacity(setup.plan.stages.len());
    let mut step = 1;
    for (i, s) in setup.plan.stages.iter().enumerate() {
        let level = |f: fn(&crate::level::Level) -> f64| s.level.as_ref().map_or(f64::NAN, f);
        let [now, before] = s.pulls;
        let row = [
            (i + 1) as f64,
            step as f64,
            level(|l| l.t),
            level(|l| l.alpha),
            level(|l| l.sigma),
            s.keep,
            now,
            before,
            s.noise,
        ];
        rows.push(row.map(Cell::from).to_vec());
        if s.lands.is_some() {
            step += 1;
        }
    }
    PlanTable {
        columns: vec![
            "stage",
            "step",
            "t",
            "α",
            "σ",
            "factor of x",
            "factor of x̂",
            "factor of x̂₋₁",
            "factor of z",
        ],
        rows,
        note: "Each stage sets the state to the sum of x, x̂, x̂₋₁ and z, each times its factor: x is the state at the start of the step, x̂ the denoiser at (t, α, σ), x̂₋₁ the denoised point of the evaluation before, z standard normal noise. A stage without t only adds noise.",
    }
}
