//! A multilayer perceptron with SiLU: its shape, the layout of its weights, and its forward and backward passes.
//!
//! Held by `src/net/mlp.rs`: `forward_and_backward_are_those_of_f64_and_of_finite_differences`.

use super::kernel::{Start, View, padded, product, silu, silu_back};

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

/// The values of a batch on its way through the layers.
#[derive(Debug, Clone)]
pub struct Tape {
    layers: Vec<Layer>,
    /// The values before SiLU of each layer, `[batch × stride]`. For the last layer these are the outputs.
    pre: Vec<Vec<f32>>,
    /// The values after SiLU.
    post: Vec<Vec<f32>>,
    /// The gradients with respect to `pre`.
    slopes: Vec<Vec<f32>>,
    /// Buffers of the products with the Jacobian: two for the gradients, and one for a transposed layer.
    back: [Vec<f32>; 2],
    turned: Vec<f32>,
}

impl Tape {
    /// A tape for networks of a shape.
    pub fn new(shape: &Shape) -> Self {
        let layers = shape.layers();
        Self {
            pre: vec![vec![]; layers.len()],
            post: vec![vec![]; layers.len() - 1],
            slopes: vec![vec![]; layers.len()],
            back: [vec![], vec![]],
            turned: vec![],
            layers,
        }
    }

    /// Distance between rows of outputs: the number of outputs with padding.
    pub fn stride(&self) -> usize {
        self.layers.last().map_or(0, |l| l.stride)
    }

    /// The outputs `[batch × stride]` for inputs `x` `[batch × inputs]`; see [`Tape::stride`].
    pub fn forward(&mut self, weights: &[f32], x: &[f32]) -> &[f32] {
        let batch = x.len() / self.layers[0].inputs;
        for (i, layer) in self.layers.iter().enumerate() {
            let (before, rows) = match i {
                0 => (x, layer.inputs),
                _ => (&self.post[i - 1][..], self.layers[i - 1].stride),
            };
            let view = View {
                data: before,
                rows,
                columns: 1,
            };
            let out = &mut self.pre[i];
            out.resize(batch * layer.stride, 0.0);
            let matrix = &weights[layer.start..layer.bias()];
            let bias = &weights[layer.bias()..layer.end()];
            let start = Start::Row(bias);
            product(view, matrix, layer.inputs, layer.stride, start, out);
            if let Some(post) = self.post.get_mut(i) {
                post.clone_from(out);
                silu(post);
            }
        }
        &self.pre[self.layers.len() - 1]
    }

    /// Both parts of the backward pass.
    #[cfg(test)]
    fn backward(&mut self, weights: &[f32], x: &[f32], seed: &[f32], gradient: &mut [f32]) {
        self.descend(weights, seed);
        self.collect(x, gradient);
    }

    /// The part of the backward pass that every draw needs for itself: the gradient of Σ outputs·`seed` with respect to the
    /// values of each layer. Call [`Tape::forward`] with the same `weights` first. `seed` is `[batch × stride]` with zeros in
    /// the padding.
    pub fn descend(&mut self, weights: &[f32], seed: &[f32]) {
        let batch = seed.len() / self.stride().max(1);
        let last = self.layers.len() - 1;
        self.slopes[last].clear();
        self.slopes[last].extend_from_slice(seed);
        for (i, layer) in self.layers.iter().enumerate().skip(1).rev() {
            // G ← (G·Wᵀ)·silu'.
            let (before, after) = self.slopes.split_at_mut(i);
            let (next, now) = (&mut before[i - 1], &after[0]);
            let stride = self.layers[i - 1].stride;
            let turned = &mut self.turned;
            back_through(weights, layer, (batch, stride), now, turned, next);
            silu_back(&self.pre[i - 1], next);
        }
    }

    /// The part of the backward pass that sums over the batch: adds the gradient with respect to the weights to `gradient`.
    /// Call [`Tape::descend`] first. Sums run over the batch in order, so a batch in parts gives the same bits.
    pub fn collect(&self, x: &[f32], gradient: &mut [f32]) {
        let batch = x.len() / self.layers[0].inputs;
        for (i, layer) in self.layers.iter().enumerate() {
            let (before, rows) = match i {
                0 => (x, layer.inputs),
                _ => (&self.post[i - 1][..], self.layers[i - 1].stride),
            };
            let slopes = &self.slopes[i];
            // dW = Xᵀ·G, db = 1ᵀ·G.
            let view = View {
                data: before,
                rows: 1,
                columns: rows,
            };
            let matrix = &mut gradient[layer.start..layer.bias()];
            product(view, slopes, batch, layer.stride, Start::Own, matrix);
            let bias = &mut gradient[layer.bias()..layer.end()];
            for row in slopes.chunks(layer.stride) {
                bias.iter_mut().zip(row).for_each(|(b, g)| *b += g);
            }
        }
    }
}

/// next = now·Wᵀ, `[batch × stride]`, where W is the matrix of a layer. `turned` is a buffer for Wᵀ, padded with zeros.
fn back_through(
    weights: &[f32],
    layer: &Layer,
    (batch, stride): (usize, usize),
    now: &[f32],
    turned: &mut Vec<f32>,
    next: &mut Vec<f32>,
) {
    turned.clear();
    turned.resize(layer.stride * stride, 0.0);
    let rows = weights[layer.start..layer.bias()].chunks(layer.stride);
    for (r, row) in rows.enumerate() {
        for (c, &w) in row.iter().enumerate() {
            turned[c * stride + r] = w;
        }
    }
    next.resize(batch * stride, 0.0);
    let view = View {
        data: now,
        rows: layer.stride,
        columns: 1,
    };
    product(view, turned, layer.outputs, stride, Start::Zero, next);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(shape: &Shape) -> Vec<f32> {
        let mut w = vec![0.0; shape.len()];
        let mut k = 1u32;
        for layer in shape.layers() {
            for row in w[layer.start..layer.end()].chunks_mut(layer.stride) {
                for w in &mut row[..layer.outputs] {
                    k = k.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    *w = (k >> 8) as f32 / 16_777_216.0 - 0.5;
                }
            }
        }
        w
    }

    /// The forward pass in f64, from the definition.
    fn plain(shape: &Shape, w: &[f32], x: &[f64]) -> Vec<f64> {
        let mut h = x.to_vec();
        for (i, l) in shape.layers().iter().enumerate() {
            let mut next: Vec<f64> = (0..l.outputs).map(|c| f64::from(w[l.bias() + c])).collect();
            for (r, h) in h.iter().enumerate() {
                for (c, n) in next.iter_mut().enumerate() {
                    *n += h * f64::from(w[l.start + r * l.stride + c]);
                }
            }
            if i < shape.depth {
                next.iter_mut().for_each(|x| *x /= 1.0 + (-*x).exp());
            }
            h = next;
        }
        h
    }

    #[test]
    fn forward_and_backward_are_those_of_f64_and_of_finite_differences() {
        for (inputs, outputs, width, depth) in
            [(2, 1, 8, 1), (3, 2, 12, 3), (4, 3, 24, 2), (10, 9, 16, 2)]
        {
            let shape = Shape {
                inputs,
                outputs,
                width,
                depth,
            };
            let w = weights(&shape);
            let batch = 5;
            let x: Vec<f32> = (0..batch * inputs)
                .map(|i| (i as f32 * 0.7).sin())
                .collect();
            let mut tape = Tape::new(&shape);
            let stride = tape.stride();
            let out = tape.forward(&w, &x).to_vec();
            let seed: Vec<f32> = (0..batch * stride)
                .map(|i| {
                    if i % stride < outputs {
                        0.3 - 0.05 * i as f32
                    } else {
                        0.0
                    }
                })
                .collect();
            let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
            let objective = |w: &[f32]| {
                let mut sum = 0.0;
                for (b, x) in wide.chunks(inputs).enumerate() {
                    for (c, y) in plain(&shape, w, x).iter().enumerate() {
                        sum += y * f64::from(seed[b * stride + c]);
                    }
                }
                sum
            };
            for (b, x) in wide.chunks(inputs).enumerate() {
                for (c, y) in plain(&shape, &w, x).iter().enumerate() {
                    assert!((f64::from(out[b * stride + c]) - y).abs() < 1e-5);
                }
            }
            let mut gradient = vec![0.0; shape.len()];
            tape.backward(&w, &x, &seed, &mut gradient);
            let mut parts = vec![0.0; shape.len()];
            for (x, seed) in x.chunks(2 * inputs).zip(seed.chunks(2 * stride)) {
                tape.forward(&w, x);
                tape.backward(&w, x, seed, &mut parts);
            }
            assert_eq!(parts, gradient, "a batch in parts gives the same bits");
            for layer in shape.layers() {
                for at in layer.start..layer.end() {
                    if (at - layer.start) % layer.stride >= layer.outputs {
                        assert_eq!(gradient[at], 0.0, "padding has no gradient");
                        continue;
                    }
                    let h = 1.0 / 256.0;
                    let moved = |by: f32| {
                        let mut w = w.clone();
                        w[at] += by;
                        objective(&w)
                    };
                    let slope = (moved(h) - moved(-h)) / (2.0 * f64::from(h));
                    let close = 2e-4 * (1.0 + slope.abs());
                    assert!((f64::from(gradient[at]) - slope).abs() < close, "{at}");
                }
            }
        }
    }
}
