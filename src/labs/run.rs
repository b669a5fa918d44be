//! A run of one side of any lab: the particles, and what is recorded of them for the pictures.

use super::setup::Setup;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::sample::{Executor, HostExecutor};
use serde::Serialize;

/// One configuration, compiled: what a run asks of its lab.
pub trait Lab {
    /// What looks at the particles of a run.
    type Camera: Camera;
    /// What moves its particles on the host.
    type Host: HostExecutor;
    /// What moves them on a device.
    #[cfg(feature = "tensor")]
    type OnDevice: crate::tensor::DeviceExecutor;

    /// Process, plan, particles.
    fn setup(&self) -> &Setup;

    /// Coordinates of a particle.
    fn dim(&self) -> usize;

    /// What the sampler asks for x̂.
    fn denoiser(&self) -> &dyn Denoiser;

    /// The particles at the start of a run on the host.
    fn start(&self) -> Self::Host;

    /// The particles at the start of a run on a device.
    ///
    /// # Errors
    /// If the lab does not run there.
    #[cfg(feature = "tensor")]
    fn start_on(&self, place: &crate::tensor::Place) -> Result<Self::OnDevice, Error>;

    /// How often a result takes the plan from start to end.
    fn rounds(&self) -> usize {
        1
    }

    /// What is not right about a run though it can be done, each with its remedy.
    fn warnings(&self) -> Vec<String>;

    /// Bytes that a run of `n` particles takes at its peak, about, and not more: particles, records, numbers at the end.
    fn memory(&self, n: usize) -> u64;

    /// What a run costs, by its names in the command line's answer.
    fn costs(&self) -> Vec<(&'static str, u64)> {
        vec![]
    }

    /// Products with the score's Jacobian or its transpose that a run has taken so far, over all particles; none
    /// in a lab without guidance.
    fn jacobian_products(&self, _state: &Self::Host) -> Option<u64> {
        None
    }

    /// Whether every x̂ so far is a result; asked after each piece of work.
    ///
    /// # Errors
    /// What broke down.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The numbers at a recorded frame; `end` is the final state where the run is done and the frame is
    /// the last.
    fn rows(&self, camera: &Self::Camera, frame: usize, end: Option<&[f64]>) -> Vec<Metric>;
}

/// What looks at the particles, frame by frame.
pub trait Camera {
    /// Names of the arrays that it fills, and the numbers of each in a frame.
    fn record(&self) -> Vec<(&'static str, usize)>;

    /// Adds a frame to each array.
    fn look(&mut self, x: &[f64], arrays: &mut [Vec<f32>]);
}

/// New frames.
#[derive(Debug, Clone, PartialEq)]
pub struct Frames {
    /// First frame.
    pub from: usize,
    /// Frame after the last.
    pub to: usize,
    /// The arrays of [`Camera::record`], `[(to − from) × numbers]` each.
    pub arrays: Vec<(&'static str, Vec<f32>)>,
}

impl Frames {
    /// The array of a name; empty where there is none.
    pub fn array(&self, name: &str) -> &[f32] {
        let found = self.arrays.iter().find(|a| a.0 == name);
        found.map_or(&[], |a| &a.1)
    }
}

/// One number, with what it would be for an independent sample of the same size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// Its name in the command line's answer.
    pub key: &'static str,
    /// Name.
    pub label: &'static str,
    /// The value; none where the frame was not kept.
    pub value: Option<f64>,
    /// What to hold it against.
    pub reference: f64,
    /// One standard error of an independent sample, for mean and variance.
    pub error: Option<f64>,
    /// Words for the reference.
    pub reference_label: String,
    /// One line.
    pub help: &'static str,
}

/// The numbers at one frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metrics {
    /// The frame.
    pub frame: usize,
    /// Its time.
    pub t: f64,
    /// Whether it is the end, which is held against the law of the data.
    pub r#final: bool,
    /// The numbers.
    pub rows: Vec<Metric>,
    /// Denoiser calls a particle so far.
    pub nfe: usize,
}

/// The frames of a run as they come, whatever engine moves the particles.
#[derive(Debug, Clone)]
pub struct Recorder<C> {
    shown: Vec<usize>,
    camera: C,
    /// Frames recorded, and how many of them were taken.
    done: usize,
    taken: usize,
    arrays: Vec<Vec<f32>>,
}

impl<C: Camera> Recorder<C> {
    fn new(shown: Vec<usize>, camera: C) -> Self {
        Self {
            arrays: vec![vec![]; camera.record().len()],
            shown,
            camera,
            done: 0,
            taken: 0,
        }
    }

    /// Whether the state at this grid level is the next frame.
    pub fn wants(&self, level: usize) -> bool {
        self.shown.get(self.done) == Some(&level)
    }

    /// Records the particles as the next frame.
    pub fn record(&mut self, x: &[f64]) {
        self.camera.look(x, &mut self.arrays);
        self.done += 1;
    }

    /// Frames recorded so far.
    pub fn frames(&self) -> usize {
        self.done
    }

    /// The frames since the last call, if any.
    pub fn take(&mut self) -> Option<Frames> {
        let (from, to) = (self.taken, self.done);
        if from == to {
            return None;
        }
        self.taken = to;
        let names = self.camera.record();
        let arrays = self.arrays.iter_mut().map(std::mem::take);
        Some(Frames {
            from,
            to,
            arrays: names.iter().map(|n| n.0).zip(arrays).collect(),
        })
    }
}

/// A run of one side.
pub struct Run<L: Lab, E = <L as Lab>::Host> {
    /// The configuration.
    pub lab: L,
    pub(super) state: E,
    pub(super) recorder: Recorder<L::Camera>,
}

impl<L: Lab> Run<L> {
    /// A run of `lab` on the host, seen by `camera`; the start is its frame 0.
    pub fn with(lab: L, camera: L::Camera) -> Self {
        let state = lab.start();
        Self::starting(lab, camera, state)
    }

    /// Does about `work` denoiser evaluations and Jacobian products. Returns whether the run is done.
    pub fn advance(&mut self, work: usize) -> bool {
        self.advance_with(work, &mut |_, _| {})
    }

    /// As [`Run::advance`], showing the state to `watch` at every grid level that is reached.
    pub fn advance_with(&mut self, work: usize, watch: &mut dyn FnMut(usize, &[f64])) -> bool {
        let stop = self.spent() + work as u64;
        while !self.is_done() {
            let left = stop.saturating_sub(self.spent()).max(1) as usize;
            let denoiser = self.lab.denoiser();
            let plan = &self.lab.setup().plan;
            if let Some(level) = self.state.advance(plan, denoiser, left) {
                watch(level, self.state.x());
                if self.recorder.wants(level) {
                    self.recorder.record(self.state.x());
                }
            }
            if self.spent() >= stop {
                break;
            }
        }
        self.is_done()
    }

    /// Evaluations and Jacobian products so far.
    fn spent(&self) -> u64 {
        self.evaluations() + self.lab.jacobian_products(&self.state).unwrap_or(0)
    }

    /// Products with the score's Jacobian or its transpose so far, a particle: a mean, because particles that go
    /// through a stage together stop together, and others take fewer. None in a lab without guidance.
    pub fn jacobian_products(&self) -> Option<f64> {
        let all = self.lab.jacobian_products(&self.state)?;
        Some(all as f64 / self.lab.setup().n as f64)
    }
}

impl<L: Lab, E: Executor> Run<L, E> {
    pub(super) fn starting(lab: L, camera: L::Camera, state: E) -> Self {
        let mut recorder = Recorder::new(lab.setup().shown_levels(), camera);
        recorder.record(state.x());
        Self {
            lab,
            state,
            recorder,
        }
    }

    /// Whether every stage is done.
    pub fn is_done(&self) -> bool {
        self.state.is_done(&self.lab.setup().plan)
    }

    /// Denoiser evaluations so far, over all particles.
    pub fn evaluations(&self) -> u64 {
        self.state.evaluations(&self.lab.setup().plan)
    }

    /// Denoiser evaluations of the whole run.
    pub fn total(&self) -> u64 {
        let setup = self.lab.setup();
        self.state.total(&setup.plan, setup.n)
    }

    /// Whether all that was done so far is a result; asked after each piece of work.
    ///
    /// # Errors
    /// What broke down.
    pub fn check(&self) -> Result<(), Error> {
        self.lab.check()?;
        self.state.check()
    }

    /// The recorder.
    pub fn recorder(&mut self) -> &mut Recorder<L::Camera> {
        &mut self.recorder
    }

    /// The numbers at a frame, if it was reached.
    pub fn metrics(&self, frame: usize) -> Option<Metrics> {
        let setup = self.lab.setup();
        let shown = &self.recorder.shown;
        let &level_index = shown[..self.recorder.done].get(frame)?;
        let last = frame + 1 == shown.len();
        let end = (last && self.is_done()).then(|| self.state.x());
        let stages = &setup.plan.stages;
        let reached = stages
            .iter()
            .position(|s| s.lands == Some(level_index))
            .map_or(0, |i| i + 1);
        Some(Metrics {
            frame,
            t: setup.plan.levels[level_index].t,
            r#final: last,
            rows: self.lab.rows(&self.recorder.camera, frame, end),
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
            Ok(self.state.x())
        } else {
            Err(Error::NotYet {
                what: "final sample",
            })
        }
    }

    /// The present state.
    pub fn x(&self) -> &[f64] {
        self.state.x()
    }

    /// The fingerprint of the result.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn fingerprint(&self) -> Result<Fingerprint, Error> {
        Ok(Fingerprint::of(self.samples()?))
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
