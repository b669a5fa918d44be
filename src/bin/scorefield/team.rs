//! Threads that do parts of each step of a training. The weights do not depend on how many there are.

use super::threads::cores;
use scorefield::labs;
use scorefield::labs::link::Values;
use scorefield::net::stretch::{Helper, Sums, divide};
use scorefield::net::{Recipe, Target, Trainer};
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, Scope};

/// Draws between two looks at what has come.
const PIECE: usize = 256;
/// A thread is worth the wait for it from this many multiplications of a step on: about 30 microseconds.
const WORTH: usize = 1 << 18;

/// A step and its weights.
type Orders = (u32, Arc<[f32]>);
/// A step and the sums over the draws before.
type Found = (u32, Sums);

/// The threads that do the first draws of each step of a training.
pub struct Team {
    orders: Vec<Sender<Orders>>,
    /// From the last of them.
    found: Option<Receiver<Found>>,
}

impl Team {
    /// Shares a training on a law out: on `most` threads at most, with this one, and as many as a step is worth.
    pub fn of<'scope>(
        scope: &'scope Scope<'scope, '_>,
        trainer: &mut Trainer,
        law: &Values,
        most: Option<usize>,
    ) -> Self {
        let recipe = *trainer.recipe();
        let worth = recipe.batch * trainer.state().weights.len() / WORTH;
        let most = most.unwrap_or_else(cores).min(worth).max(1);
        let mut parts = divide(recipe.batch, most, 0.0);
        let own = parts.pop().unwrap_or_default();
        let (mut orders, mut last) = (vec![], None);
        for draws in parts {
            let (weights, heard) = channel();
            let (sums, next) = channel();
            let before = last.replace(next);
            let law = law.clone();
            let work = move || do_draws(&law, recipe, draws, (&heard, before.as_ref()), &sums);
            // Where a thread does not start, no sums come, and all draws are done here.
            if Builder::new().spawn_scoped(scope, work).is_ok() {
                orders.push(weights);
            }
        }
        trainer.share(own.start);
        Self {
            orders,
            found: last,
        }
    }

    /// Threads, with this one.
    pub fn threads(&self) -> usize {
        1 + self.orders.len()
    }

    /// Does a step of Adam and returns its loss, as [`Trainer::step`].
    pub fn step(&self, trainer: &mut Trainer, target: &dyn Target) -> f64 {
        loop {
            self.deliver(trainer);
            if let Some(loss) = trainer.part(target, PIECE).loss {
                return loss;
            }
        }
    }

    /// Tells the others of a step that begins, and waits for their sums where nothing can be done without. Where one of them
    /// has ended early, all draws are done here.
    pub fn deliver(&self, trainer: &mut Trainer) {
        if let Some((step, weights)) = trainer.orders() {
            let weights: Arc<[f32]> = weights.into();
            for own in &self.orders {
                // A thread that has failed is found when its sums are awaited.
                let _ = own.send((step, weights.clone()));
            }
        }
        if trainer.awaits() {
            match self.found.as_ref().and_then(|found| found.recv().ok()) {
                Some((step, sums)) => trainer.receive(step, sums),
                None => trainer.take_back(),
            }
        }
    }
}

/// Does draws of each step, until nobody wants them any more or something breaks down.
fn do_draws(
    law: &Values,
    recipe: Recipe,
    draws: Range<usize>,
    (orders, before): (&Receiver<Orders>, Option<&Receiver<Found>>),
    out: &Sender<Found>,
) -> Option<()> {
    let law = labs::law(law).ok()?;
    let mut helper = Helper::new(recipe, law.dim());
    for (step, weights) in orders {
        if !helper.begin(step, draws.clone(), &weights) {
            return None;
        }
        loop {
            if helper.awaits() {
                let (step, sums) = before?.recv().ok()?;
                helper.receive(step, sums);
            }
            if let Some(found) = helper.go_on(law.target(), PIECE).1 {
                out.send(found).ok()?;
                break;
            }
        }
    }
    Some(())
}
