//! The command line: run a link, print the table of keys, compare speeds.

#![deny(clippy::print_stdout, clippy::print_stderr)] // they panic if the stream is closed

mod args;
mod bench;
mod calls;
#[cfg(feature = "webgpu")]
mod card;
mod course;
mod dealt;
mod failure;
mod files;
mod first;
mod input;
mod job;
mod memory;
mod npy;
mod output;
mod prepare;
mod run;
mod say;
mod shares;
mod signals;
mod simulate;
mod team;
mod threads;
mod train;
mod verify;
#[cfg(feature = "unet")]
mod windows;

use args::{Asked, Command};
use failure::Failure;
use say::{print, print_text, tell};
use scorefield::labs::link;
use serde_json::json;
use std::process::ExitCode;

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
        Command::Job {
            name,
            link,
            threads,
        } => job::job(name, link, *threads),
        Command::Train {
            recipe,
            fresh,
            threads,
        } => train::train(recipe, *fresh, *threads),
        Command::Verify { file } => verify::verify(file),
        Command::Simulate(film) => simulate::simulate(film),
        Command::Prepare { folder } => prepare::prepare(folder),
        Command::Specs => print(&json!(link::spec::table())),
        Command::Bench { n, steps } => bench::bench(*n as usize, *steps),
        #[cfg(feature = "webgpu")]
        Command::Card(options) => card::card(options),
    }
}
