//! The measure of the error panel on the line: W₁ to the law, and the mean of |x − y| between two runs.

use super::{Axis, Camera, Run, Toy1d};
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::labs::Learnable;
use crate::labs::errors::{Ended, Job, Measure, Measured, go_on, setup_of};
use crate::labs::price;
use crate::labs::setup::Setup;
use crate::link::Values;
use crate::metrics;

/// The measure of errors on the line.
pub const ERRORS: Measure = Measure(|values| Ok(Box::new(Runs::new(values)?)));

/// Largest number of particles.
const PARTICLES: usize = 2000;
/// The work of a measurement a particle, in units, for each part of the law, about.
const PRICE: usize = 8;

/// Nobody looks at the runs.
fn axis() -> Axis {
    Axis::linear(-1.0, 1.0)
}

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

    /// The configuration of a run.
    fn of(&self, job: Job) -> Toy1d {
        let mut lab = self.lab.clone();
        lab.setup = setup_of(&lab.setup, job, self.n);
        lab
    }
}

impl Measured for Runs {
    fn advance(&mut self, job: Job, work: usize) -> (Option<Ended>, usize) {
        let run = self.run.take();
        let start = || Run::new(self.of(job), axis());
        let (ended, cost, rest) = go_on(run, work, start);
        self.run = rest;
        (ended, cost)
    }

    fn price_of(&self, job: Job) -> f64 {
        let lab = self.of(job);
        price::plain(&lab, &Camera::new(&lab, axis()))
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

    fn part(&self, x: &[f64], _: usize) -> f64 {
        if x.iter().any(|x| !x.is_finite()) {
            return f64::INFINITY;
        }
        let mut sorted = x.to_vec();
        metrics::sort(&mut sorted);
        metrics::w1(&sorted, &self.lab.truth())
    }

    fn coupled(&self, x: &[f64], y: &[f64]) -> f64 {
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
