//! The shape of a perceptron, and where its weights stand in one flat list.
//!
//! Held by `src/net/mlp/tests.rs`: `forward_and_backward_are_those_of_f64_and_of_finite_differences`.

use crate::net::kernel::padded;

/// Widths of a perceptron: `inputs → width → … → width → outputs`, `depth` hidden layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// Width of a hidden layer.
    pub width: usize,
    /// Number of hidden layers, at least one.
    pub depth: usize,
}

/// One affine layer in the flat weights: a matrix `[inputs × stride]` by rows, then a bias `[stride]`. The columns from
/// `outputs` to `stride` are padding: they are zero and stay zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    /// Position of its first weight.
    pub start: usize,
    /// Number of rows.
    pub inputs: usize,
    /// Number of columns without padding.
    pub outputs: usize,
    /// Number of columns with padding.
    pub stride: usize,
}

impl Layer {
    /// Position of the bias.
    pub fn bias(&self) -> usize {
        self.start + self.inputs * self.stride
    }

    /// Position after the last weight.
    pub fn end(&self) -> usize {
        self.bias() + self.stride
    }
}

impl Shape {
    /// The layers in order.
    pub fn layers(&self) -> Vec<Layer> {
        let mut start = 0;
        (0..=self.depth)
            .map(|i| {
                let layer = Layer {
                    start,
                    inputs: if i == 0 { self.inputs } else { self.width },
                    outputs: if i == self.depth {
                        self.outputs
                    } else {
                        self.width
                    },
                    stride: padded(if i == self.depth {
                        self.outputs
                    } else {
                        self.width
                    }),
                };
                start = layer.end();
                layer
            })
            .collect()
    }

    /// Length of the flat weights, padding included.
    pub fn len(&self) -> usize {
        self.layers().last().map_or(0, Layer::end)
    }

    /// False: a perceptron always has weights.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Number of weights without padding.
    pub fn parameters(&self) -> usize {
        self.layers()
            .iter()
            .map(|l| (l.inputs + 1) * l.outputs)
            .sum()
    }
}
