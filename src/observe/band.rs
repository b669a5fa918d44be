//! Symmetric band matrices, and their Cholesky factors, which have the same band.
//!
//! Held by `src/observe/tests.rs`: `solving_with_the_factor_inverts_the_matrix`,
//! `a_covariance_is_semidefinite_or_refused`, `the_gram_matrix_is_a_a_transposed_and_narrow`.

use super::wrong::wrong;
use crate::error::Error;

/// Pivots below this fraction of the largest variance count as zero in [`Band::is_semidefinite`].
const FLAT: f64 = 1e-12;

/// A symmetric matrix. Each row is stored from its first nonzero entry to the diagonal; these entries are the
/// envelope. With wᵢ stored entries in row i, the factor costs Σ wᵢ² and a solution Σ wᵢ. This is cheap for a
/// covariance of observations, where each row has few neighbours.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// First stored column of each row.
    first: Vec<usize>,
    /// The start of each row in `values`, and the length of `values`.
    start: Vec<usize>,
    values: Vec<f64>,
}

impl Band {
    /// The zero matrix whose row i stores the entries `first[i]..=i`; `first[i] ≤ i`.
    pub(super) fn zero(first: &[usize]) -> Self {
        let mut start = vec![0];
        for (i, f) in first.iter().enumerate() {
            start.push(start[i] + i + 1 - f);
        }
        Self {
            first: first.to_vec(),
            values: vec![0.0; start[first.len()]],
            start,
        }
    }

    /// diag(values).
    pub fn diagonal(values: &[f64]) -> Self {
        let mut out = Self::zero(&(0..values.len()).collect::<Vec<_>>());
        out.values.copy_from_slice(values);
        out
    }

    /// `value`·I with `rows` rows; `value` is 0 for an observation without noise.
    pub fn isotropic(rows: usize, value: f64) -> Self {
        Self::diagonal(&vec![value; rows])
    }

    /// The same `q`×`q` block (row by row) `count` times along the diagonal: R of `count` observed states.
    ///
    /// # Errors
    /// If the block does not have q² entries, or is not symmetric.
    pub fn blocks(count: usize, q: usize, block: &[f64]) -> Result<Self, Error> {
        let symmetric = |i: usize| (0..i).all(|j| block[i * q + j] == block[j * q + i]);
        if block.len() != q * q || !(0..q).all(symmetric) {
            return Err(wrong(
                format!("The covariance of one observation is not a symmetric {q}×{q} matrix."),
                format!("Give {q}×{q} numbers, equal on both sides of the diagonal."),
            ));
        }
        let mut out = Self::zero(&(0..count * q).map(|i| i - i % q).collect::<Vec<_>>());
        for i in 0..count * q {
            let row = i % q;
            out.row_mut(i)
                .copy_from_slice(&block[row * q..=row * q + row]);
        }
        Ok(out)
    }

    /// `parts` along the diagonal: R of stacked observations.
    pub fn stacked(parts: &[&Band]) -> Self {
        let mut first = Vec::new();
        for part in parts {
            let rows = first.len();
            first.extend(part.first.iter().map(|f| f + rows));
        }
        let mut out = Self::zero(&first);
        out.values = parts.iter().flat_map(|p| p.values.clone()).collect();
        out
    }

    /// Number of rows.
    pub fn size(&self) -> usize {
        self.first.len()
    }

    /// The entry (i, j).
    pub fn get(&self, i: usize, j: usize) -> f64 {
        let (i, j) = (i.max(j), i.min(j));
        if j < self.first[i] {
            0.0
        } else {
            self.row(i)[j - self.first[i]]
        }
    }

    /// First stored column of row i.
    pub fn first(&self, i: usize) -> usize {
        self.first[i]
    }

    #[inline(always)]
    fn row(&self, i: usize) -> &[f64] {
        &self.values[self.start[i]..self.start[i + 1]]
    }

    /// The stored entries of row i.
    pub(super) fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.values[self.start[i]..self.start[i + 1]]
    }

    /// The same matrix with a wider envelope: row i stores the entries from `first[i]` on.
    pub(super) fn widened(&self, first: &[usize]) -> Self {
        let mut out = Self::zero(first);
        for (i, wide) in first.iter().enumerate() {
            out.row_mut(i)[self.first[i] - wide..].copy_from_slice(self.row(i));
        }
        out
    }

    /// self ← a·A, for the same envelope.
    pub(super) fn copy_scaled(&mut self, a: f64, other: &Band) {
        for (out, x) in self.values.iter_mut().zip(&other.values) {
            *out = a * x;
        }
    }

    /// self ← self + a·A, for the same envelope.
    pub(super) fn add(&mut self, a: f64, other: &Band) {
        for (out, x) in self.values.iter_mut().zip(&other.values) {
            *out += a * x;
        }
    }

    /// self ← D·self·D for a diagonal matrix D.
    pub(super) fn rescale(&mut self, d: &[f64]) {
        for i in 0..self.size() {
            let first = self.first[i];
            for (k, value) in self.row_mut(i).iter_mut().enumerate() {
                *value *= d[i] * d[first + k];
            }
        }
    }

    /// out ← out + self·w for the rows of one particle.
    ///
    /// Held by `src/observe/tests.rs`: `solving_with_the_factor_inverts_the_matrix`.
    pub fn multiply_add(&self, w: &[f64], out: &mut [f64]) {
        for i in 0..self.size() {
            let first = self.first[i];
            let (before, own) = self.row(i).split_at(i - first);
            for (k, value) in before.iter().enumerate() {
                out[i] += value * w[first + k];
                out[first + k] += value * w[i];
            }
            out[i] += own[0] * w[i];
        }
    }

    /// Replaces the matrix by its Cholesky factor L, LLᵀ = self. Returns false if a pivot is not positive or not
    /// finite: the matrix is then not positive definite, up to rounding.
    ///
    /// Held by `src/observe/tests.rs`: `solving_with_the_factor_inverts_the_matrix`.
    #[must_use]
    pub fn factor(&mut self) -> bool {
        self.eliminate(|pivot| {
            if pivot > 0.0 {
                Some(pivot.sqrt())
            } else {
                None
            }
        })
    }

    /// Whether wᵀ·self·w ≥ 0 for all w, up to rounding.
    ///
    /// Held by `src/observe/tests.rs`: `a_covariance_is_semidefinite_or_refused`.
    pub fn is_semidefinite(&self) -> bool {
        let largest = (0..self.size()).fold(0.0, |m: f64, i| m.max(self.get(i, i)));
        let flat = FLAT * largest;
        // A direction with variance 0 must have covariance 0 with every other.
        let mut factor = self.clone();
        let definite = factor.eliminate(|pivot| {
            if pivot > flat {
                Some(pivot.sqrt())
            } else {
                (pivot >= -flat).then_some(0.0)
            }
        });
        let tiny = 1e-6 * largest;
        let reproduces = |i: usize| {
            (self.first[i]..i).all(|j| {
                let from = self.first[i].max(self.first[j]);
                let product: f64 = (from..=j)
                    .map(|k| factor.get(i, k) * factor.get(j, k))
                    .sum();
                (product - self.get(i, j)).abs() <= tiny
            })
        };
        definite && (0..self.size()).all(reproduces)
    }

    /// Cholesky by rows. `root` computes L_ii from a pivot, or returns `None` to stop.
    fn eliminate(&mut self, root: impl Fn(f64) -> Option<f64>) -> bool {
        for i in 0..self.size() {
            let fi = self.first[i];
            for j in fi..=i {
                let fj = self.first[j];
                let from = fi.max(fj);
                let (earlier, rest) = self.values.split_at_mut(self.start[i]);
                let left = &rest[from - fi..j - fi];
                let value = if j < i {
                    let row = &earlier[self.start[j]..self.start[j + 1]];
                    let sum: f64 = left.iter().zip(&row[from - fj..]).map(|(a, b)| a * b).sum();
                    let pivot = row[j - fj];
                    if pivot == 0.0 {
                        0.0
                    } else {
                        (rest[j - fi] - sum) / pivot
                    }
                } else {
                    let sum: f64 = left.iter().map(|a| a * a).sum();
                    match root(rest[j - fi] - sum) {
                        Some(root) if root.is_finite() => root,
                        _ => return false,
                    }
                };
                rest[j - fi] = value;
            }
        }
        true
    }

    /// b ← (LLᵀ)⁻¹b for the rows of one particle, where self is the factor L.
    ///
    /// Held by `src/observe/tests.rs`: `solving_with_the_factor_inverts_the_matrix`.
    pub fn solve(&self, b: &mut [f64]) {
        for i in 0..self.size() {
            let first = self.first[i];
            let (before, own) = self.row(i).split_at(i - first);
            let sum: f64 = before.iter().zip(&b[first..]).map(|(l, b)| l * b).sum();
            b[i] = (b[i] - sum) / own[0];
        }
        for i in (0..self.size()).rev() {
            let first = self.first[i];
            let (before, own) = self.row(i).split_at(i - first);
            b[i] /= own[0];
            let value = b[i];
            for (l, b) in before.iter().zip(&mut b[first..]) {
                *b -= l * value;
            }
        }
    }
}
