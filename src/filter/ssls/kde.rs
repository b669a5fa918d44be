//! The score of a kernel density.

use super::prior::PriorScore;
use crate::filter::cloud::Cloud;
use crate::rng::Noise;

/// p(w) = (1/N)Σ_j N(w; w_j, b²I): ∇log p = (Σ_j π_j w_j − w)/b² with π_j ∝ exp(−|w − w_j|²/(2b²)). It blurs: a prior of
/// variance P becomes one of P(1 + b²).
///
/// The final width is b = f·(4/((d + 2)N))^{1/(d + 4)}, Silverman's rule times f. The levels go from 1 to b in equal ratios,
/// so that the first prior has one mode. The work of an update grows with N on the line, otherwise with N².
///
/// Held by `src/filter/ssls/kde.rs`: `the_score_is_the_slope_of_the_log_density`, `widths_fall_from_one_to_silvermans`.
#[derive(Debug, Clone)]
pub struct Kde {
    /// f.
    bandwidth: f64,
    /// Number of levels.
    levels: usize,
    /// Number of members, and their cloud.
    count: usize,
    dim: usize,
    cloud: Cloud,
}

impl Kde {
    /// A kernel density of the width `bandwidth` times Silverman's, in that many `levels`.
    pub fn new(bandwidth: f64, levels: usize) -> Self {
        Self {
            bandwidth,
            levels,
            count: 0,
            dim: 1,
            cloud: Cloud::default(),
        }
    }
}

impl PriorScore for Kde {
    fn begin(&mut self, w: &[f64], dim: usize, _noise: Noise, _cycle: u32) {
        self.count = w.len() / dim;
        self.dim = dim;
        self.cloud = Cloud::new(w, dim);
    }

    fn widths(&self) -> Vec<f64> {
        let d = self.dim as f64;
        let base = 4.0 / ((d + 2.0) * self.count as f64);
        let last = self.bandwidth * libm::pow(base, 1.0 / (d + 4.0));
        let level = |i: usize| match (i + 1 == self.levels, self.levels) {
            (true, _) => last,
            (false, levels) => libm::pow(last, i as f64 / (levels - 1) as f64),
        };
        (0..self.levels).map(level).collect()
    }

    fn score(&mut self, w: &[f64], width: f64, out: &mut [f64]) {
        let variance = width * width;
        self.cloud.mean(w, 1.0, variance, out);
        out.iter_mut()
            .zip(w)
            .for_each(|(o, w)| *o = (*o - w) / variance);
    }

    fn precision(&self, width: f64) -> f64 {
        1.0 / (width * width)
    }

    fn score_cost(&self, n: usize, dim: usize) -> f64 {
        Cloud::cost(n, dim, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_the_slope_of_the_log_density() {
        let members = [0.3, -1.0, 1.2, 0.4, -0.9, 0.1];
        let mut kde = Kde::new(0.7, 1);
        kde.begin(&members, 2, Noise::new(0), 1);
        let log_density = |w: [f64; 2]| {
            let kernel = |c: &[f64]| {
                let gap = (w[0] - c[0]).powi(2) + (w[1] - c[1]).powi(2);
                libm::exp(-gap / (2.0 * 0.16))
            };
            libm::log(members.chunks(2).map(kernel).sum())
        };
        let (mut out, e) = ([0.0; 2], 1e-5);
        kde.score(&[0.2, 0.5], 0.4, &mut out);
        let slopes = [
            (log_density([0.2 + e, 0.5]) - log_density([0.2 - e, 0.5])) / (2.0 * e),
            (log_density([0.2, 0.5 + e]) - log_density([0.2, 0.5 - e])) / (2.0 * e),
        ];
        assert!((out[0] - slopes[0]).abs() < 1e-8 && (out[1] - slopes[1]).abs() < 1e-8);
    }

    #[test]
    fn widths_fall_from_one_to_silvermans() {
        let mut kde = Kde::new(0.5, 3);
        kde.begin(&[0.0; 100], 1, Noise::new(0), 1);
        let last = 0.5 * libm::pow(4.0 / 300.0, 0.2);
        for (own, known) in kde.widths().iter().zip([1.0, last.sqrt(), last]) {
            assert!((own - known).abs() < 1e-15);
        }
    }
}
