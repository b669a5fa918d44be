//! A skip that costs nothing.

use scorefield::denoise::{DenoiseAt, Denoiser, Differentiable, JacobianAt};
use scorefield::level::Level;
use scorefield::net::unet::{FRAME, PIXELS, Skip};
use scorefield::rng::{Noise, Stream};

/// Standard normal numbers.
pub fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut out = vec![0.0; count];
    Noise::new(seed).normals(Stream::Data, 0, 0, &mut out);
    out
}

/// A linear denoiser that averages along x and shrinks, around a mean that depends on the place.
pub struct Smooth;

/// The mean of the frame.
fn mean(i: usize) -> f64 {
    0.3 * ((i % FRAME) as f64).sin()
}

impl Smooth {
    /// out = after·m + W(x − before·m), with W by the gain.
    fn apply(gain: f64, [before, after]: [f64; 2], x: &[f64], out: &mut [f64]) {
        let moved: Vec<f64> = x
            .iter()
            .enumerate()
            .map(|(i, x)| x - before * mean(i))
            .collect();
        for (i, out) in out.iter_mut().enumerate() {
            let row = &moved[i / PIXELS * PIXELS..];
            let at = |by: usize| row[(i + by) % PIXELS];
            let average = 0.5 * at(0) + 0.25 * (at(1) + at(PIXELS - 1));
            *out = after * mean(i) + gain * average;
        }
    }
}

/// The level of a [`Smooth`].
struct At(Level);

impl At {
    fn gain(&self) -> f64 {
        let (a, s) = (self.0.alpha, self.0.sigma);
        a / (a * a + s * s)
    }
}

impl DenoiseAt for At {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        Smooth::apply(self.gain(), [self.0.alpha, 1.0], x_t, out);
    }
}

impl JacobianAt for At {
    fn jvp(&self, _: &[f64], v: &[f64], out: &mut [f64]) {
        Smooth::apply(self.gain(), [0.0, 0.0], v, out);
    }

    fn vjp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.jvp(x_t, v, out);
    }
}

impl Denoiser for Smooth {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(At(*level))
    }
}

impl Differentiable for Smooth {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(At(*level))
    }
}

impl Skip for Smooth {
    fn mean(&self) -> Vec<f64> {
        (0..FRAME).map(mean).collect()
    }

    fn error(&self, s: f64) -> f64 {
        s * s / (1.0 + s * s)
    }

    fn size(&self, s: f64) -> f64 {
        1.0 / (1.0 + s * s).sqrt()
    }
}
