//! Linear-Gaussian state-space chains, x_i = T x_{i−1} + N(0, Q), y_i = O x_i + N(0, R), in closed form.
//!
//! | file | what | cost in the length L |
//! |---|---|---|
//! | `model.rs` | the chain, its presets and what it refuses | 1 |
//! | `preset.rs` | the words of the presets | 1 |
//! | `simulate.rs` | truths and observations | L |
//! | `exact.rs` | the denoiser of the whole chain | L |
//! | `fold.rs` | windows of 2k + 1 indices, unfolded and folded | L |
//! | `windows.rs` | the denoiser of the chain from any denoiser of its windows | L |
//! | `blanket.rs` | the denoiser of windows of 2k + 1, folded; its score error | L |
//! | `posterior.rs` | the law given observations: means, covariances, samples | L |
//! | `start.rs` | what a start from noise alone misses of a law | L |
//! | `seen.rs` | what is observed: operators and noise by index, contexts | L |
//! | `context.rs` | which numbers of a context determine the others | 1 |
//! | `dense.rs` | the same for any m rows of a linear operator, and all covariances | mL² + m³ |
//!
//! A particle is a whole chain: L·p numbers, the p coordinates of an index next to each other.

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
pub use dense::Conditioned;
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
