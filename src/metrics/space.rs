//! Distances between two samples in any dimension, interleaved coordinates.

use super::order::sort;
use std::f64::consts::PI;

/// Number of partial sums in the loop over pairs, so that the compiler vectorises it.
const LANES: usize = 4;
/// Number of directions in [`sliced_w2`].
pub const DIRECTIONS: usize = 64;

/// Two numbers: the energy distance 2E‖X−Y‖ − E‖X−X′‖ − E‖Y−Y′‖ of two samples, and the mean (1/n + 1/m)·E‖Y−Y′‖
/// that it has for independent samples of these sizes from the law of Y.
///
/// The distance is a V-statistic (Székely & Rizzo 2013, eq. 6): the means run over all pairs and include a point with
/// itself, so it is never negative. `x` and `y` hold whole points of `dim` coordinates, at least one each. The time
/// grows with the number of pairs.
///
/// Held by `src/metrics/space.rs`: `the_energy_distance_is_that_of_three_plain_sums`,
/// `single_points_are_twice_their_distance_apart`, `the_reference_is_the_mean_of_independent_samples`.
pub fn energy_distance(x: &[f64], y: &[f64], dim: usize) -> (f64, f64) {
    let mut energy = Energy::new(x, y, dim);
    let mut squares = energy.room();
    (0..energy.rows()).for_each(|i| energy.add(i, energy.row(i, &mut squares)));
    energy.distance()
}

/// [`energy_distance`] as far as it is summed: a row is one point with all others. What a row finds does not depend on the other
/// rows, so rows may be computed anywhere; they are added in their order.
#[derive(Debug, Clone)]
pub struct Energy {
    x: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
    /// Across the samples, within the first, within the second.
    sums: [f64; 3],
}

impl Energy {
    /// Of two samples, before anything is summed.
    pub fn new(x: &[f64], y: &[f64], dim: usize) -> Self {
        Self {
            x: columns(x, dim),
            y: columns(y, dim),
            sums: [0.0; 3],
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        2 * self.x[0].len() + self.y[0].len()
    }

    /// Room for the squares of a row.
    pub fn room(&self) -> Vec<f64> {
        vec![0.0; self.x[0].len().max(self.y[0].len())]
    }

    /// Which of the three sums a row belongs to, and its point there; the point with which its distances begin.
    fn place(&self, row: usize) -> (usize, usize, usize) {
        let n = self.x[0].len();
        match row / n {
            0 => (0, row, 0),
            1 => (1, row - n, row - n + 1),
            _ => (2, row - 2 * n, row - 2 * n + 1),
        }
    }

    /// Number of distances in a row.
    pub fn pairs(&self, row: usize) -> usize {
        let (sum, _, from) = self.place(row);
        let other = if sum == 1 { &self.x } else { &self.y };
        other[0].len() - from
    }

    /// The sum of the distances of a row, in two parts; `squares` is [`Energy::room`].
    pub fn row(&self, row: usize, squares: &mut [f64]) -> [f64; 2] {
        let (sum, i, from) = self.place(row);
        let (x, y) = (&self.x, &self.y);
        let (own, other) = [(x, y), (x, x), (y, y)][sum];
        distances((own, i), (other, from), squares)
    }

    /// Adds what a row has found. All rows are added once, in their order.
    pub fn add(&mut self, row: usize, found: [f64; 2]) {
        let sum = &mut self.sums[self.place(row).0];
        for part in found {
            *sum += part;
        }
    }

    /// What [`energy_distance`] answers.
    pub fn distance(&self) -> (f64, f64) {
        let (n, m) = (self.x[0].len() as f64, self.y[0].len() as f64);
        let [across, within_x, within_y] = self.sums;
        let (within_x, within_y) = (2.0 * within_x, 2.0 * within_y);
        let distance = 2.0 * across / (n * m) - within_x / (n * n) - within_y / (m * m);
        // Only pairs of different points, so that the mean is unbiased.
        let mean = within_y / (m * (m - 1.0)).max(1.0);
        (distance, (1.0 / n + 1.0 / m) * mean)
    }
}

fn columns(x: &[f64], dim: usize) -> Vec<Vec<f64>> {
    let column = |d: usize| x.iter().skip(d).step_by(dim).copied().collect();
    (0..dim).map(column).collect()
}

/// Σ ‖xᵢ − yⱼ‖ over j ≥ `from`, in two parts: of all lanes, and of the rest.
fn distances(
    (x, i): (&[Vec<f64>], usize),
    (y, from): (&[Vec<f64>], usize),
    squares: &mut [f64],
) -> [f64; 2] {
    let squares = &mut squares[from..y[0].len()];
    squares.fill(0.0);
    for (x, y) in x.iter().zip(y) {
        let x = x[i];
        for (square, y) in squares.iter_mut().zip(&y[from..]) {
            *square += (x - y) * (x - y);
        }
    }
    let mut sums = [0.0; LANES];
    let mut chunks = squares.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (sum, square) in sums.iter_mut().zip(chunk) {
            *sum += square.sqrt();
        }
    }
    let rest = chunks.remainder().iter().map(|s| s.sqrt());
    [sums.iter().sum(), rest.sum()]
}

/// Sliced W₂ of two samples of equal size (Bonneel et al. 2015): √(mean over 64 directions of W₂² of the projections).
/// W₂² of two projections is the mean squared difference of their sorted values. The directions are fixed: angles
/// π(k+½)/64 in the plane, a Fibonacci half-sphere in space.
///
/// Held by `src/metrics/space.rs`: `sliced_w2_of_a_shift_is_its_length_over_root_two`,
/// `sliced_w2_in_space_sees_all_directions_alike`.
///
/// # Panics
/// If the sizes differ, or `dim` is not 2 or 3.
pub fn sliced_w2(x: &[f64], y: &[f64], dim: usize) -> f64 {
    assert_eq!(x.len(), y.len(), "sliced_w2: two samples of one size");
    assert!(dim == 2 || dim == 3, "sliced_w2: in the plane or in space");
    let part = |k| sliced_part(x, y, dim, k);
    let sum: f64 = (0..DIRECTIONS).map(part).fold(0.0, |sum, part| sum + part);
    sliced_mean(sum)
}

/// [`sliced_w2`] from the sum of [`sliced_part`] over all directions, in their order.
pub fn sliced_mean(sum: f64) -> f64 {
    (sum / DIRECTIONS as f64).sqrt()
}

/// W₂² of the projections on direction `k` of [`DIRECTIONS`].
pub fn sliced_part(x: &[f64], y: &[f64], dim: usize, k: usize) -> f64 {
    let direction = direction(k, dim);
    let project = |x: &[f64]| {
        let along = |x: &[f64]| {
            let terms = x.iter().zip(&direction);
            terms.map(|(x, d)| x * d).sum::<f64>()
        };
        let mut out: Vec<f64> = x.chunks_exact(dim).map(along).collect();
        sort(&mut out);
        out
    };
    let (p, q) = (project(x), project(y));
    let square: f64 = p.iter().zip(&q).map(|(p, q)| (p - q) * (p - q)).sum();
    square / p.len().max(1) as f64
}

fn direction(k: usize, dim: usize) -> [f64; 3] {
    let share = (k as f64 + 0.5) / DIRECTIONS as f64;
    if dim == 2 {
        let (sin, cos) = libm::sincos(PI * share);
        return [cos, sin, 0.0];
    }
    let (height, golden) = (share, PI * (3.0 - 5.0f64.sqrt()));
    let (sin, cos) = libm::sincos(golden * k as f64);
    let radius = (1.0 - height * height).sqrt();
    [radius * cos, radius * sin, height]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Noise, Stream};
    use proptest::prelude::*;

    fn normals(seed: u64, count: usize) -> Vec<f64> {
        let mut x = vec![0.0; count];
        Noise::new(seed).normals(Stream::Data, 0, 0, &mut x);
        x
    }

    /// For two points, E‖X−Y‖ = d and both E‖X−X′‖ = 0.
    #[test]
    fn single_points_are_twice_their_distance_apart() {
        let (distance, _) = energy_distance(&[0.0, 0.0], &[3.0, 4.0], 2);
        assert_eq!(distance, 10.0);
        assert_eq!(
            energy_distance(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0], 3).0,
            0.0
        );
    }

    proptest! {
        #[test]
        fn the_energy_distance_is_that_of_three_plain_sums(seed: u64, n in 1..20usize, m in 1..20usize, dim in 2..4usize) {
            let (x, y) = (normals(seed, n * dim), normals(seed ^ 1, m * dim));
            let mean = |a: &[f64], b: &[f64]| {
                let mut sum = 0.0;
                for p in a.chunks(dim) {
                    for q in b.chunks(dim) {
                        sum += p.iter().zip(q).map(|(p, q)| (p - q).powi(2)).sum::<f64>().sqrt();
                    }
                }
                sum / (a.len() / dim * (b.len() / dim)) as f64
            };
            let exact = 2.0 * mean(&x, &y) - mean(&x, &x) - mean(&y, &y);
            let (distance, _) = energy_distance(&x, &y, dim);
            prop_assert!((distance - exact).abs() < 1e-12);
            prop_assert!(distance > -1e-12);
        }

        /// A shift by c moves every projection by c·u: the mean of (c·u)² over the plane's directions is ‖c‖²/2.
        #[test]
        fn sliced_w2_of_a_shift_is_its_length_over_root_two(a in -2.0..2.0f64, b in -2.0..2.0f64) {
            let x = normals(3, 200);
            let y: Vec<f64> = x.chunks(2).flat_map(|p| [p[0] + a, p[1] + b]).collect();
            let expected = ((a * a + b * b) / 2.0).sqrt();
            prop_assert!((sliced_w2(&x, &y, 2) - expected).abs() < 1e-9);
        }
    }

    /// In space the mean of (c·u)² is ‖c‖²/3; the Fibonacci points give it to a percent.
    #[test]
    fn sliced_w2_in_space_sees_all_directions_alike() {
        let x = normals(3, 300);
        for c in [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]] {
            let y: Vec<f64> = x
                .chunks(3)
                .flat_map(|p| [p[0] + c[0], p[1] + c[1], p[2] + c[2]])
                .collect();
            assert!(
                (sliced_w2(&x, &y, 3) * 3.0f64.sqrt() - 1.0).abs() < 0.01,
                "{c:?}"
            );
        }
    }

    #[test]
    fn the_reference_is_the_mean_of_independent_samples() {
        let (n, runs) = (200, 200);
        let (mut sum, mut square, mut reference) = (0.0, 0.0, 0.0);
        for seed in 0..runs {
            let (distance, mean) =
                energy_distance(&normals(2 * seed, 2 * n), &normals(2 * seed + 1, 2 * n), 2);
            sum += distance;
            square += distance * distance;
            reference += mean;
        }
        let runs = runs as f64;
        let (mean, reference) = (sum / runs, reference / runs);
        let se = ((square / runs - mean * mean) / runs).sqrt();
        assert!(
            (mean - reference).abs() < 4.0 * se,
            "{mean} ± {se}, {reference}"
        );
        // E‖Y−Y′‖ of standard normals in the plane is √π: 2·√π/n.
        assert!((reference * n as f64 / (2.0 * PI.sqrt()) - 1.0).abs() < 0.01);
    }
}
