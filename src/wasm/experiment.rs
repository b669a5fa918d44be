//! An experiment, its tasks, runs and jobs across the boundary. No lab is named here.

use super::links::read;
use super::{check, plain, progress, thrown};
use crate::error::Error;
use crate::labs;
use crate::labs::memory;
use crate::labs::{Args, go_on};
use crate::link::Side;
use js_sys::{Array, Float64Array, Object};
use wasm_bindgen::prelude::*;

/// Bytes that a page may count on: of the 4 GB of 32-bit memory browsers give half without trouble.
const MEMORY: u64 = 2_000_000_000;

/// A link, compiled once. A side that cannot be made throws in its own calls only.
#[wasm_bindgen]
pub struct Experiment(Box<dyn labs::Experiment>);

/// A computation in pieces.
#[wasm_bindgen]
pub struct Task(labs::Task);

/// A run of one side.
#[wasm_bindgen]
pub struct Run(Box<dyn labs::Runner>);

/// What computes points for a picture of both sides, on the host.
#[wasm_bindgen]
pub struct Job(Box<dyn labs::Job>);

/// A side by its letter.
pub(super) fn side(name: &str) -> Result<Side, JsValue> {
    match name {
        "a" => Ok(Side::A),
        "b" => Ok(Side::B),
        _ => Err(thrown(Error::Engine {
            reason: format!("There is no side “{name}”; it can be: a, b."),
            remedy: String::new(),
        })),
    }
}

/// Numbers and lists of numbers by name.
fn args(given: &JsValue) -> Args {
    let entries = Object::entries(given.unchecked_ref::<Object>());
    let entry = |pair: JsValue| {
        let pair: Array = pair.unchecked_into();
        let (name, value) = (pair.get(0), pair.get(1));
        let numbers = match value.as_f64() {
            Some(number) => vec![number],
            None => Float64Array::new(&value).to_vec(),
        };
        (name.as_string().unwrap_or_default(), numbers)
    };
    Args(entries.iter().map(entry).collect())
}

#[wasm_bindgen]
impl Experiment {
    /// Compiles a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str) -> Result<Experiment, JsValue> {
        let link = read(link)?.link;
        Ok(Experiment(labs::open(&link).map_err(thrown)?))
    }

    /// What is exact and known before a run: its answer is a Scene, SpaceScene or ChainScene.
    pub fn scene(
        &self,
        #[wasm_bindgen(unchecked_param_type = "'a' | 'b'")] name: &str,
    ) -> Result<Task, JsValue> {
        self.0.scene(side(name)?).map(Task).map_err(thrown)
    }

    /// A question of the lab about what is exact.
    pub fn ask(
        &self,
        #[wasm_bindgen(unchecked_param_type = "'a' | 'b'")] name: &str,
        question: &str,
        #[wasm_bindgen(unchecked_param_type = "Record<string, number | ArrayLike<number>>")]
        arguments: &JsValue,
    ) -> Result<Task, JsValue> {
        let task = self.0.ask(side(name)?, question, &args(arguments));
        task.map(Task).map_err(thrown)
    }

    /// A run of one side, on the engine of this package.
    pub fn run(
        &self,
        #[wasm_bindgen(unchecked_param_type = "'a' | 'b'")] name: &str,
    ) -> Result<Run, JsValue> {
        memory::check(self.0.as_ref(), MEMORY, memory::Holder::Page).map_err(thrown)?;
        let engine = super::engine::own().map_err(thrown)?;
        self.0.run(side(name)?, &engine).map(Run).map_err(thrown)
    }

    /// What computes points for a picture of both sides.
    pub fn job(&self, name: &str) -> Result<Job, JsValue> {
        self.0.job(name).map(Job).map_err(thrown)
    }

    /// The plan of one side as a table.
    #[wasm_bindgen(unchecked_return_type = "PlanTable")]
    pub fn plan(
        &self,
        #[wasm_bindgen(unchecked_param_type = "'a' | 'b'")] name: &str,
    ) -> Result<JsValue, JsValue> {
        self.0.plan(side(name)?).map(|p| plain(&p)).map_err(thrown)
    }
}

#[wasm_bindgen]
impl Task {
    /// Does about `work` evaluations. True when done.
    pub fn advance(&mut self, work: f64) -> Result<bool, JsValue> {
        self.0.advance(work as usize).map_err(thrown)
    }

    /// The answer, once, when done.
    #[wasm_bindgen(unchecked_return_type = "any")]
    pub fn answer(&mut self) -> Result<JsValue, JsValue> {
        self.0.answer().map(|a| a.cross()).map_err(thrown)
    }
}

#[wasm_bindgen]
impl Run {
    /// Does about `work` denoiser evaluations.
    #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
    pub async fn advance(&mut self, work: f64) -> Result<JsValue, JsValue> {
        let run = self.0.as_mut();
        let done = go_on(run, work as usize).await.map_err(thrown)?;
        Ok(progress(
            done,
            run.frames() - 1,
            run.evaluations(),
            run.total(),
        ))
    }

    /// The frames since the last call.
    #[wasm_bindgen(unchecked_return_type = "Frames | null")]
    pub fn take(&mut self) -> JsValue {
        plain(&self.0.take())
    }

    /// A question about the run so far.
    pub fn ask(
        &self,
        question: &str,
        #[wasm_bindgen(unchecked_param_type = "Record<string, number | ArrayLike<number>>")]
        arguments: &JsValue,
    ) -> Result<Task, JsValue> {
        let task = self.0.ask(question, &args(arguments));
        task.map(Task).map_err(thrown)
    }

    /// Products with the score's Jacobian or its transpose so far, a particle (a mean); undefined where there are
    /// none to count.
    pub fn jacobian_products(&self) -> Option<f64> {
        self.0.jacobian_products()
    }

    /// The fingerprint of the result.
    pub fn fingerprint(&self) -> Result<String, JsValue> {
        Ok(self.0.fingerprint().map_err(thrown)?.encode())
    }

    /// Compares the result with the fingerprint in its link.
    #[wasm_bindgen(unchecked_return_type = "Check")]
    pub fn check(&self, link: &str) -> Result<JsValue, JsValue> {
        let link = read(link)?.link;
        let own = self.0.fingerprint().map_err(thrown)?;
        Ok(check(&own, &link, self.0.amplifies_rounding()))
    }

    /// The final samples, `[n × dim]`.
    pub fn samples(&self) -> Result<Vec<f64>, JsValue> {
        Ok(self.0.samples().map_err(thrown)?.to_vec())
    }

    /// The final samples as CSV, a column a coordinate.
    pub fn csv(&self) -> Result<String, JsValue> {
        let samples = self.0.samples().map_err(thrown)?;
        Ok(labs::csv(samples, self.0.dim()))
    }
}

#[wasm_bindgen]
impl Job {
    /// What is known before the runs.
    #[wasm_bindgen(unchecked_return_type = "any")]
    pub fn plan(&self) -> JsValue {
        self.0.plan().cross()
    }

    /// Runs in all.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> u32 {
        self.0.total() as u32
    }

    /// Does about `work` denoiser evaluations.
    #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
    pub async fn advance(&mut self, work: f64) -> JsValue {
        let done = self.0.advance(work as usize);
        let (now, all) = (self.0.done(), self.0.total());
        progress(done, now, now as u64, all as u64)
    }

    /// The points since the last call.
    #[wasm_bindgen(unchecked_return_type = "any[]")]
    pub fn take(&mut self) -> JsValue {
        let points = self.0.take();
        points.iter().map(|p| p.cross()).collect::<Array>().into()
    }
}

// What the page asked before there was an experiment: each compiles the link again.

fn whole(task: Result<Task, JsValue>) -> Result<JsValue, JsValue> {
    let answer = task?.0.finish().map_err(thrown)?;
    Ok(answer.cross())
}

fn asked(
    link: &str,
    side: &str,
    question: &str,
    given: &[(&str, &[f64])],
) -> Result<JsValue, JsValue> {
    let list = given.iter().map(|(n, x)| ((*n).to_owned(), x.to_vec()));
    let own = Experiment::new(link)?;
    let task = own
        .0
        .ask(self::side(side)?, question, &Args(list.collect()));
    whole(task.map(Task).map_err(thrown))
}

/// The exact picture of one side.
#[wasm_bindgen(unchecked_return_type = "Scene | SpaceScene | ChainScene")]
pub fn scene(link: &str, side: &str) -> Result<JsValue, JsValue> {
    whole(Experiment::new(link)?.scene(side))
}

/// The exact density of one frame of a lab in the plane, on the cells of the window.
#[wasm_bindgen(unchecked_return_type = "Float32Array")]
pub fn space_density(link: &str, side: &str, frame: f64) -> Result<JsValue, JsValue> {
    asked(link, side, "density", &[("frame", &[frame])])
}

/// The velocity of one frame of a lab in the plane, on `count × count` cells.
#[wasm_bindgen(unchecked_return_type = "Float32Array")]
pub fn space_velocity(link: &str, side: &str, frame: f64, count: f64) -> Result<JsValue, JsValue> {
    let args: [(&str, &[f64]); 2] = [("frame", &[frame]), ("count", &[count])];
    asked(link, side, "velocity", &args)
}

/// The trajectory of the probability flow through `y` at a frame, both ways.
#[wasm_bindgen(unchecked_return_type = "Float32Array")]
pub fn space_follow(link: &str, side: &str, frame: f64, y: &[f64]) -> Result<JsValue, JsValue> {
    asked(link, side, "follow", &[("frame", &[frame]), ("y", y)])
}

/// The probability flow of one side of the lab toy1d.
#[wasm_bindgen(unchecked_return_type = "Flow")]
pub fn flow(link: &str, side: &str) -> Result<JsValue, JsValue> {
    asked(link, side, "flow", &[])
}

/// The plan of one side as a table.
#[wasm_bindgen(unchecked_return_type = "PlanTable")]
pub fn plan_table(link: &str, side: &str) -> Result<JsValue, JsValue> {
    Experiment::new(link)?.plan(side)
}

/// The exact covariance of the reference.
#[wasm_bindgen(unchecked_return_type = "ChainCovariance")]
pub fn chain_covariance(link: &str, side: &str) -> Result<JsValue, JsValue> {
    asked(link, side, "covariance", &[])
}

/// The relative errors of the scores of windows over σ/α.
#[wasm_bindgen(unchecked_return_type = "ChainScoreErrors")]
pub fn chain_score_errors(link: &str, side: &str) -> Result<JsValue, JsValue> {
    asked(link, side, "score-errors", &[])
}

/// The reference of one side of a link, compiled once for many values of its observations.
#[wasm_bindgen]
pub struct Posterior(Experiment, Side);

#[wasm_bindgen]
impl Posterior {
    /// The reference of one side of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str, side: &str) -> Result<Posterior, JsValue> {
        Ok(Posterior(Experiment::new(link)?, self::side(side)?))
    }

    /// Its law for other values.
    #[wasm_bindgen(unchecked_return_type = "ChainPosterior")]
    pub fn given(&self, y: &[f64]) -> Result<JsValue, JsValue> {
        let y = Args(vec![("y".to_owned(), y.to_vec())]);
        let task = self.0.0.ask(self.1, "posterior", &y);
        whole(task.map(Task).map_err(thrown))
    }
}

#[wasm_bindgen]
impl Run {
    /// The run of one side of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str, side: &str) -> Result<Run, JsValue> {
        Experiment::new(link)?.run(side)
    }

    /// The numbers at a frame.
    #[wasm_bindgen(unchecked_return_type = "Metrics | null")]
    pub fn metrics(&self, frame: f64) -> Result<JsValue, JsValue> {
        let frame = Args(vec![("frame".to_owned(), vec![frame])]);
        whole(self.0.ask("metrics", &frame).map(Task).map_err(thrown))
    }

    /// The covariance of the final chains of the lab lgssm.
    #[wasm_bindgen(unchecked_return_type = "Float32Array | null")]
    pub fn covariance(&self) -> JsValue {
        let task = self.0.ask("covariance", &Args::default());
        whole(task.map(Task).map_err(thrown)).unwrap_or(JsValue::NULL)
    }
}

/// The sweep over the number of steps.
#[wasm_bindgen]
pub struct Sweep(Job);

/// Where the errors of each side with a network come from.
#[wasm_bindgen]
pub struct Errors(Job);

macro_rules! old_job {
    ($name:ident, $job:literal, $plan:literal, $points:literal) => {
        #[wasm_bindgen]
        impl $name {
            /// Of a link.
            #[wasm_bindgen(constructor)]
            pub fn new(link: &str) -> Result<$name, JsValue> {
                Experiment::new(link)?.job($job).map($name)
            }

            /// Runs in all.
            #[wasm_bindgen(getter)]
            pub fn total(&self) -> u32 {
                self.0.total()
            }

            /// What is known before the runs.
            #[wasm_bindgen(unchecked_return_type = $plan)]
            pub fn plan(&self) -> JsValue {
                self.0.plan()
            }

            /// Does about `work` denoiser evaluations.
            #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
            pub async fn advance(&mut self, work: f64) -> JsValue {
                self.0.advance(work).await
            }

            /// The points since the last call.
            #[wasm_bindgen(unchecked_return_type = $points)]
            pub fn take(&mut self) -> JsValue {
                self.0.take()
            }
        }
    };
}

old_job!(Sweep, "sweep", "SweepPlan", "SweepPoint[]");
old_job!(Errors, "errors", "ErrorPlan", "ErrorPoint[]");
