//! What is read of a link piece by piece, and what is reported of it.

use crate::error::{Fix, LinkError};

/// How a number out of range is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// An error (command line).
    Strict,
    /// Moved to the nearest bound, and reported (page).
    Clamp,
}

/// A number that was moved to its bound.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Clamp {
    /// The key as it stands in the link.
    pub key: String,
    /// The text as given.
    pub given: String,
    /// The value used.
    pub used: String,
    /// One sentence.
    pub message: String,
}

/// One `key=value` of a link, as text.
pub(crate) type Pair = (String, String);

/// What is reported of values that were read.
#[derive(Default)]
pub(super) struct Report {
    pub changes: Vec<String>,
    pub clamps: Vec<Clamp>,
}

pub(super) fn error(
    pair: Option<&Pair>,
    message: String,
    choices: Vec<String>,
    fix: Fix,
) -> Box<LinkError> {
    Box::new(LinkError {
        key: pair.map(|p| p.0.clone()),
        value: pair.map(|p| p.1.clone()),
        message,
        choices,
        meant: 0,
        fix,
    })
}
