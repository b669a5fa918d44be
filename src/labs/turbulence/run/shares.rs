//! The shares of the windows of a film.

use super::Run;
use crate::labs::runner::Runner;
use crate::labs::shared::{Shareable, State};
use crate::labs::turbulence::together::Team;
use crate::sample::{Landing, Share};

impl Shareable for Run {
    fn split(&mut self, parts: usize, _levels: &[usize], price: f64) -> Vec<Share> {
        let Some(windows) = self.twin.windows() else {
            return vec![];
        };
        // Who has the run does all but the answers.
        let answers = self.windows as f64;
        let beside = (price - answers).max(0.0) / answers.max(1.0);
        let shares = Share::split(windows.count, parts, 1, beside);
        if shares.len() > 1 && self.team.is_none() && !self.is_done() {
            self.team = Some(Team::new(windows, shares.clone()));
            return shares;
        }
        vec![Share::whole(windows.count)]
    }

    fn hand_over(&mut self, part: usize) {
        if let Some(team) = &mut self.team {
            team.hand_over(part);
        }
    }

    fn take_back(&mut self, part: usize) {
        if let Some(team) = &mut self.team {
            team.take_back(part);
        }
    }

    fn receive(&mut self, part: usize, landing: Landing) {
        if let Some(team) = &mut self.team {
            self.spent += team.receive(part, landing) as u64;
        }
    }

    fn has_room(&self, part: usize) -> bool {
        self.team.as_ref().is_some_and(|team| team.has_room(part))
    }

    fn awaits(&self) -> Option<usize> {
        self.team.as_ref()?.awaits()
    }

    fn joined(&self) -> usize {
        self.team.as_ref().map_or(0, Team::done)
    }

    fn last(&self) -> usize {
        usize::MAX
    }

    fn gives(&mut self) -> Option<State> {
        self.team.as_mut()?.gives()
    }
}
