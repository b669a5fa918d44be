//! Small networks on windows, a skip that costs nothing, and what compares numbers.

use scorefield::denoise::{DenoiseAt, Denoiser, Differentiable, JacobianAt};
use scorefield::level::Level;
use scorefield::net::unet::{FRAME, FieldNet, PIXELS, Shape, Skip};
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

/// A shape with different widths, none of whole lanes, and with several blocks where it may have them.
pub const SMALLEST: Shape = Shape {
    widths: [4, 6, 5],
    down: [1, 2, 1],
    up: [2, 1],
};

/// A network whose every weight matters: the start of a training, with noise on all of it.
pub fn net(shape: Shape) -> FieldNet {
    let mut weights = shape.start(5);
    let noise = numbers(weights.len(), 3);
    weights
        .iter_mut()
        .zip(noise)
        .for_each(|(w, z)| *w += 0.03 * z as f32);
    FieldNet::new(shape, &weights, String::new())
}

/// The level of a noise ratio.
pub fn level(alpha: f64, s: f64) -> Level {
    Level {
        t: 0.5,
        alpha,
        sigma: alpha * s,
    }
}

/// The largest difference.
pub fn largest(a: &[f64], b: &[f64]) -> f64 {
    let gaps = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    gaps.fold(0.0, f64::max)
}

/// Σ a·b.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
