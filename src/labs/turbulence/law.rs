//! What the lab knows of flows before a run: their measured law, and states of them.

use super::words::FilmScore;
use crate::denoise::Differentiable;
use crate::dynamics::kolmogorov::{Grid, Parameters, SYMMETRIES, Truth, UNIT, refined, vortices};
use crate::error::Error;
use crate::labs::setup::Missing;
use crate::net::catalog::Entry;
use crate::net::unet::{FieldDenoiser, FieldLoops, catalog};
use crate::process::film::GaussianFilm;
use crate::rng::{Noise, Stream};
use std::rc::Rc;
use std::sync::Arc;

/// Frames of a window, where a film has as many.
pub(super) const WINDOW: usize = crate::net::unet::FRAMES;

/// The prior of windows of frames.
pub(super) struct Window {
    /// Frames of a window.
    pub frames: usize,
    /// x̂ of windows.
    pub denoiser: Rc<dyn Differentiable>,
    /// The network that these are of.
    pub network: Option<&'static str>,
    /// The network that is not loaded.
    pub missing: Option<Entry>,
}

impl Window {
    /// The windows of films of `length` frames.
    ///
    /// # Errors
    /// If the law is not known for so many frames.
    pub fn new(score: FilmScore, length: usize) -> Result<Self, Error> {
        let frames = WINDOW.min(length);
        let law = GaussianFilm::committed(frames)?;
        let (denoiser, missing): (Rc<dyn Differentiable>, _) = match score.network() {
            None => (Rc::new(law), None),
            Some(name) => match catalog::get(name) {
                Some(net) => {
                    let (loops, products) = (FieldLoops::new(&net), net.shape().products());
                    let own = FieldDenoiser::new(loops, Arc::new(law), products);
                    (Rc::new(own), None)
                }
                None => (Rc::new(Missing), catalog::find(name)),
            },
        };
        Ok(Self {
            frames,
            denoiser,
            network: score.network(),
            missing,
        })
    }
}

/// The mean of a frame, in units.
///
/// # Errors
/// As [`GaussianFilm::committed`].
pub(super) fn mean_field() -> Result<Vec<f64>, Error> {
    Ok(GaussianFilm::committed(1)?.mean_field())
}

/// States that truths of links start from.
const STATES: usize = 12;

/// The first frame of the truth, per time: vortices that were placed, or the state of a seed.
pub(super) fn start(placed: Option<&[f64]>, truth_seed: u64, grid: &Grid) -> Vec<f64> {
    match placed {
        Some(places) => vortices(grid, places),
        None => on(grid, Truth::of_seed(truth_seed)),
    }
}

/// A state of the flow that is not the truth's, in units: another one of the committed states after some symmetry.
pub(super) fn climate([truth_seed, seed]: [u64; 2], grid: &Grid, member: usize) -> Vec<f64> {
    let noise = Noise::new(seed);
    let draw = |which: u64| noise.uniform(Stream::Members, 0, 2 * member as u64 + which);
    let own = Truth::of_seed(truth_seed).state;
    let other = (draw(0) * (STATES - 1) as f64) as usize;
    let truth = Truth {
        state: if other < own { other } else { other + 1 },
        symmetry: (draw(1) * SYMMETRIES as f64) as usize,
    };
    let mut out = on(grid, truth);
    out.iter_mut().for_each(|w| *w /= UNIT);
    out
}

/// A committed state on a grid.
fn on(grid: &Grid, truth: Truth) -> Vec<f64> {
    let known = Grid::new(Parameters::default().pixels);
    match known.pixels() == grid.pixels() {
        true => truth.field(),
        false => refined(&known, grid, &truth.field()),
    }
}
