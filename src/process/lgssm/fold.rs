//! Windows of a chain: which window speaks for which index, unfolding, and folding back.

use super::model::Chain;
use super::model::refused;
use crate::error::Error;

/// The windows of 2k + 1 indices of a chain of L (Rozet & Louppe 2023, algorithm 2).
///
/// Folded, the chain takes the first window's first k indices, every window's middle one, and the last window's
/// last k.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fold {
    /// L.
    pub length: usize,
    /// 2k + 1.
    pub width: usize,
    /// Numbers of an index, p.
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
                "k is {k}, a window of {width}, and the chain has {} indices; give k at most {}",
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

    /// The window whose score index i takes (by its first index), and the place of i in it.
    pub fn place(&self, i: usize) -> (usize, usize) {
        let start = i.saturating_sub(self.half_window());
        let start = start.min(self.length - self.width);
        (start, i - start)
    }

    /// The windows of chains `[n × L·p]` one after the other, `[n·(L − 2k) × (2k + 1)·p]`.
    pub fn unfold(&self, x: &[f64], windows: &mut Vec<f64>) {
        let p = self.states;
        windows.clear();
        for chain in x.chunks_exact(self.length * p) {
            for start in 0..self.windows() {
                windows.extend_from_slice(&chain[start * p..(start + self.width) * p]);
            }
        }
    }

    /// What chains `[n × L·p]` take from their windows.
    pub fn fold(&self, windows: &[f64], out: &mut [f64]) {
        self.pairs(out.len(), |i, w| out[i] = windows[w]);
    }

    /// The transpose of [`Fold::fold`]: what is not taken is 0.
    pub fn spread(&self, x: &[f64], windows: &mut Vec<f64>) {
        windows.clear();
        windows.resize(x.len() / self.length * self.windows() * self.width, 0.0);
        self.pairs(x.len(), |i, w| windows[w] = x[i]);
    }

    /// The transpose of [`Fold::unfold`]: every index sums what its windows have.
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

    /// Each number of chains, with its place among the numbers of the windows.
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
