//! The random field at time 0, and states and films of the stationary flow.

use super::parameters::Parameters;
use super::solver::Solver;
use crate::error::Error;
use crate::rng::Noise;
use crate::rng::Stream;

/// Time from the random field to a state that is taken as stationary.
pub const SPIN_UP: f64 = 40.0;
/// Root mean square of the random field, per time.
const RMS: f64 = 3.0;
/// Longest step of the spin-up on up to 32 × 32 pixels.
pub(super) const STEP: f64 = 0.04;
/// Time between two looks at it.
const PIECE: f64 = 0.2;

/// The random field at time 0: white noise × e^{−k²/16}, projected onto the live modes and scaled to a root mean square of 3.
/// Its draws are those of `index` in [`Stream::Flow`].
///
/// Held by `tests/kolmogorov/films.rs`: `the_random_field_has_its_spectrum`.
pub fn initial(solver: &Solver, noise: &Noise, index: u32) -> Vec<f64> {
    let grid = solver.grid();
    let mut white = vec![0.0; grid.numbers()];
    noise.normals(Stream::Flow, index, 0, &mut white);
    let mut w = grid.spectrum(&white);
    for (w, mode) in w.iter_mut().zip(grid.modes()) {
        *w *= libm::exp(-mode.square() / 16.0);
    }
    let power: f64 = 2.0 * w.iter().map(|w| w.norm_sqr()).sum::<f64>();
    let scale = RMS / power.sqrt();
    w.iter_mut().for_each(|w| *w *= scale);
    grid.field(&w)
}

/// A state of the stationary flow: the random field of `index` after the time [`SPIN_UP`], whatever the interval of
/// `parameters` is. Its steps are twice as long as `dt`, but at most .04 on 32 pixels; on more they shrink as the pixels do,
/// or the fastest waves would grow. `piece` is called after every .2 with the share that is done.
///
/// Held by `tests/kolmogorov/films.rs`: `a_committed_state_is_the_flow_from_its_random_field`,
/// `a_finer_square_spins_up_in_shorter_steps`.
///
/// # Errors
/// Those of [`Solver::new`] and [`Solver::advance`].
pub fn stationary(
    parameters: Parameters,
    noise: &Noise,
    index: u32,
    piece: &mut dyn FnMut(f64),
) -> Result<Vec<f64>, Error> {
    let longest = STEP * (32.0 / parameters.pixels as f64).min(1.0);
    let solver = Solver::new(Parameters {
        interval: PIECE,
        dt: (2.0 * parameters.dt).min(longest),
        ..parameters
    })?;
    let mut omega = initial(&solver, noise, index);
    let pieces = libm::round(SPIN_UP / PIECE) as usize;
    for i in 0..pieces {
        solver.advance(&mut omega)?;
        piece((i + 1) as f64 / pieces as f64);
    }
    Ok(omega)
}

/// `frames` frames from `start` on, which is the first; `[frames][y][x]`.
///
/// # Errors
/// Those of [`Solver::advance`].
pub fn film(solver: &Solver, start: &[f64], frames: usize) -> Result<Vec<f64>, Error> {
    let mut omega = start.to_vec();
    let mut out = Vec::with_capacity(frames * omega.len());
    for i in 0..frames {
        if i > 0 {
            solver.advance(&mut omega)?;
        }
        out.extend_from_slice(&omega);
    }
    Ok(out)
}
