//! The message and the exit code of a failed call.

use scorefield::error::Error;

/// The message that ends the program, and the exit code: 2 for a bad link or call, 1 for a failed run.
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

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        let code = if matches!(e, Error::Link(_)) { 2 } else { 1 };
        Failure {
            message: e.to_string(),
            code,
        }
    }
}
