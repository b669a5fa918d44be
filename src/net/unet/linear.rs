//! The linear layers of the network and their transposes, as products of matrices in f32.
//!
//! Maps are `[y][x][channel]`, with the channels padded to whole lanes: a row of a product is a pixel.
//!
//! Held by `src/net/unet/linear.rs`: `every_layer_is_its_sum_and_its_transpose_is_adjoint`.

use super::shape::Slot;
use crate::net::kernel::Start;
use crate::net::kernel::View;
use crate::net::kernel::padded;
use crate::net::kernel::product;

/// Which pixels a sum takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// 3×3 around the pixel, positions modulo the side.
    Around,
    /// Four pixels become one.
    Fall,
    /// One pixel becomes four.
    Rise,
}

/// A matrix, and how its rows and columns are pixels and channels.
pub struct Matrix {
    /// Which pixels a sum takes.
    pub reach: Reach,
    /// Pixels along a side of what it takes.
    pub side: usize,
    /// Channels of a pixel that it takes, padded.
    pub inputs: usize,
    /// Columns: channels of a pixel that it gives, padded; of a rise, of four pixels.
    pub columns: usize,
    /// By rows: the channels of one pixel of the sum after the other.
    pub numbers: Vec<f32>,
}

/// A layer: forth, back, and its bias.
pub struct Linear {
    /// The layer without its bias.
    pub forth: Matrix,
    /// Its transpose.
    pub back: Matrix,
    /// A row of numbers for each column of `forth`; 0 where the layer has none.
    pub bias: Vec<f32>,
}

impl Reach {
    /// Pixels in a sum.
    fn taps(self) -> usize {
        match self {
            Self::Around => 9,
            Self::Fall => 4,
            Self::Rise => 1,
        }
    }

    /// The pixels of a map of `side` pixels along a side with what is around it on the other side of the map, one pixel wide.
    ///
    /// Held by `tests/tensor_films.rs`: `x_hat_on_tensors_is_that_of_plain_loops`.
    pub fn wrapped(side: usize) -> impl Iterator<Item = usize> {
        let at = move |k: usize| (k + side - 1) % side;
        let wide = side + 2;
        (0..wide * wide).map(move |k| at(k / wide) * side + at(k % wide))
    }

    /// Where the pixels of a map of 2·`side` along a side are among those of a product of [`Reach::Rise`], four for each pixel of
    /// the smaller map.
    ///
    /// Held by `tests/tensor_films.rs`: `x_hat_on_tensors_is_that_of_plain_loops`.
    pub fn split(side: usize) -> impl Iterator<Item = usize> {
        let wide = 2 * side;
        (0..wide * wide).map(move |k| {
            let (y, x) = (k / wide, k % wide);
            (y / 2 * side + x / 2) * 4 + y % 2 * 2 + x % 2
        })
    }

    fn transposed(self) -> Self {
        match self {
            Self::Around => Self::Around,
            Self::Fall => Self::Rise,
            Self::Rise => Self::Fall,
        }
    }

    fn side(self, side: usize) -> usize {
        match self {
            Self::Around => side,
            Self::Fall => side / 2,
            Self::Rise => 2 * side,
        }
    }
}

impl Matrix {
    /// The matrix whose weight from channel c to channel o at a place (i, j) of the kernel is `weight(o, c, i, j)`.
    fn new(
        reach: Reach,
        side: usize,
        [inputs, outputs]: [usize; 2],
        weight: impl Fn(usize, usize, usize, usize) -> f32,
    ) -> Self {
        let (rows, columns) = (padded(inputs), padded(outputs));
        let (wide, high) = match reach {
            Reach::Around => (3, 9),
            Reach::Fall | Reach::Rise => (2, 4),
        };
        let splits = reach == Reach::Rise;
        let all = if splits { 4 * columns } else { columns };
        let mut numbers = vec![0.0; reach.taps() * rows * all];
        for place in 0..high {
            for c in 0..inputs {
                for o in 0..outputs {
                    let at = match splits {
                        true => c * all + place * columns + o,
                        false => (place * rows + c) * all + o,
                    };
                    numbers[at] = weight(o, c, place / wide, place % wide);
                }
            }
        }
        Self {
            reach,
            side,
            inputs: rows,
            columns: all,
            numbers,
        }
    }

    /// The product with a map; the sums start with `start`.
    fn times(&self, x: &[f32], start: Start) -> Vec<f32> {
        let (side, k) = (self.side, self.reach.taps() * self.inputs);
        let out_side = self.reach.side(side);
        // A row of pixels after the other, so that what is gathered stays near.
        let width = if self.reach == Reach::Fall {
            out_side
        } else {
            side
        };
        let mut out = vec![0.0; width * width * self.columns];
        let mut row = vec![0.0; if k == self.inputs { 0 } else { width * k }];
        for (y, out) in out.chunks_exact_mut(width * self.columns).enumerate() {
            let data = match self.reach {
                Reach::Around => {
                    self.around(x, y, &mut row);
                    &row
                }
                Reach::Fall => {
                    self.four(x, y, &mut row);
                    &row
                }
                Reach::Rise => &x[y * side * k..(y + 1) * side * k],
            };
            let view = View {
                data,
                rows: k,
                columns: 1,
            };
            product(view, &self.numbers, k, self.columns, start, out);
        }
        match self.reach {
            Reach::Around | Reach::Fall => out,
            Reach::Rise => self.split(&out),
        }
    }

    /// The 3×3 pixels around each pixel of row y.
    fn around(&self, x: &[f32], y: usize, row: &mut [f32]) {
        let (side, c) = (self.side, self.inputs);
        for (column, all) in row.chunks_exact_mut(9 * c).enumerate() {
            for (place, own) in all.chunks_exact_mut(c).enumerate() {
                let from = (y + place / 3 + side - 1) % side * side
                    + (column + place % 3 + side - 1) % side;
                own.copy_from_slice(&x[from * c..(from + 1) * c]);
            }
        }
    }

    /// The 2×2 pixels of each pixel of row y of the smaller map.
    fn four(&self, x: &[f32], y: usize, row: &mut [f32]) {
        let (side, c) = (self.side, self.inputs);
        for (column, all) in row.chunks_exact_mut(4 * c).enumerate() {
            for (place, own) in all.chunks_exact_mut(c).enumerate() {
                let from = (2 * y + place / 2) * side + 2 * column + place % 2;
                own.copy_from_slice(&x[from * c..(from + 1) * c]);
            }
        }
    }

    /// Pixels of four times the channels become four pixels.
    fn split(&self, x: &[f32]) -> Vec<f32> {
        let (side, c) = (self.side, self.columns / 4);
        let mut out = vec![0.0; x.len()];
        for (pixel, all) in x.chunks_exact(4 * c).enumerate() {
            for (place, own) in all.chunks_exact(c).enumerate() {
                let (y, x) = (
                    2 * (pixel / side) + place / 2,
                    2 * (pixel % side) + place % 2,
                );
                let to = (y * 2 * side + x) * c;
                out[to..to + c].copy_from_slice(own);
            }
        }
        out
    }
}

impl Linear {
    /// A layer on maps of `side`, from its weights as in [`crate::net::unet::Use::Kernel`] and its bias.
    pub fn new(reach: Reach, side: usize, slot: &Slot, weights: &[f32], bias: &[f32]) -> Self {
        let (d, last) = (&slot.dims, slot.dims[3]);
        // The kernel of a rise has its inputs first.
        let [outputs, inputs] = match reach {
            Reach::Around | Reach::Fall => [d[0], d[1]],
            Reach::Rise => [d[1], d[0]],
        };
        let weight = |o: usize, c: usize, i: usize, j: usize| {
            let pair = match reach {
                Reach::Around | Reach::Fall => o * inputs + c,
                Reach::Rise => c * outputs + o,
            };
            weights[(pair * d[2] + i) * last + j]
        };
        // The transpose of a 3×3 sum sees the kernel from the other side.
        let turned = |o: usize, c: usize, i: usize, j: usize| match reach {
            Reach::Around => weight(c, o, 2 - i, 2 - j),
            Reach::Fall | Reach::Rise => weight(c, o, i, j),
        };
        let forth = Matrix::new(reach, side, [inputs, outputs], weight);
        let mut row = vec![0.0; padded(outputs)];
        row[..bias.len()].copy_from_slice(bias);
        Self {
            back: Matrix::new(
                reach.transposed(),
                reach.side(side),
                [outputs, inputs],
                turned,
            ),
            bias: row.repeat(forth.columns / row.len()),
            forth,
        }
    }

    /// The layer of a map, with its bias.
    pub fn of(&self, x: &[f32]) -> Vec<f32> {
        self.forth.times(x, Start::Row(&self.bias))
    }

    /// The change of the layer where the map changes by `v`.
    pub fn push(&self, v: &[f32]) -> Vec<f32> {
        self.forth.times(v, Start::Zero)
    }

    /// The transpose of [`Linear::push`].
    pub fn pull(&self, g: &[f32]) -> Vec<f32> {
        self.back.times(g, Start::Zero)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::unet::Use;

    fn numbers(n: usize, seed: usize) -> Vec<f32> {
        (0..n)
            .map(|i| ((i * 37 + seed * 11) % 101) as f32 / 64.0 - 0.8)
            .collect()
    }

    /// Places of `[y][x][channel]` in a padded map.
    fn map(values: &[f32], channels: usize) -> Vec<f32> {
        let wide = padded(channels);
        let mut out = vec![0.0; values.len() / channels * wide];
        for (own, out) in values.chunks(channels).zip(out.chunks_mut(wide)) {
            out[..channels].copy_from_slice(own);
        }
        out
    }

    fn dot(a: &[f32], b: &[f32]) -> f64 {
        let both = a.iter().zip(b);
        both.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    }

    #[test]
    fn every_layer_is_its_sum_and_its_transpose_is_adjoint() {
        let (side, inputs, outputs) = (4, 5, 11);
        for reach in [Reach::Around, Reach::Fall, Reach::Rise] {
            let (width, dims) = match reach {
                Reach::Around => (3, vec![outputs, inputs, 3, 3]),
                Reach::Fall => (2, vec![outputs, inputs, 2, 2]),
                Reach::Rise => (2, vec![inputs, outputs, 2, 2]),
            };
            let slot = Slot {
                name: String::new(),
                of: Use::Kernel,
                dims: dims.clone(),
                start: 0,
                bound: 1.0,
            };
            let weights = numbers(dims.iter().product(), 1);
            let bias = numbers(outputs, 2);
            let layer = Linear::new(reach, side, &slot, &weights, &bias);
            let x = numbers(side * side * inputs, 3);
            let own = layer.of(&map(&x, inputs));
            let out_side = reach.side(side);
            for at in 0..out_side * out_side * outputs {
                let (o, y, column) = (
                    at % outputs,
                    at / outputs / out_side,
                    at / outputs % out_side,
                );
                let mut sum = f64::from(bias[o]);
                for c in 0..inputs {
                    for (i, j) in (0..width * width).map(|k| (k / width, k % width)) {
                        // The pixel that this place of the kernel sees, and whether it is one.
                        let (from, sees) = match reach {
                            Reach::Around => (
                                ((y + i + side - 1) % side, (column + j + side - 1) % side),
                                true,
                            ),
                            Reach::Fall => ((2 * y + i, 2 * column + j), true),
                            Reach::Rise => ((y / 2, column / 2), (y % 2, column % 2) == (i, j)),
                        };
                        let pair = match reach {
                            Reach::Around | Reach::Fall => o * inputs + c,
                            Reach::Rise => c * outputs + o,
                        };
                        let weight = f64::from(weights[(pair * width + i) * width + j]);
                        let value = f64::from(x[(from.0 * side + from.1) * inputs + c]);
                        sum += if sees { weight * value } else { 0.0 };
                    }
                }
                let got = f64::from(own[(y * out_side + column) * padded(outputs) + o]);
                assert!((got - sum).abs() < 1e-4, "{reach:?} {at}: {got} {sum}");
            }
            let v = map(&numbers(side * side * inputs, 4), inputs);
            let g = map(&numbers(out_side * out_side * outputs, 5), outputs);
            let (a, b) = (dot(&layer.push(&v), &g), dot(&v, &layer.pull(&g)));
            assert!((a - b).abs() < 1e-4 * (1.0 + a.abs()), "{reach:?}: {a} {b}");
        }
    }
}
