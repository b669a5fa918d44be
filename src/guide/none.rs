//! `none`: the prior without guidance.

use super::rule::Point;
use super::rule::Rule;
use super::rule::RuleAt;
use super::rule::Weight;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;

/// No guidance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct None;

impl Rule for None {
    fn weight(&self, _: &Level) -> Weight {
        Weight::None
    }

    fn at<'a>(&'a self, _: &'a Observation, _: &Level) -> Result<Box<dyn RuleAt + 'a>, Error> {
        Ok(Box::new(None))
    }
}

impl RuleAt for None {
    fn guide(&self, _: &Point<'_>, _: &mut [f64]) -> Result<(), Error> {
        Ok(())
    }
}
