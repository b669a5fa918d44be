//! Models of systems that are observed in time: one file per model, behind the trait [`Model`].
//!
//! | model | x_{k+1} |
//! |---|---|
//! | [`double_well`] | dX = c(X − X³)dt + s dB, Euler–Maruyama |
//! | [`lorenz63`] | Lorenz's three equations, RK4 |
//! | [`lorenz96`] | dx_i = ((x_{i+1} − x_{i−2})·x_{i−1} − x_i + F)dt on a circle, RK4 |
//! | [`ar1`] | .9·x + b·z, b² = .19 |
//! | [`spiral`] | .98·Rot(.3)·x + .1·z |
//! | [`gaussian`] | x: a state that does not move |
//!
//! A state has `dim` numbers. The states of several members lie one after the other, `[n × dim]`.
//!
//! | type | content |
//! |---|---|
//! | [`ModelKind`] | the list of models with their numbers; defaults of time and observations |
//! | [`Model`] | one step, its noise and its tangent |
//! | [`Initial`] | the law of the first state |
//! | [`Flow`] | a model with its clock: from one cycle to the next |
//!
//! [`kolmogorov`] is the flow of a fluid in the plane, whose states are fields.

pub mod ar1;
pub mod double_well;
mod flow;
pub mod gaussian;
mod initial;
mod kind;
pub mod kolmogorov;
pub mod lorenz63;
pub mod lorenz96;
mod rk4;
pub mod spiral;

pub use flow::{Draws, Flow};
pub use initial::{Component, Initial};
pub use kind::{ModelKind, Times};
pub use rk4::rk4;

use std::fmt::Debug;

/// A model of a system: x ← F(x) + noise·z, one step at a time.
///
/// Held by `tests/filter/dynamics.rs`: `tangents_are_the_derivatives_of_a_step`,
/// `a_step_of_many_members_is_that_of_each`.
pub trait Model: Debug + Send + Sync {
    /// Number of coordinates of a state.
    fn dim(&self) -> usize;

    /// The deterministic part F of a step of length `dt`, for all members of `x` `[n × dim]`.
    fn step(&self, dt: f64, x: &mut [f64]);

    /// The standard deviation of the noise that a step of length `dt` adds to each coordinate; 0 if there is none.
    fn noise(&self, dt: f64) -> f64;

    /// Replaces each column v of `columns` `[k × dim]` by F'(x)·v, where `x` `[dim]` is the state before the step.
    /// Returns whether the model has a tangent; if not, `columns` stay as they are.
    fn tangent(&self, _dt: f64, _x: &[f64], _columns: &mut [f64]) -> bool {
        false
    }

    /// Whether F is linear. A linear model has a tangent.
    fn is_linear(&self) -> bool {
        false
    }

    /// The distance of two coordinates, if the coordinates are places.
    fn distance(&self, _i: usize, _j: usize) -> Option<f64> {
        None
    }

    /// The price of a step of one member without noise, in units of about 25 ns.
    fn cost(&self) -> f64;
}
