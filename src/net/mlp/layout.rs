//! How the numbers of particles stand in registers on their way through the layers.
//!
//! Held by `src/net/mlp/tests.rs`: `the_passes_have_the_bits_of_plain_loops`.

use crate::net::affine::{Affine, GROUP, QUAD, QUADS, Row, WIDE_QUADS};
use crate::net::quad::Quad;

/// Particles up to which they go one after the other: more of them take as long as a group.
const FEW: usize = 10;

/// Where the numbers of particles stand in a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Layout {
    /// A row of [`GROUP`] particles for each feature: a lane is a particle.
    #[default]
    Group,
    /// So many quads for each particle: a lane is a feature.
    Few {
        /// Quads of a particle.
        quads: usize,
    },
}

impl Layout {
    /// Of `count` particles with up to `features` numbers each.
    pub fn of(count: usize, features: usize) -> Self {
        match count {
            0..=FEW => Self::Few {
                quads: features.div_ceil(QUAD).next_multiple_of(WIDE_QUADS),
            },
            _ => Self::Group,
        }
    }

    /// Quads of a buffer of `count` particles with up to `features` numbers each.
    pub fn length(self, count: usize, features: usize) -> usize {
        match self {
            Self::Group => features.next_multiple_of(2) * QUADS,
            Self::Few { quads } => count * quads,
        }
    }

    /// The part of a buffer in which the first `features` numbers of all particles are.
    pub fn first(self, features: usize, buffer: &mut [Quad]) -> &mut [Quad] {
        match self {
            Self::Group => &mut buffer[..features * QUADS],
            Self::Few { .. } => buffer,
        }
    }

    /// Reads `width` numbers of each particle.
    pub fn load(self, numbers: &[f32], width: usize, buffer: &mut [Quad]) {
        match self {
            Self::Group => {
                let rows = buffer.as_chunks_mut::<QUADS>().0;
                for (f, row) in rows[..width].iter_mut().enumerate() {
                    let mut all = [0.0; GROUP];
                    for (to, numbers) in all.iter_mut().zip(numbers.chunks_exact(width)) {
                        *to = numbers[f];
                    }
                    *row = load(&all);
                }
            }
            Self::Few { quads } => {
                let particles = numbers.chunks_exact(width);
                for (row, numbers) in buffer.chunks_exact_mut(quads).zip(particles) {
                    for (quad, numbers) in row.iter_mut().zip(numbers.chunks(QUAD)) {
                        let mut all = [0.0; QUAD];
                        all[..numbers.len()].copy_from_slice(numbers);
                        *quad = Quad::new(all);
                    }
                }
            }
        }
    }

    /// The inverse of [`Layout::load`].
    pub fn store(self, buffer: &[Quad], width: usize, numbers: &mut [f32]) {
        match self {
            Self::Group => {
                let rows = buffer.as_chunks::<QUADS>().0;
                for (f, row) in rows[..width].iter().enumerate() {
                    for (numbers, x) in numbers.chunks_exact_mut(width).zip(lanes(row)) {
                        numbers[f] = x;
                    }
                }
            }
            Self::Few { quads } => {
                let particles = numbers.chunks_exact_mut(width);
                for (row, numbers) in buffer.chunks_exact(quads).zip(particles) {
                    for (quad, numbers) in row.iter().zip(numbers.chunks_mut(QUAD)) {
                        numbers.copy_from_slice(&quad.lanes()[..numbers.len()]);
                    }
                }
            }
        }
    }

    /// `out` = b + W·x of each particle, without b where `biased` is false.
    pub fn apply(self, map: &Affine, x: &[Quad], biased: bool, out: &mut [Quad]) {
        match self {
            Self::Group => {
                let out = out.as_chunks_mut::<QUADS>().0;
                map.of_group(x.as_chunks::<QUADS>().0, biased, out);
            }
            Self::Few { quads } => map.of_few(quads, x, biased, out),
        }
    }
}

/// The numbers of a group as a row.
#[inline(always)]
pub(super) fn load(numbers: &[f32; GROUP]) -> Row {
    let mut row = [Quad::ZERO; QUADS];
    for (quad, numbers) in row.iter_mut().zip(numbers.as_chunks().0) {
        *quad = Quad::new(*numbers);
    }
    row
}

/// The inverse of [`load`].
#[inline(always)]
pub(super) fn lanes(row: &Row) -> [f32; GROUP] {
    let mut lanes = [0.0; GROUP];
    for (quad, numbers) in row.iter().zip(lanes.as_chunks_mut().0) {
        *numbers = quad.lanes();
    }
    lanes
}
