//! Shares: a run of n particles is moved as several runs of some of them, in any place, with the same bits.
//!
//! A draw is a function of seed, stream, stage and index (`src/rng.rs`), and no particle of a plan sees another. So the
//! particles `first..first + count` go the same way alone as among all n.
//!
//! Held by `tests/shares.rs`: `shares_of_any_number_give_the_bits_of_the_whole_run`.

/// Some neighbouring particles of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Number of the first particle.
    pub first: usize,
    /// Number of particles, at least one.
    pub count: usize,
    /// Number of particles of the whole run.
    pub of: usize,
}

impl Share {
    /// All particles of a run of `n`.
    pub fn whole(n: usize) -> Self {
        Self {
            first: 0,
            count: n,
            of: n,
        }
    }

    /// At most `parts` shares of a run of `n` particles, in order, of about the same size. Each begins at a multiple of
    /// `grain`.
    pub fn split(n: usize, parts: usize, grain: usize) -> Vec<Self> {
        let grains = n.div_ceil(grain.max(1)).max(1);
        let parts = parts.clamp(1, grains);
        let edge = |i: usize| (i * grains / parts * grain.max(1)).min(n);
        let share = |i: usize| Self {
            first: edge(i),
            count: edge(i + 1) - edge(i),
            of: n,
        };
        (0..parts).map(share).collect()
    }
}
