//! The x axis that all pictures of a run share, and its histogram bins.

use super::Toy1d;
use crate::metrics;
use serde::Serialize;

/// The scale of the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "lowercase")]
pub enum AxisKind {
    /// Position = x.
    Linear,
    /// Position = asinh(x/scale): linear near 0, logarithmic far away (for exploding processes).
    Asinh,
}

/// An axis from `lo` to `hi`, in units of x.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Axis {
    /// The scale.
    pub kind: AxisKind,
    /// Left end.
    pub lo: f64,
    /// Right end.
    pub hi: f64,
    /// Scale of asinh.
    pub scale: f64,
    /// Number of histogram bins, evenly spaced on the axis.
    pub bins: usize,
}

/// Approximate number of histogram bins (a linear axis has from 3/4 to 3/2 of it).
const BINS: f64 = 120.0;
/// Number of points at which exact densities are drawn.
pub(super) const POINTS: usize = 481;

impl Axis {
    /// An axis that contains every level of all sides: the means ± 4 standard deviations, and the bulk of the data.
    pub fn holding(sides: &[&Toy1d]) -> Self {
        let (mut lo, mut hi) = (f64::MAX, f64::MIN);
        let (mut data_lo, mut data_hi) = (f64::MAX, f64::MIN);
        for side in sides {
            let truth = side.truth();
            let margin = 0.1 * truth.variance().sqrt();
            data_lo = data_lo.min(truth.quantile(1e-5) - margin);
            data_hi = data_hi.max(truth.quantile(1.0 - 1e-5) + margin);
            for level in [
                &side.setup.plan.levels[0],
                &side.setup.plan.levels[side.setup.plan.steps()],
            ] {
                let law = side.truth_at(level);
                let sd = law
                    .variance()
                    .sqrt()
                    .max(side.setup.plan.start * f64::from(side.setup.walks_at_one_level()));
                lo = lo.min(law.mean() - 4.0 * sd);
                hi = hi.max(law.mean() + 4.0 * sd);
            }
        }
        let (lo, hi) = (lo.min(data_lo), hi.max(data_hi));
        let bulk = data_lo
            .abs()
            .max(data_hi.abs())
            .max(0.5 * (data_hi - data_lo));
        let kind = if hi - lo > 20.0 * (data_hi - data_lo).max(bulk) {
            AxisKind::Asinh
        } else {
            AxisKind::Linear
        };
        if kind == AxisKind::Linear {
            return Self::linear(lo, hi);
        }
        Self {
            kind,
            lo,
            hi,
            // A quarter of the reach of the data: the data keep a good part of the axis, also with σ = 80.
            scale: 0.25 * bulk,
            bins: BINS as usize,
        }
    }

    /// A linear axis that contains [lo, hi]. The width of its bins is a power of two, and 0 is an edge, so the ends
    /// of U[0, 1] and of most combs are edges and no bin is half filled.
    pub fn linear(lo: f64, hi: f64) -> Self {
        let width = libm::scalbn(1.0, libm::round(libm::log2((hi - lo) / BINS)) as i32);
        let (first, last) = (libm::floor(lo / width), libm::ceil(hi / width));
        Self {
            kind: AxisKind::Linear,
            lo: first * width,
            hi: last * width,
            scale: 1.0,
            bins: (last - first) as usize,
        }
    }

    /// Edges of the histogram bins, in x.
    pub fn edges(&self) -> Vec<f64> {
        self.points(self.bins + 1)
    }

    /// Position of x on the axis.
    pub fn position(&self, x: f64) -> f64 {
        match self.kind {
            AxisKind::Linear => x,
            AxisKind::Asinh => libm::asinh(x / self.scale),
        }
    }

    /// The x at a position.
    pub fn at(&self, position: f64) -> f64 {
        match self.kind {
            AxisKind::Linear => position,
            AxisKind::Asinh => self.scale * libm::sinh(position),
        }
    }

    /// `count` ≥ 2 points from lo to hi, evenly spaced on the axis.
    pub fn points(&self, count: usize) -> Vec<f64> {
        let (a, b) = (self.position(self.lo), self.position(self.hi));
        (0..count)
            .map(|i| self.at(a + (b - a) * i as f64 / (count - 1) as f64))
            .collect()
    }

    /// The density of the sample in each bin: count/(n·width). Points outside the axis count in n only.
    pub fn histogram(&self, edges: &[f64], x: &[f64]) -> Vec<f32> {
        let mut counts = vec![0; edges.len() - 1];
        self.count(x, &mut counts);
        self.densities(edges, &counts, x.len())
    }

    /// Adds the numbers of points in each bin.
    pub(super) fn count(&self, x: &[f64], counts: &mut [u32]) {
        let bins = counts.len() as f64;
        let (a, b) = (self.position(self.lo), self.position(self.hi));
        let scale = bins / (b - a);
        match self.kind {
            AxisKind::Linear => metrics::count(x, a, scale, counts),
            AxisKind::Asinh => {
                for x in x.chunks(512) {
                    let at: Vec<f64> = x.iter().map(|x| self.position(*x)).collect();
                    metrics::count(&at, a, scale, counts);
                }
            }
        }
    }

    /// The densities of [`Axis::histogram`], of these counts of `n` points.
    pub(super) fn densities(&self, edges: &[f64], counts: &[u32], n: usize) -> Vec<f32> {
        let n = n.max(1) as f64;
        let density = |(i, &count): (usize, &u32)| {
            (f64::from(count) / (n * (edges[i + 1] - edges[i]))) as f32
        };
        counts.iter().enumerate().map(density).collect()
    }
}
