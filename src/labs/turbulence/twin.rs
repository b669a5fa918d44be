//! A twin experiment: a configuration, with its truth and the answers that it is held against, as far as they have come.

use super::baseline::Baseline;
use super::past::Past;
use super::setup::Setup;
use super::together::Windows;
use crate::error::Error;
use std::cell::RefCell;
use std::ops::Deref;

/// A twin experiment.
pub(super) struct Twin {
    setup: Setup,
    /// The truth as far as it is simulated.
    pub past: RefCell<Past>,
    /// The Gaussian posterior mean as far as it is computed.
    pub baseline: RefCell<Baseline>,
}

impl Twin {
    /// Before the first frame.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            past: RefCell::default(),
            baseline: RefCell::default(),
        }
    }

    /// Goes on with the truth for about `work` units; what is spent is taken off. Returns whether it is whole.
    ///
    /// # Errors
    /// If the flow overflows.
    pub fn simulate(&self, work: &mut i64) -> Result<bool, Error> {
        self.past.borrow_mut().advance(&self.setup, work)
    }

    /// Goes on with the truth, then with the Gaussian posterior mean, where that is known. Returns whether it is there.
    ///
    /// # Errors
    /// As [`Twin::simulate`]; if the solve fails.
    pub fn solve(&self, work: &mut i64) -> Result<bool, Error> {
        if !self.simulate(work)? || *work <= 0 {
            return Ok(false);
        }
        let past = self.past.borrow();
        self.baseline
            .borrow_mut()
            .advance(&self.setup, &past.y, work)
    }

    /// What several can answer together; none where that is not worth it.
    pub fn windows(&self) -> Option<Windows> {
        Windows::of(self.sampling.as_ref()?, self.pixels())
    }

    /// The price of what is still missing of the truth, in units.
    pub fn price_ahead(&self) -> usize {
        let there = self.past.borrow().truth.len() / self.pixels();
        (self.frames - there) * super::past::price(&self.setup)
    }
}

impl Deref for Twin {
    type Target = Setup;

    fn deref(&self) -> &Setup {
        &self.setup
    }
}
