//! The measures of a run of a sweep, in parts.

use super::Run;
use super::axis::Axis;
use crate::denoise::Denoiser;
use crate::law::{Diffused, Law};
use crate::metrics::{self, Area};

/// Numbers that a run finds beside its histogram: W₁ and KS.
pub(super) const MEASURES: usize = 2;
/// The work of measuring a particle in units, about, for each part of the law.
const POINT: usize = 8;
/// Number of particles that are measured together.
const TOGETHER: usize = 1 << 11;

/// The work of measuring `n` particles in units, about.
pub(super) fn price_of_measures(n: usize, law: &Law) -> usize {
    POINT * n * law.price()
}

/// The measures of a run that is done, as far as they are summed.
pub(super) struct Measuring {
    truth: Diffused,
    sorted: Vec<f64>,
    area: Area,
    ks: f64,
    /// Number of particles that are measured.
    done: usize,
}

impl Measuring {
    pub(super) fn new(run: &Run) -> Self {
        let truth = run.lab.truth();
        let mut sorted = run.x().to_vec();
        metrics::sort(&mut sorted);
        Self {
            area: Area::new([sorted[0], sorted[sorted.len() - 1]], &truth),
            ks: 0.0,
            done: 0,
            truth,
            sorted,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.done == self.sorted.len()
    }

    /// Measures the next particles. Returns the work in units.
    pub(super) fn part(&mut self, run: &Run) -> usize {
        let n = self.sorted.len();
        let some = &self.sorted[self.done..n.min(self.done + TOGETHER)];
        self.area.add(some, &self.truth, n);
        let ks = metrics::ks_of(some, &self.truth, (self.done, n));
        self.ks = self.ks.max(ks);
        self.done += some.len();
        price_of_measures(some.len(), &run.lab.law)
    }

    /// What the run has found, after all parts: W₁, KS, and the density of the bins.
    pub(super) fn found(&self, axis: &Axis, edges: &[f64]) -> Vec<f64> {
        let finite = self.sorted.iter().all(|x| x.is_finite());
        let or_infinite = |d: f64| if finite { d } else { f64::INFINITY };
        let mut found = vec![or_infinite(self.area.area), or_infinite(self.ks)];
        let density = axis.histogram(edges, &self.sorted);
        found.extend(density.into_iter().map(f64::from));
        found
    }
}
