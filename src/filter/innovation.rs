//! What an observation says about a normal law, to first order.

use super::dense;
use super::observation::Observation;
use super::update::Fault;

/// The parts of Kalman's update of N(m, P) by y: with H = h'(m), K = PHᵀ(HPHᵀ + R)⁻¹.
///
/// Held by `tests/filter/exact.rs`: `one_kalman_update_is_the_closed_form`.
#[derive(Debug)]
pub(super) struct Innovation {
    /// HP `[rows × dim]`.
    pub cross: Vec<f64>,
    /// The Cholesky factor of HPHᵀ + R `[rows × rows]`.
    pub factor: Vec<f64>,
    /// y − h(m) `[rows]`.
    pub gap: Vec<f64>,
    /// Kᵀ `[rows × dim]`.
    pub gain: Vec<f64>,
}

impl Innovation {
    /// Of the law N(`mean`, `covariance`), `[dim]` and `[dim × dim]`.
    ///
    /// # Errors
    /// If HPHᵀ + R is not positive definite.
    pub fn new(mean: &[f64], covariance: &[f64], observation: &Observation) -> Result<Self, Fault> {
        let (d, p) = (mean.len(), observation.rows());
        let sensor = observation.sensor();
        let seen = sensor.indices();
        let slope = |&i: &usize| sensor.operator().slope(mean[i]);
        let slopes: Vec<f64> = seen.iter().map(slope).collect();
        let mut cross = vec![0.0; p * d];
        for ((row, &i), slope) in cross.chunks_exact_mut(d).zip(seen).zip(&slopes) {
            let own = covariance[i * d..][..d].iter();
            row.iter_mut().zip(own).for_each(|(o, c)| *o = slope * c);
        }
        let mut factor = vec![0.0; p * p];
        for k in 0..p {
            for (l, &j) in seen.iter().enumerate() {
                factor[k * p + l] = cross[k * d + j] * slopes[l];
            }
            factor[k * p + k] += observation.variance();
        }
        if !dense::cholesky(&mut factor, p) {
            return Err(Fault::new(
                "The covariance of the predicted observations is not positive definite.",
                "Choose more noise of the observations.",
            ));
        }
        let mut gap = vec![0.0; p];
        sensor.predict(mean, &mut gap);
        gap.iter_mut()
            .zip(observation.values())
            .for_each(|(g, y)| *g = y - *g);
        let mut gain = cross.clone();
        dense::solve(&factor, p, &mut gain);
        Ok(Self {
            cross,
            factor,
            gap,
            gain,
        })
    }

    /// (HPHᵀ + R)⁻¹(y − h(m)) `[rows]`.
    pub fn solved(&self) -> Vec<f64> {
        let mut out = self.gap.clone();
        dense::solve(&self.factor, out.len(), &mut out);
        out
    }

    /// P ← P − KHP.
    pub fn reduce(&self, covariance: &mut [f64]) {
        let p = self.gap.len();
        let d = self.cross.len() / p;
        for (cross, gain) in self.cross.chunks_exact(d).zip(self.gain.chunks_exact(d)) {
            for (row, factor) in covariance.chunks_exact_mut(d).zip(gain) {
                row.iter_mut()
                    .zip(cross)
                    .for_each(|(c, x)| *c -= factor * x);
            }
        }
    }

    /// The price of an update, in units.
    pub fn cost(d: usize, p: usize) -> f64 {
        let (d, p) = (d as f64, p as f64);
        0.03 * p * (p * p / 3.0 + 2.0 * p * d + d * d) + 1.0
    }
}
