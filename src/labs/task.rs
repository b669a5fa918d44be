//! A computation in pieces, whose answer comes at its end.

use crate::answer::Answer;
use crate::error::Error;

/// A computation in pieces.
pub struct Task {
    parts: Box<dyn Parts>,
    answer: Option<Box<dyn Answer>>,
}

/// What a task does: parts that are not cut any further.
trait Parts {
    /// Does the next part, and says what it cost in evaluations; none where all are done.
    fn next(&mut self) -> Result<Option<usize>, Error>;

    /// What they make; asked once, at the end.
    fn end(&mut self) -> Result<Box<dyn Answer>, Error>;
}

impl Task {
    /// What is computed in one part: it costs less than a few milliseconds.
    pub fn at_once<A: Answer>(make: impl FnOnce() -> Result<A, Error> + 'static) -> Self {
        Self::in_parts((), 0, 0, |(), _| Ok(()), |()| make())
    }

    /// `count` parts of about `cost` evaluations each, done in their order on `state`, and what they make.
    pub fn in_parts<S: 'static, A: Answer>(
        state: S,
        count: usize,
        cost: usize,
        part: impl FnMut(&mut S, usize) -> Result<(), Error> + 'static,
        end: impl FnOnce(S) -> Result<A, Error> + 'static,
    ) -> Self {
        let parts = Counted {
            state: Some(state),
            part,
            end: Some(end),
            cost,
            done: 0,
            count,
        };
        Self {
            parts: Box::new(parts),
            answer: None,
        }
    }

    /// Does about `work` evaluations, or one part. Returns whether the answer is there.
    ///
    /// # Errors
    /// What broke down.
    pub fn advance(&mut self, work: usize) -> Result<bool, Error> {
        let mut left = work.max(1);
        while self.answer.is_none() {
            match self.parts.next()? {
                None => self.answer = Some(self.parts.end()?),
                Some(cost) if cost < left => left -= cost,
                Some(_) => break,
            }
        }
        Ok(self.answer.is_some())
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

struct Counted<S, P, E> {
    state: Option<S>,
    part: P,
    end: Option<E>,
    cost: usize,
    done: usize,
    count: usize,
}

impl<S, A, P, E> Parts for Counted<S, P, E>
where
    A: Answer,
    P: FnMut(&mut S, usize) -> Result<(), Error>,
    E: FnOnce(S) -> Result<A, Error>,
{
    fn next(&mut self) -> Result<Option<usize>, Error> {
        let Some(state) = self.state.as_mut().filter(|_| self.done < self.count) else {
            return Ok(None);
        };
        (self.part)(state, self.done)?;
        self.done += 1;
        Ok(Some(self.cost.max(1)))
    }

    fn end(&mut self) -> Result<Box<dyn Answer>, Error> {
        let all = self.state.take().zip(self.end.take());
        let (state, end) = all.ok_or(Error::NotYet { what: "answer" })?;
        Ok(Box::new(end(state)?))
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
    /// What is known before the runs.
    fn plan(&self) -> Box<dyn Answer>;

    /// Runs in all.
    fn total(&self) -> usize;

    /// Runs done.
    fn done(&self) -> usize;

    /// Does about `work` denoiser evaluations. Returns whether all is done.
    fn advance(&mut self, work: usize) -> bool;

    /// The points since the last call.
    fn take(&mut self) -> Vec<Box<dyn Answer>>;
}
