//! The tensor executor: the same plan on burn tensors, on any burn device (feature `tensor`).
//!
//! It runs on WebGPU in f32, and natively on burn's CPU backend (also in f64), where tests compare it with the host
//! executor. The formulas per particle are arranged for f32: no difference of large numbers, no tail that underflows.
//!
//! Held by `tests/tensor.rs`: `both_executors_give_the_same_particles_in_f64`,
//! `the_f32_executor_stays_within_the_tolerance_of_the_engines`.

mod cg;
mod exact;
mod faults;
mod films;
mod guided;
mod lost;
mod model;
mod near;
mod network;
mod prior;
mod space;
mod state;
mod train;
mod upload;
mod windows;

/// The device of tensors, and the type of their elements.
pub use burn::tensor::{DType, Device};
#[cfg(feature = "gpu")]
pub(crate) use exact::{is_wide, quadrature};
pub use exact::{width, x_hat};
pub use faults::{Faults, of_type};
pub use films::FilmNetwork;
pub use guided::Guided;
#[cfg(feature = "gpu")]
pub(crate) use lost::lost;
pub use model::{Model, OnDevice};
pub use network::Network;
pub use prior::{Jacobian, Matrix, Prior};
#[cfg(feature = "gpu")]
pub(crate) use space::stripes;
pub use space::x_hat as x_hat_in_space;
pub use state::{Part, Pieces, TensorState};
pub use train::TensorTrainer;
pub use upload::{Map, Place};
pub use windows::Windows;
