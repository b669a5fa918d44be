//! The passes of a perceptron: forth, and the products with its Jacobian J and with Jᵀ.
//!
//! Held by `src/net/mlp/tests.rs`: `forward_and_backward_are_those_of_f64_and_of_finite_differences`,
//! `the_passes_have_the_bits_of_plain_loops`.

use super::layout::Layout;
use super::packed::Packed;
use super::shape::Shape;
use crate::net::affine::{GROUP, Row};
use crate::net::kernel::{bend, silu};
use crate::net::quad::Quad;

/// The values of up to [`GROUP`] particles on their way through the layers. A particle has the same bits whatever particles are
/// beside it.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    /// Number of particles.
    count: usize,
    layout: Layout,
    /// Whether few particles go as a group too.
    groups: bool,
    /// The inputs, then the values after SiLU of each hidden layer.
    pub(super) values: Vec<Vec<Quad>>,
    /// The slopes of SiLU of each hidden layer.
    slopes: Vec<Vec<Quad>>,
    /// The gradients with respect to what each layer gives.
    pub(super) gradients: Vec<Vec<Quad>>,
    /// Two buffers that take turns.
    turns: [Vec<Quad>; 2],
    /// A gradient with a row for each particle, [`GROUP`] features after the other.
    pub(super) panels: Vec<Row>,
    /// What a pass gives, one row for each particle.
    out: Vec<f32>,
}

impl Tape {
    /// One that can collect gradients, which need a lane for each particle.
    pub fn for_gradients() -> Self {
        Self {
            groups: true,
            ..Self::default()
        }
    }

    /// Number of particles of the last pass.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// F of up to [`GROUP`] particles, `[particles × outputs]`, for `x` `[particles × inputs]`.
    pub fn forward(&mut self, net: &Packed, x: &[f32]) -> &[f32] {
        let shape = net.shape;
        self.begin(&shape, x, shape.inputs);
        let [from, to] = &mut self.turns;
        for (i, layer) in net.forth.iter().enumerate() {
            self.layout.apply(layer, from, true, to);
            if i < shape.depth {
                silu(self.layout.first(shape.width, to));
            }
            std::mem::swap(from, to);
        }
        self.end(shape.outputs)
    }

    /// As [`Tape::forward`]. What the products need is kept.
    pub fn taped(&mut self, net: &Packed, x: &[f32]) -> &[f32] {
        let shape = net.shape;
        self.begin(&shape, x, shape.inputs);
        let (layout, length) = (self.layout, self.turns[0].len());
        self.slopes.resize(shape.depth, vec![]);
        self.values.resize(shape.depth + 1, vec![]);
        for kept in self.values.iter_mut().chain(&mut self.slopes) {
            kept.resize(length, Quad::ZERO);
        }
        self.values[0].copy_from_slice(&self.turns[0]);
        for (i, layer) in net.forth.iter().enumerate() {
            let (before, after) = self.values.split_at_mut(i + 1);
            match after.first_mut() {
                Some(out) => {
                    layout.apply(layer, &before[i], true, out);
                    let slopes = layout.first(shape.width, &mut self.slopes[i]);
                    bend(layout.first(shape.width, out), slopes);
                }
                None => layout.apply(layer, &before[i], true, &mut self.turns[0]),
            }
        }
        self.end(shape.outputs)
    }

    /// The part of the backward pass that every particle needs for itself: the gradient of Σ F·`seed` with respect to what each
    /// layer gives, for the particles of the last [`Tape::taped`] of `net`. `seed` is `[particles × outputs]`.
    pub fn descend(&mut self, net: &Packed, seed: &[f32]) {
        let shape = net.shape;
        self.begin(&shape, seed, shape.outputs);
        self.gradients.resize(shape.depth + 1, vec![]);
        for gradient in &mut self.gradients {
            gradient.resize(self.turns[0].len(), Quad::ZERO);
        }
        self.gradients[shape.depth].copy_from_slice(&self.turns[0]);
        for i in (1..=shape.depth).rev() {
            let (before, after) = self.gradients.split_at_mut(i);
            let before = &mut before[i - 1];
            self.layout.apply(&net.back[i], &after[0], false, before);
            multiply(self.layout.first(shape.width, before), &self.slopes[i - 1]);
        }
    }

    /// Jᵀ·`seed`, `[particles × inputs]`, where J is the Jacobian of F with respect to the inputs, for the particles of the last
    /// [`Tape::taped`] of `net`. `seed` is `[particles × outputs]`.
    pub fn pull(&mut self, net: &Packed, seed: &[f32]) -> &[f32] {
        let shape = net.shape;
        self.begin(&shape, seed, shape.outputs);
        let [from, to] = &mut self.turns;
        for (i, layer) in net.back.iter().enumerate().rev() {
            self.layout.apply(layer, from, false, to);
            if i > 0 {
                multiply(self.layout.first(shape.width, to), &self.slopes[i - 1]);
            }
            std::mem::swap(from, to);
        }
        self.end(shape.inputs)
    }

    /// J·`tangent`, `[particles × outputs]`, for a `tangent` `[particles × inputs]`, for the particles of the last [`Tape::taped`] of
    /// `net`.
    pub fn push(&mut self, net: &Packed, tangent: &[f32]) -> &[f32] {
        let shape = net.shape;
        self.begin(&shape, tangent, shape.inputs);
        let [from, to] = &mut self.turns;
        for (i, layer) in net.forth.iter().enumerate() {
            self.layout.apply(layer, from, false, to);
            if let Some(slopes) = self.slopes.get(i) {
                multiply(self.layout.first(shape.width, to), slopes);
            }
            std::mem::swap(from, to);
        }
        self.end(shape.outputs)
    }

    /// The numbers of each particle, `width` in a row, go into the first buffer.
    fn begin(&mut self, shape: &Shape, numbers: &[f32], width: usize) {
        self.count = numbers.len() / width;
        assert!(self.count <= GROUP, "at most {GROUP} particles");
        let features = shape.width.max(shape.inputs).max(shape.outputs);
        self.layout = match self.groups {
            true => Layout::Group,
            false => Layout::of(self.count, features),
        };
        for turn in &mut self.turns {
            turn.resize(self.layout.length(self.count, features), Quad::ZERO);
        }
        self.layout.load(numbers, width, &mut self.turns[0]);
    }

    /// The inverse of [`Tape::begin`].
    fn end(&mut self, width: usize) -> &[f32] {
        self.out.resize(self.count * width, 0.0);
        self.layout.store(&self.turns[0], width, &mut self.out);
        &self.out
    }
}

fn multiply(x: &mut [Quad], by: &[Quad]) {
    x.iter_mut().zip(by).for_each(|(x, by)| *x = *x * *by);
}
