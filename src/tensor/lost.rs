//! The error of a lost device.

use crate::error::Error;

/// That the device was lost. What the device itself says of its end is a list of causes and traces: it goes to the console, by
/// cubecl's own log.
pub(super) fn lost() -> Error {
    Error::Engine {
        reason: "The graphics device was lost during the run.".to_owned(),
        remedy: "Run again, or choose the CPU engine.".to_owned(),
    }
}
