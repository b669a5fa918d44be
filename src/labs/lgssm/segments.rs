//! The autoregressive method: runs of the plan on one segment after the other.

use super::film::Film;
use super::method::Segment;
use super::method::Series;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::guide::Guided;
use crate::sample::BLOCK;
use crate::sample::Executor;
use crate::sample::HostState;
use crate::sample::Path;
use crate::sample::Plan;
use crate::sample::Share;
use std::rc::Rc;

/// Number of numbers of a start that are drawn together, at least.
const DRAWN: usize = 1 << 13;

/// Number of particles that go through a stage together, with their own contexts.
struct Block {
    guided: Guided,
    state: HostState,
}

/// A run in segments, and its film.
pub struct Segments {
    series: Rc<Series>,
    seed: u64,
    share: Share,
    /// The current segment, its current stage, and the first block of it that is not done.
    segment: usize,
    stage: usize,
    block: usize,
    blocks: Vec<Block>,
    film: Film,
    /// Jacobian products in the previous segments, and units of work besides those of the blocks.
    products: u64,
    work: u64,
    /// See [`Executor::most`]; of the previous segments.
    most: Vec<u32>,
    failure: Option<Error>,
}

impl Segments {
    /// The start of a share of the chains; `shown` are the levels of the film.
    pub fn new(series: Rc<Series>, plan: &Plan, shown: &[usize], share: &Share, seed: u64) -> Self {
        let mut own = Self {
            film: Film::new(&series, plan, shown, share, seed),
            series,
            seed,
            share: *share,
            segment: 0,
            stage: 0,
            block: 0,
            blocks: vec![],
            products: 0,
            most: vec![],
            work: 0,
            failure: None,
        };
        own.enter(plan);
        own
    }

    /// The current segment; `None` when all are done.
    fn now(&self) -> Option<Segment> {
        self.series.segments().get(self.segment).copied()
    }

    /// The blocks of the current segment, from the states before it.
    fn enter(&mut self, plan: &Plan) {
        let Some(segment) = self.now() else {
            return;
        };
        match self.blocks_of(&segment, plan) {
            Ok(blocks) => self.blocks = blocks,
            Err(error) => self.fail(error),
        }
    }

    fn blocks_of(&self, segment: &Segment, plan: &Plan) -> Result<Vec<Block>, Error> {
        let p = self.series.chain().states();
        let dim = self.series.chain().dim();
        let prior = self.series.prior(segment)?;
        let block = |first: usize| {
            let count = BLOCK.min(self.share.count - first);
            let chains = &self.film.whole()[first * dim..(first + count) * dim];
            let known = segment.start * p..segment.new * p;
            let context = chains.chunks_exact(dim).flat_map(|x| &x[known.clone()]);
            let context: Vec<f64> = context.copied().collect();
            let place = (self.segment as u32, (self.share.first + first) as u64);
            let size = segment.length() * p;
            Ok(Block {
                guided: self.series.guided(segment, &prior, &context)?,
                state: HostState::undrawn(plan, [count, size], self.seed, false, place),
            })
        };
        (0..self.share.count).step_by(BLOCK).map(block).collect()
    }

    /// Ends the run. Nothing in it is a result.
    fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
        self.film.fail();
        self.segment = self.series.segments().len();
    }

    /// Adds a level of the segment to the film. Returns the level, if the film has it.
    fn show(&mut self, level: usize, segment: &Segment) -> Option<usize> {
        let blocks = self.blocks.iter().map(|b| b.state.x());
        self.film.show(level, segment, segment.start, blocks);
        self.film.has(level).then_some(level)
    }

    /// Writes the new states of the segment to their positions.
    fn keep(&mut self, segment: &Segment) {
        let blocks = self.blocks.iter().map(|b| b.state.x());
        self.film.keep(segment, segment.start, blocks);
    }

    /// Continues with the next segment.
    fn finish(&mut self, plan: &Plan) {
        if let Err(error) = self.check() {
            self.fail(error);
            return;
        }
        self.products = self.jacobian_products();
        self.most = self.most();
        self.work = self.work(plan);
        self.blocks.clear();
        (self.segment, self.stage) = (self.segment + 1, 0);
        self.enter(plan);
    }

    /// Products with the Jacobian of the prior or its transpose so far, over all particles and segments.
    fn jacobian_products(&self) -> u64 {
        let now = self.blocks.iter().map(|b| b.guided.jacobian_products());
        self.products + now.sum::<u64>()
    }
}

impl Executor for Segments {
    fn path(&self) -> Path {
        Path::Host
    }

    /// Works on the current stage of the current segment: at most about `work` units, but at least one particle.
    /// Returns the level that the last segment completed, if the film has it.
    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, work: usize) -> Option<usize> {
        let segment = self.now()?;
        let stop = self.work(plan) + work.max(1) as u64;
        let mut landed = None;
        while self.block < self.blocks.len() {
            let left = stop.saturating_sub(self.work(plan)) as usize;
            if left == 0 {
                return None;
            }
            let Block { guided, state } = &mut self.blocks[self.block];
            if !state.has_start() && !Executor::begin(state, plan, guided, left.max(DRAWN)) {
                return None;
            }
            landed = state.advance(plan, guided, left);
            if state.stages_done() == self.stage {
                return None;
            }
            self.block += 1;
        }
        (self.block, self.stage) = (0, self.stage + 1);
        let last = self.segment + 1 == self.series.segments().len();
        let shown = landed.and_then(|level| self.show(level, &segment));
        if self.stage == plan.stages.len() {
            self.keep(&segment);
            self.finish(plan);
            return landed.filter(|_| last && self.failure.is_none());
        }
        shown.filter(|_| last)
    }

    fn begin(&mut self, _: &Plan, _: &dyn Denoiser, work: usize) -> bool {
        let (drawn, done) = self.film.begin(&self.series, work);
        self.work += drawn as u64;
        done
    }

    fn work(&self, _: &Plan) -> u64 {
        let now = self.blocks.iter().map(|b| b.state.work());
        self.work + now.sum::<u64>()
    }

    fn take(&mut self) -> Vec<f64> {
        self.film.take()
    }

    fn products(&self) -> Option<u64> {
        Some(self.jacobian_products())
    }

    fn most(&self) -> Vec<u32> {
        let mut all = self.most.clone();
        if self.share.of <= BLOCK {
            let now = self.blocks.iter().map(|b| b.guided.most_of_blocks());
            all.extend(now.flatten());
        }
        all
    }

    /// Completed stages of the current segment.
    fn stages_done(&self) -> usize {
        self.stage
    }

    /// A segment counts like a chain.
    fn evaluations(&self, plan: &Plan) -> u64 {
        if self.is_done(plan) {
            return self.total(plan, self.share.count);
        }
        let before = self.segment as u64 * plan.evaluations(plan.stages.len(), 0, self.share.count);
        let part = self.blocks.get(self.block).map_or(0, |b| b.state.through());
        let through = (self.block * BLOCK + part).min(self.share.count);
        before + plan.evaluations(self.stage, through, self.share.count)
    }

    fn x(&self) -> &[f64] {
        self.film
            .x(self.segment + 1 == self.series.segments().len())
    }

    /// Also if the run has failed.
    fn is_done(&self, _: &Plan) -> bool {
        self.now().is_none()
    }

    fn total(&self, plan: &Plan, n: usize) -> u64 {
        let one = plan.evaluations(plan.stages.len(), 0, n);
        self.series.segments().len() as u64 * one
    }

    /// The first failure.
    fn check(&self) -> Result<(), Error> {
        if let Some(error) = &self.failure {
            return Err(error.clone());
        }
        self.blocks.iter().try_for_each(|b| b.guided.check())
    }
}
