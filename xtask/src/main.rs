//! Builds, serves, checks, tests and packs Scorefield: the only place that knows about tools.
//!
//! Run as `cargo xtask COMMAND`. Every command says what it does and how far it is, installs what is
//! missing or says exactly what to type, and ends with a plain sentence when it fails.

mod args;
mod bench;
mod browser;
mod bundle;
mod card;
mod command;
mod dist;
mod element;
mod hash;
mod hosts;
mod html;
mod licences;
mod mount;
mod notes;
mod package;
mod plan;
mod root;
mod serve;
mod site;
mod steps;
mod sums;
mod tally;
mod tools;
mod versions;

use std::process::ExitCode;

use anyhow::{Result, bail};
use args::{Asked, Command, Steps};
use steps::{Step, Which};

fn main() -> ExitCode {
    match args::read(std::env::args_os()) {
        Ok(Asked::Text(text)) => {
            println!("{}", text.trim_end());
            ExitCode::SUCCESS
        }
        Ok(Asked::Command(command)) => match run(command) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("xtask: {error:#}");
                ExitCode::FAILURE
            }
        },
        Err(text) => {
            eprintln!("xtask: {text}");
            ExitCode::from(2)
        }
    }
}

/// Runs a command; `false` means that something was checked and did not pass.
fn run(command: Command) -> Result<bool> {
    root::locate()?;
    match command {
        Command::Build {
            packages,
            release_opt,
        } => {
            for engine in packages.engines() {
                package::build(*engine)?;
                if release_opt {
                    package::optimise_in_place(*engine)?;
                }
            }
        }
        Command::Serve {
            port,
            dist,
            engines,
        } => serve::serve(&serve::Options {
            port,
            webgpu: !engines.no_webgpu,
            dist,
        })?,
        Command::Check(chosen) => return go(&plan::check(!chosen.engines.no_webgpu), &chosen),
        Command::Test {
            steps: chosen,
            suites,
        } => {
            let step = chosen.alone.as_deref().or(chosen.only.as_deref());
            if suites.is_some() && step != Some("browser") {
                bail!("--suites needs `--alone browser` or `--only browser` beside it");
            }
            // Asked first, so that a wrong name is said before anything is built.
            let suites = browser::suites(suites.as_deref())?;
            return go(&plan::test(!chosen.engines.no_webgpu, suites), &chosen);
        }
        Command::Dist(given) => {
            return dist::build(&dist::Options {
                webgpu: !given.engines.no_webgpu,
                stills: !given.no_stills,
                base: given.base,
            });
        }
        Command::Stills => notes::stills(&root::root().join("dist"))?,
        Command::Bench(part) => bench::run(&part)?,
        Command::Screenshot => browser::screenshot()?,
        Command::Licences => licences::write()?,
    }
    Ok(true)
}

/// Lists the steps, or runs those that are chosen.
fn go(steps: &[Step], chosen: &Steps) -> Result<bool> {
    if chosen.list {
        for step in steps {
            println!("{:16} {}", step.name, step.title);
        }
        return Ok(true);
    }
    let which = match (&chosen.alone, &chosen.only) {
        (Some(name), _) => Which::Alone(name),
        (None, Some(name)) => Which::With(name),
        (None, None) => Which::All,
    };
    let tally = steps::run(steps, which, !chosen.engines.no_webgpu)?;
    println!("{tally}");
    Ok(tally.failed == 0)
}
