//! A twin experiment: a configuration, with its truth and its exact filter as far as they have come, for all who ask.

use super::course::Course;
use super::past::Past;
use super::setup::Setup;
use crate::error::Error;
use std::cell::RefCell;
use std::ops::Deref;

/// A twin experiment.
pub(super) struct Twin {
    setup: Setup,
    /// The truth as far as it is simulated.
    pub past: RefCell<Past>,
    /// The exact filter as far as it has come.
    pub course: RefCell<Course>,
}

impl Twin {
    /// Before the first cycle.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            past: RefCell::default(),
            course: RefCell::default(),
        }
    }

    /// Simulates the truth for about `work` units until `cycle`; what is spent is taken off. Returns whether it is there.
    ///
    /// # Errors
    /// If the truth overflows.
    pub fn simulate(&self, cycle: usize, work: &mut f64) -> Result<bool, Error> {
        self.past.borrow_mut().advance(&self.setup, cycle, work)
    }

    /// Why a run has no exact filter up to its end beside it, where its model has one; that of a run of the exact
    /// filter is its own failure.
    pub fn without_exact(&self) -> Option<String> {
        if let Some(why) = &self.setup.unset {
            return Some(format!("There is no exact filter beside the run. {why}"));
        }
        let course = self.course.borrow();
        let why = course.fault.as_ref()?;
        Some(format!("The exact filter ends early. {why}"))
    }

    /// Goes on with the exact filter for about `work` units until `cycle`, to which the truth has to be simulated.
    ///
    /// # Errors
    /// If the filter fails.
    pub fn follow(&self, cycle: usize, work: &mut f64) -> Result<bool, Error> {
        let past = self.past.borrow();
        self.course
            .borrow_mut()
            .advance(&self.setup, &past, cycle, work)
    }
}

impl Deref for Twin {
    type Target = Setup;

    fn deref(&self) -> &Setup {
        &self.setup
    }
}
