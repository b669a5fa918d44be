//! A computation in pieces, whose answer comes at its end.

use super::deal::{Alone, Deal, Runs};
use super::parts::{Course, Independent, Next, Parts};
use crate::answer::Answer;
use crate::error::Error;

/// A computation in pieces.
pub struct Task {
    course: Course,
    parts: Box<dyn Parts>,
    answer: Option<Box<dyn Answer>>,
    work: u64,
}

/// One part of a stage: what it works on, and its number.
type Part<S> = Box<dyn FnMut(&mut S, usize) -> Result<(), Error>>;
/// What all stages together make.
type End<S> = Box<dyn FnOnce(S) -> Result<Box<dyn Answer>, Error>>;
/// See [`Task::given`]; what a part finds; and what is made of it.
type Given<S> = fn(&S) -> &[f64];
type Find<S> = Box<dyn Fn(&S, usize) -> Vec<f64>>;
type Note<S> = Box<dyn FnMut(&mut S, usize, &[f64])>;

/// What is done on a state of one type.
struct Own<S> {
    state: Option<S>,
    stages: Vec<Part<S>>,
    independent: Option<(Given<S>, Find<S>, Note<S>)>,
    end: Option<End<S>>,
}

impl<S> Parts for Own<S> {
    fn part(&mut self, stage: usize, part: usize) -> Result<(), Error> {
        match &mut self.state {
            Some(state) => (self.stages[stage])(state, part),
            None => Ok(()),
        }
    }

    fn given(&self) -> &[f64] {
        match (&self.independent, &self.state) {
            (Some((given, ..)), Some(state)) => given(state),
            _ => &[],
        }
    }

    fn find(&self, part: usize) -> Vec<f64> {
        match (&self.independent, &self.state) {
            (Some((_, find, _)), Some(state)) => find(state, part),
            _ => vec![],
        }
    }

    fn note(&mut self, part: usize, found: &[f64]) {
        if let (Some((.., note)), Some(state)) = (&mut self.independent, &mut self.state) {
            note(state, part, found);
        }
    }

    fn end(&mut self) -> Result<Box<dyn Answer>, Error> {
        match (self.state.take(), self.end.take()) {
            (Some(state), Some(end)) => end(state),
            _ => Err(Error::NotYet { what: "answer" }),
        }
    }
}

/// A task that is being put together: stages of parts on one state, done in their order.
pub struct Stages<S> {
    course: Course,
    own: Own<S>,
}

impl<S: 'static> Stages<S> {
    /// Nothing to do yet on `state`.
    pub fn on(state: S) -> Self {
        Self {
            course: Course::default(),
            own: Own {
                state: Some(state),
                stages: vec![],
                independent: None,
                end: None,
            },
        }
    }

    /// Parts after all stages that do not need each other, so that each may be done elsewhere: of each its work in units
    /// ([`crate::denoise::Denoiser::price`]), about, and the numbers that it finds. They are found by `find` from a state that is
    /// only looked at, and noted in the order of the parts. `given` is what of the state another one needs to be made.
    ///
    /// Held by `tests/shares.rs`: `numbers_whose_parts_are_done_elsewhere_have_the_same_bits`.
    pub fn independent(
        mut self,
        given: Given<S>,
        parts: Vec<(usize, usize)>,
        find: impl Fn(&S, usize) -> Vec<f64> + 'static,
        note: impl FnMut(&mut S, usize, &[f64]) + 'static,
    ) -> Self {
        let deal = Deal::of(parts.iter().map(|(cost, _)| *cost as f64).collect());
        self.course.independent = Some(Independent { parts, deal });
        self.own.independent = Some((given, Box::new(find), Box::new(note)));
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
        self.course.stages.push(costs);
        self.own.stages.push(Box::new(part));
        self
    }

    /// What is computed after all parts.
    pub fn finish(mut self) -> Result<S, Error> {
        self.course.finish(&mut self.own)?;
        self.own.state.ok_or(Error::NotYet { what: "answer" })
    }

    /// The task, whose answer `end` makes of the state.
    pub fn answer<A: Answer>(mut self, end: impl FnOnce(S) -> Result<A, Error> + 'static) -> Task {
        self.own.end = Some(Box::new(|state| Ok(Box::new(end(state)?))));
        Task {
            course: self.course,
            parts: Box::new(self.own),
            answer: None,
            work: 0,
        }
    }
}

/// The parts that do not need each other.
impl Runs for Task {
    fn can_give(&self) -> bool {
        let independent = self.course.independent.as_ref();
        independent.is_some_and(|own| own.deal.can_give())
    }

    fn give(&mut self) -> Option<usize> {
        self.course.independent.as_mut()?.deal.give()
    }

    fn left(&self, run: usize) -> f64 {
        let own = self.course.independent.as_ref();
        own.map_or(0.0, |own| own.deal.left(run))
    }

    fn waiting(&self) -> f64 {
        let independent = self.course.independent.as_ref();
        independent.map_or(0.0, |own| own.deal.waiting())
    }

    fn take_back(&mut self, run: usize) {
        if let Some(independent) = &mut self.course.independent {
            independent.deal.take_back(run);
        }
    }

    fn told(&mut self, run: usize, spent: f64) {
        if let Some(independent) = &mut self.course.independent {
            independent.deal.told(run, spent);
        }
    }

    fn receive(&mut self, run: usize, found: Vec<f64>) -> Result<(), Error> {
        match &mut self.course.independent {
            Some(independent) => {
                let size = independent.parts.get(run).map_or(0, |(_, size)| *size);
                independent.deal.receive(run, found, size)
            }
            None => Ok(()),
        }
    }

    fn awaits(&self) -> Option<usize> {
        self.course.independent.as_ref()?.deal.awaits()
    }

    /// A part is done at once. Where a stage before it breaks down, it finds nothing: that is refused where it was to be used,
    /// and the stage breaks down there too.
    fn alone(&mut self, run: usize, _: usize) -> Alone {
        let mut work = 0;
        loop {
            match self.course.staged(&mut *self.parts) {
                Ok(Some(more)) => work += more,
                Ok(None) => break,
                Err(_) => {
                    return Alone {
                        work,
                        own: 0.0,
                        found: Some(vec![]),
                    };
                }
            }
        }
        let parts = self.course.independent.as_ref().map(|own| &own.parts);
        let part = parts.and_then(|parts| parts.get(run));
        let own = part.map_or(0, |(own, _)| *own);
        let found = part.map(|_| self.parts.find(run));
        Alone {
            work: work + own,
            own: own as f64,
            found: Some(found.unwrap_or_default()),
        }
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
            match self.course.next(&mut *self.parts)? {
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
        self.course.price()
    }

    /// What another one is made of that does some of its parts, beside the link ([`super::Experiment::numbers`]).
    pub fn given(&self) -> &[f64] {
        self.parts.given()
    }

    /// Its parts, where they do not need each other, so that they can be shared out.
    pub fn runs(&mut self) -> Option<&mut dyn Runs> {
        match self.course.independent {
            Some(_) => Some(self),
            None => None,
        }
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
