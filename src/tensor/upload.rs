//! Copies numbers from the host to a device.

use crate::denoise::Denoiser;
use crate::level::Level;
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use std::ops::Range;

/// The device of tensors, and the type of their elements.
#[derive(Debug, Clone)]
pub struct Place {
    /// The device.
    pub device: Device,
    /// The type of the elements, f32 or f64.
    pub dtype: DType,
}

impl Place {
    /// A matrix `[rows, columns]` from its entries by rows.
    pub(super) fn matrix<E: burn::tensor::Element>(
        &self,
        values: Vec<E>,
        shape: [usize; 2],
    ) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values, shape), (&self.device, self.dtype))
    }

    /// A row `[1, columns]`.
    pub(super) fn row(&self, values: Vec<f64>) -> Tensor<2> {
        let columns = values.len();
        self.matrix(values, [1, columns])
    }

    /// Indices of columns, for [`Tensor::select`].
    pub(super) fn columns(&self, places: impl IntoIterator<Item = usize>) -> Tensor<1, Int> {
        let places: Vec<i32> = places.into_iter().map(|i| i as i32).collect();
        Tensor::from_ints(&places[..], &self.device)
    }
}

/// x̂ = K·x_t + G·c + k at one level, for a denoiser that is affine in the particle and in its context c.
///
/// Held by `tests/tensor_chains.rs`: `every_rule_on_tensors_is_that_of_the_host`.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Kᵀ by rows, `[dim × dim]`.
    pub gain: Vec<f64>,
    /// Gᵀ by rows, `[known × dim]`.
    pub context: Vec<f64>,
    /// k, `[dim]`.
    pub offset: Vec<f64>,
}

impl Map {
    /// The contexts of the particles that [`Map::of`] evaluates: 0 for the first dim + 1 particles, then e_j.
    pub fn contexts(dim: usize, known: usize) -> Vec<f64> {
        let mut all = vec![0.0; (dim + 1 + known) * known];
        for j in 0..known {
            all[(dim + 1 + j) * known + j] = 1.0;
        }
        all
    }

    /// The particles at which a map is found: e_j for j < dim, then 0, then 0 for each entry of the context.
    pub fn probes(which: Range<usize>, dim: usize) -> Vec<f64> {
        let mut all = vec![0.0; which.len() * dim];
        for (j, x) in which.zip(all.chunks_exact_mut(dim)) {
            if let Some(entry) = x.get_mut(j) {
                *entry = 1.0;
            }
        }
        all
    }

    /// The map of a denoiser of `dim` coordinates that is affine at `level` and whose particles have the contexts of
    /// [`Map::contexts`].
    pub fn of(denoiser: &dyn Denoiser, level: &Level, [dim, known]: [usize; 2]) -> Self {
        let probes = Self::probes(0..dim + 1 + known, dim);
        let mut out = vec![0.0; probes.len()];
        denoiser.at(level).x_hat(&probes, &mut out);
        Self::from_x_hat(out, dim)
    }

    /// The map from x̂ of all [`Map::probes`]: k = x̂(0; 0), the columns of K are x̂(e_j; 0) − k, and the columns of G are
    /// x̂(0; e_j) − k.
    pub fn from_x_hat(mut out: Vec<f64>, dim: usize) -> Self {
        let offset = out[dim * dim..(dim + 1) * dim].to_vec();
        for x_hat in out.chunks_mut(dim) {
            x_hat.iter_mut().zip(&offset).for_each(|(x, k)| *x -= k);
        }
        Self {
            context: out[(dim + 1) * dim..].to_vec(),
            gain: out[..dim * dim].to_vec(),
            offset,
        }
    }
}
