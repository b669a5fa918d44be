//! `exact` for linear models, and `ekf`: the Kalman filter, and its extension by tangents.

use super::ensemble::Estimate;
use super::innovation::Innovation;
use super::observation::Observation;
use super::update::Fault;
use super::walk::Cost;
use super::walk::Density;
use super::walk::FAR;
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
            return Err(Error::no_filter(
                "The Kalman filter is exact only for a linear model with a normal initial law.",
                "Choose model=ar1, spiral or static with one initial mean, or another method.",
            ));
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
            return Err(Error::no_filter(
                "The extended Kalman filter needs the tangent of the model, which this model does not have.",
                "Choose model=double-well, ar1, spiral or static, or method=enkf.",
            ));
        }
        Ok(Self::new(flow, initial, inflation, false))
    }

    fn new(flow: Flow, initial: &Initial, inflation: f64, exact: bool) -> Self {
        let (mean, covariance) = (initial.mean(), initial.covariance());
        Self {
            estimate: Estimate::of_normal(&mean, &covariance),
            mean,
            covariance,
            flow,
            inflation,
            log_evidence: 0.0,
            exact,
            cycle: 0,
            phase: Phase::Idle,
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
        let innovation = Innovation::new(&self.mean, &self.covariance, observation)?;
        let gap = &innovation.gap;
        let solved = innovation.solved();
        let square: f64 = gap.iter().zip(&solved).map(|(g, s)| g * s).sum();
        let log_det: f64 = (0..p)
            .map(|k| 2.0 * libm::log(innovation.factor[k * p + k]))
            .sum();
        self.log_evidence -= 0.5 * (square + log_det + p as f64 * libm::log(std::f64::consts::TAU));
        for (gain, gap) in innovation.gain.chunks_exact(d).zip(gap) {
            self.mean
                .iter_mut()
                .zip(gain)
                .for_each(|(m, g)| *m += g * gap);
        }
        innovation.reduce(&mut self.covariance);
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
        let fine = self.mean.iter().all(|m| m.abs() < FAR)
            && (0..d).all(|i| (0.0..FAR * FAR).contains(&self.covariance[i * d + i]));
        match fine {
            true => Ok(()),
            false => Err(Fault::new(
                "The extended Kalman filter diverged: its mean or a standard deviation is beyond 10⁸. It follows the tangent at its mean, which grows where the model or the observation turns.",
                "Choose a shorter interval, noisier observations, or method=enkf.",
            ).at(self.cycle)),
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
            return Err(Fault::new(
                "The Kalman filter is exact only for operator=identity.",
                "Choose operator=identity, or another method.",
            )
            .at(self.cycle));
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
                    .map_err(|fault| fault.at(self.cycle))?;
            }
        }
        self.check()?;
        self.estimate = Estimate::of_normal(&self.mean, &self.covariance);
        Ok(true)
    }

    fn cost(&self, rows: usize) -> Cost {
        let d = self.mean.len() as f64;
        Cost {
            once: 0.0,
            forecast: f64::from(self.flow.substeps()) * (0.2 * d * d + 1.0),
            analysis: Innovation::cost(self.mean.len(), rows),
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
