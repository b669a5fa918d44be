//! Distances between a sample and a law, and the distance that an independent sample of the same size would have.

mod expected;
mod film;
mod order;
mod space;

pub use expected::{expected_ks, expected_w1, expected_w1_of};
pub use film::{correlation, correlation_time, rms, rmse, spectrum_error};
pub use order::{count, merge, narrow, quantiles, sort, take_column};
pub use space::{DIRECTIONS, Energy, energy_distance, sliced_mean, sliced_part, sliced_w2};

use crate::law::Diffused;
use crate::rng::{Noise, Stream};

/// Wasserstein distance W₁ = ∫ |F_n(x) − F(x)| dx, the area between the distribution function F_n of the sample
/// `sorted` and F of `law`. It is exact up to rounding: F has a closed antiderivative, and between two neighbouring
/// points F crosses the value i/n at most once. `sorted` is ascending and not empty.
///
/// Held by `src/metrics.rs`: `the_midpoint_sample_of_a_uniform_has_its_known_distances`,
/// `w1_of_a_shift_is_the_shift`.
pub fn w1(sorted: &[f64], law: &Diffused) -> f64 {
    let mut area = Area::new([sorted[0], sorted[sorted.len() - 1]], law);
    area.add(sorted, law, sorted.len());
    area.area
}

/// [`w1`] as far as it is summed.
#[derive(Debug, Clone)]
pub struct Area {
    /// The area so far.
    pub area: f64,
    /// Number of points that were passed, and the last of them with F and ∫F there.
    done: usize,
    x: f64,
    f: f64,
    integral: f64,
}

impl Area {
    /// The area outside of a sample with these ends.
    pub fn new([first, last]: [f64; 2], law: &Diffused) -> Self {
        // Left of the sample the area is ∫F; right of it it is ∫(1 − F) = mean − x + ∫_{−∞}^x F.
        let right = (law.mean() - last + law.cdf_integral(last)).max(0.0);
        Self {
            area: law.cdf_integral(first) + right,
            done: 0,
            x: first,
            f: law.cdf(first),
            integral: law.cdf_integral(first),
        }
    }

    /// Adds the area up to the next `points` of a sorted sample of `n`.
    pub fn add(&mut self, points: &[f64], law: &Diffused, n: usize) {
        for &next in points {
            let Self { x, f, integral, .. } = *self;
            let step = self.done as f64 / n as f64;
            self.done += 1;
            if next == x {
                continue;
            }
            let (f_next, integral_next) = (law.cdf(next), law.cdf_integral(next));
            let above = |to: f64, from: f64, width: f64| (to - from) - step * width;
            if f < step && f_next > step {
                let cross = bisect(law, step, x, next);
                let at = law.cdf_integral(cross);
                self.area += above(at, integral, cross - x).abs()
                    + above(integral_next, at, next - cross).abs();
            } else {
                self.area += above(integral_next, integral, next - x).abs();
            }
            (self.x, self.f, self.integral) = (next, f_next, integral_next);
        }
    }
}

fn bisect(law: &Diffused, p: f64, mut lo: f64, mut hi: f64) -> f64 {
    for _ in 0..60 {
        let middle = 0.5 * (lo + hi);
        if middle <= lo || middle >= hi {
            break;
        }
        if law.cdf(middle) < p {
            lo = middle
        } else {
            hi = middle
        }
    }
    0.5 * (lo + hi)
}

/// Two-sided Kolmogorov–Smirnov distance sup |F_n − F|. `sorted` is ascending and not empty.
///
/// Held by `src/metrics.rs`: `the_midpoint_sample_of_a_uniform_has_its_known_distances`.
pub fn ks(sorted: &[f64], law: &Diffused) -> f64 {
    ks_of(sorted, law, (0, sorted.len()))
}

/// The largest of the gaps of [`ks`] at some `points` of a sample of n, the first of them number `first`.
pub fn ks_of(points: &[f64], law: &Diffused, (first, n): (usize, usize)) -> f64 {
    let n = n as f64;
    let gap = |(i, &x): (usize, &f64)| {
        let f = law.cdf(x);
        (f - i as f64 / n).abs().max((f - (i + 1) as f64 / n).abs())
    };
    (first..).zip(points).map(gap).fold(0.0, f64::max)
}

/// Mean and variance (with the factor 1/n) of a sample; (0, 0) if the sample is empty.
pub fn mean_var(x: &[f64]) -> (f64, f64) {
    let n = x.len().max(1) as f64;
    let mean = x.iter().sum::<f64>() / n;
    let var = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    (mean, var)
}

/// Quantiles of the W₁ of n independent draws, at two probabilities. They are computed from 2000 independent samples
/// of m = min(n, 400) draws each: the area between F_m and F, by the midpoint rule, times √(m/n). The scaling is
/// valid because √n·W₁ has a limit distribution (del Barrio, Giné & Matrán 1999), which it reaches long before n = 400.
/// Every call uses the same draws.
///
/// Held by `src/metrics.rs`: `w1_quantiles_hold_the_share_of_independent_samples_that_they_name`.
pub fn w1_quantiles(law: &Diffused, n: usize, probabilities: [f64; 2]) -> [f64; 2] {
    let mut chances = Chances::new(law, n);
    while !chances.draw() {}
    chances.quantiles(probabilities)
}

/// [`w1_quantiles`] as far as its samples are drawn.
#[derive(Debug, Clone)]
pub struct Chances {
    /// F in the middle of each cell.
    exact: Vec<f64>,
    /// Draws in a sample, and what takes a sum of gaps to W₁ of n draws.
    draws: usize,
    scale: f64,
    areas: Vec<f64>,
}

impl Chances {
    /// Before a sample is drawn.
    pub fn new(law: &Diffused, n: usize) -> Self {
        let m = n.clamp(1, CHANCE_DRAWS);
        let (lo, hi) = (law.quantile(1e-6), law.quantile(1.0 - 1e-6));
        let cells = 500;
        let h = (hi - lo) / cells as f64;
        let exact = (0..cells).map(|i| law.cdf(lo + (i as f64 + 0.5) * h));
        Self {
            exact: exact.collect(),
            draws: m,
            scale: h * (m as f64 / n.max(1) as f64).sqrt(),
            areas: vec![],
        }
    }

    /// Draws some of the samples. Returns whether all are drawn.
    pub fn draw(&mut self) -> bool {
        let from = self.areas.len() as u32;
        let to = CHANCES.min(from + CHANCES_TOGETHER);
        self.areas.extend((from..to).map(|sample| {
            let (exact, m) = (&self.exact, self.draws);
            let noise = Noise::new(0);
            // A draw with u = F(x) counts in F_m from the first cell whose F is at least u.
            let mut from = vec![0u32; exact.len() + 1];
            for i in 0..m as u64 {
                let u = noise.uniform(Stream::Chance, sample, i);
                from[exact.partition_point(|&f| f < u)] += 1;
            }
            let mut below = 0;
            let gap = |(f, count): (&f64, &u32)| {
                below += count;
                (f64::from(below) / m as f64 - f).abs()
            };
            self.scale * exact.iter().zip(&from).map(gap).sum::<f64>()
        }));
        to == CHANCES
    }

    /// What [`w1_quantiles`] answers, of the samples that are drawn; NaN before the first.
    pub fn quantiles(&self, probabilities: [f64; 2]) -> [f64; 2] {
        let mut areas = self.areas.clone();
        sort(&mut areas);
        let last = areas.len().saturating_sub(1);
        let at = |p: f64| ((p * areas.len() as f64) as usize).min(last);
        probabilities.map(|p| areas.get(at(p)).copied().unwrap_or(f64::NAN))
    }
}

/// Number of samples in [`w1_quantiles`].
const CHANCES: u32 = 2000;
/// Of these, samples that are drawn in one call of [`Chances::draw`].
const CHANCES_TOGETHER: u32 = 100;
/// Largest number of draws in each of them.
const CHANCE_DRAWS: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Law;
    use crate::level::Level;
    use crate::rng::{Noise, Stream};

    fn clean(law: &Law) -> Diffused {
        law.diffuse(&Level {
            t: 0.0,
            alpha: 1.0,
            sigma: 0.0,
        })
    }

    /// Midpoints (i+½)/n of U[0,1]: F_n crosses F in the middle of each cell, W₁ = 1/(4n), KS = 1/(2n).
    #[test]
    fn the_midpoint_sample_of_a_uniform_has_its_known_distances() {
        let law = clean(&Law::uniform(0.0, 1.0));
        for n in [1, 2, 10, 1000] {
            let x: Vec<f64> = (0..n).map(|i| (i as f64 + 0.5) / n as f64).collect();
            assert!((w1(&x, &law) - 0.25 / n as f64).abs() < 1e-14);
            assert!((ks(&x, &law) - 0.5 / n as f64).abs() < 1e-14);
        }
    }

    /// Of 400 independent samples, 2.5 % have a W₁ below the quantiles and 2.5 % above, within three standard errors.
    #[test]
    fn w1_quantiles_hold_the_share_of_independent_samples_that_they_name() {
        for law in [
            Law::uniform(0.0, 1.0),
            Law::gaussian(0.3, 2.0),
            Law::mixture(&[-1.0, 1.0], &[0.2, 0.2], &[0.5, 0.5]),
            Law::comb(4, 0.5),
        ] {
            let exact = clean(&law);
            for n in [1, 50, 3000] {
                let [lo, hi] = w1_quantiles(&exact, n, [0.025, 0.975]);
                let (mut below, mut above) = (0, 0);
                for seed in 0..400 {
                    let mut x = vec![0.0; n];
                    law.sample(&Noise::new(seed), Stream::Data, 0, &mut x);
                    sort(&mut x);
                    let distance = w1(&x, &exact);
                    below += usize::from(distance < lo);
                    above += usize::from(distance > hi);
                }
                // 10 ± 3·√(400·0.025·0.975), and a margin for the error of the quantiles themselves.
                assert!((1..=22).contains(&below), "{n}: {below} below {lo}");
                assert!((1..=22).contains(&above), "{n}: {above} above {hi}");
                assert!((lo..hi).contains(&expected_w1(&exact, n.max(50))) || n == 1);
            }
        }
    }

    /// W₁ of a sample shifted by c is c, if c is much larger than the error of the sample.
    #[test]
    fn w1_of_a_shift_is_the_shift() {
        let law = clean(&Law::gaussian(0.0, 0.5));
        let n = 2000;
        let x: Vec<f64> = (0..n)
            .map(|i| 10.0 + 0.5 * crate::special::quantile((i as f64 + 0.5) / n as f64))
            .collect();
        assert!((w1(&x, &law) - 10.0).abs() < 1e-9);
        assert!((ks(&x, &law) - 1.0).abs() < 1e-12);
    }
}
