//! Threads that do parts of each step of a training. The weights do not depend on how many there are.

use super::course::{self, Course, Trained};
use super::failure::Failure;
use super::threads::{Threads, with_threads};
use scorefield::error::Error;
use scorefield::labs;
use scorefield::labs::link::Values;
use scorefield::net::stretch::{Helper, Sums, divide};
use scorefield::net::{Recipe, State, Target, Trainer};
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Draws between two looks at what has come.
const PIECE: usize = 256;
/// A thread is worth the wait for it from this many multiplications of a step on: about 30 microseconds.
const WORTH: usize = 1 << 18;

/// A step and its weights.
type Orders = (u32, Arc<[f32]>);
/// A step and the sums over the draws before.
type Found = (u32, Sums);

/// The training of a perceptron on a law, with the threads that do the first draws of each step.
pub struct OnLaw<'t, 'scope, 'env: 'scope> {
    trainer: &'t mut Trainer,
    target: &'t dyn Target,
    threads: &'t Threads<'scope, 'env>,
    orders: Vec<Sender<Orders>>,
    /// From the last of them.
    found: Option<Receiver<Found>>,
}

impl<'t, 'scope, 'env> OnLaw<'t, 'scope, 'env> {
    /// Shares a training out, whose law has these values: on `most` threads at most, with this one, and as many as a step is worth.
    pub fn new(
        threads: &'t Threads<'scope, 'env>,
        trainer: &'t mut Trainer,
        target: &'t dyn Target,
        law: &Values,
        most: usize,
    ) -> Self {
        let recipe = *trainer.recipe();
        let worth = recipe.batch * trainer.state().weights.len() / WORTH;
        let mut parts = divide(recipe.batch, most.min(worth).max(1), 0.0);
        let own = parts.pop().unwrap_or_default();
        let (mut orders, mut last) = (vec![], None);
        for draws in parts {
            let (weights, heard) = channel();
            let (sums, next) = channel();
            let before = last.replace(next);
            let law = law.clone();
            let work = move || do_draws(&law, recipe, draws, (&heard, before.as_ref()), &sums);
            // Where a thread does not start, no sums come, and all draws are done here.
            if threads.start(work) {
                orders.push(weights);
            }
        }
        trainer.share(own.start);
        Self {
            trainer,
            target,
            threads,
            orders,
            found: last,
        }
    }

    /// Threads, with this one.
    pub fn threads(&self) -> usize {
        1 + self.orders.len()
    }

    /// Tells the others of a step that begins, and waits for their sums where nothing can be done without. Where one of them
    /// has ended early, all draws are done here.
    fn deliver(&mut self) {
        let Self {
            trainer,
            orders,
            found,
            ..
        } = self;
        if let Some((step, weights)) = trainer.orders() {
            let weights: Arc<[f32]> = weights.into();
            for own in orders {
                // A thread that has ended is found when its sums are awaited.
                let _ = own.send((step, weights.clone()));
            }
        }
        if trainer.awaits() {
            match found.as_ref().and_then(|found| found.recv().ok()) {
                Some((step, sums)) => trainer.receive(step, sums),
                None => trainer.take_back(),
            }
        }
    }
}

impl Course for OnLaw<'_, '_, '_> {
    fn step(&mut self) -> Result<f64, Error> {
        loop {
            self.deliver();
            if let Some(loss) = self.trainer.part(self.target, PIECE).loss {
                self.threads.check()?;
                return match loss.is_finite() {
                    true => Ok(loss),
                    false => Err(Error::Diverged),
                };
            }
        }
    }

    fn state(&self) -> &State {
        self.trainer.state()
    }
}

/// Trains up to `steps`, on `most` threads at most; the progress says `what` is trained. Returns the steps, and how many threads there
/// were.
///
/// # Errors
/// If the training diverges, or a thread breaks down.
pub fn finish(
    trainer: &mut Trainer,
    target: &dyn Target,
    law: &Values,
    most: usize,
    (steps, what): (u32, &str),
) -> Result<(Trained, usize), Failure> {
    with_threads(|threads| {
        let mut own = OnLaw::new(threads, trainer, target, law, most);
        let count = own.threads();
        Ok((course::run(&mut own, steps, what, &|_| Ok(()))?, count))
    })
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
