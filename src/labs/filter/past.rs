//! The truth and what is observed of it, cycle by cycle: the same whatever the method is.

use super::setup::Setup;
use crate::error::Error;
use crate::filter::{Observation, Truth};
use crate::rng::Noise;

/// Numbers of the path that is kept.
const PATH: usize = 90_000;

/// The truth as far as it is simulated.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// `[(cycles so far + 1) × d]`.
    pub truth: Vec<f64>,
    /// What is observed at each cycle so far; none at cycle 0.
    pub seen: Vec<Option<Observation>>,
    /// In models of three numbers the truth after every step of the model, as far as it is kept.
    pub path: Vec<f32>,
    /// The state on its way to the next cycle.
    state: Option<Truth>,
    /// What broke down.
    fault: Option<Error>,
}

impl Past {
    /// The same truth with other observed values, as far as it is simulated: `values` one after the other.
    ///
    /// # Errors
    /// If they are not one for each observed cycle and coordinate.
    pub fn with(&self, setup: &Setup, values: &[f64]) -> Result<Self, Error> {
        let rows = setup.sensor.rows();
        let count = setup.observed().count() * rows;
        if values.len() != count {
            return Err(Error::no_filter(
                format!("{} observed values do not fit.", values.len()),
                format!("Give {count}, one for each observed cycle and coordinate."),
            ));
        }
        let mut given = values.chunks_exact(rows);
        let mut one = |old: &Option<Observation>| -> Result<Option<Observation>, Error> {
            let value = old.as_ref().and_then(|_| given.next());
            value
                .map(|own| setup.sensor.given(own.to_vec()))
                .transpose()
        };
        Ok(Self {
            truth: self.truth.clone(),
            seen: self.seen.iter().map(&mut one).collect::<Result<_, _>>()?,
            ..Self::default()
        })
    }

    /// Goes on for about `work` units until `cycle` is simulated; what is spent is taken off. Returns whether it is.
    ///
    /// # Errors
    /// If the truth overflows.
    pub fn advance(&mut self, setup: &Setup, cycle: usize, work: &mut f64) -> Result<bool, Error> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let state = self.state.get_or_insert_with(|| {
            let noise = Noise::new(setup.truth_seed);
            Truth::new(setup.truth.clone(), &setup.initial, noise)
        });
        let kept = |path: &mut Vec<f32>, x: &[f64]| {
            if x.len() == 3 && path.len() < PATH {
                path.extend(x.iter().map(|x| *x as f32));
            }
        };
        if self.seen.is_empty() {
            self.truth.extend(state.state());
            self.seen.push(None);
            kept(&mut self.path, state.state());
        }
        while self.seen.len() <= cycle {
            if *work <= 0.0 {
                return Ok(false);
            }
            let there = state.step();
            self.fault = there.as_ref().err().cloned();
            let there = there?;
            kept(&mut self.path, state.state());
            *work -= setup.truth.cost();
            if !there {
                continue;
            }
            let next = self.seen.len();
            let observation = match setup.is_seen(next) {
                false => None,
                true => Some(match setup.given(next) {
                    Some(values) => setup.sensor.given(values.to_vec())?,
                    None => state.observe(&setup.sensor),
                }),
            };
            self.truth.extend(state.state());
            self.seen.push(observation);
        }
        Ok(true)
    }
}
