//! The exact filter on its way through the cycles: what the members are held against.

use super::past::Past;
use super::setup::Setup;
use super::way::{At, Way};
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

/// The exact filter as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Course {
    way: Option<Way>,
    pub told: FilterExact,
    /// The first point of the densities and the distance of two.
    axis: [f64; 2],
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
        let d = setup.dim();
        let (told, axis) = (&mut self.told, &mut self.axis);
        let mut see = |at: At, filter: &dyn Filter| match at {
            At::Forecast(_) => tell(told, axis, filter, true),
            At::Analysis(k) => {
                tell(told, axis, filter, false);
                score(told, filter, &past.truth[k * d..(k + 1) * d]);
            }
        };
        let way = match &mut self.way {
            Some(way) => way,
            None => {
                let Some(filter) = setup.exact()? else {
                    return Ok(true);
                };
                let way = self.way.insert(Way::new(filter));
                see(At::Forecast(0), way.filter());
                see(At::Analysis(0), way.filter());
                way
            }
        };
        way.go(past, cycle, work, &mut see)
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
        let [first, spacing] = self.axis;
        Some(see(&Density::Grid {
            first,
            spacing,
            density: &density,
        }))
    }
}

/// Notes the law as it stands: of the forecast, or given the observation.
fn tell(told: &mut FilterExact, axis: &mut [f64; 2], filter: &dyn Filter, before: bool) {
    let own = filter.estimate();
    let sd = own.variance.iter().map(|v| v.max(0.0).sqrt());
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
    ) = (own.mean.len(), filter.density())
    {
        *axis = [first, spacing];
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

/// Holds the law against the truth of a cycle.
fn score(told: &mut FilterExact, filter: &dyn Filter, truth: &[f64]) {
    let own = filter.estimate();
    let crps = filter
        .density()
        .map(|law| accuracy::crps_of_density(&law, truth));
    told.rmse.0.push(accuracy::rmse(&own.mean, truth));
    told.spread.0.push(accuracy::spread(own));
    told.crps.0.push(crps.unwrap_or(f64::NAN));
}
