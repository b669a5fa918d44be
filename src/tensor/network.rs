//! A network on a device: its forward pass, and products of its Jacobian.
//!
//! Held by `tests/tensor.rs`: `a_network_gives_the_same_x_hat_and_the_same_run_as_on_the_host`; `tests/tensor/windows.rs`:
//! `windows_on_tensors_are_those_of_plain_loops`.

use super::upload::Place;
use crate::level::Level;
use crate::net::{Layer, Net, Precondition, seen};
use burn::tensor::Tensor;
use burn::tensor::activation::{sigmoid, silu};

/// The layers of a [`Net`], with its preconditioning x̂ = c_skip·u + c_out·F(c_in·u, ¼ ln s) (see [`crate::net`]).
#[derive(Debug, Clone)]
pub struct Network {
    /// The matrix `[inputs, outputs]` and the bias `[1, outputs]` of each layer.
    layers: Vec<(Tensor<2>, Tensor<2>)>,
    width: usize,
}

/// The values that products of the Jacobian at some points need: SiLU' of every hidden layer.
pub(super) struct Tape<'n> {
    network: &'n Network,
    slopes: Vec<Tensor<2>>,
    at: Precondition,
    scale: f64,
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

    /// Width of its hidden layers.
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

    /// x̂ with its tape.
    pub(super) fn taped(&self, level: &Level, x_t: Tensor<2>) -> (Tensor<2>, Tape<'_>) {
        let (mut h, skipped, at, scale) = self.inputs(level, x_t);
        let mut slopes = vec![];
        for (i, (matrix, bias)) in self.layers.iter().enumerate() {
            h = h.matmul(matrix.clone()) + bias.clone();
            if i + 1 < self.layers.len() {
                // d/dx x·s = s·(1 + x·(1 − s)), s = sigmoid(x).
                let s = sigmoid(h.clone());
                let rest = s.clone().neg().add_scalar(1.0);
                slopes.push(s.clone() * (h.clone() * rest).add_scalar(1.0));
                h = h * s;
            }
        }
        let tape = Tape {
            network: self,
            slopes,
            at,
            scale,
        };
        (skipped + h.mul_scalar(at.out), tape)
    }
}

impl Tape<'_> {
    /// J·v of every particle, `[n, dim]`.
    pub fn jvp(&self, v: Tensor<2>) -> Tensor<2> {
        let u = v.mul_scalar(self.scale);
        let mut h = u.clone().mul_scalar(self.at.into);
        for (i, (matrix, _)) in self.network.layers.iter().enumerate() {
            // The last input of the first layer, ¼ ln s, does not change.
            h = h.clone().matmul(matrix.clone().narrow(0, 0, h.dims()[1]));
            if let Some(slope) = self.slopes.get(i) {
                h = h * slope.clone();
            }
        }
        u.mul_scalar(self.at.skip) + h.mul_scalar(self.at.out)
    }

    /// Jᵀ·w of every particle, `[n, dim]`.
    pub fn vjp(&self, w: Tensor<2>) -> Tensor<2> {
        let dim = w.dims()[1];
        let mut g = w.clone().mul_scalar(self.at.out);
        for (i, (matrix, _)) in self.network.layers.iter().enumerate().rev() {
            if let Some(slope) = self.slopes.get(i) {
                g = g * slope.clone();
            }
            g = g.matmul(matrix.clone().transpose());
        }
        let through = g.narrow(1, 0, dim).mul_scalar(self.at.into * self.scale);
        w.mul_scalar(self.at.skip * self.scale) + through
    }
}
