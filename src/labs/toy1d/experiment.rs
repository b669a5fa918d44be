//! The answers of an experiment on the line.

use super::errors::ERRORS;
use super::keys::TOY1D;
use super::{Axis, Camera, Run, Sweep, Toy1d, flow, scene};
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

/// The lab toy1d.
pub static LAB: Record = Record::of::<Toy1d>(&TOY1D, |values| Ok(Box::new(super::law(values)?)));

impl Configured for Toy1d {
    type Shared = Axis;
    const QUESTIONS: &'static [Question] = &[
        Question {
            name: "flow",
            args: &[],
        },
        STEP,
    ];
    const JOBS: &'static [&'static str] = &["sweep", "errors"];

    fn open(values: &Values) -> Result<Self, Error> {
        Self::new(values)
    }

    fn share(sides: &[&Self]) -> Axis {
        Axis::holding(sides)
    }

    fn scene(self: &Rc<Self>, axis: &Axis) -> Task {
        scene::task(self.clone(), *axis)
    }

    fn ask(self: &Rc<Self>, axis: &Axis, name: &str, args: &Args) -> Result<Task, Error> {
        self.setup.ready()?;
        if name == STEP.name {
            let (frame, particle) = (args.whole("frame")?, args.whole("particle")?);
            return Ok(step::task(self.clone(), frame, particle));
        }
        Ok(flow::task(self.clone(), *axis))
    }

    fn ready(&self) -> Result<(), Error> {
        self.setup.ready()
    }

    fn run(self: &Rc<Self>, axis: &Axis, engine: &Engine) -> Result<Box<dyn Runner>, Error> {
        let camera = Camera::new(self, *axis);
        Ok(Box::new(Run::on(self.clone(), camera, engine)?))
    }

    fn portion(self: &Rc<Self>, share: &Share, levels: &[usize]) -> Option<Box<dyn Portion>> {
        Some(Box::new(Part::new(self.clone(), share, levels)))
    }

    fn job(link: &Link, name: &str) -> Result<Box<dyn Job>, Error> {
        Ok(match name {
            "sweep" => Box::new(Sweep::new(link)?),
            _ => Box::new(ErrorJob::new(link, ERRORS)?),
        })
    }

    fn plan(&self) -> PlanTable {
        plan_table(&self.setup)
    }

    fn preview(&self, axis: &Axis, net: Arc<Net>, all: u64) -> Option<Preview> {
        let (mut lab, price) = (self.clone(), net.price());
        few(&mut lab.setup, net, all);
        Some(Preview::of(Run::new(lab, *axis), price))
    }
}
