//! A method that walks through time: forecast, analysis, forecast, …

use super::division::Divisible;
use super::ensemble::Ensemble;
use super::ensemble::Estimate;
use super::observation::Observation;
use super::update::Analysis;
use super::update::Division;
use super::update::Fault;
use super::update::Trace;
use super::update::Update;
use super::update::choose;
use crate::dynamics::Draws;
use crate::dynamics::Flow;
use crate::dynamics::Initial;
use crate::error::Error;
use crate::error::rounded;
use crate::rng::Noise;
use crate::rng::Stream;
use std::fmt::Debug;
use std::ops::Range;

/// A density that a method knows without members.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Density<'a> {
    /// N(mean, covariance), `[dim]` and `[dim × dim]`.
    Normal {
        /// The mean.
        mean: &'a [f64],
        /// The covariance, row by row.
        covariance: &'a [f64],
    },
    /// A density on the line, on equally spaced points.
    Grid {
        /// The first point.
        first: f64,
        /// The distance of two points.
        spacing: f64,
        /// The density at the points.
        density: &'a [f64],
    },
}

/// The price of a cycle, in units of about 25 ns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Of what is computed once, in the first forecast.
    pub once: f64,
    /// Of a forecast.
    pub forecast: f64,
    /// Of an analysis.
    pub analysis: f64,
}

/// A method of assimilation. First call [`Filter::advance`] until it returns true: the initial members are drawn (those of a
/// small ensemble are there at once). For each cycle (from 1) call [`Filter::begin_forecast`] and [`Filter::advance`] until it
/// returns true; if the cycle has an observation, then [`Filter::begin_analysis`] and again [`Filter::advance`]. The
/// results describe the end of the last phase that was finished.
///
/// Held by `tests/filter/pieces.rs`: `an_update_in_pieces_gives_the_bits_of_the_whole`.
pub trait Filter: Debug + Send {
    /// Begins the forecast to `cycle`.
    fn begin_forecast(&mut self, cycle: u32);

    /// Begins the analysis of `observation` at the cycle of the last forecast.
    ///
    /// # Errors
    /// If the method cannot use it.
    fn begin_analysis(&mut self, observation: &Observation) -> Result<(), Error>;

    /// Goes on for about `work` units of 25 ns, at least one part. Returns whether the phase is finished.
    ///
    /// # Errors
    /// If the filter diverges, collapses or overflows: the cycle, the cause and the remedy.
    fn advance(&mut self, work: f64) -> Result<bool, Error>;

    /// The price of a cycle whose observation has `rows` values.
    fn cost(&self, rows: usize) -> Cost;

    /// Mean and variances.
    fn estimate(&self) -> &Estimate;

    /// The members with their weights, of methods that have members.
    fn ensemble(&self) -> Option<&Ensemble> {
        None
    }

    /// The density, of methods that know one.
    fn density(&self) -> Option<Density<'_>> {
        None
    }

    /// The log-evidence Σ log p(y_k | y_1 … y_{k−1}) so far, of exact methods.
    fn log_evidence(&self) -> Option<f64> {
        None
    }

    /// The filter as one that can be divided; none of methods whose members do not move alone.
    fn divisible(&mut self) -> Option<&mut dyn Divisible> {
        None
    }

    /// Whether it is at an exchange: its own members stand in the ensemble, those that are moved elsewhere are missing.
    fn is_at_exchange(&self) -> bool {
        false
    }

    /// Records the updates from now on, with the paths of the first `members` members; 0 stops that.
    fn watch(&mut self, _members: usize) {}

    /// The last update in slow motion, if it was recorded.
    fn trace(&self) -> Option<&Trace> {
        None
    }
}

/// A method that is an ensemble with an [`Analysis`].
#[derive(Debug)]
pub struct Walk {
    flow: Flow,
    noise: Noise,
    initial: Initial,
    /// Number of members that are drawn.
    drawn: usize,
    ensemble: Ensemble,
    analysis: Box<dyn Analysis>,
    phase: Phase,
    cycle: u32,
    estimate: Estimate,
    /// The last analysis, and the largest |x| that it left.
    left: Option<(u32, f64)>,
    watched: usize,
    trace: Option<Trace>,
    /// The members that an analysis moves here.
    own: Range<usize>,
    /// The forecast, while some members are moved elsewhere.
    kept: Vec<f64>,
    waits: bool,
}

#[derive(Debug)]
enum Phase {
    Idle,
    /// The next substep of the block of members from number `first` on.
    Forecast {
        first: usize,
        substep: u32,
    },
    Analysis(Box<Observation>),
    /// An analysis that begins again.
    Again(Box<Observation>),
}

/// Members that walk together: they stay in the cache from substep to substep.
const BLOCK: usize = 512;
/// Numbers that are drawn at once when a walk is made; of a larger ensemble they are drawn in pieces.
const AT_ONCE: usize = 100_000;
/// A coordinate beyond this has overflowed.
pub(super) const FAR: f64 = 1e8;

impl Walk {
    /// `n` members, drawn from `initial` with the draws of `noise`.
    pub fn new(
        flow: Flow,
        initial: &Initial,
        n: usize,
        noise: Noise,
        analysis: Box<dyn Analysis>,
    ) -> Self {
        let ensemble = Ensemble::new(flow.dim(), vec![0.0; n * flow.dim()]);
        let mut out = Self {
            estimate: Estimate::default(),
            flow,
            noise,
            initial: initial.clone(),
            drawn: 0,
            ensemble,
            analysis,
            phase: Phase::Idle,
            cycle: 0,
            left: None,
            watched: 0,
            trace: None,
            own: 0..n,
            kept: vec![],
            waits: false,
        };
        if out.ensemble.x.len() <= AT_ONCE {
            let mut work = f64::INFINITY;
            out.draw(&mut work);
        }
        out
    }

    /// Draws more of the initial members. Returns whether all are drawn.
    fn draw(&mut self, work: &mut f64) -> bool {
        let (n, d) = (self.ensemble.len(), self.ensemble.dim());
        while self.drawn < n {
            let to = n.min(self.drawn + BLOCK);
            let block = &mut self.ensemble.x[self.drawn * d..to * d];
            self.initial
                .draw(&self.noise, Stream::Members, self.drawn as u64, block);
            *work -= 2.0 * ((to - self.drawn) * d) as f64;
            self.drawn = to;
            if self.drawn == n {
                self.estimate = self.ensemble.estimate();
            }
            if *work <= 0.0 {
                break;
            }
        }
        self.drawn == n
    }

    /// Replaces the members.
    pub fn set_members(&mut self, x: Vec<f64>) {
        self.ensemble = Ensemble::new(self.flow.dim(), x);
        self.drawn = self.ensemble.len();
        self.own = 0..self.drawn;
        self.estimate = self.ensemble.estimate();
    }

    /// Goes on with the forecast.
    fn forecast(&mut self, mut work: f64) -> Result<bool, Error> {
        let (n, d) = (self.ensemble.len(), self.ensemble.dim());
        let price = self.flow.cost();
        let draws = Draws {
            noise: self.noise,
            stream: Stream::Members,
        };
        while let Phase::Forecast { first, substep } = &mut self.phase {
            let count = BLOCK.min(n - *first);
            let block = &mut self.ensemble.x[*first * d..(*first + count) * d];
            self.flow
                .substep(block, draws, self.cycle, *substep, *first);
            work -= price * count as f64;
            *substep += 1;
            if *substep == self.flow.substeps() {
                // NaN is not smaller than anything.
                if !block.iter().all(|x| x.abs() < FAR) {
                    return Err(self.run_away().at(self.cycle));
                }
                (*first, *substep) = (*first + count, 0);
                if *first == n {
                    self.phase = Phase::Idle;
                    self.estimate = self.ensemble.estimate();
                    return Ok(true);
                }
            }
            if work <= 0.0 {
                break;
            }
        }
        Ok(false)
    }

    /// Why a forecast overflowed.
    fn run_away(&self) -> Fault {
        let kind = self.flow.kind();
        let stepped = !kind.is_map();
        let remedy = self.analysis.remedy(self.has_places());
        match self.left {
            Some((cycle, far)) if !remedy.is_empty() => Fault::new(
                format!(
                    "A member overflowed in the forecast: the analysis of cycle {cycle} left members as far out as {}, and from there the steps of the model run away.",
                    rounded(far)
                ),
                remedy,
            ),
            Some(_) | None => Fault::new(
                "A member overflowed in the forecast: its state is too far out for the steps of the model.",
                choose(&[
                    (stepped, "a smaller dt"),
                    (kind.dim() == 1, "a narrower initial law"),
                ]),
            ),
        }
    }

    /// Whether the coordinates of the model are places.
    fn has_places(&self) -> bool {
        self.flow.model().distance(0, 0).is_some()
    }

    /// Calls the analysis with what it sees.
    fn with<T>(
        &mut self,
        observation: &Observation,
        call: impl FnOnce(&mut dyn Analysis, &mut Update) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        let mut update = Update {
            ensemble: &mut self.ensemble,
            own: self.own.clone(),
            observation,
            model: self.flow.model(),
            noise: self.noise,
            cycle: self.cycle,
            trace: self.trace.as_mut(),
        };
        call(&mut *self.analysis, &mut update).map_err(|fault| fault.at(self.cycle))
    }

    /// The end of an analysis.
    fn finish(&mut self) -> Result<(), Error> {
        if !self.ensemble.x.iter().all(|x| x.abs() < FAR) {
            return Err(Fault::new(
                "The analysis overflowed: a member is not finite, or beyond 10⁸.",
                self.analysis.remedy(self.has_places()),
            )
            .at(self.cycle));
        }
        let far = self
            .ensemble
            .x
            .iter()
            .fold(0.0, |far: f64, x| far.max(x.abs()));
        self.left = Some((self.cycle, far));
        self.estimate = self
            .analysis
            .estimate()
            .unwrap_or_else(|| self.ensemble.estimate());
        if let Some(trace) = &mut self.trace {
            trace.record(&self.ensemble);
        }
        Ok(())
    }
}

impl Filter for Walk {
    fn begin_forecast(&mut self, cycle: u32) {
        self.cycle = cycle;
        self.phase = Phase::Forecast {
            first: 0,
            substep: 0,
        };
    }

    fn begin_analysis(&mut self, observation: &Observation) -> Result<(), Error> {
        if self.watched > 0 {
            let mut trace = Trace {
                watched: self.watched.min(self.ensemble.len()),
                forecast: self.ensemble.x.clone(),
                carried: self.ensemble.weights.clone().unwrap_or_default(),
                ..Trace::default()
            };
            trace.record(&self.ensemble);
            self.trace = Some(trace);
        }
        self.waits = false;
        self.kept = match self.own.len() < self.ensemble.len() {
            true => self.ensemble.x.clone(),
            false => vec![],
        };
        self.with(observation, |analysis, update| analysis.begin(update))?;
        self.phase = Phase::Analysis(Box::new(observation.clone()));
        Ok(())
    }

    fn advance(&mut self, mut work: f64) -> Result<bool, Error> {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Idle => Ok(self.draw(&mut work)),
            forecast @ Phase::Forecast { .. } => {
                self.phase = forecast;
                if !self.draw(&mut work) {
                    return Ok(false);
                }
                self.forecast(work)
            }
            Phase::Again(observation) => {
                self.begin_analysis(&observation)?;
                Ok(false)
            }
            Phase::Analysis(observation) if self.waits => {
                self.phase = Phase::Analysis(observation);
                Ok(false)
            }
            Phase::Analysis(observation) => {
                let done = self.with(&observation, |analysis, update| {
                    analysis.advance(update, work)
                })?;
                if done {
                    self.finish()?;
                } else {
                    self.waits = self.analysis.is_at_exchange();
                    self.phase = Phase::Analysis(observation);
                }
                Ok(done)
            }
        }
    }

    fn cost(&self, rows: usize) -> Cost {
        let (n, d) = (self.ensemble.len(), self.ensemble.dim());
        Cost {
            once: 2.0 * (n * d) as f64,
            forecast: self.flow.cost() * n as f64 * f64::from(self.flow.substeps()),
            analysis: self.analysis.cost(n, d, rows),
        }
    }

    fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    fn ensemble(&self) -> Option<&Ensemble> {
        Some(&self.ensemble)
    }

    fn divisible(&mut self) -> Option<&mut dyn Divisible> {
        // Whether it can does not depend on how much is observed.
        match Divisible::division(self, 1, true).exchanges {
            0 => None,
            _ => Some(self),
        }
    }

    fn is_at_exchange(&self) -> bool {
        self.waits
    }

    fn watch(&mut self, members: usize) {
        self.watched = members;
        self.trace = None;
    }

    fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }
}

impl Divisible for Walk {
    fn division(&self, rows: usize, linear: bool) -> Division {
        let (n, d) = (self.ensemble.len(), self.ensemble.dim());
        self.analysis.division(n, d, rows, linear)
    }

    fn divide(&mut self, own: Range<usize>) {
        self.own = own;
    }

    fn undivide(&mut self) {
        self.own = 0..self.ensemble.len();
        self.waits = false;
        if self.kept.is_empty() {
            return;
        }
        self.phase = match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Analysis(observation) => {
                self.ensemble.x = std::mem::take(&mut self.kept);
                Phase::Again(observation)
            }
            other => other,
        };
    }

    fn meet(&mut self, all: &[f64]) {
        self.ensemble.x.copy_from_slice(all);
        self.drawn = self.ensemble.len();
        self.waits = false;
    }
}
