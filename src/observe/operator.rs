//! Observation operators: a sparse matrix B, and for saturating rows a function of each row of Bx.

use super::wrong::wrong;
use crate::error::Error;

/// A chain of states: state i of a particle has the coordinates `i·dim … (i+1)·dim`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct States {
    /// Number of states.
    pub length: usize,
    /// Numbers of a state, p.
    pub dim: usize,
}

/// An observation operator A(x) = s(Bx): B sparse, s row by row either the identity or u/(1 + |u|).
///
/// All kinds are of this form, and so is any stack of them. The Jacobian is A'(x) = D(x)·B with the slopes
/// D = diag s'(Bx), s'(u) = 1/(1 + |u|)².
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    pub(super) dim: usize,
    /// Where each row begins in `entries`; one more at the end.
    start: Vec<usize>,
    /// (coordinate, factor), coordinates increasing within a row.
    entries: Vec<(usize, f64)>,
    pub(super) saturates: Vec<bool>,
}

/// The indices 0, m, 2m, … below `length`.
///
/// # Errors
/// If m is 0 or above `length`.
pub fn every(length: usize, m: usize) -> Result<Vec<usize>, Error> {
    if m == 0 || m > length {
        return Err(wrong(
            format!("Every {m}-th of {length} states is no set of states."),
            format!("Choose 1 to {length}."),
        ));
    }
    Ok((0..length).step_by(m).collect())
}

impl Operator {
    /// O·x_i at the observed indices: `matrix` is O, `[q × p]` row by row (in one dimension the number c), `at`
    /// increasing indices below `chain.length`; rows q·i … of the i-th of them.
    ///
    /// # Errors
    /// If nothing is observed, an index is out of range or not above the one before, or the matrix is empty,
    /// not q×p, not finite, or has a row of zeros.
    pub fn linear(chain: States, matrix: &[f64], at: &[usize]) -> Result<Self, Error> {
        Self::window(chain, matrix, at, 1)
    }

    /// The mean of O·x_j over the `width` states that end at the observed index, j = i−width+1 … i: what an
    /// instrument that averages over the past reports at i. Where the chain begins less than `width` states
    /// before, the mean is over those there are.
    ///
    /// # Errors
    /// As [`Operator::linear`], and if `width` is 0 or above the length of the chain.
    pub fn window(
        chain: States,
        matrix: &[f64],
        at: &[usize],
        width: usize,
    ) -> Result<Self, Error> {
        let (length, p) = (chain.length, chain.dim);
        increasing(at, length, "state")?;
        if width == 0 || width > length {
            return Err(wrong(
                format!("A window of {width} states does not fit a chain of {length}."),
                format!("Choose a width of 1 to {length}."),
            ));
        }
        let finite = matrix.iter().all(|v| v.is_finite());
        let empty = |row: &[f64]| row.iter().all(|&v| v == 0.0);
        if p == 0 || matrix.is_empty() || !matrix.len().is_multiple_of(p) || !finite {
            return Err(wrong(
                format!("The observation matrix has {} entries.", matrix.len()),
                format!("Give rows of {p} finite numbers."),
            ));
        }
        if matrix.chunks(p).any(empty) {
            return Err(wrong(
                "A row of the observation matrix is zero and observes nothing.".to_owned(),
                "Leave the row out.".to_owned(),
            ));
        }
        let mut out = Self::empty(length * p);
        for &i in at {
            let from = (i + 1).saturating_sub(width);
            let share = 1.0 / (i + 1 - from) as f64;
            for row in matrix.chunks(p) {
                let state = |j: usize| row.iter().enumerate().map(move |(k, v)| (j * p + k, *v));
                let entries = (from..=i).flat_map(state).filter(|e| e.1 != 0.0);
                out.push(entries.map(|(k, v)| (k, share * v)), false);
            }
        }
        Ok(out)
    }

    /// u/(1 + |u|) of each coordinate u of O·x_i at the observed indices.
    ///
    /// # Errors
    /// As [`Operator::linear`].
    pub fn saturating(chain: States, matrix: &[f64], at: &[usize]) -> Result<Self, Error> {
        let mut out = Self::linear(chain, matrix, at)?;
        out.saturates.fill(true);
        Ok(out)
    }

    /// The coordinates `at` of a state of `dim` numbers.
    ///
    /// # Errors
    /// If there is none, one is out of range or not above the one before.
    pub fn slice(dim: usize, at: &[usize]) -> Result<Self, Error> {
        increasing(at, dim, "coordinate")?;
        let mut out = Self::empty(dim);
        at.iter()
            .for_each(|&k| out.push([(k, 1.0)].into_iter(), false));
        Ok(out)
    }

    /// The rows of all `parts` under each other.
    ///
    /// # Errors
    /// If there is no part, or the parts are of states of different size.
    pub fn stacked(parts: &[&Operator]) -> Result<Self, Error> {
        let dim = parts.first().map_or(0, |p| p.dim);
        if dim == 0 || parts.iter().any(|p| p.dim != dim) {
            return Err(wrong(
                "These observations are not of one state.".to_owned(),
                "Stack observations of states of one size.".to_owned(),
            ));
        }
        let mut out = Self::empty(dim);
        for part in parts {
            for r in 0..part.rows() {
                out.push(part.row(r).iter().copied(), part.saturates[r]);
            }
        }
        Ok(out)
    }

    fn empty(dim: usize) -> Self {
        Self {
            dim,
            start: vec![0],
            entries: Vec::new(),
            saturates: Vec::new(),
        }
    }

    fn push(&mut self, entries: impl Iterator<Item = (usize, f64)>, saturates: bool) {
        self.entries.extend(entries);
        self.start.push(self.entries.len());
        self.saturates.push(saturates);
    }

    pub(super) fn row(&self, r: usize) -> &[(usize, f64)] {
        &self.entries[self.start[r]..self.start[r + 1]]
    }

    /// B, `[rows × dim]` row by row.
    pub fn matrix(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.rows() * self.dim];
        for (r, out) in out.chunks_mut(self.dim).enumerate() {
            self.row(r).iter().for_each(|&(k, v)| out[k] = v);
        }
        out
    }

    /// Which rows saturate.
    pub fn saturates(&self) -> &[bool] {
        &self.saturates
    }

    /// Numbers of a state.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Numbers of an observation.
    pub fn rows(&self) -> usize {
        self.saturates.len()
    }

    /// Whether no row saturates: A' does not depend on x.
    pub fn is_linear(&self) -> bool {
        !self.saturates.contains(&true)
    }

    /// The observed coordinates, where A only picks coordinates, each once; none otherwise.
    pub fn sliced(&self) -> Option<Vec<usize>> {
        let one = |r: usize| match self.row(r) {
            [(k, 1.0)] => Some(*k),
            _ => None,
        };
        let picked: Option<Vec<usize>> = (0..self.rows()).map(one).collect();
        let picked = picked.filter(|_| self.is_linear())?;
        let mut sorted = picked.clone();
        sorted.sort_unstable();
        sorted.dedup();
        (sorted.len() == picked.len()).then_some(picked)
    }
}

/// That `at` is not empty, increases, and stays below `end`.
fn increasing(at: &[usize], end: usize, what: &str) -> Result<(), Error> {
    let Some(last) = at.last() else {
        return Err(wrong(
            "Nothing is observed.".to_owned(),
            format!("Choose at least one {what}."),
        ));
    };
    if let Some(pair) = at.windows(2).find(|p| p[0] >= p[1]) {
        return Err(wrong(
            format!(
                "The observed indices do not increase: {} comes before {}.",
                pair[0], pair[1]
            ),
            "Sort them, each once.".to_owned(),
        ));
    }
    if *last >= end {
        return Err(wrong(
            format!("There is no {what} {last} among {end}."),
            format!("Observe indices up to {}.", end.saturating_sub(1)),
        ));
    }
    Ok(())
}
