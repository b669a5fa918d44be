//! The parts of a task, and how far it is in them.

use super::deal::Deal;
use crate::answer::Answer;
use crate::error::Error;

/// What a task does: parts that are not cut any further, on a state of any type.
pub(super) trait Parts {
    /// Does a part of a stage.
    fn part(&mut self, stage: usize, part: usize) -> Result<(), Error>;

    /// What another one is made of that does some of its parts, beside the link.
    fn given(&self) -> &[f64];

    /// What one of the parts finds that do not need each other; nothing where there is none.
    fn find(&self, part: usize) -> Vec<f64>;

    /// Notes what it has found.
    fn note(&mut self, part: usize, found: &[f64]);

    /// What they make; asked once, at the end.
    fn end(&mut self) -> Result<Box<dyn Answer>, Error>;
}

/// What became of the next part.
pub(super) enum Next {
    /// It is done, and took so many units.
    Took(usize),
    /// All that are left are done elsewhere.
    Waits,
    /// All are done.
    Over,
}

/// How far a task is in its parts. It does not know the type of their state: its code is compiled once for all tasks.
#[derive(Default)]
pub(super) struct Course {
    /// The work of each part of each stage, in units ([`crate::denoise::Denoiser::price`]), about.
    pub(super) stages: Vec<Vec<usize>>,
    /// The stage and the part of it that are next.
    next: (usize, usize),
    pub(super) independent: Option<Independent>,
}

/// Parts that do not need each other: each finds some numbers, here or elsewhere, which are noted in the order of the parts.
pub(super) struct Independent {
    /// The work of each part in units, about, and the numbers that it finds.
    pub(super) parts: Vec<(usize, usize)>,
    pub(super) deal: Deal,
}

impl Course {
    /// Does the next part of a stage, and says its work; none where all are done.
    pub(super) fn staged(&mut self, parts: &mut dyn Parts) -> Result<Option<usize>, Error> {
        while let Some(costs) = self.stages.get(self.next.0) {
            let Some(cost) = costs.get(self.next.1) else {
                self.next = (self.next.0 + 1, 0);
                continue;
            };
            parts.part(self.next.0, self.next.1)?;
            self.next.1 += 1;
            return Ok(Some((*cost).max(1)));
        }
        Ok(None)
    }

    /// Does the next part.
    pub(super) fn next(&mut self, parts: &mut dyn Parts) -> Result<Next, Error> {
        if let Some(cost) = self.staged(parts)? {
            return Ok(Next::Took(cost));
        }
        let Some(independent) = &mut self.independent else {
            return Ok(Next::Over);
        };
        let here = independent.deal.here();
        if let Some(part) = here {
            independent.deal.end(part, parts.find(part));
        }
        while let Some((part, found)) = independent.deal.next() {
            parts.note(part, &found);
        }
        Ok(match here {
            Some(part) => Next::Took(independent.parts[part].0.max(1)),
            None if independent.deal.is_done() => Next::Over,
            None => Next::Waits,
        })
    }

    /// Does all parts that are done here.
    pub(super) fn finish(&mut self, parts: &mut dyn Parts) -> Result<(), Error> {
        while matches!(self.next(parts)?, Next::Took(_)) {}
        Ok(())
    }

    /// The work of all parts in units, about.
    pub(super) fn price(&self) -> u64 {
        let independent = self.independent.iter().flat_map(|own| &own.parts);
        let all = self
            .stages
            .iter()
            .flatten()
            .chain(independent.map(|(cost, _)| cost));
        all.map(|cost| (*cost).max(1) as u64).sum()
    }
}
