//! The closed lists of the lab that no filter has.

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
    /// All methods.
    Race,
}

words!(FilterView {
    States => "states", "States", "Truth, observations and members over the cycles, on the exact density where there is one";
    Density => "density", "One update", "The update of the shown cycle: forecast, likelihood, analysis";
    Ranks => "ranks", "Ranks", "Where the truth falls among the members, and whether the spread tells the error";
    Accuracy => "accuracy", "Accuracy", "Errors over the cycles, beside those of the exact filter";
    Race => "race", "Race", "All methods that fit, on the same truth, observations and draws, sorted by error";
});

/// Whether a step is implicit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Implicit {
    /// It is.
    Yes,
    /// It is explicit.
    No,
}

words!(Implicit {
    Yes => "yes", "Yes", "Divided by $1 + Δg²(1 − t)(s h′)²/R$: stable for any noise";
    No => "no", "No", "Explicit, as published";
});
