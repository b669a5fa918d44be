//! A multilayer perceptron with SiLU: its shape, its packed weights, its passes forth and back, and the sums of its gradient.
//!
//! Held by `src/net/mlp/tests.rs`: `forward_and_backward_are_those_of_f64_and_of_finite_differences`,
//! `the_passes_have_the_bits_of_plain_loops`.

mod gradient;
mod layout;
mod packed;
mod shape;
mod tape;

pub use packed::Packed;
pub use shape::{Layer, Shape};
pub use tape::Tape;

#[cfg(test)]
mod tests;
