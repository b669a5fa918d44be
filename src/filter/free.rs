//! `free`: the forecast without observations, the baseline of all methods.

use super::update::Analysis;
use super::update::Fault;
use super::update::Update;

/// The members stay as the model made them.
///
/// Held by `tests/filter/updates.rs`: `a_free_run_ignores_observations`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Free;

impl Analysis for Free {
    fn begin(&mut self, _update: &mut Update) -> Result<(), Fault> {
        Ok(())
    }

    fn advance(&mut self, _update: &mut Update, _work: f64) -> Result<bool, Fault> {
        Ok(true)
    }

    fn remedy(&self, _places: bool) -> String {
        String::new()
    }

    fn cost(&self, _n: usize, _dim: usize, _rows: usize) -> f64 {
        1.0
    }
}
