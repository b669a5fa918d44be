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

    /// At most `parts` shares of a run of `n` particles, in order. Each begins at a multiple of `grain`.
    ///
    /// Who moves the first of P shares has other work `beside` it, as a fraction b of the work on all particles. All are done at
    /// the same time where the first has (1 − (P − 1) b) / P of the particles, and the others have the rest in equal parts.
    ///
    /// Held by `tests/shares.rs`: `shares_are_neighbours_that_cover_all_particles_from_multiples_of_the_grain`,
    /// `who_joins_the_shares_has_as_much_less_to_move_as_it_does_beside`.
    pub fn split(n: usize, parts: usize, grain: usize, beside: f64) -> Vec<Self> {
        let grains = n.div_ceil(grain.max(1)).max(1);
        let parts = parts.clamp(1, grains);
        let others = parts - 1;
        let fewer = (grains * others) as f64 / parts as f64 * beside.max(0.0);
        let first = (grains / parts).saturating_sub(fewer as usize).max(1);
        let edge = |i: usize| match i {
            0 => 0,
            i if i > others => n,
            i => ((first + (i - 1) * (grains - first) / others) * grain.max(1)).min(n),
        };
        let share = |i: usize| Self {
            first: edge(i),
            count: edge(i + 1) - edge(i),
            of: n,
        };
        (0..parts).map(share).collect()
    }
}
