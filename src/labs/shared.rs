//! A run whose particles are shared out: each share is moved by whoever has compiled the same link, and the run joins them.

use super::lab::Lab;
use crate::error::Error;
use crate::sample::{Executor, Joined, Landing, Mover, Share};
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

/// A run whose particles go alone, so that it can be shared out.
///
/// Held by `tests/shares.rs`: `shares_of_any_number_give_the_bits_of_the_whole_run`,
/// `a_share_that_is_taken_back_gives_the_same_bits`, `runs_whose_particles_go_alone_can_be_shared`.
pub trait Shareable {
    /// Divides the particles into `parts` shares at most. Each goes from its start again, so early is best. All are moved here
    /// until they are handed over. The run is seen at `levels` beside those of its frames. Who has the run records them, so the
    /// first share is smaller, by the part that they have in the `price` of the run in units. Returns the shares; one is the whole
    /// run, undivided.
    fn split(&mut self, parts: usize, levels: &[usize], price: f64) -> Vec<Share>;

    /// A share is moved elsewhere from now on, from its start: see [`Portion`].
    fn hand_over(&mut self, part: usize);

    /// A share is moved here again, from its start.
    fn take_back(&mut self, part: usize);

    /// What a share has reached elsewhere. What it had reached before is ignored.
    fn receive(&mut self, part: usize, landing: Landing);

    /// Whether more states of a share may be received: one that is faster than the others waits for them.
    fn has_room(&self, part: usize) -> bool;

    /// The share elsewhere without which nothing can be done here.
    fn awaits(&self) -> Option<usize>;

    /// Levels that all shares have reached.
    fn joined(&self) -> usize;

    /// The level of the last state of a share.
    fn last(&self) -> usize;

    /// What those elsewhere need to go on, for all of them, once; none where a share goes alone from start to end.
    fn gives(&mut self) -> Option<State> {
        None
    }
}

/// All particles of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The step that they have reached; of a filter, the cycle.
    pub step: usize,
    /// `[n × dim]`.
    pub x: Vec<f64>,
}

/// A share of a run that is moved on its own.
pub trait Portion {
    /// Does about `work` units ([`crate::denoise::Denoiser::price`]), or one particle. Returns the state, if it has reached
    /// a level that the run is seen at.
    fn advance(&mut self, work: usize) -> Option<Landing>;

    /// Whether it can go on only once it has received what the run gives ([`Shareable::gives`]).
    fn awaits(&self) -> bool {
        false
    }

    /// The particles of all shares, where they need each other.
    fn receive(&mut self, _all: &State) {}

    /// Units of work so far.
    fn work(&self) -> u64;

    /// Whether it has reached the end.
    fn is_done(&self) -> bool;

    /// Whether all that was done so far is a result; asked after each piece of work.
    ///
    /// # Errors
    /// What broke down.
    fn check(&self) -> Result<(), Error>;
}

/// What moves the particles of a run.
pub(super) enum Moved {
    /// The host loop, all together.
    Host(Box<dyn Executor>),
    /// The host loop, in shares.
    Shares(Joined),
    /// A device.
    #[cfg(feature = "tensor")]
    Device(Box<dyn Executor>),
}

impl Deref for Moved {
    type Target = dyn Executor;

    fn deref(&self) -> &Self::Target {
        match self {
            Moved::Host(own) => own.as_ref(),
            Moved::Shares(own) => own,
            #[cfg(feature = "tensor")]
            Moved::Device(own) => own.as_ref(),
        }
    }
}

impl DerefMut for Moved {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Moved::Host(own) => own.as_mut(),
            Moved::Shares(own) => own,
            #[cfg(feature = "tensor")]
            Moved::Device(own) => own.as_mut(),
        }
    }
}

impl Moved {
    /// The shares, if there are some.
    pub fn shares(&self) -> Option<&Joined> {
        match self {
            Moved::Shares(own) => Some(own),
            Moved::Host(_) => None,
            #[cfg(feature = "tensor")]
            Moved::Device(_) => None,
        }
    }

    /// As [`Moved::shares`].
    pub fn shares_mut(&mut self) -> Option<&mut Joined> {
        match self {
            Moved::Shares(own) => Some(own),
            Moved::Host(_) => None,
            #[cfg(feature = "tensor")]
            Moved::Device(_) => None,
        }
    }
}

/// The levels of a run's frames, and others.
pub(super) fn seen<L: Lab>(lab: &L, levels: &[usize]) -> Vec<usize> {
    let mut all = lab.setup().shown_levels();
    all.extend(levels);
    all.sort_unstable();
    all.dedup();
    all
}

/// A share of a run that follows a plan.
pub(super) struct Part<L: Lab> {
    lab: Rc<L>,
    mover: Mover,
    levels: Vec<usize>,
}

impl<L: Lab> Part<L> {
    /// A share before its start; `levels` as in [`Shareable::split`].
    pub fn new(lab: Rc<L>, share: &Share, levels: &[usize]) -> Self {
        Self {
            mover: Mover::new(lab.start(share)),
            levels: seen(lab.as_ref(), levels),
            lab,
        }
    }
}

impl<L: Lab> Portion for Part<L> {
    fn advance(&mut self, work: usize) -> Option<Landing> {
        let stop = self.work() + work.max(1) as u64;
        let plan = &self.lab.setup().plan;
        let denoiser = self.lab.denoiser();
        while !self.is_done() {
            let (before, left) = (self.work(), stop.saturating_sub(self.work()));
            if left == 0 {
                break;
            }
            let landing = self
                .mover
                .advance(plan, denoiser, &self.levels, left as usize);
            if landing.is_some() || self.work() == before {
                return landing;
            }
        }
        None
    }

    fn work(&self) -> u64 {
        self.mover.spent(&self.lab.setup().plan).work
    }

    fn is_done(&self) -> bool {
        self.mover.is_done()
    }

    fn check(&self) -> Result<(), Error> {
        self.mover.check()
    }
}
