//! The message and the exit code of a failed call.

use scorefield::error::Error;

/// The message that ends the program, and the exit code: 1 for a failed run, 2 for a bad link or call, 3 for a run whose result is
/// not the shared one.
#[derive(Debug)]
pub struct Failure {
    pub message: String,
    pub code: u8,
}

pub fn bad_call(message: impl Into<String>) -> Failure {
    Failure {
        message: message.into(),
        code: 2,
    }
}

pub fn failed(message: impl Into<String>) -> Failure {
    Failure {
        message: message.into(),
        code: 1,
    }
}

pub fn not_reproduced(message: impl Into<String>) -> Failure {
    Failure {
        message: message.into(),
        code: 3,
    }
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        let code = if matches!(e, Error::Link(_)) { 2 } else { 1 };
        Failure {
            message: e.to_string(),
            code,
        }
    }
}
