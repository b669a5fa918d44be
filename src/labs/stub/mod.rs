//! A toy lab that is built for tests only: autoregressive paths, simulated index by index. It shows what a lab needs, and
//! that a run need be neither a plan nor a way through noise.
//!
//! x₀ = 0 and xᵢ = a·xᵢ₋₁ + √(1 − a²)·z, so the variance at index i is 1 − a²ⁱ. Held by `tests/stub.rs`:
//! `the_variance_of_the_paths_is_the_closed_form`.

mod experiment;
mod keys;
mod path;
mod run;

pub use experiment::LAB;
