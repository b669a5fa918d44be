//! The memory of a run of chains.

use super::ChainLab;
use super::FILM;
use super::Guidance;
use super::Method;
use super::reference::DENSE;
use crate::labs::weight::REAL;
use crate::sample::BLOCK;

/// Buffers of a block, of its coordinates and of its observed rows: x̂, noise, and what guidance takes; with the
/// conjugate gradients of `exact`.
const BUFFERS: ([u64; 2], [u64; 2]) = ([3, 2], [5, 5]);
/// Numbers per index and coordinate for the means, deviations and bands of a frame.
const BANDS: u64 = 6;

impl ChainLab {
    /// Bytes of `n` chains at the peak: what moves them, the records of the frames, and at the end exact draws and a copy of
    /// the samples.
    pub(super) fn bytes(&self, n: usize) -> u64 {
        let (dim, count) = (self.chain.dim() as u64, n as u64);
        let whole = count * dim * REAL;
        let buffers = self.setup.plan.buffers();
        let moved = match &self.method {
            Method::AllAtOnce => buffers * whole + self.scratch(n, dim),
            Method::Exact => 3 * whole,
            Method::Autoregressive(series) => {
                let segment = (series.longest() * self.chain.states()) as u64;
                let part = count * segment * REAL;
                // With the noise of the start, the contexts, and the values of y of each chain.
                let film = (FILM as u64 * REAL).min(whole * self.shown_frames());
                whole + film + (buffers + 3) * part + self.scratch(n, segment)
            }
        };
        moved + self.records(dim) + 2 * whole + self.dense(dim)
    }

    fn shown_frames(&self) -> u64 {
        self.setup.shown_levels().len() as u64
    }

    /// The buffers of a block.
    fn scratch(&self, n: usize, dim: u64) -> u64 {
        let (simple, exact) = BUFFERS;
        let [coordinates, rows] = if self.guidance == Guidance::Exact {
            exact
        } else {
            simple
        };
        let operator = self.guided.observation().operator();
        // As many rows per number as in the whole chain, plus those of a context.
        let observed = operator.rows().div_ceil(operator.dim()).max(1) as u64;
        let context = u64::from(matches!(self.method, Method::Autoregressive(_)));
        (coordinates + rows * (observed + context)) * n.min(BLOCK) as u64 * dim * REAL
    }

    /// Frames in f32, at twice their size while they grow, with the first chains of each.
    fn records(&self, dim: u64) -> u64 {
        let shown = super::Camera::new(self).shown() as u64;
        self.shown_frames() * (shown + BANDS) * dim * 4 * 2
    }

    /// Covariances, if they are computed: exact, of the samples, of the draws, and their square roots.
    fn dense(&self, dim: u64) -> u64 {
        match dim <= DENSE as u64 {
            true => 12 * dim * dim * REAL,
            false => 0,
        }
    }
}
