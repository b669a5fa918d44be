//! Training on the host: denoising score matching with Adam in f32, with the same bits on every machine.
//!
//! Held by `src/net/tests.rs`: `training_approaches_the_exact_loss_and_the_exact_denoiser`,
//! `training_from_a_kept_state_gives_the_same_weights`.

#[cfg(test)]
use super::SIGMA_DATA;
#[cfg(test)]
use super::batch::LN_S;
use super::batch::{Recipe, Target};
use super::stretch::{Stretch, Sums};
use super::{Net, Precondition, shape};
use crate::denoise::Denoiser;
use crate::level::Level;
use crate::rng::{Noise, Stream};
use crate::special;

/// Steps over which the learning rate rises from 0.
pub const WARM_UP: u32 = 100;
/// Adam's decays and ε (Kingma & Ba 2015, algorithm 1).
pub const BETA: (f32, f32) = (0.9, 0.99);
/// See [`BETA`].
pub const EPSILON: f32 = 1e-8;
/// Largest decay of the average of the weights.
const AVERAGE: f32 = 0.999;

/// The state of a training, as plain data.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Number of completed steps.
    pub step: u32,
    /// The weights.
    pub weights: Vec<f32>,
    /// Adam's average of the gradient.
    pub momentum: Vec<f32>,
    /// Adam's average of the squared gradient.
    pub square: Vec<f32>,
    /// The exponential average of the weights, from which a network is made.
    pub average: Vec<f32>,
}

/// A training on the host.
#[derive(Debug, Clone)]
pub struct Trainer {
    recipe: Recipe,
    dim: usize,
    state: State,
    /// The draws of the current step that are done here, if it has begun.
    open: Option<Stretch>,
    /// The draws of the last step, for their buffers.
    spare: Option<Stretch>,
    /// The first draws of each step that others do, from the next step on.
    others: usize,
    /// Whether the weights of the current step are still to be sent to the others.
    unsent: bool,
}

/// The result of a part of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// What it has cost, in evaluations of the network; 0 where it waits for the sums of others.
    pub cost: usize,
    /// The loss of the step, if this part completed it.
    pub loss: Option<f64>,
}

impl Trainer {
    /// A training from its start, for data with `dim` coordinates.
    pub fn new(recipe: Recipe, dim: usize) -> Self {
        let state = State::start(&recipe, dim);
        Self::resume(recipe, dim, state)
    }

    /// A training that continues from a state.
    pub fn resume(recipe: Recipe, dim: usize, state: State) -> Self {
        Self {
            recipe,
            dim,
            state,
            open: None,
            spare: None,
            others: 0,
            unsent: false,
        }
    }

    /// The recipe.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The current state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether all steps are done.
    pub fn is_done(&self) -> bool {
        self.state.step >= self.recipe.steps
    }

    /// Does one step of Adam on fresh draws of `target`. Returns the loss of its batch (Karras et al. 2022, eq. 8),
    /// E (s²+σ_d²)/(s·σ_d)²·‖x̂ − x₀‖²/d = E ‖F − (x₀ − c_skip·u)/c_out‖²/d.
    /// It is 1 for an untrained network on data with standard deviation σ_d.
    ///
    /// Held by `src/net/tests.rs`: `training_approaches_the_exact_loss_and_the_exact_denoiser`.
    pub fn step(&mut self, target: &dyn Target) -> f64 {
        loop {
            if let Some(loss) = self.part(target, usize::MAX).loss {
                return loss;
            }
        }
    }

    /// Takes at most `draws` draws of the current step one stage further. The weights do not depend on how steps are split into
    /// parts.
    ///
    /// Held by `tests/training.rs`: `training_in_pieces_and_with_previews_is_training_at_once`.
    pub fn part(&mut self, target: &dyn Target, draws: usize) -> Part {
        self.begin();
        let mut part = Part {
            cost: 0,
            loss: None,
        };
        let Some(open) = &mut self.open else {
            return part;
        };
        part.cost = open.go_on(target, &self.state.weights, draws);
        let Some(sums) = open.take() else {
            return part;
        };
        let scale = 1.0 / (self.recipe.batch * self.dim) as f32;
        part.loss = Some(sums.loss * f64::from(scale));
        self.state.adam(&self.recipe, &sums.gradient);
        self.spare = self.open.take();
        part
    }

    /// Begins a step, unless one is under way.
    fn begin(&mut self) {
        if self.open.is_some() {
            return;
        }
        let spare = self.spare.take();
        let mut open = spare.unwrap_or_else(|| Stretch::new(self.recipe, self.dim));
        open.begin(self.state.step, self.others..self.recipe.batch);
        self.open = Some(open);
        self.unsent = self.others > 0;
    }

    /// From the next step on others do the first draws, so many, and give their sums to [`Trainer::receive`].
    ///
    /// Held by `tests/training.rs`: `several_workers_give_the_weights_of_one`.
    pub fn share(&mut self, others: usize) {
        self.others = others.min(self.recipe.batch.saturating_sub(1));
    }

    /// Once a step: its number and its weights, which the others need for its first draws. A step that is not begun is begun.
    pub fn orders(&mut self) -> Option<(u32, &[f32])> {
        if self.is_done() {
            return None;
        }
        self.begin();
        std::mem::take(&mut self.unsent).then_some((self.state.step, &self.state.weights[..]))
    }

    /// The sums of the first draws of a step, which others have done. Those of another step, or of one that is done here, are
    /// dropped.
    pub fn receive(&mut self, step: u32, sums: Sums) {
        if let Some(open) = self.open.as_mut().filter(|_| step == self.state.step) {
            open.receive(sums);
        }
    }

    /// All draws are done here from now on, those of the current step too.
    pub fn take_back(&mut self) {
        self.others = 0;
        self.unsent = false;
        if let Some(open) = &mut self.open {
            open.take_back();
        }
    }

    /// Whether others do a part of each step.
    pub fn is_shared(&self) -> bool {
        self.others > 0
    }

    /// Whether nothing can be done before the sums of others are there.
    pub fn awaits(&self) -> bool {
        self.open.as_ref().is_some_and(Stretch::awaits)
    }

    /// The network of the current averaged weights; `text` is the text of its recipe.
    pub fn network(&self, text: String) -> Net {
        let shape = shape(self.dim, self.recipe.width, self.recipe.depth);
        Net::of_weights(shape, self.state.average.clone(), text)
    }
}

/// The expected loss of [`Trainer::step`] for any denoiser at one noise ratio: the `i`-th of `levels` quantiles of the
/// ratios of training, where ln s has the given mean and standard deviation. The mean over all `i` is the expected loss
/// of the denoiser. For the exact denoiser it is a lower bound for every network.
///
/// Held by `src/net/tests.rs`: `training_approaches_the_exact_loss_and_the_exact_denoiser`.
pub fn expected_loss(
    denoiser: &dyn Denoiser,
    target: &dyn Target,
    [mean, deviation]: [f64; 2],
    (i, levels): (usize, usize),
    draws: usize,
) -> f64 {
    let dim = target.dim();
    let noise = Noise::new(0);
    let (mut x0, mut z) = (vec![0.0; draws * dim], vec![0.0; draws * dim]);
    let first = (i * draws) as u64;
    target.draw(&noise, Stream::Reference, first, &mut x0);
    noise.normals(Stream::TrainNoise, 1, first * dim as u64, &mut z);
    let at = special::quantile((i as f64 + 0.5) / levels as f64);
    let (least, most) = super::CLAMP;
    let s = libm::exp(mean + deviation * at).clamp(least, most);
    let x_t: Vec<f64> = x0.iter().zip(&z).map(|(x0, z)| x0 + s * z).collect();
    let level = Level {
        t: 0.5,
        alpha: 1.0,
        sigma: s,
    };
    let mut x_hat = vec![0.0; draws * dim];
    denoiser.at(&level).x_hat(&x_t, &mut x_hat);
    let gaps = x_hat.iter().zip(&x0).map(|(a, b)| (a - b) * (a - b));
    let out = Precondition::at(s).out;
    gaps.sum::<f64>() / (out * out * (draws * dim) as f64)
}

impl State {
    /// Its four lists, each as long as the weights.
    pub(super) fn lists(&self) -> [&[f32]; 4] {
        [&self.weights, &self.momentum, &self.square, &self.average]
    }

    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        let finite = |list: &[f32]| list.iter().all(|x| x.is_finite());
        self.lists().into_iter().all(finite)
    }

    /// Initial weights: N(0, 2/inputs) (He et al. 2015), but 0 in the last layer and in all biases, so that the first x̂
    /// is c_skip·u.
    fn start(recipe: &Recipe, dim: usize) -> Self {
        let shape = shape(dim, recipe.width, recipe.depth);
        let mut weights = vec![0.0; shape.len()];
        let noise = Noise::new(recipe.seed);
        for (i, layer) in shape.layers().iter().enumerate().take(recipe.depth) {
            let sd = (2.0 / layer.inputs as f64).sqrt();
            let rows = weights[layer.start..layer.bias()].chunks_mut(layer.stride);
            let mut z = vec![0.0; layer.outputs];
            for (r, row) in rows.enumerate() {
                let first = (r * layer.outputs) as u64;
                noise.normals(Stream::TrainStart, i as u32, first, &mut z);
                row.iter_mut()
                    .zip(&z)
                    .for_each(|(w, z)| *w = (sd * z) as f32);
            }
        }
        Self::of_weights(weights)
    }

    fn adam(&mut self, recipe: &Recipe, gradient: &[f32]) {
        self.apply(&AdamStep::of(recipe, self.step), gradient);
    }

    /// The state before the first step, with these weights.
    pub fn of_weights(weights: Vec<f32>) -> Self {
        Self {
            step: 0,
            momentum: vec![0.0; weights.len()],
            square: vec![0.0; weights.len()],
            average: weights.clone(),
            weights,
        }
    }

    /// One step of Adam.
    pub fn apply(&mut self, step: &AdamStep, gradient: &[f32]) {
        let AdamStep { rate, root, keep } = *step;
        self.step += 1;
        let moments = self.momentum.iter_mut().zip(&mut self.square);
        let weights = self.weights.iter_mut().zip(&mut self.average);
        for (((m, v), (w, a)), g) in moments.zip(weights).zip(gradient) {
            *m = BETA.0 * *m + (1.0 - BETA.0) * g;
            *v = BETA.1 * *v + (1.0 - BETA.1) * g * g;
            *w -= rate * *m / ((*v * root).sqrt() + EPSILON);
            *a = keep * *a + (1.0 - keep) * *w;
        }
    }
}

/// The factors of one step of Adam: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − rate·m/(√(root·v) + ε),
/// average ← keep·average + (1−keep)·w (Kingma & Ba 2015, algorithm 1; `rate` and `root` contain the bias corrections).
#[derive(Debug, Clone, Copy)]
pub struct AdamStep {
    /// Learning rate divided by 1 − β₁ᵗ.
    pub rate: f32,
    /// 1/(1 − β₂ᵗ).
    pub root: f32,
    /// Decay of the average of the weights.
    pub keep: f32,
}

impl AdamStep {
    /// The factors of step number `step`, counted from 0.
    pub fn of(recipe: &Recipe, step: u32) -> Self {
        // The average forgets early steps faster, because their weights are far from the final ones.
        let keep = AVERAGE.min((1.0 + step as f32) / (10.0 + step as f32));
        Self::with(step, rate(recipe, step), keep)
    }

    /// The factors of step number `step` for a learning rate and a decay of the average.
    pub fn with(step: u32, rate: f64, keep: f32) -> Self {
        let t = f64::from(step + 1);
        let power = |beta: f32| 1.0 - libm::pow(f64::from(beta), t);
        Self {
            rate: (rate / power(BETA.0)) as f32,
            root: (1.0 / power(BETA.1)) as f32,
            keep,
        }
    }
}

/// The learning rate of a step.
fn rate(recipe: &Recipe, step: u32) -> f64 {
    let warm = f64::from(step + 1) / f64::from(WARM_UP);
    let share = f64::from(step) / f64::from(recipe.steps);
    let cosine = 0.5 * (1.0 + libm::cos(std::f64::consts::PI * share));
    recipe.rate * warm.min(1.0) * cosine
}

#[cfg(test)]
/// The loss of the exact denoiser is not 0, because x_t does not determine the data. For normal data with standard
/// deviation `sd` it is the mean over s of sd²/σ_d²·(s²+σ_d²)/(sd²+s²), which is 1 at sd = σ_d.
pub(super) fn loss_of_normal_data(sd: f64) -> f64 {
    let (cells, span) = (2000, 8.0);
    let mut sum = 0.0;
    for i in 0..cells {
        let z = span * ((i as f64 + 0.5) / cells as f64 * 2.0 - 1.0);
        let s2 = libm::exp(2.0 * (LN_S[0] + LN_S[1] * z));
        let d2 = SIGMA_DATA * SIGMA_DATA;
        let weight = libm::exp(-0.5 * z * z) / (std::f64::consts::TAU).sqrt();
        sum += weight * sd * sd * (s2 + d2) / (d2 * (sd * sd + s2));
    }
    sum * 2.0 * span / cells as f64
}
