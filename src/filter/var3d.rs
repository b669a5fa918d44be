//! `var3d` and `climatology`: methods with the static covariance of the model's climate.

use super::climate::Climate;
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
        Self {
            estimate: Estimate::of_normal(&mean, &covariance),
            climate: Climate::new(&flow, initial, noise),
            flow,
            background,
            learned: false,
            mean,
            prior: vec![],
            covariance,
            cycle: 0,
            phase: Phase::Idle,
        }
    }

    /// Takes the climate over.
    fn learn(&mut self) -> Result<(), Error> {
        let (mean, mut covariance) = self.climate.moments();
        if !mean.iter().chain(&covariance).all(|x| x.is_finite()) {
            return Err(Fault::new(
                "The model overflowed in the long run for its climate.",
                "Choose a smaller dt, or an initial law closer to the attractor.",
            )
            .at(self.cycle));
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
        let d = self.mean.len();
        let innovation = Innovation::new(&self.mean, &self.prior, observation)?;
        for (cross, gap) in innovation.cross.chunks_exact(d).zip(innovation.solved()) {
            self.mean
                .iter_mut()
                .zip(cross)
                .for_each(|(m, c)| *m += c * gap);
        }
        self.covariance = self.prior.clone();
        innovation.reduce(&mut self.covariance);
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
                        .map_err(|fault| fault.at(self.cycle))?;
                }
            }
        }
        if !self.mean.iter().all(|m| m.abs() < FAR) {
            return Err(Fault::new(
                "The state overflowed.",
                "Choose a smaller dt, or a smaller background.",
            )
            .at(self.cycle));
        }
        self.estimate = Estimate::of_normal(&self.mean, &self.covariance);
        Ok(true)
    }

    fn cost(&self, rows: usize) -> Cost {
        let substeps = f64::from(self.flow.substeps());
        let once = self.climate.cost(&self.flow);
        match self.background {
            Some(_) => Cost {
                once,
                forecast: substeps * self.flow.model().cost(),
                analysis: Innovation::cost(self.mean.len(), rows),
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
