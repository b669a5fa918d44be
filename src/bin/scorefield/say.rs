//! Printed answers, messages and the progress line.

use super::failure::{Failure, failed};
use serde_json::Value;
use std::io::{IsTerminal, Write};

pub fn print(value: &Value) -> Result<(), Failure> {
    print_text(&value.to_string())
}

pub fn print_text(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|e| failed(format!("The answer cannot be printed: {e}.")))
}

/// Writes to standard error. If it is closed, the text is lost.
pub fn tell(text: &str) {
    let _ = write!(std::io::stderr(), "{text}");
}

/// Runs `work` with a clock in seconds; returns how long it took.
pub fn with_clock(work: impl FnOnce(&dyn Fn() -> f64)) -> f64 {
    // Time is measured around the run, never inside it.
    #[allow(clippy::disallowed_methods)]
    let start = std::time::Instant::now();
    let clock = || start.elapsed().as_secs_f64();
    work(&clock);
    clock()
}

/// A progress line on the terminal. It appears after the first second of a run.
pub struct Bar<'a> {
    clock: &'a dyn Fn() -> f64,
    total: u64,
    shown: bool,
    on: bool,
    /// Text after the remaining time.
    pub note: String,
}

impl<'a> Bar<'a> {
    pub fn new(clock: &'a dyn Fn() -> f64, total: u64) -> Self {
        Self {
            clock,
            total,
            shown: false,
            on: std::io::stderr().is_terminal(),
            note: String::new(),
        }
    }

    pub fn show(&mut self, done: u64) {
        let seconds = (self.clock)();
        if !self.on || seconds < 1.0 || done == 0 {
            return;
        }
        self.shown = true;
        let share = done as f64 / self.total as f64;
        let filled = (share * 30.0) as usize;
        let left = seconds / share * (1.0 - share);
        tell(&format!(
            "\r[{}{}] {:3.0} %  {left:.0} s left  {} ",
            "#".repeat(filled),
            "·".repeat(30 - filled.min(30)),
            share * 100.0,
            self.note
        ));
    }

    pub fn clear(&self) {
        if self.shown {
            tell(&format!("\r{:120}\r", ""));
        }
    }
}
