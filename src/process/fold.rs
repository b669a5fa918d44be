//! Windows of a sequence of states: unfolding, folding, and the window that gives the score of each index.

/// The windows of `width` indices in a sequence of `length` indices (Rozet & Louppe 2023, algorithm 2, where the width is
/// 2k + 1).
///
/// Folding takes the first k = ⌊width/2⌋ indices from the first window, the middle index from every window, and the rest
/// from the last window.
///
/// Held by `tests/blankets.rs`: `windows_with_their_exact_denoiser_are_the_blanket`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// L.
    pub length: usize,
    /// Indices of a window, 1 to L.
    pub width: usize,
    /// p, the number of coordinates of an index.
    pub states: usize,
}

impl Fold {
    /// k.
    pub fn half_window(&self) -> usize {
        self.width / 2
    }

    /// Number of windows, L + 1 − width.
    pub fn windows(&self) -> usize {
        self.length + 1 - self.width
    }

    /// Indices `from..to` of the sequence whose x̂ folding takes from the window that begins at index `start`.
    pub fn taken(&self, start: usize) -> std::ops::Range<usize> {
        let from = match start {
            0 => 0,
            _ => start + self.half_window(),
        };
        let to = match start + 1 == self.windows() {
            true => self.length,
            false => start + self.half_window() + 1,
        };
        from..to
    }

    /// The first index of the window that gives the score of index i, and the position of i in that window.
    pub fn place(&self, i: usize) -> (usize, usize) {
        let start = i.saturating_sub(self.half_window());
        let start = start.min(self.length - self.width);
        (start, i - start)
    }

    /// Writes the windows of sequences `[n × L·p]` one after the other, `[n·windows × width·p]`.
    pub fn unfold(&self, x: &[f64], windows: &mut Vec<f64>) {
        let p = self.states;
        windows.clear();
        for chain in x.chunks_exact(self.length * p) {
            for start in 0..self.windows() {
                windows.extend_from_slice(&chain[start * p..(start + self.width) * p]);
            }
        }
    }

    /// Folds windows `[n·windows × width·p]` to sequences `[n × L·p]`.
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
        assert!(numbers.is_multiple_of(dim), "no whole number of sequences");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_from_a_window_is_what_folding_takes_from_it() {
        for (length, width) in [(16, 5), (5, 5), (7, 3), (4, 4), (3, 1), (16, 16)] {
            let fold = Fold {
                length,
                width,
                states: 1,
            };
            for i in 0..length {
                for start in 0..fold.windows() {
                    let taken = fold.taken(start).contains(&i);
                    assert_eq!(
                        taken,
                        fold.place(i).0 == start,
                        "{length} {width} {i} {start}"
                    );
                }
            }
        }
    }
}
