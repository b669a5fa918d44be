//! The loop of a plan in a kernel: an invocation carries one particle through some stages.
//!
//! Held by `tests/gpu.rs`: `a_fused_run_is_the_run_of_the_host`.

use super::laws::{Nodes, board, cloud, line};
use super::noise::{normals, philox};
use super::perceptron::{Quad, perceptron};
use super::table::{
    ALPHA, COMMITS, EVALUATES, Family, KEEP, MARKS, NOISE, NOW, OLD, ROW, SCALED, SIGMA, TAILS,
};
use cubecl::prelude::*;

/// The number of the stream of starts, [`crate::rng::Stream::Start`].
const STARTS: u32 = 0;
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

/// A stage, as the tables of a chunk say it ([`super::table`]).
#[derive(CubeType, Clone, Copy)]
pub(super) struct Now {
    /// Its number in the plan, which its draws follow from.
    pub(super) number: u32,
    /// Where its numbers and its integers start.
    pub(super) row: usize,
    pub(super) mark: usize,
    /// Whether it evaluates x̂, commits, is scaled; whether the table of its level is one of intervals.
    pub(super) evaluates: bool,
    pub(super) commits: bool,
    pub(super) scaled: bool,
    pub(super) tails: bool,
    /// The factors of x_base, x̂, x̂₋₁ and z.
    pub(super) keep: f32,
    pub(super) now: f32,
    pub(super) old: f32,
    pub(super) noise: f32,
    /// The number of the frame that it completes, from 1 on, or 0.
    pub(super) frame: u32,
}

/// Stage `k` of a chunk.
#[cube]
pub(super) fn stage_of(rows: &[f32], marks: &[u32], first: u32, k: u32) -> Now {
    let row = k as usize * comptime!(ROW);
    let mark = k as usize * comptime!(MARKS);
    let flags = marks[mark];
    Now {
        number: first + k,
        row,
        mark,
        evaluates: (flags & comptime!(EVALUATES)) != 0u32,
        commits: (flags & comptime!(COMMITS)) != 0u32,
        scaled: (flags & comptime!(SCALED)) != 0u32,
        tails: (flags & comptime!(TAILS)) != 0u32,
        keep: rows[row + comptime!(KEEP)],
        now: rows[row + comptime!(NOW)],
        old: rows[row + comptime!(OLD)],
        noise: rows[row + comptime!(NOISE)],
        frame: marks[mark + 1],
    }
}

/// Number `index` of the draws of a stage.
#[cube]
pub(super) fn normal(index: u32, stage: &Now, chunk: &Chunk) -> f32 {
    let bits = philox(index / 2u32, stage.number, STAGES, chunk.key0, chunk.key1);
    let pair = normals(bits);
    select((index & 1u32) == 0u32, pair.even, pair.odd)
}

/// keep·x_base + pull₀·x̂ + pull₁·x̂₋₁ + noise·z.
#[cube]
pub(super) fn moved(stage: &Now, base: f32, x_hat: f32, before: f32, z: f32) -> f32 {
    stage.keep * base + stage.now * x_hat + stage.old * before + stage.noise * z
}

/// Draws the start of a run: x_base and x_eval are scale·z, with the draws of [`crate::sample::HostState`], and x̂₋₁ is 0. An
/// invocation draws two numbers. `shown` gets the start too, where it `is_shown`.
#[cube(launch)]
pub(super) fn begin(
    state: &mut [f32],
    shown: &mut [f32],
    scale: f32,
    key0: u32,
    key1: u32,
    #[comptime] is_shown: bool,
) {
    let pair = ABSOLUTE_POS;
    let size = state.len() / 3;
    if 2 * pair < size {
        let drawn = normals(philox(pair as u32, 0u32, STARTS, key0, key1));
        #[unroll]
        for lane in 0..2usize {
            let i = 2 * pair + lane;
            if i < size {
                let x = scale * select(comptime!(lane == 0), drawn.even, drawn.odd);
                state[i] = x;
                state[size + i] = x;
                state[2 * size + i] = 0.0f32;
                if is_shown {
                    shown[i] = x;
                }
            }
        }
    }
}

/// Begins a run at `start`: x_base and x_eval are `start`, and x̂₋₁ is 0.
#[cube(launch)]
pub(super) fn put(state: &mut [f32], start: &[f32]) {
    let i = ABSOLUTE_POS;
    let size = start.len();
    if i < size {
        state[i] = start[i];
        state[size + i] = start[i];
        state[2 * size + i] = 0.0f32;
    }
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
            let stage = stage_of(rows, marks, chunk.first, k);
            if stage.evaluates {
                if comptime!(family == Family::Cloud) {
                    cloud(&newest, &mut x_hat, rows, stage.row, law, dim);
                } else if comptime!(matches!(family, Family::Net(_))) {
                    let widths = comptime!(family.widths());
                    perceptron(&newest, &mut x_hat, rows, stage.row, weights, dim, widths);
                } else {
                    let nodes = Nodes {
                        alpha: rows[stage.row + comptime!(ALPHA)],
                        sigma: rows[stage.row + comptime!(SIGMA)],
                        start: marks[stage.mark + 2],
                        count: marks[stage.mark + 3],
                        tails: stage.tails,
                    };
                    if comptime!(family == Family::Line) {
                        x_hat[0] = line(newest[0], &nodes, law).mean;
                    } else {
                        board(&newest, &mut x_hat, &nodes, law);
                    }
                }
            }
            if stage.noise != 0.0f32 {
                if comptime!(dim == 2) {
                    let bits = philox(i as u32, stage.number, STAGES, chunk.key0, chunk.key1);
                    let pair = normals(bits);
                    z[0] = pair.even;
                    z[1] = pair.odd;
                } else {
                    #[unroll]
                    for d in 0..dim {
                        z[d] = normal((i * dim + d) as u32, &stage, &chunk);
                    }
                }
            }
            #[unroll]
            for d in 0..dim {
                let x = moved(&stage, base[d], x_hat[d], before[d], z[d]);
                newest[d] = x;
                base[d] = select(stage.commits, x, base[d]);
                before[d] = select(stage.evaluates, x_hat[d], before[d]);
            }
            if stage.frame != 0u32 {
                let slot = (stage.frame - 1u32 - chunk.kept) as usize;
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
