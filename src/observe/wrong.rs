//! The error of an observation.

use crate::error::Error;

/// That an observation is invalid, and what to do.
pub(crate) fn wrong(reason: String, remedy: String) -> Error {
    Error::Observation { reason, remedy }
}
