//! The truth and what is seen of it: the same whatever the method is.

use super::law::start;
use super::setup::Setup;
use crate::dynamics::kolmogorov::{Solver, UNIT};
use crate::error::Error;
use crate::rng::{Noise, Stream};

/// The truth as far as it is simulated.
#[derive(Default)]
pub(super) struct Past {
    /// The frames so far, in units, `[…][y][x]`.
    pub truth: Vec<f64>,
    /// What is seen of them, `[seen × rows]`; empty before the film is whole.
    pub y: Vec<f64>,
    /// What carries the last frame on, and that frame, in units of ω.
    flow: Option<(Solver, Vec<f64>)>,
    fault: Option<Error>,
}

impl Past {
    /// Goes on for about `work` units ([`crate::denoise::Denoiser::price`]), at least by a frame; what is spent is taken off.
    /// Returns whether the film is whole.
    ///
    /// # Errors
    /// If the flow overflows.
    pub fn advance(&mut self, setup: &Setup, work: &mut i64) -> Result<bool, Error> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        while self.truth.len() < setup.numbers() {
            self.next(setup)
                .inspect_err(|e| self.fault = Some(e.clone()))?;
            *work -= price(setup) as i64;
            if *work <= 0 {
                break;
            }
        }
        let whole = self.truth.len() == setup.numbers();
        if whole && self.y.is_empty() {
            self.flow = None;
            self.y = seen(setup, &self.truth);
        }
        Ok(whole)
    }

    /// Adds a frame.
    fn next(&mut self, setup: &Setup) -> Result<(), Error> {
        match &mut self.flow {
            Some((solver, omega)) => solver.advance(omega)?,
            None => {
                let solver = Solver::new(setup.flow)?;
                let omega = start(setup.vortices.as_deref(), setup.truth_seed, solver.grid());
                self.flow = Some((solver, omega));
            }
        }
        if let Some((_, omega)) = &self.flow {
            self.truth.extend(omega.iter().map(|w| w / UNIT));
        }
        Ok(())
    }
}

/// The price of a frame of the truth, in units: eight transforms a step.
pub(super) fn price(setup: &Setup) -> usize {
    setup.flow.steps() * 10 * setup.pixels()
}

/// What is seen of a film, with its noise, `[seen × rows]`. The noise of a group is that of its first pixel, whatever else is
/// seen.
fn seen(setup: &Setup, truth: &[f64]) -> Vec<f64> {
    let noise = Noise::new(setup.y_seed);
    let p = setup.pixels();
    let mut out = vec![];
    for &frame in &setup.seen {
        let own = &truth[frame * p..(frame + 1) * p];
        for group in &setup.groups {
            let mean = group.iter().map(|&k| own[k]).sum::<f64>() / group.len() as f64;
            let mut z = [0.0];
            let first = group.first().copied().unwrap_or(0);
            noise.normals(Stream::Observation, frame as u32, first as u64, &mut z);
            out.push(mean + setup.noise * z[0]);
        }
    }
    out
}
