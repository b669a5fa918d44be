//! The network on windows ([`crate::net::unet`]) on burn tensors, and its training (feature `unet`).
//!
//! It runs on burn's CPU backend (flex); the tensors work on other devices too. Gradients come from burn's automatic
//! differentiation. What links run are the loops of [`crate::net::unet::FieldLoops`]. Results agree with the plain f64 loops to the rounding of f32, not to the bit.
//!
//! Held by `tests/unet.rs`: `x_hat_on_tensors_is_that_of_plain_loops`,
//! `the_vjp_is_that_of_finite_differences_of_plain_loops`.

mod layers;
mod network;
#[cfg(not(target_arch = "wasm32"))]
mod train;

/// The device of tensors, and the type of their elements.
pub use burn::tensor::{DType, Device};
pub use network::{FieldNetwork, Place};

/// The denoiser of a network on burn's CPU backend, whose reads are done at once.
pub type FieldDenoiser = crate::net::unet::FieldDenoiser<FieldNetwork>;

#[cfg(not(target_arch = "wasm32"))]
pub use train::FieldTrainer;
