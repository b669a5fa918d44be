//! A score network in a kernel: an invocation takes its particle through all layers.
//!
//! Held by `tests/gpu.rs`: `a_fused_run_of_a_network_is_that_of_the_host`.

use super::table::{INTO, LN_S, OUT, SKIP, Widths};
use cubecl::prelude::*;

/// Four neighbouring weights of a row.
pub(super) type Quad = Vector<f32, Const<4>>;

/// x̂ = c_skip·u + c_out·F(c_in·u, ¼ ln s), u = scale·x_t, as [`crate::net`] states. The row of the level holds
/// c_skip·scale, c_out, c_in·scale and ¼ ln s; `weights` has the layout of [`crate::net::Shape::layers`].
#[cube]
pub(super) fn perceptron(
    x: &Array<f32>,
    x_hat: &mut Array<f32>,
    rows: &[f32],
    row: usize,
    weights: &[Quad],
    #[comptime] dim: usize,
    #[comptime] widths: Widths,
) {
    let mut even = Array::<f32>::new(comptime!(widths.stride()));
    let mut odd = Array::<f32>::new(comptime!(widths.stride()));
    #[unroll]
    for d in 0..dim {
        even[d] = rows[row + comptime!(INTO)] * x[d];
    }
    even[dim] = rows[row + comptime!(LN_S)];
    #[unroll]
    for l in 0..comptime!(widths.depth + 1) {
        if comptime!(l.is_multiple_of(2)) {
            layer(&even, &mut odd, weights, dim, widths, l);
        } else {
            layer(&odd, &mut even, weights, dim, widths, l);
        }
    }
    #[unroll]
    for d in 0..dim {
        let f = if comptime!(widths.depth.is_multiple_of(2)) {
            odd[d]
        } else {
            even[d]
        };
        x_hat[d] = rows[row + comptime!(SKIP)] * x[d] + rows[row + comptime!(OUT)] * f;
    }
}

/// Layer `l`: bias + Σ input·row, in the order of the host, in tiles of neighbouring outputs; SiLU after all but the last.
#[cube]
fn layer(
    from: &Array<f32>,
    to: &mut Array<f32>,
    weights: &[Quad],
    #[comptime] dim: usize,
    #[comptime] widths: Widths,
    #[comptime] l: usize,
) {
    let start = comptime!(widths.start(l, dim));
    let inputs = comptime!(widths.inputs(l, dim));
    let quads = comptime!(widths.quads(l, dim));
    let tile = comptime!(tile(quads));
    for t in 0..comptime!(quads / tile) {
        let first = start + t * tile;
        let mut sums = Array::<Quad>::new(tile);
        #[unroll]
        for j in 0..tile {
            sums[j] = weights[first + comptime!(inputs * quads) + j];
        }
        for k in 0..inputs {
            let factor = Quad::new(from[k]);
            #[unroll]
            for j in 0..tile {
                sums[j] += factor * weights[first + k * quads + j];
            }
        }
        #[unroll]
        for j in 0..tile {
            #[unroll]
            for lane in 0..4usize {
                let sum = sums[j].extract(lane);
                let at = (t * tile + j) * 4 + lane;
                if comptime!(l < widths.depth) {
                    to[at] = sum / (1.0f32 + (0.0f32 - sum).exp());
                } else {
                    to[at] = sum;
                }
            }
        }
    }
}

/// Quadruples of outputs that are summed together: a divisor of all. The more, the fewer times the inputs are read, which do not fit
/// into registers; with 16 the sums do not fit there either, and a large run takes longer again.
fn tile(quads: usize) -> usize {
    let fits = |tile: &usize| quads.is_multiple_of(*tile);
    [8, 4].into_iter().find(fits).unwrap_or(2)
}
