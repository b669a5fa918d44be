//! The measure of the error panel in the plane and in space: sliced W₂ to fresh draws, and √(E‖x − y‖²/dim) between two
//! runs.

use super::{Camera, Run, SpaceLab, Window};
use crate::error::Error;
use crate::labs::Learnable;
use crate::labs::errors::{Ended, Job, Measure, Measured, go_on, root_mean_square, setup_of};
use crate::labs::price;
use crate::labs::setup::Setup;
use crate::link::Values;
use crate::metrics;
use crate::rng::{Noise, Stream};

/// The measure of errors in the plane and in space.
pub const ERRORS: Measure = Measure(|values| Ok(Box::new(Runs::new(values)?)));

/// Largest number of particles.
const PARTICLES: usize = 1000;
/// The work of a measurement a particle, in units: a few for each direction of sliced W₂.
const PRICE: usize = 4 * metrics::DIRECTIONS;

struct Runs {
    n: usize,
    fresh: Vec<f64>,
    lab: SpaceLab,
    run: Option<Run>,
}

impl Runs {
    fn new(values: &Values) -> Result<Self, Error> {
        let lab = SpaceLab::new(values)?;
        let n = lab.setup.n.min(PARTICLES);
        let mut fresh = vec![0.0; n * lab.law.dim()];
        let noise = Noise::new(lab.setup.seed);
        lab.law.sample(&noise, Stream::Reference, 0, &mut fresh);
        Ok(Self {
            n,
            fresh,
            lab,
            run: None,
        })
    }

    /// The configuration of a run.
    fn of(&self, job: Job) -> SpaceLab {
        let mut lab = self.lab.clone();
        lab.setup = setup_of(&lab.setup, job, self.n);
        lab
    }
}

impl Measured for Runs {
    fn advance(&mut self, job: Job, work: usize) -> (Option<Ended>, usize) {
        let run = self.run.take();
        let start = || {
            let lab = self.of(job);
            let window = Window::holding(&[&lab]);
            Run::new(lab, window)
        };
        let (ended, cost, rest) = go_on(run, work, start);
        self.run = rest;
        (ended, cost)
    }

    fn price_of(&self, job: Job) -> f64 {
        let lab = self.of(job);
        price::plain(&lab, &Camera::new(&lab, Window::holding(&[&lab])))
    }

    fn price(&self) -> usize {
        PRICE
    }

    fn setup(&self) -> &Setup {
        &self.lab.setup
    }

    fn particles(&self) -> usize {
        self.n
    }

    fn parts(&self) -> usize {
        metrics::DIRECTIONS
    }

    fn part(&self, x: &[f64], part: usize) -> f64 {
        match x.iter().all(|x| x.is_finite()) {
            true => metrics::sliced_part(x, &self.fresh, self.lab.law.dim(), part),
            false => f64::INFINITY,
        }
    }

    fn distance(&self, sum: f64) -> f64 {
        metrics::sliced_mean(sum)
    }

    fn coupled(&self, x: &[f64], y: &[f64]) -> f64 {
        root_mean_square(x, y)
    }

    fn distance_name(&self) -> &'static str {
        "sliced W₂"
    }

    fn law(&self) -> &dyn Learnable {
        &self.lab.law
    }
}
