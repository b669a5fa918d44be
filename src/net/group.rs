//! A perceptron on groups of particles: every lane is a particle, the values of a group stay in the first-level cache through all
//! layers, and the weights are packed once.
//!
//! A sum has the terms of [`super::mlp::Tape`] in their order, so it has its bits.
//!
//! Held by `src/net/group.rs`: `the_passes_have_the_bits_of_plain_loops`, `the_products_are_those_of_finite_differences`.

use super::kernel::{GROUP, Pairs, QUADS, bend, silu};
use super::mlp::{Layer, Shape};
use super::quad::Quad;

/// The weights of a perceptron, packed for the products of its passes: three times the memory of the flat weights.
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
pub struct Group {
    /// Number of particles.
    count: usize,
    /// The inputs, then the values after SiLU of each hidden layer.
    values: Vec<Vec<Row>>,
    /// The slopes of SiLU of each hidden layer.
    slopes: Vec<Vec<Row>>,
    /// Two buffers that take turns.
    turns: [Vec<Row>; 2],
    /// What a pass gives, one row for each particle.
    out: Vec<f32>,
}

impl Group {
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

    /// As [`Group::forward`]. What the products need is kept.
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

    /// Jᵀ·`seed`, `[particles × inputs]`, where J is the Jacobian of F with respect to the inputs, for the particles of the last
    /// [`Group::taped`] of `net`. `seed` is `[particles × outputs]`.
    pub fn pull(&mut self, net: &Packed, seed: &[f32]) -> &[f32] {
        let shape = net.shape;
        self.begin(&shape, seed, shape.outputs);
        for i in (0..=shape.depth).rev() {
            self.back_through(net, i);
        }
        self.end(shape.inputs)
    }

    /// J·`tangent`, `[particles × outputs]`, for a `tangent` `[particles × inputs]`, for the particles of the last [`Group::taped`] of
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

    /// The inverse of [`Group::begin`], for the first `width` rows.
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
}

const ZERO: Row = [Quad::ZERO; QUADS];

/// Up to [`GROUP`] numbers, and zeros.
#[inline(always)]
fn load(numbers: &[f32]) -> Row {
    let mut row = ZERO;
    for (quad, numbers) in row.iter_mut().zip(numbers.as_chunks().0) {
        *quad = Quad::new(*numbers);
    }
    row
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
            let mut tape = Group::default();
            for count in [16, 1, 3, 4, 5, 15] {
                let number = |i: usize| ((i * 37 + count) % 101) as f32 / 32.0 - 1.5;
                let x: Vec<f32> = (0..count * inputs).map(number).collect();
                let seed: Vec<f32> = (7..7 + count * outputs).map(number).collect();
                let f = tape.forward(&net, &x).to_vec();
                assert_eq!(bits(tape.taped(&net, &x)), bits(&f));
                let pushed = tape.push(&net, &x).to_vec();
                let pulled = tape.pull(&net, &seed).to_vec();
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
                            }
                            *n *= if i > 0 { slopes[i - 1][r] } else { 1.0 };
                        }
                        g = next;
                    }
                    assert_eq!(own(&pulled, inputs), bits(&g), "{case}: pulled");
                }
            }
        }
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
    fn the_products_are_those_of_finite_differences() {
        let shape = Shape {
            inputs: 3,
            outputs: 2,
            width: 12,
            depth: 3,
        };
        let w = weights(&shape);
        let net = Packed::new(&shape, &w);
        let (x, v, seed) = ([0.3, -0.8, 1.2], [0.5, 0.2, -0.9], [0.7, -0.4]);
        let mut tape = Group::default();
        tape.taped(&net, &x);
        let pushed = tape.push(&net, &v).to_vec();
        let pulled = tape.pull(&net, &seed).to_vec();
        let at = |h: f64| {
            let moved = x
                .iter()
                .zip(v)
                .map(|(x, v)| f64::from(*x) + h * f64::from(v));
            plain(&shape, &w, &moved.collect::<Vec<_>>())
        };
        let mut forth = 0.0;
        for ((up, down), (own, seed)) in at(1e-5).iter().zip(at(-1e-5)).zip(pushed.iter().zip(seed))
        {
            assert!((f64::from(*own) - (up - down) / 2e-5).abs() < 1e-4, "{own}");
            forth += f64::from(own * seed);
        }
        // ⟨Jᵀ·seed, v⟩ = ⟨seed, J·v⟩.
        let back: f64 = pulled.iter().zip(v).map(|(p, v)| f64::from(p * v)).sum();
        assert!((back - forth).abs() < 1e-5, "{back} {forth}");
    }
}
