//! The gradient with respect to the weights: sums over draws in their order, where a lane is a weight.
//!
//! Held by `src/net/mlp/tests.rs`: `forward_and_backward_are_those_of_f64_and_of_finite_differences`,
//! `the_passes_have_the_bits_of_plain_loops`.

use super::layout::{lanes, load};
use super::packed::Packed;
use super::shape::Layer;
use super::tape::Tape;
use crate::net::affine::{GROUP, QUAD, QUADS, Row, sums};
use crate::net::quad::Quad;

const ZERO: Row = [Quad::ZERO; QUADS];
const ONE: Row = [Quad::ONE; QUADS];

impl Tape {
    /// The part of the backward pass that sums over particles: adds the gradient with respect to the weights to `gradient`. Call
    /// [`Tape::descend`] first, of a tape [`Tape::for_gradients`]. Sums run over the particles in order, so a batch in parts gives
    /// the same bits.
    pub fn collect(&mut self, net: &Packed, gradient: &mut [f32]) {
        for (i, layer) in net.shape.layers().iter().enumerate() {
            self.weigh(i, layer, &mut gradient[layer.start..layer.end()]);
        }
    }

    /// dW += Xᵀ·G and db += 1ᵀ·G, where X are the values before a layer.
    fn weigh(&mut self, i: usize, layer: &Layer, own: &mut [f32]) {
        let count = self.count();
        let panels = layer.stride.div_ceil(GROUP);
        self.panels.resize(panels * GROUP, ZERO);
        let gradients = self.gradients[i].as_chunks().0;
        for (k, panel) in self.panels.chunks_exact_mut(GROUP).enumerate() {
            turn(gradients, k * GROUP, layer.outputs, panel);
        }
        // After the last input comes the bias, whose input is 1.
        let values: &[Row] = self.values[i].as_chunks().0;
        let mut inputs = values[..layer.inputs].iter().chain([&ONE]).map(lanes);
        for rows in own.chunks_mut(2 * layer.stride) {
            let (a, b) = (inputs.next(), inputs.next());
            let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
            let mut pairs = [[0.0; 2]; GROUP];
            for (pair, (a, b)) in pairs.iter_mut().zip(a.iter().zip(&b)) {
                *pair = [*a, *b];
            }
            let (first, second) = rows.split_at_mut(layer.stride);
            for (k, panel) in self.panels.chunks_exact(GROUP).enumerate() {
                let columns = k * GROUP..layer.stride.min((k + 1) * GROUP);
                let first = &mut first[columns.clone()];
                let second = second.get_mut(columns).unwrap_or_default();
                add_sums(&pairs[..count], panel, first, second);
            }
        }
    }
}

/// Adds Σ_b pair_b·panel_b to up to [`GROUP`] numbers of two rows, b in order.
fn add_sums(pairs: &[[f32; 2]], panel: &[Row], first: &mut [f32], second: &mut [f32]) {
    let pairs = pairs.iter().copied();
    let whole: (Result<&mut [f32; GROUP], _>, Result<&mut [f32; GROUP], _>) =
        (first.try_into(), second.try_into());
    if let (Ok(first), Ok(second)) = whole {
        let [a, b] = sums(pairs, panel, [load(first), load(second)]);
        (*first, *second) = (lanes(&a), lanes(&b));
        return;
    }
    let mut wide = [[0.0; GROUP]; 2];
    wide[0][..first.len()].copy_from_slice(first);
    wide[1][..second.len()].copy_from_slice(second);
    let [a, b] = sums(pairs, panel, [load(&wide[0]), load(&wide[1])]);
    first.copy_from_slice(&lanes(&a)[..first.len()]);
    second.copy_from_slice(&lanes(&b)[..second.len()]);
}

/// The features `from..from + GROUP` of each particle become its row; those from `end` on are 0.
fn turn(rows: &[Row], from: usize, end: usize, out: &mut [Row]) {
    for (f, feature) in (from..from + GROUP).step_by(QUAD).enumerate() {
        let row = |k: usize| match feature + k < end {
            true => &rows[feature + k],
            false => &ZERO,
        };
        let (a, b, c, d) = (row(0), row(1), row(2), row(3));
        for (q, out) in out.chunks_exact_mut(QUAD).enumerate() {
            let turned = Quad::turned([a[q], b[q], c[q], d[q]]);
            for (out, quad) in out.iter_mut().zip(turned) {
                out[f] = quad;
            }
        }
    }
}
