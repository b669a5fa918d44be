//! A run: first the truth, then the film as it is found, in pieces.

mod shares;

use super::at_once::Answer;
use super::clock;
use super::ensemble::{self, Members};
use super::numbers::{self, Score};
use super::sampling::{self, Walk};
use super::shown::{Camera, Shown};
use super::together::Team;
use super::twin::Twin;
use super::way::{Elsewhere, Way};
use super::words::Way as Kind;
use crate::answer::Named;
use crate::dynamics::kolmogorov::Parameters;
use crate::error::Error;
use crate::labs::record::{Frames, Recorder};
use crate::labs::runner::Runner;
use crate::labs::shared::Shareable;
use crate::labs::task::{Args, Question, Task, find};
use crate::sample::{Path, Settling};
use std::rc::Rc;

/// A run.
pub(super) struct Run {
    twin: Rc<Twin>,
    way: Box<dyn Way>,
    /// Where the score of windows is answered, if not here.
    elsewhere: Option<Box<dyn Elsewhere>>,
    /// Those who answer about windows together with this.
    team: Option<Team>,
    /// The step that was reached when this was lost.
    lost: Option<usize>,
    /// The last step that was reached.
    reached: usize,
    recorder: Recorder<Camera>,
    /// Of the frames so far.
    scores: Vec<Score>,
    /// What the last frame shows.
    last: Rc<Shown>,
    /// Units of work so far, and of the whole run; evaluations of the score in it.
    spent: u64,
    total: u64,
    calls: u64,
    /// The price of all answers about windows.
    windows: usize,
    fault: Option<Error>,
    told: bool,
    end: Option<Vec<f64>>,
}

impl Run {
    /// Before the truth is simulated. The score of windows is answered by `elsewhere`, if that is some.
    ///
    /// # Errors
    /// If the flow cannot be made.
    pub fn new(twin: Rc<Twin>, elsewhere: Option<Box<dyn Elsewhere>>) -> Result<Self, Error> {
        let (mut windows, mut calls) = (0, 0);
        let (mut way, price): (Box<dyn Way>, usize) = match twin.way {
            Kind::AllAtOnce | Kind::Autoregressive => {
                let price;
                (price, windows, calls) = sampling::price(&twin)?;
                (Box::new(Walk::new(twin.clone())), price)
            }
            Kind::Enkf | Kind::Free => {
                let price = ensemble::price(&twin);
                (Box::new(Members::new(twin.clone())?), price)
            }
            Kind::Posterior => {
                let price = super::baseline::price(&twin);
                (Box::new(Answer::new(twin.clone())), price)
            }
            Kind::Interpolate => (Box::new(Answer::new(twin.clone())), twin.numbers()),
        };
        way.ask_elsewhere(elsewhere.is_some());
        Ok(Self {
            elsewhere,
            team: None,
            windows,
            lost: None,
            reached: 0,
            recorder: Recorder::new(clock::shown(&twin), Camera::new(&twin)),
            scores: vec![],
            last: Rc::default(),
            spent: 0,
            total: (price + twin.price_ahead()) as u64,
            calls,
            fault: None,
            told: false,
            end: None,
            way,
            twin,
        })
    }

    /// Does a part. Returns the step that is reached.
    fn part(&mut self, work: &mut i64) -> Result<Option<usize>, Error> {
        if !self.twin.simulate(work)? || *work <= 0 {
            return Ok(None);
        }
        let Some(team) = &mut self.team else {
            return self.way.advance(work);
        };
        if team.begins() {
            self.way.answer_together();
        }
        if !team.has_begun() || !self.way.waits() {
            return self.way.advance(work);
        }
        if let Some(answers) = team.advance(|| self.way.asked(), work) {
            self.way.answer(&answers);
        }
        Ok(None)
    }

    /// Whether the next thing to do is that of others: of the device, or of those who answer about windows; they may first have to be told what.
    fn rests(&self) -> bool {
        let team = self.team.as_ref();
        Runner::waits(self) || team.is_some_and(|team| team.owes() || team.awaits().is_some())
    }

    /// Takes an answer; without one the device is lost, and the host goes on with the same question.
    fn hear(&mut self, price: usize, answer: Result<Vec<f64>, Error>) {
        match answer {
            Ok(values) => {
                self.way.answer(&values);
                self.spent += price as u64;
            }
            Err(_) => {
                self.way.ask_elsewhere(false);
                self.lost = Some(self.reached);
            }
        }
    }

    /// Keeps a step that is shown.
    fn look(&mut self, step: usize) {
        if self.recorder.wants(step) {
            let shown = self.way.shown();
            self.scores.push(Score::of(&self.twin, &shown));
            self.recorder.start();
            self.recorder.look(&shown.flat(&self.twin));
            self.last = Rc::new(shown);
        }
        if self.way.is_done() {
            self.end = Some(self.way.samples());
        }
    }
}

impl Runner for Run {
    fn advance_with(&mut self, work: usize, watch: &mut dyn FnMut(usize, &[f64])) -> bool {
        self.told = self.fault.is_some();
        let mut left = i64::try_from(work.max(1)).unwrap_or(i64::MAX);
        while left > 0 && self.end.is_none() && self.fault.is_none() && !self.rests() {
            let before = left;
            match self.part(&mut left) {
                Err(fault) => self.fault = Some(fault),
                Ok(None) => {}
                Ok(Some(step)) => {
                    self.reached = step;
                    watch(step, &self.way.state());
                    self.look(step);
                }
            }
            self.spent += (before - left) as u64;
        }
        self.is_done()
    }

    fn path(&self) -> Path {
        match (&self.elsewhere, self.lost) {
            (None, _) => Path::Host,
            (Some(_), None) => Path::Network,
            (Some(_), Some(_)) => Path::Lost,
        }
    }

    fn waits(&self) -> bool {
        self.elsewhere.is_some() && self.way.waits()
    }

    fn shared(&mut self) -> Option<&mut dyn Shareable> {
        match self.elsewhere.is_none() && self.twin.windows().is_some() {
            true => Some(self),
            false => None,
        }
    }

    fn settle(&mut self) -> Settling<'_> {
        Box::pin(async {
            if let (Some(asked), Some(elsewhere)) = (self.way.asked(), &mut self.elsewhere) {
                let answer = elsewhere.answer(&asked).await;
                self.hear(asked.price, answer);
            }
            Ok(())
        })
    }

    fn lost(&self) -> Option<String> {
        let step = self.lost?;
        Some(format!(
            "The graphics device was lost after step {step} of {}. The CPU went on from there: the result is no longer that of one engine, so it is not compared with a shared one.",
            self.steps()
        ))
    }

    fn steps(&self) -> usize {
        clock::steps(&self.twin)
    }

    fn place(&self, step: usize) -> Named<f64> {
        match clock::place(&self.twin, step) {
            Some((segment, level)) => Named(vec![
                ("segment", segment as f64),
                ("t", level.t),
                ("alpha", level.alpha),
                ("sigma", level.sigma),
            ]),
            None => Named(vec![("step", step as f64)]),
        }
    }

    fn calls(&self) -> Option<usize> {
        let own = self.twin.sampling.as_ref()?;
        Some(own.segments.len() * own.plan.nfe())
    }

    fn is_done(&self) -> bool {
        self.end.is_some() || self.told
    }

    fn work(&self) -> u64 {
        self.spent
    }

    fn evaluations(&self) -> u64 {
        match self.twin.sampling {
            Some(_) => self.way.calls(),
            None => self.spent.min(self.total),
        }
    }

    fn total(&self) -> u64 {
        match self.twin.sampling {
            Some(_) => self.calls,
            None => self.total,
        }
    }

    fn frames(&self) -> usize {
        self.recorder.frames()
    }

    fn take(&mut self) -> Option<Frames> {
        self.recorder.take()
    }

    fn ask(&self, question: &str, args: &Args) -> Result<Task, Error> {
        const QUESTIONS: [Question; 3] = [
            Question {
                name: "price",
                args: &[],
            },
            Question {
                name: "metrics",
                args: &["frame"],
            },
            Question {
                name: "physics",
                args: &[],
            },
        ];
        match find(&QUESTIONS, question, args)? {
            "price" => {
                let total = self.total as f64;
                Ok(Task::at_once(move || Ok(total)))
            }
            "metrics" => {
                let frame = args.whole("frame")?;
                let score = self.scores.get(frame).cloned();
                let last = self.recorder.is_last(frame).then(|| self.last.clone());
                let place = (frame, self.recorder.level(frame));
                Ok(numbers::metrics(&self.twin, place, score, last))
            }
            _ => Ok(numbers::physics(&self.twin, &self.last)),
        }
    }

    fn check(&self) -> Result<(), Error> {
        match &self.fault {
            Some(fault) if self.told => Err(fault.clone()),
            Some(_) | None => Ok(()),
        }
    }

    fn dim(&self) -> usize {
        self.twin.numbers()
    }

    fn samples(&self) -> Result<&[f64], Error> {
        self.end.as_deref().ok_or(Error::NotYet {
            what: "final sample",
        })
    }

    fn amplifies_rounding(&self) -> bool {
        // The transforms of 64 and 96 numbers use sines of the platform, whose last bits differ; those of 32 and 48 do not.
        let own_sines = self.twin.flow.pixels != Parameters::default().pixels;
        own_sines || self.twin.sampling.as_ref().is_some_and(|own| own.chaotic)
    }
}

#[cfg(test)]
mod tests;
