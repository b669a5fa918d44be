//! Affine maps of a perceptron, in f32: of sixteen particles together, or of a few, with the same bits.
//!
//! In a group each lane of a register is a particle, and a weight is multiplied with all of them. A group of one would cost as much
//! as a full one. So of a few particles each lane is an output, and the weights of sixteen outputs stand side by side. Both use
//! plain multiplications and additions in the order of the inputs, so a particle has the bits of a plain loop either way.
//!
//! Held by `src/net/affine.rs`: `both_ways_have_the_bits_of_a_plain_loop`.

use super::quad::{Number, Quad};

/// The numbers of a [`Quad`].
pub const QUAD: usize = 4;
/// Quads that share the weights that are loaded. Two outputs times four quads are eight sums, which stay in registers: of the
/// shapes that were timed in Chromium the fastest, by a quarter before four outputs times two.
pub const QUADS: usize = 4;
/// Particles that go through the layers together, each in a lane.
pub const GROUP: usize = QUAD * QUADS;
/// A number of each particle of a group.
pub type Row = [Quad; QUADS];

/// start + Σ_k w_k·x_k for two outputs, k in order.
#[inline(always)]
pub fn sums(w: impl Iterator<Item = [f32; 2]>, x: &[Row], start: [Row; 2]) -> [Row; 2] {
    let mut sums = start;
    for (w, x) in w.zip(x) {
        for (sums, w) in sums.iter_mut().zip(w) {
            let w = Quad::all(w);
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = *sum + w * *x;
            }
        }
    }
    sums
}

/// Outputs whose weights stand side by side.
const WIDE: usize = 16;
/// Their quads. Two particles times four quads, or four times two, are eight sums, which stay in registers.
pub const WIDE_QUADS: usize = WIDE / QUAD;

/// x ↦ b + W·x, packed: for each [`WIDE`] outputs their biases, then their weights for each input.
///
/// A sum has the same bits whether its lanes are particles or outputs: it runs over the inputs in order.
#[derive(Debug, Clone)]
pub struct Affine {
    inputs: usize,
    outputs: usize,
    numbers: Vec<[f32; WIDE]>,
}

impl Affine {
    /// The matrix `[inputs × outputs]` whose elements are `at(input, output)`; `at(inputs, output)` is the bias.
    pub fn new([inputs, outputs]: [usize; 2], at: impl Fn(usize, usize) -> f32) -> Self {
        let mut numbers = Vec::with_capacity(outputs.div_ceil(WIDE) * (inputs + 1));
        for j in (0..outputs).step_by(WIDE) {
            for l in [inputs].into_iter().chain(0..inputs) {
                let mut wide = [0.0; WIDE];
                for (i, w) in wide.iter_mut().enumerate().take(outputs - j) {
                    *w = at(l, j + i);
                }
                numbers.push(wide);
            }
        }
        Self {
            inputs,
            outputs,
            numbers,
        }
    }

    /// `out` = b + W·x of a group, without b where `biased` is false: a lane is a particle. `x` has a row for each input, `out` for
    /// each output (an even number of rows).
    #[inline(never)]
    pub fn of_group(&self, x: &[Row], biased: bool, out: &mut [Row]) {
        let out = &mut out[..self.outputs.next_multiple_of(2)];
        let own = self.numbers.chunks_exact(self.inputs + 1);
        for (own, out) in own.zip(out.chunks_mut(WIDE)) {
            let [bias, w @ ..] = own else { break };
            for (i, out) in (0..WIDE / 2).zip(out.as_chunks_mut::<2>().0) {
                let two = |w: &[f32; WIDE]| [w[2 * i], w[2 * i + 1]];
                let [a, b] = if biased { two(bias) } else { [0.0; 2] };
                let start = [[Quad::all(a); QUADS], [Quad::all(b); QUADS]];
                *out = sums(w.iter().map(two), x, start);
            }
        }
    }

    /// The same of a few particles one after the other: a lane is an output. `x` and `out` have `quads` for each particle, a multiple
    /// of [`WIDE_QUADS`].
    pub fn of_few(&self, quads: usize, x: &[Quad], biased: bool, out: &mut [Quad]) {
        let (mut x, mut out) = (x, out);
        // A way for three would take as long as those for two and for one.
        while !x.is_empty() {
            let some = match x.len() / quads {
                4.. => 4,
                2 | 3 => 2,
                _ => 1,
            };
            let (now, later) = x.split_at(some * quads);
            let (rows, rest) = out.split_at_mut(some * quads);
            match some {
                4 => self.rows::<4>(quads, now, biased, rows),
                2 => self.rows::<2>(quads, now, biased, rows),
                _ => self.rows::<1>(quads, now, biased, rows),
            }
            (x, out) = (later, rest);
        }
    }

    /// Of R particles.
    #[inline(never)]
    fn rows<const R: usize>(&self, quads: usize, x: &[Quad], biased: bool, out: &mut [Quad]) {
        let mut rows = [x; R];
        for (row, x) in rows.iter_mut().zip(x.chunks_exact(quads)) {
            *row = x;
        }
        let own = self.numbers.chunks_exact(self.inputs + 1);
        for (j, own) in own.enumerate() {
            let at = j * WIDE_QUADS;
            let [bias, w @ ..] = own else { break };
            let bias = if biased { bias } else { &[0.0; WIDE] };
            if R <= 2 {
                let found = wide_sums::<R, 4, 0>(w, &rows, bias);
                for (out, found) in out.chunks_exact_mut(quads).zip(found) {
                    out[at..at + 4].copy_from_slice(&found);
                }
                continue;
            }
            let found = wide_sums::<R, 2, 0>(w, &rows, bias);
            for (out, found) in out.chunks_exact_mut(quads).zip(found) {
                out[at..at + 2].copy_from_slice(&found);
            }
            if (at + 2) * QUAD < self.outputs {
                let found = wide_sums::<R, 2, 2>(w, &rows, bias);
                for (out, found) in out.chunks_exact_mut(quads).zip(found) {
                    out[at + 2..at + 4].copy_from_slice(&found);
                }
            }
        }
    }
}

/// start + Σ_k w_k·x_k for C quads of outputs, from number FIRST on, of R particles, k in order.
#[inline(always)]
fn wide_sums<const R: usize, const C: usize, const FIRST: usize>(
    w: &[[f32; WIDE]],
    x: &[&[Quad]; R],
    start: &[f32; WIDE],
) -> [[Quad; C]; R] {
    let four = |w: &[f32; WIDE], c: usize| Quad::new(w.as_chunks().0[FIRST + c]);
    let mut sums = [[Quad::ZERO; C]; R];
    for sums in &mut sums {
        for (c, sum) in sums.iter_mut().enumerate() {
            *sum = four(start, c);
        }
    }
    let mut add = |w: &[[f32; WIDE]], q: usize| {
        let mut factors = [[Quad::ZERO; QUAD]; R];
        for (factors, x) in factors.iter_mut().zip(x) {
            *factors = x[q].each();
        }
        for (k, w) in w.iter().enumerate() {
            for c in 0..C {
                let w = four(w, c);
                for (sums, factors) in sums.iter_mut().zip(&factors) {
                    sums[c] = sums[c] + w * factors[k];
                }
            }
        }
    };
    let (whole, rest) = w.as_chunks::<QUAD>();
    for (q, w) in whole.iter().enumerate() {
        add(w, q);
    }
    if !rest.is_empty() {
        add(rest, whole.len());
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_have_the_bits_of_a_plain_loop() {
        let value = |i: usize| ((i * 37 % 101) as f32 - 50.0) / 64.0 * (1.0 + i as f32 / 977.0);
        for [inputs, outputs] in [
            [1, 1],
            [2, 3],
            [3, 16],
            [4, 17],
            [7, 24],
            [33, 40],
            [18, 25],
        ] {
            let weight = |l: usize, j: usize| value(l * outputs + j + 3);
            let map = Affine::new([inputs, outputs], weight);
            let quads = inputs.max(outputs).div_ceil(WIDE) * WIDE_QUADS;
            for count in 1..=9 {
                let x = |p: usize, l: usize| value(p * inputs + l + 11 * count);
                for biased in [true, false] {
                    let mut wanted = vec![];
                    for p in 0..count {
                        for j in 0..outputs {
                            let start = if biased { weight(inputs, j) } else { 0.0 };
                            let terms = (0..inputs).map(|l| weight(l, j) * x(p, l));
                            wanted.push(terms.fold(start, |sum, term| sum + term).to_bits());
                        }
                    }
                    // What stands beyond the numbers is not read.
                    let mut few = vec![Quad::new([f32::NAN; QUAD]); count * quads];
                    for (p, row) in few.chunks_mut(quads).enumerate() {
                        for (q, quad) in row.iter_mut().enumerate().take(inputs.div_ceil(QUAD)) {
                            let lane = |l: usize| match QUAD * q + l {
                                l if l < inputs => x(p, l),
                                _ => f32::NAN,
                            };
                            *quad = Quad::new([lane(0), lane(1), lane(2), lane(3)]);
                        }
                    }
                    let mut out = vec![Quad::ZERO; count * quads];
                    map.of_few(quads, &few, biased, &mut out);
                    let rows = out.chunks(quads).flat_map(|row| {
                        let lanes = row.iter().flat_map(|quad| quad.lanes());
                        lanes.take(outputs).map(f32::to_bits)
                    });
                    let case = format!("{inputs} to {outputs}, {count} particles, {biased}");
                    assert_eq!(rows.collect::<Vec<_>>(), wanted, "{case}: few");

                    let mut group = vec![[Quad::ZERO; QUADS]; inputs];
                    for (l, row) in group.iter_mut().enumerate() {
                        for (q, quad) in row.iter_mut().enumerate() {
                            let lane = |p: usize| match QUAD * q + p {
                                p if p < count => x(p, l),
                                _ => f32::NAN,
                            };
                            *quad = Quad::new([lane(0), lane(1), lane(2), lane(3)]);
                        }
                    }
                    let mut out = vec![[Quad::ZERO; QUADS]; outputs.next_multiple_of(2)];
                    map.of_group(&group, biased, &mut out);
                    for (i, wanted) in wanted.iter().enumerate() {
                        let (p, j) = (i / outputs, i % outputs);
                        let got = out[j][p / QUAD].lanes()[p % QUAD];
                        assert_eq!(got.to_bits(), *wanted, "{case}: group");
                    }
                }
            }
        }
    }
}
