//! An experiment, its tasks, runs and jobs across the boundary. No lab is named here.

use super::cross::{plain, thrown};
use super::read::{read, side};
use super::shapes::{Check, Progress};
use crate::fingerprint::{Fingerprint, Shared, TOLERANCE, Verdict};
use crate::labs;
use crate::labs::memory;
use crate::labs::{Args, go_on};
use crate::link::Link;
use crate::link::Side;
use crate::word::Words;
use js_sys::{Array, Float64Array, Object};
use wasm_bindgen::prelude::*;

/// Bytes that a page may count on: of the 4 GB of 32-bit memory browsers give half without trouble.
const MEMORY: u64 = 2_000_000_000;

/// A link, compiled once. A side that cannot be made throws in its own calls only.
#[wasm_bindgen]
pub struct Experiment(pub(super) Box<dyn labs::Experiment>);

/// A computation in pieces.
#[wasm_bindgen]
pub struct Task(pub(super) labs::Task);

/// A run of one side.
#[wasm_bindgen]
pub struct Run(pub(super) Box<dyn labs::Runner>);

/// What computes points for a picture of both sides, on the host.
#[wasm_bindgen]
pub struct Job(pub(super) Box<dyn labs::Job>);

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
    /// Does about `work` units of 25 ns. True when done.
    pub fn advance(&mut self, work: f64) -> Result<bool, JsValue> {
        self.0.advance(work as usize).map_err(thrown)
    }

    /// Units of work so far.
    #[wasm_bindgen(getter)]
    pub fn work(&self) -> f64 {
        self.0.work() as f64
    }

    /// The answer, once, when done.
    #[wasm_bindgen(unchecked_return_type = "any")]
    pub fn answer(&mut self) -> Result<JsValue, JsValue> {
        self.0.answer().map(|a| a.cross()).map_err(thrown)
    }
}

#[wasm_bindgen]
impl Run {
    /// Does about `work` units, each the time of a normal draw; on a device evaluations, but for films.
    #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
    pub async fn advance(&mut self, work: f64) -> Result<JsValue, JsValue> {
        let run = self.0.as_mut();
        let before = run.work();
        let done = go_on(run, work as usize).await.map_err(thrown)?;
        Ok(plain(&Progress {
            done,
            frame: run.frames().saturating_sub(1),
            evaluations: run.evaluations(),
            total: run.total(),
            part: run.evaluations() as f64 / run.total().max(1) as f64,
            work: run.work().saturating_sub(before),
            spent: run.work(),
            lost: run.lost(),
        }))
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

    /// What moves the particles, in words.
    #[wasm_bindgen(getter)]
    pub fn path(&self) -> String {
        self.0.path().label().to_owned()
    }

    /// Products with the score's Jacobian or its transpose so far, a particle (a mean); undefined where there are
    /// none to count.
    pub fn jacobian_products(&self) -> Option<f64> {
        self.0.jacobian_products()
    }

    /// The fingerprint of the result; none where the device was lost on the way.
    pub fn fingerprint(&self) -> Result<Option<String>, JsValue> {
        let own = self.0.fingerprint().map_err(thrown)?;
        Ok(self.0.lost().is_none().then(|| own.encode()))
    }

    /// Compares the result, that of a side of the link, with the fingerprint in the link; null where the link has none of
    /// this side.
    #[wasm_bindgen(unchecked_return_type = "Check | null")]
    pub fn check(
        &self,
        link: &str,
        #[wasm_bindgen(unchecked_param_type = "'a' | 'b'")] name: &str,
    ) -> Result<JsValue, JsValue> {
        let (link, side) = (read(link)?.link, side(name)?);
        let own = self.0.fingerprint().map_err(thrown)?;
        let judged = check(side, &own, &link, self.0.amplifies_rounding());
        Ok(plain(&match (judged, self.0.lost()) {
            (Some(judged), Some(message)) => Some(Check {
                verdict: "unread",
                difference: f64::NAN,
                message,
                ..judged
            }),
            (judged, _) => judged,
        }))
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
    /// Does a part of what is known before the runs. True when all is known.
    pub fn prepare(&mut self) -> bool {
        self.0.prepare()
    }

    /// What is known before the runs, once it is prepared.
    #[wasm_bindgen(unchecked_return_type = "any")]
    pub fn plan(&self) -> Result<JsValue, JsValue> {
        self.0.plan().map(|p| p.cross()).map_err(thrown)
    }

    /// Runs in all.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> u32 {
        self.0.total() as u32
    }

    /// The price of all runs in units of 25 ns, once they are prepared.
    #[wasm_bindgen(getter)]
    pub fn price(&self) -> f64 {
        self.0.price()
    }

    /// Does about `work` units of 25 ns.
    #[wasm_bindgen(unchecked_return_type = "Promise<Progress>")]
    pub async fn advance(&mut self, work: f64) -> JsValue {
        let before = self.0.work();
        let done = self.0.advance(work as usize);
        let (now, all) = (self.0.done(), self.0.total());
        plain(&Progress {
            done,
            frame: now,
            evaluations: now as u64,
            total: all as u64,
            part: self.0.work() / self.0.price(),
            work: (self.0.work() - before) as u64,
            spent: self.0.work() as u64,
            lost: None,
        })
    }

    /// The points since the last call.
    #[wasm_bindgen(unchecked_return_type = "any[]")]
    pub fn take(&mut self) -> JsValue {
        let points = self.0.take();
        points.iter().map(|p| p.cross()).collect::<Array>().into()
    }
}

/// Compares the result of a side with its fingerprint in the link, where there is one.
fn check(side: Side, own: &Fingerprint, link: &Link, amplifies_rounding: bool) -> Option<Check> {
    let shared = Shared::decode(link.a.text("fp").unwrap_or_default());
    let judged = shared.map(|s| s.judge(side, own, link, amplifies_rounding));
    // In a comparison the words name the side that they are about.
    let of = match (&link.b, side) {
        (None, _) => "",
        (Some(_), Side::A) => " configuration A",
        (Some(_), Side::B) => " configuration B",
    };
    let (verdict, difference, message) = match judged.transpose()? {
        Err(e) => ("unread", f64::NAN, e.to_string()),
        Ok(Verdict::Edited) => (
            "edited",
            f64::NAN,
            "This link was edited after it was shared, so its result is not compared. Share it again to have it checked."
                .to_owned(),
        ),
        Ok(Verdict::Exact) => (
            "exact",
            0.0,
            format!("Reproduced{of}: every sample is the same to the last bit."),
        ),
        Ok(Verdict::Close(d)) => (
            "close",
            d,
            format!(
                "Reproduced{of} within tolerance: the largest difference is {d:.1e} (allowed {TOLERANCE:.0e})."
            ),
        ),
        Ok(Verdict::Different(d)) => (
            "different",
            d,
            format!(
                "Not reproduced{of}: the result differs from the shared one by {d:.1e} (allowed {TOLERANCE:.0e})."
            ),
        ),
    };
    Some(Check {
        verdict,
        difference,
        tolerance: TOLERANCE,
        message,
    })
}
