//! A link, compiled once: what is asked of it, and how its runs begin.

use super::preview::Preview;
use super::runner::{Engine, Runner};
use super::shared::Portion;
use super::table::PlanTable;
use super::task::{Args, Question, Task, find, unknown};
use super::weight::Weight;
use super::{Job, Learnable};
use crate::error::Error;
use crate::link::{LabKeys, Link, Side, Values};
use crate::net::Net;
use crate::sample::Share;
use std::rc::Rc;
use std::sync::Arc;

/// A compiled link. A side that cannot be made is the error of its own calls alone.
pub trait Experiment {
    /// What is exact and known before a run.
    ///
    /// # Errors
    /// If the side cannot be made, or there is none.
    fn scene(&self, side: Side) -> Result<Task, Error>;

    /// A question about what is exact.
    ///
    /// # Errors
    /// If the side cannot be made, or the question is none of the lab's.
    fn ask(&self, side: Side, question: &str, args: &Args) -> Result<Task, Error>;

    /// Whether everything that a run of a side needs is available.
    ///
    /// # Errors
    /// If the side cannot be made, or its network has not been loaded or trained.
    fn ready(&self, side: Side) -> Result<(), Error>;

    /// A run of a side.
    ///
    /// # Errors
    /// If the side cannot be made, its network is not at hand, or it does not run on this engine.
    fn run(&self, side: Side, engine: &Engine) -> Result<Box<dyn Runner>, Error>;

    /// A share of a run of a side on the host, which is seen at `levels` beside those of its frames: see
    /// [`super::Shareable::split`].
    ///
    /// # Errors
    /// If the side cannot be made, its network is not at hand, or its runs cannot be shared out.
    fn portion(
        &self,
        side: Side,
        share: &Share,
        levels: &[usize],
    ) -> Result<Box<dyn Portion>, Error>;

    /// The numbers at the end of a run of a side as a task of which parts are done for another one, that was asked of the run and
    /// has given this ([`Task::given`]). Its answer is nothing.
    ///
    /// # Errors
    /// If the side cannot be made, or its numbers cannot be shared out.
    fn numbers(&self, side: Side, given: Vec<f64>) -> Result<Task, Error>;

    /// What computes points for a picture of both sides.
    ///
    /// # Errors
    /// If the lab has none of this name, or a network is not at hand.
    fn job(&self, name: &str) -> Result<Box<dyn Job>, Error>;

    /// The plan of a side as a table.
    ///
    /// # Errors
    /// If the side cannot be made.
    fn plan(&self, side: Side) -> Result<PlanTable, Error>;

    /// A small run of a side with a network that is in training, which takes so many evaluations; none where the side
    /// asks no network, or is too large for a small run.
    ///
    /// # Errors
    /// If the side cannot be made.
    fn preview(&self, side: Side, net: Arc<Net>, all: u64) -> Result<Option<Preview>, Error>;

    /// The sides that could be made, to be weighed.
    fn weights(&self) -> Vec<&dyn Weight>;
}

/// One side of an experiment, compiled: what a lab brings.
pub trait Configured: Weight + Sized + 'static {
    /// What both sides share of the picture.
    type Shared;
    /// What can be asked.
    const QUESTIONS: &'static [Question];
    /// What computes points for a picture of both sides.
    const JOBS: &'static [&'static str];

    /// Compiles checked values.
    ///
    /// # Errors
    /// If a model cannot be made, or its guidance.
    fn open(values: &Values) -> Result<Self, Error>;

    /// What a picture of these sides shares.
    fn share(sides: &[&Self]) -> Self::Shared;

    /// See [`Experiment::scene`].
    fn scene(self: &Rc<Self>, shared: &Self::Shared) -> Task;

    /// One of [`Configured::QUESTIONS`], with all of its arguments.
    ///
    /// # Errors
    /// If an argument does not fit.
    fn ask(self: &Rc<Self>, shared: &Self::Shared, name: &str, args: &Args) -> Result<Task, Error>;

    /// See [`Experiment::ready`].
    ///
    /// # Errors
    /// If its network has not been loaded or trained.
    fn ready(&self) -> Result<(), Error>;

    /// A run of a side that is ready: see [`Experiment::run`].
    ///
    /// # Errors
    /// If it does not run on this engine.
    fn run(
        self: &Rc<Self>,
        shared: &Self::Shared,
        engine: &Engine,
    ) -> Result<Box<dyn Runner>, Error>;

    /// See [`Experiment::portion`]; none where runs cannot be shared out ([`Runner::shared`]).
    fn portion(self: &Rc<Self>, _: &Share, _levels: &[usize]) -> Option<Box<dyn Portion>> {
        None
    }

    /// See [`Experiment::numbers`]; none where they cannot be shared out.
    fn numbers(self: &Rc<Self>, _given: Vec<f64>) -> Option<Task> {
        None
    }

    /// One of [`Configured::JOBS`], of sides that are ready.
    ///
    /// # Errors
    /// If a side cannot be made.
    fn job(link: &Link, name: &str) -> Result<Box<dyn Job>, Error>;

    /// See [`Experiment::plan`].
    fn plan(&self) -> PlanTable;

    /// See [`Experiment::preview`].
    fn preview(&self, shared: &Self::Shared, net: Arc<Net>, all: u64) -> Option<Preview>;
}

/// A side by its letter.
pub(super) fn letter(side: Side) -> &'static str {
    match side {
        Side::A => "a",
        Side::B => "b",
    }
}

/// A lab: what it says of its keys, how its links are opened, and the law that its networks learn.
pub struct Record {
    /// What it says of its keys.
    pub keys: &'static LabKeys,
    /// Compiles both sides of a link, with what they share.
    pub open: fn(&Link) -> Result<Box<dyn Experiment>, Error>,
    /// The law of the data that a configuration names.
    pub law: Law,
}

/// The law of the data that a configuration names.
type Law = fn(&Values) -> Result<Box<dyn Learnable>, Error>;

impl Record {
    /// A lab whose sides are `L`. A build without the package of the lab has its keys only: no code is compiled for what
    /// stands in no table.
    pub const fn of<L: Configured>(keys: &'static LabKeys, law: Law) -> Self {
        if keys.package.is_here() {
            let open = Sides::<L>::open;
            return Self { keys, open, law };
        }
        Self {
            keys,
            open: |link| Err(elsewhere(&link.a)),
            law: |values| Err(elsewhere(values)),
        }
    }
}

/// The error of a lab that another package has.
fn elsewhere(values: &Values) -> Error {
    let (label, package) = values
        .lab()
        .map_or(("", ""), |lab| (lab.said.label, lab.package.name()));
    Error::Engine {
        reason: format!(
            "The lab “{label}” is computed by the package `{package}`, not by this one."
        ),
        remedy: String::new(),
    }
}

/// The sides of a link in one lab.
struct Sides<L: Configured> {
    link: Link,
    a: Result<Rc<L>, Error>,
    b: Option<Result<Rc<L>, Error>>,
    shared: L::Shared,
}

impl<L: Configured> Sides<L> {
    /// Compiles both sides of a link, with what they share.
    pub fn open(link: &Link) -> Result<Box<dyn Experiment>, Error> {
        let a = L::open(&link.a).map(Rc::new);
        let b = link.b.as_ref().map(|values| L::open(values).map(Rc::new));
        let made = [Some(&a), b.as_ref()].into_iter().flatten();
        let made: Vec<&L> = made.filter_map(|side| side.as_deref().ok()).collect();
        let shared = L::share(&made);
        let link = link.clone();
        Ok(Box::new(Self { link, a, b, shared }))
    }

    fn side(&self, side: Side) -> Result<&Rc<L>, Error> {
        let own = match side {
            Side::A => &self.a,
            Side::B => self.b.as_ref().ok_or_else(|| Error::Engine {
                reason: "This link compares nothing: it has side a only.".to_owned(),
                remedy: "Open a comparison.".to_owned(),
            })?,
        };
        own.as_ref().map_err(Clone::clone)
    }
}

impl<L: Configured> Experiment for Sides<L> {
    fn scene(&self, side: Side) -> Result<Task, Error> {
        Ok(self.side(side)?.scene(&self.shared))
    }

    fn ask(&self, side: Side, question: &str, args: &Args) -> Result<Task, Error> {
        let name = find(L::QUESTIONS, question, args)?;
        self.side(side)?.ask(&self.shared, name, args)
    }

    fn ready(&self, side: Side) -> Result<(), Error> {
        self.side(side)?.ready()
    }

    fn run(&self, side: Side, engine: &Engine) -> Result<Box<dyn Runner>, Error> {
        self.ready(side)?;
        self.side(side)?.run(&self.shared, engine)
    }

    fn portion(
        &self,
        side: Side,
        share: &Share,
        levels: &[usize],
    ) -> Result<Box<dyn Portion>, Error> {
        self.ready(side)?;
        let own = self.side(side)?.portion(share, levels);
        own.ok_or_else(|| Error::Unsupported {
            reason: "The particles of this run do not go alone, so it cannot be shared out."
                .to_owned(),
        })
    }

    fn numbers(&self, side: Side, given: Vec<f64>) -> Result<Task, Error> {
        let own = self.side(side)?.numbers(given);
        own.ok_or_else(|| Error::Unsupported {
            reason: "The numbers of this run are computed in one go, so they cannot be shared out."
                .to_owned(),
        })
    }

    fn job(&self, name: &str) -> Result<Box<dyn Job>, Error> {
        if !L::JOBS.contains(&name) {
            return Err(unknown("job", name, L::JOBS));
        }
        self.ready(Side::A)?;
        if self.b.is_some() {
            self.ready(Side::B)?;
        }
        L::job(&self.link, name)
    }

    fn plan(&self, side: Side) -> Result<PlanTable, Error> {
        Ok(self.side(side)?.plan())
    }

    fn preview(&self, side: Side, net: Arc<Net>, all: u64) -> Result<Option<Preview>, Error> {
        Ok(self.side(side)?.preview(&self.shared, net, all))
    }

    fn weights(&self) -> Vec<&dyn Weight> {
        let sides = [Some(&self.a), self.b.as_ref()].into_iter().flatten();
        let made = sides.filter_map(|side| side.as_deref().ok());
        made.map(|lab| lab as &dyn Weight).collect()
    }
}

#[cfg(test)]
mod tests;
