//! Builds, serves, checks, tests and packs Scorefield: the only place that knows about tools.
//!
//! Run as `cargo xtask COMMAND`. Every command says what it does and how far it is, installs what is
//! missing or says exactly what to type, and ends with a plain sentence when it fails.

mod args;
mod browser;
mod command;
mod dist;
mod hash;
mod html;
mod licences;
mod mount;
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
use args::Args;
use package::Engine;
use steps::Which;

const HELP: &str = "\
cargo xtask COMMAND

  build [cpu|webgpu|all] [--release-opt]   wasm packages into pkg/ (cpu alone by default)
  serve [--port P] [--no-webgpu] [--dist]  build, then serve the page on http://localhost:P (8000, or the next free port)
  check [--only STEP]                      format, lints, types and documentation
  test [--no-webgpu] [--only STEP]         check, then every test; the last line is `N passed, N failed`
  test --alone browser --suites NAME,NAME  of the browser tests those of tests/e2e/NAME.test.js alone
  dist [--no-webgpu]                       dist/, a static folder for any host and any sub-path
  bench                                    speed against the scalar loop, native and in a browser
  screenshot                               docs/screenshot.png
  licences                                 www/licences.txt, the licences of the code in the packages

`--only STEP` runs that step and the steps it needs, `--alone STEP` that step on what is already built;
`check --list` and `test --list` name the steps.";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command line; `false` means that something was checked and did not pass.
fn run() -> Result<bool> {
    let mut args = Args::new(std::env::args().skip(1));
    let Some(command) = args.word() else {
        println!("{HELP}");
        return Ok(true);
    };
    if !matches!(command.as_str(), "help" | "--help" | "-h") {
        root::locate()?;
    }
    match command.as_str() {
        "build" => {
            let engines = match args.word().as_deref() {
                None | Some("cpu") => vec![Engine::Cpu],
                Some("webgpu") => vec![Engine::Webgpu],
                Some("all") => vec![Engine::Cpu, Engine::Webgpu],
                Some(other) => bail!("`{other}` is no engine: write cpu, webgpu or all"),
            };
            let optimise = args.flag("--release-opt");
            args.end()?;
            for engine in engines {
                package::build(engine)?;
                if optimise {
                    package::optimise_in_place(engine)?;
                }
            }
            Ok(true)
        }
        "serve" => {
            let options = serve::Options {
                port: args.value("--port")?,
                webgpu: !args.flag("--no-webgpu"),
                dist: args.flag("--dist"),
            };
            args.end()?;
            serve::serve(&options)?;
            Ok(true)
        }
        "check" | "test" => {
            let webgpu = !args.flag("--no-webgpu");
            let list = args.flag("--list");
            let only: Option<String> = args.value("--only")?;
            let alone: Option<String> = args.value("--alone")?;
            let steps = if command == "check" {
                args.end()?;
                plan::check(webgpu)
            } else {
                let suites: Option<String> = args.value("--suites")?;
                args.end()?;
                if suites.is_some() && alone.as_ref().or(only.as_ref()) != Some(&"browser".into()) {
                    bail!("--suites needs `--alone browser` or `--only browser` beside it");
                }
                // Asked first, so that a wrong name is said before anything is built.
                plan::test(webgpu, browser::suites(suites.as_deref())?)
            };
            if list {
                for step in &steps {
                    println!("{:16} {}", step.name, step.title);
                }
                return Ok(true);
            }
            let which = match (&alone, &only) {
                (Some(name), _) => Which::Alone(name),
                (None, Some(name)) => Which::With(name),
                (None, None) => Which::All,
            };
            let tally = steps::run(&steps, which)?;
            println!("{tally}");
            Ok(tally.failed == 0)
        }
        "dist" => {
            let webgpu = !args.flag("--no-webgpu");
            args.end()?;
            dist::build(webgpu)
        }
        "bench" => {
            args.end()?;
            browser::bench()?;
            Ok(true)
        }
        "screenshot" => {
            args.end()?;
            browser::screenshot()?;
            Ok(true)
        }
        "licences" => {
            args.end()?;
            licences::write()?;
            Ok(true)
        }
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(true)
        }
        other => bail!("`{other}` is no command\n\n{HELP}"),
    }
}
