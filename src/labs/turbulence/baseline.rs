//! What a run is held against: the Gaussian posterior mean, and interpolation.

use super::model_keys::THIN;
use super::setup::Setup;
use super::words::Task;
use crate::error::Error;
use crate::process::film::{MOST, Making, Posterior, Preparing};
use std::rc::Rc;

/// The Gaussian posterior mean as far as it is computed.
#[derive(Default)]
pub(super) struct Baseline {
    making: Option<Making>,
    preparing: Option<Preparing>,
    film: Vec<f64>,
    fault: Option<Error>,
}

/// The observed numbers of the film that the solve takes, and the places of their values in y.
fn taken(setup: &Setup) -> (Vec<usize>, Vec<usize>) {
    let (n, p, rows) = (setup.flow.pixels, setup.pixels(), setup.rows());
    let whole = setup.task == Task::Forecast;
    let takes = |pixel: usize| {
        !whole || ((pixel % n).is_multiple_of(THIN) && (pixel / n).is_multiple_of(THIN))
    };
    let mut out = (vec![], vec![]);
    for (k, frame) in setup.seen.iter().enumerate() {
        for (row, group) in setup.groups.iter().enumerate() {
            if let Some(pixel) = group.first().copied().filter(|pixel| takes(*pixel)) {
                out.0.push(frame * p + pixel);
                out.1.push(k * rows + row);
            }
        }
    }
    out
}

/// Whether the Gaussian posterior mean is known: the flow is the one whose law was measured, single pixels are seen, and not
/// too many.
pub(super) fn is_known(setup: &Setup) -> bool {
    let single = setup.groups.iter().all(|group| group.len() == 1);
    let count = taken(setup).0.len();
    setup.standard && setup.vortices.is_none() && single && (1..=MOST).contains(&count)
}

/// The price of the solve, in units.
pub(super) fn price(setup: &Setup) -> usize {
    let (m, frames) = (taken(setup).0.len(), setup.frames);
    let law = Making::committed(frames).map_or(0, |making| {
        let [parts, price] = making.price();
        parts * price
    });
    law + 2 * m * (1 + m * m / 128) + setup.numbers()
}

impl Baseline {
    /// Goes on for about `work` units with what is seen, `y` `[seen × rows]`; what is spent is taken off. Returns whether the film
    /// is there.
    ///
    /// # Errors
    /// If the observations cannot be taken, or repeat each other.
    pub fn advance(&mut self, setup: &Setup, y: &[f64], work: &mut i64) -> Result<bool, Error> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let done = self.part(setup, y, work);
        self.fault = done.as_ref().err().cloned();
        done
    }

    fn part(&mut self, setup: &Setup, y: &[f64], work: &mut i64) -> Result<bool, Error> {
        if !self.film.is_empty() {
            return Ok(true);
        }
        let (places, values) = taken(setup);
        if self.preparing.is_none() {
            let making = match &mut self.making {
                Some(making) => making,
                None => self.making.insert(Making::committed(setup.frames)?),
            };
            let [_, price] = making.price();
            loop {
                let done = making.part();
                *work -= price as i64;
                if done {
                    break;
                }
                if *work <= 0 {
                    return Ok(false);
                }
            }
        }
        if let Some(making) = self.making.take() {
            let law = Rc::new(making.law()?);
            self.preparing = Some(Preparing::new(law, places, setup.noise)?);
        }
        while let Some(preparing) = &mut self.preparing {
            if *work <= 0 {
                return Ok(false);
            }
            *work -= preparing.price() as i64;
            if preparing.part()? {
                break;
            }
        }
        if let Some(preparing) = self.preparing.take() {
            let y: Vec<f64> = values.iter().map(|k| y[*k]).collect();
            self.film = Posterior::of(preparing)?.mean(&y);
            *work -= setup.numbers() as i64;
        }
        Ok(true)
    }

    /// The film, `[frames][y][x]`; empty before it is there.
    pub fn film(&self) -> &[f64] {
        &self.film
    }
}

/// The film that interpolation makes of what is seen.
///
/// # Errors
/// If what is seen is no lattice.
pub(super) fn interpolated(setup: &Setup, y: &[f64]) -> Result<Vec<f64>, Error> {
    let Some(lattice) = setup.lattice() else {
        return Err(Error::Observation {
            reason: "What is seen is no lattice.".to_owned(),
            remedy: "Choose layout=grid or blocks.".to_owned(),
        });
    };
    lattice.film(y)
}
