//! The lab `toy1d`: laws on the line, with the exact answer behind the sample.

mod axis;
mod camera;
mod experiment;
mod flow;
mod scene;
mod sweep;

pub use axis::{Axis, AxisKind};
pub use camera::{Camera, PATHS, Run};
pub use flow::{Flow, flow};
pub use scene::{COLUMNS, Scene, scene};
pub use sweep::{Point, Series, Sweep, SweepPlan, SweepSeries};

use super::setup::Setup;
use crate::law::{Diffused, Law};
use crate::level::Level;
use crate::link::Values;
use crate::rng::{Noise, Stream};

/// One configuration of the lab, compiled.
#[derive(Debug, Clone)]
pub struct Toy1d {
    /// The law of the data: the truth.
    pub law: Law,
    /// The law whose exact score the sampler uses where it uses no network: the truth, or m points of it.
    pub model: Law,
    /// The rest of the configuration.
    pub setup: Setup,
}

impl Toy1d {
    /// Compiles checked values.
    pub fn new(values: &Values) -> Self {
        Self::with(values, Setup::new(values))
    }

    /// The lab of checked values with a setup of one's own.
    pub(super) fn with(values: &Values, setup: Setup) -> Self {
        let law = law(values);
        let model = match values.word("score") {
            "empirical" => {
                let mut points = vec![0.0; values.int("m") as usize];
                let noise = Noise::new(values.int("data-seed"));
                law.sample(&noise, Stream::Data, 0, &mut points);
                Law::empirical(&points)
            }
            _ => law.clone(),
        };
        Self { law, model, setup }
    }

    /// The exact law of the state at a level.
    pub fn truth_at(&self, level: &Level) -> Diffused {
        self.law.diffuse(level)
    }

    /// The exact law of the data, what the final samples are measured against.
    pub fn truth(&self) -> Diffused {
        self.law.diffuse(&Level {
            t: 0.0,
            alpha: 1.0,
            sigma: 0.0,
        })
    }
}

/// The law that a link names.
pub fn law(v: &Values) -> Law {
    match v.word("target") {
        "gaussian" => Law::gaussian(0.0, v.real("sd")),
        "mixture" => Law::mixture(v.reals("means"), v.reals("sds"), v.reals("weights")),
        "comb" => Law::comb(v.int("teeth") as u32, v.real("duty")),
        _ => Law::uniform(0.0, 1.0),
    }
}
