//! The training of a link's network in pieces, with small runs of the link's plan meanwhile.

use super::Learnable;
use super::experiment::Experiment;
use super::preview::Preview;
use super::record::Frames;
use super::registry::law;
use super::setup::order;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::link::{Side, Values};
use crate::net::stretch::{Helper, Sums, divide};
use crate::net::trained::{self, Order};
use crate::net::{Net, Trainer, expected_loss, recipe, shape};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// Approximate cost of the two passes of a draw, in evaluations of the network.
const DRAW: u64 = 3;
/// Previews get one evaluation for this many evaluations of the training.
const SHARE: u64 = 4;
/// The step of the first preview. Before, the network knows nothing.
const FIRST: u32 = 20;
/// Noise ratios, and draws at each, for the loss of the exact denoiser: to about 1 %.
const FLOOR: (usize, usize) = (64, 512);
/// Number of steps in the running mean of the loss, and the share of the training that is used if it is larger.
const WINDOW: (f64, f64) = (50.0, 0.05);

/// Largest number of steps queued on a device between two reads.
#[cfg(feature = "tensor")]
const QUEUE: u64 = 8;

/// While the sums of others are awaited, a piece of a preview has a share of the draws of a step.
const BRIEF: u64 = 4;
/// Previews are late at this share of what is due.
const LATE: u64 = 2;

/// A training in progress.
pub struct Training {
    order: Order,
    law: Box<dyn Learnable>,
    trainer: Steps,
    /// The running mean of the loss, without and with the correction of its start.
    mean: f64,
    loss: f64,
    /// Number of steps in the running mean.
    seen: u32,
    /// The loss of the exact denoiser: number of finished noise ratios, and their sum.
    floor: (usize, f64),
    fresh: Vec<f32>,
    /// The views of the previews, which take turns; and the next one.
    views: Vec<(Rc<dyn Experiment>, Side)>,
    turn: usize,
    preview: Option<(usize, Preview)>,
    ready: Option<(usize, Frames)>,
    /// Evaluations of the training and of previews, and the units of work of an evaluation.
    spent: [u64; 2],
    price: u64,
    /// Whether the last piece ended because there was nothing to do.
    idle: bool,
}

/// What others do of a training.
enum Others {
    /// Nothing.
    None,
    /// The first draws of each step.
    Shared,
    /// These, and nothing of the step can be done here before their sums come.
    Busy,
}

/// The executor of the steps.
enum Steps {
    Host(Box<Trainer>),
    /// A tensor device, with the network as last read from it.
    #[cfg(feature = "tensor")]
    Device(Box<crate::tensor::TensorTrainer>, Box<Net>),
}

impl Steps {
    fn done(&self) -> u32 {
        match self {
            Steps::Host(trainer) => trainer.state().step,
            #[cfg(feature = "tensor")]
            Steps::Device(trainer, _) => trainer.steps_done(),
        }
    }

    fn network(&self, text: String) -> Net {
        match self {
            Steps::Host(trainer) => trainer.network(text),
            #[cfg(feature = "tensor")]
            Steps::Device(_, net) => net.with_recipe(text),
        }
    }
}

impl Training {
    /// The training of checked values; `None` if they need none.
    pub fn new(values: &Values) -> Option<Self> {
        let order = order(values)?;
        // An order always has a law.
        let law = law(values).ok()?;
        let trainer = Trainer::new(order.recipe, law.dim());
        Some(Self::with(order, law, Steps::Host(Box::new(trainer))))
    }

    /// As [`Training::new`], with the steps on `device` in f32. The draws are the same, the sums are not, so the
    /// weights differ from those of the host in the last bits.
    #[cfg(feature = "tensor")]
    pub fn on_device(values: &Values, device: crate::tensor::Device) -> Option<Self> {
        let order = order(values)?;
        // An order always has a law.
        let law = law(values).ok()?;
        let (recipe, dim) = (order.recipe, law.dim());
        let start = Trainer::new(recipe, dim).network(String::new());
        let trainer =
            crate::tensor::TensorTrainer::new(recipe, dim, device, crate::tensor::DType::F32);
        let steps = Steps::Device(Box::new(trainer), Box::new(start));
        Some(Self::with(order, law, steps))
    }

    fn with(order: Order, law: Box<dyn Learnable>, trainer: Steps) -> Self {
        let price = trainer.network(String::new()).price() as u64;
        Self {
            floor: (0, 0.0),
            order,
            law,
            trainer,
            mean: 0.0,
            loss: 1.0,
            seen: 0,
            fresh: vec![],
            views: vec![],
            turn: 0,
            preview: None,
            ready: None,
            spent: [0, 0],
            price,
            idle: false,
        }
    }

    /// The law and the recipe.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Number of completed steps.
    pub fn step(&self) -> u32 {
        self.trainer.done()
    }

    /// The running mean of the loss; 1 before the first step.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The loss of the exact denoiser, which is the minimum: x_t does not determine x₀. NaN before the first step.
    pub fn floor(&self) -> f64 {
        match self.floor {
            (done, sum) if done == FLOOR.0 => sum / FLOOR.0 as f64,
            _ => f64::NAN,
        }
    }

    /// Whether all steps are done.
    pub fn is_done(&self) -> bool {
        self.step() >= self.order.recipe.steps
    }

    /// The views of the previews from now on, which take turns. A running preview is dropped.
    pub fn aim(&mut self, views: Vec<(Rc<dyn Experiment>, Side)>) {
        self.views = views;
        self.preview = None;
        self.ready = None;
    }

    /// Does about `work` units ([`Denoiser::price`]), on the training and on previews. Returns whether the training is
    /// done. The weights depend neither on the pieces nor on previews. A training that is shared out ends a piece with the
    /// step, and where it waits for others and has nothing to do meanwhile.
    pub fn advance(&mut self, work: usize) -> bool {
        let evaluations = (work as u64 / self.price).max(1);
        let stop = self.spent[0] + self.spent[1] + evaluations;
        self.idle = false;
        while !self.is_done() {
            let left = stop.saturating_sub(self.spent[0] + self.spent[1]).max(1);
            match self.others() {
                Others::None => _ = self.beside(left, 1) || self.train(left),
                Others::Busy => {
                    // Their sums are to be used soon after they come.
                    let short = left.min(self.order.recipe.batch as u64 / BRIEF + 1);
                    if !self.beside(short, 1) {
                        self.idle = true;
                        break;
                    }
                }
                // Previews can wait until the others are waited for, but not for ever.
                Others::Shared => {
                    let step = self.step();
                    _ = self.beside(left, LATE) || self.train(left);
                    if self.step() > step {
                        break;
                    }
                }
            }
            if self.spent[0] + self.spent[1] >= stop {
                break;
            }
        }
        self.is_done()
    }

    /// What others do of it.
    fn others(&mut self) -> Others {
        match self.host() {
            Some(trainer) if trainer.awaits() => Others::Busy,
            Some(trainer) if trainer.is_shared() => Others::Shared,
            _ => Others::None,
        }
    }

    /// The steps, if they are on the host.
    pub fn host(&mut self) -> Option<&mut Trainer> {
        match &mut self.trainer {
            Steps::Host(trainer) => Some(trainer),
            #[cfg(feature = "tensor")]
            Steps::Device(..) => None,
        }
    }

    /// Divides the draws of each step among so many workers, in order. The last part stays here, and the others are done
    /// elsewhere from the next step on; none where the training cannot be shared out.
    pub fn split(&mut self, workers: usize) -> Vec<Range<usize>> {
        let previews = match self.views.is_empty() {
            true => 0.0,
            false => 1.0 / SHARE as f64,
        };
        let parts = divide(self.order.recipe.batch, workers, previews);
        let (Some(trainer), Some(own)) = (self.host(), parts.last()) else {
            return vec![];
        };
        trainer.share(own.start);
        parts
    }

    /// Whether nothing can be done before others have gone on.
    pub fn awaits(&mut self) -> bool {
        self.idle && matches!(self.others(), Others::Busy)
    }

    /// What it has done, in units of work.
    pub fn work(&self) -> u64 {
        (self.spent[0] + self.spent[1]) * self.price
    }

    /// As [`Training::advance`], with the steps on the device: about `work` evaluations of the network. It ends with a
    /// read of the device.
    ///
    /// # Errors
    /// If the device was lost.
    #[cfg(feature = "tensor")]
    pub async fn advance_on_device(&mut self, work: usize) -> Result<bool, Error> {
        let stop = self.spent[0] + self.spent[1] + work as u64;
        while !self.is_done() && self.spent[0] + self.spent[1] < stop {
            let left = stop.saturating_sub(self.spent[0] + self.spent[1]).max(1);
            if self.beside(left, 1) {
                continue;
            }
            let draws = self.order.recipe.batch as u64 * DRAW;
            let Steps::Device(trainer, net) = &mut self.trainer else {
                return Ok(self.advance(work));
            };
            let mut queued = 0;
            while queued < QUEUE && queued * draws < left && !trainer.is_done() {
                trainer.step(self.law.target());
                queued += 1;
            }
            // One read for several steps: the queue of the device has no back-pressure of its own.
            let loss = trainer.loss().await?;
            **net = trainer.network(String::new()).await?;
            self.spent[0] += queued * draws;
            for _ in 0..queued {
                self.note(loss.unwrap_or(f64::NAN));
            }
        }
        Ok(self.is_done())
    }

    /// Does a piece of the work besides the steps: first the loss of the exact denoiser, then previews when they are
    /// due, or so many times late. Returns whether there was any.
    fn beside(&mut self, work: u64, late: u64) -> bool {
        let (done, sum) = self.floor;
        if done < FLOOR.0 {
            let (exact, target) = (self.law.exact(), self.law.target());
            let ln_s = self.order.recipe.ln_s;
            let loss = expected_loss(exact, target, ln_s, (done, FLOOR.0), FLOOR.1);
            self.floor = (done + 1, sum + loss);
            self.spent[0] += FLOOR.1 as u64;
            return true;
        }
        let due = self.spent[1] * SHARE * late < self.spent[0] && self.step() >= FIRST;
        due && self.look(work)
    }

    fn train(&mut self, work: u64) -> bool {
        let draws = work.div_ceil(DRAW).min(self.order.recipe.batch as u64);
        #[cfg(feature = "tensor")]
        let Steps::Host(trainer) = &mut self.trainer else {
            return false;
        };
        #[cfg(not(feature = "tensor"))]
        let Steps::Host(trainer) = &mut self.trainer;
        let part = trainer.part(self.law.target(), draws as usize);
        self.spent[0] += part.cost as u64;
        if let Some(loss) = part.loss {
            self.note(loss);
        }
        true
    }

    /// Adds the loss of a step to the running mean.
    fn note(&mut self, loss: f64) {
        let keep = 1.0 - 1.0 / WINDOW.0.max(WINDOW.1 * f64::from(self.order.recipe.steps));
        self.mean = keep * self.mean + (1.0 - keep) * loss;
        self.seen += 1;
        let share = 1.0 - libm::pow(keep, f64::from(self.seen));
        self.loss = self.mean / share;
        self.fresh.push(self.loss as f32);
    }

    /// Does a piece of a preview. Returns whether there was any.
    fn look(&mut self, work: u64) -> bool {
        if self.preview.is_none() && self.ready.is_none() {
            let turn = self.turn % self.views.len().max(1);
            let net = Arc::new(self.trainer.network(String::new()));
            let Some((view, side)) = self.views.get(turn) else {
                return false;
            };
            let Order { recipe, .. } = &self.order;
            let all = u64::from(recipe.steps) * recipe.batch as u64 * DRAW;
            let preview = view.preview(*side, net, all).ok().flatten();
            self.preview = preview.map(|p| (turn, p));
            self.turn = turn + 1;
        }
        let Some((turn, preview)) = &mut self.preview else {
            return false;
        };
        let Some((done, cost)) = preview.advance(work) else {
            // Guidance failed with a network that knows too little. The next preview may work.
            self.spent[1] += self.spent[0] / SHARE;
            self.preview = None;
            return true;
        };
        self.spent[1] += cost.max(1);
        if done {
            self.ready = preview.take().map(|frames| (*turn, frames));
            self.preview = None;
        }
        true
    }

    /// The running mean of the loss at each step since the last call.
    pub fn take_losses(&mut self) -> Vec<f32> {
        std::mem::take(&mut self.fresh)
    }

    /// All frames of the latest preview, with the number of its view. Each preview is returned once.
    pub fn take_preview(&mut self) -> Option<(usize, Frames)> {
        self.ready.take()
    }

    /// The network of the current averaged weights. Its text names the step if the training was stopped.
    pub fn network(&self) -> Net {
        let Order { law, recipe } = &self.order;
        self.trainer.network(match self.is_done() {
            true => self.order.text(),
            false => recipe::write_stopped(law, recipe, self.step()),
        })
    }

    /// Checks that the training has not diverged. Callers check after each piece of work.
    ///
    /// # Errors
    /// If the loss is no longer a finite number.
    pub fn check(&self) -> Result<(), Error> {
        match self.loss.is_finite() {
            true => Ok(()),
            false => Err(Error::Diverged),
        }
    }

    /// Adds the current network to the trained networks.
    ///
    /// # Errors
    /// If a weight is not a finite number. The earlier network then stays.
    pub fn finish(&self) -> Result<(), Error> {
        let net = self.network();
        net.finite()?;
        let stopped = (!self.is_done()).then(|| self.step());
        trained::add(&self.order, net, stopped);
        Ok(())
    }
}

/// A part of each step of a training that another worker has.
pub struct TrainingPart {
    law: Box<dyn Learnable>,
    helper: Helper,
    price: u64,
}

impl TrainingPart {
    /// Of the training of checked values; `None` if they need none.
    pub fn new(values: &Values) -> Option<Self> {
        let recipe = order(values)?.recipe;
        // An order always has a law.
        let law = law(values).ok()?;
        let price = shape(law.dim(), recipe.width, recipe.depth).price() as u64;
        Some(Self {
            helper: Helper::new(recipe, law.dim()),
            law,
            price,
        })
    }

    /// What it is told, and what it waits for.
    pub fn helper(&mut self) -> &mut Helper {
        &mut self.helper
    }

    /// Does about `work` units of its step, and at most to its end. Returns what it has done, and at the end the step and the sums.
    pub fn advance(&mut self, work: usize) -> (u64, Option<(u32, Sums)>) {
        let stop = (work as u64 / self.price).max(1);
        let mut spent = 0;
        while spent < stop {
            let draws = (stop - spent).div_ceil(DRAW) as usize;
            let (cost, sums) = self.helper.go_on(self.law.target(), draws);
            spent += cost as u64;
            if cost == 0 || sums.is_some() {
                return (spent * self.price, sums);
            }
        }
        (spent * self.price, None)
    }
}

/// What a link's training is called.
pub fn training_in_words(v: &Values) -> Option<String> {
    let recipe = order(v)?.recipe;
    Some(format!(
        "a {} × {} network on {}",
        recipe.depth,
        recipe.width,
        (v.lab()?.in_words)(v)?
    ))
}
