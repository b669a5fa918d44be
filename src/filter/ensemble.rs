//! An ensemble of states with its moments.

use super::resample::systematic;

/// Members `[n × dim]`, one after the other, and their weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    dim: usize,
    /// The states, `[n × dim]`.
    pub x: Vec<f64>,
    /// The weights `[n]`, which add up to 1; `None` if they are equal.
    pub weights: Option<Vec<f64>>,
}

/// What a method says about the state: mean and variance of each coordinate.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Estimate {
    /// `[dim]`.
    pub mean: Vec<f64>,
    /// `[dim]`.
    pub variance: Vec<f64>,
    /// The effective number of members 1/Σw², of methods that weigh their members.
    pub ess: Option<f64>,
}

impl Estimate {
    /// Of the normal law N(`mean`, `covariance`), `[dim]` and `[dim × dim]`.
    pub fn of_normal(mean: &[f64], covariance: &[f64]) -> Self {
        Self {
            mean: mean.to_vec(),
            variance: covariance.iter().step_by(mean.len() + 1).copied().collect(),
            ess: None,
        }
    }
}

impl Ensemble {
    /// Members `x` `[n × dim]` of equal weight.
    pub fn new(dim: usize, x: Vec<f64>) -> Self {
        Self {
            dim,
            x,
            weights: None,
        }
    }

    /// Number of coordinates.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.x.len() / self.dim
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// Member `j`.
    pub fn member(&self, j: usize) -> &[f64] {
        &self.x[j * self.dim..][..self.dim]
    }

    /// The weighted mean `[dim]`.
    pub fn mean(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.dim];
        let n = self.len();
        for (j, x) in self.x.chunks_exact(self.dim).enumerate() {
            let w = self.weights.as_ref().map_or(1.0, |w| w[j]);
            out.iter_mut().zip(x).for_each(|(o, x)| *o += w * x);
        }
        if self.weights.is_none() {
            out.iter_mut().for_each(|o| *o /= n as f64);
        }
        out
    }

    /// The weight of member `j`; the weights add up to 1.
    pub fn weight(&self, j: usize) -> f64 {
        let equal = 1.0 / self.len() as f64;
        self.weights.as_ref().map_or(equal, |w| w[j])
    }

    /// `count` members of equal weight `[count × dim]`, drawn systematically: member j stands there count·w_j times, rounded
    /// up or down. As many members of equal weight as there are give all of them.
    ///
    /// Held by `tests/filter/accuracy.rs`: `members_are_drawn_by_their_weights`.
    pub fn drawn(&self, count: usize) -> Vec<f64> {
        let weights: Vec<f64> = (0..self.len()).map(|j| self.weight(j)).collect();
        let picked = systematic(&weights, count, 0.5);
        let members = picked.iter().flat_map(|&j| self.member(j as usize));
        members.copied().collect()
    }

    /// Least and largest value of coordinate `i`.
    pub fn range(&self, i: usize) -> [f64; 2] {
        let values = self.x.iter().skip(i).step_by(self.dim);
        values.fold([f64::INFINITY, f64::NEG_INFINITY], |[lo, hi], x| {
            [lo.min(*x), hi.max(*x)]
        })
    }

    /// The density of coordinate `i` in `count` bins of this width from `first` on; members outside of them are in none.
    ///
    /// Held by `tests/filter/accuracy.rs`: `quantiles_and_bins_count_weights`.
    pub fn histogram(&self, i: usize, first: f64, width: f64, count: usize) -> Vec<f64> {
        let mut out = vec![0.0; count];
        for j in 0..self.len() {
            let place = (self.member(j)[i] - first) / width;
            // The largest value may lie on the right edge.
            if place >= 0.0 && place <= count as f64 {
                out[(place as usize).min(count - 1)] += self.weight(j) / width;
            }
        }
        out
    }

    /// 1/(1 − Σw²), which makes a weighted variance unbiased: N/(N − 1) for equal weights. 0 if one member has all weight.
    fn unbias(&self) -> f64 {
        let left = 1.0 - 1.0 / self.ess();
        if left > 1e-12 { 1.0 / left } else { 0.0 }
    }

    /// 1/Σw².
    ///
    /// Held by `tests/filter/updates.rs`: `weights_die_exponentially_in_the_dimension`.
    pub fn ess(&self) -> f64 {
        match &self.weights {
            None => self.len() as f64,
            Some(w) => 1.0 / w.iter().map(|w| w * w).sum::<f64>(),
        }
    }

    /// Mean and variances; equal weights give the variance Σ(x − x̄)²/(N − 1).
    pub fn estimate(&self) -> Estimate {
        let mean = self.mean();
        let n = self.len();
        let mut variance = vec![0.0; self.dim];
        for (j, x) in self.x.chunks_exact(self.dim).enumerate() {
            let w = self.weights.as_ref().map_or(1.0 / n as f64, |w| w[j]);
            for i in 0..self.dim {
                let gap = x[i] - mean[i];
                variance[i] += w * gap * gap;
            }
        }
        let scale = self.unbias();
        variance.iter_mut().for_each(|v| *v *= scale);
        Estimate {
            mean,
            variance,
            ess: self.weights.as_ref().map(|_| self.ess()),
        }
    }

    /// The covariance matrix `[dim × dim]`, with the weights and normalised as in [`Ensemble::estimate`].
    pub fn covariance(&self) -> Vec<f64> {
        let (mean, d) = (self.mean(), self.dim);
        let n = self.len();
        let mut out = vec![0.0; d * d];
        let mut gap = vec![0.0; d];
        for (j, x) in self.x.chunks_exact(d).enumerate() {
            let w = self.weights.as_ref().map_or(1.0 / n as f64, |w| w[j]);
            for i in 0..d {
                gap[i] = x[i] - mean[i];
            }
            for i in 0..d {
                let row = &mut out[i * d..][..d];
                let factor = w * gap[i];
                row.iter_mut().zip(&gap).for_each(|(o, g)| *o += factor * g);
            }
        }
        let scale = self.unbias();
        out.iter_mut().for_each(|v| *v *= scale);
        out
    }

    /// Multiplies the anomalies x − x̄ by `factor`.
    pub fn inflate(&mut self, factor: f64) {
        if factor == 1.0 {
            return;
        }
        let (mean, d) = (self.mean(), self.dim);
        for x in self.x.chunks_exact_mut(d) {
            for i in 0..d {
                x[i] = mean[i] + factor * (x[i] - mean[i]);
            }
        }
    }
}
