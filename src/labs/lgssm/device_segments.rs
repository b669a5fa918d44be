//! The autoregressive method on a device: the segments of `segments.rs`, whose contexts stay on the device.

use super::ChainLab;
use super::device_model::levels;
use super::device_model::model;
use super::device_model::ratio;
use super::film::Film;
use super::method::Segment;
use super::method::Series;
use super::reference::DENSE;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::guide;
use crate::level::Level;
use crate::sample::Executor;
use crate::sample::Path;
use crate::sample::Plan;
use crate::sample::Settling;
use crate::sample::Share;
use crate::tensor;
use crate::tensor::Faults;
use crate::tensor::Map;
use crate::tensor::Part;
use crate::tensor::Pieces;
use crate::tensor::Place;
use crate::tensor::TensorState;
use std::rc::Rc;

/// A run in segments on a device, and its film.
pub struct DeviceSegments {
    series: Rc<Series>,
    place: Place,
    /// Whether the guided denoiser is affine.
    affine: bool,
    levels: Vec<Level>,
    seed: u64,
    n: usize,
    /// The current segment, its particles, and the σ/α at which x̂ was last evaluated.
    segment: usize,
    state: Option<TensorState>,
    ratio: f64,
    /// Number of columns of the largest tensor of any segment.
    width: usize,
    film: Film,
    /// The states that the film will show, in its order.
    pending: Vec<Pending>,
    failure: Option<Error>,
}

/// The new states of a segment at a level, not read yet.
struct Pending {
    segment: Segment,
    /// `None` at the end.
    level: Option<usize>,
    states: Pieces,
    ratio: f64,
    faults: Option<Faults>,
}

impl DeviceSegments {
    /// The start of a run.
    ///
    /// # Errors
    /// If a matrix of a segment would be too large, or guidance fails.
    pub(super) fn new(series: Rc<Series>, lab: &ChainLab, place: &Place) -> Result<Self, Error> {
        let setup = &lab.setup;
        let most = series.longest() * series.chain().states();
        if most > DENSE {
            return Err(Error::Unsupported {
                reason: format!(
                    "On WebGPU method=ar takes {DENSE} numbers a segment at most, and here it has {most}. Choose a smaller context or horizon."
                ),
            });
        }
        let shown = setup.shown_levels();
        let mut film = Film::new(
            &series,
            &setup.plan,
            &shown,
            &Share::whole(setup.n),
            setup.seed,
        );
        film.begin(&series, usize::MAX);
        let mut own = Self {
            series,
            place: place.clone(),
            affine: lab.affine,
            levels: levels(&setup.plan),
            seed: setup.seed,
            n: setup.n,
            segment: 0,
            state: None,
            ratio: f64::INFINITY,
            width: 1,
            film,
            pending: vec![],
            failure: None,
        };
        own.state = own.begin(&setup.plan, None)?;
        Ok(own)
    }

    /// The current segment; `None` when all are done.
    fn now(&self) -> Option<Segment> {
        self.series.segments().get(self.segment).copied()
    }

    fn is_last(&self) -> bool {
        self.segment + 1 == self.series.segments().len()
    }

    /// The particles of the current segment, given the last states of the previous one.
    fn begin(
        &mut self,
        plan: &Plan,
        context: Option<Pieces>,
    ) -> Result<Option<TensorState>, Error> {
        let Some(segment) = self.now() else {
            return Ok(None);
        };
        let p = self.series.chain().states();
        let (dim, known) = (segment.length() * p, (segment.new - segment.start) * p);
        let prior = self.series.prior(&segment)?;
        let contexts = Map::contexts(dim, known);
        let guided = self.series.guided(&segment, &prior, &contexts)?;
        let model = model(
            (&guided, self.series.score(), self.affine),
            ([dim, known], self.series.kept(&segment)),
            &self.levels,
            &self.place,
        )?;
        let rows = self.series.chain().operator().nrows();
        if self.segment == 0 {
            // The first segment is the longest; a segment with a context may have more rows.
            self.width = model.width().max(self.series.longest() * p.max(rows));
        }
        let part = Part {
            number: self.segment as u32,
            context,
            width: self.width,
        };
        let size = (self.n, dim);
        let state = TensorState::part(plan, size, self.seed, part, model, &self.place);
        Ok(Some(state))
    }

    /// Ends the run. Nothing in it is a result.
    fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
        self.film.fail();
        self.pending.clear();
        self.state = None;
        self.segment = self.series.segments().len();
    }

    /// Keeps the new states of the segment for the film.
    fn show(&mut self, segment: &Segment, level: Option<usize>) {
        let Some(state) = &self.state else { return };
        if let [_] = self.series.segments() {
            // The newest state is all that is shown.
            self.pending.clear();
        }
        let p = self.series.chain().states();
        let new = (segment.new - segment.start) * p..segment.length() * p;
        let chains = level.map_or(self.n, |level| self.film.kept(level));
        self.pending.push(Pending {
            segment: *segment,
            level,
            states: state.pieces(new, chains),
            ratio: self.ratio,
            faults: state.faults(),
        });
    }

    /// Continues with the next segment, whose context is the last states of this one.
    fn finish(&mut self, plan: &Plan, segment: &Segment) {
        let before = self.state.take();
        self.segment += 1;
        let p = self.series.chain().states();
        let context = self.now().filter(|next| next.new > next.start);
        let context = context.zip(before).map(|(next, state)| {
            let columns = (next.start - segment.start) * p..(next.new - segment.start) * p;
            state.pieces(columns, self.n)
        });
        match self.begin(plan, context) {
            Ok(state) => self.state = state,
            Err(error) => self.fail(error),
        }
    }

    /// Reads the states that the film will show.
    ///
    /// # Errors
    /// If the device was lost.
    async fn read(&mut self) -> Result<(), Error> {
        for shot in std::mem::take(&mut self.pending) {
            let states = shot.states.read().await?;
            let faults = match &shot.faults {
                Some(faults) => faults.check().await,
                None => Ok(()),
            };
            let finite = !guide::has_diverged(&states);
            let fault = faults.err();
            let diverged = || tensor::of_type(guide::diverged(shot.ratio), self.place.dtype);
            if let Some(error) = fault.or((!finite).then(diverged)) {
                self.fail(error);
                return Ok(());
            }
            let (segment, from) = (&shot.segment, shot.segment.new);
            match shot.level {
                Some(level) => self.film.show(level, segment, from, [&states[..]]),
                None => self.film.keep(segment, from, [&states[..]]),
            }
        }
        if let Some(state) = &self.state {
            // Waits for the queued work, if nothing else has.
            state.pieces(0..1, 1).read().await?;
        }
        Ok(())
    }
}

impl Executor for DeviceSegments {
    fn path(&self) -> Path {
        Path::Tensors
    }

    /// Queues a piece of the current stage of the current segment.
    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, _: usize) -> Option<usize> {
        let (segment, last) = (self.now()?, self.is_last());
        let state = self.state.as_mut()?;
        self.ratio = ratio(plan, state.stages_done()).unwrap_or(self.ratio);
        let landed = state.advance(plan);
        if state.is_over(plan) {
            self.show(&segment, None);
            self.finish(plan, &segment);
            return landed.filter(|_| last && self.failure.is_none());
        }
        let level = landed.filter(|level| self.film.has(*level))?;
        self.show(&segment, Some(level));
        last.then_some(level)
    }

    fn take(&mut self) -> Vec<f64> {
        self.film.take()
    }

    fn operations(&self, plan: &Plan) -> usize {
        self.state.as_ref().map_or(0, |s| s.operations(plan))
    }

    fn settle(&mut self) -> Settling<'_> {
        Box::pin(self.read())
    }

    /// Completed stages of the current segment.
    fn stages_done(&self) -> usize {
        self.state.as_ref().map_or(0, |s| s.stages_done())
    }

    /// A segment counts like a chain.
    fn evaluations(&self, plan: &Plan) -> u64 {
        let before = self.segment as u64 * plan.evaluations(plan.stages.len(), 0, self.n);
        before + self.state.as_ref().map_or(0, |s| s.evaluations(plan))
    }

    fn x(&self) -> &[f64] {
        self.film.x(self.is_last())
    }

    /// Also if the run has failed.
    fn is_done(&self, _: &Plan) -> bool {
        self.now().is_none()
    }

    fn total(&self, plan: &Plan, n: usize) -> u64 {
        let one = plan.evaluations(plan.stages.len(), 0, n);
        self.series.segments().len() as u64 * one
    }

    fn check(&self) -> Result<(), Error> {
        self.failure.clone().map_or(Ok(()), Err)
    }
}
