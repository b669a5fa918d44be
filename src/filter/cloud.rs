//! Sums of normal kernels over an ensemble, the inner loop of the methods that compare all pairs of members.

use super::line::Line;
use crate::special;

/// From so many points on the line on, a series is faster than all pairs.
const MANY: usize = 100;

/// Numbers that are added side by side, so that the compiler vectorises the sums in a fixed order.
const LANES: usize = 8;

/// Points c_j `[n × d]` with logarithms l_j of their weights, stored so that sums over j run through memory.
///
/// Many points on the line of equal weight have a [`Line`].
///
/// Held by `src/filter/cloud.rs`: `the_mean_is_that_of_the_sum_written_out`, `many_points_have_the_mean_of_few`.
#[derive(Debug, Clone, Default)]
pub struct Cloud {
    /// n, rounded up to whole lanes.
    padded: usize,
    /// `[d × padded]`.
    points: Vec<f64>,
    /// l_j `[padded]`; so low in the padding that it does not count.
    logs: Vec<f64>,
    /// The weights at the place that was asked for last, `[padded]`.
    weights: Vec<f64>,
    line: Option<Line>,
}

impl Cloud {
    /// `points` `[n × d]`, all of the same weight.
    pub fn new(points: &[f64], dim: usize) -> Self {
        let n = points.len() / dim;
        let padded = n.next_multiple_of(LANES);
        let mut out = vec![0.0; padded * dim];
        for (j, x) in points.chunks_exact(dim).enumerate() {
            for (i, x) in x.iter().enumerate() {
                out[i * padded + j] = *x;
            }
        }
        let mut logs = vec![0.0; padded];
        logs[n..].fill(-1e300);
        Self {
            padded,
            points: out,
            logs,
            weights: vec![0.0; padded],
            line: (dim == 1 && n >= MANY).then(|| {
                let mut sorted = points.to_vec();
                sorted.sort_unstable_by(f64::total_cmp);
                Line::new(sorted, 1.0)
            }),
        }
    }

    /// Sets l_j.
    pub fn set_log(&mut self, j: usize, log: f64) {
        self.line = None;
        self.logs[j] = log;
    }

    /// Writes Σw_j c_j/Σw_j with w_j = exp(l_j − |x − a·c_j|²/(2v)) into `out` `[d]`; a, v > 0.
    pub fn mean(&mut self, x: &[f64], a: f64, v: f64, out: &mut [f64]) {
        if let Some(line) = &mut self.line {
            let width = v.sqrt() / a;
            if line.width() != width {
                line.set_width(width);
            }
            if let Some(mean) = line.mean(x[0] / a) {
                out[0] = mean;
                return;
            }
        }
        let half = -0.5 / v;
        self.weights.copy_from_slice(&self.logs);
        let (weights, _) = self.weights.as_chunks_mut::<LANES>();
        for (x, points) in x.iter().zip(self.points.chunks_exact(self.padded)) {
            let (points, _) = points.as_chunks::<LANES>();
            for (w, p) in weights.iter_mut().zip(points) {
                for k in 0..LANES {
                    let gap = x - a * p[k];
                    w[k] += half * (gap * gap);
                }
            }
        }
        let mut top = [f64::NEG_INFINITY; LANES];
        for w in weights.iter() {
            for k in 0..LANES {
                top[k] = if w[k] > top[k] { w[k] } else { top[k] };
            }
        }
        let top = top.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut total = [0.0; LANES];
        for w in weights.iter_mut() {
            for k in 0..LANES {
                w[k] = special::exp(w[k] - top);
                total[k] += w[k];
            }
        }
        let total: f64 = total.iter().sum();
        for (o, points) in out.iter_mut().zip(self.points.chunks_exact(self.padded)) {
            let (points, _) = points.as_chunks::<LANES>();
            let mut sum = [0.0; LANES];
            for (w, p) in weights.iter().zip(points) {
                for k in 0..LANES {
                    sum[k] += w[k] * p[k];
                }
            }
            *o = sum.iter().sum::<f64>() / total;
        }
    }

    /// The price of one [`Cloud::mean`] of `n` points in `dim` coordinates, in units; of equal weight or not.
    pub fn cost(n: usize, dim: usize, equal: bool) -> f64 {
        if equal && dim == 1 && n >= MANY {
            return 35.0;
        }
        n as f64 * (0.25 + 0.06 * dim as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_that_of_the_sum_written_out() {
        for (n, d) in [(1, 1), (8, 1), (21, 1), (13, 3)] {
            let points: Vec<f64> = (0..n * d)
                .map(|i| f64::from(i * 37 % 101) / 25.0 - 2.0)
                .collect();
            let (n, d) = (n as usize, d as usize);
            let mut cloud = Cloud::new(&points, d);
            let logs: Vec<f64> = (0..n).map(|j| -0.1 * j as f64).collect();
            (0..n).for_each(|j| cloud.set_log(j, logs[j]));
            // The second place is so far away that every kernel underflows.
            for x in [0.3, 60.0] {
                let (x, a, v) = (vec![x; d], 0.8, 0.3);
                let logs: Vec<f64> = (0..n)
                    .map(|j| {
                        let c = &points[j * d..][..d];
                        let gap = |(x, c): (&f64, &f64)| (x - a * c) * (x - a * c);
                        logs[j] - x.iter().zip(c).map(gap).sum::<f64>() / (2.0 * v)
                    })
                    .collect();
                let top = logs.iter().copied().fold(f64::MIN, f64::max);
                let weights: Vec<f64> = logs.iter().map(|l| libm::exp(l - top)).collect();
                let mut out = vec![f64::NAN; d];
                cloud.mean(&x, a, v, &mut out);
                for i in 0..d {
                    let sum: f64 = (0..n).map(|j| weights[j] * points[j * d + i]).sum();
                    let known = sum / weights.iter().sum::<f64>();
                    assert!((out[i] - known).abs() < 1e-12, "{} {known}", out[i]);
                }
            }
        }
    }

    #[test]
    fn many_points_have_the_mean_of_few() {
        let points: Vec<f64> = (0..MANY)
            .map(|i| (i * 37 % 101) as f64 / 25.0 - 2.0)
            .collect();
        let (mut many, mut pairs) = (Cloud::new(&points, 1), Cloud::new(&points, 1));
        pairs.set_log(0, 0.0);
        assert!(many.line.is_some() && pairs.line.is_none());
        for (a, v) in [(1.0, 0.01), (0.8, 0.3), (0.05, 1.0)] {
            for x in [-9.0, -1.3, 0.02, 0.9, 30.0] {
                let (mut one, mut other) = ([0.0], [0.0]);
                many.mean(&[x], a, v, &mut one);
                pairs.mean(&[x], a, v, &mut other);
                assert!(
                    (one[0] - other[0]).abs() < 1e-11,
                    "{a} {v} {x}: {one:?} {other:?}"
                );
            }
        }
    }
}
