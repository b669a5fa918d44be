//! Those who do a run of a filter together: all walk from cycle to cycle, each moves some members in an analysis, and at the
//! exchanges the run sends the members of all to all.
//!
//! Held by `tests/shares.rs`: `filters_in_shares_have_the_bits_of_the_whole_run`,
//! `a_filter_whose_share_is_lost_goes_on_alone_with_the_same_bits`, `a_filter_is_shared_out_where_that_is_worth_it`.

use super::setup::Setup;
use crate::filter::Filter;
use crate::labs::shared::State;
use crate::sample::{Landing, Share};

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
    pub fn exchanges(&self, cycle: usize) -> usize {
        self.observed().filter(|k| *k > cycle).count() * self.division.exchanges
    }

    /// The price of the moves of so many members that are done elsewhere, in an analysis.
    pub fn price_of_moves(&self, members: usize) -> f64 {
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
    /// Of these shares, of which all are moved here until they are handed over.
    pub fn new(shares: Vec<Share>) -> Self {
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

    /// Whether the others wait for what is to be sent to them.
    pub fn owes(&self) -> bool {
        self.out.is_some()
    }

    /// What the others need next, once.
    pub fn gives(&mut self) -> Option<State> {
        self.out.take()
    }

    /// A share is moved elsewhere.
    pub fn hand_over(&mut self, part: usize) {
        if let Some(there) = self.elsewhere.get_mut(part) {
            *there = true;
        }
    }

    /// The price of the moves of an analysis that are done elsewhere.
    pub fn price_elsewhere(&self, setup: &Setup) -> f64 {
        match self.stand {
            Stand::Together => setup.price_of_moves(setup.n - self.shares[0].count),
            Stand::Before | Stand::Alone => 0.0,
        }
    }

    /// After `cycle` all begin, from the members as they are, if they have not.
    pub fn begin(&mut self, setup: &Setup, filter: &mut dyn Filter, cycle: usize) {
        if self.stand != Stand::Before || !self.is_whole() {
            return;
        }
        let members = filter.ensemble().map(|own| own.x.clone());
        let (Some(own), Some(x)) = (filter.divisible(), members) else {
            return;
        };
        own.divide(0..self.shares[0].count);
        self.stand = Stand::Together;
        self.all = setup.exchanges(cycle);
        self.out = Some(State { step: cycle, x });
    }

    /// At an exchange in `cycle` the filter takes the members of the others, if they have come, and all are sent to all.
    pub fn meet(&mut self, filter: &mut dyn Filter, cycle: usize) {
        let members = filter.ensemble().map(|own| own.x.clone());
        if let Some(mut x) = members.filter(|_| self.missing().is_none())
            && let Some(own) = filter.divisible()
        {
            let d = x.len() / self.shares[0].of;
            for (share, members) in self.shares.iter().zip(&mut self.members) {
                if let Some(members) = members.take() {
                    x[share.first * d..][..members.len()].copy_from_slice(&members);
                }
            }
            own.meet(&x);
            self.exchange += 1;
            // Nobody needs the last ones.
            self.out = (self.exchange < self.all).then_some(State { step: cycle, x });
        }
    }

    /// Takes the members of a share. Returns how many were awaited.
    pub fn receive(&mut self, part: usize, landing: Landing, dim: usize) -> usize {
        let count = self.shares.get(part).map_or(0, |share| share.count);
        let fits = landing.level == self.exchange && landing.x.len() == count * dim;
        if self.stand != Stand::Together || !fits {
            return 0;
        }
        self.members[part] = Some(landing.x);
        count
    }

    /// Whether the members of a share are missing at the next exchange.
    pub fn has_room(&self, part: usize) -> bool {
        self.members.get(part).is_some_and(Option::is_none)
    }

    /// The share that is awaited at an exchange.
    pub fn awaits(&self) -> Option<usize> {
        let waits = self.stand == Stand::Together && self.out.is_none();
        self.missing().filter(|_| waits)
    }

    /// One of the others is gone: from now on the run goes alone.
    pub fn end(&mut self, filter: &mut dyn Filter) {
        if self.stand == Stand::Together
            && let Some(own) = filter.divisible()
        {
            own.undivide();
        }
        self.stand = Stand::Alone;
        self.out = None;
    }

    /// Exchanges that are done.
    pub fn done(&self) -> usize {
        self.exchange
    }

    /// The number of the last exchange.
    pub fn last(&self) -> usize {
        self.all.saturating_sub(1)
    }
}
