//! The true path of a model and what an instrument sees of it.

use super::observation::Observation;
use super::observation::Sensor;
use super::walk::FAR;
use crate::dynamics::Draws;
use crate::dynamics::Flow;
use crate::dynamics::Initial;
use crate::error::Error;
use crate::rng::Noise;
use crate::rng::Stream;

/// The true state, cycle by cycle. Its draws are those of its own seed and stream, so two methods with the same seed see
/// the same truth and the same observations.
///
/// Held by `tests/filter/dynamics.rs`: `truth_and_members_draw_from_their_own_streams`.
#[derive(Debug)]
pub struct Truth {
    flow: Flow,
    noise: Noise,
    state: Vec<f64>,
    cycle: u32,
}

impl Truth {
    /// The state at cycle 0, drawn from `initial`.
    pub fn new(flow: Flow, initial: &Initial, noise: Noise) -> Self {
        let mut state = vec![0.0; flow.dim()];
        initial.draw(&noise, Stream::Truth, 0, &mut state);
        Self {
            flow,
            noise,
            state,
            cycle: 0,
        }
    }

    /// The state at cycle 0 is `state` `[dim]`.
    pub fn from(flow: Flow, state: Vec<f64>, noise: Noise) -> Self {
        Self {
            flow,
            noise,
            state,
            cycle: 0,
        }
    }

    /// Goes to the next cycle.
    ///
    /// # Errors
    /// If the model overflows.
    pub fn advance(&mut self) -> Result<(), Error> {
        self.cycle += 1;
        let draws = Draws {
            noise: self.noise,
            stream: Stream::Truth,
        };
        for k in 0..self.flow.substeps() {
            self.flow.substep(&mut self.state, draws, self.cycle, k, 0);
        }
        // NaN is not smaller than anything.
        match self.state.iter().all(|x| x.abs() < FAR) {
            true => Ok(()),
            false => Err(Error::Filter {
                cycle: Some(self.cycle),
                reason: "The true state overflowed: it is too far from the attractor for the steps of the model.".to_owned(),
                remedy: "Choose a smaller dt, or an initial law closer to the attractor.".to_owned(),
            }),
        }
    }

    /// The price of a cycle, in units of about 25 ns.
    pub fn cost(&self) -> f64 {
        self.flow.cost() * f64::from(self.flow.substeps())
    }

    /// The present cycle.
    pub fn cycle(&self) -> u32 {
        self.cycle
    }

    /// The present state `[dim]`.
    pub fn state(&self) -> &[f64] {
        &self.state
    }

    /// What `sensor` reports of the present state.
    pub fn observe(&self, sensor: &Sensor) -> Observation {
        sensor.observe(&self.state, &self.noise, self.cycle)
    }
}
