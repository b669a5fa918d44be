//! The answers of an experiment.

use super::course::Course;
use super::energy::Clouds;
use super::film::record;
use super::keys::FILTER;
use super::part::Part;
use super::past::Past;
use super::race::{self, Race};
use super::reference::{self, ReferenceJob};
use super::run::Walker;
use super::scene::{parts, scene, simulate};
use super::setup::Setup;
use super::twin::Twin;
use crate::error::Error;
use crate::labs::Learnable;
use crate::labs::experiment::{Configured, Record};
use crate::labs::preview::Preview;
use crate::labs::runner::{Engine, Runner};
use crate::labs::shared::Portion;
use crate::labs::table::{Cell, PlanTable};
use crate::labs::task::{Args, Job, Question, Stages, Task};
use crate::labs::weight::Weight;
use crate::link::{Link, Values};
use crate::net::Net;
use crate::sample::Share;
use std::rc::Rc;
use std::sync::Arc;

/// The lab.
pub static LAB: Record = Record::of::<Twin>(&FILTER, |_| -> Result<Box<dyn Learnable>, Error> {
    Err(Error::Engine {
        reason: "No network learns the law of a filter.".to_owned(),
        remedy: String::new(),
    })
});

impl Weight for Twin {
    fn particles(&self) -> usize {
        self.n.max(1)
    }

    fn coordinates(&self) -> usize {
        self.dim()
    }

    fn bytes(&self, n: usize) -> u64 {
        let frame: usize = record(self).iter().map(|(_, count)| count).sum();
        let frames = 4 * frame * (self.cycles + 1);
        // Members, their forecast, what a method needs beside them; the updates that are kept; the exact densities.
        let members = 8 * 6 * n.min(self.n.max(1)) * self.dim() + 4 * Clouds::numbers(self);
        (members + frames + 16_000_000) as u64
    }

    fn smaller(&self) -> Option<&'static str> {
        None
    }
}

/// Work of a part of the exact filter, in units.
const PART: usize = 20_000;

/// Goes on with the exact filter: with that of the link, or with one that has observations of its own. Returns whether it
/// is at the last cycle.
fn follow(twin: &Twin, own: &mut Option<(Past, Course)>) -> Result<bool, Error> {
    let mut work = PART as f64;
    match own {
        None => twin.follow(twin.cycles, &mut work),
        Some((past, course)) => course.advance(twin, past, twin.cycles, &mut work),
    }
}

impl Twin {
    /// Parts in which the exact filter reaches the last cycle.
    fn parts_of_course(&self) -> usize {
        (self.price_of_exact(0) / PART as f64) as usize + self.cycles + 2
    }
}

impl Configured for Twin {
    type Shared = ();
    const QUESTIONS: &'static [Question] = &[
        Question {
            name: "exact",
            args: &[],
        },
        Question {
            name: "posterior",
            args: &["y"],
        },
    ];
    const JOBS: &'static [&'static str] = &[race::NAME, reference::NAME];

    fn open(values: &Values) -> Result<Self, Error> {
        Ok(Self::new(Setup::new(values)?))
    }

    fn share(_: &[&Self]) {}

    fn scene(self: &Rc<Self>, (): &()) -> Task {
        scene(self)
    }

    fn ask(self: &Rc<Self>, (): &(), name: &str, args: &Args) -> Result<Task, Error> {
        // The exact filter: with the observed values of the link, or with others that are tried out.
        let tried = (name == "posterior").then(|| args.numbers("y").to_vec());
        let [truth, start, twin, end] = [(); 4].map(|()| self.clone());
        let stages = Stages::on(None)
            .then(parts(self), PART, move |_, _| simulate(&truth).map(|_| ()))
            .then(1, PART, move |own, _| {
                while !simulate(&start)? {}
                if let Some(y) = &tried {
                    let past = start.past.borrow().with(&start, y)?;
                    *own = Some((past, Course::default()));
                }
                Ok(())
            })
            .then(self.parts_of_course(), PART, move |own, _| {
                // What breaks down is told with the answer.
                follow(&twin, own).ok();
                Ok(())
            });
        Ok(stages.answer(move |mut own| {
            let ended = loop {
                match follow(&end, &mut own) {
                    Ok(false) => {}
                    Ok(true) => break None,
                    Err(fault) => break Some(fault),
                }
            };
            let mut told = match own {
                Some((_, course)) => course.told,
                None => end.course.borrow().told.clone(),
            };
            told.fault = ended.map_or(String::new(), |fault| fault.to_string());
            Ok(told)
        }))
    }

    fn ready(&self) -> Result<(), Error> {
        Ok(())
    }

    fn run(self: &Rc<Self>, (): &(), engine: &Engine) -> Result<Box<dyn Runner>, Error> {
        match engine.is_host() {
            true => Ok(Box::new(Walker::new(self.clone())?)),
            false => Err(Error::Unsupported {
                reason: "The filters of this lab run on the CPU.".to_owned(),
            }),
        }
    }

    fn portion(self: &Rc<Self>, share: &Share, _levels: &[usize]) -> Option<Box<dyn Portion>> {
        let made = self.is_divisible().then(|| Part::new(self.clone(), share));
        made?.ok().map(|own| Box::new(own) as Box<dyn Portion>)
    }

    fn job(link: &Link, name: &str) -> Result<Box<dyn Job>, Error> {
        match name {
            race::NAME => Ok(Box::new(Race::new(link)?)),
            _ => Ok(Box::new(ReferenceJob::new(link)?)),
        }
    }

    fn plan(&self) -> PlanTable {
        let row = |k: usize| {
            let values = if self.is_seen(k) {
                self.sensor.rows()
            } else {
                0
            };
            let steps = f64::from(self.truth.substeps());
            [k as f64, k as f64 * self.interval, steps, values as f64].map(Cell::from)
        };
        PlanTable {
            columns: vec!["cycle", "time", "model steps", "observed values"],
            rows: (1..=self.cycles).map(|k| row(k).to_vec()).collect(),
            note: "Each cycle: a forecast by the steps of the model, then an update where something is observed.",
        }
    }

    fn preview(&self, (): &(), _: Arc<Net>, _: u64) -> Option<Preview> {
        None
    }
}
