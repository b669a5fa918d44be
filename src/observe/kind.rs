//! The kinds of operators on a chain of states.

use super::Operator;
use super::States;
use crate::error::Error;
use crate::word::words;

/// The kinds of operators on a chain. The closed set of `operator=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorKind {
    /// See [`Operator::linear`].
    Linear,
    /// See [`Operator::window`]: the number of states in the mean of an observation.
    Window(usize),
    /// See [`Operator::saturating`].
    Saturating,
}

words!(OperatorKind {
    Linear => "linear", "Linear", "$O·x$ at the observed indices";
    Window(4) => "window", "Window", "The mean of $O·x$ over the states that end at the observed index";
    Saturating => "saturating", "Saturating", "$u/(1 + |u|)$ of $O·x$: not linear, so there is no exact posterior";
});

impl OperatorKind {
    /// Whether A is linear, so that a Gaussian chain has a Gaussian posterior.
    pub fn is_linear(self) -> bool {
        match self {
            OperatorKind::Linear | OperatorKind::Window(_) => true,
            OperatorKind::Saturating => false,
        }
    }

    /// Number of states in the mean of an observation.
    pub fn width(self) -> usize {
        match self {
            OperatorKind::Window(width) => width,
            OperatorKind::Linear | OperatorKind::Saturating => 1,
        }
    }

    /// The operator on a chain: `matrix` is O by rows, `at` the observed indices.
    ///
    /// # Errors
    /// As [`Operator::window`].
    pub fn on(self, chain: States, matrix: &[f64], at: &[usize]) -> Result<Operator, Error> {
        match self {
            OperatorKind::Linear => Operator::linear(chain, matrix, at),
            OperatorKind::Window(width) => Operator::window(chain, matrix, at, width),
            OperatorKind::Saturating => Operator::saturating(chain, matrix, at),
        }
    }
}
