//! `var3d` and `climatology`: methods with the static covariance of the model's climate.

use super::climate::Climate;
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
use crate::rng::Noise;

/// 3D-Var: one state, moved by the model without noise, with a forecast covariance βC that does not change. C is the
/// covariance of the model's [`Climate`]. x ← x + K(y − h(x)) with K = βCHᵀ(βHCHᵀ + R)⁻¹, H = h'(x). For a linear operator
/// this is the minimum of the cost function of 3D-Var. The stated covariance is βC − KHβC.
///
/// `climatology` has no β: mean and covariance are always those of the climate.
///
/// Held by `tests/filter/benchmarks.rs`: `lorenz63_has_the_published_errors`, `lorenz96_has_the_published_errors`,
/// `the_climate_of_a_model_is_its_stationary_law`.
#[derive(Debug)]
pub struct Static {
    flow: Flow,
    /// β; `None` for the climatology.
    background: Option<f64>,
    climate: Climate,
    learned: bool,
    mean: Vec<f64>,
    /// βC, and the covariance after an analysis.
    prior: Vec<f64>,
    covariance: Vec<f64>,
    estimate: Estimate,
    cycle: u32,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Idle,
    Forecast(u32),
    Analysis(Box<Observation>),
}

impl Static {
    /// The method with β, or the climatology.
    pub fn new(flow: Flow, initial: &Initial, background: Option<f64>, noise: Noise) -> Self {
        let (mean, covariance) = (initial.mean(), initial.covariance());
        let mut out = Self {
            climate: Climate::new(&flow, initial, noise),
            flow,
            background,
            learned: false,
            mean,
            prior: vec![],
            covariance,
            estimate: Estimate::default(),
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

    /// Takes the climate over.
    fn learn(&mut self) -> Result<(), Error> {
        let (mean, mut covariance) = self.climate.moments();
        if !mean.iter().chain(&covariance).all(|x| x.is_finite()) {
            return Err(self.error(Fault::new(
                "The model overflowed in the long run for its climate.",
                "Choose a smaller dt, or an initial law closer to the attractor.",
            )));
        }
        match self.background {
            Some(beta) => covariance.iter_mut().for_each(|c| *c *= beta),
            None => self.mean = mean,
        }
        self.prior = covariance;
        self.learned = true;
        Ok(())
    }

    fn update(&mut self, observation: &Observation) -> Result<(), Fault> {
        let (d, p) = (self.mean.len(), observation.rows());
        let sensor = observation.sensor();
        let seen = sensor.indices();
        let slopes: Vec<f64> = seen
            .iter()
            .map(|&i| sensor.operator().slope(self.mean[i]))
            .collect();
        let mut cross = vec![0.0; p * d];
        for (k, &i) in seen.iter().enumerate() {
            let row = self.prior[i * d..][..d].iter().map(|c| slopes[k] * c);
            cross[k * d..][..d]
                .iter_mut()
                .zip(row)
                .for_each(|(o, c)| *o = c);
        }
        let mut s = vec![0.0; p * p];
        for k in 0..p {
            for (l, &j) in seen.iter().enumerate() {
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
        dense::solve(&s, p, &mut gap);
        let mut gain = cross.clone();
        dense::solve(&s, p, &mut gain);
        self.covariance = self.prior.clone();
        for k in 0..p {
            let cross = &cross[k * d..][..d];
            self.mean
                .iter_mut()
                .zip(cross)
                .for_each(|(m, c)| *m += c * gap[k]);
            for (row, factor) in self.covariance.chunks_exact_mut(d).zip(&gain[k * d..]) {
                row.iter_mut()
                    .zip(cross)
                    .for_each(|(c, x)| *c -= factor * x);
            }
        }
        Ok(())
    }
}

impl Filter for Static {
    fn begin_forecast(&mut self, cycle: u32) {
        self.cycle = cycle;
        self.phase = Phase::Forecast(0);
    }

    fn begin_analysis(&mut self, observation: &Observation) -> Result<(), Error> {
        self.phase = Phase::Analysis(Box::new(observation.clone()));
        Ok(())
    }

    fn advance(&mut self, mut work: f64) -> Result<bool, Error> {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Idle => {}
            Phase::Forecast(mut k) => {
                if !self.learned {
                    if !self.climate.advance(&self.flow, &mut work) {
                        self.phase = Phase::Forecast(k);
                        return Ok(false);
                    }
                    self.learn()?;
                }
                while self.background.is_some() && k < self.flow.substeps() {
                    if work <= 0.0 {
                        self.phase = Phase::Forecast(k);
                        return Ok(false);
                    }
                    self.flow.model().step(self.flow.dt(), &mut self.mean);
                    work -= self.flow.model().cost();
                    k += 1;
                }
                self.covariance = self.prior.clone();
            }
            Phase::Analysis(observation) => {
                if self.background.is_some() {
                    self.update(&observation)
                        .map_err(|fault| self.error(fault))?;
                }
            }
        }
        if !self.mean.iter().all(|m| m.abs() < 1e8) {
            return Err(self.error(Fault::new(
                "The state overflowed.",
                "Choose a smaller dt, or a smaller background.",
            )));
        }
        self.summarise();
        Ok(true)
    }

    fn cost(&self, rows: usize) -> Cost {
        let (d, p) = (self.mean.len() as f64, rows as f64);
        let substeps = f64::from(self.flow.substeps());
        let once = self.climate.cost(&self.flow);
        match self.background {
            Some(_) => Cost {
                once,
                forecast: substeps * self.flow.model().cost(),
                analysis: 0.03 * p * (p * p / 3.0 + 2.0 * p * d + d * d) + 1.0,
            },
            None => Cost {
                once,
                forecast: 1.0,
                analysis: 1.0,
            },
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
}
