//! The exact filter on its way through the cycles: what the members are held against.

use super::past::Past;
use super::setup::Setup;
use crate::answer::{Floats, Reals};
use crate::error::Error;
use crate::filter::{Density, Filter, accuracy};
use serde::Serialize;

/// The exact filter at every cycle.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FilterExact {
    /// The places of densities on the line; empty where the law is normal.
    pub xs: Reals,
    /// The density of the forecast of each cycle, `[(cycles + 1) × xs]`.
    pub prior: Floats,
    /// The same given the observations up to the cycle.
    pub density: Floats,
    /// Means of the forecast, `[(cycles + 1) × states]`.
    pub before: Reals,
    /// Standard deviations of the forecast.
    pub before_sd: Reals,
    /// Means.
    pub mean: Reals,
    /// Standard deviations.
    pub sd: Reals,
    /// The distance of the mean from the truth at each cycle, √ of the mean over the coordinates.
    pub rmse: Reals,
    /// √ of the mean variance.
    pub spread: Reals,
    /// The CRPS, the mean over the coordinates.
    pub crps: Reals,
    /// Why it ends before the last cycle; empty where it does not.
    pub fault: String,
}

/// What the exact filter does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Forecast,
    Analysis,
}

/// The exact filter as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Course {
    filter: Option<Box<dyn Filter>>,
    phase: Option<Phase>,
    pub told: FilterExact,
    first: f64,
    spacing: f64,
    /// What broke down.
    pub fault: Option<Error>,
}

impl Course {
    /// The last cycle that is known.
    pub fn reached(&self) -> Option<usize> {
        self.told.rmse.len().checked_sub(1)
    }

    /// Goes on for about `work` units until `cycle` is known, to which the truth has to be simulated. Returns whether it
    /// is. Where there is no exact filter it is known at once.
    ///
    /// # Errors
    /// If the filter fails.
    pub fn advance(
        &mut self,
        setup: &Setup,
        past: &Past,
        cycle: usize,
        work: &mut f64,
    ) -> Result<bool, Error> {
        if !setup.known {
            return Ok(true);
        }
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let gone = self.go(setup, past, cycle, work);
        let gone = gone.map_err(|fault| setup.explained(fault));
        self.fault = gone.as_ref().err().cloned();
        gone
    }

    fn go(
        &mut self,
        setup: &Setup,
        past: &Past,
        cycle: usize,
        work: &mut f64,
    ) -> Result<bool, Error> {
        if self.filter.is_none() {
            self.filter = setup.exact()?;
            self.tell(setup, true);
            self.tell(setup, false);
            self.score(&past.truth[..setup.dim()]);
        }
        while self.reached() < Some(cycle) {
            let next = self.told.rmse.len();
            let Some(filter) = &mut self.filter else {
                return Ok(true);
            };
            if *work <= 0.0 {
                return Ok(false);
            }
            let seen = past.seen[next].as_ref();
            let cost = filter.cost(seen.map_or(0, |y| y.rows()));
            match self.phase.unwrap_or(Phase::Idle) {
                Phase::Idle => {
                    filter.begin_forecast(next as u32);
                    self.phase = Some(Phase::Forecast);
                }
                Phase::Forecast => {
                    let done = filter.advance(*work)?;
                    *work -= if done { cost.forecast } else { *work };
                    if !done {
                        return Ok(false);
                    }
                    self.tell(setup, true);
                    self.phase = Some(Phase::Analysis);
                    if let (Some(y), Some(filter)) = (seen, &mut self.filter) {
                        filter.begin_analysis(y)?;
                    }
                }
                Phase::Analysis => {
                    if seen.is_some() {
                        let done = filter.advance(*work)?;
                        *work -= if done { cost.analysis } else { *work };
                        if !done {
                            return Ok(false);
                        }
                    }
                    self.tell(setup, false);
                    self.score(&past.truth[next * setup.dim()..(next + 1) * setup.dim()]);
                    self.phase = Some(Phase::Idle);
                }
            }
        }
        Ok(true)
    }

    /// Notes the law as it stands: of the forecast, or given the observation.
    fn tell(&mut self, setup: &Setup, before: bool) {
        let Some(filter) = &self.filter else { return };
        let own = filter.estimate();
        let sd = own.variance.iter().map(|v| v.max(0.0).sqrt());
        let told = &mut self.told;
        match before {
            true => {
                told.before.0.extend(&own.mean);
                told.before_sd.0.extend(sd);
            }
            false => {
                told.mean.0.extend(&own.mean);
                told.sd.0.extend(sd);
            }
        }
        if let (
            1,
            Some(Density::Grid {
                first,
                spacing,
                density,
            }),
        ) = (setup.dim(), filter.density())
        {
            (self.first, self.spacing) = (first, spacing);
            if told.xs.is_empty() {
                told.xs = (0..density.len())
                    .map(|i| first + i as f64 * spacing)
                    .collect();
            }
            let to = if before {
                &mut told.prior
            } else {
                &mut told.density
            };
            to.0.extend(density.iter().map(|p| *p as f32));
        }
    }

    fn score(&mut self, truth: &[f64]) {
        let Some(filter) = &self.filter else { return };
        let own = filter.estimate();
        let crps = filter
            .density()
            .map(|law| accuracy::crps_of_density(&law, truth));
        self.told.rmse.0.push(accuracy::rmse(&own.mean, truth));
        self.told.spread.0.push(accuracy::spread(own));
        self.told.crps.0.push(crps.unwrap_or(f64::NAN));
    }

    /// Hands the law of a state of one number at a cycle to `see`; none where it is not known.
    pub fn with_law<T>(&self, cycle: usize, see: impl FnOnce(&Density) -> T) -> Option<T> {
        let told = &self.told;
        if self.reached() < Some(cycle) || told.mean.len() != told.rmse.len() {
            return None;
        }
        let count = told.xs.len();
        if count == 0 {
            let (mean, sd) = (told.mean[cycle], told.sd[cycle]);
            return Some(see(&Density::Normal {
                mean: &[mean],
                covariance: &[sd * sd],
            }));
        }
        let kept = &told.density[cycle * count..(cycle + 1) * count];
        let density: Vec<f64> = kept.iter().map(|p| f64::from(*p)).collect();
        let (first, spacing) = (self.first, self.spacing);
        Some(see(&Density::Grid {
            first,
            spacing,
            density: &density,
        }))
    }
}
