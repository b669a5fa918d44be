//! The answers of an experiment with chains.

use super::answers::ChainPosterior;
use super::keys::LGSSM;
use super::scene::{self, Reach};
use super::{Camera, ChainLab, Run};
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::labs::experiment::{Configured, Record};
use crate::labs::preview::{Preview, SHARE};
use crate::labs::runner::{Engine, Runner};
use crate::labs::shared::{Part, Portion};
use crate::labs::table::{PlanTable, plan_table};
use crate::labs::task::{Args, Job, Question, Stages, Task, unknown};
use crate::link::{Link, Network, Values};
use crate::net::Net;
use crate::sample::Share;
use std::rc::Rc;
use std::sync::Arc;

/// Of previews: the least number of chains, what guidance costs about in all, and the evaluations of a network in one
/// stage, at most: the shortest piece there is.
const CHAINS: u64 = 8;
const GUIDED: u64 = 32;
const STAGE: u64 = 1 << 15;

/// The lab lgssm.
pub static LAB: Record = Record::of::<ChainLab>(&LGSSM, |values| {
    Ok(match values.network() {
        Network::Trained => Box::new(super::windows(values)?),
        Network::Pretrained | Network::None => Box::new(super::model(values)?),
    })
});

impl Configured for ChainLab {
    /// What a picture of both sides contains.
    type Shared = Rc<Reach>;
    const QUESTIONS: &'static [Question] = &[
        Question {
            name: "posterior",
            args: &["y"],
        },
        Question {
            name: "covariance",
            args: &[],
        },
        Question {
            name: "score-errors",
            args: &[],
        },
    ];
    const JOBS: &'static [&'static str] = &[];

    fn open(values: &Values) -> Result<Self, Error> {
        Self::new(values)
    }

    fn share(sides: &[&Self]) -> Rc<Reach> {
        Rc::new(Reach::of(sides))
    }

    fn scene(self: &Rc<Self>, reach: &Rc<Reach>) -> Task {
        scene::scene_task(self, reach)
    }

    fn ask(self: &Rc<Self>, _: &Rc<Reach>, name: &str, args: &Args) -> Result<Task, Error> {
        let lab = self.clone();
        match name {
            "posterior" => {
                let (law, y) = (self.reference.clone(), args.numbers("y").to_vec());
                law.accepts(&y)?;
                let (parts, price) = law.parts();
                let prepare = move |(): &mut (), _| {
                    law.prepare();
                    Ok(())
                };
                let stages = Stages::on(()).then(parts, price, prepare);
                Ok(stages.answer(move |()| {
                    Ok(ChainPosterior {
                        mean: lab.reference.given(&y)?.into(),
                        sd: lab.reference.sd().to_vec().into(),
                    })
                }))
            }
            "covariance" => Ok(scene::covariance_task(self)),
            _ => {
                self.setup.ready()?;
                scene::score_errors_task(self)
            }
        }
    }

    fn ready(&self) -> Result<(), Error> {
        self.setup.ready()
    }

    fn run(self: &Rc<Self>, _: &Rc<Reach>, engine: &Engine) -> Result<Box<dyn Runner>, Error> {
        let camera = Camera::new(self);
        Ok(Box::new(Run::on(self.clone(), camera, engine)?))
    }

    fn portion(self: &Rc<Self>, share: &Share, levels: &[usize]) -> Option<Box<dyn Portion>> {
        Some(Box::new(Part::new(self.clone(), share, levels)))
    }

    fn job(_: &Link, name: &str) -> Result<Box<dyn Job>, Error> {
        Err(unknown("job", name, Self::JOBS))
    }

    fn plan(&self) -> PlanTable {
        plan_table(&self.setup)
    }

    fn preview(&self, _: &Rc<Reach>, net: Arc<Net>, all: u64) -> Option<Preview> {
        let guided = if self.guides { GUIDED } else { 1 };
        let windows = self.windows();
        let one = windows * guided;
        let nfe = self.score_calls() as u64;
        let n = (all / SHARE / (nfe * one).max(1)).max(CHAINS);
        let n = n.min(STAGE / one).min(self.setup.n as u64);
        if nfe == 0 || n == 0 {
            return None;
        }
        let (camera, price) = (Camera::new(self), net.price());
        let lab = self.with_network(net, n as usize).ok()?;
        Some(Preview::of(Run::with(lab, camera), price))
    }
}

impl ChainLab {
    /// Windows that a chain asks the network for, for each x̂.
    fn windows(&self) -> u64 {
        let k = self.score.half_window().unwrap_or(0) as u64;
        (self.chain.length() as u64).saturating_sub(2 * k).max(1)
    }
}
