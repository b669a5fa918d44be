//! Errors of numbers that are out of their ranges.

use crate::error::Error;
use crate::error::rounded;

/// An error if `value` is outside `low ..= high`.
pub fn within(name: &str, value: f64, low: f64, high: f64) -> Result<(), Error> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(wrong(
        format!("{name}={} is out of range.", rounded(value)),
        format!("Choose {} to {}.", rounded(low), rounded(high)),
    ))
}

/// An error before the first cycle.
pub fn wrong(reason: String, remedy: String) -> Error {
    Error::Filter {
        cycle: None,
        reason,
        remedy,
    }
}
