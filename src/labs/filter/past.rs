//! The truth and what is observed of it, cycle by cycle: the same whatever the method is.

use super::setup::Setup;
use crate::dynamics::Draws;
use crate::error::Error;
use crate::filter::Observation;
use crate::rng::{Noise, Stream};

/// A state with a number beyond this has overflowed.
pub(super) const FAR: f64 = 1e8;
/// Numbers of the path that is kept.
const PATH: usize = 90_000;

/// The truth as far as it is simulated.
#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    /// `[(cycles so far + 1) × d]`.
    pub truth: Vec<f64>,
    /// What is observed at each cycle so far; none at cycle 0.
    pub seen: Vec<Option<Observation>>,
    /// In models of three numbers the truth after every step of the model, as far as it is kept.
    pub path: Vec<f32>,
    /// The state on its way to the next cycle, and the substeps that it has done.
    x: Vec<f64>,
    k: u32,
    /// What broke down.
    fault: Option<Error>,
}

impl Past {
    /// Cycles that are simulated; none before the start is drawn.
    pub fn reached(&self) -> Option<usize> {
        self.seen.len().checked_sub(1)
    }

    /// Goes on for about `work` units until `cycle` is simulated; what is spent is taken off. Returns whether it is.
    ///
    /// # Errors
    /// If the truth overflows.
    pub fn advance(&mut self, setup: &Setup, cycle: usize, work: &mut f64) -> Result<bool, Error> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let noise = Noise::new(setup.truth_seed);
        let draws = Draws {
            noise,
            stream: Stream::Truth,
        };
        if self.seen.is_empty() {
            self.x = vec![0.0; setup.dim()];
            setup.initial.draw(&noise, Stream::Truth, 0, &mut self.x);
            self.truth.extend(&self.x);
            self.seen.push(None);
            if setup.dim() == 3 {
                self.path.extend(self.x.iter().map(|x| *x as f32));
            }
        }
        while self.reached() < Some(cycle) {
            let next = self.seen.len();
            while self.k < setup.truth.substeps() {
                if *work <= 0.0 {
                    return Ok(false);
                }
                setup
                    .truth
                    .substep(&mut self.x, draws, next as u32, self.k, 0);
                self.k += 1;
                if setup.dim() == 3 && self.path.len() < PATH {
                    self.path.extend(self.x.iter().map(|x| *x as f32));
                }
                *work -= setup.truth.cost();
            }
            self.k = 0;
            if !self.x.iter().all(|x| x.abs() < FAR) {
                let fault = Error::Filter {
                    cycle: Some(next as u32),
                    reason:
                        "The truth overflowed: a step of the model was too long for this state."
                            .to_owned(),
                    remedy: "Choose a smaller dt.".to_owned(),
                };
                self.fault = Some(fault.clone());
                return Err(fault);
            }
            let observation = match setup.is_seen(next) {
                false => None,
                true => Some(match setup.given(next) {
                    Some(values) => setup.sensor.given(values.to_vec())?,
                    None => setup.sensor.observe(&self.x, &noise, next as u32),
                }),
            };
            self.truth.extend(&self.x);
            self.seen.push(observation);
        }
        Ok(true)
    }
}
