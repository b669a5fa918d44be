//! The command line: run a link, print the table of keys, compare speeds.

#![deny(clippy::print_stdout, clippy::print_stderr)] // they panic where nobody listens

mod args;
mod first;
mod input;
mod memory;
mod output;
mod run;
mod signals;
mod train;
mod verify;

use args::{Asked, Command};
use output::write_whole;
use scorefield::error::Error;
use scorefield::link;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// What ends the program, and its exit code: 2 for a bad link or call, 1 for a failed run.
#[derive(Debug)]
struct Failure {
    message: String,
    code: u8,
}

fn bad_call(message: impl Into<String>) -> Failure {
    Failure {
        message: message.into(),
        code: 2,
    }
}

fn failed(message: impl Into<String>) -> Failure {
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

fn main() -> ExitCode {
    let result = args::read(std::env::args_os()).and_then(|asked| match asked {
        Asked::Text(text) => print_text(&text),
        Asked::Command(command) => obey(&command),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            tell(&format!("{message}\n"));
            ExitCode::from(code)
        }
    }
}

fn obey(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Run(options) => run::run(options),
        Command::Train { recipe, fresh } => train::train(recipe, *fresh),
        Command::Verify { file } => verify::verify(file),
        Command::Specs => print(&json!(link::spec::table())),
        Command::Bench { n, steps } => bench(*n as usize, *steps),
    }
}

/// Runs `work` with a clock in seconds; returns how long it took.
fn with_clock(work: impl FnOnce(&dyn Fn() -> f64)) -> f64 {
    // Time is measured round the run, never inside it.
    #[allow(clippy::disallowed_methods)]
    let start = std::time::Instant::now();
    let clock = || start.elapsed().as_secs_f64();
    work(&clock);
    clock()
}

/// A progress line on the terminal, from the first second of a run on.
struct Bar<'a> {
    clock: &'a dyn Fn() -> f64,
    total: u64,
    shown: bool,
    on: bool,
    /// A word beside the time left.
    note: String,
}

impl<'a> Bar<'a> {
    fn new(clock: &'a dyn Fn() -> f64, total: u64) -> Self {
        Self {
            clock,
            total,
            shown: false,
            on: std::io::stderr().is_terminal(),
            note: String::new(),
        }
    }

    fn show(&mut self, done: u64) {
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

    fn clear(&self) {
        if self.shown {
            tell(&format!("\r{:120}\r", ""));
        }
    }
}

fn bench(n: usize, steps: u32) -> Result<(), Failure> {
    let mut result = None;
    with_clock(|clock| result = Some(scorefield::bench::compare(n, steps, || clock() * 1e3)));
    let mut growth = None;
    with_clock(|clock| growth = scorefield::bench::growth(|| clock() * 1e3));
    let result = result.ok_or_else(|| failed("The benchmark did not run."))??;
    print(&json!({
        "where": "native", "n": n, "steps": steps,
        "engine_ms": result.engine_ms, "scalar_ms": result.scalar_ms,
        "ratio": result.engine_ms / result.scalar_ms, "difference": result.difference,
        "chain_growth": growth,
    }))
}

fn print(value: &Value) -> Result<(), Failure> {
    print_text(&value.to_string())
}

fn print_text(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|e| failed(format!("The answer cannot be printed: {e}.")))
}

/// Says something on standard error, if anybody listens there.
fn tell(text: &str) {
    let _ = write!(std::io::stderr(), "{text}");
}
