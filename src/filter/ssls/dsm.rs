//! Denoising score matching with a small network.

use super::prior::PriorScore;
use crate::filter::update::Fault;
use crate::filter::update::Parts;
use crate::rng::Noise;
use crate::rng::Stream;
use crate::special;
use std::f64::consts::PI;

/// Neurons of a hidden layer.
const WIDTH: usize = 32;
/// σ, the noise of the training, in whitened coordinates.
const SIGMA: f64 = 0.2;
/// Steps of the training; each one sees all members.
const EPOCHS: usize = 300;
/// The first step length of Adam; it falls to 0 on a cosine.
const RATE: f64 = 5e-3;

/// s(w) = W₃·tanh(W₂·tanh(W₁w + b₁) + b₂) + b₃ − w: two hidden layers of 32, and the score of N(0, I) as its first guess.
/// The parameters are one list: b₁, W₁ᵀ `[d × 32]`, b₂, W₂ᵀ `[32 × 32]`, b₃, W₃ `[d × 32]`.
///
/// Held by `src/filter/ssls/dsm.rs`: `gradients_are_those_of_finite_differences`.
#[derive(Debug, Clone)]
pub struct Network {
    dim: usize,
    parameters: Vec<f64>,
    /// The values of the hidden layers at the last place.
    first: [f64; WIDTH],
    second: [f64; WIDTH],
}

/// tanh x = 1 − 2/(e^{2x} + 1), without a branch.
#[inline(always)]
fn tanh(x: f64) -> f64 {
    1.0 - 2.0 / (special::exp(2.0 * x) + 1.0)
}

impl Network {
    /// Weights of the hidden layers ~ N(0, 1/inputs), zeros elsewhere.
    pub fn new(dim: usize, noise: Noise, cycle: u32) -> Self {
        let mut out = Self {
            dim,
            parameters: vec![],
            first: [0.0; WIDTH],
            second: [0.0; WIDTH],
        };
        out.parameters = vec![0.0; out.last() + dim * (1 + WIDTH)];
        let mut draw = |from: usize, inputs: usize| {
            let weights = &mut out.parameters[from..from + inputs * WIDTH];
            noise.normals(Stream::TrainStart, cycle, from as u64, weights);
            let scale = 1.0 / (inputs as f64).sqrt();
            weights.iter_mut().for_each(|w| *w *= scale);
        };
        draw(WIDTH, dim);
        draw(WIDTH * (2 + dim), WIDTH);
        out
    }

    /// Where b₂ begins.
    fn middle(&self) -> usize {
        WIDTH * (1 + self.dim)
    }

    /// Where b₃ begins.
    fn last(&self) -> usize {
        self.middle() + WIDTH * (1 + WIDTH)
    }

    /// Writes s(w) into `out` `[d]`.
    pub fn score(&mut self, w: &[f64], out: &mut [f64]) {
        let (first, rest) = self.parameters.split_at(self.middle());
        let (middle, last) = rest.split_at(WIDTH * (1 + WIDTH));
        layer(first, w, &mut self.first);
        layer(middle, &self.first, &mut self.second);
        let (bias, rows) = last.split_at(self.dim);
        for (i, out) in out.iter_mut().enumerate() {
            *out = bias[i] + dot(&rows[i * WIDTH..][..WIDTH], &self.second) - w[i];
        }
    }

    /// Adds the gradient of g·s(w) in the parameters to `sum`, where w is the place of the last [`Network::score`].
    fn back(&self, w: &[f64], g: &[f64], sum: &mut [f64]) {
        let (middle, last) = (self.middle(), self.last());
        let mut second = [0.0; WIDTH];
        for (i, g) in g.iter().enumerate() {
            sum[last + i] += g;
            let at = last + self.dim + i * WIDTH;
            add(&mut sum[at..at + WIDTH], *g, &self.second);
            add(&mut second, *g, &self.parameters[at..at + WIDTH]);
        }
        let mut first = [0.0; WIDTH];
        for (slope, value) in second.iter_mut().zip(&self.second) {
            *slope *= 1.0 - value * value;
        }
        add(&mut sum[middle..middle + WIDTH], 1.0, &second);
        for (k, (slope, value)) in first.iter_mut().zip(&self.first).enumerate() {
            let at = middle + WIDTH * (1 + k);
            add(&mut sum[at..at + WIDTH], *value, &second);
            *slope = dot(&self.parameters[at..at + WIDTH], &second) * (1.0 - value * value);
        }
        add(&mut sum[..WIDTH], 1.0, &first);
        for (i, w) in w.iter().enumerate() {
            let at = WIDTH * (1 + i);
            add(&mut sum[at..at + WIDTH], *w, &first);
        }
    }
}

/// tanh(b + Wx); the parameters are b and Wᵀ.
fn layer(parameters: &[f64], x: &[f64], out: &mut [f64; WIDTH]) {
    let (rows, _) = parameters.as_chunks::<WIDTH>();
    *out = rows[0];
    for (row, x) in rows[1..].iter().zip(x) {
        for k in 0..WIDTH {
            out[k] += x * row[k];
        }
    }
    for o in out {
        *o = tanh(*o);
    }
}

/// sum += factor·row.
#[inline(always)]
fn add(sum: &mut [f64], factor: f64, row: &[f64]) {
    sum.iter_mut().zip(row).for_each(|(s, r)| *s += factor * r);
}

/// a·b of one row, in four sums that the compiler vectorises.
#[inline(always)]
fn dot(a: &[f64], b: &[f64; WIDTH]) -> f64 {
    let ((a, _), (b, _)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sum = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for k in 0..4 {
            sum[k] += a[k] * b[k];
        }
    }
    (sum[0] + sum[1]) + (sum[2] + sum[3])
}

/// Adam (Kingma & Ba 2015) with β₁ = .9, β₂ = .999.
#[derive(Debug, Clone, Default)]
struct Adam {
    mean: Vec<f64>,
    square: Vec<f64>,
    /// β₁^t, β₂^t.
    decay: (f64, f64),
}

impl Adam {
    fn new(count: usize) -> Self {
        Self {
            mean: vec![0.0; count],
            square: vec![0.0; count],
            decay: (1.0, 1.0),
        }
    }

    fn step(&mut self, rate: f64, gradient: &[f64], parameters: &mut [f64]) {
        self.decay = (0.9 * self.decay.0, 0.999 * self.decay.1);
        let (first, second) = (1.0 - self.decay.0, 1.0 - self.decay.1);
        for k in 0..parameters.len() {
            let g = gradient[k];
            self.mean[k] = 0.9 * self.mean[k] + 0.1 * g;
            self.square[k] = 0.999 * self.square[k] + 0.001 * g * g;
            let size = (self.square[k] / second).sqrt() + 1e-8;
            parameters[k] -= rate * (self.mean[k] / first) / size;
        }
    }
}

/// A [`Network`] trained on the whitened members: it minimises the mean of |σs(w + σε) + ε|² (Vincent 2011), ε fresh in each
/// of 300 steps over all members. What it learns is the score of p∗N(0, σ²I), σ = .2: a prior of variance P becomes one
/// of 1.04·P. It forgets everything from cycle to cycle.
///
/// Held by `tests/filter/score_updates.rs`: `one_update_has_the_moments_of_each_prior`.
#[derive(Debug, Clone)]
pub struct Dsm {
    network: Network,
    adam: Adam,
    members: Vec<f64>,
    gradient: Vec<f64>,
    epoch: usize,
    parts: Parts,
    noise: Noise,
    cycle: u32,
}

impl Dsm {
    /// Nothing learned yet.
    pub fn new(dim: usize) -> Self {
        let noise = Noise::new(0);
        Self {
            network: Network::new(dim, noise, 0),
            adam: Adam::default(),
            members: vec![],
            gradient: vec![],
            epoch: 0,
            parts: Parts::default(),
            noise,
            cycle: 0,
        }
    }

    /// Adds the gradient of the loss of the members `range`.
    fn add(&mut self, range: std::ops::Range<usize>) {
        let d = self.network.dim;
        let share = 2.0 * SIGMA * d as f64 / self.members.len() as f64;
        let (mut noise, mut w, mut s) = (vec![0.0; d], vec![0.0; d], vec![0.0; d]);
        for j in range {
            let first = ((self.epoch as u64) << 40) + (j * d) as u64;
            self.noise
                .normals(Stream::TrainNoise, self.cycle, first, &mut noise);
            for i in 0..d {
                w[i] = self.members[j * d + i] + SIGMA * noise[i];
            }
            self.network.score(&w, &mut s);
            for i in 0..d {
                s[i] = share * (SIGMA * s[i] + noise[i]);
            }
            self.network.back(&w, &s, &mut self.gradient);
        }
    }
}

/// The price of a member in an epoch: forward and backward.
fn price(dim: usize) -> f64 {
    60.0 + 8.0 * dim as f64
}

impl PriorScore for Dsm {
    fn begin(&mut self, w: &[f64], dim: usize, noise: Noise, cycle: u32) {
        self.network = Network::new(dim, noise, cycle);
        let count = self.network.parameters.len();
        self.adam = Adam::new(count);
        self.gradient = vec![0.0; count];
        self.members = w.to_vec();
        self.epoch = 0;
        self.parts = Parts::default();
        (self.noise, self.cycle) = (noise, cycle);
    }

    fn learn(&mut self, work: &mut f64) -> Result<bool, Fault> {
        let d = self.network.dim;
        let n = self.members.len() / d;
        if let Some(range) = self.parts.next(n, price(d), work) {
            self.add(range);
            return Ok(false);
        }
        let rate = RATE * 0.5 * (1.0 + libm::cos(PI * self.epoch as f64 / EPOCHS as f64));
        self.adam
            .step(rate, &self.gradient, &mut self.network.parameters);
        self.gradient.fill(0.0);
        self.epoch += 1;
        Ok(self.epoch == EPOCHS)
    }

    fn score(&mut self, w: &[f64], _width: f64, out: &mut [f64]) {
        self.network.score(w, out);
    }

    fn learning_cost(&self, n: usize, dim: usize) -> f64 {
        (n * EPOCHS) as f64 * price(dim)
    }

    fn score_cost(&self, _n: usize, dim: usize) -> f64 {
        25.0 + 3.0 * dim as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_those_of_finite_differences() {
        for dim in [1, 3] {
            let mut net = Network::new(dim, Noise::new(5), 1);
            let count = net.parameters.len();
            Noise::new(6).normals(Stream::Data, 0, 0, &mut net.parameters);
            net.parameters.iter_mut().for_each(|p| *p *= 0.3);
            let (w, g) = (&[0.4, -1.1, 0.7][..dim], &[0.9, -0.3, 0.5][..dim]);
            let mut out = vec![0.0; dim];
            let value = |net: &mut Network, out: &mut [f64]| -> f64 {
                net.score(w, out);
                out.iter().zip(g).map(|(o, g)| o * g).sum()
            };
            value(&mut net, &mut out);
            let mut gradient = vec![0.0; count];
            net.back(w, g, &mut gradient);
            for (k, gradient) in gradient.iter().enumerate() {
                let at = net.parameters[k];
                net.parameters[k] = at + 1e-5;
                let high = value(&mut net, &mut out);
                net.parameters[k] = at - 1e-5;
                let low = value(&mut net, &mut out);
                net.parameters[k] = at;
                let slope = (high - low) / 2e-5;
                assert!((gradient - slope).abs() < 1e-7, "{k}: {slope}");
            }
        }
    }
}
