//! A toy lab that is built for tests only: autoregressive paths, simulated index by index. It shows what a lab needs, and
//! that a run need be neither a plan nor a way through noise.
//!
//! x₀ = 0 and xᵢ = a·xᵢ₋₁ + √(1 − a²)·z, so the variance at index i is 1 − a²ⁱ. Held by `tests/stub.rs`:
//! `the_variance_of_the_paths_is_the_closed_form`.

mod keys;
mod run;

use super::Learnable;
use super::experiment::{Configured, Record, Sides};
use super::preview::Preview;
use super::runner::{Engine, Runner};
use super::setup::shown;
use super::table::{Cell, PlanTable};
use super::task::{Args, Job, Question, Task, unknown};
use super::timeline::{Clock, Timeline};
use super::weight::Weight;
use crate::answer::{Named, Reals};
use crate::error::Error;
use crate::link::{Link, Values};
use crate::net::Net;
use keys::STUB;
use run::{Camera, Paths};
use serde::Serialize;
use std::rc::Rc;
use std::sync::Arc;

/// The lab.
pub static LAB: Record = Record {
    keys: &STUB,
    open: Sides::<Stub>::open,
    law: |_| -> Result<Box<dyn Learnable>, Error> {
        Err(Error::Engine {
            reason: "No network learns these paths.".to_owned(),
            remedy: String::new(),
        })
    },
};

/// One configuration, compiled.
#[derive(Debug, Clone, PartialEq)]
struct Stub {
    persistence: f64,
    steps: usize,
    n: usize,
    seed: u64,
}

impl Stub {
    /// The variance at an index.
    fn variance(&self, index: usize) -> f64 {
        1.0 - libm::pow(self.persistence * self.persistence, index as f64)
    }

    /// The variance at every index.
    fn variances(&self) -> Reals {
        (0..=self.steps).map(|i| self.variance(i)).collect()
    }

    /// The standard deviation of the noise of a step.
    fn noise(&self) -> f64 {
        (1.0 - self.persistence * self.persistence).sqrt()
    }
}

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
                    record: Named(super::record::Camera::record(&Camera::new(&own))),
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

    fn run(self: &Rc<Self>, _: &f64, engine: &Engine) -> Result<Box<dyn Runner>, Error> {
        match engine {
            Engine::Host => Ok(Box::new(Paths::new(self.clone()))),
            #[cfg(feature = "tensor")]
            Engine::Device(_) => Err(Error::Unsupported {
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
