//! `exact` for linear models, and `ekf`: the Kalman filter, and its extension by tangents.

use super::dense;
use super::ensemble::Estimate;
use super::observation::Observation;
use super::update::Fault;
use super::walk::Cost;
use super::walk::Density;
use super::walk::Filter;
use crate::dynamics::Flow;
use crate::dynamics::Initial;
use crate::error::Error;

/// Mean m and covariance P of a normal law. Forecast, in each substep: m ← F(m), P ← F'PF'ᵀ + Q. Analysis:
/// K = PHᵀ(HPHᵀ + R)⁻¹, m ← m + K(y − h(m)), P ← P − KHP, with H = h'(m). For a linear model and a linear operator this
/// is the exact posterior (Kalman 1960), otherwise the extended Kalman filter.
///
/// Held by `tests/filter/exact.rs`: `kalman_has_the_steady_state_of_the_autoregressive_process`,
/// `one_kalman_update_is_the_closed_form`.
#[derive(Debug)]
pub struct Gauss {
    flow: Flow,
    mean: Vec<f64>,
    covariance: Vec<f64>,
    inflation: f64,
    estimate: Estimate,
    log_evidence: f64,
    /// The Kalman filter: its density is exact.
    exact: bool,
    cycle: u32,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Idle,
    Forecast(u32),
    Analysis(Box<Observation>),
}

impl Gauss {
    /// The Kalman filter of a linear model.
    ///
    /// # Errors
    /// If the model is not linear, or the initial law is not normal.
    pub fn kalman(flow: Flow, initial: &Initial) -> Result<Self, Error> {
        if !flow.model().is_linear() || initial.components().len() > 1 {
            return Err(Error::Filter {
                cycle: None,
                reason:
                    "The Kalman filter is exact only for a linear model with a normal initial law."
                        .to_owned(),
                remedy:
                    "Choose model=ar1, spiral or static with one initial mean, or another method."
                        .to_owned(),
            });
        }
        Ok(Self::new(flow, initial, 1.0, true))
    }

    /// The extended Kalman filter of a model with a tangent. `inflation`² multiplies P after an analysis.
    ///
    /// # Errors
    /// If the model has no tangent.
    pub fn extended(flow: Flow, initial: &Initial, inflation: f64) -> Result<Self, Error> {
        let mut probe = vec![0.0; flow.dim()];
        let there = flow
            .model()
            .tangent(flow.dt(), &vec![0.0; flow.dim()], &mut probe);
        if !there {
            return Err(Error::Filter {
                cycle: None,
                reason: "The extended Kalman filter needs the tangent of the model, which this model does not have.".to_owned(),
                remedy: "Choose model=double-well, ar1, spiral or static, or method=enkf.".to_owned(),
            });
        }
        Ok(Self::new(flow, initial, inflation, false))
    }

    fn new(flow: Flow, initial: &Initial, inflation: f64, exact: bool) -> Self {
        let mut out = Self {
            mean: initial.mean(),
            covariance: initial.covariance(),
            flow,
            inflation,
            estimate: Estimate::default(),
            log_evidence: 0.0,
            exact,
            cycle: 0,
            phase: Phase::Idle,
        };
        out.summarise();
        out
    }

    fn summarise(&mut self) {
        let d = self.mean.len();
        self.estimate = Estimate {
            mean: self.mean.clone(),
            variance: (0..d).map(|i| self.covariance[i * d + i]).collect(),
            ess: None,
        };
    }

    fn error(&self, fault: Fault) -> Error {
        Error::Filter {
            cycle: Some(self.cycle),
            reason: fault.reason,
            remedy: fault.remedy,
        }
    }

    /// P ← F'PF'ᵀ + Q and m ← F(m).
    fn substep(&mut self) {
        let d = self.mean.len();
        let (model, dt) = (self.flow.model(), self.flow.dt());
        // P is symmetric: its rows are its columns. F' acts on each, and again after a transposition.
        for _ in 0..2 {
            model.tangent(dt, &self.mean, &mut self.covariance);
            transpose(&mut self.covariance, d);
        }
        let q = self.flow.noise() * self.flow.noise();
        (0..d).for_each(|i| self.covariance[i * d + i] += q);
        model.step(dt, &mut self.mean);
    }

    fn update(&mut self, observation: &Observation) -> Result<(), Fault> {
        let (d, p) = (self.mean.len(), observation.rows());
        let sensor = observation.sensor();
        let slopes: Vec<f64> = sensor
            .indices()
            .iter()
            .map(|&i| sensor.operator().slope(self.mean[i]))
            .collect();
        // HP [rows × dim], then S = HPHᵀ + R.
        let mut cross = vec![0.0; p * d];
        for (k, &i) in sensor.indices().iter().enumerate() {
            let row = self.covariance[i * d..][..d].iter().map(|c| slopes[k] * c);
            cross[k * d..][..d]
                .iter_mut()
                .zip(row)
                .for_each(|(o, c)| *o = c);
        }
        let mut s = vec![0.0; p * p];
        for k in 0..p {
            for (l, &j) in sensor.indices().iter().enumerate() {
                s[k * p + l] = cross[k * d + j] * slopes[l];
            }
            s[k * p + k] += observation.variance();
        }
        if !dense::cholesky(&mut s, p) {
            return Err(Fault::new(
                "The covariance of the predicted observations is not positive definite.",
                "Choose more noise of the observations.",
            ));
        }
        let mut gap = vec![0.0; p];
        sensor.predict(&self.mean, &mut gap);
        gap.iter_mut()
            .zip(observation.values())
            .for_each(|(g, y)| *g = y - *g);
        let mut solved = gap.clone();
        dense::solve(&s, p, &mut solved);
        let square: f64 = gap.iter().zip(&solved).map(|(g, s)| g * s).sum();
        let log_det: f64 = (0..p).map(|k| 2.0 * libm::log(s[k * p + k])).sum();
        self.log_evidence -= 0.5 * (square + log_det + p as f64 * libm::log(std::f64::consts::TAU));
        let mut gain = cross.clone();
        dense::solve(&s, p, &mut gain);
        for k in 0..p {
            for i in 0..d {
                self.mean[i] += gain[k * d + i] * gap[k];
            }
        }
        for k in 0..p {
            for i in 0..d {
                let factor = gain[k * d + i];
                let row = &mut self.covariance[i * d..][..d];
                let cross = &cross[k * d..][..d];
                row.iter_mut()
                    .zip(cross)
                    .for_each(|(c, x)| *c -= factor * x);
            }
        }
        // Rounding must not make P lopsided.
        for i in 0..d {
            for j in 0..i {
                let mean = 0.5 * (self.covariance[i * d + j] + self.covariance[j * d + i]);
                (self.covariance[i * d + j], self.covariance[j * d + i]) = (mean, mean);
            }
        }
        let scale = self.inflation * self.inflation;
        self.covariance.iter_mut().for_each(|c| *c *= scale);
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        let d = self.mean.len();
        let fine = self.mean.iter().all(|m| m.abs() < 1e8)
            && (0..d).all(|i| (0.0..1e16).contains(&self.covariance[i * d + i]));
        match fine {
            true => Ok(()),
            false => Err(self.error(Fault::new(
                "The extended Kalman filter diverged: its mean or a standard deviation is beyond 10⁸. It follows the tangent at its mean, which grows where the model or the observation turns.",
                "Choose a shorter interval, noisier observations, or method=enkf.",
            ))),
        }
    }
}

/// Transposes a square matrix in place.
fn transpose(a: &mut [f64], d: usize) {
    for i in 0..d {
        for j in 0..i {
            a.swap(i * d + j, j * d + i);
        }
    }
}

impl Filter for Gauss {
    fn begin_forecast(&mut self, cycle: u32) {
        self.cycle = cycle;
        self.phase = Phase::Forecast(0);
    }

    fn begin_analysis(&mut self, observation: &Observation) -> Result<(), Error> {
        if self.exact && !observation.sensor().operator().is_linear() {
            return Err(self.error(Fault::new(
                "The Kalman filter is exact only for operator=identity.",
                "Choose operator=identity, or another method.",
            )));
        }
        self.phase = Phase::Analysis(Box::new(observation.clone()));
        Ok(())
    }

    fn advance(&mut self, mut work: f64) -> Result<bool, Error> {
        let d = self.mean.len();
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Idle => {}
            Phase::Forecast(mut k) => {
                let price = (d * d) as f64 * 0.2 + 1.0;
                while k < self.flow.substeps() {
                    if work <= 0.0 {
                        self.phase = Phase::Forecast(k);
                        return Ok(false);
                    }
                    self.substep();
                    work -= price;
                    k += 1;
                }
            }
            Phase::Analysis(observation) => {
                self.update(&observation)
                    .map_err(|fault| self.error(fault))?;
            }
        }
        self.check()?;
        self.summarise();
        Ok(true)
    }

    fn cost(&self, rows: usize) -> Cost {
        let (d, p) = (self.mean.len() as f64, rows as f64);
        Cost {
            once: 0.0,
            forecast: f64::from(self.flow.substeps()) * (0.2 * d * d + 1.0),
            analysis: 0.03 * p * (p * p / 3.0 + 2.0 * p * d + d * d) + 1.0,
        }
    }

    fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    fn density(&self) -> Option<Density<'_>> {
        Some(Density::Normal {
            mean: &self.mean,
            covariance: &self.covariance,
        })
    }

    fn log_evidence(&self) -> Option<f64> {
        self.exact.then_some(self.log_evidence)
    }
}
