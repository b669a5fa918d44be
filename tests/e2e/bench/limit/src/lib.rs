//! The yardstick of the bench: an Euler run of a mixture, and of a perceptron, in loops of four f32 lanes that were written by hand
//! for this work alone. Four particles share a vector. Nothing is checked, recorded or drawn.
//!
//! Held by `tests/e2e/bench.js`, which compares the result with a reference in f64 before it times anything.
#![cfg(target_arch = "wasm32")]

use core::arch::wasm32::{
    f32x4, f32x4_add, f32x4_div, f32x4_extract_lane, f32x4_mul, f32x4_pmax, f32x4_pmin,
    f32x4_splat, f32x4_sub, i32x4_add, i32x4_shl, v128,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// Vectors that share the constants that are loaded.
const PAIR: usize = 2;
/// Pairs of vectors that go through all stages of a mixture together: their positions stay in the first-level cache.
const BLOCK: usize = 32;
/// Outputs of a layer that are summed at a time.
const TALL: usize = 4;

#[inline(always)]
fn zero() -> v128 {
    f32x4_splat(0.0)
}

/// a·b + c, rounded twice.
#[inline(always)]
fn mul_add(a: v128, b: v128, c: v128) -> v128 {
    f32x4_add(f32x4_mul(a, b), c)
}

/// exp(x) to 3·10⁻⁷ of itself, for x from −87 to 87; less than −87 counts as −87: x = n ln 2 + r, and a polynomial of degree 5 for
/// |r| ≤ ½ ln 2. `pmax` is one instruction where `max` is seven, which treat NaN alike on all machines.
#[inline(always)]
fn exp(x: v128) -> v128 {
    // Adding 1.5·2²³ rounds to a whole number, which then stands in the lowest bits.
    const MAGIC: f32 = 12_582_912.0;
    let x = f32x4_pmax(f32x4_splat(-87.0), x);
    let shifted = mul_add(
        x,
        f32x4_splat(core::f32::consts::LOG2_E),
        f32x4_splat(MAGIC),
    );
    let n = f32x4_sub(shifted, f32x4_splat(MAGIC));
    // ln 2 in two parts, so that n times the first is exact.
    let r = mul_add(n, f32x4_splat(-0.693_359_4), x);
    let r = mul_add(n, f32x4_splat(2.121_944_4e-4), r);
    let mut p = f32x4_splat(8.369_149e-3);
    for c in [4.191_750_7e-2, 0.166_665_05, 0.499_988_7, 1.0, 1.000_000_1] {
        p = mul_add(p, r, f32x4_splat(c));
    }
    i32x4_add(p, i32x4_shl(shifted, 23))
}

/// Coordinates of [`PAIR`] vectors of particles.
type Pair = [[v128; PAIR]; 2];

/// Coordinates of all particles, the particles of a pair of vectors together.
fn pack(x: &[f32], dim: usize) -> Vec<Pair> {
    let n = x.len() / dim;
    let at = |i: usize, d: usize| {
        if i < n && d < dim {
            x[i * dim + d]
        } else {
            0.0
        }
    };
    let vector = |i: usize, d: usize| f32x4(at(i, d), at(i + 1, d), at(i + 2, d), at(i + 3, d));
    (0..n.div_ceil(4 * PAIR))
        .map(|k| core::array::from_fn(|d| core::array::from_fn(|v| vector(4 * (PAIR * k + v), d))))
        .collect()
}

/// The inverse of [`pack`].
fn unpack(x: &[Pair], dim: usize, n: usize) -> Vec<f32> {
    let at = |i: usize, d: usize| {
        let v = x[i / (4 * PAIR)][d][i / 4 % PAIR];
        match i % 4 {
            0 => f32x4_extract_lane::<0>(v),
            1 => f32x4_extract_lane::<1>(v),
            2 => f32x4_extract_lane::<2>(v),
            _ => f32x4_extract_lane::<3>(v),
        }
    };
    (0..n)
        .flat_map(|i| (0..dim).map(move |d| at(i, d)))
        .collect()
}

/// A run on a mixture of normals with one standard deviation: x ← keep·x + pull·Σ r_k c_k, r_k ∝ exp(Σ_d slope_kd·x_d + offset_k).
#[wasm_bindgen]
pub struct Mixture {
    dim: usize,
    /// c_k, [components × dim].
    centres: Vec<f32>,
    /// keep and pull of each stage.
    stages: Vec<f32>,
    /// Of each stage and component the slopes, then the offset.
    logits: Vec<f32>,
    start: Vec<f32>,
}

#[wasm_bindgen]
impl Mixture {
    /// Takes the constants and the start, [particles × dim].
    #[wasm_bindgen(constructor)]
    pub fn new(
        dim: usize,
        centres: Vec<f32>,
        stages: Vec<f32>,
        logits: Vec<f32>,
        start: Vec<f32>,
    ) -> Self {
        Self {
            dim,
            centres,
            stages,
            logits,
            start,
        }
    }

    /// The final positions.
    pub fn run(&self) -> Vec<f32> {
        match self.dim {
            1 => self.run_in::<1>(),
            _ => self.run_in::<2>(),
        }
    }
}

impl Mixture {
    fn run_in<const D: usize>(&self) -> Vec<f32> {
        let n = self.start.len() / D;
        let mut all = pack(&self.start, D);
        let components = self.centres.len() / D;
        let mut logits = vec![[zero(); PAIR]; components];
        for block in all.chunks_mut(BLOCK) {
            for (stage, own) in self
                .stages
                .chunks_exact(2)
                .zip(self.logits.chunks_exact(components * (D + 1)))
            {
                let (keep, pull) = (f32x4_splat(stage[0]), f32x4_splat(stage[1]));
                for x in block.iter_mut() {
                    let mut most = [f32x4_splat(f32::MIN); PAIR];
                    for (logit, own) in logits.iter_mut().zip(own.chunks_exact(D + 1)) {
                        *logit = [f32x4_splat(own[D]); PAIR];
                        for d in 0..D {
                            let slope = f32x4_splat(own[d]);
                            for v in 0..PAIR {
                                logit[v] = mul_add(slope, x[d][v], logit[v]);
                            }
                        }
                        for v in 0..PAIR {
                            most[v] = f32x4_pmax(most[v], logit[v]);
                        }
                    }
                    let (mut mass, mut mean) = ([zero(); PAIR], [[zero(); PAIR]; D]);
                    for (logit, centre) in logits.iter().zip(self.centres.chunks_exact(D)) {
                        let r: [v128; PAIR] =
                            core::array::from_fn(|v| exp(f32x4_sub(logit[v], most[v])));
                        for v in 0..PAIR {
                            mass[v] = f32x4_add(mass[v], r[v]);
                        }
                        for d in 0..D {
                            let c = f32x4_splat(centre[d]);
                            for v in 0..PAIR {
                                mean[d][v] = mul_add(r[v], c, mean[d][v]);
                            }
                        }
                    }
                    for v in 0..PAIR {
                        let scale = f32x4_div(pull, mass[v]);
                        for d in 0..D {
                            x[d][v] = mul_add(keep, x[d][v], f32x4_mul(scale, mean[d][v]));
                        }
                    }
                }
            }
        }
        unpack(&all, D, n)
    }
}

/// One affine layer, packed: for each group of [`TALL`] outputs their biases, then for each input their weights.
struct Layer {
    inputs: usize,
    weights: Vec<f32>,
}

impl Layer {
    /// `weights` is [inputs × outputs], then the biases.
    fn new(inputs: usize, outputs: usize, weights: &[f32]) -> Self {
        let mut packed = vec![];
        for group in 0..outputs.div_ceil(TALL) {
            for row in [inputs].into_iter().chain(0..inputs) {
                packed.extend((0..TALL).map(|j| match group * TALL + j {
                    out if out < outputs => weights[row * outputs + out],
                    _ => 0.0,
                }));
            }
        }
        Self {
            inputs,
            weights: packed,
        }
    }

    /// out = W·x + b, with SiLU where `bend`. A row of `x` and `out` is one unit for a pair of vectors: eight sums stay in registers.
    fn apply(&self, x: &[[v128; PAIR]], out: &mut [[v128; PAIR]], bend: bool) {
        let size = (self.inputs + 1) * TALL;
        for (own, out) in self
            .weights
            .chunks_exact(size)
            .zip(out.chunks_exact_mut(TALL))
        {
            let (bias, rows) = own.split_at(TALL);
            let mut sums: [[v128; PAIR]; TALL] =
                core::array::from_fn(|j| [f32x4_splat(bias[j]); PAIR]);
            for (w, x) in rows.chunks_exact(TALL).zip(x) {
                for j in 0..TALL {
                    let w = f32x4_splat(w[j]);
                    for v in 0..PAIR {
                        sums[j][v] = mul_add(w, x[v], sums[j][v]);
                    }
                }
            }
            for (place, sum) in out.iter_mut().zip(sums) {
                *place = if bend { sum.map(silu) } else { sum };
            }
        }
    }
}

/// x/(1 + e⁻ˣ).
#[inline(always)]
fn silu(x: v128) -> v128 {
    let down = f32x4_pmin(f32x4_splat(87.0), f32x4_sub(zero(), x));
    f32x4_div(x, f32x4_add(f32x4_splat(1.0), exp(down)))
}

/// A run with a perceptron in the plane: x ← keep·x + pull·F(into·x, noise).
#[wasm_bindgen]
pub struct Perceptron {
    layers: Vec<Layer>,
    /// into, noise, keep and pull of each stage.
    stages: Vec<f32>,
    start: Vec<f32>,
    width: usize,
}

#[wasm_bindgen]
impl Perceptron {
    /// Takes the widths from inputs to outputs, the layers one after the other ([inputs × outputs], then biases), the constants of the
    /// stages, and the start, [particles × 2].
    #[wasm_bindgen(constructor)]
    pub fn new(widths: Vec<usize>, weights: Vec<f32>, stages: Vec<f32>, start: Vec<f32>) -> Self {
        let mut rest = &weights[..];
        let mut layers = vec![];
        for pair in widths.windows(2) {
            let (own, more) = rest.split_at((pair[0] + 1) * pair[1]);
            layers.push(Layer::new(pair[0], pair[1], own));
            rest = more;
        }
        Self {
            layers,
            stages,
            start,
            width: widths.into_iter().max().unwrap_or(0).next_multiple_of(TALL),
        }
    }

    /// The final positions.
    pub fn run(&self) -> Vec<f32> {
        let mut all = pack(&self.start, 2);
        let mut rows = [
            vec![[zero(); PAIR]; self.width],
            vec![[zero(); PAIR]; self.width],
        ];
        let last = self.layers.len() - 1;
        for x in &mut all {
            for stage in self.stages.chunks_exact(4) {
                let [into, noise, keep, pull] = [0, 1, 2, 3].map(|i| f32x4_splat(stage[i]));
                let [from, to] = &mut rows;
                for d in 0..2 {
                    from[d] = x[d].map(|x| f32x4_mul(into, x));
                }
                from[2] = [noise; PAIR];
                let (mut from, mut to) = (from, to);
                for (i, layer) in self.layers.iter().enumerate() {
                    layer.apply(from, to, i < last);
                    (from, to) = (to, from);
                }
                for d in 0..2 {
                    for v in 0..PAIR {
                        x[d][v] = mul_add(keep, x[d][v], f32x4_mul(pull, from[d][v]));
                    }
                }
            }
        }
        unpack(&all, 2, self.start.len() / 2)
    }
}
