//! The paths of the stub, and what is exact of them.

use crate::answer::Reals;

/// One configuration, compiled.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stub {
    pub persistence: f64,
    pub steps: usize,
    pub n: usize,
    pub seed: u64,
}

impl Stub {
    /// The variance at an index.
    pub fn variance(&self, index: usize) -> f64 {
        1.0 - libm::pow(self.persistence * self.persistence, index as f64)
    }

    /// The variance at every index.
    pub fn variances(&self) -> Reals {
        (0..=self.steps).map(|i| self.variance(i)).collect()
    }

    /// The standard deviation of the noise of a step.
    pub fn noise(&self) -> f64 {
        (1.0 - self.persistence * self.persistence).sqrt()
    }
}
