//! The shares of a run of a filter.

use super::Walker;
use crate::labs::filter::kept::WATCHED;
use crate::labs::filter::team::Team;
use crate::labs::shared::{Shareable, State};
use crate::sample::{Landing, Share};

impl Shareable for Walker {
    fn split(&mut self, parts: usize, _levels: &[usize], price: f64) -> Vec<Share> {
        let n = self.twin.n;
        let analyses = self.twin.observed().count() as f64 * self.twin.division.alone;
        // Who has the run computes the scores beside the members, and the exact filter.
        let beside =
            (price - self.price_of_filter() + self.price_of_scores()).max(0.0) / analyses.max(1.0);
        // The first share has the members whose paths are kept.
        let shares = (1..=parts)
            .rev()
            .map(|parts| Share::split(n, parts, 1, beside))
            .find(|shares| shares[0].count >= WATCHED.min(n))
            .unwrap_or_default();
        if shares.len() < 2 || self.team.is_some() || self.twin.exchanges(self.cycle) == 0 {
            return vec![Share::whole(n)];
        }
        self.team = Some(Team::new(shares.clone()));
        shares
    }

    fn hand_over(&mut self, part: usize) {
        if let Some(team) = &mut self.team {
            team.hand_over(part);
        }
    }

    fn take_back(&mut self, _part: usize) {
        if let Some(team) = &mut self.team {
            team.end(self.filter.as_mut());
        }
    }

    fn receive(&mut self, part: usize, landing: Landing) {
        let one = self.twin.price_of_moves(1) / self.twin.division.exchanges as f64;
        if let Some(team) = &mut self.team {
            let members = team.receive(part, landing, self.twin.dim());
            self.meter.add_beside(one * members as f64);
        }
    }

    fn has_room(&self, part: usize) -> bool {
        self.team.as_ref().is_some_and(|team| team.has_room(part))
    }

    fn awaits(&self) -> Option<usize> {
        let team = self.team.as_ref()?;
        team.awaits().filter(|_| self.filter.is_at_exchange())
    }

    fn joined(&self) -> usize {
        self.team.as_ref().map_or(0, Team::done)
    }

    fn last(&self) -> usize {
        self.team.as_ref().map_or(0, Team::last)
    }

    fn gives(&mut self) -> Option<State> {
        self.team.as_mut()?.gives()
    }
}
