//! A run that follows a plan: the particles, and what is recorded of them for the pictures.

use super::lab::Lab;
use super::record::{Frames, Metric, Metrics, Recorder};
use super::runner::{Engine, Runner};
use super::shared::{Moved, Shareable, seen};
use super::task::{Args, Question, Task, find};
use crate::answer::Named;
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::sample::{Joined, Landing, Path, Settling, Share};
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
                Some(fused) => fused,
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

    /// See [`Runner::advance`].
    pub fn advance(&mut self, work: usize) -> bool {
        Run::advance_with(self, work, &mut |_, _| {})
    }

    /// As [`Runner::advance`], on the host showing the state to `watch` at every grid level that is reached.
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

    /// Draws the start of some particles. Returns whether all have theirs.
    fn begin(&mut self, work: usize) -> bool {
        let plan = &self.lab.setup().plan;
        self.begun = self.executor.begin(plan, self.lab.denoiser(), work);
        if self.begun {
            self.recorder.start();
        }
        self.begun
    }

    /// Records a part of the frame that is being recorded.
    fn look(&mut self) {
        self.looks += self.recorder.look(self.executor.x()) as u64;
    }

    /// Records a whole frame.
    fn show(&mut self) {
        self.recorder.start();
        while self.recorder.is_looking() {
            self.recorder.look(self.executor.x());
        }
    }

    /// Takes the final state, when it is known.
    fn finish(&mut self) {
        if self.queued == 0 && self.end.is_none() && self.is_done() {
            self.end = Some(Rc::new(self.executor.take()));
        }
    }

    /// As [`Runner::work`].
    pub fn work(&self) -> u64 {
        self.looks + self.executor.work(&self.lab.setup().plan)
    }

    /// As [`Runner::jacobian_products`].
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

    /// The numbers at a frame, if it was reached.
    pub fn metrics(&self, frame: usize) -> Option<Metrics> {
        let (mut metrics, end) = self.moment(frame)?;
        metrics.rows = match self.last.get().filter(|_| end.is_some()) {
            Some(rows) => rows.clone(),
            None => {
                let camera = self.recorder.camera();
                let numbers = self.lab.numbers(camera, frame, end.clone()).finish();
                let rows = self.lab.rows(numbers.ok()?);
                match end {
                    Some(_) => self.last.get_or_init(|| rows).clone(),
                    None => rows,
                }
            }
        };
        Some(metrics)
    }

    /// A recorded frame without its numbers, and the final state where it is the last of a run that is done.
    fn moment(&self, frame: usize) -> Option<(Metrics, Option<Rc<Vec<f64>>>)> {
        let level_index = self.recorder.level(frame)?;
        let last = self.recorder.is_last(frame);
        let end = self.end.clone().filter(|_| last);
        let setup = self.lab.setup();
        let stages = &setup.plan.stages;
        let reached = stages
            .iter()
            .position(|s| s.lands == Some(level_index))
            .map_or(0, |i| i + 1);
        let asked = stages[..reached].iter().filter(|s| s.level.is_some());
        let metrics = Metrics {
            frame,
            t: Some(setup.plan.levels[level_index].t),
            r#final: last,
            rows: vec![],
            nfe: Some(self.lab.rounds() * asked.count()),
        };
        Some((metrics, end))
    }

    /// As [`Run::metrics`], in pieces.
    fn measured(&self, frame: usize) -> Task {
        let Some((mut metrics, end)) = self.moment(frame) else {
            return Task::at_once(|| Ok(None::<Metrics>));
        };
        let known = end.as_ref().and_then(|_| self.last.get()).cloned();
        if let Some(rows) = known {
            metrics.rows = rows;
            return Task::at_once(|| Ok(Some(metrics)));
        }
        let (lab, last) = (self.lab.clone(), end.is_some().then(|| self.last.clone()));
        let stages = self.lab.numbers(self.recorder.camera(), frame, end);
        stages.answer(move |numbers| {
            metrics.rows = lab.rows(numbers);
            if let Some(last) = last {
                // Asked twice at once, the first answer stays: they are the same.
                let _ = last.set(metrics.rows.clone());
            }
            Ok(Some(metrics))
        })
    }

    /// The numbers at the end.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn final_metrics(&self) -> Result<Metrics, Error> {
        let frame = self.recorder.frames().saturating_sub(1);
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

    /// The fingerprint of the result.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn fingerprint(&self) -> Result<Fingerprint, Error> {
        Ok(Fingerprint::of(self.samples()?))
    }
}

/// What can be asked of every run: the numbers of a frame, and its price in units of work.
const METRICS: Question = Question {
    name: "metrics",
    args: &["frame"],
};
const PRICE: Question = Question {
    name: "price",
    args: &[],
};

impl<L: Lab> Runner for Run<L> {
    fn advance_with(&mut self, work: usize, watch: &mut dyn FnMut(usize, &[f64])) -> bool {
        Run::advance_with(self, work, watch)
    }

    fn path(&self) -> Path {
        self.executor.path()
    }

    fn steps(&self) -> usize {
        self.lab.setup().plan.steps()
    }

    fn place(&self, step: usize) -> Named<f64> {
        let at = self.lab.setup().plan.levels[step];
        Named(vec![("t", at.t), ("alpha", at.alpha), ("sigma", at.sigma)])
    }

    fn calls(&self) -> Option<usize> {
        Some(self.lab.rounds() * self.lab.setup().plan.nfe())
    }

    fn warnings(&self) -> Vec<String> {
        self.lab.warnings()
    }

    fn costs(&self) -> Vec<(&'static str, u64)> {
        self.lab.costs()
    }

    fn waits(&self) -> bool {
        self.queued > 0
    }

    fn settle(&mut self) -> Settling<'_> {
        Box::pin(async {
            if self.queued == 0 {
                return Ok(());
            }
            self.executor.settle().await?;
            self.queued = 0;
            self.check()?;
            if std::mem::take(&mut self.shows) {
                self.show();
                while self.executor.next_frame() {
                    self.show();
                }
            }
            self.finish();
            Ok(())
        })
    }

    fn shared(&mut self) -> Option<&mut dyn Shareable> {
        match self.executor {
            Moved::Host(_) | Moved::Shares(_) => Some(self),
            #[cfg(feature = "tensor")]
            Moved::Device(_) => None,
        }
    }

    fn is_done(&self) -> bool {
        Run::is_done(self)
    }

    fn work(&self) -> u64 {
        Run::work(self)
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
        let mut all = vec![METRICS, PRICE];
        all.extend(self.lab.asked());
        let name = find(&all, question, args)?;
        if name == METRICS.name {
            return Ok(self.measured(args.whole("frame")?));
        }
        if name == PRICE.name {
            return Ok(super::price::price(
                &self.lab,
                self.recorder.price(self.x()),
            ));
        }
        let task = self.end.clone().and_then(|end| self.lab.answer(name, end));
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

impl<L: Lab> Shareable for Run<L> {
    fn split(&mut self, parts: usize, levels: &[usize]) -> Vec<Share> {
        let (lab, setup) = (&self.lab, self.lab.setup());
        let shares = Share::split(setup.n, parts, lab.grain());
        if shares.len() < 2 || Run::is_done(self) || self.executor.shares().is_some() {
            return vec![Share::whole(setup.n)];
        }
        let reached = self.recorder.reached();
        let known = reached.map(|level| (level, self.executor.x().to_vec()));
        drop(self.executor.take()); // before the shares take their memory
        let levels = seen(lab.as_ref(), levels);
        let starts = shares.iter().map(|share| (*share, lab.start(share)));
        let mut joined = Joined::new(&setup.plan, lab.dim(), levels, starts.collect());
        if let Some((level, x)) = known {
            joined.known(level, x);
        }
        self.executor = Moved::Shares(joined);
        shares
    }

    fn hand_over(&mut self, part: usize) {
        if let Some(own) = self.executor.shares_mut() {
            own.hand_over(part);
        }
    }

    fn take_back(&mut self, part: usize) {
        if let Some(own) = self.executor.shares_mut() {
            own.take_back(part, |share| self.lab.start(share));
        }
    }

    fn receive(&mut self, part: usize, landing: Landing) {
        if let Some(own) = self.executor.shares_mut() {
            own.receive(part, landing);
        }
    }

    fn has_room(&self, part: usize) -> bool {
        let shares = self.executor.shares();
        shares.is_some_and(|own| own.has_room(part))
    }

    fn awaits(&self) -> Option<usize> {
        self.executor
            .shares()?
            .awaits()
            .filter(|_| !self.recorder.is_looking())
    }

    fn joined(&self) -> usize {
        self.executor.shares().map_or(0, Joined::joined)
    }
}
