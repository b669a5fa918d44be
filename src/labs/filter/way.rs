//! A filter on its way through the cycles of a twin experiment.

use super::past::Past;
use crate::error::Error;
use crate::filter::Filter;

/// What the filter does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Forecast,
    Analysis,
}

/// Where a filter stands when it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// After the forecast to a cycle.
    Forecast(usize),
    /// After its analysis, or where nothing is observed after the forecast.
    Analysis(usize),
}

/// Of a phase that is under way a last bit less counts, so that rounding never takes it beyond its price: what was taken never falls.
const LESS: f64 = 1.0 - 1e-12;

/// What a filter has taken, in units: the prices of the phases that are done, and of the one under way as far as it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meter {
    done: f64,
    within: f64,
    /// What others have done of the analysis under way or, if they are ahead, of the next one.
    beside: f64,
}

impl Meter {
    /// What was taken so far.
    pub fn spent(&self) -> f64 {
        self.done + LESS * (self.within + self.beside)
    }

    /// What the phases took that are done: it does not depend on the pieces.
    pub fn completed(&self) -> f64 {
        self.done
    }

    /// Adds what is done beside the filter.
    pub fn add(&mut self, price: f64) {
        self.done += price;
    }

    /// Adds what others have done of an analysis that is not done.
    pub fn add_beside(&mut self, price: f64) {
        self.beside += price;
    }

    /// Goes on with a phase of this price, of which others do nothing, for about `work` units; what is spent is taken off.
    /// Returns whether it is done.
    ///
    /// # Errors
    /// If the filter fails.
    pub fn go(
        &mut self,
        filter: &mut dyn Filter,
        price: f64,
        work: &mut f64,
    ) -> Result<bool, Error> {
        // Others may be an exchange ahead of a forecast: what they have done stays counted.
        let ahead = std::mem::take(&mut self.beside);
        let done = self.go_on(filter, (price, 0.0), work);
        self.beside = ahead;
        done
    }

    /// The same of an analysis of which others do a part `elsewhere`.
    ///
    /// # Errors
    /// As [`Meter::go`].
    pub fn go_on(
        &mut self,
        filter: &mut dyn Filter,
        (price, elsewhere): (f64, f64),
        work: &mut f64,
    ) -> Result<bool, Error> {
        let done = filter.advance(*work)?;
        let rest = (price - elsewhere.max(self.beside) - self.within).max(0.0);
        match done {
            true => {
                *work -= rest.max(1.0);
                self.done += price;
                self.within = 0.0;
                // Others may be an exchange ahead: in the next analysis.
                let ahead = self.beside - elsewhere;
                let counts = elsewhere > 0.0 && ahead > 1e-6 * elsewhere;
                self.beside = if counts { ahead } else { 0.0 };
            }
            false => {
                self.within += work.min(rest);
                *work = 0.0;
            }
        }
        Ok(done)
    }
}

/// A filter on its way.
#[derive(Debug)]
pub(super) struct Way {
    filter: Box<dyn Filter>,
    phase: Phase,
    /// The last cycle that is done.
    reached: usize,
    meter: Meter,
}

impl Way {
    /// A filter at cycle 0.
    pub fn new(filter: Box<dyn Filter>) -> Self {
        Self {
            filter,
            phase: Phase::Idle,
            reached: 0,
            meter: Meter::default(),
        }
    }

    /// What the filter has taken so far, in units.
    pub fn spent(&self) -> f64 {
        self.meter.spent()
    }

    /// What it takes to the last cycle, in units; `rows` are observed at a cycle.
    pub fn price(&self, cycles: usize, rows: impl Fn(usize) -> usize) -> f64 {
        let cycle = |k| {
            let seen = rows(k);
            let own = self.filter.cost(seen);
            own.forecast + if seen > 0 { own.analysis } else { 0.0 }
        };
        (1..=cycles).map(cycle).sum()
    }

    /// The filter as it stands.
    pub fn filter(&self) -> &dyn Filter {
        self.filter.as_ref()
    }

    /// Goes on for about `work` units until `cycle` is done, up to which `past` has to be simulated; what is spent is taken
    /// off. `see` looks at the filter after each forecast and each analysis. Returns whether the cycle is done.
    ///
    /// # Errors
    /// If the filter fails.
    pub fn go(
        &mut self,
        past: &Past,
        cycle: usize,
        work: &mut f64,
        see: &mut dyn FnMut(At, &dyn Filter),
    ) -> Result<bool, Error> {
        while self.reached < cycle {
            if *work <= 0.0 {
                return Ok(false);
            }
            let next = self.reached + 1;
            let seen = past.seen[next].as_ref();
            let cost = self.filter.cost(seen.map_or(0, |y| y.rows()));
            match self.phase {
                Phase::Idle => {
                    self.filter.begin_forecast(next as u32);
                    self.phase = Phase::Forecast;
                }
                Phase::Forecast => {
                    if !self.meter.go(self.filter.as_mut(), cost.forecast, work)? {
                        return Ok(false);
                    }
                    see(At::Forecast(next), self.filter.as_ref());
                    self.phase = Phase::Analysis;
                    if let Some(y) = seen {
                        self.filter.begin_analysis(y)?;
                    }
                }
                Phase::Analysis => {
                    let filter = self.filter.as_mut();
                    if seen.is_some() && !self.meter.go(filter, cost.analysis, work)? {
                        return Ok(false);
                    }
                    see(At::Analysis(next), self.filter.as_ref());
                    (self.phase, self.reached) = (Phase::Idle, next);
                }
            }
        }
        Ok(true)
    }
}
