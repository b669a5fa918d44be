//! The answers of an experiment.

use super::baseline::{interpolated, is_known, price};
use super::clock;
use super::keys::TURBULENCE;
use super::numbers::{self, PART};
#[cfg(feature = "tensor")]
use super::on_device::OnDevice;
use super::run::Run;
use super::scene::scene;
use super::setup::{Sampling, Setup};
use super::together::Part;
use super::twin::Twin;
use super::way::Elsewhere;
use crate::answer::Floats;
use crate::error::Error;
use crate::labs::Learnable;
use crate::labs::experiment::{Configured, Record};
use crate::labs::preview::Preview;
use crate::labs::runner::{Engine, Runner};
use crate::labs::shared::Portion;
use crate::labs::table::{Cell, PlanTable};
use crate::labs::task::{Args, Job, Question, Stages, Task, unknown};
use crate::labs::weight::{REAL, Weight};
use crate::link::{Link, Values};
use crate::net::Net;
use crate::sample::Share;
use serde::Serialize;
use std::rc::Rc;
use std::sync::Arc;

/// The lab.
pub static LAB: Record =
    Record::of::<Twin>(&TURBULENCE, |_| -> Result<Box<dyn Learnable>, Error> {
        Err(Error::Engine {
            reason: "No network learns this flow here.".to_owned(),
            remedy: String::new(),
        })
    });

/// Films that a run is held against, `[film_frames][y][x]` in units; empty where one is not known.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FilmBaselines {
    /// The Gaussian posterior mean.
    pub posterior: Floats,
    /// Interpolation; of a forecast, the last known frame, held.
    pub interpolation: Floats,
    /// Why there is no Gaussian posterior, where it fails.
    pub fault: String,
}

/// A film for pictures.
fn floats(film: &[f64]) -> Floats {
    film.iter().map(|x| *x as f32).collect()
}

/// The answer to the question `baselines`.
fn baselines(twin: &Rc<Twin>) -> Task {
    let (own, end) = (twin.clone(), twin.clone());
    let known = is_known(twin);
    let count = numbers::parts(twin) + if known { price(twin) / PART + 2 } else { 0 };
    Stages::on(())
        .then(count, PART, move |(), _| {
            match known {
                // What fails is told with the answer.
                true => own.solve(&mut { PART as i64 }).ok(),
                false => own.simulate(&mut { PART as i64 }).ok(),
            };
            Ok(())
        })
        .answer(move |()| {
            while !end.simulate(&mut { PART as i64 })? {}
            let fault = loop {
                match known.then(|| end.solve(&mut { PART as i64 })) {
                    Some(Ok(false)) => {}
                    Some(Err(fault)) => break fault.to_string(),
                    Some(Ok(true)) | None => break String::new(),
                }
            };
            let interpolation = match end.lattice() {
                Some(_) => floats(&interpolated(&end, &end.past.borrow().y)?),
                None => vec![].into(),
            };
            Ok(FilmBaselines {
                posterior: floats(end.baseline.borrow().film()),
                interpolation,
                fault,
            })
        })
}

/// What the rows of a sampler's plan are.
fn note(own: &Sampling) -> &'static str {
    let corrected = own.plan.stages.iter().any(|stage| stage.scaled.is_some());
    match (own.segments.len() > 1, corrected) {
        (false, false) => {
            "x̂ is the denoised film at (t, α, σ), x̂₋₁ that of the evaluation before, z noise."
        }
        (false, true) => {
            "x̂ is the denoised film at (t, α, σ), x̂₋₁ that of the evaluation before, z noise; in a correction, x̂ and z are scaled by the mean square of its noise."
        }
        (true, false) => {
            "x̂ is the denoised segment at (t, α, σ), x̂₋₁ that of the evaluation before, z noise. Each segment goes through all stages."
        }
        (true, true) => {
            "x̂ is the denoised segment at (t, α, σ), x̂₋₁ that of the evaluation before, z noise; in a correction, x̂ and z are scaled by the mean square of its noise. Each segment goes through all stages."
        }
    }
}

/// What answers about the windows of a run, if the host does not.
#[cfg(feature = "tensor")]
fn elsewhere(twin: &Twin, engine: &Engine) -> Result<Option<Box<dyn Elsewhere>>, Error> {
    let Some(place) = engine.place() else {
        return Ok(None);
    };
    let window = twin.sampling.as_ref().map(Sampling::window);
    Ok(Some(Box::new(OnDevice::new(window, place)?)))
}

/// Without tensors there is the host alone.
#[cfg(not(feature = "tensor"))]
fn elsewhere(_: &Twin, _: &Engine) -> Result<Option<Box<dyn Elsewhere>>, Error> {
    Ok(None)
}

impl Weight for Twin {
    fn particles(&self) -> usize {
        self.n
    }

    fn coordinates(&self) -> usize {
        self.numbers()
    }

    fn bytes(&self, n: usize) -> u64 {
        let film = self.numbers() as u64;
        let kept = 4 * 4 * film * clock::shown(self).len() as u64;
        // Films, states and the last x̂ of all samples, and what is shown of them; one evaluation; the dense solve.
        let plan = self.sampling.as_ref().map_or(1, |own| own.plan.buffers());
        let samples = (5 + plan) * REAL * film * n as u64;
        // The weights, arranged forth and back, and the slopes of the forward passes that are kept.
        let network = match self.sampling.as_ref().is_some_and(Sampling::is_network) {
            true => 24_000_000,
            false => 0,
        };
        let solve = match is_known(self) {
            true => (REAL * 2 * price(self) as u64).min(64_000_000),
            false => 0,
        };
        samples + kept + solve + network + 20 * REAL * film + 16_000_000
    }

    fn smaller(&self) -> Option<&'static str> {
        Some("fewer frames")
    }
}

impl Configured for Twin {
    type Shared = ();
    const QUESTIONS: &'static [Question] = &[
        Question {
            name: "baselines",
            args: &[],
        },
        Question {
            name: "truth",
            args: &[],
        },
    ];
    const JOBS: &'static [&'static str] = &[];

    fn open(values: &Values) -> Result<Self, Error> {
        Ok(Self::new(Setup::new(values)?))
    }

    fn share(_: &[&Self]) {}

    fn scene(self: &Rc<Self>, (): &()) -> Task {
        scene(self)
    }

    fn ask(self: &Rc<Self>, (): &(), name: &str, _: &Args) -> Result<Task, Error> {
        Ok(match name {
            "baselines" => baselines(self),
            _ => numbers::truth(self),
        })
    }

    fn ready(&self) -> Result<(), Error> {
        Setup::ready(self)
    }

    fn run(self: &Rc<Self>, (): &(), engine: &Engine) -> Result<Box<dyn Runner>, Error> {
        Ok(Box::new(Run::new(self.clone(), elsewhere(self, engine)?)?))
    }

    fn portion(self: &Rc<Self>, share: &Share, _levels: &[usize]) -> Option<Box<dyn Portion>> {
        Some(Box::new(Part::new(self.windows()?, share)))
    }

    fn job(_: &Link, name: &str) -> Result<Box<dyn Job>, Error> {
        Err(unknown("job", name, Self::JOBS))
    }

    fn plan(&self) -> PlanTable {
        let Some(own) = &self.sampling else {
            let row = |k: usize| {
                let values = match self.seen.contains(&k) {
                    true => self.rows(),
                    false => 0,
                };
                let time = k as f64 * self.flow.interval;
                [k as f64, time, values as f64].map(Cell::from).to_vec()
            };
            return PlanTable {
                columns: vec!["frame", "time", "observed values"],
                rows: (0..self.frames).map(row).collect(),
                note: "The frames of the film, and what is seen of each.",
            };
        };
        let level = |i: usize, stage: &crate::sample::Stage| {
            let of = |f: fn(&crate::level::Level) -> f64| stage.level.as_ref().map_or(f64::NAN, f);
            [
                (i + 1) as f64,
                of(|l| l.t),
                of(|l| l.alpha),
                of(|l| l.sigma),
                stage.keep,
                stage.pulls[0],
                stage.pulls[1],
                stage.noise,
            ]
            .map(Cell::from)
            .to_vec()
        };
        let stages = own.plan.stages.iter().enumerate();
        PlanTable {
            columns: vec![
                "stage",
                "t",
                "α",
                "σ",
                "factor of x",
                "factor of x̂",
                "factor of x̂₋₁",
                "factor of z",
            ],
            rows: stages.map(|(i, stage)| level(i, stage)).collect(),
            note: note(own),
        }
    }

    fn preview(&self, (): &(), _: Arc<Net>, _: u64) -> Option<Preview> {
        None
    }
}
