//! Chains in a kernel: at each level x̂ = K·x_t + k, with maps that the host computes in f64 ([`crate::tensor::Map`]).
//!
//! A workgroup carries some chains through the stages of a chunk. Each of its invocations has some numbers of them; x_eval of
//! all of them is in workgroup memory, because each number of x̂ needs the whole chain.
//!
//! Held by `tests/gpu.rs`: `a_fused_run_of_a_chain_is_that_of_the_host`, `chunks_of_a_chain_of_any_length_give_the_same_run`.

use super::kernel::{Chunk, moved, normal, stage_of};
use super::table::{ALPHA, SIGMA, TAU};
use cubecl::prelude::*;

/// Invocations of a workgroup, at most.
const UNITS: usize = 128;

/// How chains are distributed over workgroups. A kernel is compiled for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Tile {
    /// Numbers of a chain.
    pub(super) dim: usize,
    /// Chains of a workgroup.
    pub(super) chains: usize,
    /// Invocations of a workgroup, and numbers of each.
    pub(super) units: usize,
    pub(super) each: usize,
}

impl Tile {
    /// Whole chains, and as few numbers an invocation as they allow.
    pub(super) fn of(dim: usize) -> Self {
        let chains = (UNITS / dim).max(1);
        let each = (chains * dim).div_ceil(UNITS);
        Self {
            dim,
            chains,
            units: (chains * dim).div_ceil(each),
            each,
        }
    }

    /// The workgroups of `n` chains.
    pub(super) fn groups(self, n: usize) -> CubeCount {
        CubeCount::Static(n.div_ceil(self.chains) as u32, 1, 1)
    }
}

/// Carries chains through the stages of `chunk`, as [`super::kernel::stages`] states. `maps` holds Kᵀ by rows and k of each
/// level; a mark says where they start. A scaled stage is x ← x − (δε + √(2δ)z)σ with δ = τ/mean ε² of the chain,
/// ε = (x − αx̂)/σ, and δ = τ if ε = 0 ([`crate::sample::Stage::scaled`]).
///
/// No condition is round a barrier: a browser refuses one that depends on what a buffer holds, because that may differ between
/// invocations.
#[cube(launch)]
pub(super) fn chains(
    state: &mut [f32],
    frames: &mut [f32],
    rows: &[f32],
    marks: &[u32],
    maps: &[f32],
    chunk: Chunk,
    #[comptime] tile: Tile,
) {
    let dim = comptime!(tile.dim);
    let held = comptime!(tile.chains * tile.dim);
    let each = comptime!(tile.each);
    let units = comptime!(tile.units);
    let unit = UNIT_POS as usize;
    let first = CUBE_POS * held;
    let size = chunk.n as usize * dim;
    // x_eval of all numbers of the workgroup, and ε of a scaled stage.
    let mut newest = Shared::<[f32]>::new_slice(held);
    let mut errors = Shared::<[f32]>::new_slice(held);
    let mut base = Array::<f32>::new(each);
    let mut before = Array::<f32>::new(each);
    let mut x_hat = Array::<f32>::new(each);
    #[unroll]
    for m in 0..each {
        let at = unit + m * units;
        let number = first + at;
        base[m] = 0.0f32;
        before[m] = 0.0f32;
        x_hat[m] = 0.0f32;
        if at < held {
            newest[at] = 0.0f32;
            errors[at] = 0.0f32;
            if number < size {
                base[m] = state[number];
                newest[at] = state[size + number];
                before[m] = state[2 * size + number];
            }
        }
    }
    sync_cube();
    for k in 0..chunk.count {
        let stage = stage_of(rows, marks, chunk.first, k);
        let alpha = rows[stage.row + comptime!(ALPHA)];
        let sigma = rows[stage.row + comptime!(SIGMA)];
        if stage.evaluates {
            let map = marks[stage.mark + 2] as usize;
            #[unroll]
            for m in 0..each {
                let at = unit + m * units;
                if at < held {
                    let i = at % dim;
                    let chain = at - i;
                    let mut sum = maps[map + dim * dim + i];
                    for j in 0..dim {
                        sum += maps[map + j * dim + i] * newest[chain + j];
                    }
                    x_hat[m] = sum;
                    if stage.scaled {
                        errors[at] = (newest[at] - alpha * sum) / sigma;
                    }
                }
            }
        }
        // Nobody changes x_eval before all have read it.
        sync_cube();
        let tau = rows[stage.row + comptime!(TAU)];
        #[unroll]
        for m in 0..each {
            let at = unit + m * units;
            let number = first + at;
            if at < held {
                let mut z = 0.0f32;
                if stage.noise != 0.0f32 {
                    z = normal(number as u32, &stage, &chunk);
                }
                let mut x = moved(&stage, base[m], x_hat[m], before[m], z);
                if stage.scaled {
                    let chain = at - at % dim;
                    let mut square = 0.0f32;
                    for j in 0..dim {
                        square += errors[chain + j] * errors[chain + j];
                    }
                    let mean = square / comptime!(tile.dim as f32);
                    let delta = tau / select(mean == 0.0f32, 1.0f32, mean);
                    x = newest[at] - (errors[at] * delta + (2.0f32 * delta).sqrt() * z) * sigma;
                }
                newest[at] = x;
                base[m] = select(stage.commits, x, base[m]);
                before[m] = select(stage.evaluates, x_hat[m], before[m]);
                if stage.frame != 0u32 && number < size {
                    let slot = (stage.frame - 1u32 - chunk.kept) as usize;
                    frames[slot * size + number] = base[m];
                }
            }
        }
        sync_cube();
    }
    #[unroll]
    for m in 0..each {
        let at = unit + m * units;
        let number = first + at;
        if at < held && number < size {
            state[number] = base[m];
            state[size + number] = newest[at];
            state[2 * size + number] = before[m];
        }
    }
}
