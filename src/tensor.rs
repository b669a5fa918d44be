//! The tensor executor: the same plan on burn tensors, on any burn device (feature `tensor`).
//!
//! It runs on WebGPU in f32, and natively on burn's CPU backend (in f64 too), where tests hold it
//! against the host executor. Per-particle mathematics is arranged for f32: no difference of large
//! numbers, no tail that underflows.

mod cg;
mod exact;
mod faults;
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

/// Where tensors are, and what numbers they hold.
pub use burn::tensor::{DType, Device};
pub use exact::{width, x_hat};
pub use faults::{Faults, of_type};
pub use guided::Guided;
pub use model::{Model, OnDevice};
pub use network::Network;
pub use prior::{Jacobian, Matrix, Prior};
pub use space::x_hat as x_hat_in_space;
pub use state::{DeviceExecutor, Part, Pieces, TensorState};
pub use train::TensorTrainer;
pub use upload::{Map, Place};
pub use windows::Windows;
