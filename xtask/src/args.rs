//! What may stand on the command line.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

use crate::package::Engine;

/// Builds, serves, checks, tests and packs Scorefield.
#[derive(Debug, Parser)]
#[command(
    name = "xtask",
    bin_name = "cargo xtask",
    version,
    propagate_version = true
)]
#[command(subcommand_required = true)]
struct Call {
    #[command(subcommand)]
    command: Command,
}

/// A command with its options.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Builds wasm packages into pkg/.
    Build {
        /// Which of them.
        #[arg(value_enum, value_name = "PACKAGE", default_value_t = Packages::Cpu)]
        packages: Packages,
        /// Makes them as small as `dist` does.
        #[arg(long)]
        release_opt: bool,
    },
    /// Builds, then serves the page until Ctrl-C.
    ///
    /// The page is there as soon as the CPU engine is built; WebGPU follows.
    Serve {
        /// The first port to try.
        #[arg(long, value_name = "P", default_value_t = 8000, value_parser = port)]
        port: u16,
        /// Serves dist/ in place of the sources.
        #[arg(long)]
        dist: bool,
        #[command(flatten)]
        engines: Engines,
    },
    /// Checks format, lints, types and documentation.
    Check(Steps),
    /// Checks, then runs every test; the last line is `N passed, N failed`.
    Test {
        #[command(flatten)]
        steps: Steps,
        /// Of the browser tests those of tests/e2e/NAME.test.js alone; beside `--alone browser` or `--only browser`.
        #[arg(long, value_name = "NAME,NAME")]
        suites: Option<String>,
    },
    /// Makes dist/, a static folder for any host and any sub-path.
    Dist(Dist),
    /// Takes the pictures of the links of gallery and lessons for dist/, which must be built.
    Stills,
    /// Times the engine against the scalar loop, natively and in a browser, and against other libraries.
    Bench(Bench),
    /// Writes docs/screenshot.png.
    Screenshot,
    /// Writes www/licences.txt, the licences of the code in the packages.
    Licences,
}

/// Which engines a command is for.
#[derive(Debug, Args)]
pub struct Engines {
    /// Leaves the WebGPU package out.
    #[arg(long)]
    pub no_webgpu: bool,
}

/// What goes into dist/.
#[derive(Debug, Args)]
pub struct Dist {
    #[command(flatten)]
    pub engines: Engines,
    /// Leaves the pictures of gallery and lessons out, which take minutes.
    #[arg(long)]
    pub no_stills: bool,
    /// Where dist/ will be served: the entries of the gallery get pages of their own, with cards for social media.
    #[arg(long, value_name = "URL", value_parser = base)]
    pub base: Option<String>,
}

/// Which part of the bench to run: all but the start of the page, where none is named.
#[derive(Debug, Args)]
pub struct Bench {
    /// Only the memory, frames and bytes of ten embeds in a page; takes dist/ as it stands.
    #[arg(long, group = "part")]
    pub embeds: bool,
    /// Only the times that are said before runs and jobs, against those that they take.
    #[arg(long, group = "part")]
    pub times: bool,
    /// Only large runs in the page on one worker and on two, and how the time of runs grows with their size.
    #[arg(long, group = "part")]
    pub shares: bool,
    /// Only what a picture of many particles costs while a run is played.
    #[arg(long, group = "part")]
    pub draw: bool,
    /// Only the engine against other libraries and loops, with the same work in one browser, in turns.
    #[arg(long, group = "part")]
    pub peers: bool,
    /// Only the WebGPU engine against other libraries, on Chromium's adapter in software.
    #[arg(long, group = "part")]
    pub webgpu: bool,
    /// Only the time from an empty page to the end of the default run, of dist/ as it stands and of another dist in DIR, in turns.
    #[arg(long, group = "part", value_name = "DIR")]
    pub start: Option<PathBuf>,
    /// Only the CPU engine against that of another state of this repository, in turns; DIR is its pkg/, made by `cargo xtask build cpu`.
    #[arg(long, group = "part", value_name = "DIR")]
    pub engine: Option<PathBuf>,
    /// Only the fused kernels on the graphics card of this machine, and the CPU engine beside them.
    #[arg(long, group = "part")]
    pub card: bool,
    /// With `--card`: makes the table of what `scorefield card` printed on another machine, which is in FILE, and runs nothing.
    #[arg(
        long,
        value_name = "FILE",
        requires = "card",
        conflicts_with = "rounds"
    )]
    pub from: Option<PathBuf>,
    /// With `--peers`: 100,000 particles too.
    #[arg(long, requires = "peers")]
    pub many: bool,
    /// With `--peers`, `--webgpu`, `--start`, `--engine`, `--shares` or `--card`: writes the table to docs/speed.md.
    #[arg(long, conflicts_with_all = ["embeds", "times", "draw"])]
    pub write: bool,
    /// Rounds of `--peers`, `--webgpu`, `--start`, `--engine`, `--shares` or `--card`.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..), conflicts_with_all = ["embeds", "times", "draw"])]
    pub rounds: u32,
}

/// Which steps of `check` or `test` to run: all, where neither `only` nor `alone` is given.
#[derive(Debug, Args)]
pub struct Steps {
    /// Runs this step and the steps that it needs; `--list` names them.
    #[arg(long, value_name = "STEP", conflicts_with = "alone")]
    pub only: Option<String>,
    /// Runs this step, on what is already built.
    #[arg(long, value_name = "STEP")]
    pub alone: Option<String>,
    /// Names the steps, and runs none.
    #[arg(long)]
    pub list: bool,
    #[command(flatten)]
    pub engines: Engines,
}

/// Packages to build.
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub enum Packages {
    /// The CPU engine, with the package of every group of labs.
    Cpu,
    /// The WebGPU engine.
    Webgpu,
    /// Both.
    All,
}

impl Packages {
    /// One by one.
    pub fn engines(self) -> &'static [Engine] {
        match self {
            Packages::Cpu => &Engine::CPU,
            Packages::Webgpu => &[Engine::Webgpu],
            Packages::All => &Engine::SHIPPED,
        }
    }
}

fn port(text: &str) -> Result<u16, String> {
    let number = text.parse();
    number.map_err(|_| "a port is a whole number from 0 to 65535".to_owned())
}

/// An address whose end is a folder.
fn base(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_graphic() && !"?#\"'<>\\".contains(c);
    match rest {
        Some(rest) if !rest.starts_with('/') && !rest.is_empty() && rest.chars().all(plain) => {
            Ok(format!("{}/", text.trim_end_matches('/')))
        }
        _ => Err(
            "a base is an address such as https://example.org/scorefield/, without ? and #"
                .to_owned(),
        ),
    }
}

/// What a call asks for.
#[derive(Debug)]
pub enum Asked {
    /// A command.
    Command(Command),
    /// Help, or the version.
    Text(String),
}

/// Reads a call, the program's name first. Without a command it asks for help.
///
/// # Errors
/// What is wrong with it, and what is valid in its place.
pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Asked, String> {
    let words: Vec<OsString> = words.into_iter().collect();
    if words.len() < 2 {
        return Ok(Asked::Text(Call::command().render_help().to_string()));
    }
    match Call::try_parse_from(&words) {
        Ok(call) => Ok(Asked::Command(call.command)),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                Ok(Asked::Text(error.render().to_string()))
            }
            _ => Err(said(&error, words.get(1))),
        },
    }
}

/// An error in the library's words, with all that is valid where these name only what is near.
fn said(error: &clap::Error, word: Option<&OsString>) -> String {
    let mut call = Call::command();
    call.build();
    let text = error.render().to_string();
    let (text, hint) = text.rsplit_once("\n\n").unwrap_or((&text, ""));
    let text = text.trim_start_matches("error: ");
    let valid = match error.kind() {
        ErrorKind::InvalidSubcommand | ErrorKind::MissingSubcommand => {
            let names = call.get_subcommands().map(|command| command.get_name());
            format!("The commands are {}.", listed(names))
        }
        ErrorKind::UnknownArgument => {
            let command = word.and_then(|word| call.find_subcommand(word));
            let command = command.unwrap_or(&call);
            let options: Vec<String> = command
                .get_arguments()
                .filter_map(|argument| argument.get_long())
                .map(|name| format!("--{name}"))
                .collect();
            let given = match error.get(ContextKind::InvalidArg) {
                Some(ContextValue::String(given)) => given.as_str(),
                _ => "",
            };
            let options = listed(options.iter().map(String::as_str));
            if given.starts_with('-') {
                format!("The options of {} are {options}.", command.get_name())
            } else {
                format!(
                    "“{given}” is one word too many. The options of {} are {options}.",
                    command.get_name()
                )
            }
        }
        _ => String::new(),
    };
    let parts = [text, &valid, hint].map(str::trim);
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

/// `a, b and c`.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.join(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Result<Asked, String> {
        let words = ["xtask"].into_iter().chain(text.split_whitespace());
        read(words.map(OsString::from))
    }

    fn command(text: &str) -> Command {
        match asked(text) {
            Ok(Asked::Command(command)) => command,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn help(text: &str) -> String {
        match asked(text) {
            Ok(Asked::Text(text)) => text,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn options_stand_in_any_order_and_have_their_defaults() {
        let serve = |text: &str| match command(text) {
            Command::Serve {
                port,
                dist,
                engines,
            } => (port, dist, engines.no_webgpu),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(serve("serve"), (8000, false, false));
        assert_eq!(serve("serve --no-webgpu --port 8123"), (8123, false, true));
        assert_eq!(serve("serve --dist --port=0"), (0, true, false));
        let built = |text: &str| match command(text) {
            Command::Build {
                packages,
                release_opt,
            } => (packages, release_opt),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(built("build"), (Packages::Cpu, false));
        assert_eq!(
            built("build --release-opt webgpu"),
            (Packages::Webgpu, true)
        );
        assert_eq!(built("build all").0.engines(), Engine::SHIPPED);
        match command("test --no-webgpu --suites open,share --alone browser") {
            Command::Test { steps, suites } => {
                assert_eq!(suites.as_deref(), Some("open,share"));
                assert_eq!(steps.alone.as_deref(), Some("browser"));
                assert!(steps.engines.no_webgpu && steps.only.is_none() && !steps.list);
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(
            command("check --only clippy"),
            Command::Check(Steps { only: Some(_), .. })
        ));
        match command("bench --peers --many --rounds 12 --write") {
            Command::Bench(bench) => {
                assert!(bench.peers && bench.many && bench.write && bench.start.is_none());
                assert_eq!(bench.rounds, 12);
            }
            other => panic!("{other:?}"),
        }
        match command("bench --card --from found.txt --write") {
            Command::Bench(bench) => {
                assert!(bench.card && bench.write && bench.rounds == 6);
                assert_eq!(bench.from, Some(PathBuf::from("found.txt")));
            }
            other => panic!("{other:?}"),
        }
        let dist = |text: &str| match command(text) {
            Command::Dist(dist) => (dist.engines.no_webgpu, dist.no_stills, dist.base),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(dist("dist --no-webgpu"), (true, false, None));
        let base = Some("https://example.org/notes/".to_owned());
        for given in ["https://example.org/notes", "https://example.org/notes/"] {
            let call = format!("dist --no-stills --base {given}");
            assert_eq!(dist(&call), (false, true, base.clone()));
        }
    }

    #[test]
    fn every_command_says_what_it_does_and_its_version() {
        let mut call = Call::command();
        call.build();
        let whole = help("--help");
        assert_eq!([help(""), help("help")], [whole.clone(), whole.clone()]);
        assert!(help("--version").ends_with(concat!(env!("CARGO_PKG_VERSION"), "\n")));
        for command in call.get_subcommands() {
            let name = command.get_name();
            assert!(whole.contains(&format!("\n  {name} ")), "{name}: {whole}");
            if name == "help" {
                continue;
            }
            let own = help(&format!("{name} --help"));
            assert_eq!(own, help(&format!("help {name}")));
            let usage = format!("Usage: cargo xtask {name}");
            assert!(own.contains(&usage), "{own}");
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{name}: {}",
                    argument.get_id()
                );
            }
            let version = help(&format!("{name} --version"));
            assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
        }
    }

    #[test]
    fn a_wrong_word_names_the_valid_ones_and_the_nearest() {
        let commands = "The commands are build, serve, check, test, dist, stills, bench, screenshot, licences and help.";
        for (call, parts) in [
            ("tset", [commands, "'test'"]),
            ("help tset", [commands, "'tset'"]),
            (
                "--list",
                ["'--list'", "The options of xtask are --help and --version."],
            ),
            ("build gpu", ["cpu, webgpu, all", "'cpu'"]),
            (
                "build cpu extra",
                ["“extra” is one word too many", "--release-opt"],
            ),
            (
                "serve --prot 80",
                [
                    "'--port'",
                    "--port, --dist, --no-webgpu, --help and --version",
                ],
            ),
            (
                "serve --port many",
                ["'many'", "a whole number from 0 to 65535"],
            ),
            (
                "serve --port 65536",
                ["'65536'", "a whole number from 0 to 65535"],
            ),
            ("serve --port", ["--port <P>", "value is required"]),
            ("dist --base example.org", ["'example.org'", "https://"]),
            (
                "dist --base https://a.org/?x",
                ["https://a.org/?x", "without ? and #"],
            ),
            (
                "check --suites open",
                ["'--suites'", "--only, --alone, --list, --no-webgpu"],
            ),
            ("check --only", ["--only <STEP>", "value is required"]),
            (
                "test --only doc --alone doc",
                ["--only <STEP>", "--alone <STEP>"],
            ),
            ("bench --peers --start ../dist", ["'--peers'", "'--start"]),
            ("bench --many", ["required", "--peers"]),
            ("bench --from found.txt", ["required", "--card"]),
            ("bench --card --draw", ["'--card'", "'--draw'"]),
            (
                "bench --card --from found.txt --rounds 3",
                ["'--from <FILE>'", "'--rounds <N>'"],
            ),
            ("bench --rounds 0", ["'0'", "--rounds <N>"]),
            ("bench --draw --rounds 3", ["'--draw'", "'--rounds <N>'"]),
            (
                "bench --no-webgpu",
                [
                    "'--no-webgpu'",
                    "The options of bench are --embeds, --times, --shares, --draw, --peers, --webgpu, --start, --engine, --card, --from, --many, --write, --rounds, --help and --version.",
                ],
            ),
        ] {
            let said = asked(call).expect_err(call);
            for part in parts {
                assert!(said.contains(part), "{call}: {part}: {said}");
            }
            assert!(said.ends_with("try '--help'."), "{said}");
        }
    }
}
