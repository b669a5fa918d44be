//! The numbers of a run of chains, each beside what exact draws of the same size have.

use super::ChainLab;
use super::Score;
use super::reference::Kind;
use crate::labs::Metric;
use crate::labs::run::short;
use crate::process::Matrix;
use crate::process::lgssm::{gaussian_w2, moments};

/// Numbers of a chain up to which W₂ is computed: it costs eigenvalues.
const SMALL: usize = 132;

/// The numbers of one sample.
struct Numbers {
    mean: f64,
    covariance: f64,
    w2: f64,
}

impl ChainLab {
    pub(super) fn numbers(&self, x: Option<&[f64]>) -> Vec<Metric> {
        let x = x.filter(|x| x.iter().all(|x| x.is_finite()));
        let exact = self.reference.covariance();
        let mut rows = Vec::new();
        if self.reference.kind != Kind::None {
            let own = x.map(|x| self.against(x, exact.as_ref()));
            let fresh = x.map(|_| {
                let draws = self.reference.draws(self.setup.seed, self.setup.n);
                self.against(&draws, exact.as_ref())
            });
            let mut push = |key, label, of: fn(&Numbers) -> f64, help| {
                let value = own.as_ref().map(of).filter(|v| v.is_finite());
                let reference = fresh.as_ref().map_or(f64::NAN, of);
                if value.is_some() || x.is_none() {
                    rows.push(metric(key, label, value, reference, help));
                }
            };
            push("mean_err", "mean error", |n| n.mean, MEAN);
            if exact.is_some() {
                push("cov_err", "covariance error", |n| n.covariance, COVARIANCE);
                if self.chain.dim() <= SMALL {
                    push(
                        "w2",
                        "W₂",
                        |n| n.w2,
                        "W₂ between the normal law of the samples' mean and covariance and the exact law; beside it the same of exact draws.",
                    );
                }
            }
        }
        let lag = |c: &Matrix<f64>| self.lag_one(c);
        let sample = x.filter(|_| self.chain.dim() <= super::reference::DENSE);
        let sample = sample.map(|x| lag(&moments(x, self.chain.dim()).1));
        let truth = exact.as_ref().map_or(f64::NAN, lag);
        rows.push(Metric {
            reference_label: format!("exact {}", short(truth)),
            ..metric("lag1", "lag-1 correlation", sample, truth, "Mean covariance of neighbouring states over the mean variance; beside it the exact one.")
        });
        if let Some(((ratio, error), best)) = self.score_error() {
            let (label, help) = match self.score {
                Score::Net(..) => (
                    format!("at σ/α = {}; exact windows: {}", short(ratio), short(best)),
                    "Largest relative error of the network's score over σ/α in [0.002, 80], the same for every process; beside it that of the exact scores of its windows.",
                ),
                Score::Full | Score::Blanket(_) => (
                    "full score: 0".to_owned(),
                    "Largest relative error of the blanket's score over σ/α in [10⁻³, 10³], the same for every process.",
                ),
            };
            rows.push(Metric {
                reference_label: label,
                ..metric("score_err", "score error", Some(error), best, help)
            });
        }
        rows
    }

    /// A sample against the exact law.
    fn against(&self, x: &[f64], exact: Option<&Matrix<f64>>) -> Numbers {
        let dim = self.chain.dim();
        let n = (x.len() / dim).max(1) as f64;
        let mut mean = vec![0.0; dim];
        for chain in x.chunks_exact(dim) {
            mean.iter_mut().zip(chain).for_each(|(m, x)| *m += x / n);
        }
        let reference = &self.reference;
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        let gap: Vec<f64> = mean
            .iter()
            .zip(&reference.mean)
            .map(|(a, b)| a - b)
            .collect();
        let size = match norm(&reference.mean) {
            0.0 => norm(&reference.sd),
            size => size,
        };
        let (mut covariance, mut w2) = (f64::NAN, f64::NAN);
        if let Some(exact) = exact {
            let (_, own) = moments(x, dim);
            covariance = (&own - exact).norm() / self.size(exact);
            if dim <= SMALL {
                w2 = gaussian_w2(&mean, &own, &reference.mean, exact);
            }
        }
        Numbers {
            mean: norm(&gap) / size,
            covariance,
            w2,
        }
    }

    /// ‖C‖ of an exact covariance; where that is rounding, √L·‖Σ‖ of as many independent states.
    fn size(&self, exact: &Matrix<f64>) -> f64 {
        let prior = self.chain.stationary().norm() * (self.chain.length() as f64).sqrt();
        match exact.norm() {
            size if size > ROUNDING * prior => size,
            _ => prior,
        }
    }

    /// Mean of Cov(x_i, x_{i+1}) over the mean variance, coordinate by coordinate; no number where that variance is
    /// rounding.
    fn lag_one(&self, c: &Matrix<f64>) -> f64 {
        let (p, dim) = (self.chain.states(), c.nrows());
        let variance = c.trace() / dim as f64;
        if dim <= p || variance <= ROUNDING * self.variance() {
            return f64::NAN;
        }
        let lag: f64 = (0..dim - p).map(|i| c[(i, i + p)]).sum();
        lag / (dim - p) as f64 / variance
    }
}

/// A part of the variance without observations below which a variance is rounding.
const ROUNDING: f64 = 1e-12;
const MEAN: &str = "Relative error of the samples' mean, ‖m − m_exact‖/‖m_exact‖ (over √tr C where the exact mean is 0); beside it that of exact draws.";
const COVARIANCE: &str = "Relative error of the samples' covariance, ‖Ĉ − C‖/‖C‖ (Frobenius; over √L·‖Σ‖ where C is 0); beside it that of exact draws.";

fn metric(
    key: &'static str,
    label: &'static str,
    value: Option<f64>,
    reference: f64,
    help: &'static str,
) -> Metric {
    Metric {
        key,
        label,
        value,
        reference,
        error: None,
        reference_label: format!("exact draws: {}", short(reference)),
        help,
    }
}
