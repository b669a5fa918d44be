//! A filter that several do together: each runs all of it, but moves only some members in an analysis, and gets the others at
//! the exchanges.
//!
//! The truth and the forecast take little beside an analysis with a score, in which each member goes alone, given the forecast.
//! So everyone makes the forecast of all members, and every number has the bits that it has when one does all.
//!
//! Held by `tests/filter/division.rs`: `filters_that_are_divided_have_the_bits_of_one`.

use super::update::Division;
use std::ops::Range;

/// A filter whose analysis can be divided.
pub trait Divisible {
    /// What of an analysis of `rows` values can be shared out; `linear` tells whether the operator is.
    fn division(&self, rows: usize, linear: bool) -> Division;

    /// Moves only the members `own` from the next analysis on.
    fn divide(&mut self, own: Range<usize>);

    /// Moves all members from now on. An analysis that is under way begins again.
    fn undivide(&mut self);

    /// Takes all members `[n × dim]`: at an exchange, after which it goes on, or before a forecast.
    fn meet(&mut self, all: &[f64]);
}
