//! The law of the first state.

use crate::error::Error;
use crate::rng::Noise;
use crate::rng::Stream;

/// One normal of an [`Initial`] law: N(mean, sd²·I).
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Its share, before all shares are scaled to a sum of 1.
    pub weight: f64,
    /// `[dim]`.
    pub mean: Vec<f64>,
    /// The standard deviation of each coordinate, 0 for a point.
    pub sd: f64,
}

/// A mixture of isotropic normals: the law of the first state of truth and members.
///
/// Held by `tests/filter/dynamics.rs`: `initial_members_have_the_moments_of_their_law`.
#[derive(Debug, Clone, PartialEq)]
pub struct Initial {
    components: Vec<Component>,
}

impl Initial {
    /// N(mean, sd²·I).
    ///
    /// # Errors
    /// As [`Initial::mixture`].
    pub fn normal(mean: Vec<f64>, sd: f64) -> Result<Self, Error> {
        Self::mixture(vec![Component {
            weight: 1.0,
            mean,
            sd,
        }])
    }

    /// A mixture; the weights are scaled to a sum of 1.
    ///
    /// # Errors
    /// If there is no component; if their means differ in length or are empty; if a mean is not finite, a standard
    /// deviation is negative or not finite, or a weight is not above 0.
    pub fn mixture(mut components: Vec<Component>) -> Result<Self, Error> {
        let dim = components.first().map_or(0, |c| c.mean.len());
        let valid = |c: &Component| {
            c.mean.len() == dim
                && c.mean.iter().all(|m| m.is_finite())
                && c.sd.is_finite()
                && c.sd >= 0.0
                && c.weight.is_finite()
                && c.weight > 0.0
        };
        if dim == 0 || !components.iter().all(valid) {
            return Err(Error::no_filter(
                "The initial law is invalid.",
                "Give each component a weight above 0, a standard deviation of at least 0 and one finite mean per coordinate.",
            ));
        }
        let sum: f64 = components.iter().map(|c| c.weight).sum();
        components.iter_mut().for_each(|c| c.weight /= sum);
        Ok(Self { components })
    }

    /// Number of coordinates of a state.
    pub fn dim(&self) -> usize {
        self.components[0].mean.len()
    }

    /// The components, whose weights add up to 1.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// Fills `out` `[n × dim]` with the states of the members from number `first` on. The draws are those of step 0 of
    /// `stream`, and for the choice of a component those of step `u32::MAX`.
    pub fn draw(&self, noise: &Noise, stream: Stream, first: u64, out: &mut [f64]) {
        let dim = self.dim();
        noise.normals(stream, 0, first * dim as u64, out);
        for (j, x) in (first..).zip(out.chunks_exact_mut(dim)) {
            let c = self.component(noise, stream, j);
            x.iter_mut()
                .zip(&c.mean)
                .for_each(|(x, m)| *x = m + c.sd * *x);
        }
    }

    fn component(&self, noise: &Noise, stream: Stream, member: u64) -> &Component {
        let last = self.components.len() - 1;
        if last == 0 {
            return &self.components[0];
        }
        let mut left = noise.uniform(stream, u32::MAX, member);
        let passed = |c: &&Component| {
            left -= c.weight;
            left < 0.0
        };
        self.components
            .iter()
            .find(passed)
            .unwrap_or(&self.components[last])
    }

    /// The mean `[dim]`.
    pub fn mean(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.dim()];
        for c in &self.components {
            out.iter_mut()
                .zip(&c.mean)
                .for_each(|(o, m)| *o += c.weight * m);
        }
        out
    }

    /// The covariance matrix `[dim × dim]`.
    pub fn covariance(&self) -> Vec<f64> {
        let (d, mean) = (self.dim(), self.mean());
        let mut out = vec![0.0; d * d];
        for c in &self.components {
            for i in 0..d {
                out[i * d + i] += c.weight * c.sd * c.sd;
                for j in 0..d {
                    out[i * d + j] += c.weight * (c.mean[i] - mean[i]) * (c.mean[j] - mean[j]);
                }
            }
        }
        out
    }
}
