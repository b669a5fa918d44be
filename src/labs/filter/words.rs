//! The views of the lab.

use crate::word::words;

/// A view of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterView {
    /// The states over the cycles.
    States,
    /// One update.
    Density,
    /// Ranks of the truth, and spread against error.
    Ranks,
    /// Errors over the cycles.
    Accuracy,
}

words!(FilterView {
    States => "states", "States", "Truth, observations and members over the cycles, on the exact density where there is one";
    Density => "density", "One update", "The update of the shown cycle: forecast, likelihood, analysis";
    Ranks => "ranks", "Ranks", "Where the truth falls among the members, and whether the spread tells the error";
    Accuracy => "accuracy", "Accuracy", "Errors over the cycles, beside those of the exact filter";
});
