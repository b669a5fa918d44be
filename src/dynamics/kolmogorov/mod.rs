//! Two-dimensional turbulence: the vorticity of an incompressible flow on a periodic square that a shear force drives
//! (Kolmogorov flow).
//!
//! ∂ₜω + u·∇ω = νΔω − αω − amp·k_f·cos(k_f·y) on [0, 2π]², with the force amp·sin(k_f·y) along x;
//! ω = ∂ₓv − ∂ᵧu, u = ∂ᵧψ, v = −∂ₓψ, −Δψ = ω.
//!
//! | symbol | meaning |
//! |---|---|
//! | ω | vorticity, a rate of turning per time; the mean over the square is 0 |
//! | ψ, (u, v) | stream function and velocity |
//! | ν, α | viscosity and drag. This α is not the scale of the data in a noising process |
//! | amp, k_f | amplitude and wave number of the force |
//! | Δ | time between two frames of a film |
//!
//! A field is `[y][x]`, x fastest: pixel (i, j) of n × n is at the place 2π(i, j)/n. A film is `[frame][y][x]`.
//!
//! | file | content |
//! |---|---|
//! | `parameters.rs` | the numbers of a flow, and their check |
//! | `number.rs`, `fft.rs`, `plane.rs` | Fourier transforms, and those of the square |
//! | `grid.rs` | the live modes, and products without aliasing |
//! | `etd.rs` | the coefficients of a step |
//! | `solver.rs` | the right-hand side, steps, frames |
//! | `adjoint.rs` | transposes of the derivative of the right-hand side and of the steps |
//! | `fields.rs` | velocity, stream function, energy, enstrophy, palinstrophy, injection, spectrum |
//! | `physics.rs` | residual of the equation and defect of the flow map, with their transposes |
//! | `start.rs` | the random field at time 0, and films of the stationary flow |
//! | `placed.rs` | vortices that are placed by hand, fields on a finer grid |
//! | `symmetry.rs` | the symmetries of the flow |
//! | `films.rs`, `windows.rs` | films of the stationary flow, and windows drawn from them: the data of a training |
//! | `shells.rs` | its spectrum, and how much that varies |
//! | `states.rs` | the committed states from which truths start |
//!
//! Everything is computed in f64, with the functions of libm, so a flow has the same bits on every machine.
//!
//! Held by `tests/kolmogorov/exact.rs`: `the_laminar_flow_stays`, `a_flow_from_rest_follows_its_closed_form`,
//! `a_single_wave_decays`; `tests/kolmogorov/oracle.rs`: `the_table_of_an_independent_solver_is_met`;
//! `tests/kolmogorov/bits.rs`: `a_flow_has_the_recorded_bits`.

mod adjoint;
mod etd;
mod fft;
mod fields;
mod films;
mod grid;
mod number;
mod parameters;
mod physics;
mod placed;
mod plane;
mod shells;
mod solver;
mod start;
mod states;
mod symmetry;
mod windows;

pub use films::{Films, Request};
pub use grid::{Grid, Mode};
pub use parameters::Parameters;
pub use physics::{Defects, Physics};
pub use placed::{refined, vortices};
pub use rustfft::num_complex::Complex;
pub use shells::Shells;
pub use solver::Solver;
pub use start::{SPIN_UP, film, initial, stationary};
pub use states::{Truth, to_bytes};
pub use symmetry::{SYMMETRIES, Symmetry};
pub use windows::{Place, Windows};

/// S, the unit of the networks and of everything that a lab shows in units, per time: √⟨ω²⟩ of the training films
/// ([`Request::training`]), rounded.
///
/// Held by `tests/kolmogorov/gaussian.rs`: `the_unit_is_the_deviation_of_the_law`.
pub const UNIT: f64 = 3.668;
