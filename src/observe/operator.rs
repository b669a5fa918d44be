//! Observation operators: a sparse matrix B, followed by a saturating function in some rows.

use super::wrong::wrong;
use crate::error::Error;

/// A chain of states: state i of a particle has the coordinates `i·dim … (i+1)·dim`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct States {
    /// Number of states.
    pub length: usize,
    /// p, the number of coordinates of a state.
    pub dim: usize,
}

/// An observation operator A(x) = s(Bx). B is sparse; in each row, s is either the identity or u/(1 + |u|).
///
/// Every kind of operator has this form, and so has any stack of them. The Jacobian is A'(x) = D(x)·B with the slopes
/// D = diag s'(Bx), s'(u) = 1/(1 + |u|)².
///
/// Held by `tests/contracts/operator.rs`: `products_are_those_of_the_matrix_and_the_slopes`,
/// `slopes_add_up_to_the_change_of_the_prediction`; `src/observe/tests.rs`:
/// `a_saturating_row_is_u_over_one_plus_its_size`.
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    pub(super) dim: usize,
    /// The start of each row in `entries`, and the length of `entries`.
    start: Vec<usize>,
    /// (coordinate, factor); coordinates increase within a row.
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
            format!("Every {m}-th of {length} states cannot be observed."),
            format!("Choose 1 to {length}."),
        ));
    }
    Ok((0..length).step_by(m).collect())
}

impl Operator {
    /// O·x_i at the observed indices. `matrix` is O, `[q × p]` row by row (in one dimension the number c). `at` holds
    /// increasing indices below `chain.length`; the k-th of them has the rows q·k … q·(k+1).
    ///
    /// # Errors
    /// If nothing is observed; if an index is out of range or not above the previous one; if the matrix is empty,
    /// not q × p, not finite, or has a row of zeros.
    pub fn linear(chain: States, matrix: &[f64], at: &[usize]) -> Result<Self, Error> {
        Self::window(chain, matrix, at, 1)
    }

    /// The mean of O·x_j over the `width` states j = i−width+1 … i that end at the observed index i, as reported by an
    /// instrument that averages over the past. Near the start of the chain the mean runs over fewer states.
    ///
    /// Held by `src/observe/tests.rs`: `a_window_ends_at_its_index_and_is_shorter_where_the_chain_begins`.
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
                format!("A window of {width} states does not fit into a chain of length {length}."),
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
                "A row of the observation matrix is zero, so it observes nothing.".to_owned(),
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
    /// Held by `src/observe/tests.rs`: `a_saturating_row_is_u_over_one_plus_its_size`.
    ///
    /// # Errors
    /// As [`Operator::linear`].
    pub fn saturating(chain: States, matrix: &[f64], at: &[usize]) -> Result<Self, Error> {
        let mut out = Self::linear(chain, matrix, at)?;
        out.saturates.fill(true);
        Ok(out)
    }

    /// The coordinates `at` of a state with `dim` coordinates.
    ///
    /// # Errors
    /// If `at` is empty, or a coordinate is out of range or not above the previous one.
    pub fn slice(dim: usize, at: &[usize]) -> Result<Self, Error> {
        increasing(at, dim, "coordinate")?;
        let mut out = Self::empty(dim);
        at.iter()
            .for_each(|&k| out.push([(k, 1.0)].into_iter(), false));
        Ok(out)
    }

    /// The mean over each of the `groups` of coordinates of a state with `dim` coordinates.
    ///
    /// Held by `src/observe/tests.rs`: `a_mean_over_a_group_is_that_of_its_coordinates`.
    ///
    /// # Errors
    /// If there is no group; if one is empty, or has a coordinate that is out of range or not above the previous one.
    pub fn means(dim: usize, groups: &[Vec<usize>]) -> Result<Self, Error> {
        let mut out = Self::empty(dim);
        for group in groups {
            increasing(group, dim, "coordinate")?;
            let share = 1.0 / group.len() as f64;
            out.push(group.iter().map(|&k| (k, share)), false);
        }
        match groups {
            [] => Err(wrong(
                "Nothing is observed.".to_owned(),
                "Give at least one group of coordinates.".to_owned(),
            )),
            _ => Ok(out),
        }
    }

    /// The rows of all `parts`, in order.
    ///
    /// # Errors
    /// If there is no part, or the states of the parts differ in size.
    pub fn stacked(parts: &[&Operator]) -> Result<Self, Error> {
        let dim = parts.first().map_or(0, |p| p.dim);
        if dim == 0 || parts.iter().any(|p| p.dim != dim) {
            return Err(wrong(
                "These observations belong to states of different sizes.".to_owned(),
                "Stack only observations of states with the same size.".to_owned(),
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

    /// Number of entries of B that are not 0.
    pub fn entries(&self) -> usize {
        self.entries.len()
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

    /// For each row, whether it saturates.
    pub fn saturates(&self) -> &[bool] {
        &self.saturates
    }

    /// Number of coordinates of a state.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Number of rows, the length of y.
    pub fn rows(&self) -> usize {
        self.saturates.len()
    }

    /// Whether no row saturates, so that A' does not depend on x.
    pub fn is_linear(&self) -> bool {
        !self.saturates.contains(&true)
    }

    /// The observed coordinates, if A only picks coordinates, each at most once; otherwise `None`.
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

/// Checks that `at` is not empty, increases, and stays below `end`.
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
            "Sort them, and give each index once.".to_owned(),
        ));
    }
    if *last >= end {
        return Err(wrong(
            format!("The observed {what} {last} is out of range."),
            format!("Observe indices up to {}.", end.saturating_sub(1)),
        ));
    }
    Ok(())
}
