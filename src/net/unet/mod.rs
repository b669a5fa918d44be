//! A convolutional network on windows of frames, which corrects the linear (Wiener) denoiser of the window.
//!
//! With u = x_t/α and s = σ/α it is
//!
//! x̂ = x̂_W + √v(s)·F(u, x̂_W, s),
//!
//! where x̂_W is the denoiser of a Gaussian law with the mean m and the covariance of the windows, and v(s) its mean square
//! error ([`Skip`]). F sees (u − m)/√(1+s²), (x̂_W − m)/(√E(x̂_W−m)² + 0.02) and cos 4y, as 11 channels.
//!
//! F is a U-Net without norms. Space is folded by 2×2 into channels (44 of 16×16); a 3×3 convolution; three levels of
//! 16×16, 8×8 and 4×4 pixels with residual blocks, joined by 2×2 convolutions of stride 2 and their transposes, and by
//! skips that are added; SiLU and a 3×3 convolution to 20 channels, unfolded to 5 frames. Every 3×3 convolution is
//! circular. A block is
//!
//! x + conv₂ SiLU((1 + g)·conv₁ SiLU(x) + b),
//!
//! where g and b are affine in an embedding of s: sines and cosines of 2ʲ·⅛ ln s, j = 0…7, and two layers of 64 with
//! SiLU.
//!
//! [`plain`] is this in f64 loops; the executor on tensors is compared with it.
//!
//! Held by `tests/unet.rs`: `the_shapes_have_the_weights_that_are_said`, `x_hat_on_tensors_is_that_of_plain_loops`.

pub mod catalog;
mod file;
pub mod half;
pub mod measure;
pub mod plain;
pub mod recipe;
mod shape;
mod window;

pub use shape::{LARGE, SMALL, Shape, Slot, Use, embedding};
pub use window::{At, Skip, Source, fold, unfold};

use crate::rng::Noise;
use crate::rng::Stream;

/// Frames of a window.
pub const FRAMES: usize = 5;
/// Pixels of a frame along a side.
pub const PIXELS: usize = 32;
/// Numbers of a frame.
pub const FRAME: usize = PIXELS * PIXELS;
/// Numbers of a window, `[frame][y][x]`.
pub const WINDOW: usize = FRAMES * FRAME;
/// Channels that F sees: u, x̂_W and cos 4y.
pub const SEEN: usize = 2 * FRAMES + 1;
/// Pixels along a side after 2×2 pixels are folded into channels.
pub const SIDE: usize = PIXELS / 2;
/// The wave number of the force, along y: F sees where it pushes.
pub const WAVE: f64 = 4.0;

/// A trained network on windows.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldNet {
    shape: Shape,
    weights: Vec<f32>,
    recipe: String,
}

impl FieldNet {
    /// A network from flat weights in the order of [`Shape::slots`], rounded to f16 as in its file. `recipe` is the text
    /// of the recipe that made them.
    ///
    /// # Panics
    /// If the number of weights does not fit the shape.
    pub fn new(shape: Shape, weights: &[f32], recipe: String) -> Self {
        assert_eq!(
            weights.len(),
            shape.len(),
            "as many weights as the shape has"
        );
        let rounded = weights.iter().map(|w| half::widen(half::narrow(*w)));
        Self {
            shape,
            weights: rounded.collect(),
            recipe,
        }
    }

    /// Its shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Its flat weights, in the order of [`Shape::slots`].
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The text of the recipe that made it.
    pub fn recipe(&self) -> &str {
        &self.recipe
    }
}

impl Shape {
    /// The initial weights of a training: uniform in ± 1/√(inputs of a sum), biases 0. The second convolution of a block
    /// starts at 0.2 of that and the last one at 0.1; g and b start at 0.
    pub fn start(&self, seed: u64) -> Vec<f32> {
        let noise = Noise::new(seed);
        let mut weights = vec![0.0; self.len()];
        for (i, slot) in self.slots().iter().enumerate() {
            if slot.bound == 0.0 {
                continue;
            }
            for (j, w) in weights[slot.range()].iter_mut().enumerate() {
                let u = noise.uniform(Stream::TrainStart, i as u32, j as u64);
                *w = (slot.bound * (2.0 * u - 1.0)) as f32;
            }
        }
        weights
    }
}

#[cfg(test)]
mod tests;
