//! The error of a lost device.

use crate::error::Error;

/// The error of a lost device. The device's own message is a list of causes and traces; cubecl writes it to the console.
pub(crate) fn lost() -> Error {
    Error::Engine {
        reason: "The graphics device was lost during the run.".to_owned(),
        remedy: "Run again, or choose the CPU engine.".to_owned(),
    }
}
