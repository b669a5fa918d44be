//! A run of one side of any lab: the particles, and what is recorded of them for the pictures.

use super::record::{Camera, Frames, Metric, Metrics, Recorder};
use super::runner::{Engine, Runner};
use super::setup::Setup;
use super::task::{Args, Question, Task, find};
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::sample::{Executor, Settling};
use std::rc::Rc;

/// One configuration, compiled, whose run follows a plan: what the run asks of its lab.
pub trait Lab: 'static {
    /// What looks at the particles of a run.
    type Camera: Camera;

    /// Process, plan, particles.
    fn setup(&self) -> &Setup;

    /// Coordinates of a particle.
    fn dim(&self) -> usize;

    /// What the sampler asks for x̂.
    fn denoiser(&self) -> &dyn Denoiser;

    /// The particles at the start of a run on the host.
    fn start(&self) -> Box<dyn Executor>;

    /// The particles at the start of a run on a device.
    ///
    /// # Errors
    /// If the lab does not run there.
    #[cfg(feature = "tensor")]
    fn start_on(&self, place: &crate::tensor::Place) -> Result<Box<dyn Executor>, Error>;

    /// How often a result takes the plan from start to end.
    fn rounds(&self) -> usize {
        1
    }

    /// What is not right about a run though it can be done, each with its remedy.
    fn warnings(&self) -> Vec<String>;

    /// Bytes that a run of `n` particles takes at its peak, about, and not more: particles, records, numbers at the end.
    fn memory(&self, n: usize) -> u64;

    /// What makes a particle smaller, in words; none where nothing does.
    fn smaller(&self) -> Option<&'static str> {
        None
    }

    /// What a run costs, by its names in the command line's answer.
    fn costs(&self) -> Vec<(&'static str, u64)> {
        vec![]
    }

    /// The numbers at a recorded frame; `end` is the final state where the run is done and the frame is
    /// the last.
    fn rows(&self, camera: &Self::Camera, frame: usize, end: Option<&[f64]>) -> Vec<Metric>;

    /// What can be asked of a run beside its metrics, without arguments.
    fn asked(&self) -> &'static [Question] {
        &[]
    }

    /// The answer to one of [`Lab::asked`], at the end of a run.
    fn answer(self: &Rc<Self>, _name: &str, _end: Rc<[f64]>) -> Option<Task> {
        None
    }
}

/// A run of one side that follows a plan.
pub struct Run<L: Lab> {
    /// The configuration.
    pub lab: Rc<L>,
    executor: Box<dyn Executor>,
    recorder: Recorder<L::Camera>,
    /// Device operations since the last read; whether this read is the next frame.
    queued: usize,
    shows: bool,
}

/// Device operations queued between two reads, about: the device's queue has no back-pressure of its own.
const QUEUE: usize = 500;

impl<L: Lab> Run<L> {
    /// A run of `lab` on the host, seen by `camera`; the start is its frame 0.
    pub fn with(lab: impl Into<Rc<L>>, camera: L::Camera) -> Self {
        let lab = lab.into();
        let state = lab.start();
        Self::starting(lab, camera, state)
    }

    /// A run of `lab` on an engine.
    ///
    /// # Errors
    /// If the lab does not run there.
    pub fn on(lab: impl Into<Rc<L>>, camera: L::Camera, engine: &Engine) -> Result<Self, Error> {
        let lab = lab.into();
        let executor = match engine {
            Engine::Host => lab.start(),
            #[cfg(feature = "tensor")]
            Engine::Device(place) => lab.start_on(place)?,
        };
        Ok(Self::starting(lab, camera, executor))
    }

    fn starting(lab: Rc<L>, camera: L::Camera, executor: Box<dyn Executor>) -> Self {
        let mut recorder = Recorder::new(lab.setup().shown_levels(), camera);
        recorder.record(executor.x());
        Self {
            lab,
            executor,
            recorder,
            queued: 0,
            shows: false,
        }
    }

    /// See [`Runner::advance`].
    pub fn advance(&mut self, work: usize) -> bool {
        self.advance_with(work, &mut |_, _| {})
    }

    /// As [`Runner::advance`], on the host showing the state to `watch` at every grid level that is reached.
    pub fn advance_with(&mut self, work: usize, watch: &mut dyn FnMut(usize, &[f64])) -> bool {
        let stop = self.spent() + work as u64;
        while !self.is_done() {
            let left = stop.saturating_sub(self.spent()).max(1) as usize;
            let denoiser = self.lab.denoiser();
            let plan = &self.lab.setup().plan;
            self.queued += self.executor.operations(plan);
            let landed = self.executor.advance(plan, denoiser, left);
            let shows = landed.is_some_and(|level| self.recorder.wants(level));
            if self.queued > 0 {
                self.shows = shows;
            } else if let Some(level) = landed {
                watch(level, self.executor.x());
                if shows {
                    self.recorder.record(self.executor.x());
                }
            }
            if self.shows || self.queued >= QUEUE || self.spent() >= stop {
                break;
            }
        }
        self.is_done()
    }

    /// Evaluations and Jacobian products so far.
    fn spent(&self) -> u64 {
        self.evaluations() + self.executor.products().unwrap_or(0)
    }

    /// As [`Runner::jacobian_products`].
    pub fn jacobian_products(&self) -> Option<f64> {
        let all = self.executor.products()?;
        Some(all as f64 / self.lab.setup().n as f64)
    }

    /// Whether every stage is done.
    pub fn is_done(&self) -> bool {
        self.executor.is_done(&self.lab.setup().plan)
    }

    /// Denoiser evaluations so far, over all particles.
    pub fn evaluations(&self) -> u64 {
        self.executor.evaluations(&self.lab.setup().plan)
    }

    /// Denoiser evaluations of the whole run.
    pub fn total(&self) -> u64 {
        let setup = self.lab.setup();
        self.executor.total(&setup.plan, setup.n)
    }

    /// Whether all that was done so far is a result; asked after each piece of work.
    ///
    /// # Errors
    /// What broke down.
    pub fn check(&self) -> Result<(), Error> {
        self.executor.check()
    }

    /// The recorder.
    pub fn recorder(&mut self) -> &mut Recorder<L::Camera> {
        &mut self.recorder
    }

    /// The numbers at a frame, if it was reached.
    pub fn metrics(&self, frame: usize) -> Option<Metrics> {
        let setup = self.lab.setup();
        let level_index = self.recorder.level(frame)?;
        let last = self.recorder.is_last(frame);
        let end = (last && self.is_done()).then(|| self.executor.x());
        let stages = &setup.plan.stages;
        let reached = stages
            .iter()
            .position(|s| s.lands == Some(level_index))
            .map_or(0, |i| i + 1);
        Some(Metrics {
            frame,
            t: setup.plan.levels[level_index].t,
            r#final: last,
            rows: self.lab.rows(self.recorder.camera(), frame, end),
            nfe: self.lab.rounds()
                * stages[..reached]
                    .iter()
                    .filter(|s| s.level.is_some())
                    .count(),
        })
    }

    /// The numbers at the end.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn final_metrics(&self) -> Result<Metrics, Error> {
        let frame = self.recorder.frames() - 1;
        let done = self.is_done().then(|| self.metrics(frame)).flatten();
        done.ok_or(Error::NotYet {
            what: "final metric",
        })
    }

    /// The final samples, `[n × dim]`.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn samples(&self) -> Result<&[f64], Error> {
        if self.is_done() {
            Ok(self.executor.x())
        } else {
            Err(Error::NotYet {
                what: "final sample",
            })
        }
    }

    /// The present state.
    pub fn x(&self) -> &[f64] {
        self.executor.x()
    }

    /// The fingerprint of the result.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn fingerprint(&self) -> Result<Fingerprint, Error> {
        Ok(Fingerprint::of(self.samples()?))
    }
}

/// What can be asked of every run.
const METRICS: Question = Question {
    name: "metrics",
    args: &["frame"],
};

impl<L: Lab> Runner for Run<L> {
    fn advance(&mut self, work: usize) -> bool {
        Run::advance(self, work)
    }

    fn settle(&mut self) -> Settling<'_> {
        if self.queued == 0 {
            return Box::pin(std::future::ready(Ok(())));
        }
        Box::pin(async {
            self.executor.settle().await?;
            self.queued = 0;
            self.check()?;
            if std::mem::take(&mut self.shows) {
                self.recorder.record(self.executor.x());
            }
            Ok(())
        })
    }

    fn is_done(&self) -> bool {
        Run::is_done(self)
    }

    fn evaluations(&self) -> u64 {
        Run::evaluations(self)
    }

    fn total(&self) -> u64 {
        Run::total(self)
    }

    fn products(&self) -> Option<u64> {
        self.executor.products()
    }

    fn jacobian_products(&self) -> Option<f64> {
        Run::jacobian_products(self)
    }

    fn frames(&self) -> usize {
        self.recorder.frames()
    }

    fn take(&mut self) -> Option<Frames> {
        self.recorder.take()
    }

    fn ask(&self, question: &str, args: &Args) -> Result<Task, Error> {
        let mut all = vec![METRICS];
        all.extend(self.lab.asked());
        let name = find(&all, question, args)?;
        if name == METRICS.name {
            let metrics = self.metrics(args.whole("frame")?);
            return Ok(Task::at_once(move || Ok(metrics)));
        }
        let end: Option<Rc<[f64]>> = self.samples().ok().map(Into::into);
        let task = end.and_then(|end| self.lab.answer(name, end));
        // Before the end there is nothing to answer.
        Ok(task.unwrap_or_else(|| Task::at_once(|| Ok(None::<()>))))
    }

    fn check(&self) -> Result<(), Error> {
        Run::check(self)
    }

    fn dim(&self) -> usize {
        self.lab.dim()
    }

    fn samples(&self) -> Result<&[f64], Error> {
        Run::samples(self)
    }

    fn amplifies_rounding(&self) -> bool {
        self.lab.setup().amplifies_rounding()
    }
}

/// Three significant digits.
pub(super) fn short(x: f64) -> String {
    if x.abs() < 1e-12 {
        return "0".to_owned();
    }
    if !x.is_finite() {
        return x.to_string();
    }
    let digits = 2 - libm::floor(libm::log10(x.abs())) as i32;
    format!("{x:.*}", digits.clamp(0, 12) as usize)
}
