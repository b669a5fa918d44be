//! The training of the network on windows.

use crate::toy::{Smooth, numbers};
use scorefield::error::Error;
use scorefield::net::unet::recipe::{self, FieldRecipe};
use scorefield::net::unet::{FRAME, PIXELS, Shape, Source, WINDOW};
use scorefield::net::{State, saved};
use scorefield::rng::{Noise, Stream};
use scorefield::unet::FieldTrainer;
use std::sync::Arc;

const RECIPE: FieldRecipe = FieldRecipe {
    shape: Shape {
        widths: [4, 6, 8],
        down: [1, 1, 1],
        up: [1, 1],
    },
    steps: 40,
    batch: 4,
    rate: 0.003,
    seed: 3,
    ln_s: [-0.3, 1.4],
};
const TEXT: &str = "law = lab=turbulence\nwidths = 4 6 8\nblocks = 1 1 1 1 1\nsteps = 40\nbatch = 4\nrate = 0.003\nseed = 3\nnoise-mean = -0.3\nnoise-sd = 1.4\n";

/// Waves along x whose phase moves with the frames.
struct Waves {
    /// Their amplitude.
    size: f64,
}

impl Source for Waves {
    fn draw(&self, seed: u64, step: u32, item: usize, out: &mut [f32]) {
        assert_eq!(out.len(), WINDOW);
        let phase = Noise::new(seed).uniform(Stream::TrainData, step, item as u64);
        for (i, out) in out.iter_mut().enumerate() {
            let (frame, x) = (i / FRAME, i % PIXELS);
            let turn = phase + 0.1 * frame as f64 + 2.0 * x as f64 / PIXELS as f64;
            *out = (self.size * (std::f64::consts::TAU * turn).sin()) as f32;
        }
    }
}

fn trainer(recipe: FieldRecipe, state: Option<State>) -> FieldTrainer {
    let source = Arc::new(Waves { size: 1.4 });
    match state {
        Some(state) => FieldTrainer::resume(recipe, Arc::new(Smooth), source, state),
        None => FieldTrainer::new(recipe, Arc::new(Smooth), source),
    }
}

/// The loss at these weights, and Adam's momentum after it: a tenth of the gradient, which is not longer than 1.
fn slope(weights: &[f32]) -> (f64, Vec<f64>) {
    let mut trainer = trainer(RECIPE, Some(State::of_weights(weights.to_vec())));
    let loss = trainer.step(1).unwrap();
    let momentum = &trainer.state().momentum;
    (
        loss,
        momentum.iter().map(|m| 10.0 * f64::from(*m)).collect(),
    )
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Through skip, embedding and all layers; in f32, so along directions in which the loss changes.
#[test]
fn the_gradient_is_that_of_finite_differences() {
    let mut weights = RECIPE.shape.start(1);
    let noise = numbers(weights.len(), 2);
    weights
        .iter_mut()
        .zip(noise)
        .for_each(|(w, z)| *w += 0.02 * z as f32);
    let (_, gradient) = slope(&weights);
    let length = norm(&gradient);
    assert!(
        length > 0.02 && length < 0.999,
        "a gradient that is not cut: {length}"
    );
    for slot in RECIPE.shape.slots() {
        // Along its own gradient, so that each tensor is seen.
        let own = &gradient[slot.range()];
        let size = norm(own);
        assert!(size > 0.0, "{} has no gradient", slot.name);
        let h = (0.01 / size).min(0.3);
        let moved = |by: f64| {
            let mut weights = weights.clone();
            let to = weights[slot.range()].iter_mut().zip(own);
            to.for_each(|(w, g)| *w += (by * g / size) as f32);
            slope(&weights).0
        };
        let differences = (moved(h) - moved(-h)) / (2.0 * h);
        // The loss is about 1 with a rounding of some 1e-7; curvature is h².
        let most = 1e-6 / h + 0.02 * size + 1e-5;
        assert!(
            (differences - size).abs() < most,
            "{}: {differences} {size}",
            slot.name
        );
    }
}

#[test]
fn two_threads_give_the_bits_of_one() {
    let [mut one, mut two] = [trainer(RECIPE, None), trainer(RECIPE, None)];
    for _ in 0..3 {
        assert_eq!(one.step(1).unwrap(), two.step(2).unwrap());
    }
    assert_eq!(one.state(), two.state());
}

#[test]
fn a_resumed_training_gives_the_same_bits() {
    let mut whole = trainer(RECIPE, None);
    for _ in 0..3 {
        whole.step(1).unwrap();
    }
    let bytes = saved::write(TEXT, whole.state()).unwrap();
    let sizes = (RECIPE.steps, RECIPE.shape.len());
    let state = saved::read_sized("x", &bytes, TEXT, sizes).unwrap();
    let mut second = trainer(RECIPE, Some(state));
    for _ in 0..3 {
        assert_eq!(whole.step(1).unwrap(), second.step(1).unwrap());
    }
    assert_eq!(whole.state(), second.state());
    let other = saved::read_sized("x", &bytes, TEXT, (RECIPE.steps, sizes.1 + 1));
    assert!(other.unwrap_err().to_string().contains("different size"));
}

/// The waves are not normal, so a network can do better than every linear denoiser.
#[test]
fn training_lowers_the_loss_and_gives_the_network_of_its_recipe() {
    assert_eq!(recipe::parse("x", TEXT).unwrap(), RECIPE);
    let mut trainer = trainer(RECIPE, None);
    let mut losses = vec![];
    while !trainer.is_done() {
        losses.push(trainer.step(2).unwrap());
    }
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (first, last) = (mean(&losses[..8]), mean(&losses[32..]));
    assert!(last < 0.8 * first, "{first} {last}");
    let net = trainer.network(TEXT.to_owned());
    let bytes = net.to_bytes().unwrap();
    let read = scorefield::net::unet::FieldNet::from_bytes("x", &bytes).unwrap();
    assert_eq!(read, net);
}

/// A step never goes further than its clipped gradient says, and data that are not finite stop the training.
#[test]
fn a_long_gradient_is_cut_and_a_lost_training_says_so() {
    let far = |size: f64| {
        let source = Arc::new(Waves { size });
        FieldTrainer::new(RECIPE, Arc::new(Smooth), source)
    };
    let mut trainer = far(1e4);
    trainer.step(1).unwrap();
    let momentum: Vec<f64> = trainer
        .state()
        .momentum
        .iter()
        .map(|m| f64::from(*m))
        .collect();
    assert!((norm(&momentum) - 0.1).abs() < 1e-4);
    assert_eq!(far(f64::INFINITY).step(1), Err(Error::Diverged));
}
