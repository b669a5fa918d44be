//! A walk through the plan, as its price sees it.

use crate::denoise::Denoiser;
use std::rc::Rc;

/// A walk of all particles through the plan.
pub struct Leg {
    /// So many walks cost the same.
    pub times: usize,
    /// Coordinates of a particle.
    pub dim: usize,
    /// A denoiser for trials, of which nothing is counted in the run; `None` where the lab's own computes no products.
    pub denoiser: Option<Rc<dyn Denoiser>>,
}
