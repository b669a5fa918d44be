//! The loop of a plan in a kernel: an invocation carries one particle through some stages.
//!
//! Held by `tests/gpu.rs`: `a_fused_run_is_the_run_of_the_host`.

use super::laws::{Nodes, board, cloud, line};
use super::noise::{normals, philox};
use super::perceptron::{Quad, perceptron};
use super::table::{
    ALPHA, COMMITS, EVALUATES, Family, KEEP, MARKS, NOISE, NOW, OLD, ROW, SIGMA, TAILS,
};
use cubecl::prelude::*;

/// The number of the stream of stages, [`crate::rng::Stream::Stage`].
pub(super) const STAGES: u32 = 1;

/// Where a run is: what changes from chunk to chunk.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub(super) struct Chunk {
    /// Number of particles.
    pub(super) n: u32,
    /// The first stage, and the number of stages.
    pub(super) first: u32,
    pub(super) count: u32,
    /// Number of frames that were kept before.
    pub(super) kept: u32,
    /// The two halves of the seed.
    pub(super) key0: u32,
    pub(super) key1: u32,
}

/// Carries particles through the stages of `chunk`: x ← keep·x_base + pull₀·x̂ + pull₁·x̂₋₁ + noise·z, as
/// [`crate::sample::Stage`] states.
///
/// `state` holds x_base, x_eval and x̂₋₁, each `[n × dim]`; `frames` gets the state after every stage that completes a
/// frame. `rows` and `marks` are these stages, `law` the numbers of the law, `weights` those of a
/// network: see [`super::table`].
#[cube(launch)]
#[allow(clippy::too_many_arguments)] // Each buffer of a kernel is an argument.
pub(super) fn stages(
    state: &mut [f32],
    frames: &mut [f32],
    rows: &[f32],
    marks: &[u32],
    law: &[f32],
    weights: &[Quad],
    chunk: Chunk,
    #[comptime] dim: usize,
    #[comptime] family: Family,
) {
    let i = ABSOLUTE_POS;
    let n = chunk.n as usize;
    if i < n {
        let mut base = Array::<f32>::new(dim);
        let mut newest = Array::<f32>::new(dim);
        let mut before = Array::<f32>::new(dim);
        let mut x_hat = Array::<f32>::new(dim);
        let mut z = Array::<f32>::new(dim);
        #[unroll]
        for d in 0..dim {
            base[d] = state[i * dim + d];
            newest[d] = state[(n + i) * dim + d];
            before[d] = state[(2 * n + i) * dim + d];
            x_hat[d] = 0.0f32;
            z[d] = 0.0f32;
        }
        for k in 0..chunk.count {
            // The number of the stage in the plan, which its draws follow from.
            let s = chunk.first + k;
            let row = k as usize * comptime!(ROW);
            let mark = k as usize * comptime!(MARKS);
            let flags = marks[mark];
            let evaluates = (flags & comptime!(EVALUATES)) != 0u32;
            if evaluates {
                if comptime!(family == Family::Cloud) {
                    cloud(&newest, &mut x_hat, rows, row, law, dim);
                } else if comptime!(matches!(family, Family::Net(_))) {
                    let widths = comptime!(family.widths());
                    perceptron(&newest, &mut x_hat, rows, row, weights, dim, widths);
                } else {
                    let nodes = Nodes {
                        alpha: rows[row + comptime!(ALPHA)],
                        sigma: rows[row + comptime!(SIGMA)],
                        start: marks[mark + 2],
                        count: marks[mark + 3],
                        tails: (flags & comptime!(TAILS)) != 0u32,
                    };
                    if comptime!(family == Family::Line) {
                        x_hat[0] = line(newest[0], &nodes, law).mean;
                    } else {
                        board(&newest, &mut x_hat, &nodes, law);
                    }
                }
            }
            let noise = rows[row + comptime!(NOISE)];
            if noise != 0.0f32 {
                if comptime!(dim == 2) {
                    let pair = normals(philox(i as u32, s, STAGES, chunk.key0, chunk.key1));
                    z[0] = pair.even;
                    z[1] = pair.odd;
                } else {
                    #[unroll]
                    for d in 0..dim {
                        let index = (i * dim + d) as u32;
                        let pair = normals(philox(index / 2u32, s, STAGES, chunk.key0, chunk.key1));
                        z[d] = select((index & 1u32) == 0u32, pair.even, pair.odd);
                    }
                }
            }
            let keep = rows[row + comptime!(KEEP)];
            let now = rows[row + comptime!(NOW)];
            let old = rows[row + comptime!(OLD)];
            let commits = (flags & comptime!(COMMITS)) != 0u32;
            #[unroll]
            for d in 0..dim {
                let x = keep * base[d] + now * x_hat[d] + old * before[d] + noise * z[d];
                newest[d] = x;
                base[d] = select(commits, x, base[d]);
                before[d] = select(evaluates, x_hat[d], before[d]);
            }
            let frame = marks[mark + 1];
            if frame != 0u32 {
                let slot = (frame - 1u32 - chunk.kept) as usize;
                #[unroll]
                for d in 0..dim {
                    frames[(slot * n + i) * dim + d] = base[d];
                }
            }
        }
        #[unroll]
        for d in 0..dim {
            state[i * dim + d] = base[d];
            state[(n + i) * dim + d] = newest[d];
            state[(2 * n + i) * dim + d] = before[d];
        }
    }
}

/// The bits and the normals of the pairs 0, 1, … of one stage, for tests of [`super::noise`].
#[cube(launch)]
pub(super) fn draws(bits: &mut [u32], out: &mut [f32], step: u32, key0: u32, key1: u32) {
    let i = ABSOLUTE_POS;
    if i * 2 < out.len() {
        let drawn = philox(i as u32, step, STAGES, key0, key1);
        bits[i * 4] = drawn.a;
        bits[i * 4 + 1] = drawn.b;
        bits[i * 4 + 2] = drawn.c;
        bits[i * 4 + 3] = drawn.d;
        let pair = normals(drawn);
        out[i * 2] = pair.even;
        out[i * 2 + 1] = pair.odd;
    }
}
