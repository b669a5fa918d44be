//! A twin experiment: a configuration, with its truth and its exact filter as far as they have come, for all who ask.

use super::course::Course;
use super::past::Past;
use super::setup::Setup;
use crate::error::Error;
use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

/// A twin experiment.
pub(super) struct Twin {
    setup: Setup,
    /// The truth as far as it is simulated.
    pub past: Rc<RefCell<Past>>,
    /// The exact filter as far as it has come.
    pub course: Rc<RefCell<Course>>,
}

impl Twin {
    /// Before the first cycle.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            past: Rc::default(),
            course: Rc::default(),
        }
    }

    /// Another configuration with the truth, the observations and the exact filter of this one: both differ in the method
    /// alone.
    pub fn beside(&self, setup: Setup) -> Self {
        Self {
            setup,
            past: self.past.clone(),
            course: self.course.clone(),
        }
    }

    /// The price of what is still missing of the truth and of the exact filter, in units.
    pub fn price_ahead(&self) -> f64 {
        let simulated = self.past.borrow().seen.len().saturating_sub(1);
        let reached = self.course.borrow().reached().unwrap_or(0);
        self.price_of_truth(self.cycles - simulated) + self.price_of_exact(reached)
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
