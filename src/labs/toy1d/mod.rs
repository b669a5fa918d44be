//! The lab `toy1d`: laws on the line, with the exact answer behind the sample.

mod axis;
mod camera;
mod errors;
mod experiment;
mod flow;
mod keys;
mod measuring;
mod numbers;
mod scene;
mod sweep;
mod sweep_answers;

pub use axis::{Axis, AxisKind};
pub use camera::{Camera, PATHS, Run};
pub use errors::ERRORS;
pub use experiment::LAB;
pub use flow::{Flow, flow};
pub use keys::LineView;
pub use scene::{COLUMNS, Scene, scene};
pub use sweep::{Series, Sweep};
pub use sweep_answers::{Point, SweepPlan, SweepSeries};

use super::setup::Setup;
use crate::error::Error;
use crate::labs::laws::LawScore;
use crate::law::{Diffused, Law, LineLaw};
use crate::level::Level;
use crate::link::Values;
use crate::rng::{Noise, Stream};

/// One configuration of the lab, compiled.
#[derive(Debug, Clone)]
pub struct Toy1d {
    /// The law of the data.
    pub law: Law,
    /// The law whose exact score the sampler uses if it uses no network: the law of the data, or m points of it.
    pub model: Law,
    /// The rest of the configuration.
    pub setup: Setup,
}

impl Toy1d {
    /// Compiles checked values.
    ///
    /// # Errors
    /// If they lack a key of this lab.
    pub fn new(values: &Values) -> Result<Self, Error> {
        let law = law(values)?;
        let model = match values.need_choice("score")? {
            LawScore::Empirical => {
                let mut points = vec![0.0; values.need_int("m")? as usize];
                let noise = Noise::new(values.need_int("data-seed")?);
                law.sample(&noise, Stream::Data, 0, &mut points);
                Law::empirical(&points)
            }
            LawScore::Exact | LawScore::Trained | LawScore::Net => law.clone(),
        };
        let setup = Setup::new(values)?;
        Ok(Self { law, model, setup })
    }

    /// The exact law of the state at a level.
    pub fn truth_at(&self, level: &Level) -> Diffused {
        self.law.diffuse(level)
    }

    /// The exact law of the data, with which the final samples are compared.
    pub fn truth(&self) -> Diffused {
        self.law.diffuse(&Level {
            t: 0.0,
            alpha: 1.0,
            sigma: 0.0,
        })
    }
}

/// The law of a link.
///
/// # Errors
/// If the values lack one of its keys.
pub fn law(v: &Values) -> Result<Law, Error> {
    Ok(match v.need_choice("target")? {
        LineLaw::Uniform => Law::uniform(0.0, 1.0),
        LineLaw::Gaussian => Law::gaussian(0.0, v.need_real("sd")?),
        LineLaw::Mixture => Law::mixture(
            v.need_reals("means")?,
            v.need_reals("sds")?,
            v.need_reals("weights")?,
        ),
        LineLaw::Comb => Law::comb(v.need_int("teeth")? as u32, v.need_real("duty")?),
    })
}
