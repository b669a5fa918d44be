//! The one error type of the crate. Every message names the cause and ends with the remedy.

use std::fmt;

/// The remedy for a bad table of points.
pub const POINTS_REMEDY: &str = "A law is 1 to 1000 points. A table of points has two finite numbers in each line, separated by a comma, semicolon, tab or space.";

/// What went wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A link (or one key of it) cannot be read.
    Link(Box<LinkError>),
    /// An engine is missing, failed to start, or was lost.
    Engine {
        /// What happened, in words.
        reason: String,
        /// What the user can do.
        remedy: String,
    },
    /// This engine cannot run the link, but another engine can.
    Unsupported {
        /// The part of the link that this engine cannot run, as a sentence.
        reason: String,
    },
    /// A fingerprint that cannot be read.
    Fingerprint {
        /// What is wrong with it.
        reason: String,
    },
    /// A network that is missing, or a file that is not a network.
    Network {
        /// The network, or the file.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of a network without a checksum of its weights, as earlier versions wrote it.
    Unchecked {
        /// The file.
        name: String,
        /// The recipe in it.
        recipe: String,
    },
    /// A saved training that cannot be resumed.
    Saved {
        /// The file.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A training whose weights are no longer finite.
    Diverged,
    /// The network of a link has not been trained yet.
    Untrained {
        /// The link of its law.
        law: String,
    },
    /// A recipe that cannot be read.
    Recipe {
        /// The file.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of an unknown kind.
    File {
        /// Its name.
        name: String,
        /// What is wrong with it as a table of points.
        reason: String,
    },
    /// Points that cannot be read or written.
    Points {
        /// What is wrong with them.
        reason: String,
    },
    /// An observation that cannot be made, or that does not fit the state.
    Observation {
        /// What is wrong with it, as a sentence.
        reason: String,
        /// What the user can do.
        remedy: String,
    },
    /// A rule of guidance that does not fit the observation, or that failed during a run.
    Guidance {
        /// What happened, as a sentence.
        reason: String,
        /// What the user can do.
        remedy: String,
    },
    /// An invalid chain model, or a question that does not fit the model.
    Model {
        /// What is wrong, and what would be valid.
        reason: String,
    },
    /// A filter that cannot be set up, or that failed at a cycle.
    Filter {
        /// The cycle at which it failed, from 1; `None` if it cannot be set up.
        cycle: Option<u32>,
        /// What happened, as a sentence.
        reason: String,
        /// What the user can do.
        remedy: String,
    },
    /// A run that needs more memory than is available.
    Memory {
        /// Approximate number of bytes that the run needs.
        need: u64,
        /// Number of bytes available.
        there: u64,
        /// The share of the available bytes that a run may use, in percent.
        percent: u64,
        /// What the user can do.
        remedy: String,
    },
    /// A question that can be answered only after the run has finished.
    NotYet {
        /// What was asked for.
        what: &'static str,
    },
}

/// A link that cannot be read: the key, the reason, the valid choices and the smallest repair.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkError {
    /// The key as the link writes it, if the error belongs to one key.
    pub key: Option<String>,
    /// The value as the link writes it.
    pub value: Option<String>,
    /// One sentence for the reader.
    pub message: String,
    /// The valid choices, if they can be listed.
    pub choices: Vec<String>,
    /// The first `meant` choices are keys that the author may have meant.
    pub meant: usize,
    /// The smallest change that removes this error.
    pub fix: Fix,
}

/// A change of one `key=value` pair that removes an error.
#[derive(Debug, Clone, PartialEq)]
pub enum Fix {
    /// Remove pair number `.0`.
    Drop(usize),
    /// Give pair number `.0` the key `.1`.
    Rename(usize, String),
    /// Give pair number `.0` the value `.1`.
    Set(usize, String),
    /// Add the pair.
    Add(String, String),
    /// Start from the default link.
    Default,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.choices.is_empty() {
            write!(f, " Valid: {}.", self.choices.join(", "))?;
        }
        Ok(())
    }
}

impl Error {
    /// A filter that cannot be set up: what does not fit, and what would.
    pub fn no_filter(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Filter {
            cycle: None,
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }
}

/// An error if the number `name` of a filter is outside `low ..= high`.
///
/// # Errors
/// The number and its range.
pub fn within(name: &str, value: f64, low: f64, high: f64) -> Result<(), Error> {
    match (low..=high).contains(&value) {
        true => Ok(()),
        false => Err(Error::no_filter(
            format!("{name}={value} is out of range."),
            format!("Choose {low} to {high}."),
        )),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Link(e) => e.fmt(f),
            Error::Engine { reason, remedy }
            | Error::Observation { reason, remedy }
            | Error::Guidance { reason, remedy } => write!(f, "{reason} {remedy}"),
            Error::Filter {
                cycle: Some(cycle),
                reason,
                remedy,
            } => write!(f, "Cycle {cycle}: {reason} {remedy}"),
            Error::Filter { reason, remedy, .. } => write!(f, "{reason} {remedy}"),
            Error::Unsupported { reason } => write!(f, "{reason} Choose engine=cpu."),
            Error::Fingerprint { reason } => {
                write!(
                    f,
                    "The fingerprint cannot be read: {reason}. Copy the whole link again."
                )
            }
            Error::Network { name, reason } => {
                write!(f, "{name} {reason}. Load it again, or choose score=exact (of chains score=full, of flows score=gaussian).")
            }
            Error::Unchecked { name, recipe } => {
                let lines = recipe.lines().map(str::trim).filter(|l| !l.is_empty());
                let recipe: String = lines.collect::<Vec<_>>().join(", ").chars().take(400).collect();
                write!(
                    f,
                    "{name} was written by an earlier version and has no checksum of its weights, so damage to it cannot be detected. Train it again with score=trained: the same recipe gives the same weights. The recipe in the file: {recipe}."
                )
            }
            Error::Saved { name, reason } => write!(
                f,
                "{name} {reason}. Start again with --fresh, which deletes this file."
            ),
            Error::Diverged => f.write_str(
                "The training diverged: a weight is no longer a finite number. Choose a smaller learning rate (net-rate; rate in a recipe).",
            ),
            Error::Untrained { law } => write!(
                f,
                "The network of this link, for {law}, has not been trained yet. Let its training finish, load its file, or choose score=exact (of chains score=full)."
            ),
            Error::Recipe { name, reason } => write!(
                f,
                "{name} {reason}. Correct the recipe: lines “key = value” for law, width, depth, steps, batch, rate and seed; noise-mean and noise-sd may be left out. A network on windows of a flow has widths and blocks in place of width and depth."
            ),
            Error::File { name, reason } => write!(
                f,
                "{name} is neither the file of a network (burnpack) nor a table of points: {reason}. {POINTS_REMEDY}"
            ),
            Error::Points { reason } => {
                write!(f, "These points cannot be used: {reason}. {POINTS_REMEDY}")
            }
            Error::Model { reason } => write!(f, "This model cannot be used: {reason}."),
            Error::Memory {
                need,
                there,
                percent,
                remedy,
            } => write!(
                f,
                "This run needs about {} of memory, more than {percent} % of the {} that are available. {remedy}",
                bytes(*need),
                bytes(*there)
            ),
            Error::NotYet { what } => {
                write!(
                    f,
                    "There is no {what} before the run is done. Let it finish first."
                )
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<Box<LinkError>> for Error {
    fn from(e: Box<LinkError>) -> Self {
        Error::Link(e)
    }
}

/// A size in MB or GB.
fn bytes(size: u64) -> String {
    let size = size as f64;
    if size < 1e9 {
        format!("{:.0} MB", size / 1e6)
    } else {
        format!("{:.1} GB", size / 1e9)
    }
}

/// A number for an error message: three significant digits, without an exponent from 10⁻⁴ to 10⁶.
pub fn rounded(x: f64) -> String {
    let size = x.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e6).contains(&size) {
        return format!("{x:.2e}");
    }
    let digits = 2 - libm::floor(libm::log10(size)) as i32;
    format!("{x:.*}", digits.max(0) as usize)
}
