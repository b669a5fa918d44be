//! What a score of the prior is.

use crate::filter::update::Fault;
use crate::rng::Noise;
use std::fmt::Debug;

/// A score that is learned from the forecast members, in whitened coordinates: the members w `[n × d]` have mean 0 and
/// covariance I.
///
/// Held by `tests/filter/pieces.rs`: `an_update_in_pieces_gives_the_bits_of_the_whole`.
pub trait PriorScore: Debug + Send {
    /// Begins to learn from the members `w` `[n × dim]`; `noise` and `cycle` give the draws.
    fn begin(&mut self, w: &[f64], dim: usize, noise: Noise, cycle: u32);

    /// Goes on for about `work` units, at least one part; what is spent is taken off. Returns whether all is learned.
    ///
    /// # Errors
    /// If these members do not give a score.
    fn learn(&mut self, _work: &mut f64) -> Result<bool, Fault> {
        Ok(true)
    }

    /// The widths of the kernels that blur the prior, from the first level to the last; one 0 if it is not blurred.
    fn widths(&self) -> Vec<f64> {
        vec![0.0]
    }

    /// Writes ∇log p(w) at one place `w` `[d]` into `out`, of the prior at the level of this width.
    fn score(&mut self, w: &[f64], width: f64, out: &mut [f64]);

    /// The precision that preconditions Langevin steps at this level: B⁻¹ is this number times I.
    fn precision(&self, _width: f64) -> f64 {
        1.0
    }

    /// The price of learning from `n` members, in units.
    fn learning_cost(&self, _n: usize, _dim: usize) -> f64 {
        0.0
    }

    /// The price of one [`PriorScore::score`], in units.
    fn score_cost(&self, n: usize, dim: usize) -> f64;
}
