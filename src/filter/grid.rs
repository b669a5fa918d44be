//! `exact` for the double well: the density on a grid.

use super::ensemble::Estimate;
use super::observation::Observation;
use super::update::Fault;
use super::walk::Cost;
use super::walk::Density;
use super::walk::Filter;
use crate::dynamics::Flow;
use crate::dynamics::Initial;
use crate::dynamics::ModelKind;
use crate::error::Error;
use crate::error::rounded;
use crate::special;
use std::f64::consts::TAU;

/// The filtering density of a model on the line, on equally spaced points. Forecast, in each substep:
/// p(x_i) ← Σ_j T_ij·p(x_j) with T_ij = N(x_i; F(x_j), s²·dt), columns scaled to a sum of 1. Analysis:
/// p ← p·p(y | x)/p(y). The trapezoidal rule is exact to 3·10⁻⁹ for a kernel as wide as the spacing.
///
/// The points reach to ±max(3, w), where (2c/s²)(w⁴/4 − w²/2) > 40, and hold six standard deviations of the initial law.
/// There is an odd number of them, at least 301, at most s√dt apart. It is an error if one forecast carries more than 10⁻⁶
/// of the mass beyond the ends; the quadrature error, which the scaled columns take out, is not counted.
///
/// Held by `tests/filter/exact.rs`: `the_grid_filter_has_the_numbers_of_independent_code`,
/// `the_double_well_has_its_variance_and_its_slow_eigenvalue`, `no_allowed_well_leaves_the_grid`.
#[derive(Debug)]
pub struct Grid {
    flow: Flow,
    first: f64,
    spacing: f64,
    density: Vec<f64>,
    /// The columns of T, each from row `from`.
    columns: Vec<Column>,
    /// Buffer of a substep.
    next: Vec<f64>,
    /// The mass that left the grid in the present forecast.
    lost: f64,
    log_evidence: f64,
    estimate: Estimate,
    cycle: u32,
    phase: Phase,
}

#[derive(Debug)]
struct Column {
    from: usize,
    values: Vec<f64>,
    /// The mass of the kernel that falls outside of the grid, in closed form.
    lost: f64,
}

#[derive(Debug)]
enum Phase {
    Idle,
    Forecast(u32),
    Analysis(Box<Observation>),
}

/// Least and largest number of points.
const POINTS: [usize; 2] = [301, 6001];
/// A kernel is cut this many standard deviations from its centre, where it is 2·10⁻¹⁶ of its height.
const REACH: f64 = 8.5;
/// The stationary density at an end is below exp(−DEPTH) of its height at the ridge: also many steps lose nothing there.
const DEPTH: f64 = 40.0;
/// The largest mass that may leave the grid in a forecast, or may stand at an end of it.
const LOST: f64 = 1e-6;

impl Grid {
    /// The density of `initial` on a grid for `flow`.
    ///
    /// # Errors
    /// If the model is not the double well; if the grid would need too many points.
    pub fn new(flow: Flow, initial: &Initial) -> Result<Self, Error> {
        let ModelKind::DoubleWell { wells, .. } = flow.kind() else {
            return Err(Error::no_filter(
                "The grid filter is for the double well only.",
                "Choose model=double-well, or another method.",
            ));
        };
        let sd = flow.noise();
        let square = sd * sd / flow.dt();
        let mut half: f64 = 3.0;
        while 2.0 * wells / square * (half * half * half * half / 4.0 - half * half / 2.0) <= DEPTH
        {
            half += 0.1;
        }
        let mut narrow = sd;
        for c in initial.components() {
            half = half.max(c.mean[0].abs() + 6.0 * c.sd);
            narrow = narrow.min(c.sd);
        }
        let points = (2.0 * half / narrow).max(0.0);
        if points.is_nan() || points > POINTS[1] as f64 {
            return Err(Error::no_filter(
                "The exact density needs too fine a grid for so narrow an initial law or so little noise.",
                "Choose a larger standard deviation in initial, more noise-x or a larger dt.",
            ));
        }
        let cells = (libm::ceil(points) as usize)
            .max(POINTS[0] - 1)
            .next_multiple_of(2);
        Ok(Self::on(flow, initial, half, cells + 1))
    }

    /// A grid of `count` points from −`half` to `half`.
    fn on(flow: Flow, initial: &Initial, half: f64, count: usize) -> Self {
        let spacing = 2.0 * half / (count - 1) as f64;
        let x = |i: usize| -half + spacing * i as f64;
        let normal = |z: f64, sd: f64| special::phi(z / sd) / sd;
        let mut density: Vec<f64> = (0..count)
            .map(|i| {
                let parts = initial.components().iter();
                parts
                    .map(|c| c.weight * normal(x(i) - c.mean[0], c.sd))
                    .sum()
            })
            .collect();
        let mass: f64 = density.iter().sum::<f64>() * spacing;
        density.iter_mut().for_each(|p| *p /= mass);
        let sd = flow.noise();
        let columns = (0..count).map(|j| {
            let mut centre = [x(j)];
            flow.model().step(flow.dt(), &mut centre);
            // A centre that is far outside gives an empty column.
            let place = (centre[0] + half) / spacing;
            let reach = REACH * sd / spacing;
            let from = libm::ceil(place - reach).clamp(0.0, count as f64) as usize;
            let to = (libm::floor(place + reach) + 1.0).clamp(from as f64, count as f64) as usize;
            let mut values: Vec<f64> = (from..to)
                .map(|i| spacing * normal(x(i) - centre[0], sd))
                .collect();
            let end = half + 0.5 * spacing;
            let lost = special::cdf((-end - centre[0]) / sd) + special::cdf((centre[0] - end) / sd);
            let sum: f64 = values.iter().sum();
            if sum > 0.0 {
                values.iter_mut().for_each(|v| *v /= sum);
            }
            Column { from, values, lost }
        });
        let mut out = Self {
            columns: columns.collect(),
            next: vec![0.0; count],
            flow,
            first: -half,
            spacing,
            density,
            lost: 0.0,
            log_evidence: 0.0,
            estimate: Estimate::default(),
            cycle: 0,
            phase: Phase::Idle,
        };
        out.summarise();
        out
    }

    fn x(&self, i: usize) -> f64 {
        self.first + self.spacing * i as f64
    }

    fn summarise(&mut self) {
        let (mut mean, mut square) = (0.0, 0.0);
        for (i, p) in self.density.iter().enumerate() {
            mean += p * self.x(i) * self.spacing;
        }
        for (i, p) in self.density.iter().enumerate() {
            let gap = self.x(i) - mean;
            square += p * gap * gap * self.spacing;
        }
        self.estimate = Estimate {
            mean: vec![mean],
            variance: vec![square],
            ess: None,
        };
    }

    fn substep(&mut self) {
        self.next.fill(0.0);
        for (p, column) in self.density.iter().zip(&self.columns) {
            self.lost += p * column.lost * self.spacing;
            let rows = &mut self.next[column.from..][..column.values.len()];
            rows.iter_mut()
                .zip(&column.values)
                .for_each(|(n, t)| *n += t * p);
        }
        std::mem::swap(&mut self.density, &mut self.next);
    }

    /// The price of a substep.
    fn price(&self) -> f64 {
        let middle = &self.columns[self.columns.len() / 2];
        0.02 * (self.columns.len() * middle.values.len()) as f64
    }

    fn update(&mut self, observation: &Observation) -> Result<(), Fault> {
        let mut logs: Vec<f64> = (0..self.density.len())
            .map(|i| observation.log_likelihood(&[self.x(i)]))
            .collect();
        let seen = self.density.iter().zip(&logs).filter(|(p, _)| **p > 0.0);
        let top = seen.map(|(_, l)| *l).fold(f64::NEG_INFINITY, f64::max);
        logs.iter_mut().for_each(|l| *l = libm::exp(*l - top));
        self.density
            .iter_mut()
            .zip(&logs)
            .for_each(|(p, l)| *p *= l);
        let mass: f64 = self.density.iter().sum::<f64>() * self.spacing;
        let scale = 0.5 * libm::log(TAU * observation.variance());
        self.log_evidence += top + libm::log(mass) - scale;
        self.density.iter_mut().for_each(|p| *p /= mass);
        let ends = (self.density[0] + self.density[self.density.len() - 1]) * self.spacing;
        let fine = ends < LOST;
        match fine {
            true => Ok(()),
            false => Err(Fault::new(
                format!(
                    "The observation {} lies outside of the grid of the exact density, which ends at ±{}.",
                    rounded(observation.values()[0]),
                    rounded(-self.first)
                ),
                "Choose an observation nearer to the wells, or more noise-y.",
            )),
        }
    }

    fn finish(&mut self) -> Result<(), Error> {
        if self.lost > LOST {
            return Err(Fault::new(
                format!(
                    "{} of the exact density left its grid in this forecast: from there the steps of the model lead outwards.",
                    rounded(self.lost)
                ),
                "Choose a smaller dt, or an initial law nearer to the wells.",
            ).at(self.cycle));
        }
        self.summarise();
        Ok(())
    }
}

impl Filter for Grid {
    fn begin_forecast(&mut self, cycle: u32) {
        self.cycle = cycle;
        self.lost = 0.0;
        self.phase = Phase::Forecast(0);
    }

    fn begin_analysis(&mut self, observation: &Observation) -> Result<(), Error> {
        self.phase = Phase::Analysis(Box::new(observation.clone()));
        Ok(())
    }

    fn advance(&mut self, mut work: f64) -> Result<bool, Error> {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Idle => return Ok(true),
            Phase::Forecast(mut k) => {
                while k < self.flow.substeps() {
                    self.substep();
                    k += 1;
                    work -= self.price();
                    if work <= 0.0 && k < self.flow.substeps() {
                        self.phase = Phase::Forecast(k);
                        return Ok(false);
                    }
                }
            }
            Phase::Analysis(observation) => {
                self.update(&observation)
                    .map_err(|fault| fault.at(self.cycle))?;
            }
        }
        self.finish()?;
        Ok(true)
    }

    fn cost(&self, _rows: usize) -> Cost {
        Cost {
            once: 0.0,
            forecast: f64::from(self.flow.substeps()) * self.price(),
            analysis: self.density.len() as f64,
        }
    }

    fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    fn density(&self) -> Option<Density<'_>> {
        Some(Density::Grid {
            first: self.first,
            spacing: self.spacing,
            density: &self.density,
        })
    }

    fn log_evidence(&self) -> Option<f64> {
        Some(self.log_evidence)
    }
}
