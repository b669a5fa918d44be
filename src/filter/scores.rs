//! How good an ensemble is: against the truth, and against an exact law on the line.

use super::ensemble::Ensemble;
use super::walk::Density;
use crate::special::cdf;
use crate::special::phi;
use std::f64::consts::PI;

/// One coordinate of the members with their weights, sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct Sorted {
    /// Place and weight; the weights add up to 1.
    points: Vec<(f64, f64)>,
    /// Whether all weights are equal.
    equal: bool,
}

impl Sorted {
    /// Coordinate `i` of the members.
    pub fn of(ensemble: &Ensemble, i: usize) -> Self {
        let n = ensemble.len().max(1) as f64;
        let weights = ensemble.weights.as_deref();
        let column = ensemble.x.iter().skip(i).step_by(ensemble.dim());
        let point = |(j, &x): (usize, &f64)| (x, weights.map_or(1.0 / n, |w| w[j]));
        let mut points: Vec<_> = column.enumerate().map(point).collect();
        points.sort_unstable_by(|p, q| p.0.total_cmp(&q.0));
        Self {
            points,
            equal: weights.is_none(),
        }
    }

    /// CRPS = E|X − x| − ½E|X − X'| (Hersbach 2000), X and X' drawn from the members: 1/N² for equal weights.
    ///
    /// Held by `tests/filter/scores.rs`: `the_crps_is_that_of_the_worked_example_and_of_a_normal_law`.
    pub fn crps(&self, truth: f64) -> f64 {
        let (mut far, mut apart, mut below) = (0.0, 0.0, 0.0);
        for (j, &(x, w)) in self.points.iter().enumerate() {
            far += w * (x - truth).abs();
            below += w;
            if let Some(next) = self.points.get(j + 1) {
                // E|X − X'| = 2∫F(1 − F).
                apart += below * (1.0 - below) * (next.0 - x);
            }
        }
        far - apart
    }

    /// The bin of `bins` in which the truth falls by its rank #{x_j < x}, which is 0 to N; by the weight of the members
    /// below it if the weights differ.
    ///
    /// Held by `tests/filter/scores.rs`: `ranks_of_a_member_among_its_like_are_even`.
    pub fn rank(&self, truth: f64, bins: usize) -> usize {
        let below = self.points.partition_point(|p| p.0 < truth);
        let last = bins.saturating_sub(1);
        match self.equal {
            true => below * bins / (self.points.len() + 1),
            false => {
                let share: f64 = self.points[..below].iter().map(|p| p.1).sum();
                (share * bins as f64) as usize
            }
        }
        .min(last)
    }

    /// W₁ = ∫|F_n − F| between the members and a law on the line. Between two members F crosses a level at most once.
    ///
    /// Held by `tests/filter/scores.rs`: `w1_of_a_shift_is_the_shift_for_both_kinds_of_laws`.
    pub fn w1(&self, law: &Line) -> f64 {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return f64::NAN;
        };
        // Left of the members the area is ∫F; right of them ∫(1 − F) = mean − x + ∫_{−∞}^x F.
        let right = (law.mean() - last.0 + law.integral(last.0)).max(0.0);
        let (mut x, mut f, mut integral) = (first.0, law.cdf(first.0), law.integral(first.0));
        let (mut area, mut step) = (integral + right, first.1);
        for &(next, weight) in &self.points[1..] {
            if next > x {
                let (f_next, integral_next) = (law.cdf(next), law.integral(next));
                let above = |to: f64, from: f64, width: f64| (to - from) - step * width;
                if f < step && f_next > step {
                    let cross = law.level(step, x, next);
                    let at = law.integral(cross);
                    area += above(at, integral, cross - x).abs();
                    area += above(integral_next, at, next - cross).abs();
                } else {
                    area += above(integral_next, integral, next - x).abs();
                }
                (x, f, integral) = (next, f_next, integral_next);
            }
            step += weight;
        }
        area
    }
}

/// A law on the line, by its distribution function F and ∫F.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
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
        /// F and ∫F at the edges.
        edges: Vec<(f64, f64)>,
    },
}

impl Line {
    /// The law of a density; none in several dimensions. A density on points is constant from half a spacing before a
    /// point to half a spacing behind it, and scaled to 1.
    pub fn of(density: &Density) -> Option<Self> {
        match *density {
            Density::Normal { mean, covariance } => match (mean, covariance) {
                (&[mean], &[variance]) => Some(Self::Normal {
                    mean,
                    sd: variance.sqrt(),
                }),
                _ => None,
            },
            Density::Grid {
                first,
                spacing,
                density,
            } => {
                let all: f64 = density.iter().sum();
                let (mut f, mut integral) = (0.0, 0.0);
                let mut edges = vec![(f, integral)];
                for p in density {
                    let next = f + p / all;
                    integral += 0.5 * (f + next) * spacing;
                    f = next;
                    edges.push((f, integral));
                }
                Some(Self::Cells {
                    left: first - 0.5 * spacing,
                    width: spacing,
                    edges,
                })
            }
        }
    }

    /// The cell of a place: its number, and how far into it the place is, 0 to 1. None outside of all cells.
    fn cell(left: f64, width: f64, count: usize, x: f64) -> Option<(usize, f64)> {
        let u = (x - left) / width;
        let i = (u as usize).min(count.saturating_sub(1));
        (u >= 0.0 && u <= count as f64).then(|| (i, u - i as f64))
    }

    /// F.
    pub fn cdf(&self, x: f64) -> f64 {
        match self {
            Self::Normal { mean, sd } => cdf((x - mean) / sd),
            Self::Cells { left, width, edges } => {
                match Self::cell(*left, *width, edges.len() - 1, x) {
                    Some((i, u)) => edges[i].0 + u * (edges[i + 1].0 - edges[i].0),
                    None => f64::from(u8::from(x > *left)),
                }
            }
        }
    }

    /// ∫_{−∞}^x F.
    pub fn integral(&self, x: f64) -> f64 {
        match self {
            Self::Normal { mean, sd } => {
                let z = (x - mean) / sd;
                sd * (z * cdf(z) + phi(z))
            }
            Self::Cells { left, width, edges } => {
                let last = edges.len() - 1;
                match Self::cell(*left, *width, last, x) {
                    Some((i, u)) => {
                        let (f, integral) = edges[i];
                        integral + width * u * (f + 0.5 * u * (edges[i + 1].0 - f))
                    }
                    None if x > *left => edges[last].1 + (x - left - width * last as f64),
                    None => 0.0,
                }
            }
        }
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Normal { mean, .. } => *mean,
            // E X = b − ∫_{−∞}^b F where F(b) = 1.
            Self::Cells { left, width, edges } => {
                let last = edges.len() - 1;
                left + width * last as f64 - edges[last].1
            }
        }
    }

    /// The x between `lo` and `hi` with F(x) = p, by halving.
    fn level(&self, p: f64, mut lo: f64, mut hi: f64) -> f64 {
        for _ in 0..60 {
            let middle = 0.5 * (lo + hi);
            if middle <= lo || middle >= hi {
                break;
            }
            if self.cdf(middle) < p {
                lo = middle;
            } else {
                hi = middle;
            }
        }
        0.5 * (lo + hi)
    }

    /// CRPS = ∫(F(u) − 1(u ≥ x))²du; of N(m, s²) it is s(z(2Φ(z) − 1) + 2φ(z) − 1/√π), z = (x − m)/s (Gneiting & Raftery
    /// 2007).
    ///
    /// Held by `tests/filter/scores.rs`: `the_crps_is_that_of_the_worked_example_and_of_a_normal_law`.
    pub fn crps(&self, truth: f64) -> f64 {
        match self {
            Self::Normal { mean, sd } => {
                let z = (truth - mean) / sd;
                sd * (z * (2.0 * cdf(z) - 1.0) + 2.0 * phi(z) - 1.0 / PI.sqrt())
            }
            Self::Cells { left, width, edges } => {
                // ∫f² over a piece where f is linear is its length times (a² + ab + b²)/3.
                let piece = |a: f64, b: f64, wide: f64| wide * (a * a + a * b + b * b) / 3.0;
                let right = left + width * (edges.len() - 1) as f64;
                let mut sum = (left - truth).max(0.0) + (truth - right).max(0.0);
                for (i, pair) in edges.windows(2).enumerate() {
                    let (a, b) = (pair[0].0, pair[1].0);
                    let u = ((truth - left) / width - i as f64).clamp(0.0, 1.0);
                    let at = a + u * (b - a);
                    sum += piece(a, at, u * width);
                    sum += piece(1.0 - at, 1.0 - b, (1.0 - u) * width);
                }
                sum
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
    /// Held by `tests/filter/scores.rs`: `w1_of_a_shift_is_the_shift_for_both_kinds_of_laws`.
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

    /// E W₁ of n independent draws for large n: √(2/(πn))∫√(F(1 − F)) (del Barrio, Giné & Matrán 1999), by the midpoint
    /// rule.
    ///
    /// Held by `tests/filter/scores.rs`: `a_perfect_sample_is_as_far_as_expected`.
    pub fn expected_w1(&self, n: usize) -> f64 {
        let (lo, hi) = self.ends();
        let cells = 400;
        let h = (hi - lo) / f64::from(cells);
        let root = |i: i32| {
            let f = self.cdf(lo + (f64::from(i) + 0.5) * h);
            (f * (1.0 - f)).max(0.0).sqrt()
        };
        (2.0 / (PI * n as f64)).sqrt() * h * (0..cells).map(root).sum::<f64>()
    }
}

/// √(mean of the squares of the gaps of two lists).
pub fn rms(x: &[f64], y: &[f64]) -> f64 {
    let square: f64 = x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum();
    (square / x.len().max(1) as f64).sqrt()
}
