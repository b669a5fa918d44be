//! Exact laws. A law is a probability distribution with closed forms of its density, its distribution function,
//! its draws and its denoiser.
//!
//! Held by `src/law/tests.rs`: `each_law_is_its_definition`, `samples_have_the_moments_of_the_law`.

mod diffused;
mod named;
mod part;
mod points;
mod softmax;
pub mod space;
mod truncated;

pub use diffused::Diffused;
pub use named::LineLaw;
pub use named::PlaneLaw;
pub use part::Part;

use crate::denoise::{DenoiseAt, Denoiser};
use crate::level::Level;
use crate::rng::{Noise, Stream};
use crate::special;

/// A law (probability distribution) on the line: a finite mixture of intervals and normals, p = Σ_i w_i p_i.
///
/// One type describes every 1-D target: a uniform law is one interval, a comb is several intervals, a mixture is
/// several normals, and an empirical law is m normals of width 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    /// Ordered by centre; the weights add up to 1.
    parts: Vec<Part>,
}

impl Law {
    /// The mixture of `parts` with normalised weights. There is at least one part, and every weight is positive.
    fn new(mut parts: Vec<Part>) -> Self {
        let total: f64 = parts.iter().map(|p| p.weight).sum();
        for part in &mut parts {
            part.weight /= total;
        }
        parts.sort_by(|p, q| p.centre.total_cmp(&q.centre));
        Self { parts }
    }

    /// The uniform law U[lo, hi].
    pub fn uniform(lo: f64, hi: f64) -> Self {
        Self::new(vec![Part::interval(1.0, lo, hi)])
    }

    /// The normal law N(mean, sd²).
    pub fn gaussian(mean: f64, sd: f64) -> Self {
        Self::new(vec![Part::normal(1.0, mean, sd)])
    }

    /// Σ wᵢ N(meansᵢ, sdsᵢ²) with normalised weights. The three slices have the same length ≥ 1.
    pub fn mixture(means: &[f64], sds: &[f64], weights: &[f64]) -> Self {
        let parts = means.iter().zip(sds).zip(weights);
        Self::new(parts.map(|((&m, &s), &w)| Part::normal(w, m, s)).collect())
    }

    /// Uniform on ∪_j [j/K, (j + duty)/K], j = 0 … K−1.
    pub fn comb(teeth: u32, duty: f64) -> Self {
        let k = f64::from(teeth);
        let tooth = |j: u32| Part::interval(1.0, f64::from(j) / k, (f64::from(j) + duty) / k);
        Self::new((0..teeth).map(tooth).collect())
    }

    /// The empirical law of `points`, which a network that memorises its data perfectly has learned.
    pub fn empirical(points: &[f64]) -> Self {
        Self::new(points.iter().map(|&x| Part::normal(1.0, x, 0.0)).collect())
    }

    /// The parts, ordered by centre.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The law of x_t = α·x₀ + σ·z. Its formulas stand at the head of `src/law/diffused.rs`.
    pub fn diffuse(&self, level: &Level) -> Diffused {
        Diffused::new(&self.parts, (self.mean(), self.variance()), level)
    }

    /// E x₀.
    pub fn mean(&self) -> f64 {
        self.parts.iter().map(|p| p.weight * p.centre).sum()
    }

    /// Var x₀.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        let one = |p: &Part| p.weight * (p.variance() + (p.centre - mean) * (p.centre - mean));
        self.parts.iter().map(one).sum()
    }

    /// The independent draws `first..first + out.len()` of x₀ on `stream`.
    ///
    /// Held by `src/law/tests.rs`: `samples_have_the_moments_of_the_law`.
    pub fn sample(&self, noise: &Noise, stream: Stream, first: u64, out: &mut [f64]) {
        for (i, x) in out.iter_mut().enumerate() {
            let index = first + i as u64;
            let (which, within) = (
                noise.uniform(stream, 0, index),
                noise.uniform(stream, 1, index),
            );
            let mut left = which;
            let last = self.parts.len() - 1;
            let chosen = self.parts[..last].iter().find(|p| {
                left -= p.weight;
                left < 0.0
            });
            let p = chosen.unwrap_or(&self.parts[last]);
            *x = if p.half_width > 0.0 {
                p.centre + p.half_width * (2.0 * within - 1.0)
            } else {
                p.centre + p.sd * special::quantile(within)
            };
        }
    }
}

impl Law {
    fn is_points(&self) -> bool {
        let is_point = |p: &Part| p.half_width == 0.0 && p.sd == 0.0;
        self.parts.iter().all(is_point)
    }

    /// [`Denoiser::price`] at a level, which counts for points at little noise; without noise, every part is summed.
    pub fn price_at(&self, level: &Level) -> usize {
        let s = level.ratio();
        match self.is_points() && self.parts.len() > points::SERIES_PRICE && s.is_finite() {
            true if s > 0.0 => points::price(self.parts.len(), self.variance().sqrt(), s),
            true => self.parts.len() / SUMMED,
            false => self.price(),
        }
    }
}

/// Parts that are summed in a unit of work, where nothing else is to be computed of them.
const SUMMED: usize = 10;

impl Denoiser for Law {
    /// A unit for each normal, two for an interval; far less where all are normals of one standard deviation.
    fn price(&self) -> usize {
        let intervals = self.parts.iter().filter(|p| p.half_width > 0.0).count();
        let sums = softmax::price(self.parts.len());
        match self.is_points() {
            true => sums.min(points::SERIES_PRICE),
            false if diffused::has_sums(&self.parts) => sums,
            false => self.parts.len() + intervals,
        }
    }

    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(self.diffuse(level))
    }
}

impl DenoiseAt for Diffused {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        assert_eq!(x_t.len(), out.len(), "x_hat: one output for each particle");
        self.x_hat_all(x_t, out);
    }
}

#[cfg(test)]
mod tests;
