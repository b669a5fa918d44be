//! The answers of an experiment in the plane or in space.

use super::errors::ERRORS;
use super::keys::{TORUS_LAB, TOY2D};
use super::numbers::Numbers;
use super::{Camera, Run, SpaceLab, Window, field, follow};
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::labs::error_job::ErrorJob;
use crate::labs::experiment::{Configured, Record};
use crate::labs::preview::{Preview, few};
use crate::labs::runner::{Engine, Runner};
use crate::labs::shared::{Part, Portion};
use crate::labs::step::{self, STEP};
use crate::labs::table::{PlanTable, plan_table};
use crate::labs::task::{Args, Job, Question, Task};
use crate::link::{Link, Values};
use crate::net::Net;
use crate::sample::Share;
use std::rc::Rc;
use std::sync::Arc;

/// The lab toy2d.
pub static PLANE: Record =
    Record::of::<SpaceLab>(&TOY2D, |values| Ok(Box::new(super::law(values)?)));

/// The lab torus.
pub static TORUS: Record =
    Record::of::<SpaceLab>(&TORUS_LAB, |values| Ok(Box::new(super::law(values)?)));

impl SpaceLab {
    fn in_plane(&self) -> Result<(), Error> {
        match self.law.dim() {
            2 => Ok(()),
            dim => Err(Error::Engine {
                reason: format!("This picture is of the plane, and the lab has {dim} coordinates."),
                remedy: "Ask “follow”.".to_owned(),
            }),
        }
    }
}

impl Configured for SpaceLab {
    type Shared = Window;
    const QUESTIONS: &'static [Question] = &[
        Question {
            name: "density",
            args: &["frame"],
        },
        Question {
            name: "velocity",
            args: &["frame", "count"],
        },
        Question {
            name: "follow",
            args: &["frame", "y"],
        },
        STEP,
    ];
    const JOBS: &'static [&'static str] = &["errors"];

    fn open(values: &Values) -> Result<Self, Error> {
        Self::new(values)
    }

    fn share(sides: &[&Self]) -> Window {
        Window::holding(sides)
    }

    fn scene(self: &Rc<Self>, window: &Window) -> Task {
        let (lab, window) = (self.clone(), *window);
        Task::at_once(move || Ok(super::scene(&lab, window)))
    }

    fn ask(self: &Rc<Self>, window: &Window, name: &str, args: &Args) -> Result<Task, Error> {
        let (lab, window) = (self.clone(), *window);
        let frame = args.whole("frame")?.min(self.setup.frames().len() - 1);
        if name == "density" {
            self.in_plane()?;
            return Ok(field::density_task(lab, window, frame));
        }
        self.setup.ready()?;
        if name == "velocity" {
            self.in_plane()?;
            let count = args.whole("count")?.clamp(1, window.cells);
            return Ok(field::velocity_task(lab, window, frame, count));
        }
        if name == STEP.name {
            return Ok(step::task(lab, frame, args.whole("particle")?));
        }
        let y = args.numbers("y");
        if y.len() != self.law.dim() {
            return Err(Error::Engine {
                reason: format!("The argument y has to have {} numbers.", self.law.dim()),
                remedy: String::new(),
            });
        }
        Ok(follow::task(lab, frame, y))
    }

    fn ready(&self) -> Result<(), Error> {
        self.setup.ready()
    }

    fn run(self: &Rc<Self>, window: &Window, engine: &Engine) -> Result<Box<dyn Runner>, Error> {
        let camera = Camera::new(self, *window);
        Ok(Box::new(Run::on(self.clone(), camera, engine)?))
    }

    fn portion(self: &Rc<Self>, share: &Share, levels: &[usize]) -> Option<Box<dyn Portion>> {
        Some(Box::new(Part::new(self.clone(), share, levels)))
    }

    fn numbers(self: &Rc<Self>, given: Vec<f64>) -> Option<Task> {
        let stages = Numbers::stages(self, Some(Rc::new(given)));
        Some(stages.answer(|_| Ok(None::<()>)))
    }

    fn job(link: &Link, _: &str) -> Result<Box<dyn Job>, Error> {
        Ok(Box::new(ErrorJob::new(link, ERRORS)?))
    }

    fn plan(&self) -> PlanTable {
        plan_table(&self.setup)
    }

    fn preview(&self, window: &Window, net: Arc<Net>, all: u64) -> Option<Preview> {
        // The camera of the whole run is used: it pads missing particles.
        let camera = Camera::new(self, *window);
        let (mut lab, price) = (self.clone(), net.price());
        few(&mut lab.setup, net, all);
        Some(Preview::of(Run::with(lab, camera), price))
    }
}
