//! The network in f64 loops, for reading and for comparison: slow, and without a buffer or a trick.
//!
//! Held by `tests/unet.rs`: `x_hat_on_tensors_is_that_of_plain_loops`.

use super::At;
use super::FieldNet;
use super::SEEN;
use super::SIDE;
use super::Shape;
use super::Skip;
use super::embedding;

/// Channels of pixels, `[channel][y][x]`.
#[derive(Clone)]
struct Map {
    channels: usize,
    side: usize,
    values: Vec<f64>,
}

impl Map {
    fn zeros(channels: usize, side: usize) -> Self {
        Self {
            channels,
            side,
            values: vec![0.0; channels * side * side],
        }
    }

    fn each(mut self, f: impl Fn(f64) -> f64) -> Self {
        self.values.iter_mut().for_each(|x| *x = f(*x));
        self
    }

    fn plus(mut self, other: &Map) -> Self {
        let both = self.values.iter_mut().zip(&other.values);
        both.for_each(|(a, b)| *a += b);
        self
    }

    /// Channel c becomes f(c, value).
    fn by_channel(mut self, f: impl Fn(usize, f64) -> f64) -> Self {
        let size = self.side * self.side;
        for (c, values) in self.values.chunks_mut(size).enumerate() {
            values.iter_mut().for_each(|x| *x = f(c, *x));
        }
        self
    }
}

/// Tensors of weights, one after the other.
struct Tensors<'n> {
    net: &'n FieldNet,
    next: usize,
}

impl Tensors<'_> {
    /// The next tensor and its dimensions.
    fn take(&mut self) -> (Vec<f64>, Vec<usize>) {
        let slots = self.net.shape.slots();
        let slot = &slots[self.next];
        self.next += 1;
        let weights = &self.net.weights[slot.range()];
        let values = weights.iter().map(|w| f64::from(*w)).collect();
        (values, slot.dims.clone())
    }
}

fn silu(x: f64) -> f64 {
    x / (1.0 + libm::exp(-x))
}

/// A row times a matrix, plus a bias.
fn affine(x: &[f64], tensors: &mut Tensors) -> Vec<f64> {
    let (matrix, dims) = tensors.take();
    let (mut out, _) = tensors.take();
    for (x, row) in x.iter().zip(matrix.chunks(dims[1])) {
        out.iter_mut().zip(row).for_each(|(out, w)| *out += x * w);
    }
    out
}

/// The sum over c, i, j of kernel[o, c, i, j]·x[c, step·y + i − before, step·x + j − before], positions modulo the side.
fn convolution(x: &Map, tensors: &mut Tensors, step: usize, before: usize) -> Map {
    let (kernel, dims) = tensors.take();
    let mut out = Map::zeros(dims[0], x.side / step);
    let at = |y: usize, i: usize| (step * y + i + x.side - before) % x.side;
    for (pair, weights) in kernel.chunks(dims[2] * dims[3]).enumerate() {
        let (o, c) = (pair / dims[1], pair % dims[1]);
        for (k, w) in weights.iter().enumerate() {
            let (i, j) = (k / dims[3], k % dims[3]);
            for row in 0..out.side {
                for column in 0..out.side {
                    let from = (c * x.side + at(row, i)) * x.side + at(column, j);
                    out.values[(o * out.side + row) * out.side + column] += w * x.values[from];
                }
            }
        }
    }
    out
}

/// The transpose of a 2×2 convolution of stride 2: out[o, 2y + i, 2x + j] is the sum over c of kernel[c, o, i, j]·x[c, y, x].
fn transposed(x: &Map, tensors: &mut Tensors) -> Map {
    let (kernel, dims) = tensors.take();
    let mut out = Map::zeros(dims[1], 2 * x.side);
    for (at, w) in kernel.iter().enumerate() {
        let (c, o, i, j) = (at / (4 * dims[1]), at / 4 % dims[1], at / 2 % 2, at % 2);
        for row in 0..x.side {
            for column in 0..x.side {
                let to = (o * out.side + 2 * row + i) * out.side + 2 * column + j;
                out.values[to] += w * x.values[(c * x.side + row) * x.side + column];
            }
        }
    }
    out
}

fn biased(x: Map, tensors: &mut Tensors) -> Map {
    let (bias, _) = tensors.take();
    x.by_channel(|c, x| x + bias[c])
}

/// x + conv₂ SiLU((1 + g)·conv₁ SiLU(x) + b).
fn block(x: Map, embedded: &[f64], tensors: &mut Tensors) -> Map {
    let first = convolution(&x.clone().each(silu), tensors, 1, 1);
    let first = biased(first, tensors);
    let film = affine(embedded, tensors);
    let (g, b) = film.split_at(x.channels);
    let bent = first.by_channel(|c, x| silu((1.0 + g[c]) * x + b[c]));
    convolution(&bent, tensors, 1, 1).plus(&x)
}

/// F of what it sees, `[44][16][16]`, at the ratio s: `[20][16][16]`.
pub fn output(net: &FieldNet, s: f64, seen: &[f64]) -> Vec<f64> {
    let mut tensors = Tensors { net, next: 0 };
    let mut embedded = embedding(s).to_vec();
    for _ in 0..2 {
        embedded = affine(&embedded, &mut tensors);
        embedded.iter_mut().for_each(|x| *x = silu(*x));
    }
    let seen = Map {
        channels: 4 * SEEN,
        side: SIDE,
        values: seen.to_vec(),
    };
    let Shape { down, up, .. } = net.shape;
    let mut x = biased(convolution(&seen, &mut tensors, 1, 1), &mut tensors);
    let mut kept = vec![];
    for (level, blocks) in down.iter().enumerate() {
        for _ in 0..*blocks {
            x = block(x, &embedded, &mut tensors);
        }
        if level < up.len() {
            kept.push(x.clone());
            x = biased(convolution(&x, &mut tensors, 2, 0), &mut tensors);
        }
    }
    for (blocks, kept) in up.iter().zip(&kept).rev() {
        x = biased(transposed(&x, &mut tensors), &mut tensors).plus(kept);
        for _ in 0..*blocks {
            x = block(x, &embedded, &mut tensors);
        }
    }
    biased(convolution(&x.each(silu), &mut tensors, 1, 1), &mut tensors).values
}

/// x̂ of a window u = x_t/α at the ratio s.
pub fn x_hat(net: &FieldNet, skip: &dyn Skip, s: f64, u: &[f64]) -> Vec<f64> {
    let at = At::new(skip, s);
    let (seen, guess) = at.seen(u);
    at.x_hat(&guess, &output(net, at.s, &seen))
}
