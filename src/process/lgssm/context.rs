//! Which numbers of an exact context the others do not determine.
//!
//! Where Q is singular a state may follow from its neighbour: two exact positions fix the first velocity. Rows that the
//! others determine say nothing more, and make the covariance of the context singular. By the Markov property an earlier
//! state given all later ones depends on the next one only, so by stationarity one pair (x_i, x_{i+1}) tells which
//! coordinates every earlier state adds to those that follow it.

use super::algebra::Eigen;
use super::algebra::rescaled;
use super::algebra::unit_diagonal;
use super::model::Chain;
use nalgebra::DMatrix;
use nalgebra::DVector;

/// Variances of a context of unit variances below this count as none: what is known to within 4·10⁻⁷ of its deviation
/// is determined. With less, conjugate gradients in f64 do not settle.
const DETERMINED: f64 = 1.5e-13;

impl Chain {
    /// The coordinates of the first `count` states, increasing, that fix all of them: none of these is determined by the
    /// others, and those that are left out are, to 4·10⁻⁷ of their deviation. The last state comes first, since the
    /// future depends on it alone: its coordinates are left out only where they determine one another.
    pub fn independent(&self, count: usize) -> Vec<usize> {
        let p = self.states();
        let [last, earlier] = self.parts();
        let own = |i: usize| if i + 1 == count { &last } else { &earlier };
        let at = |i: usize| own(i).iter().map(move |c| i * p + c);
        (0..count).flat_map(at).collect()
    }

    /// Those of a state by itself, and of a state given the one after it.
    fn parts(&self) -> [Vec<usize>; 2] {
        let p = self.states();
        let [start, push, _] = &self.roots;
        // Rows of x_{i+1} and then of x_i as combinations of independent unit normals: a square root of their covariance.
        let mut rows = DMatrix::zeros(2 * p, 2 * p);
        rows.view_mut((0, 0), (p, p)).copy_from(&(&self.t * start));
        rows.view_mut((0, p), (p, p)).copy_from(push);
        rows.view_mut((p, 0), (p, p)).copy_from(start);
        let alone = rank(&(start * start.transpose()));
        let both = rank(&(&rows * rows.transpose()));
        let mut basis = vec![];
        let last = farthest(&rows, 0..p, alone, &mut basis);
        let earlier = farthest(&rows, p..2 * p, both.saturating_sub(last.len()), &mut basis);
        [last, earlier.iter().map(|r| r - p).collect()]
    }
}

/// Directions of a covariance, its rows scaled to unit variance, that have variance.
fn rank(covariance: &DMatrix<f64>) -> usize {
    let scaled = rescaled(covariance.clone(), &unit_diagonal(covariance));
    let values = Eigen::of(&scaled).values;
    values.iter().filter(|v| **v > DETERMINED).count()
}

/// The `most` of some rows that are farthest, each in units of its own length, from the span of the basis and of those
/// taken before (Gram & Schmidt, twice, with pivots), increasing; their directions join the basis.
fn farthest(
    rows: &DMatrix<f64>,
    among: std::ops::Range<usize>,
    most: usize,
    basis: &mut Vec<DVector<f64>>,
) -> Vec<usize> {
    let mut left: Vec<usize> = among.collect();
    let mut taken = vec![];
    while taken.len() < most {
        let rest = |r: &usize| {
            let row = rows.row(*r).transpose();
            let length = row.norm();
            let mut rest = if length > 0.0 { row / length } else { row };
            for _ in 0..2 {
                for known in basis.iter() {
                    let along = known.dot(&rest);
                    rest -= known * along;
                }
            }
            (*r, rest)
        };
        let far = left.iter().map(rest);
        let Some((row, rest)) = far.max_by(|a, b| a.1.norm().total_cmp(&b.1.norm())) else {
            break;
        };
        let length = rest.norm();
        if length == 0.0 {
            break;
        }
        basis.push(rest / length);
        taken.push(row);
        left.retain(|r| *r != row);
    }
    taken.sort_unstable();
    taken
}
