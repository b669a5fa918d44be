//! A share of a run of a filter that is done elsewhere.

use super::twin::Twin;
use super::way::Meter;
use crate::error::Error;
use crate::filter::Filter;
use crate::labs::shared::{Portion, State};
use crate::sample::{Landing, Share, Spent};
use std::rc::Rc;

/// What a share does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It has not been told where the members are.
    Before,
    Ahead,
    Forecast,
    Analysis,
    /// Its members are sent, those of the others are awaited.
    Exchange,
    Done,
}

/// A share of a run of a filter: all of the filter, but the moves of the others' members.
pub(super) struct Part {
    twin: Rc<Twin>,
    filter: Box<dyn Filter>,
    share: Share,
    stage: Stage,
    cycle: usize,
    exchange: usize,
    /// Exchanges in all.
    all: usize,
    meter: Meter,
    /// What the truth has taken, in units.
    ahead: f64,
    fault: Option<Error>,
}

impl Part {
    /// A share before its start.
    ///
    /// # Errors
    /// If the filter cannot be made.
    pub fn new(twin: Rc<Twin>, share: &Share) -> Result<Self, Error> {
        Ok(Self {
            filter: twin.filter()?,
            twin,
            share: *share,
            stage: Stage::Before,
            cycle: 0,
            exchange: 0,
            all: 0,
            meter: Meter::default(),
            ahead: 0.0,
            fault: None,
        })
    }

    /// Does a part of the stage. Returns its members, if it has come to an exchange.
    fn part(&mut self, left: &mut f64) -> Result<Option<Landing>, Error> {
        let twin = self.twin.clone();
        let seen = twin.is_seen(self.cycle);
        let cost = self.filter.cost(twin.sensor.rows());
        match self.stage {
            Stage::Ahead => {
                let before = *left;
                let there = twin.simulate(self.cycle, left)?;
                self.ahead += before - *left;
                if there {
                    self.filter.begin_forecast(self.cycle as u32);
                    self.stage = Stage::Forecast;
                }
            }
            Stage::Forecast => {
                if self.meter.go(self.filter.as_mut(), cost.forecast, left)? {
                    self.stage = Stage::Analysis;
                    match &twin.past.borrow().seen[self.cycle] {
                        Some(y) => self.filter.begin_analysis(y)?,
                        None => self.next(),
                    }
                }
            }
            Stage::Analysis if seen => {
                let elsewhere = twin.price_of_moves(twin.n - self.share.count);
                let own = cost.analysis - elsewhere;
                if self.meter.go(self.filter.as_mut(), own, left)? {
                    self.next();
                } else if self.filter.is_at_exchange() {
                    return Ok(Some(self.land()));
                }
            }
            Stage::Analysis | Stage::Before | Stage::Exchange | Stage::Done => {}
        }
        Ok(None)
    }

    fn next(&mut self) {
        self.cycle += 1;
        self.stage = Stage::Ahead;
    }

    /// Its own members at an exchange.
    fn land(&mut self) -> Landing {
        let last = self.exchange + 1 == self.all;
        self.stage = if last { Stage::Done } else { Stage::Exchange };
        let d = self.twin.dim();
        let own = |x: &[f64]| x[self.share.first * d..][..self.share.count * d].to_vec();
        Landing {
            level: self.exchange,
            x: self.filter.ensemble().map_or(vec![], |all| own(&all.x)),
            spent: Spent::default(),
        }
    }
}

impl Portion for Part {
    fn advance(&mut self, work: usize) -> Option<Landing> {
        let mut left = work.max(1) as f64;
        while left > 0.0 && !self.awaits() && !self.is_done() {
            match self.part(&mut left) {
                Ok(None) => {}
                Ok(landing) => return landing,
                Err(fault) => {
                    self.fault = Some(fault);
                    self.stage = Stage::Done;
                }
            }
        }
        None
    }

    fn work(&self) -> u64 {
        (self.ahead + self.meter.spent()) as u64
    }

    fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    fn check(&self) -> Result<(), Error> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    fn awaits(&self) -> bool {
        matches!(self.stage, Stage::Before | Stage::Exchange)
    }

    fn receive(&mut self, state: &State) {
        let Some(own) = self.filter.divisible() else {
            return;
        };
        match self.stage {
            Stage::Before => {
                own.divide(self.share.first..self.share.first + self.share.count);
                own.meet(&state.x);
                self.cycle = state.step;
                self.all = self.twin.exchanges(self.cycle);
                self.next();
                if self.all == 0 {
                    self.stage = Stage::Done;
                }
            }
            Stage::Exchange => {
                own.meet(&state.x);
                self.exchange += 1;
                self.stage = Stage::Analysis;
            }
            Stage::Ahead | Stage::Forecast | Stage::Analysis | Stage::Done => {}
        }
    }
}
