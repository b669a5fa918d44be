//! Filters: what is known of a state of a [model](crate::dynamics) from the observations up to now.
//!
//! A method is a [`Filter`] that walks from cycle to cycle: a forecast, then, where there is an observation, an analysis.
//! Ensemble methods share the forecast ([`Walk`]) and are an [`Analysis`] each.
//!
//! | method | analysis |
//! |---|---|
//! | [`free`] | none |
//! | [`pf`] | w ← w·p(y given x), resampled |
//! | [`enkf`] | x ← x + K(y + e − h(x)), K from the ensemble |
//! | [`ssls`] | Langevin steps with ∇log p(x) learned from the forecast + ∇log p(y given x) |
//! | [`ensf`] | a reverse diffusion that carries N(0, I) to the analysis |
//! | [`etkf`] | x̄ ← x̄ + wᵀA, A ← TA: a square root; with localisation `letkf` |
//! | [`var3d`] | Kalman's gain with a static covariance; `climatology`: no observations |
//! | [`gauss`] | Kalman's recursion, exact (`exact`) or with tangents (`ekf`) |
//! | [`grid`] | the density of the double well on a grid, exact (`exact`) |
//!
//! All methods with the same seed use the same draws for the initial members and for the noise of the model, and
//! all of them see the same [`Truth`].

pub mod accuracy;
mod climate;
pub mod cloud;
pub mod dense;
mod distribution;
mod division;
pub mod eigen;
pub mod enkf;
mod ensemble;
pub mod ensf;
pub mod etkf;
pub mod free;
pub mod gauss;
pub mod grid;
mod innovation;
pub mod line;
pub mod localise;
mod method;
mod monitor;
mod observation;
pub mod pf;
pub mod resample;
pub mod ssls;
pub mod transform;
mod truth;
mod update;
pub mod var3d;
mod walk;

pub use climate::Climate;
pub use distribution::Distribution;
pub use division::Divisible;
pub use ensemble::{Ensemble, Estimate};
pub use method::{Method, Settings};
pub use monitor::{Monitor, Notice};
pub use observation::{Observation, Operator, Sensor};
pub use truth::Truth;
pub use update::{Analysis, Division, Fault, Field, Parts, Trace, Update};
pub use walk::{Cost, Density, Filter, Walk};
