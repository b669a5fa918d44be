//! The labs `toy2d` and `torus`: laws in the plane and in space, with the exact answer behind the sample.

mod camera;
mod errors;
mod experiment;
mod field;
mod follow;
mod keys;
mod numbers;
mod scene;

pub use camera::{Camera, Run};
pub use errors::ERRORS;
pub use experiment::{PLANE, TORUS};
pub use field::{density, velocity};
pub use follow::follow;
pub use keys::{PlaneView, TorusView};
pub use scene::{SpaceScene, scene};

use super::setup::Setup;
use crate::error::Error;
use crate::labs::laws::{self, LawScore, is_lab};
use crate::law::PlaneLaw;
use crate::law::space::Space;
use crate::level::Level;
use crate::link::Values;
use crate::link::points;
use crate::rng::{Noise, Stream};

/// One configuration of these labs, compiled.
#[derive(Debug, Clone)]
pub struct SpaceLab {
    /// The law of the data.
    pub law: Space,
    /// The law whose exact score the sampler uses if it uses no network: the law of the data, or m points of it.
    pub model: Space,
    /// The rest of the configuration.
    pub setup: Setup,
}

impl SpaceLab {
    /// Compiles checked values.
    ///
    /// # Errors
    /// If they lack a key of these labs.
    pub fn new(values: &Values) -> Result<Self, Error> {
        let law = law(values)?;
        let model = match values.need_choice("score")? {
            LawScore::Empirical => {
                let mut points = vec![0.0; law.dim() * values.need_int("m")? as usize];
                let noise = Noise::new(values.need_int("data-seed")?);
                law.sample(&noise, Stream::Data, 0, &mut points);
                Space::empirical(law.dim(), &points)
            }
            LawScore::Exact | LawScore::Trained | LawScore::Net => law.clone(),
        };
        let setup = Setup::new(values)?;
        Ok(Self { law, model, setup })
    }

    /// The factor κ of the picture, which shows y = x_t/κ: κ² = α² + σ²/v, where v is the variance of the data. So y
    /// has variance v at every level, and neither noise nor data leave the frame.
    pub fn scale(&self, level: &Level) -> f64 {
        (level.alpha * level.alpha + level.sigma * level.sigma / self.law.variance()).sqrt()
    }

    /// Half the side of a window that contains the data and the start, in y.
    fn reach(&self) -> f64 {
        let spread = match self.setup.walks_at_one_level() {
            // Langevin starts from N(0, I) at every level.
            true => self.setup.plan.start / self.scale(&self.setup.plan.levels[0]),
            false => self.law.variance().sqrt(),
        };
        (1.15 * self.law.reach()).max(2.5 * spread)
    }
}

/// The window of the picture, shared by both sides of a comparison: [−reach, reach] in every coordinate
/// of y, with a raster of `cells` along each side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Half of its side.
    pub reach: f64,
    /// Number of cells along a side.
    pub cells: usize,
}

/// Number of cells of the raster along a side.
const CELLS: usize = 128;

impl Window {
    /// A window that contains all sides.
    pub fn holding(sides: &[&SpaceLab]) -> Self {
        Self {
            reach: sides.iter().map(|s| s.reach()).fold(0.0, f64::max),
            cells: CELLS,
        }
    }

    /// The centre of a cell, with `count` cells along a side.
    fn centre(&self, i: usize, count: usize) -> f64 {
        self.reach * ((2 * i + 1) as f64 / count as f64 - 1.0)
    }
}

/// The law of a link.
///
/// # Errors
/// If the values lack one of its keys, or its points cannot be read.
pub fn law(v: &Values) -> Result<Space, Error> {
    if is_lab(v, laws::TORUS) {
        return Ok(Space::torus(v.need_real("major")?, v.need_real("minor")?));
    }
    Ok(match v.need_choice("target")? {
        PlaneLaw::Gaussians8 => Space::gaussians8(),
        PlaneLaw::Moons => Space::moons(),
        PlaneLaw::Checkerboard => Space::checkerboard(),
        PlaneLaw::Swissroll => Space::swissroll(),
        PlaneLaw::Rings => Space::rings(),
        PlaneLaw::Pinwheel => Space::pinwheel(),
        PlaneLaw::Drawn => Space::drawn(&points::decode(v.need_text("points")?)?),
    })
}
