//! `ssls`: score-based sequential Langevin sampling (Ding, Duan, Jiao, Yang, Yuan & Zhang 2024, arXiv:2411.13443).
//!
//! The forecast members give a score of the prior; Langevin steps with the score of the posterior,
//! ∇log p(x) + ∇log p(y | x), move the members to the analysis ([`Langevin`]). Each [`Prior`] is one file:
//!
//! | prior | ∇log p(x) |
//! |---|---|
//! | [`kde`] | of a mixture of normal kernels at the members |
//! | [`gauss`] | of a normal law with the members' mean and covariance |
//! | [`ism`] | of the exponential of a polynomial, by implicit score matching |
//! | [`dsm`] | a small network, by denoising score matching |

pub mod dsm;
pub mod gauss;
pub mod ism;
pub mod kde;
mod langevin;
mod numbers;
mod prior;
mod whitening;

pub use langevin::Langevin;
pub use numbers::{Kind, Numbers, Prior, Start};
pub use prior::PriorScore;
pub use whitening::Whitening;
