//! The draws of a step of a training in order, some of them here and some elsewhere, with the bits of one machine.
//!
//! The gradient of a step is a sum over its draws in their order. Every draw goes through the layers and back by itself,
//! which is two thirds of the work; only the sum has an order. So the draws are divided into stretches. All workers take
//! theirs through the layers at the same time; then the sums go from one stretch to the next, and each adds its draws. No
//! term and no order changes, so no bit does.
//!
//! Held by `tests/training.rs`: `several_workers_give_the_weights_of_one`.

use super::affine::GROUP;
use super::batch::{Batch, Recipe, Target};
use super::mlp::{Packed, Tape};
use super::shape;
use crate::rng::Noise;
use std::collections::VecDeque;
use std::ops::Range;

/// Largest number of draws that go through the layers together.
const PART: usize = 256;
/// Cost of a draw in evaluations of the network: its way through the layers and back, and its term of the sums.
const PASS: usize = 2;
const SUM: usize = 1;

/// The sums over the first draws of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    /// Of the squared gaps between outputs and wanted outputs.
    pub loss: f64,
    /// Of the gradients.
    pub gradient: Vec<f32>,
}

/// Divides the draws of a step among so many workers, in order; the last is the one that has the training. The sums reach a
/// worker when those before it have added theirs, so each has half as much again as the one before: its draws have gone
/// through the layers in the time in which the one before it does all of its work (2·b = 2·a + a). `extra` is what the last
/// does beside, in shares of its own work (2·b + extra·3·b = 3·a).
pub fn divide(batch: usize, workers: usize, extra: f64) -> Vec<Range<usize>> {
    let (pass, all) = (PASS as f64, (PASS + SUM) as f64);
    let mut weights = vec![1.0];
    for i in 1..workers.max(1) {
        let more = if i + 1 == workers { extra * all } else { 0.0 };
        weights.push(weights[i - 1] * all / (pass + more));
    }
    let total: f64 = weights.iter().sum();
    let (mut at, mut sum) = (0, 0.0);
    let ranges = weights.iter().map(|weight| {
        sum += weight;
        let end = (batch as f64 * sum / total).round() as usize;
        let range = at..end.clamp(at, batch);
        at = range.end;
        range
    });
    ranges.filter(|range| !range.is_empty()).collect()
}

/// Draws of a step that are done here.
#[derive(Debug, Clone)]
pub struct Stretch {
    recipe: Recipe,
    dim: usize,
    noise: Noise,
    step: u32,
    /// The weights of the step, once they are known.
    net: Option<Packed>,
    draws: Range<usize>,
    /// Draws that have not gone through the layers.
    left: VecDeque<Range<usize>>,
    /// Draws that have, but are not in the sums.
    passed: Vec<Passed>,
    spare: Vec<Passed>,
    /// The sums over all draws before `summed`, once they are known.
    sums: Option<Sums>,
    summed: usize,
}

/// Some draws that have gone through the layers and back.
#[derive(Debug, Clone, Default)]
struct Passed {
    draws: Range<usize>,
    squares: Vec<f32>,
    /// Of each [`GROUP`] of draws.
    tapes: Vec<Tape>,
}

impl Stretch {
    /// No draws.
    pub fn new(recipe: Recipe, dim: usize) -> Self {
        Self {
            noise: Noise::new(recipe.seed),
            recipe,
            dim,
            step: 0,
            net: None,
            draws: 0..0,
            left: VecDeque::new(),
            passed: vec![],
            spare: vec![],
            sums: None,
            summed: 0,
        }
    }

    /// Begins draws of a step.
    pub fn begin(&mut self, step: u32, draws: Range<usize>) {
        self.spare.append(&mut self.passed);
        self.step = step;
        self.net = None;
        self.summed = draws.start;
        self.sums = (draws.start == 0).then(|| self.nothing());
        self.left = VecDeque::from([draws.clone()]);
        self.draws = draws;
    }

    fn nothing(&self) -> Sums {
        let length = shape(self.dim, self.recipe.width, self.recipe.depth).len();
        Sums {
            loss: 0.0,
            gradient: vec![0.0; length],
        }
    }

    /// The sums over all draws before the first one here. They are not needed where they are known already.
    pub fn receive(&mut self, sums: Sums) {
        let length = self.nothing().gradient.len();
        if self.awaits_sums() && sums.gradient.len() == length {
            self.sums = Some(sums);
        }
    }

    /// The draws before the first one here are done here too, unless their sums are known.
    pub fn take_back(&mut self) {
        if self.awaits_sums() {
            self.left.push_front(0..self.draws.start);
            self.draws.start = 0;
            self.summed = 0;
            self.sums = Some(self.nothing());
        }
    }

    fn awaits_sums(&self) -> bool {
        self.sums.is_none() && self.summed < self.draws.end
    }

    /// Whether nothing can be done before the sums of the draws before are there.
    pub fn awaits(&self) -> bool {
        self.left.is_empty() && self.awaits_sums()
    }

    /// Takes at most `most` draws through the layers and back, or adds those of one such call to the sums. Returns the cost in
    /// evaluations of the network, 0 if there is nothing to do.
    pub fn go_on(&mut self, target: &dyn Target, weights: &[f32], most: usize) -> usize {
        if self.sums.is_some() {
            let next = |passed: &Passed| passed.draws.start == self.summed;
            if let Some(i) = self.passed.iter().position(next) {
                return self.sum(i);
            }
        }
        let Some(mut draws) = self.left.pop_front() else {
            return 0;
        };
        let end = draws.end.min(draws.start + most.clamp(1, PART));
        let rest = end..draws.end;
        if !rest.is_empty() {
            self.left.push_front(rest);
        }
        draws.end = end;
        let count = draws.len();
        self.pass(target, weights, draws);
        PASS * count
    }

    fn pass(&mut self, target: &dyn Target, weights: &[f32], draws: Range<usize>) {
        let Self { recipe, dim, .. } = *self;
        let first = u64::from(self.step) * recipe.batch as u64 + draws.start as u64;
        let batch = Batch::draw(target, &self.noise, recipe.ln_s, first, draws.len());
        let mut passed = self.spare.pop().unwrap_or_default();
        let shape = shape(dim, recipe.width, recipe.depth);
        let net = self.net.get_or_insert_with(|| Packed::new(&shape, weights));
        passed.squares.clear();
        let scale = 1.0 / (recipe.batch * dim) as f32;
        let groups = draws.len().div_ceil(GROUP);
        passed.tapes.resize_with(groups, Tape::for_gradients);
        let inputs = batch.inputs.chunks(GROUP * shape.inputs);
        let each = inputs.zip(batch.wanted.chunks(GROUP * dim));
        let mut seed = vec![];
        for (tape, (inputs, wanted)) in passed.tapes.iter_mut().zip(each) {
            seed.clear();
            for (f, wanted) in tape.taped(net, inputs).iter().zip(wanted) {
                let gap = f - wanted;
                passed.squares.push(gap * gap);
                seed.push(2.0 * gap * scale);
            }
            tape.descend(net, &seed);
        }
        passed.draws = draws;
        self.passed.push(passed);
    }

    fn sum(&mut self, i: usize) -> usize {
        let mut passed = self.passed.swap_remove(i);
        if let (Some(sums), Some(net)) = (&mut self.sums, &self.net) {
            for square in &passed.squares {
                sums.loss += f64::from(*square);
            }
            for tape in &mut passed.tapes {
                tape.collect(net, &mut sums.gradient);
            }
        }
        self.summed = passed.draws.end;
        let count = passed.draws.len();
        self.spare.push(passed);
        SUM * count
    }

    /// The sums over all draws up to the last one here, once.
    pub fn take(&mut self) -> Option<Sums> {
        match self.summed == self.draws.end {
            true => self.sums.take(),
            false => None,
        }
    }
}

/// One that does draws of each step for a training elsewhere.
#[derive(Debug, Clone)]
pub struct Helper {
    stretch: Stretch,
    weights: Vec<f32>,
    /// Whether a step is under way, and its number.
    open: bool,
    /// Sums that came before the weights of their step.
    early: Option<(u32, Sums)>,
}

impl Helper {
    /// For the training of a recipe, on data with `dim` coordinates.
    pub fn new(recipe: Recipe, dim: usize) -> Self {
        Self {
            stretch: Stretch::new(recipe, dim),
            weights: vec![],
            open: false,
            early: None,
        }
    }

    /// Begins draws of a step. One that is under way is given up. Returns whether there are as many weights as the network has.
    pub fn begin(&mut self, step: u32, draws: Range<usize>, weights: &[f32]) -> bool {
        self.open = weights.len() == self.stretch.nothing().gradient.len();
        self.weights.clear();
        self.weights.extend_from_slice(weights);
        self.stretch.begin(step, draws);
        if let Some((early, sums)) = self.early.take_if(|(early, _)| *early <= step)
            && early == step
        {
            self.stretch.receive(sums);
        }
        self.open
    }

    /// The sums of the draws before the own ones, of a step that is under way or comes next.
    pub fn receive(&mut self, step: u32, sums: Sums) {
        match self.open && step == self.stretch.step {
            true => self.stretch.receive(sums),
            false => self.early = Some((step, sums)),
        }
    }

    /// Whether nothing can be done before something comes.
    pub fn awaits(&self) -> bool {
        !self.open || self.stretch.awaits()
    }

    /// Does a part of the step, as [`Stretch::go_on`]. Returns its cost, and at the end the step and the sums for the next.
    pub fn go_on(&mut self, target: &dyn Target, most: usize) -> (usize, Option<(u32, Sums)>) {
        if self.awaits() {
            return (0, None);
        }
        let cost = self.stretch.go_on(target, &self.weights, most);
        let sums = self.stretch.take();
        self.open &= sums.is_none();
        (cost, sums.map(|sums| (self.stretch.step, sums)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_all_draws_in_order_and_grow() {
        for batch in [16, 128, 300, 2048] {
            for workers in [1, 2, 3, 8] {
                let parts = divide(batch, workers, 0.0);
                assert_eq!((parts[0].start, parts[parts.len() - 1].end), (0, batch));
                assert!(parts.windows(2).all(|two| two[0].end == two[1].start));
                assert!(parts.len() <= workers);
                // Half as much again as the one before, to rounding.
                for two in parts.windows(2) {
                    let wanted = 1.5 * two[0].len() as f64;
                    assert!((two[1].len() as f64 - wanted).abs() <= 2.0, "{parts:?}");
                }
            }
        }
        assert_eq!(divide(1000, 2, 0.0), [0..400, 400..1000]);
        // 2·b + ¼·3·b = 3·a.
        assert_eq!(divide(1000, 2, 0.25), [0..478, 478..1000]);
    }
}
