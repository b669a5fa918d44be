//! The mathematics of Scorefield: the rooms that compute. The crate `scorefield` passes all of them on under the same names.
//!
//! They are a crate of their own because a profile of cargo knows crates only: the packages of the page compile this one
//! for speed and all else for size. A generic function is compiled by the crate that calls it, so a loop over particles
//! that labs call has no type parameters.
//!
//! The symbols are those of `scorefield`.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod decimal;
pub mod denoise;
pub mod dynamics;
pub mod error;
pub mod filter;
pub mod guide;
pub mod law;
pub mod level;
pub mod metrics;
pub mod net;
pub mod observe;
pub mod process;
pub mod rng;
pub mod sample;
pub mod schedule;
pub mod special;
pub mod word;
