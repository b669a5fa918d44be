//! How much memory a run takes, before it starts. The memory that is there is the caller's to know: the library asks no
//! operating system.

use super::compiled::{Compiled, compile};
use super::run::Lab;
use crate::error::Error;
use crate::link::{Link, Side};

/// Share of the memory that is there which a run may take, in percent.
const PERCENT: u64 = 80;
/// What is taken besides particles and records: code, laws, plans, networks, the buffers of a training.
const BASE: u64 = 12_000_000;
/// Bytes of a number.
pub(super) const REAL: u64 = 8;

/// Who holds the runs of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The page: both at once.
    Page,
    /// The command line: one after the other. It keeps the samples of the first, and writes an answer.
    CommandLine {
        /// Frames of each particle in the answer.
        frames: usize,
        /// Bytes that a number of a file of samples takes while it is written.
        file: u64,
    },
}

/// Bytes of a number in an answer, as a value of JSON and as text.
const ANSWERED: u64 = 90;

/// That the runs of a link fit into 80 % of the memory that is there.
///
/// # Errors
/// If they do not: with the sizes, and the largest n that fits.
pub fn check(link: &Link, there: u64, holder: Holder) -> Result<(), Error> {
    let count = if link.b.is_some() { 2 } else { 1 };
    let sides = [Side::A, Side::B].into_iter().take(count);
    // A side that cannot be compiled is an error of its own, when its run is asked for.
    let sides: Vec<_> = sides.filter_map(|side| compile(link, side).ok()).collect();
    let room = there / 100 * PERCENT;
    let need = |most: usize| total(&sides, most, holder);
    if need(usize::MAX) <= room {
        return Ok(());
    }
    let particles = sides.iter().map(Compiled::particles).max().unwrap_or(1);
    let (mut fits, mut too_many) = (0, particles);
    while too_many - fits > 1 {
        let middle = fits + (too_many - fits) / 2;
        if need(middle) <= room {
            fits = middle
        } else {
            too_many = middle
        }
    }
    let chain = matches!(sides.as_slice(), [Compiled::Chain(..), ..]);
    Err(Error::Memory {
        need: need(usize::MAX),
        there,
        percent: PERCENT,
        remedy: match (fits, chain) {
            (0, true) => "Choose a smaller length, and n=1.".to_owned(),
            (0, false) => "Free some memory: even n=1 does not fit.".to_owned(),
            (n, true) => format!("Choose n={} or less, or a smaller length.", round_down(n)),
            (n, false) => format!("Choose n={} or less.", round_down(n)),
        },
    })
}

/// Two digits.
fn round_down(n: usize) -> usize {
    let mut unit = 1;
    while n / unit >= 100 {
        unit *= 10;
    }
    n / unit * unit
}

/// Bytes of the sides with `most` particles each at most.
fn total(sides: &[Compiled], most: usize, holder: Holder) -> u64 {
    let own = |side: &Compiled| {
        let n = side.particles().min(most);
        let numbers = n as u64 * side.dim() as u64;
        (side.memory(n), numbers)
    };
    let runs = match holder {
        Holder::Page => sides.iter().map(|side| own(side).0).sum(),
        Holder::CommandLine { frames, file } => {
            let (mut kept, mut peak) = (0, 0);
            for side in sides {
                let (run, numbers) = own(side);
                let answer = frames as u64 * numbers * ANSWERED;
                peak = peak.max(kept + run + answer + file * numbers);
                kept += answer + REAL * numbers;
            }
            peak
        }
    };
    BASE + runs
}

impl Compiled {
    /// Particles of its run.
    fn particles(&self) -> usize {
        match self {
            Compiled::Line(lab, _) => lab.setup.n,
            Compiled::Space(lab, _) => lab.setup.n,
            Compiled::Chain(lab, _) => lab.setup.n,
        }
    }

    fn dim(&self) -> usize {
        match self {
            Compiled::Line(lab, _) => lab.dim(),
            Compiled::Space(lab, _) => lab.dim(),
            Compiled::Chain(lab, _) => lab.dim(),
        }
    }

    /// See [`Lab::memory`].
    fn memory(&self, n: usize) -> u64 {
        match self {
            Compiled::Line(lab, _) => lab.memory(n),
            Compiled::Space(lab, _) => lab.memory(n),
            Compiled::Chain(lab, _) => lab.memory(n),
        }
    }
}
