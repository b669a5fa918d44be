//! The measure of the error panel on the line: W₁ to the law, and the mean of |x − y| between two runs.

use super::{Axis, Run, Toy1d};
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::labs::Learnable;
use crate::labs::errors::{Ended, Job, Measure, Measured, go_on, setup_of};
use crate::labs::setup::Setup;
use crate::link::Values;
use crate::metrics;

/// The measure of errors on the line.
pub const ERRORS: Measure = Measure(|values| Ok(Box::new(Runs::new(values)?)));

/// Largest number of particles.
const PARTICLES: usize = 2000;
/// The work of a measurement a particle, in units, for each part of the law, about.
const PRICE: usize = 8;

struct Runs {
    n: usize,
    lab: Toy1d,
    run: Option<Run>,
}

impl Runs {
    fn new(values: &Values) -> Result<Self, Error> {
        let lab = Toy1d::new(values)?;
        let n = lab.setup.n.min(PARTICLES);
        let run = None;
        Ok(Self { n, lab, run })
    }
}

impl Measured for Runs {
    fn advance(&mut self, job: Job, work: usize) -> (Option<Ended>, usize) {
        go_on(&mut self.run, work, || {
            let mut lab = self.lab.clone();
            lab.setup = setup_of(&lab.setup, job, self.n);
            let axis = Axis::linear(-1.0, 1.0);
            Run::new(lab, axis)
        })
    }

    fn price(&self) -> usize {
        PRICE * self.lab.law.price()
    }

    fn setup(&self) -> &Setup {
        &self.lab.setup
    }

    fn particles(&self) -> usize {
        self.n
    }

    fn distance(&self, x: &[f64]) -> f64 {
        if x.iter().any(|x| !x.is_finite()) {
            return f64::INFINITY;
        }
        let mut sorted = x.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        metrics::w1(&sorted, &self.lab.truth())
    }

    fn apart(&self, x: &[f64], y: &[f64]) -> f64 {
        let sum: f64 = x.iter().zip(y).map(|(x, y)| (x - y).abs()).sum();
        sum / x.len().max(1) as f64
    }

    fn distance_name(&self) -> &'static str {
        "W₁"
    }

    fn law(&self) -> &dyn Learnable {
        &self.lab.law
    }
}
