//! Training of the network on windows: denoising score matching with Adam, in two halves of a batch on two threads.
//!
//! Held by `tests/unet/training.rs`: `two_threads_give_the_bits_of_one`,
//! `a_resumed_training_gives_the_same_bits`, `the_gradient_is_that_of_finite_differences`.

use super::layers::Layers;
use super::layers::Maps;
use super::network::Place;
use crate::error::Error;
use crate::net::CLAMP;
use crate::net::State;
use crate::net::train::AdamStep;
use crate::net::unet::At;
use crate::net::unet::FRAMES;
use crate::net::unet::FieldNet;
use crate::net::unet::SEEN;
use crate::net::unet::Skip;
use crate::net::unet::Source;
use crate::net::unet::WINDOW;
use crate::net::unet::embedding;
use crate::net::unet::recipe::FieldRecipe;
use crate::rng::Noise;
use crate::rng::Stream;
use burn::tensor::Tensor;
use std::sync::Arc;

/// Steps over which the learning rate rises from 0.
const WARM_UP: u32 = 100;
/// The share of the steps after which the learning rate falls as a cosine, and the share of it that is left at the end.
const CONSTANT: f64 = 0.3;
const LEFT: f64 = 0.02;
/// Largest norm of a gradient: a longer one is scaled to it.
const LONGEST: f64 = 1.0;
/// Largest decay of the average of the weights.
const AVERAGE: f32 = 0.998;

/// A training on burn's CPU backend.
pub struct FieldTrainer {
    recipe: FieldRecipe,
    state: State,
    skip: Arc<dyn Skip>,
    source: Arc<dyn Source>,
}

/// The loss of some windows, and its gradient in the order of the flat weights.
struct Slope {
    loss: f64,
    gradient: Vec<f32>,
}

impl FieldTrainer {
    /// A training from its start.
    pub fn new(recipe: FieldRecipe, skip: Arc<dyn Skip>, source: Arc<dyn Source>) -> Self {
        let state = State::of_weights(recipe.shape.start(recipe.seed));
        Self::resume(recipe, skip, source, state)
    }

    /// A training that continues from a state.
    pub fn resume(
        recipe: FieldRecipe,
        skip: Arc<dyn Skip>,
        source: Arc<dyn Source>,
        state: State,
    ) -> Self {
        Self {
            recipe,
            state,
            skip,
            source,
        }
    }

    /// The current state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether all steps are done.
    pub fn is_done(&self) -> bool {
        self.state.step >= self.recipe.steps
    }

    /// Does one step of Adam. Returns the loss of its batch, E ‖x̂ − x‖²/v(s) a number: about 1 for x̂ = x̂_W. The batch is
    /// computed in two halves whose gradients are added, on `threads` (1 or 2) threads: the bits do not depend on it.
    ///
    /// # Errors
    /// [`Error::Diverged`] if the loss is not finite.
    pub fn step(&mut self, threads: usize) -> Result<f64, Error> {
        let half = self.recipe.batch / 2;
        let [first, second] = match threads {
            1 => [self.slope(0, half), self.slope(half, half)],
            _ => std::thread::scope(|scope| {
                let other = scope.spawn(|| self.slope(half, half));
                let own = self.slope(0, half);
                // A panic there is the same program error as a panic here.
                [
                    own,
                    other
                        .join()
                        .unwrap_or_else(|e| std::panic::resume_unwind(e)),
                ]
            }),
        };
        let loss = first.loss + second.loss;
        let both = first.gradient.iter().zip(&second.gradient);
        let mut gradient: Vec<f32> = both.map(|(a, b)| a + b).collect();
        let square = |g: &f32| f64::from(*g) * f64::from(*g);
        let norm = gradient.iter().map(square).sum::<f64>().sqrt();
        if !(loss.is_finite() && norm.is_finite()) {
            return Err(Error::Diverged);
        }
        if norm > LONGEST {
            let factor = (LONGEST / norm) as f32;
            gradient.iter_mut().for_each(|g| *g *= factor);
        }
        let step = self.state.step;
        let keep = AVERAGE.min((1.0 + step as f32) / (20.0 + step as f32));
        let rate = rate(&self.recipe, step);
        self.state
            .apply(&AdamStep::with(step, rate, keep), &gradient);
        Ok(loss)
    }

    /// The network of the averaged weights; `text` is the text of its recipe.
    pub fn network(&self, text: String) -> FieldNet {
        FieldNet::new(self.recipe.shape, &self.state.average, text)
    }

    /// The part of the loss of the current step that comes from `count` windows of its batch, and its gradient.
    fn slope(&self, first: usize, count: usize) -> Slope {
        let place = Place::flex().autodiff();
        let slots = self.recipe.shape.slots();
        let leaves = place.leaves(&slots, &self.state.weights);
        let leaves: Vec<Tensor<1>> = leaves.into_iter().map(Tensor::require_grad).collect();
        let layers = Layers::new(&self.recipe.shape, leaves.iter().cloned());
        let batch = self.batch(first, count);
        let waves = batch.waves.len() / count;
        let films = layers.films(place.upload(batch.waves, [count, waves]));
        let seen = Maps {
            value: place.maps(batch.seen, 4 * SEEN),
            change: None,
        };
        let gap = layers.forward(seen, &films).value - place.maps(batch.wanted, 4 * FRAMES);
        let scale = 1.0 / (self.recipe.batch * WINDOW) as f64;
        let loss = (gap.clone() * gap).sum().mul_scalar(scale);
        let mut gradients = loss.backward();
        let mut gradient = Vec::with_capacity(self.state.weights.len());
        for (leaf, slot) in leaves.iter().zip(&slots) {
            match leaf.grad_remove(&mut gradients) {
                Some(own) => gradient.extend(numbers(own)),
                None => gradient.resize(gradient.len() + slot.range().len(), 0.0),
            }
        }
        let loss = numbers(loss.inner()).first().copied();
        Slope {
            loss: loss.map_or(f64::NAN, f64::from),
            gradient,
        }
    }

    /// Windows of the current step with their noise: x from the data, ln s ~ N(mean, deviation²), u = x + s·z.
    fn batch(&self, first: usize, count: usize) -> Batch {
        let noise = Noise::new(self.recipe.seed);
        let [mean, deviation] = self.recipe.ln_s;
        let mut batch = Batch::default();
        let mut z = vec![0.0; WINDOW];
        for i in first..first + count {
            let index = u64::from(self.state.step) * self.recipe.batch as u64 + i as u64;
            let mut x = vec![0.0f32; WINDOW];
            self.source
                .draw(self.recipe.seed, self.state.step, i, &mut x);
            let x: Vec<f64> = x.into_iter().map(f64::from).collect();
            let mut level = [0.0];
            noise.normals(Stream::TrainLevel, 0, index, &mut level);
            let s = libm::exp(mean + deviation * level[0]).clamp(CLAMP.0, CLAMP.1);
            noise.normals(Stream::TrainNoise, 0, index * WINDOW as u64, &mut z);
            let u: Vec<f64> = x.iter().zip(&z).map(|(x, z)| x + s * z).collect();
            let at = At::new(self.skip.as_ref(), s);
            let (seen, guess) = at.seen(&u);
            batch.seen.extend(seen);
            batch.wanted.extend(at.wanted(&x, &guess));
            batch.waves.extend(embedding(s));
        }
        batch
    }
}

/// Windows of a step.
#[derive(Default)]
struct Batch {
    /// What F sees, `[n][44][16][16]`.
    seen: Vec<f64>,
    /// What F should give, `[n][20][16][16]`.
    wanted: Vec<f64>,
    /// The embeddings of the noise ratios, `[n][16]`.
    waves: Vec<f64>,
}

/// The numbers of a tensor of the CPU backend; empty if they cannot be read, which its own tests exclude.
fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap_or_default()
}

/// The learning rate of a step.
fn rate(recipe: &FieldRecipe, step: u32) -> f64 {
    let warm = f64::from(step + 1) / f64::from(WARM_UP);
    let share = f64::from(step) / f64::from(recipe.steps);
    let fall = ((share - CONSTANT) / (1.0 - CONSTANT)).max(0.0);
    let cosine = 0.5 * (1.0 + libm::cos(std::f64::consts::PI * fall));
    recipe.rate * warm.min(1.0) * (LEFT + (1.0 - LEFT) * cosine)
}
