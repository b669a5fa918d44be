//! The memory of a run, computed before it starts. The caller must know the available memory: the library does not
//! ask the operating system.

use super::experiment::Experiment;
use super::weight::{REAL, Weight};
use crate::error::Error;
use crate::sample::lead;

/// The share of the available memory that a run may use, in percent.
const PERCENT: u64 = 80;
/// Memory besides particles and records: code, laws, plans, networks, the buffers of a training.
const BASE: u64 = 12_000_000;
/// The program that holds the runs of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The page: it holds both at once.
    Page,
    /// The command line: it runs one after the other, keeps the samples of the first, and writes an answer.
    CommandLine {
        /// Number of frames of each particle in the answer.
        frames: usize,
        /// Bytes per number of a file of samples while it is written.
        file: u64,
    },
}

/// Bytes per number in an answer, as a value of JSON and as text.
const ANSWERED: u64 = 90;

/// Checks that the runs of an experiment fit into 80 % of the available memory.
///
/// # Errors
/// If they do not fit. The error names the sizes and the largest n that fits.
pub fn check(experiment: &dyn Experiment, there: u64, holder: Holder) -> Result<(), Error> {
    // A side that cannot be made gives its own error when its run is started.
    let sides = experiment.weights();
    let room = there / 100 * PERCENT;
    let need = |most: usize| total(&sides, most, holder);
    if need(usize::MAX) <= room {
        return Ok(());
    }
    let particles = sides.iter().map(|s| s.particles()).max().unwrap_or(1);
    let (mut fits, mut too_many) = (0, particles);
    while too_many - fits > 1 {
        let middle = fits + (too_many - fits) / 2;
        if need(middle) <= room {
            fits = middle
        } else {
            too_many = middle
        }
    }
    let smaller = sides.iter().find_map(|s| s.smaller());
    Err(Error::Memory {
        need: need(usize::MAX),
        there,
        percent: PERCENT,
        remedy: match (fits, smaller) {
            (0, Some(smaller)) => format!("Choose {smaller}, and n=1."),
            (0, None) => "Free some memory: even n=1 does not fit.".to_owned(),
            (n, Some(smaller)) => format!("Choose n={} or less, or {smaller}.", round_down(n)),
            (n, None) => format!("Choose n={} or less.", round_down(n)),
        },
    })
}

/// The number of threads that fit beside the runs of an experiment, of `most`: shares of a run hold more states than the run
/// in one piece, and each thread has its own laws and plans.
///
/// Held by `tests/memory.rs`: `a_run_is_refused_in_words_or_runs_to_its_end_whatever_memory_is_there`.
pub fn threads(experiment: &dyn Experiment, there: u64, holder: Holder, most: usize) -> usize {
    let sides = experiment.weights();
    let room = (there / 100 * PERCENT).saturating_sub(total(&sides, usize::MAX, holder));
    let states = |side: &&dyn Weight| {
        let (n, dim) = (side.particles(), side.coordinates());
        // Those that wait to be joined, those on their way, and the joined one.
        (2 * lead(n, dim) as u64 + 3) * (n * dim) as u64 * REAL
    };
    let room = room.saturating_sub(sides.iter().map(states).max().unwrap_or(0));
    most.min(1 + usize::try_from(room / BASE).unwrap_or(usize::MAX))
}

/// Rounds down to two significant digits.
fn round_down(n: usize) -> usize {
    let mut unit = 1;
    while n / unit >= 100 {
        unit *= 10;
    }
    n / unit * unit
}

/// Bytes of both sides with at most `most` particles each.
fn total(sides: &[&dyn Weight], most: usize, holder: Holder) -> u64 {
    let own = |side: &dyn Weight| {
        let n = side.particles().min(most);
        let numbers = n as u64 * side.coordinates() as u64;
        (side.bytes(n), numbers)
    };
    let runs = match holder {
        Holder::Page => sides.iter().map(|side| own(*side).0).sum(),
        Holder::CommandLine { frames, file } => {
            let (mut kept, mut peak) = (0, 0);
            for side in sides {
                let (run, numbers) = own(*side);
                let answer = frames as u64 * numbers * ANSWERED;
                peak = peak.max(kept + run + answer + file * numbers);
                kept += answer + REAL * numbers;
            }
            peak
        }
    };
    BASE + runs
}
