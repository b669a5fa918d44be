//! The commands and options of the command line.

use super::failure::{Failure, bad_call};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// The command line of Scorefield: the same links as the page, the same numbers.
#[derive(Parser)]
#[command(name = "scorefield", version, arg_required_else_help = true)]
pub struct Call {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Runs a link and prints one JSON object.
    ///
    /// With score=trained the network is trained first, to the same bits as in the page.
    ///
    /// Exit codes: 0 for a result, 1 for a run that failed, 2 for a link or a call that cannot be read, 3 where the link has the
    /// fingerprint of another result: the answer is printed all the same, with the verdict "different".
    Run(Options),
    /// Computes what a view shows beside the runs and prints one JSON object: its plan and its points.
    Job {
        /// Its name: sweep, errors or race, as the lab of the link has it.
        name: String,
        /// The link in quotes, with or without the address of the page.
        link: String,
        /// Threads, at most: 1 to 256. As many as there are cores without this option. The points are the same to the last bit.
        #[arg(long, value_name = "K", value_parser = threads, allow_negative_numbers = true)]
        threads: Option<usize>,
    },
    /// Trains a score network.
    ///
    /// Writes FILE.bpk, its card FILE.md and its line in SUMS next to FILE.recipe. Continues from FILE.part if an
    /// interrupted call has left it.
    Train {
        /// The recipe: “key = value” lines; nets/ has examples.
        #[arg(value_name = "FILE.recipe")]
        recipe: PathBuf,
        /// Deletes FILE.part, which an interrupted call has left, and starts from the beginning.
        #[arg(long)]
        fresh: bool,
        /// Threads, at most: 1 to 256. As many as there are cores without this option. The weights are the same to the last bit. A
        /// network on windows of a flow has its own number.
        #[arg(long, value_name = "K", value_parser = threads, allow_negative_numbers = true)]
        threads: Option<usize>,
    },
    /// Trains the recipe in the file of a network again and reports whether the weights are the same.
    ///
    /// For a network on windows of a flow, measures the errors on its card again.
    Verify {
        /// The file of a network.
        #[arg(value_name = "FILE.bpk")]
        file: PathBuf,
    },
    /// Simulates the flow of a fluid on a periodic square and writes its frames.
    ///
    /// ∂ω/∂t + u·∇ω = νΔω − αω − amp·k·cos(ky), the vorticity of two-dimensional turbulence, driven by a shear force.
    /// The file has frames × pixels × pixels numbers. Prints one JSON object: the parameters, and energy, enstrophy,
    /// palinstrophy and injection of the last frame.
    Simulate(Film),
    /// Computes the data of the flow that ship: states for truths, the Gaussian law of windows, the spectrum.
    ///
    /// Writes kolmogorov-states.i16, kolmogorov-gaussian.f32, kolmogorov-shells.f32 and their card kolmogorov.md. The films of the training, from
    /// which the law is measured, are kept in target/films. Takes a few minutes.
    Prepare {
        /// The folder of the files.
        #[arg(long, default_value = "nets")]
        folder: PathBuf,
    },
    /// Prints the table of keys as JSON.
    Specs,
    /// Times the engine against a plain scalar loop and prints the ratio.
    Bench {
        /// Particles.
        #[arg(default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        n: u32,
        /// Steps.
        #[arg(default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..=2000))]
        steps: u32,
    },
    /// Times the fused kernels on the graphics card, and the CPU engine beside them; prints a JSON object a line.
    #[cfg(feature = "webgpu")]
    Card(super::card::Options),
}

#[derive(clap::Args)]
pub struct Options {
    /// The link in quotes, with or without the address of the page.
    pub link: String,
    /// Writes the final samples to FILE.npy or FILE.csv. In a comparison, the samples of the second configuration go to
    /// FILE.b.npy or FILE.b.csv.
    #[arg(long, value_name = "FILE", value_parser = samples)]
    pub samples: Option<PathBuf>,
    /// Adds K states of all particles to the answer, from noise to data: 2 to 2001.
    #[arg(long, value_name = "K", value_parser = frames, allow_negative_numbers = true)]
    pub frames: Option<usize>,
    /// Threads, at most: 1 to 256. As many as there are cores without this option. The result is the same to the last bit.
    #[arg(long, value_name = "K", value_parser = threads, allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

#[derive(clap::Args)]
pub struct Film {
    /// The file, in NumPy's format.
    #[arg(value_name = "FILE.npy", value_parser = npy)]
    pub file: PathBuf,
    /// Frames; the first is the start.
    #[arg(long, value_name = "K", default_value = "16", value_parser = count)]
    pub frames: usize,
    /// Pixels along a side, an even number.
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub pixels: usize,
    /// The viscosity ν.
    #[arg(long, value_name = "NU", default_value_t = 0.01)]
    pub viscosity: f64,
    /// The drag α.
    #[arg(long, value_name = "ALPHA", default_value_t = 0.1)]
    pub drag: f64,
    /// The amplitude of the force.
    #[arg(long, value_name = "AMP", default_value_t = 1.0)]
    pub forcing: f64,
    /// The waves of the force over the square.
    #[arg(long, value_name = "K", default_value_t = 4)]
    pub wave: usize,
    /// Time between two frames.
    #[arg(long, value_name = "TIME", default_value_t = 0.2)]
    pub interval: f64,
    /// Longest step of the solver.
    #[arg(long, value_name = "TIME", default_value_t = 0.02)]
    pub dt: f64,
    /// The truth of a link: which committed state of the default flow is the start, and its symmetry.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub truth_seed: u64,
    /// Starts from a random field of this seed, 40 units of time before the first frame.
    #[arg(long, value_name = "SEED", conflicts_with = "truth_seed")]
    pub random_seed: Option<u64>,
}

fn npy(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|e| e.to_str()) {
        Some("npy") => Ok(path),
        _ => Err("the file's name must end in .npy".to_owned()),
    }
}

fn count(text: &str) -> Result<usize, String> {
    whole(text, 1, 1_000_000)
}

fn samples(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|e| e.to_str()) {
        Some("npy" | "csv") => Ok(path),
        _ => Err("the file's name must end in .npy or .csv".to_owned()),
    }
}

fn frames(text: &str) -> Result<usize, String> {
    whole(text, 2, 2001)
}

fn threads(text: &str) -> Result<usize, String> {
    whole(text, 1, 256)
}

/// A whole number from `least` to `most`.
fn whole(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|k| (least..=most).contains(k));
    number.ok_or_else(|| format!("give a whole number from {least} to {most}"))
}

/// A call that was read.
pub enum Asked {
    /// A command.
    Command(Command),
    /// The text of the help, or the version.
    Text(String),
}

/// Reads a call. The first word is the name of the program.
pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Asked, Failure> {
    match Call::try_parse_from(words) {
        Ok(call) => Ok(Asked::Command(call.command)),
        Err(e) => match e.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                Ok(Asked::Text(e.render().to_string().trim_end().to_owned()))
            }
            _ => Err(bad_call(said(&e))),
        },
    }
}

/// The error as a sentence, with the usage of the command.
fn said(e: &clap::Error) -> String {
    let named = |kind| match e.get(kind) {
        Some(ContextValue::String(name)) => name.clone(),
        Some(ContextValue::Strings(names)) => names.join(" "),
        _ => String::new(),
    };
    let given = named(ContextKind::InvalidArg);
    let sentence = match e.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = named(ContextKind::InvalidSubcommand);
            format!("There is no command “{name}”.")
        }
        ErrorKind::MissingRequiredArgument if given.contains("NAME") => {
            "job needs a name and a link.".into()
        }
        ErrorKind::MissingRequiredArgument if given.contains("LINK") => {
            "This command needs a link.".into()
        }
        ErrorKind::MissingRequiredArgument if given.contains("bpk") => {
            "verify needs the file of a network.".into()
        }
        ErrorKind::MissingRequiredArgument if given.contains("npy") => {
            "simulate needs the file to write, FILE.npy.".into()
        }
        ErrorKind::MissingRequiredArgument => "train needs the file of a recipe.".into(),
        ErrorKind::UnknownArgument if given.starts_with('-') => {
            format!("There is no option {given}.")
        }
        ErrorKind::UnknownArgument => {
            format!("“{given}” is one word too many; quote the link.")
        }
        // For all other errors the message of clap is clear.
        _ => {
            let text = e.render().to_string();
            return text.trim_start_matches("error: ").trim_end().to_owned();
        }
    };
    let usage = match e.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => Call::command().render_usage().to_string(),
    };
    format!("{sentence}\n{usage}\n“scorefield help” says more.")
}
