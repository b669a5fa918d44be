//! A run of a filter that several do together: all walk from cycle to cycle, each moves some members in an analysis, and at the
//! exchanges the run sends the members of all to all.

use super::kept::WATCHED;
use super::run::Walker;
use super::setup::Setup;
use super::twin::Twin;
use super::way::Meter;
use crate::error::Error;
use crate::filter::Filter;
use crate::labs::shared::{Portion, Shareable, State};
use crate::sample::{Landing, Share, Spent};
use std::rc::Rc;

/// An analysis is shared out from so many units of an exchange on: to send the members and wait for them takes about 0.2 ms.
const WORTH: f64 = 40_000.0;
/// And where the members move alone for this part of it at least.
const PART: f64 = 0.25;

impl Setup {
    /// Whether a run is worth being shared out.
    pub fn is_divisible(&self) -> bool {
        let own = self.division;
        own.exchanges > 0
            && own.alone >= WORTH * own.exchanges as f64
            && own.alone >= PART * self.analysis
    }

    /// The exchanges of the cycles after `cycle`.
    fn exchanges(&self, cycle: usize) -> usize {
        self.observed().filter(|k| *k > cycle).count() * self.division.exchanges
    }

    /// The price of the moves of so many members that are done elsewhere, in an analysis.
    fn price_of_moves(&self, members: usize) -> f64 {
        self.division.alone * members as f64 / self.n as f64
    }
}

/// Where those who do a run together stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// They begin before the next forecast.
    Before,
    Together,
    /// One of them is gone: the run does the rest alone.
    Alone,
}

/// Those who do a run together with it.
pub(super) struct Team {
    shares: Vec<Share>,
    /// Which are moved elsewhere. The first never is.
    elsewhere: Vec<bool>,
    stand: Stand,
    /// Number of the next exchange.
    exchange: usize,
    /// Exchanges in all.
    all: usize,
    /// The members of each share at the next exchange, as far as they have come.
    members: Vec<Option<Vec<f64>>>,
    /// What the others need next.
    out: Option<State>,
}

impl Team {
    fn new(shares: Vec<Share>) -> Self {
        Self {
            elsewhere: vec![false; shares.len()],
            members: vec![None; shares.len()],
            shares,
            stand: Stand::Before,
            exchange: 0,
            all: 0,
            out: None,
        }
    }

    /// The first share whose members are missing.
    fn missing(&self) -> Option<usize> {
        (1..self.shares.len()).find(|part| self.members[*part].is_none())
    }

    /// Whether all but the first share are moved elsewhere.
    fn is_whole(&self) -> bool {
        self.elsewhere.iter().skip(1).all(|there| *there)
    }
}

impl Walker {
    /// Whether the others wait for what is to be sent to them.
    pub(super) fn owes(&self) -> bool {
        self.team.as_ref().is_some_and(|team| team.out.is_some())
    }

    /// The price of the moves of an analysis that are done elsewhere.
    pub(super) fn moved_elsewhere(&self) -> f64 {
        match &self.team {
            Some(team) if team.stand == Stand::Together => {
                let own = team.shares[0];
                self.twin.price_of_moves(own.of - own.count)
            }
            Some(_) | None => 0.0,
        }
    }

    /// Before the forecast to the present cycle those who do the run together begin, from the members as they are.
    pub(super) fn begin_together(&mut self) {
        let Some(team) = self
            .team
            .as_mut()
            .filter(|team| team.stand == Stand::Before && team.is_whole())
        else {
            return;
        };
        let members = self.filter.ensemble().map(|own| own.x.clone());
        let (Some(own), Some(x)) = (self.filter.divisible(), members) else {
            return;
        };
        own.divide(0..team.shares[0].count);
        team.stand = Stand::Together;
        team.all = self.twin.exchanges(self.cycle - 1);
        team.out = Some(State {
            step: self.cycle - 1,
            x,
        });
    }

    /// At an exchange the filter takes the members of the others, once they have come, and all are sent to all. Returns whether the
    /// filter is at an exchange.
    pub(super) fn meet(&mut self) -> bool {
        if !self.filter.is_at_exchange() {
            return false;
        }
        let members = self.filter.ensemble().map(|own| own.x.clone());
        if let (Some(team), Some(mut x)) = (&mut self.team, members)
            && team.missing().is_none()
            && let Some(own) = self.filter.divisible()
        {
            let d = x.len() / team.shares[0].of;
            for (share, members) in team.shares.iter().zip(&mut team.members) {
                if let Some(members) = members.take() {
                    x[share.first * d..][..members.len()].copy_from_slice(&members);
                }
            }
            own.meet(&x);
            team.exchange += 1;
            // Nobody needs the last ones.
            team.out = (team.exchange < team.all).then_some(State {
                step: self.cycle,
                x,
            });
        }
        true
    }
}

impl Shareable for Walker {
    fn split(&mut self, parts: usize, _levels: &[usize], price: f64) -> Vec<Share> {
        let n = self.twin.n;
        let analyses = self.twin.observed().count() as f64 * self.twin.division.alone;
        // Who has the run computes the scores beside the members, and the exact filter.
        let beside =
            (price - self.price_of_filter() + self.price_of_scores()).max(0.0) / analyses.max(1.0);
        let few = |shares: &Vec<Share>| shares[0].count < WATCHED.min(n);
        let mut shares = Share::split(n, parts, 1, beside);
        for fewer in (1..shares.len()).rev() {
            if !few(&shares) {
                break;
            }
            shares = Share::split(n, fewer, 1, beside);
        }
        if shares.len() < 2 || self.team.is_some() || self.twin.exchanges(self.cycle) == 0 {
            return vec![Share::whole(n)];
        }
        self.team = Some(Team::new(shares.clone()));
        shares
    }

    fn hand_over(&mut self, part: usize) {
        if let Some(there) = self
            .team
            .as_mut()
            .and_then(|team| team.elsewhere.get_mut(part))
        {
            *there = true;
        }
    }

    fn take_back(&mut self, part: usize) {
        let Some(team) = self
            .team
            .as_mut()
            .filter(|team| part > 0 && part < team.shares.len())
        else {
            return;
        };
        if team.stand == Stand::Together
            && let Some(own) = self.filter.divisible()
        {
            own.undivide();
        }
        team.stand = Stand::Alone;
        team.out = None;
    }

    fn receive(&mut self, part: usize, landing: Landing) {
        let d = self.twin.dim();
        let moves = self.twin.price_of_moves(1) / self.twin.division.exchanges as f64;
        let Some(team) = self
            .team
            .as_mut()
            .filter(|team| team.stand == Stand::Together)
        else {
            return;
        };
        let expected = team.shares.get(part).map_or(0, |share| share.count * d);
        if landing.level == team.exchange && landing.x.len() == expected {
            self.meter
                .add_beside(moves * team.shares[part].count as f64);
            team.members[part] = Some(landing.x);
        }
    }

    fn has_room(&self, part: usize) -> bool {
        let own = self.team.as_ref().and_then(|team| team.members.get(part));
        own.is_some_and(|own| own.is_none())
    }

    fn awaits(&self) -> Option<usize> {
        let together = |team: &&Team| team.stand == Stand::Together && team.out.is_none();
        let team = self.team.as_ref().filter(together)?;
        team.missing().filter(|_| self.filter.is_at_exchange())
    }

    fn joined(&self) -> usize {
        self.team.as_ref().map_or(0, |team| team.exchange)
    }

    fn last(&self) -> usize {
        self.team
            .as_ref()
            .map_or(0, |team| team.all.saturating_sub(1))
    }

    fn gives(&mut self) -> Option<State> {
        self.team.as_mut()?.out.take()
    }
}

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
                let price = (cost.analysis, elsewhere);
                if self.meter.go_on(self.filter.as_mut(), price, left)? {
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
