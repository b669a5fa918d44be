//! Score networks: a multilayer perceptron as a denoiser, its training and its file.
//!
//! The parameterisation is the preconditioning of EDM (Karras et al. 2022, table 1 and eq. 7). Its only noise input is
//! s = σ/α, so one network works with every process:
//!
//! u = x_t/α, x̂ = c_skip(s)·u + c_out(s)·F(c_in(s)·u, ¼ ln s), σ_d = ½,
//! c_skip = σ_d²/(s²+σ_d²), c_out = s·σ_d/√(s²+σ_d²), c_in = 1/√(s²+σ_d²).
//!
//! s is clamped to [0.002, 80], the range of training. Beyond 80, and at α = 0, the state is almost pure noise with
//! standard deviation σ. Then u = 80·x_t/σ, the same noise rescaled to the largest s of the training.
//!
//! Held by `src/net/tests.rs`: `x_hat_is_that_of_a_plain_f64_forward_pass`,
//! `a_particle_has_the_same_bits_in_a_group_of_any_size`,
//! `two_processes_at_one_ratio_give_the_same_x_hat`, `at_pure_noise_and_at_no_noise_x_hat_is_finite`;
//! `tests/contracts/differentiable.rs`: `slopes_add_up_to_the_change_of_x_hat`, `the_two_products_are_adjoint`.

mod affine;
pub mod batch;
mod burnpack;
pub mod catalog;
mod kernel;
mod mlp;
mod pack;
mod quad;
pub mod recipe;
pub mod saved;
pub mod stretch;
pub mod train;
pub mod trained;
pub mod unet;

pub use batch::{LN_S, LN_S_WINDOWS, Recipe, Target};
pub use mlp::{Layer, Shape};
pub use pack::describe;
pub use train::{Part, State, Trainer, expected_loss};

use crate::denoise::{DenoiseAt, Denoiser, Differentiable, JacobianAt};
use crate::level::Level;
use affine::GROUP;
use mlp::{Packed, Tape};
use std::cell::RefCell;
use std::sync::OnceLock;

/// Standard deviation of the data that the preconditioning assumes.
pub const SIGMA_DATA: f64 = 0.5;
/// Smallest and largest s = σ/α that a network gets as input.
pub const CLAMP: (f64, f64) = (0.002, 80.0);
/// The four coefficients of the preconditioning at s.
///
/// Held by `src/net/tests.rs`: `the_preconditioning_gives_unit_variances`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precondition {
    /// Factor of u in x̂.
    pub skip: f64,
    /// Factor of F in x̂.
    pub out: f64,
    /// Factor of u in F.
    pub into: f64,
    /// ¼ ln s.
    pub noise: f64,
}

impl Precondition {
    /// The coefficients at s = σ/α > 0.
    pub fn at(s: f64) -> Self {
        let (s2, d2) = (s * s, SIGMA_DATA * SIGMA_DATA);
        let root = (s2 + d2).sqrt();
        Self {
            skip: d2 / (s2 + d2),
            out: s * SIGMA_DATA / root,
            into: 1.0 / root,
            noise: 0.25 * libm::log(s),
        }
    }
}

impl Net {
    /// A network from flat weights in the layout of [`Shape::layers`]. `recipe` is the text of the recipe that made them.
    ///
    /// # Panics
    /// If the number of weights does not fit the shape.
    pub fn of_weights(shape: Shape, weights: Vec<f32>, recipe: String) -> Self {
        assert_eq!(
            weights.len(),
            shape.len(),
            "as many weights as the shape has"
        );
        Self {
            shape,
            weights,
            recipe,
            packed: OnceLock::new(),
        }
    }
}

/// A trained network.
#[derive(Debug, Clone)]
pub struct Net {
    shape: Shape,
    weights: Vec<f32>,
    /// The text of the recipe that made it.
    recipe: String,
    /// The weights as the loops take them, from the first evaluation on.
    packed: OnceLock<Packed>,
}

impl PartialEq for Net {
    fn eq(&self, other: &Self) -> bool {
        // What is packed follows from the rest.
        let shape = self.shape == other.shape;
        shape && self.weights == other.weights && self.recipe == other.recipe
    }
}

impl Net {
    /// The same network with a different recipe text.
    pub fn with_recipe(&self, recipe: String) -> Self {
        Self {
            recipe,
            ..self.clone()
        }
    }

    /// Number of coordinates of a particle.
    pub fn dim(&self) -> usize {
        self.shape.outputs
    }

    /// Its shape. The inputs are the coordinates and ¼ ln s; the outputs are the coordinates.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Its flat weights, in the layout of [`Shape::layers`].
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Whether another network has the same shape and, to the last bit, the same weights.
    pub fn has_weights_of(&self, other: &Net) -> bool {
        let bits = |net: &Net| -> Vec<u32> { net.weights.iter().map(|w| w.to_bits()).collect() };
        self.shape == other.shape && bits(self) == bits(other)
    }

    fn packed(&self) -> &Packed {
        self.packed
            .get_or_init(|| Packed::new(&self.shape, &self.weights))
    }

    /// The text of the recipe that made it.
    pub fn recipe(&self) -> &str {
        &self.recipe
    }
}

/// The shape of a network for particles with `dim` coordinates.
pub fn shape(dim: usize, width: usize, depth: usize) -> Shape {
    Shape {
        inputs: dim + 1,
        outputs: dim,
        width,
        depth,
    }
}

/// The input s of a network at a level, and the factor of x_t in u.
///
/// Held by `src/net/tests.rs`: `at_pure_noise_and_at_no_noise_x_hat_is_finite`.
pub fn seen(level: &Level) -> (f64, f64) {
    let (least, most) = CLAMP;
    // At α = 0 the ratio is infinite; without noise it is 0. Both are clamped.
    let s = level.ratio();
    let scale = if s > most {
        most / level.sigma
    } else {
        1.0 / level.alpha
    };
    (s.clamp(least, most), scale)
}

struct At<'n> {
    net: &'n Net,
    /// u = scale·x_t.
    scale: f64,
    at: Precondition,
    /// Kept from call to call: small ones come often.
    scratch: RefCell<Scratch>,
}

#[derive(Default)]
struct Scratch {
    tape: Tape,
    /// The inputs of a group.
    inputs: Vec<f32>,
}

impl Net {
    fn prepare(&self, level: &Level) -> At<'_> {
        let (s, scale) = seen(level);
        At {
            net: self,
            scale,
            at: Precondition::at(s),
            scratch: RefCell::default(),
        }
    }
}

/// Weights that are gone through in a unit of work, in a whole group of particles.
const WEIGHTS: usize = 512;

impl Shape {
    /// The price of an evaluation of a network of this shape: [`Denoiser::price`].
    pub fn price(&self) -> usize {
        1 + self.len() / WEIGHTS
    }
}

impl Denoiser for Net {
    fn price(&self) -> usize {
        self.shape.price()
    }

    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(self.prepare(level))
    }
}

impl Differentiable for Net {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(self.prepare(level))
    }
}

impl At<'_> {
    /// That the slices hold whole particles, as many of each.
    fn whole(&self, x_t: &[f64], v: &[f64], out: &[f64]) {
        let fits = x_t.len() == out.len() && v.len() == out.len();
        assert!(fits, "one output for each particle");
        let dim = self.net.dim();
        assert!(
            out.len().is_multiple_of(dim),
            "whole particles of {dim} coordinates"
        );
    }

    /// The numbers of a group of particles.
    fn group(&self) -> usize {
        GROUP * self.net.dim()
    }

    /// c_in·scale·x and the last input, one row per particle.
    fn inputs(&self, x: &[f64], last: f32, inputs: &mut Vec<f32>) {
        inputs.clear();
        for x in x.chunks(self.net.dim()) {
            inputs.extend(x.iter().map(|x| (self.at.into * self.scale * x) as f32));
            inputs.push(last);
        }
    }

    /// out = skip·scale·v + factor·rows, where consecutive rows are `stride` apart.
    fn add(&self, v: &[f64], factor: f64, rows: &[f32], stride: usize, out: &mut [f64]) {
        let dim = self.net.dim();
        let rows = rows.chunks(stride);
        for ((v, out), row) in v.chunks(dim).zip(out.chunks_mut(dim)).zip(rows) {
            for ((v, out), row) in v.iter().zip(out).zip(row) {
                *out = self.at.skip * self.scale * v + factor * f64::from(*row);
            }
        }
    }
}

impl DenoiseAt for At<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        self.whole(x_t, x_t, out);
        let (net, group) = (self.net.packed(), self.group());
        let Scratch { tape, inputs } = &mut *self.scratch.borrow_mut();
        for (x_t, out) in x_t.chunks(group).zip(out.chunks_mut(group)) {
            self.inputs(x_t, self.at.noise as f32, inputs);
            let f = tape.forward(net, inputs);
            self.add(x_t, self.at.out, f, self.net.dim(), out);
        }
    }
}

impl At<'_> {
    /// Goes through the layers at `x_t`, in groups, and hands each to `product`, with its rows of v and of the result.
    fn products(
        &self,
        [x_t, v]: [&[f64]; 2],
        out: &mut [f64],
        product: impl Fn(&Packed, &mut Scratch, &[f64], &mut [f64]),
    ) {
        self.whole(x_t, v, out);
        let (net, group) = (self.net.packed(), self.group());
        let scratch = &mut *self.scratch.borrow_mut();
        let both = x_t.chunks(group).zip(v.chunks(group));
        for ((x_t, v), out) in both.zip(out.chunks_mut(group)) {
            self.inputs(x_t, self.at.noise as f32, &mut scratch.inputs);
            scratch.tape.taped(net, &scratch.inputs);
            product(net, scratch, v, out);
        }
    }
}

/// ∂x̂/∂x_t = c_skip·scale·I + c_out·c_in·scale·∂F.
impl JacobianAt for At<'_> {
    fn jvp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.products([x_t, v], out, |net, Scratch { tape, inputs }, v, out| {
            self.inputs(v, 0.0, inputs);
            let f = tape.push(net, inputs);
            self.add(v, self.at.out, f, self.net.dim(), out);
        });
    }

    fn vjp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.products([x_t, v], out, |net, Scratch { tape, inputs }, v, out| {
            inputs.clear();
            inputs.extend(v.iter().map(|v| *v as f32));
            let pulled = tape.pull(net, inputs);
            let factor = self.at.out * self.at.into * self.scale;
            self.add(v, factor, pulled, self.net.shape.inputs, out);
        });
    }

    /// The rounding of f32 after several sums.
    fn accuracy(&self) -> f64 {
        1e-5
    }
}

#[cfg(test)]
mod tests;
