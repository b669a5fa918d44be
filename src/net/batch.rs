//! What a training learns from: the recipe, the draws of the law and their noise.
//!
//! Held by `src/net/tests.rs`: `training_approaches_the_exact_loss_and_the_exact_denoiser`.

use super::Precondition;
use crate::law::Law;
use crate::law::space::Space;
use crate::process::Chain;
use crate::rng::{Noise, Stream};

/// Mean and standard deviation of ln s in training (Karras et al. 2022, table 1).
pub const LN_S: [f64; 2] = [-1.2, 1.2];
/// The same for windows of a chain: their guidance uses the network at the start of a run, where the signal is a
/// hundredth of the noise.
pub const LN_S_WINDOWS: [f64; 2] = [1.5, 2.0];

/// The data of a training, as independent draws.
pub trait Target {
    /// Number of coordinates of a draw.
    fn dim(&self) -> usize;
    /// Writes the draws `first..first + out.len()/dim` of `stream` to `out`.
    fn draw(&self, noise: &Noise, stream: Stream, first: u64, out: &mut [f64]);
}

impl Target for Law {
    fn dim(&self) -> usize {
        1
    }

    fn draw(&self, noise: &Noise, stream: Stream, first: u64, out: &mut [f64]) {
        self.sample(noise, stream, first, out);
    }
}

impl Target for Space {
    fn dim(&self) -> usize {
        self.dim()
    }

    fn draw(&self, noise: &Noise, stream: Stream, first: u64, out: &mut [f64]) {
        self.sample(noise, stream, first, out);
    }
}

impl Target for Chain {
    fn dim(&self) -> usize {
        self.dim()
    }

    fn draw(&self, noise: &Noise, stream: Stream, first: u64, out: &mut [f64]) {
        self.sample(noise, stream, 0, first, out);
    }
}

/// How a network is trained. The law of the data and the recipe determine every weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// Width of a hidden layer.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Number of steps of Adam.
    pub steps: u32,
    /// Number of fresh draws per step.
    pub batch: usize,
    /// Largest learning rate. The rate reaches it after a hundred steps and then falls to 0 as ½(1 + cos).
    pub rate: f64,
    /// Seed of weights, draws and noise.
    pub seed: u64,
    /// Mean and standard deviation of ln s in training; [`LN_S`] unless the law needs other noise.
    pub ln_s: [f64; 2],
}

/// The inputs and the wanted outputs of some draws.
pub struct Batch {
    /// `[batch × (dim + 1)]`.
    pub inputs: Vec<f32>,
    /// `[batch × dim]`: (x₀ − c_skip·u)/c_out.
    pub wanted: Vec<f32>,
}

impl Batch {
    /// The draws `first..first + n`: x₀ from the target, ln s ~ N(mean, deviation²), u = x₀ + s·z.
    pub fn draw(
        target: &dyn Target,
        noise: &Noise,
        [mean, deviation]: [f64; 2],
        first: u64,
        n: usize,
    ) -> Self {
        let dim = target.dim();
        let mut x0 = vec![0.0; n * dim];
        target.draw(noise, Stream::TrainData, first, &mut x0);
        let mut ln_s = vec![0.0; n];
        noise.normals(Stream::TrainLevel, 0, first, &mut ln_s);
        let mut z = vec![0.0; n * dim];
        noise.normals(Stream::TrainNoise, 0, first * dim as u64, &mut z);
        let (mut inputs, mut wanted) = (Vec::new(), Vec::new());
        for ((x0, z), ln_s) in x0.chunks(dim).zip(z.chunks(dim)).zip(ln_s) {
            let (least, most) = super::CLAMP;
            let s = libm::exp(mean + deviation * ln_s).clamp(least, most);
            let at = Precondition::at(s);
            for (x0, z) in x0.iter().zip(z) {
                let u = x0 + s * z;
                inputs.push((at.into * u) as f32);
                wanted.push(((x0 - at.skip * u) / at.out) as f32);
            }
            inputs.push(at.noise as f32);
        }
        Self { inputs, wanted }
    }
}
