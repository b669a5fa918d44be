//! Linear-Gaussian state-space chains, x_i = T x_{i−1} + N(0, Q), y_i = O x_i + N(0, R), in closed form.
//!
//! | file | content | cost in the length L |
//! |---|---|---|
//! | `model.rs` | the chain, its presets, and the checks of a model | 1 |
//! | `preset.rs` | the words of the presets | 1 |
//! | `simulate.rs` | true paths and observations | L |
//! | `exact.rs` | the denoiser of the whole chain | L |
//! | `fold.rs` | windows of 2k + 1 indices: unfolding and folding | L |
//! | `windows.rs` | a denoiser of the chain from any denoiser of its windows | L |
//! | `blanket.rs` | the exact denoiser of windows of 2k + 1 indices, folded; its score error | L |
//! | `posterior.rs` | the law given observations: means, covariances, samples | L |
//! | `start.rs` | the error of a run that starts from pure noise | L |
//! | `seen.rs` | observations: operator and noise of each index, contexts | L |
//! | `context.rs` | the numbers of a context that determine the others | 1 |
//! | `dense.rs` | conditioning on any m rows of a linear operator, all covariances | mL² + m³ |
//!
//! A particle is a whole chain: L·p numbers, with the p coordinates of an index next to each other.
//!
//! Held by `tests/chains/laws.rs`: `chains_are_stationary`, `the_linear_time_denoiser_is_the_dense_one`;
//! `tests/chains/posterior.rs`: `the_smoother_is_conditioning_of_the_joint_law`.

mod algebra;
mod blanket;
mod context;
mod dense;
mod distance;
mod exact;
mod fold;
mod model;
mod posterior;
mod preset;
mod seen;
mod simulate;
mod start;
#[cfg(test)]
mod tests;
mod windows;

pub use blanket::Blanket;
pub use dense::{Conditioned, Conditioning};
pub use distance::Moments;
pub use distance::add_to_mean;
pub use distance::gaussian_w2;
pub use distance::moments;
pub use model::Chain;
pub use model::RADIUS;
pub use model::ROTATION_ANGLE;
pub use model::ROTATION_DECAY;
pub use model::SPRING_OMEGA;
pub use model::SPRING_ZETA;
pub use model::STATES;
pub use posterior::Posterior;
pub use preset::Model;
pub use seen::Seen;
pub use seen::stack;
pub use start::{Reached, reached};
pub use windows::Windows;
