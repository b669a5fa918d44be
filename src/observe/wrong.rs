//! The error of an observation.

use crate::error::Error;

/// The error of an invalid observation: the reason, and the remedy.
pub(crate) fn wrong(reason: String, remedy: String) -> Error {
    Error::Observation { reason, remedy }
}
