//! A computation in pieces, whose answer comes at its end.

use super::deal::Runs;
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
    /// Does the next part, and says its work in units; none where all are done.
    fn next(&mut self) -> Result<Option<usize>, Error>;

    /// What they make; asked once, at the end.
    fn end(&mut self) -> Result<Box<dyn Answer>, Error>;
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

/// A task that is being put together: stages of parts on one state, done in their order.
pub struct Stages<S> {
    state: Option<S>,
    stages: Vec<Stage<S>>,
    /// The stage and the part of it that are next.
    next: (usize, usize),
    end: Option<End<S>>,
}

impl<S: 'static> Stages<S> {
    /// Nothing to do yet on `state`.
    pub fn on(state: S) -> Self {
        Self {
            state: Some(state),
            stages: vec![],
            next: (0, 0),
            end: None,
        }
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
        while self.next()?.is_some() {}
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

impl<S> Parts for Stages<S> {
    fn next(&mut self) -> Result<Option<usize>, Error> {
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

    fn end(&mut self) -> Result<Box<dyn Answer>, Error> {
        let all = self.state.take().zip(self.end.take());
        let (state, end) = all.ok_or(Error::NotYet { what: "answer" })?;
        end(state)
    }
}

impl Task {
    /// What is computed in one part: it costs less than a few milliseconds.
    pub fn at_once<A: Answer>(make: impl FnOnce() -> Result<A, Error> + 'static) -> Self {
        Stages::on(()).answer(|()| make())
    }

    /// Does about `work` units ([`crate::denoise::Denoiser::price`]), or one part. Returns whether the answer is there.
    ///
    /// # Errors
    /// What broke down.
    pub fn advance(&mut self, work: usize) -> Result<bool, Error> {
        let stop = self.work + work.max(1) as u64;
        while self.answer.is_none() {
            match self.parts.next()? {
                None => self.answer = Some(self.parts.end()?),
                Some(cost) => self.work += cost as u64,
            }
            if self.work >= stop {
                break;
            }
        }
        Ok(self.answer.is_some())
    }

    /// Units of work so far.
    pub fn work(&self) -> u64 {
        self.work
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
