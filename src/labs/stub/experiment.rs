//! The answers of an experiment of the stub.

use super::keys::STUB;
use super::path::Stub;
use super::run::{self, Camera, Paths};
use crate::answer::{Named, Reals};
use crate::error::Error;
use crate::labs::Learnable;
use crate::labs::experiment::{Configured, Record};
use crate::labs::preview::Preview;
use crate::labs::runner::{Engine, Runner};
use crate::labs::setup::shown;
use crate::labs::table::{Cell, PlanTable};
use crate::labs::task::{Args, Job, Question, Task, unknown};
use crate::labs::timeline::{Clock, Timeline};
use crate::labs::weight::Weight;
use crate::link::{Link, Values};
use crate::net::Net;
use serde::Serialize;
use std::rc::Rc;
use std::sync::Arc;

/// The lab.
pub static LAB: Record = Record::of::<Stub>(&STUB, |_| -> Result<Box<dyn Learnable>, Error> {
    Err(Error::Engine {
        reason: "No network learns these paths.".to_owned(),
        remedy: String::new(),
    })
});

/// What is exact, and how the run will be recorded: `x` `[shown]`, and the `variance` of all paths.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct StubScene {
    /// The lab.
    pub lab: &'static str,
    /// The frames.
    #[serde(flatten)]
    pub timeline: Timeline,
    /// Number of paths.
    pub n: usize,
    /// Paths in every frame: the first of n.
    pub shown: usize,
    /// Half the height of the picture, for both sides.
    pub reach: f64,
}

/// The exact variance at every index.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct StubVariance {
    /// At index 0, 1, …, N.
    pub variance: Reals,
}

impl Weight for Stub {
    fn particles(&self) -> usize {
        self.n
    }

    fn coordinates(&self) -> usize {
        1
    }

    fn bytes(&self, n: usize) -> u64 {
        let frames = shown(self.steps).len() * (n.min(run::SHOWN) + 1);
        (8 * n + 8 * frames) as u64
    }

    fn smaller(&self) -> Option<&'static str> {
        None
    }
}

impl Configured for Stub {
    /// Half the height of a picture that holds both sides.
    type Shared = f64;
    const QUESTIONS: &'static [Question] = &[Question {
        name: "variance",
        args: &[],
    }];
    const JOBS: &'static [&'static str] = &[];

    fn open(values: &Values) -> Result<Self, Error> {
        Ok(Self {
            persistence: values.need_real("persistence")?,
            steps: values.need_int("steps")? as usize,
            n: values.need_int("n")? as usize,
            seed: values.need_int("seed")?,
        })
    }

    fn share(sides: &[&Self]) -> f64 {
        let widest = sides.iter().map(|side| side.variance(side.steps));
        3.0 * widest.fold(0.0, f64::max).sqrt()
    }

    fn scene(self: &Rc<Self>, reach: &f64) -> Task {
        let (own, reach) = (self.clone(), *reach);
        Task::at_once(move || {
            let shown = shown(own.steps);
            Ok(StubScene {
                lab: STUB.name(),
                timeline: Timeline {
                    clock: Clock::Index,
                    steps: own.steps,
                    frames: shown.len(),
                    level_index: shown.iter().map(|&i| i as u32).collect(),
                    record: Named(crate::labs::record::Camera::record(&Camera::new(&own))),
                    warnings: vec![],
                },
                n: own.n,
                shown: own.n.min(run::SHOWN),
                reach,
            })
        })
    }

    fn ask(self: &Rc<Self>, _: &f64, _: &str, _: &Args) -> Result<Task, Error> {
        let variance = self.variances();
        Ok(Task::at_once(move || Ok(StubVariance { variance })))
    }

    fn ready(&self) -> Result<(), Error> {
        Ok(())
    }

    fn run(self: &Rc<Self>, _: &f64, engine: &Engine) -> Result<Box<dyn Runner>, Error> {
        match engine.is_host() {
            true => Ok(Box::new(Paths::new(self.clone()))),
            false => Err(Error::Unsupported {
                reason: "Paths are simulated on the host.".to_owned(),
            }),
        }
    }

    fn job(_: &Link, name: &str) -> Result<Box<dyn Job>, Error> {
        Err(unknown("job", name, Self::JOBS))
    }

    fn plan(&self) -> PlanTable {
        let row = |i: usize| [i as f64, self.persistence, self.noise()].map(Cell::from);
        PlanTable {
            columns: vec!["index", "keep", "noise"],
            rows: (1..=self.steps).map(|i| row(i).to_vec()).collect(),
            note: "Each step sets x ← keep·x + noise·z.",
        }
    }

    fn preview(&self, _: &f64, _: Arc<Net>, _: u64) -> Option<Preview> {
        None
    }
}
