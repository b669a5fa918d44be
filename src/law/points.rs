//! Sums over many points of equal weight: the law of x_t when x₀ is one of m data points.
//!
//! A direct sum needs m exponentials per evaluation. Here, neighbours within half a standard deviation share one
//! exponential and a Taylor series in their distance from the centre of their bin (the fast Gauss transform of
//! Greengard & Strain 1991, in one dimension). With z = (u − c)/s, ε = (p − c)/s, u = x/α, s = σ/α,
//!
//! e^{−(z−ε)²/2} = e^{−z²/2} Σ_j zʲ·e^{−ε²/2}εʲ/j!, Φ(z − ε) = Φ(z) − φ(z) Σ_{j≥1} He_{j−1}(z)·εʲ/j!.
//!
//! The sums are exact to rounding, because |zε| ≤ 3 wherever a series is used.
//!
//! Held by `src/law/points.rs`: `series_equal_the_direct_sums`.

use crate::special;

/// Terms of a series: 3³⁴/34! < 10⁻²¹.
const TERMS: usize = 34;
/// Half the width of a bin, in units of s.
const RADIUS: f64 = 0.25;
/// |zε| above which a bin is summed point by point.
const SERIES: f64 = 3.0;
/// Bins this far below the largest exponent do not change a sum in f64.
const NEGLIGIBLE: f64 = 40.0;
/// Beyond this, Φ is 0 or 1 in f64.
const FAR: f64 = 9.5;

/// Points of a bin up to which a direct sum is faster than a series.
const FEW: usize = 12;

/// The work of a density of `m` points of standard deviation `sd` in units ([`crate::denoise::Denoiser::price`]), about:
/// at little noise, bins have few points, which are summed one by one.
pub(super) fn price(m: usize, sd: f64, s: f64) -> usize {
    // Points of a bin, if they are spread evenly; and bins that are near enough to count.
    let bin = m as f64 * 2.0 * RADIUS * s / (12.0f64.sqrt() * sd);
    let near = (2.0 * NEGLIGIBLE).sqrt() / RADIUS;
    match bin < FEW as f64 {
        true => SERIES_PRICE + (near * bin / TOGETHER) as usize,
        false => SERIES_PRICE,
    }
}

/// The work of the series that are near enough to count, and points of a direct sum in a unit of work.
pub(super) const SERIES_PRICE: usize = 8;
const TOGETHER: f64 = 2.0;

#[derive(Debug, Clone)]
struct Bin {
    centre: f64,
    /// The points of the bin are `first..last`.
    first: usize,
    last: usize,
    /// Σ e^{−ε²/2}εʲ/j! and Σ εʲ/j!; empty if the bin is summed directly.
    gauss: Vec<f64>,
    plain: Vec<f64>,
}

/// The points, sorted into bins for one level.
#[derive(Debug, Clone)]
pub(super) struct PointSums {
    points: Vec<f64>,
    bins: Vec<Bin>,
    s: f64,
}

/// log Σ e^{−(u−p)²/2s²} and the mean of p under these weights.
pub(super) struct Softmax {
    pub log_sum: f64,
    pub mean: f64,
}

impl PointSums {
    /// `points` ascending, not empty; `s` = σ/α > 0.
    pub(super) fn new(points: Vec<f64>, s: f64) -> Self {
        let mut bins = Vec::new();
        let mut first = 0;
        while first < points.len() {
            let reach = points[first] + 2.0 * RADIUS * s;
            let last = first + points[first..].partition_point(|&p| p <= reach).max(1);
            bins.push(Bin::new(&points, first, last, s));
            first = last;
        }
        Self { points, bins, s }
    }

    pub(super) fn softmax(&self, u: f64) -> Softmax {
        // The nearest point gives the largest exponent; bins outside the window do not change the sum.
        let right = self.points.partition_point(|&p| p < u);
        let near = |i: usize| self.points.get(i).map_or(f64::INFINITY, |p| (p - u).abs());
        let nearest = near(right).min(if right > 0 {
            near(right - 1)
        } else {
            f64::INFINITY
        }) / self.s;
        let top = -0.5 * nearest * nearest;
        let window = self.s * ((nearest * nearest + 2.0 * NEGLIGIBLE).sqrt() + 2.0 * RADIUS);
        let from = self.bins.partition_point(|b| b.centre < u - window);
        let to = self.bins.partition_point(|b| b.centre <= u + window);
        let (mut mass, mut moment) = (0.0, 0.0);
        for bin in &self.bins[from..to] {
            let z = (u - bin.centre) / self.s;
            if bin.gauss.is_empty() || z.abs() * RADIUS > SERIES {
                for &p in &self.points[bin.first..bin.last] {
                    let d = (u - p) / self.s;
                    let term = libm::exp(-0.5 * d * d - top);
                    mass += term;
                    moment += term * p;
                }
                continue;
            }
            // Σ zʲM_j is the sum of the weights, Σ zʲ(j+1)M_{j+1} the sum of ε times the weights.
            let (mut sum, mut shift) = (0.0, 0.0);
            for j in (0..TERMS - 1).rev() {
                sum = sum * z + bin.gauss[j];
                shift = shift * z + (j + 1) as f64 * bin.gauss[j + 1];
            }
            let scale = libm::exp(-0.5 * z * z - top);
            mass += scale * sum;
            moment += scale * (bin.centre * sum + self.s * shift);
        }
        Softmax {
            log_sum: top + libm::log(mass),
            mean: moment / mass,
        }
    }

    /// Mean of Φ((u − p)/s) over the points.
    pub(super) fn cdf(&self, u: f64) -> f64 {
        let from = self.bins.partition_point(|b| b.centre < u - FAR * self.s);
        let below = self.bins.get(from).map_or(self.points.len(), |b| b.first);
        let mut sum = below as f64;
        for bin in &self.bins[from..] {
            let z = (u - bin.centre) / self.s;
            if z < -FAR {
                break;
            }
            if bin.plain.is_empty() {
                let points = &self.points[bin.first..bin.last];
                sum += points
                    .iter()
                    .map(|p| special::cdf((u - p) / self.s))
                    .sum::<f64>();
                continue;
            }
            // He₀ = 1, He₁ = z, He_{j+1} = z·He_j − j·He_{j−1}.
            let (mut he, mut next, mut series) = (1.0, z, 0.0);
            for j in 1..TERMS {
                series += he * bin.plain[j];
                (he, next) = (next, z * next - j as f64 * he);
            }
            sum += bin.plain[0] * special::cdf(z) - special::phi(z) * series;
        }
        sum / self.points.len() as f64
    }
}

impl Bin {
    fn new(points: &[f64], first: usize, last: usize, s: f64) -> Self {
        let centre = 0.5 * (points[first] + points[last - 1]);
        let (mut gauss, mut plain) = (Vec::new(), Vec::new());
        if last - first > FEW {
            (gauss, plain) = (vec![0.0; TERMS], vec![0.0; TERMS]);
            for &p in &points[first..last] {
                let e = (p - centre) / s;
                let (mut power, weight) = (1.0, libm::exp(-0.5 * e * e));
                for j in 0..TERMS {
                    gauss[j] += weight * power;
                    plain[j] += power;
                    power *= e / (j + 1) as f64;
                }
            }
        }
        Self {
            centre,
            first,
            last,
            gauss,
            plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Noise, Stream};

    #[test]
    fn series_equal_the_direct_sums() {
        let mut points: Vec<f64> = (0..3000)
            .map(|i| Noise::new(4).uniform(Stream::Data, 0, i))
            .collect();
        points.extend([0.4; 50]);
        points.push(7.0);
        points.sort_by(f64::total_cmp);
        let m = points.len() as f64;
        for s in [1e-5, 1e-3, 0.01, 0.1, 0.3, 1.0, 10.0, 1e3] {
            let sums = PointSums::new(points.clone(), s);
            for k in -40..=60 {
                let u = 0.5 + 0.07 * f64::from(k) * (1.0 + s);
                let exponent = |p: f64| -0.5 * ((u - p) / s) * ((u - p) / s);
                let top = points.iter().map(|&p| exponent(p)).fold(f64::MIN, f64::max);
                let weight = |p: f64| (exponent(p) - top).exp();
                let mass: f64 = points.iter().map(|&p| weight(p)).sum();
                let mean = points.iter().map(|&p| weight(p) * p).sum::<f64>() / mass;
                let cdf = points
                    .iter()
                    .map(|&p| special::cdf((u - p) / s))
                    .sum::<f64>()
                    / m;
                let got = sums.softmax(u);
                assert!(
                    (got.mean - mean).abs() < 1e-11,
                    "s={s} u={u}: {} {mean}",
                    got.mean
                );
                let log = top + mass.ln();
                assert!(
                    (got.log_sum - log).abs() < 1e-11 * (1.0 + log.abs()),
                    "s={s} u={u}"
                );
                assert!(
                    (sums.cdf(u) - cdf).abs() < 1e-12,
                    "s={s} u={u}: {} {cdf}",
                    sums.cdf(u)
                );
            }
        }
    }
}
