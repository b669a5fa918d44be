//! `pf`: the bootstrap particle filter (Gordon, Salmond & Smith 1993).

use super::dense;
use super::ensemble::Ensemble;
use super::ensemble::Estimate;
use super::resample::normalise;
use super::resample::systematic;
use super::update::Analysis;
use super::update::Fault;
use super::update::Parts;
use super::update::Update;
use super::update::choose;
use crate::rng::Stream;

/// w_j ← w_j·p(y | x_j). If the effective number 1/Σw² falls below `threshold`·N, the members are resampled
/// systematically, and then jittered by reg·N^{−1/(d+4)}·L·z, where LLᵀ is the weighted covariance before resampling.
///
/// Held by `tests/filter/updates.rs`: `one_update_has_the_moments_of_each_method`,
/// `weights_die_exponentially_in_the_dimension`; `tests/filter/benchmarks.rs`: `lorenz63_has_the_published_errors`.
#[derive(Debug, Clone)]
pub struct Particle {
    /// Share of N below which the members are resampled: 1 always, 0 never.
    threshold: f64,
    /// reg, 0 for no jitter.
    jitter: f64,
    stage: Stage,
    parts: Parts,
    logs: Vec<f64>,
    /// The lower factor of the covariance, and the factor of the jitter.
    factor: Vec<f64>,
    estimate: Option<Estimate>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Weigh,
    Resample,
    Jitter,
}

impl Particle {
    /// A particle filter; see the type for `threshold` and `jitter`.
    pub fn new(threshold: f64, jitter: f64) -> Self {
        Self {
            threshold,
            jitter,
            stage: Stage::Weigh,
            parts: Parts::default(),
            logs: vec![],
            factor: vec![],
            estimate: None,
        }
    }

    /// Resamples if the weights ask for it. Returns whether the members are to be jittered.
    fn resample(&mut self, update: &mut Update) -> Result<bool, Fault> {
        let ensemble = &mut *update.ensemble;
        if !normalise(&mut self.logs) {
            return Err(Fault::new(
                "All particles have weight 0: no member is near the observation.",
                "Choose more members, or more noise of the observations.",
            ));
        }
        ensemble.weights = Some(std::mem::take(&mut self.logs));
        self.estimate = Some(ensemble.estimate());
        let (n, d) = (ensemble.len(), ensemble.dim());
        let weights = ensemble.weights.as_deref().unwrap_or_default();
        if let Some(trace) = &mut update.trace {
            trace.weights = weights.to_vec();
            trace.ancestors = (0..n as u32).collect();
        }
        let size = ensemble.ess();
        if size >= self.threshold * n as f64 {
            return Ok(false);
        }
        let u = update.noise.uniform(Stream::Resample, update.cycle, 0);
        let ancestors = systematic(weights, n, u);
        if self.jitter > 0.0 {
            self.factor = ensemble.covariance();
            dense::factor_semidefinite(&mut self.factor, d);
        }
        let old = std::mem::take(&mut ensemble.x);
        ensemble.x.reserve_exact(old.len());
        for &j in &ancestors {
            ensemble.x.extend_from_slice(&old[j as usize * d..][..d]);
        }
        ensemble.weights = None;
        if let Some(trace) = &mut update.trace {
            trace.ancestors = ancestors;
        }
        Ok(self.jitter > 0.0)
    }

    /// Adds its jitter to members `range`.
    fn shake(
        &self,
        ensemble: &mut Ensemble,
        range: std::ops::Range<usize>,
        update: (crate::rng::Noise, u32),
    ) {
        let (n, d) = (ensemble.len(), ensemble.dim());
        let width = self.jitter * libm::pow(n as f64, -1.0 / (d as f64 + 4.0));
        let (noise, cycle) = update;
        let mut z = vec![0.0; d];
        for j in range {
            noise.normals(Stream::Jitter, cycle, (j * d) as u64, &mut z);
            let x = &mut ensemble.x[j * d..][..d];
            for (i, x) in x.iter_mut().enumerate() {
                let row = &self.factor[i * d..][..=i];
                let sum: f64 = row.iter().zip(&z).map(|(l, z)| l * z).sum();
                *x += width * sum;
            }
        }
    }
}

impl Analysis for Particle {
    fn begin(&mut self, update: &mut Update) -> Result<(), Fault> {
        self.stage = Stage::Weigh;
        self.parts = Parts::default();
        let n = update.ensemble.len();
        let old = update.ensemble.weights.as_ref();
        self.logs = old.map_or_else(
            || vec![0.0; n],
            |w| w.iter().map(|w| libm::log(*w)).collect(),
        );
        self.estimate = None;
        Ok(())
    }

    fn advance(&mut self, update: &mut Update, mut work: f64) -> Result<bool, Fault> {
        let (n, d) = (update.ensemble.len(), update.ensemble.dim());
        let rows = update.observation.rows();
        loop {
            match self.stage {
                Stage::Weigh => match self.parts.next(n, 0.3 * rows as f64, &mut work) {
                    Some(range) => {
                        for j in range {
                            self.logs[j] +=
                                update.observation.log_likelihood(update.ensemble.member(j));
                        }
                    }
                    None => self.stage = Stage::Resample,
                },
                Stage::Resample => {
                    work -= n as f64 * (1.0 + 0.1 * d as f64);
                    if !self.resample(update)? {
                        return Ok(true);
                    }
                    self.stage = Stage::Jitter;
                }
                Stage::Jitter => {
                    let price = d as f64 * (2.0 + 0.1 * d as f64);
                    match self.parts.next(n, price, &mut work) {
                        Some(range) => {
                            self.shake(update.ensemble, range, (update.noise, update.cycle))
                        }
                        None => return Ok(true),
                    }
                }
            }
            if work <= 0.0 {
                return Ok(false);
            }
        }
    }

    fn remedy(&self, _places: bool) -> String {
        choose(&[
            (true, "more members"),
            (self.jitter > 0.0, "less jitter"),
            (true, "noisier observations"),
        ])
    }

    fn cost(&self, n: usize, dim: usize, rows: usize) -> f64 {
        let (n, d) = (n as f64, dim as f64);
        let shaken = if self.jitter > 0.0 {
            d * (2.0 + 0.1 * d)
        } else {
            0.0
        };
        n * (0.3 * rows as f64 + 1.0 + 0.1 * d + shaken)
    }

    fn estimate(&self) -> Option<Estimate> {
        self.estimate.clone()
    }
}
