//! The Gaussian law of films of a turbulent flow: what its measured mean and covariance alone say.
//!
//! A film is `[frame][y][x]`, in units of S ([`crate::dynamics::kolmogorov::UNIT`]). û is the unitary Fourier transform of a
//! frame less the mean field m. Shifts are symmetries of the flow along x, so the covariance of a film is diagonal in kₓ; it
//! is taken diagonal in kᵧ too (the force couples kᵧ and kᵧ ± k_f, which is left out), and real, because ω(−x, −y) is a
//! symmetry. So each wave has a matrix C_k of its own over the frames.
//!
//! | file | content |
//! |---|---|
//! | `table.rs` | C_k(l), the covariance at lag l: measured, and as a file |
//! | `law.rs` | the law of F frames: denoiser, error, draws, covariance |
//! | `solve.rs` | a positive definite system, solved in pieces |
//! | `posterior.rs` | the law given observed pixels |
//!
//! Held by `tests/kolmogorov/gaussian.rs`: `the_denoiser_is_the_conditional_mean_of_the_dense_law`,
//! `the_posterior_mean_is_conditioning_of_the_dense_law`.

mod law;
mod posterior;
mod solve;
mod table;

pub use law::{GaussianFilm, Making};
pub use posterior::{MOST, Posterior, Preparing};
pub use table::{LAGS, Table};
