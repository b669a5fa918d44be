//! The true path of a model and what an instrument sees of it.

use super::observation::Observation;
use super::observation::Sensor;
use super::update::Fault;
use super::walk::FAR;
use crate::dynamics::Draws;
use crate::dynamics::Flow;
use crate::dynamics::Initial;
use crate::error::Error;
use crate::rng::Noise;
use crate::rng::Stream;
use std::rc::Rc;

/// The true state, cycle by cycle. Its draws are those of its own seed and stream, so two methods with the same seed see
/// the same truth and the same observations.
///
/// Held by `tests/filter/dynamics.rs`: `truth_and_members_draw_from_their_own_streams`.
#[derive(Debug)]
pub struct Truth {
    flow: Rc<Flow>,
    noise: Noise,
    state: Vec<f64>,
    cycle: u32,
    /// Steps that are done on the way to the next cycle.
    substep: u32,
}

impl Truth {
    /// The state at cycle 0, drawn from `initial`.
    pub fn new(flow: impl Into<Rc<Flow>>, initial: &Initial, noise: Noise) -> Self {
        let flow = flow.into();
        let mut state = vec![0.0; flow.dim()];
        initial.draw(&noise, Stream::Truth, 0, &mut state);
        Self::from(flow, state, noise)
    }

    /// The state at cycle 0 is `state` `[dim]`.
    pub fn from(flow: impl Into<Rc<Flow>>, state: Vec<f64>, noise: Noise) -> Self {
        Self {
            flow: flow.into(),
            noise,
            state,
            cycle: 0,
            substep: 0,
        }
    }

    /// Goes to the next cycle.
    ///
    /// # Errors
    /// If the model overflows.
    pub fn advance(&mut self) -> Result<(), Error> {
        while !self.step()? {}
        Ok(())
    }

    /// Does one step of the model on the way to the next cycle. Returns whether the cycle is reached.
    ///
    /// # Errors
    /// If the model overflows.
    pub fn step(&mut self) -> Result<bool, Error> {
        let draws = Draws {
            noise: self.noise,
            stream: Stream::Truth,
        };
        self.flow
            .substep(&mut self.state, draws, self.cycle + 1, self.substep, 0);
        self.substep += 1;
        if self.substep < self.flow.substeps() {
            return Ok(false);
        }
        (self.substep, self.cycle) = (0, self.cycle + 1);
        // NaN is not smaller than anything.
        if self.state.iter().all(|x| x.abs() < FAR) {
            return Ok(true);
        }
        Err(Fault::new(
            "The truth overflowed: a step of the model was too long for this state.",
            "Choose a smaller dt.",
        )
        .at(self.cycle))
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
