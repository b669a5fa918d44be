//! Laws on the line by their distribution functions: what a perfect sample has, and distances between two laws.

use super::walk::Density;
use crate::metrics::expected_w1_of;
use crate::special::cdf;

/// A law on the line, by its distribution function F.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// N(mean, sd²).
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        sd: f64,
    },
    /// A constant density in each of equal cells.
    Cells {
        /// The left edge of the first cell.
        left: f64,
        /// The width of a cell.
        width: f64,
        /// F at the edges.
        edges: Vec<f64>,
    },
}

impl Distribution {
    /// Coordinate `i` of a density. A density on points is constant from half a spacing before a point to half a spacing
    /// behind it, and scaled to 1.
    pub fn of(density: &Density, i: usize) -> Self {
        match *density {
            Density::Normal { mean, covariance } => Self::Normal {
                mean: mean[i],
                sd: covariance[i * (mean.len() + 1)].max(0.0).sqrt(),
            },
            Density::Grid {
                first,
                spacing,
                density,
            } => {
                let all: f64 = density.iter().sum();
                let mut sum = 0.0;
                let rise = |p: &f64| {
                    sum += p / all;
                    sum
                };
                Self::Cells {
                    left: first - 0.5 * spacing,
                    width: spacing,
                    edges: std::iter::once(0.0)
                        .chain(density.iter().map(rise))
                        .collect(),
                }
            }
        }
    }

    /// F.
    ///
    /// Held by `tests/filter/distribution.rs`: `both_kinds_of_laws_have_the_distribution_function_of_a_normal`.
    pub fn cdf(&self, x: f64) -> f64 {
        match self {
            Self::Normal { mean, sd } => cdf((x - mean) / sd),
            Self::Cells { left, width, edges } => {
                let last = edges.len() - 1;
                let u = ((x - left) / width).clamp(0.0, last as f64);
                let i = (u as usize).min(last.saturating_sub(1));
                edges[i] + (u - i as f64) * (edges[i + 1] - edges[i])
            }
        }
    }

    /// Where nearly all of the mass is.
    fn ends(&self) -> (f64, f64) {
        match self {
            Self::Normal { mean, sd } => (mean - 8.0 * sd, mean + 8.0 * sd),
            Self::Cells { left, width, edges } => (*left, left + width * (edges.len() - 1) as f64),
        }
    }

    /// W₁ = ∫|F − G| to another law, by the midpoint rule.
    ///
    /// Held by `tests/filter/distribution.rs`: `the_distance_of_a_shift_is_the_shift`.
    pub fn distance(&self, other: &Self) -> f64 {
        let (own, far) = (self.ends(), other.ends());
        let (lo, hi) = (own.0.min(far.0), own.1.max(far.1));
        let cells = 2000;
        let h = (hi - lo) / f64::from(cells);
        let gap = |i: i32| {
            let x = lo + (f64::from(i) + 0.5) * h;
            (self.cdf(x) - other.cdf(x)).abs()
        };
        h * (0..cells).map(gap).sum::<f64>()
    }

    /// E W₁ of n independent draws, see [`expected_w1_of`].
    ///
    /// Held by `tests/filter/distribution.rs`: `a_perfect_sample_is_as_far_as_expected`,
    /// `one_draw_is_as_far_as_two_draws_are_apart`.
    pub fn expected_w1(&self, n: usize) -> f64 {
        let (lo, hi) = self.ends();
        expected_w1_of(|x| self.cdf(x), [lo, hi], 400, n)
    }
}
