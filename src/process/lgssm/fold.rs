//! Windows of a chain: unfolding, folding, and the window that gives the score of each index.

use super::model::Chain;
use super::model::refused;
use crate::error::Error;

/// The windows of 2k + 1 indices in a chain of L indices (Rozet & Louppe 2023, algorithm 2).
///
/// Folding takes the first k indices from the first window, the middle index from every window, and the last k indices
/// from the last window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fold {
    /// L.
    pub length: usize,
    /// 2k + 1.
    pub width: usize,
    /// p, the number of coordinates of an index.
    pub states: usize,
}

impl Fold {
    /// The windows of half-window `k` of a chain.
    ///
    /// # Errors
    /// If 2k + 1 is above the length of the chain.
    pub fn new(chain: &Chain, k: usize) -> Result<Self, Error> {
        let width = k.saturating_mul(2).saturating_add(1);
        if width > chain.length {
            return Err(refused(format!(
                "k is {k}, so windows have {width} indices, but the length of the chain is {}; give k at most {}",
                chain.length,
                (chain.length - 1) / 2
            )));
        }
        Ok(Self {
            length: chain.length,
            width,
            states: chain.states(),
        })
    }

    /// k.
    pub fn half_window(&self) -> usize {
        self.width / 2
    }

    /// Number of windows, L − 2k.
    pub fn windows(&self) -> usize {
        self.length + 1 - self.width
    }

    /// The first index of the window that gives the score of index i, and the position of i in that window.
    pub fn place(&self, i: usize) -> (usize, usize) {
        let start = i.saturating_sub(self.half_window());
        let start = start.min(self.length - self.width);
        (start, i - start)
    }

    /// Writes the windows of chains `[n × L·p]` one after the other, `[n·(L − 2k) × (2k + 1)·p]`.
    pub fn unfold(&self, x: &[f64], windows: &mut Vec<f64>) {
        let p = self.states;
        windows.clear();
        for chain in x.chunks_exact(self.length * p) {
            for start in 0..self.windows() {
                windows.extend_from_slice(&chain[start * p..(start + self.width) * p]);
            }
        }
    }

    /// Folds windows `[n·(L − 2k) × (2k + 1)·p]` to chains `[n × L·p]`.
    pub fn fold(&self, windows: &[f64], out: &mut [f64]) {
        self.pairs(out.len(), |i, w| out[i] = windows[w]);
    }

    /// The transpose of [`Fold::fold`]: numbers that folding does not use are 0.
    pub fn spread(&self, x: &[f64], windows: &mut Vec<f64>) {
        windows.clear();
        windows.resize(x.len() / self.length * self.windows() * self.width, 0.0);
        self.pairs(x.len(), |i, w| windows[w] = x[i]);
    }

    /// The transpose of [`Fold::unfold`]: each index is the sum over its windows.
    pub fn gather(&self, windows: &[f64], out: &mut [f64]) {
        let (p, width) = (self.states, self.width * self.states);
        out.fill(0.0);
        let chains = out.chunks_exact_mut(self.length * p);
        for (chain, windows) in chains.zip(windows.chunks_exact(self.windows() * width)) {
            for (start, window) in windows.chunks_exact(width).enumerate() {
                let own = &mut chain[start * p..start * p + width];
                own.iter_mut().zip(window).for_each(|(o, w)| *o += w);
            }
        }
    }

    /// Calls `f` for each number of the chains, with its position among the numbers of the windows.
    fn pairs(&self, numbers: usize, mut f: impl FnMut(usize, usize)) {
        let (p, dim) = (self.states, self.length * self.states);
        assert!(numbers.is_multiple_of(dim), "no whole number of chains");
        for chain in 0..numbers / dim {
            for i in 0..self.length {
                let (start, place) = self.place(i);
                let window = (chain * self.windows() + start) * self.width + place;
                for c in 0..p {
                    f(chain * dim + i * p + c, window * p + c);
                }
            }
        }
    }
}
