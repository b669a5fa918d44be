//! How good an ensemble is: against the truth, and against the exact density.

use super::ensemble::Ensemble;
use super::ensemble::Estimate;
use super::walk::Density;
use crate::special;

/// √(mean over coordinates of (mean − truth)²).
///
/// Held by `tests/filter/accuracy.rs`: `errors_and_spreads_are_their_formulas`.
pub fn rmse(mean: &[f64], truth: &[f64]) -> f64 {
    let square = |(m, x): (&f64, &f64)| (m - x) * (m - x);
    (mean.iter().zip(truth).map(square).sum::<f64>() / truth.len() as f64).sqrt()
}

/// √(mean over coordinates of the variance).
///
/// Held by `tests/filter/accuracy.rs`: `errors_and_spreads_are_their_formulas`.
pub fn spread(estimate: &Estimate) -> f64 {
    (estimate.variance.iter().sum::<f64>() / estimate.variance.len() as f64).sqrt()
}

/// Coordinate `i` of the members, ascending, with the weights, which add up to 1.
fn sorted(ensemble: &Ensemble, i: usize) -> Vec<(f64, f64)> {
    let equal = 1.0 / ensemble.len() as f64;
    let weight = |j: usize| ensemble.weights.as_ref().map_or(equal, |w| w[j]);
    let mut out: Vec<(f64, f64)> = (0..ensemble.len())
        .map(|j| (ensemble.member(j)[i], weight(j)))
        .collect();
    out.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    out
}

/// The least values of coordinate `i` below or at which there are these shares of the mass, `shares` ascending.
///
/// Held by `tests/filter/accuracy.rs`: `quantiles_and_bins_count_weights`.
pub fn quantiles(ensemble: &Ensemble, i: usize, shares: &[f64]) -> Vec<f64> {
    let all = sorted(ensemble, i);
    let (mut at, mut mass) = (0, all.first().map_or(0.0, |first| first.1));
    let mut one = |share: &f64| {
        while mass < *share && at + 1 < all.len() {
            at += 1;
            mass += all[at].1;
        }
        all.get(at).map_or(f64::NAN, |found| found.0)
    };
    shares.iter().map(&mut one).collect()
}

/// The continuous ranked probability score E|X − x| − ½E|X − X'| of an ensemble for the truth x, averaged over coordinates
/// (Hersbach 2000). X and X' are members, which may be the same.
///
/// Held by `tests/filter/accuracy.rs`: `crps_is_that_of_the_plain_sums`.
pub fn crps(ensemble: &Ensemble, truth: &[f64]) -> f64 {
    let one = |(i, &x): (usize, &f64)| crps_of(ensemble, i, x);
    truth.iter().enumerate().map(one).sum::<f64>() / truth.len() as f64
}

/// [`crps`] of coordinate `i` alone, whose truth is `x`.
pub fn crps_of(ensemble: &Ensemble, i: usize, x: f64) -> f64 {
    // Σ_{i<j} w_i·w_j·(x_j − x_i), of sums over the members before.
    let (mut score, mut mass, mut moment) = (0.0, 0.0, 0.0);
    for (member, w) in sorted(ensemble, i) {
        score += w * (member - x).abs() - w * (member * mass - moment);
        mass += w;
        moment += w * member;
    }
    score
}

/// [`crps`] of a density: ∫(F − 1{x < ·})², for a normal law σ[z(2Φ(z) − 1) + 2φ(z) − 1/√π] with z = (x − m)/σ.
///
/// Held by `tests/filter/accuracy.rs`: `crps_of_a_density_is_that_of_its_draws`.
pub fn crps_of_density(density: &Density, truth: &[f64]) -> f64 {
    match density {
        Density::Normal { mean, covariance } => {
            let d = mean.len();
            let one = |i: usize| {
                let sd = covariance[i * d + i].sqrt();
                let z = (truth[i] - mean[i]) / sd;
                let root = std::f64::consts::PI.sqrt();
                sd * (z * (2.0 * special::cdf(z) - 1.0) + 2.0 * special::phi(z) - 1.0 / root)
            };
            (0..d).map(one).sum::<f64>() / d as f64
        }
        Density::Grid {
            first,
            spacing,
            density,
        } => {
            let x = truth[0];
            let (mut below, mut score) = (0.0, 0.0);
            for (i, p) in density.iter().enumerate() {
                // Between the middles of cells F rises by p·spacing; the truth may lie inside of the cell.
                let left = first + (i as f64 - 0.5) * spacing;
                let share = ((x - left) / spacing).clamp(0.0, 1.0);
                let at = |u: f64| below + u * spacing * p;
                score += spacing
                    * (square(at(0.0), at(share), share)
                        + square(at(share) - 1.0, at(1.0) - 1.0, 1.0 - share));
                below = at(1.0);
            }
            let end = first + (density.len() as f64 - 0.5) * spacing;
            score + (x - end).max(0.0) + (first - 0.5 * spacing - x).max(0.0)
        }
    }
}

/// The integral of the square of a line from `a` to `b` over the length `width`.
fn square(a: f64, b: f64, width: f64) -> f64 {
    width * (a * a + a * b + b * b) / 3.0
}

/// The share of the ensemble below `x` in coordinate `i`: the rank #{x_j < x} divided by N.
pub fn below(ensemble: &Ensemble, i: usize, x: f64) -> f64 {
    let n = ensemble.len();
    let weight = |j: usize| ensemble.weights.as_ref().map_or(1.0 / n as f64, |w| w[j]);
    (0..n)
        .filter(|&j| ensemble.member(j)[i] < x)
        .map(weight)
        .sum()
}

/// Bins of a rank histogram, at most.
const BINS: usize = 10;

/// Counts of ranks of the truth among the members, pooled over coordinates and cycles into min(N + 1, 10) bins. A law
/// without members, N = 0, has 10 bins of its distribution function.
///
/// Held by `tests/filter/accuracy.rs`: `ranks_of_a_calibrated_ensemble_are_flat`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranks {
    /// The counts.
    pub counts: Vec<u64>,
    members: usize,
}

impl Ranks {
    /// No counts yet, of an ensemble of `members`; of a law without members, 0.
    pub fn new(members: usize) -> Self {
        Self {
            counts: vec![0; Self::bins(members)],
            members,
        }
    }

    /// Number of bins.
    pub fn bins(members: usize) -> usize {
        match members {
            0 => BINS,
            n => BINS.min(n + 1),
        }
    }

    /// Adds the ranks of all coordinates of `truth`.
    pub fn add(&mut self, ensemble: &Ensemble, truth: &[f64]) {
        for (i, &x) in truth.iter().enumerate() {
            self.add_one(ensemble, i, x);
        }
    }

    /// Adds the rank of coordinate `i`, whose truth is `x`.
    pub fn add_one(&mut self, ensemble: &Ensemble, i: usize, x: f64) {
        // Of N + 1 ranks, rank r falls into bin ⌊r·B/(N + 1)⌋.
        let n = ensemble.len() as f64;
        let rank = libm::round(below(ensemble, i, x) * n);
        self.count(rank * self.counts.len() as f64 / (n + 1.0));
    }

    /// Adds the place of the truth in a law without members: `share` is its distribution function there.
    pub fn add_share(&mut self, share: f64) {
        self.count(share * self.counts.len() as f64);
    }

    fn count(&mut self, place: f64) {
        let last = self.counts.len() - 1;
        self.counts[(place as usize).min(last)] += 1;
    }

    /// Σ(n_b − e_b)²/e_b/(B − 1), with the expected counts e_b of ranks that are equally likely: about 1 if the truth is
    /// like a member. NaN before the first rank.
    ///
    /// Held by `tests/filter/accuracy.rs`: `ranks_of_a_calibrated_ensemble_are_flat`.
    pub fn flatness(&self) -> f64 {
        let bins = self.counts.len();
        let total: u64 = self.counts.iter().sum();
        let ranks = if self.members > 0 {
            self.members + 1
        } else {
            bins
        };
        let share = |b: usize| {
            let first = |b: usize| (b * ranks).div_ceil(bins);
            (first(b + 1) - first(b)) as f64 / ranks as f64
        };
        let term = |(b, &n): (usize, &u64)| {
            let expected = total as f64 * share(b);
            let gap = n as f64 - expected;
            gap * gap / expected
        };
        self.counts.iter().enumerate().map(term).sum::<f64>() / (bins as f64 - 1.0)
    }
}

/// Wasserstein distance ∫|F_N − F| between the members and a density in one dimension. For a grid, F is linear between
/// the middles of its cells.
///
/// Held by `tests/filter/accuracy.rs`: `the_wasserstein_distance_is_the_area_between_distribution_functions`.
pub fn w1(ensemble: &Ensemble, density: &Density) -> f64 {
    let members = sorted(ensemble, 0);
    let nodes = match density {
        Density::Normal { mean, covariance } => {
            return w1_normal(&members, mean[0], covariance[0].sqrt());
        }
        Density::Grid {
            first,
            spacing,
            density,
        } => {
            let mut sum = 0.0;
            let start = (first - 0.5 * spacing, 0.0);
            let rise = |(i, p): (usize, &f64)| {
                sum += p * spacing;
                (first + (i as f64 + 0.5) * spacing, sum)
            };
            std::iter::once(start)
                .chain(density.iter().enumerate().map(rise))
                .collect::<Vec<_>>()
        }
    };
    // Outside of the grid F is 0 or 1.
    let (mut area, mut step, mut next) = (0.0, 0.0, 0);
    let last = nodes[nodes.len() - 1].0;
    while next < members.len() && members[next].0 < nodes[0].0 {
        step += members[next].1;
        let to = members
            .get(next + 1)
            .map_or(nodes[0].0, |m| m.0.min(nodes[0].0));
        area += step * (to - members[next].0);
        next += 1;
    }
    for pair in nodes.windows(2) {
        let ((a, fa), (b, fb)) = (pair[0], pair[1]);
        let at = |x: f64| fa + (fb - fa) * (x - a) / (b - a);
        let mut from = a;
        while next < members.len() && members[next].0 < b {
            area += absolute(
                at(from) - step,
                at(members[next].0) - step,
                members[next].0 - from,
            );
            from = members[next].0;
            step += members[next].1;
            next += 1;
        }
        area += absolute(at(from) - step, fb - step, b - from);
    }
    let mut from = last;
    for (x, w) in &members[next..] {
        area += (1.0 - step) * (x - from);
        from = *x;
        step += w;
    }
    area
}

/// The integral of the absolute value of a line from `a` to `b` over the length `width`.
fn absolute(a: f64, b: f64, width: f64) -> f64 {
    if a * b >= 0.0 {
        return 0.5 * (a + b).abs() * width;
    }
    0.5 * width * (a * a + b * b) / (a - b).abs()
}

/// [`w1`] to N(mean, sd²), in closed form: ∫Φ = zΦ + φ.
fn w1_normal(members: &[(f64, f64)], mean: f64, sd: f64) -> f64 {
    let z = |x: f64| (x - mean) / sd;
    let Some(&(first, _)) = members.first() else {
        return f64::NAN;
    };
    let mut area = special::cdf_1(z(first));
    let mut step = 0.0;
    for pair in members.windows(2) {
        step += pair[0].1;
        let (a, b) = (z(pair[0].0), z(pair[1].0));
        let signed =
            |a: f64, b: f64| (special::cdf_1(b) - special::cdf_1(a) - step * (b - a)).abs();
        let cross = if step > 0.0 && step < 1.0 {
            special::quantile(step)
        } else {
            b
        };
        area += if a < cross && cross < b {
            signed(a, cross) + signed(cross, b)
        } else {
            signed(a, b)
        };
    }
    // ∫(1 − Φ) from z is ∫Φ up to −z.
    area += special::cdf_1(-z(members[members.len() - 1].0));
    area * sd
}
