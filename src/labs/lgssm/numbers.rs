//! The numbers of a run of chains, each next to what exact draws of the same size have.

use super::ChainLab;
use super::Score;
use super::reference::{Covariance, DENSE, Kind};
use super::worst::WorstError;
use crate::labs::Held;
use crate::labs::Metric;
use crate::labs::record::short;
use crate::labs::task::Stages;
use crate::process::Matrix;
use crate::process::lgssm::{Moments, add_to_mean, gaussian_w2};
use std::rc::Rc;

/// Largest number of numbers of a chain for which W₂, which needs eigenvalues, is computed.
const SMALL: usize = 132;

/// Number of chains that are drawn or summed together, and of numbers that are added, or copied, in a unit of work.
pub(super) const TOGETHER: usize = 64;
pub(super) const SUMMED: usize = 20;
pub(super) const CENTRED: usize = 10;

/// Numbers that are partly computed.
pub struct Numbers {
    /// The final chains, if they are finite.
    x: Option<Rc<Vec<f64>>>,
    exact: Covariance,
    own: Sample,
    draws: Vec<f64>,
    fresh: Sample,
    worst: Option<WorstError>,
}

/// A sample that is partly summed.
#[derive(Default)]
struct Sample {
    mean: Vec<f64>,
    moments: Option<Moments>,
}

impl Sample {
    /// Adds some chains `[count × dim]` of n to the mean.
    fn add(&mut self, chains: &[f64], dim: usize, n: usize) {
        self.mean.resize(dim, 0.0);
        add_to_mean(&mut self.mean, chains, n);
    }

    /// Takes some of the chains, when their mean is known, the first of them number `first`.
    fn centre(&mut self, first: usize, chains: &[f64], n: usize) {
        let moments = self.moments.take();
        let mut moments = moments.unwrap_or_else(|| Moments::about(self.mean.clone(), n));
        moments.centre(first, chains);
        self.moments = Some(moments);
    }
}

/// The comparison of a sample with the exact law.
struct Errors {
    mean: f64,
    covariance: f64,
    w2: f64,
}

/// Group `i` of numbers in groups of `size`.
pub(super) fn group(x: &[f64], size: usize, i: usize) -> &[f64] {
    &x[i * size..x.len().min((i + 1) * size)]
}

impl Numbers {
    /// Starts to compute the numbers of `lab`. Without a final state there are only those known before a run.
    pub(super) fn stages(lab: Rc<ChainLab>, end: Option<Rc<Vec<f64>>>) -> Stages<Self> {
        let (dim, n) = (lab.chain.dim(), lab.setup.n);
        let x = end.filter(|x| x.iter().all(|x| x.is_finite()));
        let has_law = lab.reference.kind != Kind::None;
        let worst = lab
            .score_error
            .get()
            .is_none()
            .then(|| WorstError::of(&lab));
        let ratios = worst.as_ref().map_or(0, WorstError::parts);
        let ratio = worst.as_ref().map_or(0, WorstError::price);
        // The sample, and for W₂ exact draws next to it.
        let some = x.is_some();
        let groups = |wanted: bool| if wanted { n.div_ceil(TOGETHER) } else { 0 };
        let columns = |wanted: bool| if wanted && dim <= DENSE { dim } else { 0 };
        let centred = |wanted: bool| groups(wanted && dim <= DENSE);
        let compared = some && has_law && dim <= SMALL;
        let (drawn, tried) = (lab.clone(), lab.clone());
        let reference = lab.reference.clone();
        let (prepared, preparation) = reference.parts();
        // The covariance of a law that is not prepared is at hand after it.
        let exact = match prepared {
            0 => reference.computing_covariance(),
            _ => Covariance::Known(None),
        };
        let (products, product) = exact.parts();
        let numbers = Self {
            x,
            exact,
            own: Sample::default(),
            // Without growing, which copies.
            draws: Vec::with_capacity(n * columns(compared)),
            fresh: Sample::default(),
            worst,
        };
        let draw = TOGETHER * lab.reference.price();
        let (column, centre) = (Moments::price([n, dim]), TOGETHER * dim / CENTRED);
        let size = TOGETHER * dim;
        Stages::on(numbers)
            .then(prepared, preparation, move |own: &mut Self, _| {
                if reference.prepare() {
                    own.exact = reference.computing_covariance();
                }
                Ok(())
            })
            .then(products, product, |own, _| {
                own.exact.part();
                Ok(())
            })
            .then(groups(some), TOGETHER * dim / SUMMED, move |own, i| {
                if let Some(x) = &own.x {
                    own.own.add(group(x, size, i), dim, n);
                }
                Ok(())
            })
            .then(groups(compared), draw, move |own, i| {
                let (from, to) = (i * TOGETHER, ((i + 1) * TOGETHER).min(n));
                let seed = drawn.setup.seed;
                let chains = drawn.reference.draws_from(seed, from as u64, to - from);
                own.fresh.add(&chains, dim, n);
                own.draws.extend(chains);
                Ok(())
            })
            .then(centred(some), centre, move |own, i| {
                if let Some(x) = &own.x {
                    own.own.centre(i * TOGETHER, group(x, size, i), n);
                }
                Ok(())
            })
            .then(centred(compared), centre, move |own, i| {
                own.fresh
                    .centre(i * TOGETHER, group(&own.draws, size, i), n);
                Ok(())
            })
            .then(columns(some), column, |own, i| {
                own.own.moments.iter_mut().for_each(|m| m.column(i));
                Ok(())
            })
            .then(columns(compared), column, |own, i| {
                own.fresh.moments.iter_mut().for_each(|m| m.column(i));
                Ok(())
            })
            .then(ratios, ratio, move |own, i| {
                if let Some(worst) = &mut own.worst {
                    worst.try_ratio(i);
                    if i + 1 == worst.parts() {
                        tried.score_error.get_or_init(|| worst.found());
                    }
                }
                Ok(())
            })
    }

    /// All rows.
    pub(super) fn rows(self, lab: &ChainLab) -> Vec<Metric> {
        let exact = self.exact.covariance();
        let exact = exact.as_ref();
        let some = self.x.is_some();
        let mut rows = Vec::new();
        if lab.reference.kind != Kind::None {
            let own = some.then(|| lab.against(&self.own, exact));
            let fresh = some.then(|| lab.against(&self.fresh, exact));
            let mut push = |key, label, of: fn(&Errors) -> f64, against: Against, help| {
                let value = own.as_ref().map(of).filter(|v| v.is_finite());
                if value.is_some() || !some {
                    rows.push(metric(key, label, value, against, help));
                }
            };
            let mean = Against::perfect(lab.perfect_mean());
            push("mean_err", "rel. mean error", |n| n.mean, mean, MEAN);
            if let Some(exact) = exact {
                let perfect = Against::perfect(lab.perfect_covariance(exact));
                push(
                    "cov_err",
                    "rel. covariance error",
                    |n| n.covariance,
                    perfect,
                    COVARIANCE,
                );
                if lab.chain.dim() <= SMALL {
                    let draws = Against::draws(fresh.as_ref().map_or(f64::NAN, |n| n.w2));
                    push("w2", "W₂", |n| n.w2, draws, W2);
                }
            }
        }
        let lag = |c: &Matrix<f64>| lab.lag_one(c);
        let sample = self.own.moments.map(|m| lag(&m.covariance));
        let truth = exact.map_or(f64::NAN, lag);
        let against = Against::exact(truth, format!("exact {}", short(truth)));
        rows.push(metric("lag1", "lag-1 correlation", sample, against, LAG));
        if let Some(((ratio, error), best)) = lab.score_error() {
            let (label, help) = match lab.score {
                Score::Net(..) => (
                    format!("at σ/α = {}; exact windows: {}", short(ratio), short(best)),
                    "Largest relative error of the network's score over σ/α in [0.002, 80], the same for every process; beside it that of the exact scores of its windows.",
                ),
                Score::Full | Score::Blanket(_) => (
                    "full score: 0".to_owned(),
                    "Largest relative error of the blanket's score over σ/α in [10⁻³, 10³], the same for every process.",
                ),
            };
            let against = Against::exact(best, label);
            let label = "rel. score error";
            rows.push(metric("score_err", label, Some(error), against, help));
        }
        rows
    }
}

impl ChainLab {
    /// Compares a sample with the exact law.
    fn against(&self, sample: &Sample, exact: Option<&Matrix<f64>>) -> Errors {
        let reference = &self.reference;
        let means = sample.mean.iter().zip(reference.mean());
        let gap: Vec<f64> = means.map(|(a, b)| a - b).collect();
        let (mut covariance, mut w2) = (f64::NAN, f64::NAN);
        if let (Some(exact), Some(own)) = (exact, &sample.moments) {
            covariance = (&own.covariance - exact).norm() / self.size(exact);
            if self.chain.dim() <= SMALL {
                w2 = gaussian_w2(&own.mean, &own.covariance, reference.mean(), exact);
            }
        }
        Errors {
            mean: norm(&gap) / self.mean_size(),
            covariance,
            w2,
        }
    }

    /// Root mean square of the relative error of the mean of n exact draws, √(tr C/n)/‖m‖: their mean is N(m, C/n).
    ///
    /// Held by `tests/chain_lab.rs`: `what_is_called_perfect_is_the_root_mean_square_of_exact_draws`.
    fn perfect_mean(&self) -> f64 {
        norm(self.reference.sd()) / (self.setup.n as f64).sqrt() / self.mean_size()
    }

    /// Root mean square of the relative error of the covariance Ĉ of n exact draws. nĈ has the Wishart law of n − 1
    /// degrees of freedom, so E‖Ĉ − C‖² = ((n − 1)(tr C)² + n‖C‖²)/n² (Muirhead 1982, §3.2).
    ///
    /// Held by `tests/chain_lab.rs`: `what_is_called_perfect_is_the_root_mean_square_of_exact_draws`.
    fn perfect_covariance(&self, exact: &Matrix<f64>) -> f64 {
        let (n, trace, norm) = (self.setup.n as f64, exact.trace(), exact.norm());
        ((n - 1.0) * trace * trace + n * norm * norm).sqrt() / n / self.size(exact)
    }

    /// ‖m‖ of the exact mean; if that is 0, √tr C.
    fn mean_size(&self) -> f64 {
        match norm(self.reference.mean()) {
            0.0 => norm(self.reference.sd()),
            size => size,
        }
    }

    /// ‖C‖ of an exact covariance; if that is rounding, √L·‖Σ‖ of as many independent states.
    fn size(&self, exact: &Matrix<f64>) -> f64 {
        let prior = self.chain.stationary().norm() * (self.chain.length() as f64).sqrt();
        match exact.norm() {
            size if size > ROUNDING * prior => size,
            _ => prior,
        }
    }

    /// Mean of Cov(x_i, x_{i+1}) divided by the mean variance, for each coordinate; NaN if this variance is rounding.
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

/// A variance below this part of the variance without observations is rounding.
const ROUNDING: f64 = 1e-12;
const MEAN: &str = "Relative error of the samples' mean, ‖m − m_exact‖/‖m_exact‖ (over √tr C where the exact mean is 0); beside it the root mean square of that of exact draws.";
const W2: &str = "W₂ between the normal law of the samples' mean and covariance and the exact law; beside it the same of one set of exact draws.";
const LAG: &str =
    "Mean covariance of neighbouring states over the mean variance; beside it the exact one.";
const COVARIANCE: &str = "Relative error of the samples' covariance, ‖Ĉ − C‖/‖C‖ (Frobenius; over √L·‖Σ‖ where C is 0); beside it the root mean square of that of exact draws.";

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// What a number is held against, with words.
struct Against {
    value: f64,
    held: Held,
    label: String,
}

impl Against {
    fn exact(value: f64, label: String) -> Self {
        let held = Held::Exact;
        Self { value, held, label }
    }

    fn perfect(value: f64) -> Self {
        let label = format!("root mean square of exact draws: {}", short(value));
        let held = Held::Perfect;
        Self { value, held, label }
    }

    fn draws(value: f64) -> Self {
        let label = format!("one set of exact draws: {}", short(value));
        let held = Held::Draws;
        Self { value, held, label }
    }
}

fn metric(
    key: &'static str,
    label: &'static str,
    value: Option<f64>,
    against: Against,
    help: &'static str,
) -> Metric {
    Metric {
        key,
        label,
        value,
        reference: against.value,
        held: against.held,
        error: None,
        reference_label: against.label,
        help,
    }
}
