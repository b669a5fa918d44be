//! A run that follows a plan in shares of its particles.

use super::Run;
use crate::labs::lab::Lab;
use crate::labs::runner::Runner;
use crate::labs::shared::{Moved, Shareable, seen};
use crate::sample::{Joined, Landing, Share};

impl<L: Lab> Shareable for Run<L> {
    fn split(&mut self, parts: usize, levels: &[usize], price: f64) -> Vec<Share> {
        let (lab, setup) = (&self.lab, self.lab.setup());
        let frames = self.price_of_frames() as f64;
        let shares = Share::split(setup.n, parts, lab.grain(), beside(frames, price));
        if shares.len() < 2 || Run::is_done(self) || self.executor.shares().is_some() {
            return vec![Share::whole(setup.n)];
        }
        let reached = self.recorder.reached();
        let known = reached.map(|level| (level, self.executor.x().to_vec()));
        drop(self.executor.take()); // before the shares take their memory
        let levels = seen(lab.as_ref(), levels);
        let starts = shares.iter().map(|share| (*share, lab.start(share)));
        let mut joined = Joined::new(&setup.plan, lab.dim(), levels, starts.collect());
        if let Some((level, x)) = known {
            joined.known(level, x);
        }
        self.executor = Moved::Shares(joined);
        shares
    }

    fn hand_over(&mut self, part: usize) {
        if let Some(own) = self.executor.shares_mut() {
            own.hand_over(part);
        }
    }

    fn take_back(&mut self, part: usize) {
        if let Some(own) = self.executor.shares_mut() {
            own.take_back(part, |share| self.lab.start(share));
        }
    }

    fn receive(&mut self, part: usize, landing: Landing) {
        if let Some(own) = self.executor.shares_mut() {
            own.receive(part, landing);
        }
    }

    fn has_room(&self, part: usize) -> bool {
        let shares = self.executor.shares();
        shares.is_some_and(|own| own.has_room(part))
    }

    fn awaits(&self) -> Option<usize> {
        self.executor
            .shares()?
            .awaits()
            .filter(|_| !self.recorder.is_looking())
    }

    fn joined(&self) -> usize {
        self.executor.shares().map_or(0, Joined::joined)
    }

    fn last(&self) -> usize {
        Runner::steps(self)
    }
}

/// The work on the frames of a run, as a fraction of the work on its particles; 0 where the price of the run is not known.
fn beside(frames: f64, price: f64) -> f64 {
    let particles = price - frames;
    if particles > 0.0 {
        frames / particles
    } else {
        0.0
    }
}
