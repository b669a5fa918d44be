//! A mixture of isotropic normals, Σ_k w_k N(c_k, sd²·I).

use crate::rng::Noise;
use crate::rng::Stream;

/// Standard deviations of a normal that count as its bulk.
const BULK: f64 = 3.0;

/// The mixture Σ_k w_k N(c_k, sd²·I).
///
/// One type describes every smooth shape of the plane (a row of normals along a curve, so close that no ripple
/// shows), every drawing, and every empirical law (sd = 0).
///
/// Held by `src/law/space/tests.rs`: `density_and_denoiser_agree_with_quadrature`,
/// `samples_have_the_mean_and_variance_of_the_law`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cloud {
    dim: usize,
    centres: Vec<f64>,
    weights: Vec<f64>,
    sd: f64,
}

impl Cloud {
    /// Interleaved centres with `dim` coordinates each, and one positive weight per centre; the weights are normalised
    /// here.
    pub(super) fn new(dim: usize, centres: Vec<f64>, mut weights: Vec<f64>, sd: f64) -> Self {
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= total);
        Self {
            dim,
            centres,
            weights,
            sd,
        }
    }

    /// Coordinates of a point.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The centres c_k, interleaved.
    pub fn centres(&self) -> &[f64] {
        &self.centres
    }

    /// The weights w_k, which add up to 1.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Standard deviation of each normal in each coordinate; 0 for point masses.
    pub fn sd(&self) -> f64 {
        self.sd
    }

    pub(super) fn mean(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.dim];
        for (c, w) in self.centres.chunks_exact(self.dim).zip(&self.weights) {
            mean.iter_mut().zip(c).for_each(|(m, c)| *m += w * c);
        }
        mean
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.mean();
        let mut sum = 0.0;
        for (c, w) in self.centres.chunks_exact(self.dim).zip(&self.weights) {
            let square = c.iter().zip(&mean).map(|(c, m)| (c - m) * (c - m));
            sum += w * square.sum::<f64>();
        }
        sum / self.dim as f64 + self.sd * self.sd
    }

    pub(super) fn reach(&self) -> f64 {
        let far = self
            .centres
            .iter()
            .fold(0.0, |far: f64, c| far.max(c.abs()));
        far + BULK * self.sd
    }

    /// The centre comes from step 0, by inversion of the weights; the normal comes from step 1.
    pub(super) fn sample(&self, noise: &Noise, stream: Stream, first: u64, out: &mut [f64]) {
        noise.normals(stream, 1, first * self.dim as u64, out);
        let below: Vec<f64> = self
            .weights
            .iter()
            .scan(0.0, |sum, w| {
                *sum += w;
                Some(*sum)
            })
            .collect();
        for (i, x) in out.chunks_mut(self.dim).enumerate() {
            let u = noise.uniform(stream, 0, first + i as u64);
            let k = below.partition_point(|&b| b <= u).min(below.len() - 1);
            let centre = &self.centres[k * self.dim..];
            for (x, c) in x.iter_mut().zip(centre) {
                *x = c + self.sd * *x;
            }
        }
    }
}
