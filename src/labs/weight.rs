//! The memory of a run of one side.

use super::lab::Lab;

/// Bytes of a number.
pub const REAL: u64 = 8;

/// The memory of a run of one side.
pub trait Weight {
    /// Number of particles.
    fn particles(&self) -> usize;

    /// Number of coordinates of a particle.
    fn coordinates(&self) -> usize;

    /// Approximate upper bound of the bytes that a run of `n` particles needs at its peak.
    fn bytes(&self, n: usize) -> u64;

    /// The change that would make a particle smaller, in words, if there is one.
    fn smaller(&self) -> Option<&'static str>;
}

impl<L: Lab> Weight for L {
    fn particles(&self) -> usize {
        self.setup().n
    }

    fn coordinates(&self) -> usize {
        self.dim()
    }

    fn bytes(&self, n: usize) -> u64 {
        self.memory(n)
    }

    fn smaller(&self) -> Option<&'static str> {
        Lab::smaller(self)
    }
}
