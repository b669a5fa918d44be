//! Sums of normal kernels over many points on the line: a fast Gauss transform.

use crate::special;

/// Terms of a series.
const TERMS: usize = 24;
/// Half the width of a bin, in units of the kernels' width s.
const RADIUS: f64 = 0.5;
/// Kernels this far below the largest exponent do not change a sum in f64.
const NEGLIGIBLE: f64 = 37.0;
/// At places farther than this from the nearest point, in units of s, a series would not converge in time.
const FAR: f64 = 5.0;
/// Bins with at most so many points are summed point by point.
const FEW: usize = 4;

/// Neighbours within s of each other share one exponential and a Taylor series (Greengard & Strain 1991): with
/// z = (u − c)/s and ε = (p − c)/s, e^{−(z−ε)²/2} = e^{−z²/2}·Σ_j zʲ·e^{−ε²/2}εʲ/j!. Up to 5 widths from the nearest point
/// the rest of the series stays below 10⁻¹³ of the largest kernel. A sum costs as much for many points as for few.
///
/// Held by `src/filter/line.rs`: `sums_are_those_of_all_pairs`.
#[derive(Debug, Clone)]
pub struct Line {
    points: Vec<f64>,
    bins: Vec<Bin>,
    width: f64,
}

#[derive(Debug, Clone)]
struct Bin {
    centre: f64,
    /// The points of the bin are `first .. last`.
    first: usize,
    last: usize,
    /// Σ e^{−ε²/2}εʲ/j!; not used by a bin with few points.
    moments: [f64; TERMS],
}

impl Line {
    /// `points` ascending and not empty, in bins for kernels of the width s > 0.
    pub fn new(points: Vec<f64>, width: f64) -> Self {
        let mut line = Self {
            points,
            bins: vec![],
            width,
        };
        line.set_width(width);
        line
    }

    /// Sorts the points into bins for kernels of another width.
    pub fn set_width(&mut self, width: f64) {
        self.width = width;
        self.bins.clear();
        let mut first = 0;
        while first < self.points.len() {
            let reach = self.points[first] + 2.0 * RADIUS * width;
            let inside = self.points[first..].partition_point(|&p| p <= reach);
            let last = first + inside.max(1);
            self.bins.push(Bin::new(&self.points, first, last, width));
            first = last;
        }
    }

    /// The width of the kernels.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Σw_j p_j/Σw_j with w_j = exp(−(u − p_j)²/(2s²)); `None` if `u` is too far from all points for the series.
    pub fn mean(&self, u: f64) -> Option<f64> {
        let right = self.points.partition_point(|&p| p < u);
        let gap = |i: usize| self.points.get(i).map_or(f64::INFINITY, |p| (p - u).abs());
        let nearest = gap(right).min(gap(right.wrapping_sub(1))) / self.width;
        // NaN is not near.
        let near = nearest <= FAR;
        if !near {
            return None;
        }
        let top = -0.5 * nearest * nearest;
        let window = self.width * ((nearest * nearest + 2.0 * NEGLIGIBLE).sqrt() + RADIUS);
        let from = self.bins.partition_point(|b| b.centre < u - window);
        let (mut mass, mut moment) = (0.0, 0.0);
        for bin in &self.bins[from..] {
            if bin.centre > u + window {
                break;
            }
            if bin.last - bin.first <= FEW {
                for &p in &self.points[bin.first..bin.last] {
                    let d = (u - p) / self.width;
                    let weight = special::exp(-0.5 * d * d - top);
                    mass += weight;
                    moment += weight * p;
                }
                continue;
            }
            let z = (u - bin.centre) / self.width;
            // Σ zʲM_j is the sum of the weights, Σ zʲ(j + 1)M_{j+1} the sum of ε times the weights.
            let (mut sum, mut shift) = (bin.moments[TERMS - 1], 0.0);
            for j in (0..TERMS - 1).rev() {
                sum = sum * z + bin.moments[j];
                shift = shift * z + (j + 1) as f64 * bin.moments[j + 1];
            }
            let scale = special::exp(-0.5 * z * z - top);
            mass += scale * sum;
            moment += scale * (bin.centre * sum + self.width * shift);
        }
        Some(moment / mass)
    }
}

impl Bin {
    fn new(points: &[f64], first: usize, last: usize, width: f64) -> Self {
        let centre = 0.5 * (points[first] + points[last - 1]);
        let mut moments = [0.0; TERMS];
        if last - first > FEW {
            for p in &points[first..last] {
                let e = (p - centre) / width;
                let mut power = special::exp(-0.5 * e * e);
                for moment in &mut moments {
                    *moment += power;
                    power *= e;
                }
            }
            let mut factorial = 1.0;
            for (j, moment) in moments.iter_mut().enumerate().skip(1) {
                factorial *= j as f64;
                *moment /= factorial;
            }
        }
        Self {
            centre,
            first,
            last,
            moments,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Noise;
    use crate::rng::Stream;

    #[test]
    fn sums_are_those_of_all_pairs() {
        let mut points = vec![0.0; 2000];
        Noise::new(1).normals(Stream::Data, 0, 0, &mut points);
        // Two groups, and a point that is alone.
        points[..600].iter_mut().for_each(|p| *p += 6.0);
        points.push(14.0);
        points.sort_by(f64::total_cmp);
        let mut line = Line::new(points.clone(), 1.0);
        for width in [0.02, 0.1, 0.5, 3.0, 40.0] {
            line.set_width(width);
            let mut far = 0;
            for i in 0..400 {
                let u = -5.0 + 0.05 * f64::from(i);
                let gap = |p: &f64| (u - p) * (u - p) / (2.0 * width * width);
                let least = points.iter().map(gap).fold(f64::INFINITY, f64::min);
                let Some(mean) = line.mean(u) else {
                    assert!(least > 0.5 * FAR * FAR);
                    far += 1;
                    continue;
                };
                let weights: Vec<f64> = points.iter().map(|p| libm::exp(least - gap(p))).collect();
                let sum: f64 = weights.iter().zip(&points).map(|(w, p)| w * p).sum();
                let known = sum / weights.iter().sum::<f64>();
                assert!((mean - known).abs() < 1e-11, "{width} {u}: {mean} {known}");
            }
            assert!(far < 200, "{width}: {far}");
        }
    }
}
