//! A multilayer perceptron with SiLU: its shape, the layout of its weights, and its forward and backward passes.
//!
//! Held by `src/net/mlp.rs`: `forward_and_backward_are_those_of_f64_and_of_finite_differences`,
//! `the_passes_have_the_bits_of_plain_loops`.

use super::kernel::{GROUP, Pairs, QUAD, QUADS, bend, padded, silu, sums};
use super::quad::Quad;

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

/// The weights of a perceptron, packed for the products of its passes, forth and back: twice the memory of the flat weights.
#[derive(Debug, Clone)]
pub struct Packed {
    shape: Shape,
    /// Each layer.
    forth: Vec<Pairs>,
    /// The transpose of each layer.
    back: Vec<Pairs>,
}

impl Packed {
    /// Packs flat weights in the layout of [`Shape::layers`].
    pub fn new(shape: &Shape, weights: &[f32]) -> Self {
        let layers = shape.layers();
        let forth = |l: &Layer| {
            let own = &weights[l.start..l.end()];
            Pairs::new([l.inputs, l.outputs], |input, output| {
                own[input * l.stride + output]
            })
        };
        let back = |l: &Layer| {
            let own = &weights[l.start..l.bias()];
            Pairs::new([l.outputs, l.inputs], |output, input| match output {
                _ if output == l.outputs => 0.0,
                _ => own[input * l.stride + output],
            })
        };
        Self {
            shape: *shape,
            forth: layers.iter().map(forth).collect(),
            back: layers.iter().map(back).collect(),
        }
    }
}

/// Rows that lanes of particles go through: one for each feature.
type Row = [Quad; QUADS];

/// The values of up to [`GROUP`] particles on their way through the layers.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    /// Number of particles.
    count: usize,
    /// The inputs, then the values after SiLU of each hidden layer.
    values: Vec<Vec<Row>>,
    /// The slopes of SiLU of each hidden layer.
    slopes: Vec<Vec<Row>>,
    /// The gradients with respect to what each layer gives.
    gradients: Vec<Vec<Row>>,
    /// Two buffers that take turns.
    turns: [Vec<Row>; 2],
    /// A gradient with a row for each particle, [`GROUP`] features after the other.
    panels: Vec<Row>,
    /// What a pass gives, one row for each particle.
    out: Vec<f32>,
}

impl Tape {
    /// F of up to [`GROUP`] particles, `[particles × outputs]`, for `x` `[particles × inputs]`.
    pub fn forward(&mut self, net: &Packed, x: &[f32]) -> &[f32] {
        let shape = net.shape;
        self.begin(&shape, x, shape.inputs);
        let [from, to] = &mut self.turns;
        for (i, layer) in net.forth.iter().enumerate() {
            layer.times(from, true, to);
            if i < shape.depth {
                silu(to[..shape.width].as_flattened_mut());
            }
            std::mem::swap(from, to);
        }
        self.end(shape.outputs)
    }

    /// As [`Tape::forward`]. What the products need is kept.
    pub fn taped(&mut self, net: &Packed, x: &[f32]) -> &[f32] {
        let shape = net.shape;
        self.begin(&shape, x, shape.inputs);
        let rows = self.turns[0].len();
        self.slopes.resize(shape.depth, vec![]);
        self.values.resize(shape.depth + 1, vec![]);
        for rows_of in self.values.iter_mut().chain(&mut self.slopes) {
            rows_of.resize(rows, ZERO);
        }
        self.values[0].copy_from_slice(&self.turns[0]);
        for (i, layer) in net.forth.iter().enumerate() {
            let (before, after) = self.values.split_at_mut(i + 1);
            match after.first_mut() {
                Some(out) => {
                    layer.times(&before[i], true, out);
                    let slopes = self.slopes[i][..shape.width].as_flattened_mut();
                    bend(out[..shape.width].as_flattened_mut(), slopes);
                }
                None => layer.times(&before[i], true, &mut self.turns[0]),
            }
        }
        self.end(shape.outputs)
    }

    /// The part of the backward pass that every particle needs for itself: the gradient of Σ F·`seed` with respect to what each
    /// layer gives, for the particles of the last [`Tape::taped`] of `net`. `seed` is `[particles × outputs]`.
    pub fn descend(&mut self, net: &Packed, seed: &[f32]) {
        let shape = net.shape;
        self.begin(&shape, seed, shape.outputs);
        self.gradients.resize(shape.depth + 1, vec![]);
        for rows in &mut self.gradients {
            rows.resize(self.turns[0].len(), ZERO);
        }
        self.gradients[shape.depth].copy_from_slice(&self.turns[0]);
        for i in (1..=shape.depth).rev() {
            let (before, after) = self.gradients.split_at_mut(i);
            net.back[i].times(&after[0], false, &mut before[i - 1]);
            multiply(&mut before[i - 1][..shape.width], &self.slopes[i - 1]);
        }
    }

    /// The part of the backward pass that sums over particles: adds the gradient with respect to the weights to `gradient`. Call
    /// [`Tape::descend`] first. Sums run over the particles in order, so a batch in parts gives the same bits.
    pub fn collect(&mut self, net: &Packed, gradient: &mut [f32]) {
        for (i, layer) in net.shape.layers().iter().enumerate() {
            self.weigh(i, layer, &mut gradient[layer.start..layer.end()]);
        }
    }

    /// Jᵀ·`seed`, `[particles × inputs]`, where J is the Jacobian of F with respect to the inputs, for the particles of the last
    /// [`Tape::taped`] of `net`. `seed` is `[particles × outputs]`.
    pub fn pull(&mut self, net: &Packed, seed: &[f32]) -> &[f32] {
        let shape = net.shape;
        self.begin(&shape, seed, shape.outputs);
        for i in (0..=shape.depth).rev() {
            self.back_through(net, i);
        }
        self.end(shape.inputs)
    }

    /// J·`tangent`, `[particles × outputs]`, for a `tangent` `[particles × inputs]`, for the particles of the last [`Tape::taped`] of
    /// `net`.
    pub fn push(&mut self, net: &Packed, tangent: &[f32]) -> &[f32] {
        let shape = net.shape;
        self.begin(&shape, tangent, shape.inputs);
        let [from, to] = &mut self.turns;
        for (i, layer) in net.forth.iter().enumerate() {
            layer.times(from, false, to);
            if let Some(slopes) = self.slopes.get(i) {
                multiply(&mut to[..shape.width], slopes);
            }
            std::mem::swap(from, to);
        }
        self.end(shape.outputs)
    }

    /// The numbers of each particle become rows.
    fn begin(&mut self, shape: &Shape, numbers: &[f32], width: usize) {
        self.count = numbers.len() / width;
        assert!(self.count <= GROUP, "at most {GROUP} particles");
        let rows = shape.width.max(shape.inputs).max(shape.outputs);
        for turn in &mut self.turns {
            turn.resize(rows.next_multiple_of(2), ZERO);
        }
        for (f, row) in self.turns[0][..width].iter_mut().enumerate() {
            let mut all = [0.0; GROUP];
            for (to, numbers) in all.iter_mut().zip(numbers.chunks_exact(width)) {
                *to = numbers[f];
            }
            *row = load(&all);
        }
    }

    /// The inverse of [`Tape::begin`], for the first `width` rows.
    fn end(&mut self, width: usize) -> &[f32] {
        self.out.resize(self.count * width, 0.0);
        for (f, row) in self.turns[0][..width].iter().enumerate() {
            let lanes = row.iter().flat_map(|quad| quad.lanes());
            for (out, x) in self.out.chunks_exact_mut(width).zip(lanes) {
                out[f] = x;
            }
        }
        &self.out
    }

    /// G ← (G·Wᵀ)·silu', through layer i.
    fn back_through(&mut self, net: &Packed, i: usize) {
        let [from, to] = &mut self.turns;
        net.back[i].times(from, false, to);
        if i > 0 {
            multiply(&mut to[..net.shape.width], &self.slopes[i - 1]);
        }
        std::mem::swap(from, to);
    }

    /// dW += Xᵀ·G and db += 1ᵀ·G, where X are the values before a layer.
    fn weigh(&mut self, i: usize, layer: &Layer, own: &mut [f32]) {
        let panels = layer.stride.div_ceil(GROUP);
        self.panels.resize(panels * GROUP, ZERO);
        for (k, panel) in self.panels.chunks_exact_mut(GROUP).enumerate() {
            turn(&self.gradients[i], k * GROUP, layer.outputs, panel);
        }
        // After the last input comes the bias, whose input is 1.
        let inputs = self.values[i][..layer.inputs].iter().chain([&ONE]);
        let mut inputs = inputs.map(lanes);
        for rows in own.chunks_mut(2 * layer.stride) {
            let (a, b) = (inputs.next(), inputs.next());
            let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
            let mut pairs = [[0.0; 2]; GROUP];
            for (pair, (a, b)) in pairs.iter_mut().zip(a.iter().zip(&b)) {
                *pair = [*a, *b];
            }
            let (first, second) = rows.split_at_mut(layer.stride);
            for (k, panel) in self.panels.chunks_exact(GROUP).enumerate() {
                let columns = k * GROUP..layer.stride.min((k + 1) * GROUP);
                let first = &mut first[columns.clone()];
                let second = second.get_mut(columns).unwrap_or_default();
                add_sums(&pairs[..self.count], panel, first, second);
            }
        }
    }
}

/// Adds Σ_b pair_b·panel_b to up to [`GROUP`] numbers of two rows, b in order.
fn add_sums(pairs: &[[f32; 2]], panel: &[Row], first: &mut [f32], second: &mut [f32]) {
    let whole: (Result<&mut [f32; GROUP], _>, Result<&mut [f32; GROUP], _>) =
        (first.try_into(), second.try_into());
    if let (Ok(first), Ok(second)) = whole {
        let [a, b] = sums(pairs, panel, [load(first), load(second)]);
        (*first, *second) = (lanes(&a), lanes(&b));
        return;
    }
    let mut wide = [[0.0; GROUP]; 2];
    wide[0][..first.len()].copy_from_slice(first);
    wide[1][..second.len()].copy_from_slice(second);
    let [a, b] = sums(pairs, panel, [load(&wide[0]), load(&wide[1])]);
    first.copy_from_slice(&lanes(&a)[..first.len()]);
    second.copy_from_slice(&lanes(&b)[..second.len()]);
}

const ZERO: Row = [Quad::ZERO; QUADS];
const ONE: Row = [Quad::ONE; QUADS];

#[inline(always)]
fn load(numbers: &[f32; GROUP]) -> Row {
    let mut row = ZERO;
    for (quad, numbers) in row.iter_mut().zip(numbers.as_chunks().0) {
        *quad = Quad::new(*numbers);
    }
    row
}

/// The inverse of [`load`].
#[inline(always)]
fn lanes(row: &Row) -> [f32; GROUP] {
    let mut lanes = [0.0; GROUP];
    for (quad, numbers) in row.iter().zip(lanes.as_chunks_mut().0) {
        *numbers = quad.lanes();
    }
    lanes
}

/// The features `from..from + GROUP` of each particle become its row; those from `end` on are 0.
fn turn(rows: &[Row], from: usize, end: usize, out: &mut [Row]) {
    for (f, feature) in (from..from + GROUP).step_by(QUAD).enumerate() {
        let row = |k: usize| match feature + k < end {
            true => &rows[feature + k],
            false => &ZERO,
        };
        let (a, b, c, d) = (row(0), row(1), row(2), row(3));
        for (q, out) in out.chunks_exact_mut(QUAD).enumerate() {
            let turned = Quad::turned([a[q], b[q], c[q], d[q]]);
            for (out, quad) in out.iter_mut().zip(turned) {
                out[f] = quad;
            }
        }
    }
}

fn multiply(x: &mut [Row], by: &[Row]) {
    let both = x.as_flattened_mut().iter_mut().zip(by.as_flattened());
    both.for_each(|(x, by)| *x = *x * *by);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::kernel::sigmoid;

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

    /// The forward pass in f32 with one plain sum after the other: the values before each layer, the slopes of SiLU, and F.
    fn plain_f32(shape: &Shape, w: &[f32], x: &[f32]) -> [Vec<Vec<f32>>; 2] {
        let (mut values, mut slopes) = (vec![x.to_vec()], vec![]);
        for (i, l) in shape.layers().iter().enumerate() {
            let mut next = w[l.bias()..][..l.outputs].to_vec();
            for (c, n) in next.iter_mut().enumerate() {
                for (r, x) in values[i].iter().enumerate() {
                    *n += x * w[l.start + r * l.stride + c];
                }
            }
            if i < shape.depth {
                let s: Vec<f32> = next.iter().map(|x| sigmoid(*x)).collect();
                let both = next.iter().zip(&s);
                slopes.push(both.map(|(x, s)| s + x * s * (1.0 - s)).collect());
                next.iter_mut().zip(s).for_each(|(x, s)| *x *= s);
            }
            values.push(next);
        }
        [values, slopes]
    }

    fn bits(x: &[f32]) -> Vec<u32> {
        x.iter().map(|x| x.to_bits()).collect()
    }

    /// Groups, pairs of outputs and panels of columns change no sum: every shape, whole groups and parts of them.
    #[test]
    fn the_passes_have_the_bits_of_plain_loops() {
        for (inputs, outputs, width, depth) in [
            (2, 1, 8, 1),
            (3, 2, 1, 2),
            (3, 2, 20, 3),
            (4, 3, 7, 2),
            (17, 16, 24, 2),
            (37, 36, 33, 1),
            (10, 9, 16, 2),
        ] {
            let shape = Shape {
                inputs,
                outputs,
                width,
                depth,
            };
            let (w, layers) = (weights(&shape), shape.layers());
            let net = Packed::new(&shape, &w);
            let mut tape = Tape::default();
            let (mut gradient, mut plain) = (vec![0.0; shape.len()], vec![0.0; shape.len()]);
            for count in [16, 1, 3, 4, 5, 15] {
                let number = |i: usize| ((i * 37 + count) % 101) as f32 / 32.0 - 1.5;
                let x: Vec<f32> = (0..count * inputs).map(number).collect();
                let seed: Vec<f32> = (7..7 + count * outputs).map(number).collect();
                let f = tape.forward(&net, &x).to_vec();
                assert_eq!(bits(tape.taped(&net, &x)), bits(&f));
                let pushed = tape.push(&net, &x).to_vec();
                let pulled = tape.pull(&net, &seed).to_vec();
                tape.descend(&net, &seed);
                tape.collect(&net, &mut gradient);
                for (b, x) in x.chunks(inputs).enumerate() {
                    let case = format!("{shape:?}, {b} of {count}");
                    let [values, slopes] = plain_f32(&shape, &w, x);
                    let own = |all: &[f32], width: usize| bits(&all[b * width..][..width]);
                    assert_eq!(own(&f, outputs), bits(&values[depth + 1]), "{case}");
                    let mut v = x.to_vec();
                    for (i, l) in layers.iter().enumerate() {
                        let mut next = vec![0.0; l.outputs];
                        for (c, n) in next.iter_mut().enumerate() {
                            for (r, v) in v.iter().enumerate() {
                                *n += v * w[l.start + r * l.stride + c];
                            }
                            *n *= slopes.get(i).map_or(1.0, |s| s[c]);
                        }
                        v = next;
                    }
                    assert_eq!(own(&pushed, outputs), bits(&v), "{case}: pushed");
                    let mut g = seed[b * outputs..][..outputs].to_vec();
                    for (i, l) in layers.iter().enumerate().rev() {
                        let mut next = vec![0.0; l.inputs];
                        for (r, n) in next.iter_mut().enumerate() {
                            for (c, g) in g.iter().enumerate() {
                                *n += g * w[l.start + r * l.stride + c];
                                plain[l.start + r * l.stride + c] += values[i][r] * g;
                            }
                            *n *= if i > 0 { slopes[i - 1][r] } else { 1.0 };
                        }
                        for (c, g) in g.iter().enumerate() {
                            plain[l.bias() + c] += g;
                        }
                        g = next;
                    }
                    assert_eq!(own(&pulled, inputs), bits(&g), "{case}: pulled");
                }
                assert_eq!(bits(&gradient), bits(&plain), "{shape:?}, {count}");
            }
        }
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
            let net = Packed::new(&shape, &w);
            let mut tape = Tape::default();
            let out = tape.forward(&net, &x).to_vec();
            let seed: Vec<f32> = (0..batch * outputs)
                .map(|i| 0.3 - 0.05 * i as f32)
                .collect();
            let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
            let objective = |w: &[f32]| {
                let mut sum = 0.0;
                for (b, x) in wide.chunks(inputs).enumerate() {
                    for (c, y) in plain(&shape, w, x).iter().enumerate() {
                        sum += y * f64::from(seed[b * outputs + c]);
                    }
                }
                sum
            };
            for (b, x) in wide.chunks(inputs).enumerate() {
                for (c, y) in plain(&shape, &w, x).iter().enumerate() {
                    assert!((f64::from(out[b * outputs + c]) - y).abs() < 1e-5);
                }
            }
            let mut gradient = vec![0.0; shape.len()];
            assert_eq!(tape.taped(&net, &x), out);
            tape.descend(&net, &seed);
            tape.collect(&net, &mut gradient);
            let mut parts = vec![0.0; shape.len()];
            for (x, seed) in x.chunks(2 * inputs).zip(seed.chunks(2 * outputs)) {
                tape.taped(&net, x);
                tape.descend(&net, seed);
                tape.collect(&net, &mut parts);
            }
            assert_eq!(parts, gradient, "a batch in parts gives the same bits");

            // J·v by central differences in f64, Jᵀ·seed by ⟨seed, J·v⟩ = ⟨Jᵀ·seed, v⟩.
            let v: Vec<f32> = (0..x.len()).map(|i| (i as f32 * 1.3).cos()).collect();
            tape.taped(&net, &x);
            let pushed = tape.push(&net, &v).to_vec();
            let pulled = tape.pull(&net, &seed).to_vec();
            for (b, (x, v)) in wide.chunks(inputs).zip(v.chunks(inputs)).enumerate() {
                let at = |h: f64| -> Vec<f64> {
                    let moved = x.iter().zip(v).map(|(x, v)| x + h * f64::from(*v));
                    plain(&shape, &w, &moved.collect::<Vec<_>>())
                };
                let mut forth = 0.0;
                for (c, (up, down)) in at(1e-5).iter().zip(at(-1e-5)).enumerate() {
                    let own = f64::from(pushed[b * outputs + c]);
                    assert!((own - (up - down) / 2e-5).abs() < 1e-4, "{own}");
                    forth += own * f64::from(seed[b * outputs + c]);
                }
                let pulled = &pulled[b * inputs..][..inputs];
                let products = pulled.iter().zip(v).map(|(p, v)| f64::from(p * v));
                assert!((products.sum::<f64>() - forth).abs() < 1e-4);
            }
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
