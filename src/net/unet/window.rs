//! What the network sees of a window, and how its output becomes x̂.

use super::FRAME;
use super::FRAMES;
use super::PIXELS;
use super::SEEN;
use super::SIDE;
use super::WAVE;
use super::WINDOW;
use crate::denoise::Differentiable;
use crate::denoise::JacobianAt;
use crate::level::Level;
use crate::net::CLAMP;
use crate::process::film::GaussianFilm;
use std::f64::consts::TAU;

/// Added to √E(x̂_W − m)²: at much noise x̂_W is almost m, and is not amplified without a bound.
const FLOOR: f64 = 0.02;

/// A linear denoiser of windows, x̂_W = m + W(s)(u − m) with a symmetric W(s), and what is known of its law.
pub trait Skip: Differentiable + Send + Sync {
    /// The mean m of a frame, `[y][x]`.
    fn mean(&self) -> Vec<f64>;

    /// The mean square error v(s) of a number of x̂_W, over the windows of its law.
    fn error(&self, s: f64) -> f64;

    /// √E(x̂_W − m)² of a number, over the windows of its law.
    fn size(&self, s: f64) -> f64;
}

impl Skip for GaussianFilm {
    fn mean(&self) -> Vec<f64> {
        self.mean_field()
    }

    fn error(&self, s: f64) -> f64 {
        GaussianFilm::error(self, s)
    }

    fn size(&self, s: f64) -> f64 {
        GaussianFilm::size(self, s)
    }
}

/// The data of a training.
pub trait Source: Send + Sync {
    /// Writes the clean window of number `item` in the batch of a step to `out`, `[frame][y][x]`.
    fn draw(&self, seed: u64, step: u32, item: usize, out: &mut [f32]);
}

/// The coefficients of a noise ratio.
///
/// Held by `tests/unet.rs`: `the_vjp_is_that_of_finite_differences_of_plain_loops`.
pub struct At<'s> {
    /// The linear denoiser at α = 1 and σ = s.
    skip: Box<dyn JacobianAt + 's>,
    mean: Vec<f64>,
    /// The ratio s, within the range of the networks.
    pub s: f64,
    /// Factor of u − m: 1/√(1+s²).
    pub into: f64,
    /// Factor of x̂_W − m: 1/(√E(x̂_W−m)² + 0.02).
    pub guess: f64,
    /// Factor of F: √v(s).
    pub out: f64,
}

impl<'s> At<'s> {
    /// The coefficients at s, which is clamped to [`CLAMP`].
    pub fn new(skip: &'s dyn Skip, s: f64) -> Self {
        let s = s.clamp(CLAMP.0, CLAMP.1);
        let level = Level {
            t: 0.5,
            alpha: 1.0,
            sigma: s,
        };
        Self {
            skip: skip.differentiable_at(&level),
            mean: skip.mean(),
            s,
            into: 1.0 / (1.0 + s * s).sqrt(),
            guess: 1.0 / (skip.size(s) + FLOOR),
            out: skip.error(s).sqrt(),
        }
    }

    /// What F sees of a window u, folded to `[44][16][16]`; and x̂_W.
    pub fn seen(&self, u: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut guess = vec![0.0; u.len()];
        self.skip.x_hat(u, &mut guess);
        let means = self.mean.iter().cycle();
        let fluctuations =
            |x: &[f64]| -> Vec<f64> { x.iter().zip(means.clone()).map(|(x, m)| x - m).collect() };
        let seen = self.channels(&fluctuations(u), &fluctuations(&guess), 1.0);
        (seen, guess)
    }

    /// The change of both where u changes by `v`.
    pub fn seen_change(&self, v: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let guess = self.linear(v);
        (self.channels(v, &guess, 0.0), guess)
    }

    /// W(s)·v; the Jacobian of a linear denoiser is the same at every point.
    fn linear(&self, v: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; v.len()];
        self.skip.vjp(v, v, &mut out);
        out
    }

    /// u − m and x̂_W − m as F sees them, and `force`·cos 4y.
    fn channels(&self, u: &[f64], guess: &[f64], force: f64) -> Vec<f64> {
        let mut channels: Vec<f64> = u.iter().map(|x| self.into * x).collect();
        channels.extend(guess.iter().map(|x| self.guess * x));
        for y in 0..PIXELS {
            let push = force * libm::cos(WAVE * TAU * y as f64 / PIXELS as f64);
            channels.resize(channels.len() + PIXELS, push);
        }
        fold(&channels, SEEN)
    }

    /// x̂ = x̂_W + √v·F, from the output of F, `[20][16][16]`.
    pub fn x_hat(&self, guess: &[f64], f: &[f64]) -> Vec<f64> {
        let f = unfold(f, FRAMES);
        let both = guess.iter().zip(&f);
        both.map(|(guess, f)| guess + self.out * f).collect()
    }

    /// What the backward pass of F starts from for the vjp with `w`: √v·w, folded to `[20][16][16]`.
    pub fn seed(&self, w: &[f64]) -> Vec<f64> {
        let scaled: Vec<f64> = w.iter().map(|w| self.out * w).collect();
        fold(&scaled, FRAMES)
    }

    /// Jᵀw with respect to u, from `w` and from the gradient with respect to what F sees, `[44][16][16]`.
    pub fn pulled(&self, w: &[f64], gradient: &[f64]) -> Vec<f64> {
        let gradient = unfold(gradient, SEEN);
        let (direct, guess) = gradient.split_at(WINDOW);
        let through: Vec<f64> = w
            .iter()
            .zip(guess)
            .map(|(w, g)| w + self.guess * g)
            .collect();
        let mut out = self.linear(&through);
        out.iter_mut()
            .zip(direct)
            .for_each(|(out, g)| *out += self.into * g);
        out
    }

    /// What F should give for the clean window x: (x − x̂_W)/√v, folded to `[20][16][16]`.
    pub fn wanted(&self, x: &[f64], guess: &[f64]) -> Vec<f64> {
        let gap: Vec<f64> = x
            .iter()
            .zip(guess)
            .map(|(x, g)| (x - g) / self.out)
            .collect();
        fold(&gap, FRAMES)
    }
}

/// For each number of `[4·channels][16][16]`, its place in `[channels][32][32]`: channel 4c + 2i + j holds the pixels
/// (2y + i, 2x + j).
fn places(channels: usize) -> impl Iterator<Item = usize> {
    (0..4 * channels * SIDE * SIDE).map(|at| {
        let (channel, y, x) = (at / (SIDE * SIDE), at / SIDE % SIDE, at % SIDE);
        let (i, j) = (channel / 2 % 2, channel % 2);
        channel / 4 * FRAME + (2 * y + i) * PIXELS + 2 * x + j
    })
}

/// Folds 2×2 pixels into channels: `[channels][32][32]` to `[4·channels][16][16]`.
///
/// Held by `tests/unet.rs`: `folding_pixels_into_channels_can_be_undone`.
pub fn fold(x: &[f64], channels: usize) -> Vec<f64> {
    places(channels).map(|place| x[place]).collect()
}

/// The inverse of [`fold`].
pub fn unfold(x: &[f64], channels: usize) -> Vec<f64> {
    let mut out = vec![0.0; channels * FRAME];
    places(channels)
        .zip(x)
        .for_each(|(place, x)| out[place] = *x);
    out
}
