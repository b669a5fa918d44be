//! The yardstick of the bench: an Euler run of a mixture, and of a perceptron, in loops of four f32 lanes that were written by hand
//! for this work alone. Four particles share a vector. Nothing is checked, recorded or drawn.
//!
//! Held by `tests/e2e/bench.js`, which compares the result with a reference in f64 before it times anything.
#![cfg(target_arch = "wasm32")]

use core::arch::wasm32::{
    f32x4, f32x4_add, f32x4_div, f32x4_extract_lane, f32x4_max, f32x4_min, f32x4_mul, f32x4_splat, f32x4_sub, i32x4_add,
    i32x4_shl, v128,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// Vectors that go through all stages of a mixture together: their positions stay in the first-level cache.
const BLOCK: usize = 64;
/// Vectors of particles that go through a perceptron together.
const WIDE: usize = 4;
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

/// exp(x) to 3·10⁻⁷ of itself, for x from −87 to 87: x = n ln 2 + r, and a polynomial of degree 5 for |r| ≤ ½ ln 2.
#[inline(always)]
fn exp(x: v128) -> v128 {
    // Adding 1.5·2²³ rounds to a whole number, which then stands in the lowest bits.
    const MAGIC: f32 = 12_582_912.0;
    let x = f32x4_min(f32x4_max(x, f32x4_splat(-87.0)), f32x4_splat(87.0));
    let shifted = mul_add(x, f32x4_splat(core::f32::consts::LOG2_E), f32x4_splat(MAGIC));
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

/// Coordinates of all particles, four particles a vector, one coordinate after the other: [dim × vectors].
fn pack(x: &[f32], dim: usize) -> Vec<v128> {
    let n = x.len() / dim;
    let at = |i: usize, d: usize| if i < n { x[i * dim + d] } else { 0.0 };
    let vector = |d: usize, v: usize| f32x4(at(4 * v, d), at(4 * v + 1, d), at(4 * v + 2, d), at(4 * v + 3, d));
    (0..dim)
        .flat_map(|d| (0..n.div_ceil(4)).map(move |v| vector(d, v)))
        .collect()
}

/// The inverse of [`pack`].
fn unpack(x: &[v128], dim: usize, n: usize) -> Vec<f32> {
    let vectors = n.div_ceil(4);
    let at = |i: usize, d: usize| {
        let v = x[d * vectors + i / 4];
        match i % 4 {
            0 => f32x4_extract_lane::<0>(v),
            1 => f32x4_extract_lane::<1>(v),
            2 => f32x4_extract_lane::<2>(v),
            _ => f32x4_extract_lane::<3>(v),
        }
    };
    (0..n).flat_map(|i| (0..dim).map(move |d| at(i, d))).collect()
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
    pub fn new(dim: usize, centres: Vec<f32>, stages: Vec<f32>, logits: Vec<f32>, start: Vec<f32>) -> Self {
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
        let vectors = n.div_ceil(4);
        let mut all = pack(&self.start, D);
        let components = self.centres.len() / D;
        let mut logits = vec![zero(); components];
        for first in (0..vectors).step_by(BLOCK) {
            let block = first..vectors.min(first + BLOCK);
            for (stage, own) in self.stages.chunks_exact(2).zip(self.logits.chunks_exact(components * (D + 1))) {
                let (keep, pull) = (f32x4_splat(stage[0]), f32x4_splat(stage[1]));
                for v in block.clone() {
                    let x: [v128; D] = core::array::from_fn(|d| all[d * vectors + v]);
                    let mut most = f32x4_splat(f32::MIN);
                    for (logit, own) in logits.iter_mut().zip(own.chunks_exact(D + 1)) {
                        let mut sum = f32x4_splat(own[D]);
                        for d in 0..D {
                            sum = mul_add(f32x4_splat(own[d]), x[d], sum);
                        }
                        *logit = sum;
                        most = f32x4_max(most, sum);
                    }
                    let (mut mass, mut mean) = (zero(), [zero(); D]);
                    for (logit, centre) in logits.iter().zip(self.centres.chunks_exact(D)) {
                        let r = exp(f32x4_sub(*logit, most));
                        mass = f32x4_add(mass, r);
                        for d in 0..D {
                            mean[d] = mul_add(r, f32x4_splat(centre[d]), mean[d]);
                        }
                    }
                    let scale = f32x4_div(pull, mass);
                    for d in 0..D {
                        all[d * vectors + v] = mul_add(keep, x[d], f32x4_mul(scale, mean[d]));
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
    groups: usize,
    weights: Vec<f32>,
}

impl Layer {
    /// `weights` is [inputs × outputs], then the biases.
    fn new(inputs: usize, outputs: usize, weights: &[f32]) -> Self {
        let groups = outputs.div_ceil(TALL);
        let mut packed = vec![];
        for group in 0..groups {
            for row in [inputs].into_iter().chain(0..inputs) {
                packed.extend((0..TALL).map(|j| match group * TALL + j {
                    out if out < outputs => weights[row * outputs + out],
                    _ => 0.0,
                }));
            }
        }
        Self {
            inputs,
            groups,
            weights: packed,
        }
    }

    /// out = W·x + b, with SiLU where `bend`. A row of `x` and `out` is one unit for [`WIDE`] vectors of particles.
    fn apply(&self, x: &[[v128; WIDE]], out: &mut [[v128; WIDE]], bend: bool) {
        let size = (self.inputs + 1) * TALL;
        for (group, own) in self.weights.chunks_exact(size).enumerate().take(self.groups) {
            let (bias, rows) = own.split_at(TALL);
            // Two vectors of particles at a time: eight sums stay in registers.
            for half in 0..WIDE / 2 {
                let mut sums = [[zero(); 2]; TALL];
                for (sum, b) in sums.iter_mut().zip(bias) {
                    *sum = [f32x4_splat(*b); 2];
                }
                for (w, x) in rows.chunks_exact(TALL).zip(x) {
                    let x = [x[2 * half], x[2 * half + 1]];
                    for j in 0..TALL {
                        let w = f32x4_splat(w[j]);
                        sums[j] = [mul_add(w, x[0], sums[j][0]), mul_add(w, x[1], sums[j][1])];
                    }
                }
                for (row, sum) in out[group * TALL..].iter_mut().zip(sums) {
                    for (place, y) in row[2 * half..].iter_mut().zip(sum) {
                        *place = if bend { silu(y) } else { y };
                    }
                }
            }
        }
    }
}

/// x/(1 + e⁻ˣ).
#[inline(always)]
fn silu(x: v128) -> v128 {
    f32x4_div(x, f32x4_add(f32x4_splat(1.0), exp(f32x4_sub(zero(), x))))
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
        let n = self.start.len() / 2;
        let vectors = n.div_ceil(4);
        let mut all = pack(&self.start, 2);
        let mut rows = [vec![[zero(); WIDE]; self.width], vec![[zero(); WIDE]; self.width]];
        let last = self.layers.len() - 1;
        for first in (0..vectors).step_by(WIDE) {
            let count = WIDE.min(vectors - first);
            for stage in self.stages.chunks_exact(4) {
                let [into, noise, keep, pull] = [0, 1, 2, 3].map(|i| f32x4_splat(stage[i]));
                let [x, out] = &mut rows;
                for d in 0..2 {
                    for v in 0..count {
                        x[d][v] = f32x4_mul(into, all[d * vectors + first + v]);
                    }
                }
                x[2] = [noise; WIDE];
                let (mut from, mut to) = (x, out);
                for (i, layer) in self.layers.iter().enumerate() {
                    layer.apply(from, to, i < last);
                    (from, to) = (to, from);
                }
                for d in 0..2 {
                    for v in 0..count {
                        let place = &mut all[d * vectors + first + v];
                        *place = mul_add(keep, *place, f32x4_mul(pull, from[d][v]));
                    }
                }
            }
        }
        unpack(&all, 2, n)
    }
}
