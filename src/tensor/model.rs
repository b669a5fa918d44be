//! What gives x̂ on a device: a law, or the layers of a network.

use super::{exact, space};
use crate::law::Law;
use crate::law::space::Space;
use crate::level::Level;
use crate::net::{Net, Precondition};
use crate::sample::Affine;
use burn::tensor::{DType, Device, Tensor, TensorData, activation::silu};

/// A denoiser on a device.
#[derive(Debug, Clone)]
pub enum Model {
    /// The exact denoiser of a law.
    Law(Law),
    /// The exact denoiser of a law in the plane or in space.
    Space(Space),
    /// Affine maps x̂ = K·x_t + k, one a level: Kᵀ `[dim, dim]`, k `[1, dim]`.
    Affine(Vec<(Level, Tensor<2>, Tensor<2>)>),
    /// A network: each layer's matrix `[inputs, outputs]` and bias `[1, outputs]`, and its widest row.
    Net(Vec<(Tensor<2>, Tensor<2>)>, usize),
}

impl Model {
    /// Puts the layers of `net` on `device` with elements of `dtype`.
    pub fn network(net: &Net, device: &Device, dtype: DType) -> Self {
        let upload = |values: Vec<f32>, shape: [usize; 2]| -> Tensor<2> {
            Tensor::from_data(TensorData::new(values, shape), (device, dtype))
        };
        let layer = |l: &crate::net::Layer| {
            let rows = |from: usize, to: usize| -> Vec<f32> {
                let rows = net.weights()[from..to].chunks(l.stride);
                rows.flat_map(|row| row[..l.outputs].to_vec()).collect()
            };
            (
                upload(rows(l.start, l.bias()), [l.inputs, l.outputs]),
                upload(rows(l.bias(), l.end()), [1, l.outputs]),
            )
        };
        let layers = net.shape().layers().iter().map(layer).collect();
        Model::Net(layers, net.shape().width)
    }

    /// Puts the affine maps of some levels on `device` with elements of `dtype`.
    pub fn affine(maps: &[(Level, Affine)], device: &Device, dtype: DType) -> Self {
        let upload = |values: Vec<f64>, shape: [usize; 2]| -> Tensor<2> {
            Tensor::from_data(TensorData::new(values, shape), (device, dtype))
        };
        let map = |(level, map): &(Level, Affine)| {
            let dim = map.offset.len();
            // Column by column, which is Kᵀ by rows.
            let gain = upload(map.gain.iter().copied().collect(), [dim, dim]);
            let offset = upload(map.offset.iter().copied().collect(), [1, dim]);
            (*level, gain, offset)
        };
        Model::Affine(maps.iter().map(map).collect())
    }

    /// Length of a particle's row in the largest tensor of [`Model::x_hat`].
    pub fn width(&self) -> usize {
        match self {
            Model::Law(law) => exact::width(law),
            Model::Space(law) => space::width(law),
            Model::Affine(maps) => maps.first().map_or(1, |m| m.1.dims()[0]),
            Model::Net(_, width) => *width,
        }
    }

    /// x̂ = E[x₀ | x_t] for every particle, `[n, d]` (see [`crate::net`] for a network's formula).
    ///
    /// # Panics
    /// If affine maps are asked for at a level that they were not made for.
    pub fn x_hat(&self, level: &Level, x_t: Tensor<2>) -> Tensor<2> {
        let layers = match self {
            Model::Law(law) => return exact::x_hat(law, level, x_t),
            Model::Space(law) => return space::x_hat(law, level, x_t),
            Model::Affine(maps) => {
                let map = maps.iter().find(|m| m.0 == *level);
                // A run asks at the levels of its plan only, which are those given.
                assert!(map.is_some(), "x_hat: a level of the plan");
                return map.map_or(x_t.clone(), |(_, gain, offset)| {
                    x_t.matmul(gain.clone()) + offset.clone()
                });
            }
            Model::Net(layers, _) => layers,
        };
        let (s, scale) = crate::net::seen(level);
        let at = Precondition::at(s);
        let [n, _] = x_t.dims();
        let u = x_t.mul_scalar(scale);
        let noise = Tensor::full([n, 1], at.noise, (&u.device(), u.dtype()));
        let mut h = Tensor::cat(vec![u.clone().mul_scalar(at.into), noise], 1);
        for (i, (matrix, bias)) in layers.iter().enumerate() {
            h = h.matmul(matrix.clone()) + bias.clone();
            if i + 1 < layers.len() {
                h = silu(h);
            }
        }
        u.mul_scalar(at.skip) + h.mul_scalar(at.out)
    }
}
