//! A computation in pieces, whose answer comes at its end.

use super::deal::{Deal, Runs};
use crate::answer::Answer;
use crate::error::Error;

/// A computation in pieces.
pub struct Task {
    parts: Box<dyn Parts>,
    answer: Option<Box<dyn Answer>>,
    work: u64,
}

/// What a task does: parts that are not cut any further.
trait Parts {
    /// Does the next part.
    fn next(&mut self) -> Result<Next, Error>;

    /// The work of all parts in units, about.
    fn price(&self) -> u64;

    /// See [`Task::given`].
    fn given(&self) -> &[f64];

    /// See [`Task::runs`].
    fn runs(&mut self) -> Option<&mut dyn Runs>;

    /// What they make; asked once, at the end.
    fn end(&mut self) -> Result<Box<dyn Answer>, Error>;
}

/// What became of the next part.
enum Next {
    /// It is done, and took so many units.
    Took(usize),
    /// All that are left are done elsewhere.
    Waits,
    /// All are done.
    Over,
}

/// One part of a stage: what it works on, and its number.
type Part<S> = Box<dyn FnMut(&mut S, usize) -> Result<(), Error>>;
/// What all stages together make.
type End<S> = Box<dyn FnOnce(S) -> Result<Box<dyn Answer>, Error>>;

/// Parts of one kind.
struct Stage<S> {
    /// The work of each part, in units ([`crate::denoise::Denoiser::price`]), about.
    costs: Vec<usize>,
    part: Part<S>,
}

/// What a part finds, and what is made of it.
type Find<S> = Box<dyn Fn(&S, usize) -> Vec<f64>>;
type Note<S> = Box<dyn FnMut(&mut S, usize, &[f64])>;

/// Parts that do not need each other: each finds some numbers, here or elsewhere, which are noted in the order of the parts.
struct Apart<S> {
    given: fn(&S) -> &[f64],
    /// The work of each part in units, about, and the numbers that it finds.
    parts: Vec<(usize, usize)>,
    find: Find<S>,
    note: Note<S>,
    deal: Deal,
}

/// A task that is being put together: stages of parts on one state, done in their order.
pub struct Stages<S> {
    state: Option<S>,
    stages: Vec<Stage<S>>,
    /// The stage and the part of it that are next.
    next: (usize, usize),
    apart: Option<Apart<S>>,
    end: Option<End<S>>,
}

impl<S: 'static> Stages<S> {
    /// Nothing to do yet on `state`.
    pub fn on(state: S) -> Self {
        Self {
            state: Some(state),
            stages: vec![],
            next: (0, 0),
            apart: None,
            end: None,
        }
    }

    /// Parts after all stages that do not need each other, so that each may be done elsewhere: of each its work in units
    /// ([`crate::denoise::Denoiser::price`]), about, and the numbers that it finds. They are found by `find` from a state that is
    /// only looked at, and noted in the order of the parts. `given` is what of the state another one needs to be made.
    ///
    /// Held by `tests/shares.rs`: `numbers_whose_parts_are_done_elsewhere_have_the_same_bits`.
    pub fn apart(
        mut self,
        given: fn(&S) -> &[f64],
        parts: Vec<(usize, usize)>,
        find: impl Fn(&S, usize) -> Vec<f64> + 'static,
        note: impl FnMut(&mut S, usize, &[f64]) + 'static,
    ) -> Self {
        self.apart = Some(Apart {
            given,
            deal: Deal::of(parts.len()),
            parts,
            find: Box::new(find),
            note: Box::new(note),
        });
        self
    }

    /// And then `count` parts of about `cost` units of work each ([`crate::denoise::Denoiser::price`]).
    pub fn then(
        self,
        count: usize,
        cost: usize,
        part: impl FnMut(&mut S, usize) -> Result<(), Error> + 'static,
    ) -> Self {
        self.then_each(vec![cost; count], part)
    }

    /// And then parts of these units of work.
    pub fn then_each(
        mut self,
        costs: Vec<usize>,
        part: impl FnMut(&mut S, usize) -> Result<(), Error> + 'static,
    ) -> Self {
        let part = Box::new(part);
        self.stages.push(Stage { costs, part });
        self
    }

    /// What is computed after all parts.
    pub fn finish(mut self) -> Result<S, Error> {
        while matches!(self.next()?, Next::Took(_)) {}
        self.state.take().ok_or(Error::NotYet { what: "answer" })
    }

    /// The task, whose answer `end` makes of the state.
    pub fn answer<A: Answer>(mut self, end: impl FnOnce(S) -> Result<A, Error> + 'static) -> Task {
        self.end = Some(Box::new(|state| Ok(Box::new(end(state)?))));
        Task {
            parts: Box::new(self),
            answer: None,
            work: 0,
        }
    }
}

impl<S> Stages<S> {
    /// Does the next part of a stage, and says its work; none where all are done.
    fn staged(&mut self) -> Result<Option<usize>, Error> {
        while let Some(stage) = self.stages.get_mut(self.next.0) {
            let Some(cost) = stage.costs.get(self.next.1) else {
                self.next = (self.next.0 + 1, 0);
                continue;
            };
            if let Some(state) = &mut self.state {
                (stage.part)(state, self.next.1)?;
            }
            self.next.1 += 1;
            return Ok(Some((*cost).max(1)));
        }
        Ok(None)
    }
}

impl<S> Parts for Stages<S> {
    fn next(&mut self) -> Result<Next, Error> {
        if let Some(cost) = self.staged()? {
            return Ok(Next::Took(cost));
        }
        let (Some(apart), Some(state)) = (&mut self.apart, &mut self.state) else {
            return Ok(Next::Over);
        };
        let here = apart.deal.here();
        if let Some(part) = here {
            apart.deal.end(part, (apart.find)(state, part));
        }
        while let Some((part, found)) = apart.deal.next() {
            (apart.note)(state, part, &found);
        }
        Ok(match here {
            Some(part) => Next::Took(apart.parts[part].0.max(1)),
            None if apart.deal.is_done() => Next::Over,
            None => Next::Waits,
        })
    }

    fn price(&self) -> u64 {
        let apart = self.apart.iter().flat_map(|own| &own.parts);
        let stages = self.stages.iter().flat_map(|own| &own.costs);
        let all = stages.chain(apart.map(|(cost, _)| cost));
        all.map(|cost| (*cost).max(1) as u64).sum()
    }

    fn given(&self) -> &[f64] {
        let all = self.apart.as_ref().zip(self.state.as_ref());
        all.map_or(&[], |(apart, state)| (apart.given)(state))
    }

    fn runs(&mut self) -> Option<&mut dyn Runs> {
        match self.apart {
            Some(_) => Some(self),
            None => None,
        }
    }

    fn end(&mut self) -> Result<Box<dyn Answer>, Error> {
        let all = self.state.take().zip(self.end.take());
        let (state, end) = all.ok_or(Error::NotYet { what: "answer" })?;
        end(state)
    }
}

/// The parts that do not need each other.
impl<S> Runs for Stages<S> {
    fn can_give(&self) -> bool {
        self.apart.as_ref().is_some_and(|own| own.deal.can_give())
    }

    fn give(&mut self) -> Option<usize> {
        self.apart.as_mut()?.deal.give(true)
    }

    fn take_back(&mut self, run: usize) {
        if let Some(apart) = &mut self.apart {
            apart.deal.take_back(run);
        }
    }

    fn told(&mut self, run: usize, spent: f64) {
        if let Some(apart) = &mut self.apart {
            apart.deal.told(run, spent);
        }
    }

    fn receive(&mut self, run: usize, found: Vec<f64>) -> Result<(), Error> {
        match &mut self.apart {
            Some(apart) => {
                let size = apart.parts.get(run).map_or(0, |(_, size)| *size);
                apart.deal.receive(run, found, size)
            }
            None => Ok(()),
        }
    }

    fn awaits(&self) -> Option<usize> {
        self.apart.as_ref()?.deal.awaits()
    }

    /// A part is done at once. Where a stage before it breaks down, it finds nothing: that is refused where it was to be used,
    /// and the stage breaks down there too.
    fn alone(&mut self, run: usize, _: usize) -> (usize, Option<Vec<f64>>) {
        let mut cost = 0;
        loop {
            match self.staged() {
                Ok(Some(more)) => cost += more,
                Ok(None) => break,
                Err(_) => return (cost, Some(vec![])),
            }
        }
        let all = self.apart.as_ref().zip(self.state.as_ref());
        let found = all.and_then(|(apart, state)| {
            cost += apart.parts.get(run)?.0;
            Some((apart.find)(state, run))
        });
        (cost, Some(found.unwrap_or_default()))
    }
}

impl Task {
    /// What is computed in one part: it costs less than a few milliseconds.
    pub fn at_once<A: Answer>(make: impl FnOnce() -> Result<A, Error> + 'static) -> Self {
        Stages::on(()).answer(|()| make())
    }

    /// Does about `work` units ([`crate::denoise::Denoiser::price`]), or one part; nothing where it awaits parts elsewhere. Returns
    /// whether the answer is there.
    ///
    /// # Errors
    /// What broke down.
    pub fn advance(&mut self, work: usize) -> Result<bool, Error> {
        let stop = self.work + work.max(1) as u64;
        while self.answer.is_none() {
            match self.parts.next()? {
                Next::Over => self.answer = Some(self.parts.end()?),
                Next::Took(cost) => self.work += cost as u64,
                Next::Waits => break,
            }
            if self.work >= stop {
                break;
            }
        }
        Ok(self.answer.is_some())
    }

    /// Units of work so far, here.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// Units of work in all, about.
    pub fn price(&self) -> u64 {
        self.parts.price()
    }

    /// What another one is made of that does some of its parts, beside the link ([`super::Experiment::numbers`]).
    pub fn given(&self) -> &[f64] {
        self.parts.given()
    }

    /// Its parts, where they do not need each other, so that they can be shared out.
    pub fn runs(&mut self) -> Option<&mut dyn Runs> {
        self.parts.runs()
    }

    /// The answer, once.
    ///
    /// # Errors
    /// Before it is there, and after it was taken.
    pub fn answer(&mut self) -> Result<Box<dyn Answer>, Error> {
        self.answer.take().ok_or(Error::NotYet { what: "answer" })
    }

    /// The answer after all parts.
    ///
    /// # Errors
    /// What broke down.
    pub fn finish(mut self) -> Result<Box<dyn Answer>, Error> {
        while !self.advance(usize::MAX)? {}
        self.answer()
    }
}

/// What is asked of a job that is not prepared.
pub(super) fn unprepared() -> Error {
    Error::Engine {
        reason: "The plan of this job is not known yet.".to_owned(),
        remedy: "Prepare the job first.".to_owned(),
    }
}

/// A question of a lab: its name, and the names of its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Its name.
    pub name: &'static str,
    /// Names of its arguments; each has to be given.
    pub args: &'static [&'static str],
}

/// Finds a question by its name among those of a lab or a run, and checks the names of its arguments.
///
/// # Errors
/// If there is none of this name, or an argument is missing or unknown, with those that there are.
pub fn find(all: &[Question], name: &str, args: &Args) -> Result<&'static str, Error> {
    let Some(question) = all.iter().find(|q| q.name == name) else {
        let names: Vec<_> = all.iter().map(|q| q.name).collect();
        return Err(refused(
            format!("There is no question “{name}” here"),
            &names,
        ));
    };
    let given = |name: &str| args.0.iter().any(|a| a.0 == name);
    if let Some(missing) = question.args.iter().find(|a| !given(a)) {
        let reason = format!("The question “{name}” needs {missing}");
        return Err(refused(reason, question.args));
    }
    if let Some((other, _)) = args.0.iter().find(|a| !question.args.contains(&&*a.0)) {
        let reason = format!("The question “{name}” takes no {other}");
        return Err(refused(reason, question.args));
    }
    Ok(question.name)
}

fn refused(reason: String, valid: &[&str]) -> Error {
    let valid = match valid {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    };
    Error::Engine {
        reason: format!("{reason}; it can be: {valid}."),
        remedy: String::new(),
    }
}

/// A name that is none of the valid ones.
pub(super) fn unknown(what: &str, name: &str, valid: &[&str]) -> Error {
    refused(format!("There is no {what} “{name}” here"), valid)
}

/// The arguments of a question: numbers by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Args(pub Vec<(String, Vec<f64>)>);

impl Args {
    /// A list of numbers.
    pub fn numbers(&self, name: &str) -> &[f64] {
        let found = self.0.iter().find(|a| a.0 == name);
        found.map_or(&[], |a| &a.1)
    }

    /// One whole number that is not negative.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn whole(&self, name: &str) -> Result<usize, Error> {
        match *self.numbers(name) {
            [x] if x >= 0.0 && x.fract() == 0.0 && x < 1e15 => Ok(x as usize),
            _ => Err(Error::Engine {
                reason: format!("The argument {name} has to be one whole number, 0 or more."),
                remedy: String::new(),
            }),
        }
    }
}

/// What computes points for a picture of both sides, a piece at a time.
pub trait Job {
    /// Does a part of what [`Job::plan`] tells. Returns whether all of it is known.
    fn prepare(&mut self) -> bool;

    /// What is known before the runs.
    ///
    /// # Errors
    /// Before [`Job::prepare`] has done all.
    fn plan(&self) -> Result<Box<dyn Answer>, Error>;

    /// Runs in all.
    fn total(&self) -> usize;

    /// Runs done.
    fn done(&self) -> usize;

    /// The price of all runs in units of work, above 0, once it is prepared.
    ///
    /// Held by `tests/price.rs`: `the_price_of_a_job_is_what_it_takes`.
    fn price(&self) -> f64;

    /// What is done of this price.
    fn work(&self) -> f64;

    /// Does about `work` units ([`crate::denoise::Denoiser::price`]): prepares, goes on with a run, or makes the point of
    /// one that is done; nothing where it awaits runs elsewhere. Returns whether all is done.
    fn advance(&mut self, work: usize) -> bool;

    /// The points since the last call.
    fn take(&mut self) -> Vec<Box<dyn Answer>>;

    /// Its runs, where they do not need each other, so that they can be shared out.
    fn runs(&mut self) -> Option<&mut dyn Runs> {
        None
    }
}
