//! Interpolation of a film of periodic fields from a lattice of places in some of its frames: no law, no equation.

use super::wrong::wrong;
use crate::error::Error;

/// Places on a square lattice, the same in some frames of a film `[frames][y][x]` of n × n pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Lattice {
    /// n.
    pub pixels: usize,
    /// Coordinates of the columns and of the rows, increasing, in pixels: 0 to below n.
    pub places: Vec<f64>,
    /// The frames that are seen, increasing.
    pub seen: Vec<usize>,
    /// Frames of the film.
    pub frames: usize,
}

/// The neighbours of a pixel among places on a circle of n pixels, and the share of the second.
fn neighbours(places: &[f64], x: f64, n: f64) -> (usize, usize, f64) {
    let after = places.iter().position(|p| *p > x).unwrap_or(0);
    let before = (after + places.len() - 1) % places.len();
    let from = |p: f64, x: f64| if x < p { x + n - p } else { x - p };
    let gap = match places.len() {
        1 => n,
        _ => from(places[before], places[after]),
    };
    (before, after, from(places[before], x) / gap)
}

impl Lattice {
    /// The film: bilinear between the places, periodic; linear in time between the seen frames, and constant before the first
    /// and after the last. `y` is `[seen][row][column]`.
    ///
    /// Held by `tests/turbulence/lattice.rs`: `bilinear_functions_come_back`, `after_the_last_seen_frame_nothing_moves`.
    ///
    /// # Errors
    /// If there is no place or no seen frame, or `y` has another number of values.
    pub fn film(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        let (n, m) = (self.pixels, self.places.len());
        if m == 0 || self.seen.is_empty() || y.len() != m * m * self.seen.len() {
            return Err(wrong(
                format!("{} values do not fit the lattice.", y.len()),
                format!("Give {} values.", m * m * self.seen.len()),
            ));
        }
        let at: Vec<_> = (0..n)
            .map(|i| neighbours(&self.places, i as f64, n as f64))
            .collect();
        let frame = |own: &[f64]| -> Vec<f64> {
            let value = |k: usize| {
                let ((x0, x1, p), (y0, y1, q)) = (at[k % n], at[k / n]);
                let row = |r: usize| own[r * m + x0] * (1.0 - p) + own[r * m + x1] * p;
                row(y0) * (1.0 - q) + row(y1) * q
            };
            (0..n * n).map(value).collect()
        };
        let seen: Vec<Vec<f64>> = y.chunks_exact(m * m).map(frame).collect();
        let mut out = Vec::with_capacity(self.frames * n * n);
        for i in 0..self.frames {
            let after = self.seen.iter().position(|k| *k >= i);
            let after = after.unwrap_or(self.seen.len() - 1);
            let before = match self.seen[after] > i {
                true => after.saturating_sub(1),
                false => after,
            };
            let gap = self.seen[after] - self.seen[before];
            let share = match gap {
                0 => 0.0,
                _ => (i - self.seen[before]) as f64 / gap as f64,
            };
            let both = seen[before].iter().zip(&seen[after]);
            out.extend(both.map(|(a, b)| a * (1.0 - share) + b * share));
        }
        Ok(out)
    }
}
