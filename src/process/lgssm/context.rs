//! The numbers of an exact context that are not determined by the others.
//!
//! If Q is singular, a state may follow from its neighbour: two exact positions fix the first velocity. A row that is
//! determined by the others adds no information, and makes the covariance of the context singular. By the Markov
//! property, an earlier state given all later ones depends on the next one only. So, by stationarity, one pair
//! (x_i, x_{i+1}) shows which coordinates an earlier state adds.
//!
//! Held by `tests/chains/contexts.rs`: `the_kept_numbers_of_a_context_determine_all_of_it_without_repetition`,
//! `the_last_state_of_a_context_goes_before_the_earlier_ones`.

use super::algebra::Eigen;
use super::algebra::rescaled;
use super::algebra::unit_diagonal;
use super::model::Chain;
use nalgebra::DMatrix;
use nalgebra::DVector;

/// In a context of unit variances, a variance below this counts as 0: a number known to within 4·10⁻⁷ standard
/// deviations is determined. With a smaller bound, conjugate gradients in f64 do not converge.
const DETERMINED: f64 = 1.5e-13;

impl Chain {
    /// Those coordinates of the first `count` states (increasing) that determine all of them: none of them is determined
    /// by the others, and every coordinate left out is, to 4·10⁻⁷ of its standard deviation. The last state has
    /// priority because the future depends on it alone: one of its coordinates is left out only if its other
    /// coordinates determine it.
    pub fn independent(&self, count: usize) -> Vec<usize> {
        let p = self.states();
        let [last, earlier] = self.parts();
        let own = |i: usize| if i + 1 == count { &last } else { &earlier };
        let at = |i: usize| own(i).iter().map(move |c| i * p + c);
        (0..count).flat_map(at).collect()
    }

    /// The independent coordinates of a single state, and those of a state given the next one.
    fn parts(&self) -> [Vec<usize>; 2] {
        let p = self.states();
        let [start, push, _] = &self.roots;
        // The rows are x_{i+1} and x_i as combinations of independent unit normals: a square root of their covariance.
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

/// Rank of a covariance, after scaling to unit variances.
fn rank(covariance: &DMatrix<f64>) -> usize {
    let scaled = rescaled(covariance.clone(), &unit_diagonal(covariance));
    let values = Eigen::of(&scaled).values;
    values.iter().filter(|v| **v > DETERMINED).count()
}

/// `most` rows, chosen one after the other: each is the row whose relative distance from the span of the basis is
/// largest, and its direction joins the basis (Gram–Schmidt with pivoting, done twice). The result is increasing.
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
