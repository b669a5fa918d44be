//! A run that follows a plan: the particles, and what is recorded of them for the pictures.

mod measures;
mod runner;
mod shares;

use super::lab::Lab;
#[cfg(feature = "gpu")]
use super::record::Camera;
use super::record::{Metric, Recorder};
use super::runner::Engine;
use super::shared::Moved;
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::sample::Share;
use std::cell::OnceCell;
use std::rc::Rc;

/// A run of one side that follows a plan.
pub struct Run<L: Lab> {
    /// The configuration.
    pub lab: Rc<L>,
    executor: Moved,
    recorder: Recorder<L::Camera>,
    /// Device operations since the last read; whether this read is the next frame.
    queued: usize,
    shows: bool,
    /// Whether the start is drawn.
    begun: bool,
    /// Units of work on frames.
    looks: u64,
    /// The final state, taken from the executor when it is done, and its numbers, once they were asked for.
    end: Option<Rc<Vec<f64>>>,
    last: Rc<OnceCell<Vec<Metric>>>,
}

/// Device operations queued between two reads, about: the device's queue has no back-pressure of its own.
const QUEUE: usize = 500;

impl<L: Lab> Run<L> {
    /// A run of `lab` on the host, seen by `camera`; the start is its frame 0.
    pub fn with(lab: impl Into<Rc<L>>, camera: L::Camera) -> Self {
        let lab = lab.into();
        let state = Moved::Host(lab.start(&Share::whole(lab.setup().n)));
        let mut own = Self::starting(lab, camera, state);
        own.begin(usize::MAX);
        while own.recorder.is_looking() {
            own.look();
        }
        own
    }

    /// A run of `lab` on an engine. Its start is drawn in its first pieces.
    ///
    /// # Errors
    /// If the lab does not run there.
    pub fn on(lab: impl Into<Rc<L>>, camera: L::Camera, engine: &Engine) -> Result<Self, Error> {
        let lab = lab.into();
        let executor = match engine {
            Engine::Host => Moved::Host(lab.start(&Share::whole(lab.setup().n))),
            #[cfg(feature = "tensor")]
            Engine::Device(place) => Moved::Device(lab.start_on(place)?),
            #[cfg(feature = "gpu")]
            Engine::Fused(card, place) => Moved::Device(match lab.start_fused(card) {
                Some(mut fused) => {
                    if let Some(wanted) = Camera::wanted(&camera) {
                        fused.want(wanted);
                    }
                    fused
                }
                None => lab.start_on(place)?,
            }),
        };
        Ok(Self::starting(lab, camera, executor))
    }

    fn starting(lab: Rc<L>, camera: L::Camera, executor: Moved) -> Self {
        Self {
            recorder: Recorder::new(lab.setup().shown_levels(), camera),
            lab,
            executor,
            begun: false,
            looks: 0,
            queued: 0,
            shows: false,
            end: None,
            last: Rc::default(),
        }
    }

    /// See [`super::Runner::advance`].
    pub fn advance(&mut self, work: usize) -> bool {
        Run::advance_with(self, work, &mut |_, _| {})
    }

    /// As [`super::Runner::advance`], on the host showing the state to `watch` at every grid level that is reached.
    pub fn advance_with(&mut self, work: usize, watch: &mut dyn FnMut(usize, &[f64])) -> bool {
        let stop = self.work() + work.max(1) as u64;
        if !self.begun {
            if !self.begin(work) {
                return false;
            }
            watch(0, self.executor.x());
        }
        loop {
            while self.recorder.is_looking() && self.work() < stop {
                self.look();
            }
            let left = stop.saturating_sub(self.work());
            if left == 0 || self.is_done() {
                break;
            }
            let denoiser = self.lab.denoiser();
            let plan = &self.lab.setup().plan;
            self.queued += self.executor.operations(plan);
            let stage = self.executor.stages_done();
            let landed = self.executor.advance(plan, denoiser, left as usize);
            let stays = self.executor.stages_done() == stage;
            let shows = landed.is_some_and(|level| self.recorder.wants(level));
            if self.queued > 0 {
                self.shows = shows;
                if self.shows || self.queued >= QUEUE {
                    break;
                }
            } else if let Some(level) = landed {
                watch(level, self.executor.x());
                if shows {
                    self.recorder.start();
                }
            } else if stays {
                // The next particle does not fit.
                break;
            }
        }
        self.finish();
        self.is_done()
    }

    /// As [`Run::advance`]. Returns whether the run is done, and the units of work that it took.
    pub(super) fn spend(&mut self, work: usize) -> (bool, usize) {
        let before = self.work();
        let done = self.advance(work);
        (done, (self.work() - before) as usize)
    }

    /// Draws the start of some particles, or queues that on a device. Returns whether all have theirs.
    fn begin(&mut self, work: usize) -> bool {
        let plan = &self.lab.setup().plan;
        self.begun = self.executor.begin(plan, self.lab.denoiser(), work);
        if self.begun {
            self.recorder.start();
        } else {
            self.queued += self.executor.operations(plan);
        }
        self.begun
    }

    /// Records a part of the frame that is being recorded.
    fn look(&mut self) {
        self.looks += self.record() as u64;
    }

    /// Records a part of a frame, or the whole of one that is known in short. Returns its work in units.
    fn record(&mut self) -> usize {
        match self.executor.brief() {
            Some(brief) => {
                self.recorder.look_briefly(brief);
                0
            }
            None => self.recorder.look(self.executor.x()),
        }
    }

    /// Records a whole frame.
    fn show(&mut self) {
        self.recorder.start();
        while self.recorder.is_looking() {
            self.record();
        }
    }

    /// Takes the final state, when it is known.
    fn finish(&mut self) {
        if self.queued == 0 && self.end.is_none() && self.is_done() {
            self.end = Some(Rc::new(self.executor.take()));
        }
    }

    /// As [`super::Runner::work`].
    pub fn work(&self) -> u64 {
        self.looks + self.executor.work(&self.lab.setup().plan)
    }

    /// As [`super::Runner::jacobian_products`].
    pub fn jacobian_products(&self) -> Option<f64> {
        let all = self.executor.products()?;
        Some(all as f64 / self.lab.setup().n as f64)
    }

    /// Whether every stage is done, and every frame recorded.
    pub fn is_done(&self) -> bool {
        !self.recorder.is_looking() && self.executor.is_done(&self.lab.setup().plan)
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

    /// The final samples, `[n × dim]`.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn samples(&self) -> Result<&[f64], Error> {
        let end = self.end.as_ref().map(|end| end.as_slice());
        end.ok_or(Error::NotYet {
            what: "final sample",
        })
    }

    /// The present state.
    pub fn x(&self) -> &[f64] {
        match &self.end {
            Some(end) => end,
            None => self.executor.x(),
        }
    }

    /// The price of all frames, in units.
    fn price_of_frames(&self) -> usize {
        self.recorder.price(self.x())
    }

    /// The fingerprint of the result.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn fingerprint(&self) -> Result<Fingerprint, Error> {
        Ok(Fingerprint::of(self.samples()?))
    }
}
