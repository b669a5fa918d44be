//! What one side of an experiment weighs.

use super::run::Lab;

/// Bytes of a number.
pub const REAL: u64 = 8;

/// What a run of one side takes.
pub trait Weight {
    /// Particles of its run.
    fn particles(&self) -> usize;

    /// Coordinates of a particle.
    fn coordinates(&self) -> usize;

    /// Bytes that a run of `n` particles takes at its peak, about, and not more.
    fn bytes(&self, n: usize) -> u64;

    /// What makes a particle smaller, in words; none where nothing does.
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
