//! Scorefield: exact and learned score-based samplers that run in a web page.
//!
//! A run is a pure function of its link:
//!
//! ```text
//! link ──parse──▶ Config ──compile──▶ (Plan, Denoiser, Law) ──run──▶ frames + metrics ──▶ plots
//! ```
//!
//! ```
//! use scorefield::labs::toy1d::{Axis, Run, Toy1d};
//! use scorefield::labs::link::{self, Mode};
//!
//! let text = "lab=toy1d&process=edm&sampler=heun&steps=18&n=1000&seed=7";
//! let link = link::decode(text, Mode::Strict)?.link;
//! let lab = Toy1d::new(&link.a)?;
//! let axis = Axis::holding(&[&lab]);
//! let mut run = Run::new(lab, axis);
//! while !run.advance(100_000) {}
//! let w1 = run.final_metrics()?.rows[0].value;
//! assert!(w1.is_some_and(|w1| w1 < 0.05));
//! # Ok::<(), scorefield::error::Error>(())
//! ```
//!
//! | symbol | meaning |
//! |---|---|
//! | `x`, `x_t`, `x_hat` | clean data x₀; noisy x_t = α·x₀ + σ·z; denoised x̂ = E[x₀ given x_t] |
//! | `t` | time: 0 is data, 1 is noise; a step goes from t down to s |
//! | `alpha`, `sigma` | scale of the data and of the noise at t |
//! | `eps` | predicted noise (x_t − α·x̂)/σ |
//! | `z` | standard normal noise |
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod answer;
pub mod bench;
pub mod fingerprint;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod labs;
pub mod link;
#[cfg(feature = "tensor")]
pub mod tensor;
#[cfg(feature = "unet")]
pub mod unet;

#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use scorefield_maths::*;
