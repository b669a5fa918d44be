//! Coordinates in which an ensemble has mean 0 and covariance I.

use crate::dynamics::Model;
use crate::filter::dense;
use crate::filter::ensemble::Ensemble;
use crate::filter::localise::taper;
use crate::filter::update::Fault;
use crate::filter::update::Parts;

/// x = m + Lw, where m is the mean of the members and LLᵀ their covariance (divided by N − 1), multiplied by Gaspari &
/// Cohn's correlations if there is a radius. Directions in which no member differs stay at w = 0.
///
/// Held by `src/filter/ssls/whitening.rs`: `whitened_members_have_mean_zero_and_covariance_one`.
#[derive(Debug, Clone, Default)]
pub struct Whitening {
    mean: Vec<f64>,
    /// L `[d × d]`; until all members are counted, the sum of products.
    factor: Vec<f64>,
    /// The variances C_ii `[d]`.
    variance: Vec<f64>,
    parts: Parts,
}

impl Whitening {
    /// Begins with the members of `ensemble`.
    pub fn begin(&mut self, ensemble: &Ensemble) {
        let d = ensemble.dim();
        self.mean = ensemble.mean();
        self.factor = vec![0.0; d * d];
        self.parts = Parts::default();
    }

    /// Goes on, at least one part. Returns whether all is done.
    ///
    /// # Errors
    /// If all members are the same, or the coordinates are no places for a localisation.
    pub fn learn(
        &mut self,
        ensemble: &Ensemble,
        model: &dyn Model,
        radius: Option<f64>,
        work: &mut f64,
    ) -> Result<bool, Fault> {
        let (n, d) = (ensemble.len(), ensemble.dim());
        let mut gap = vec![0.0; d];
        if let Some(range) = self.parts.next(n, covariance_price(d), work) {
            for j in range {
                for (g, (x, m)) in gap
                    .iter_mut()
                    .zip(ensemble.member(j).iter().zip(&self.mean))
                {
                    *g = x - m;
                }
                for i in 0..d {
                    let row = &mut self.factor[i * d..][..=i];
                    row.iter_mut().zip(&gap).for_each(|(c, g)| *c += gap[i] * g);
                }
            }
            return Ok(false);
        }
        let scale = 1.0 / (n as f64 - 1.0);
        for i in 0..d {
            for j in 0..=i {
                let rho = radius.map_or(Ok(1.0), |c| taper(model, c, i, j))?;
                let value = scale * rho * self.factor[i * d + j];
                (self.factor[i * d + j], self.factor[j * d + i]) = (value, value);
            }
        }
        self.variance = (0..d).map(|i| self.factor[i * d + i]).collect();
        // The mean of equal numbers differs from them by its rounding.
        let same = |(v, m): (&f64, &f64)| *v <= 1e-24 * m * m;
        if self.variance.iter().zip(&self.mean).all(same) {
            return Err(Fault::new(
                "The members have collapsed to one point, so that they say nothing of the prior.",
                "Choose more members, model noise or inflation.",
            ));
        }
        dense::factor_semidefinite(&mut self.factor, d);
        *work -= 0.01 * (d * d * d) as f64;
        Ok(true)
    }

    /// L `[d × d]`, lower.
    pub fn factor(&self) -> &[f64] {
        &self.factor
    }

    /// C_ii `[d]`.
    pub fn variance(&self) -> &[f64] {
        &self.variance
    }

    /// w of x, both `[d]`.
    pub fn whiten(&self, x: &[f64], w: &mut [f64]) {
        let d = x.len();
        for i in 0..d {
            let row = &self.factor[i * d..][..=i];
            let sum: f64 = row[..i].iter().zip(&*w).map(|(l, w)| l * w).sum();
            w[i] = if row[i] > 0.0 {
                (x[i] - self.mean[i] - sum) / row[i]
            } else {
                0.0
            };
        }
    }

    /// x of w, both `[d]`.
    pub fn place(&self, w: &[f64], x: &mut [f64]) {
        let d = w.len();
        for (i, x) in x.iter_mut().enumerate() {
            let row = &self.factor[i * d..][..=i];
            let sum: f64 = row.iter().zip(w).map(|(l, w)| l * w).sum();
            *x = self.mean[i] + sum;
        }
    }

    /// The price of all but the factor for `n` members, in units.
    pub fn cost(n: usize, d: usize) -> f64 {
        n as f64 * (covariance_price(d) + 0.1 * d as f64) + 0.01 * (d * d * d) as f64
    }
}

fn covariance_price(d: usize) -> f64 {
    0.1 * d as f64 + 0.03 * (d * d) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::ModelKind;
    use crate::rng::Noise;
    use crate::rng::Stream;

    #[test]
    fn whitened_members_have_mean_zero_and_covariance_one() {
        let (n, d) = (20, 3);
        let mut x = vec![0.0; n * d];
        Noise::new(3).normals(Stream::Data, 0, 0, &mut x);
        for x in x.chunks_exact_mut(d) {
            x[1] = 2.0 + x[1] - 0.7 * x[0];
            x[2] = 3.0 * x[2] + x[1];
        }
        let ensemble = Ensemble::new(d, x);
        let model = ModelKind::Lorenz63.model().unwrap();
        let mut white = Whitening::default();
        white.begin(&ensemble);
        while !white.learn(&ensemble, &*model, None, &mut 1.0).unwrap() {}
        let mut w = vec![0.0; n * d];
        let mut back = vec![0.0; d];
        for j in 0..n {
            white.whiten(ensemble.member(j), &mut w[j * d..][..d]);
            white.place(&w[j * d..][..d], &mut back);
            for (b, x) in back.iter().zip(ensemble.member(j)) {
                assert!((b - x).abs() < 1e-13);
            }
        }
        let w = Ensemble::new(d, w);
        for (i, c) in w.covariance().iter().enumerate() {
            let unit = f64::from(u8::from(i % d == i / d));
            assert!((c - unit).abs() < 1e-12, "{c}");
        }
        assert!(w.mean().iter().all(|m| m.abs() < 1e-14));
    }
}
