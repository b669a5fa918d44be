//! A network as its weights, and the weights from which a training starts.

use super::half;
use super::shape::Shape;
use crate::rng::Noise;
use crate::rng::Stream;

/// A trained network on windows.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldNet {
    pub(super) shape: Shape,
    pub(super) weights: Vec<f32>,
    /// The text of its recipe.
    pub(super) recipe: String,
}

impl FieldNet {
    /// A network from flat weights in the order of [`Shape::slots`], rounded to f16 as in its file. `recipe` is the text
    /// of the recipe that made them.
    ///
    /// # Panics
    /// If the number of weights does not fit the shape.
    pub fn new(shape: Shape, weights: &[f32], recipe: String) -> Self {
        assert_eq!(
            weights.len(),
            shape.len(),
            "as many weights as the shape has"
        );
        let rounded = weights.iter().map(|w| half::widen(half::narrow(*w)));
        Self {
            shape,
            weights: rounded.collect(),
            recipe,
        }
    }

    /// Its shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Its flat weights, in the order of [`Shape::slots`].
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The text of the recipe that made it.
    pub fn recipe(&self) -> &str {
        &self.recipe
    }
}

impl Shape {
    /// The initial weights of a training: uniform in ± 1/√(inputs of a sum), biases 0. The second convolution of a block
    /// starts at 0.2 of that and the last one at 0.1; g and b start at 0.
    ///
    /// Held by `src/net/unet/tests.rs`: `the_start_of_a_training_is_small_where_it_should_be`.
    pub fn start(&self, seed: u64) -> Vec<f32> {
        let noise = Noise::new(seed);
        let mut weights = vec![0.0; self.len()];
        for (i, slot) in self.slots().iter().enumerate() {
            if slot.bound == 0.0 {
                continue;
            }
            for (j, w) in weights[slot.range()].iter_mut().enumerate() {
                let u = noise.uniform(Stream::TrainStart, i as u32, j as u64);
                *w = (slot.bound * (2.0 * u - 1.0)) as f32;
            }
        }
        weights
    }
}
