//! A network on a device: its layers forward, and the products of its Jacobian.

use super::upload::Place;
use crate::level::Level;
use crate::net::{Layer, Net, Precondition, seen};
use burn::tensor::Tensor;
use burn::tensor::activation::silu;

/// The layers of a [`Net`], with its preconditioning x̂ = c_skip·u + c_out·F(c_in·u, ¼ ln s) (see [`crate::net`]).
#[derive(Debug, Clone)]
pub struct Network {
    /// Each layer's matrix `[inputs, outputs]` and bias `[1, outputs]`.
    layers: Vec<(Tensor<2>, Tensor<2>)>,
    width: usize,
}

impl Network {
    /// Puts the layers of `net` on a device.
    pub fn new(net: &Net, place: &Place) -> Self {
        let upload = |layer: &Layer, from: usize, to: usize| {
            let rows = net.weights()[from..to].chunks(layer.stride);
            let values: Vec<f32> = rows.flat_map(|row| row[..layer.outputs].to_vec()).collect();
            let rows = values.len() / layer.outputs;
            place.matrix(values, [rows, layer.outputs])
        };
        let layers = net.shape().layers();
        let both = |l: &Layer| (upload(l, l.start, l.bias()), upload(l, l.bias(), l.end()));
        Self {
            layers: layers.iter().map(both).collect(),
            width: net.shape().width,
        }
    }

    /// Its widest row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// c_in·u and ¼ ln s side by side, c_skip·u, and the coefficients.
    fn inputs(&self, level: &Level, x_t: Tensor<2>) -> (Tensor<2>, Tensor<2>, Precondition, f64) {
        let (s, scale) = seen(level);
        let at = Precondition::at(s);
        let [n, _] = x_t.dims();
        let u = x_t.mul_scalar(scale);
        let noise = Tensor::full([n, 1], at.noise, (&u.device(), u.dtype()));
        let inputs = Tensor::cat(vec![u.clone().mul_scalar(at.into), noise], 1);
        (inputs, u.mul_scalar(at.skip), at, scale)
    }

    /// x̂ of every particle, `[n, dim]`.
    pub fn x_hat(&self, level: &Level, x_t: Tensor<2>) -> Tensor<2> {
        let (mut h, skipped, at, _) = self.inputs(level, x_t);
        for (i, (matrix, bias)) in self.layers.iter().enumerate() {
            h = h.matmul(matrix.clone()) + bias.clone();
            if i + 1 < self.layers.len() {
                h = silu(h);
            }
        }
        skipped + h.mul_scalar(at.out)
    }
}
