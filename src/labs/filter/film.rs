//! The frames of a run, a cycle each, with as many members as fit.

use super::setup::Setup;
use crate::answer::{Floats, Named};
use crate::filter::accuracy::Ranks;
use crate::labs::record::Frames;

/// Members in a frame, at most.
const SHOWN: usize = 60;
/// Numbers of members in all frames, at most.
const NUMBERS: usize = 1_000_000;

/// Of so many members, those that every frame of a run has: the first ones.
pub(super) fn shown(setup: &Setup) -> usize {
    let room = NUMBERS / (setup.dim() * (setup.cycles + 1));
    setup.n.min(SHOWN).min(room.max(1))
}

/// Names of the arrays of a frame, and the numbers of each.
pub(super) fn record(setup: &Setup) -> Vec<(&'static str, usize)> {
    let d = setup.dim();
    let mut all = vec![("mean", d), ("sd", d)];
    if setup.n > 0 {
        all.push(("members", shown(setup) * d));
    }
    if setup.keeps_weights() {
        all.push(("weights", shown(setup)));
    }
    all.extend([("rmse", 1), ("spread", 1), ("crps", 1)]);
    if setup.has_w1() {
        all.push(("w1", 1));
    }
    if setup.weighs() {
        all.push(("ess", 1));
    }
    all.extend([("ranks", Ranks::bins(setup.n)), ("flatness", 1)]);
    all
}

/// Frames as they come.
#[derive(Debug, Clone)]
pub(super) struct Film {
    record: Vec<(&'static str, usize)>,
    arrays: Vec<Vec<f32>>,
    done: usize,
    taken: usize,
}

impl Film {
    pub fn new(setup: &Setup) -> Self {
        let record = record(setup);
        Self {
            arrays: vec![vec![]; record.len()],
            record,
            done: 0,
            taken: 0,
        }
    }

    /// Adds a frame: the numbers of an array by its name.
    pub fn push(&mut self, of: impl Fn(&str) -> Vec<f32>) {
        for ((name, count), all) in self.record.iter().zip(&mut self.arrays) {
            let mut own = of(name);
            own.resize(*count, 0.0);
            all.extend(own);
        }
        self.done += 1;
    }

    /// Frames so far.
    pub fn frames(&self) -> usize {
        self.done
    }

    /// The frames since the last call, if any.
    pub fn take(&mut self) -> Option<Frames> {
        let (from, to) = (self.taken, self.done);
        if from == to {
            return None;
        }
        self.taken = to;
        let names = self.record.iter().zip(&mut self.arrays);
        let arrays = names.map(|((name, _), all)| (*name, Floats(std::mem::take(all))));
        Some(Frames {
            from,
            to,
            arrays: Named(arrays.collect()),
        })
    }
}
