//! The weights of a perceptron as its passes read them.
//!
//! Held by `src/net/mlp/tests.rs`: `the_passes_have_the_bits_of_plain_loops`.

use super::shape::{Layer, Shape};
use crate::net::affine::Affine;

/// The weights of a perceptron, packed for the products of its passes, forth and back: twice the memory of the flat weights.
#[derive(Debug, Clone)]
pub struct Packed {
    pub(super) shape: Shape,
    /// Each layer.
    pub(super) forth: Vec<Affine>,
    /// The transpose of each layer.
    pub(super) back: Vec<Affine>,
}

impl Packed {
    /// Packs flat weights in the layout of [`Shape::layers`].
    pub fn new(shape: &Shape, weights: &[f32]) -> Self {
        let layers = shape.layers();
        let forth = |l: &Layer| {
            let own = &weights[l.start..l.end()];
            Affine::new([l.inputs, l.outputs], |input, output| {
                own[input * l.stride + output]
            })
        };
        let back = |l: &Layer| {
            let own = &weights[l.start..l.bias()];
            Affine::new([l.outputs, l.inputs], |output, input| match output {
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
