//! What the error panel measures in the plane and in space: sliced W₂ to fresh draws, and √(E‖x − y‖²/dim) between two
//! runs.

use super::{Run, SpaceLab, Window};
use crate::error::Error;
use crate::labs::Learnable;
use crate::labs::errors::{Job, Measure, Measured, go_on, root_mean_square, setup_of};
use crate::link::Values;
use crate::metrics;
use crate::rng::{Noise, Stream};

/// The measure of errors in the plane and in space.
pub const ERRORS: Measure = Measure {
    most: 1000,
    start: |values, n| Ok(Box::new(Runs::new(values, n)?)),
};

struct Runs {
    n: usize,
    fresh: Vec<f64>,
    lab: SpaceLab,
    run: Option<Run>,
}

impl Runs {
    fn new(values: &Values, n: usize) -> Result<Self, Error> {
        let lab = SpaceLab::new(values)?;
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
}

impl Measured for Runs {
    fn advance(&mut self, job: Job, work: usize) -> Option<(Vec<f64>, usize)> {
        go_on(&mut self.run, work, || {
            let mut lab = self.lab.clone();
            lab.setup = setup_of(&lab.setup, job, self.n);
            let window = Window::holding(&[&lab]);
            Run::new(lab, window)
        })
    }

    fn distance(&self, x: &[f64]) -> f64 {
        match x.iter().all(|x| x.is_finite()) {
            true => metrics::sliced_w2(x, &self.fresh, self.lab.law.dim()),
            false => f64::INFINITY,
        }
    }

    fn apart(&self, x: &[f64], y: &[f64]) -> f64 {
        root_mean_square(x, y)
    }

    fn distance_name(&self) -> &'static str {
        "sliced W₂"
    }

    fn law(&self) -> &dyn Learnable {
        &self.lab.law
    }
}
