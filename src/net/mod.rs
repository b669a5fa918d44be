//! Score networks: a multilayer perceptron as a denoiser, its training, its file.
//!
//! The parameterisation is EDM's preconditioning (Karras et al. 2022, table 1 and eq. 7), with s = σ/α as the
//! only noise input, so that one network serves every process:
//!
//! u = x_t/α, x̂ = c_skip(s)·u + c_out(s)·F(c_in(s)·u, ¼ ln s), σ_d = ½,
//! c_skip = σ_d²/(s²+σ_d²), c_out = s·σ_d/√(s²+σ_d²), c_in = 1/√(s²+σ_d²).
//!
//! s is clamped to [0.002, 80], the range of training. Beyond 80 (and at α = 0) the state is nearly pure noise
//! of deviation σ, and u is taken as 80·x_t/σ: the same noise at the level that the network knows.

pub mod catalog;
mod kernel;
mod mlp;
mod pack;
pub mod recipe;
pub mod train;
pub mod trained;

pub use mlp::{Layer, Shape};
pub use pack::describe;
pub use train::{Part, Recipe, State, Target, Trainer, expected_loss};

use crate::denoise::{DenoiseAt, Denoiser};
use crate::level::Level;
use mlp::{OUT, Tape};

/// Standard deviation of the data that the preconditioning assumes.
pub const SIGMA_DATA: f64 = 0.5;
/// Least and greatest s = σ/α that a network sees.
pub const CLAMP: (f64, f64) = (0.002, 80.0);
/// Particles that go through the layers together.
const BLOCK: usize = 64;

/// The four coefficients of the preconditioning at s.
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
    /// At s = σ/α > 0.
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
    /// A network of flat weights in the layout of [`Shape::layers`]; `recipe` says how they were made.
    ///
    /// # Panics
    /// If their number is not that of the shape.
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
        }
    }
}

/// A trained network.
#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    shape: Shape,
    weights: Vec<f32>,
    /// How it was made: the text of its recipe.
    recipe: String,
}

impl Net {
    /// The same network, with another text of how it was made.
    pub fn with_recipe(&self, recipe: String) -> Self {
        Self {
            recipe,
            ..self.clone()
        }
    }

    /// Coordinates of a particle.
    pub fn dim(&self) -> usize {
        self.shape.outputs
    }

    /// Its shape: inputs are the coordinates and ¼ ln s, outputs the coordinates.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Its flat weights, in the layout of [`Shape::layers`].
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The text of the recipe that made it.
    pub fn recipe(&self) -> &str {
        &self.recipe
    }
}

/// The shape of a network for particles of `dim` coordinates.
pub fn shape(dim: usize, width: usize, depth: usize) -> Shape {
    Shape {
        inputs: dim + 1,
        outputs: dim,
        width,
        depth,
    }
}

/// The s that a network sees at a level, and the factor of x_t in u.
pub fn seen(level: &Level) -> (f64, f64) {
    let (least, most) = CLAMP;
    // At α = 0 the ratio is infinite; a level without noise (0/α) is clamped from below.
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
}

impl Denoiser for Net {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        let (s, scale) = seen(level);
        Box::new(At {
            net: self,
            scale,
            at: Precondition::at(s),
        })
    }
}

impl DenoiseAt for At<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        assert_eq!(x_t.len(), out.len(), "x_hat: one output for each particle");
        let dim = self.net.dim();
        let mut tape = Tape::new(&self.net.shape);
        let mut inputs = Vec::with_capacity(BLOCK * (dim + 1));
        for (x_t, out) in x_t.chunks(BLOCK * dim).zip(out.chunks_mut(BLOCK * dim)) {
            inputs.clear();
            for x in x_t.chunks(dim) {
                inputs.extend(x.iter().map(|x| (self.at.into * self.scale * x) as f32));
                inputs.push(self.at.noise as f32);
            }
            let f = tape.forward(&self.net.weights, &inputs);
            for ((x, out), f) in x_t.chunks(dim).zip(out.chunks_mut(dim)).zip(f.chunks(OUT)) {
                for ((x, out), f) in x.iter().zip(out).zip(f) {
                    *out = self.at.skip * self.scale * x + self.at.out * f64::from(*f);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
