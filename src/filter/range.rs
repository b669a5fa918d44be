//! Errors of numbers that are out of their ranges.

use crate::error::Error;

/// An error if `value` is outside `low ..= high`.
pub fn within(name: &str, value: f64, low: f64, high: f64) -> Result<(), Error> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(wrong(
        format!("{name}={value} is out of range."),
        format!("Choose {low} to {high}."),
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
