//! A run in progress, in a kernel.

use super::brief::{Short, first as first_numbers};
use super::chain::{Tile, chains};
use super::device::{Buffer, Card, Read};
use super::kernel::{ChunkLaunch, begin, put, stages};
use super::maps::Probing;
use super::table::{Family, Fused, NODE, Table};
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::sample::{Brief, Executor, HostState, Path, Plan, Settling, Wanted};
use cubecl::prelude::*;

/// Invocations of a workgroup.
const GROUP: u32 = 64;
/// The same where an invocation has one number: of the largest run, 20,000 chains of 400 numbers, a dispatch has 31,250 workgroups
/// then, and may have 65,535.
const WIDE: u32 = 256;
/// Largest number of numbers that the frames, and that the tables of a chunk, take on the card.
const ENTRIES: usize = 1 << 23;
/// Numbers of a start at quantiles that the host computes in one piece: some milliseconds.
const DRAWN: usize = 1 << 17;
/// A chunk counts as so many operations: it is as long as it may be, and the next one waits for its end.
const CHUNK: usize = 1 << 16;
/// Units of work ([`Denoiser::price`]) that the host does for one chunk, on the maps of a chain: 13 ms where a unit takes 25 ns.
const PREPARED: usize = 1 << 19;

/// The particles of a run, which a kernel moves.
///
/// Held by `tests/gpu.rs`: `a_fused_run_is_the_run_of_the_host`, `a_fused_run_of_a_chain_is_that_of_the_host`,
/// `the_host_makes_the_maps_of_a_chain_in_pieces`, `a_start_that_the_card_draws_is_that_of_the_host`.
pub struct FusedState {
    card: Card,
    law: Fused,
    seed: u64,
    n: usize,
    /// The grid levels that are shown.
    shown: Vec<usize>,
    /// A start at quantiles, which the host computes, until it is on the card.
    start: Option<HostState>,
    /// Factor of a start that the card draws.
    scale: f32,
    /// Whether the start is known here, or nobody wants to see it.
    begun: bool,
    /// The map of a chain that is being made.
    probing: Probing,
    /// x_base, x_eval and x̂₋₁.
    state: Buffer<f32>,
    /// The numbers of the law, where they do not depend on the level.
    normals: Option<Buffer<f32>>,
    weights: Buffer<f32>,
    stage: usize,
    /// Frames after the start that were kept.
    kept: usize,
    /// The frames of the last chunk, and the stages that complete them, until they are read.
    queued: Option<(Buffer<f32>, Vec<usize>)>,
    /// The frames that were read, the stages that completed them, and the number of the one that is seen.
    frames: Option<Read<f32>>,
    completed: Vec<usize>,
    at: usize,
    /// The state that is seen.
    host: Vec<f64>,
    /// What is read of a frame in place of the state, and what the frame that is seen shows.
    short: Option<Short>,
    brief: Brief,
    /// The state at the end, until it is read, where frames are read in short.
    end: Option<Buffer<f32>>,
}

/// Stages that go in one launch.
struct Chunk {
    table: Table,
    count: usize,
    /// The grid level of the first frame, and the stages that complete the frames.
    first: Option<usize>,
    frames: Vec<usize>,
}

impl FusedState {
    /// As [`HostState::undrawn`] for the first part, in a kernel for `law`; `shown` are the grid levels whose state is a frame. The
    /// start is drawn on the card, and read back where it is the first of them.
    pub fn new(
        (plan, shown): (&Plan, &[usize]),
        n: usize,
        seed: u64,
        quantile_start: bool,
        law: Fused,
        card: &Card,
    ) -> Self {
        let dim = law.dim();
        let quantiles = || HostState::undrawn(plan, [n, dim], seed, true, (0, 0));
        Self {
            state: card.empty(3 * n * dim),
            normals: law.normals().map(|numbers| card.upload(numbers)),
            weights: card.upload(match law.weights() {
                // A card has no empty buffers.
                [] => &[0.0; 4],
                weights => weights,
            }),
            card: card.clone(),
            law,
            seed,
            n,
            shown: shown.to_vec(),
            start: quantile_start.then(quantiles),
            scale: plan.start as f32,
            begun: false,
            probing: Probing::default(),
            stage: 0,
            kept: 0,
            queued: None,
            frames: None,
            completed: vec![],
            at: 0,
            host: vec![0.0; n * dim],
            short: None,
            brief: Brief::default(),
            end: None,
        }
    }

    /// Numbers that are read of a frame.
    fn stride(&self) -> usize {
        self.short.as_ref().map_or(self.size(), Short::size)
    }

    fn size(&self) -> usize {
        self.n * self.law.dim()
    }

    /// Stages of about `work` evaluations whose frames and tables fit, as far as the host makes their tables in one piece: none where
    /// the table of the next one takes longer.
    fn chunk(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Chunk {
        let mut chunk = Chunk {
            table: Table::default(),
            count: 0,
            first: None,
            frames: vec![],
        };
        // The start is the frame before the first that is kept.
        let before = usize::from(self.shows_start());
        let (mut evaluations, mut left) = (0, PREPARED);
        for (number, stage) in plan.stages.iter().enumerate().skip(self.stage) {
            let made = (&mut chunk.table, &mut self.probing);
            if !self.law.prepare(stage, denoiser, made, &mut left) {
                break;
            }
            let level = stage.lands.filter(|level| {
                self.shown.get(before + self.kept + chunk.frames.len()) == Some(level)
            });
            chunk.frames.extend(level.map(|_| number));
            let number = match level {
                Some(_) => self.kept + chunk.frames.len(),
                None => 0,
            };
            chunk.first = chunk.first.or(level);
            let number = number as u32;
            self.law.add(stage, number, &mut chunk.table);
            chunk.count += 1;
            evaluations += if stage.level.is_some() { self.n } else { 0 };
            let full = (chunk.frames.len() + 1) * self.size() > ENTRIES
                || chunk.table.nodes.len() * 2 > ENTRIES;
            if evaluations >= work || full || left == 0 {
                break;
            }
        }
        chunk
    }

    fn launch(&self, chunk: &Chunk) -> Buffer<f32> {
        let frames = self.card.empty((chunk.frames.len() * self.size()).max(1));
        let rows = self.card.upload(&chunk.table.rows);
        let marks = self.card.upload(&chunk.table.marks);
        let tables = match chunk.table.nodes.is_empty() {
            true => self.card.upload(&[0.0; NODE]),
            false => self.card.upload(&chunk.table.nodes),
        };
        let now = ChunkLaunch::new(
            self.n as u32,
            self.stage as u32,
            chunk.count as u32,
            self.kept as u32,
            self.seed as u32,
            (self.seed >> 32) as u32,
        );
        if self.law.family() == Family::Chain {
            let tile = Tile::of(self.law.dim());
            chains::launch(
                self.card.client(),
                tile.groups(self.n),
                CubeDim::new_1d(tile.units as u32),
                self.state.arg(),
                frames.arg(),
                rows.arg(),
                marks.arg(),
                tables.arg(),
                now,
                tile,
            );
            return frames;
        }
        let law = self.normals.as_ref().unwrap_or(&tables);
        let groups = (self.n as u32).div_ceil(GROUP);
        stages::launch(
            self.card.client(),
            CubeCount::Static(groups, 1, 1),
            CubeDim::new_1d(GROUP),
            self.state.arg(),
            frames.arg(),
            rows.arg(),
            marks.arg(),
            law.arg(),
            self.weights.quads(),
            now,
            self.law.dim(),
            self.law.family(),
        );
        frames
    }

    /// The frames that the last read brought, each after the stage that completed it.
    pub fn frames(&self) -> impl Iterator<Item = (usize, &[f32])> {
        let frames = self.read_back().chunks_exact(self.stride());
        self.completed.iter().copied().zip(frames)
    }

    /// The numbers of all frames that the last read brought.
    fn read_back(&self) -> &[f32] {
        self.frames.as_ref().map_or(&[], Read::numbers)
    }

    /// Takes frame `at` of those that were read. The memory is that of the frame before: new memory takes longer than the
    /// numbers.
    fn see(&mut self) {
        let size = self.size();
        if let Some(short) = &self.short {
            let place = self.at * short.size()..(self.at + 1) * short.size();
            let mut brief = std::mem::take(&mut self.brief);
            short.brief(&self.read_back()[place], &mut brief);
            self.brief = brief;
            return;
        }
        let mut host = std::mem::take(&mut self.host);
        host.resize(size, 0.0);
        let frame = &self.read_back()[self.at * size..(self.at + 1) * size];
        for (host, x) in host.iter_mut().zip(frame) {
            *host = f64::from(*x);
        }
        self.host = host;
    }

    fn shows_start(&self) -> bool {
        self.shown.first() == Some(&0)
    }

    /// Draws the start on the card, and queues what is seen of it.
    fn draw(&mut self) {
        let seen = self.shows_start();
        let shown = self.card.empty(if seen { self.size() } else { 1 });
        begin::launch(
            self.card.client(),
            CubeCount::Static((self.size() as u32).div_ceil(2 * WIDE), 1, 1),
            CubeDim::new_1d(WIDE),
            self.state.arg(),
            shown.arg(),
            self.scale,
            self.seed as u32,
            (self.seed >> 32) as u32,
            seen,
        );
        let shown = match &self.short {
            Some(short) if seen => short.queue(&self.card, &shown, 0, 1),
            Some(_) | None => shown,
        };
        self.queued = seen.then_some((shown, vec![]));
        self.begun = !seen;
    }

    /// Puts a start at quantiles on the card.
    fn put(&self, x: &[f64]) {
        let numbers = x.iter().map(|x| *x as f32).collect();
        put::launch(
            self.card.client(),
            CubeCount::Static((x.len() as u32).div_ceil(WIDE), 1, 1),
            CubeDim::new_1d(WIDE),
            self.state.arg(),
            self.card.hand_over(numbers).arg(),
        );
    }

    async fn read(&mut self) -> Result<(), Error> {
        let Some((buffer, completed)) = self.queued.take() else {
            return Ok(());
        };
        let read = self.card.read(&buffer).await?;
        if !completed.is_empty() || !self.begun {
            self.begun = true;
            (self.frames, self.completed, self.at) = (Some(read), completed, 0);
            self.see();
        }
        if let Some(end) = self.end.take() {
            let read = self.card.read(&end).await?;
            let wide = self.host.iter_mut().zip(read.numbers());
            wide.for_each(|(host, x)| *host = f64::from(*x));
        }
        Ok(())
    }
}

impl Executor for FusedState {
    fn path(&self) -> Path {
        Path::Fused
    }

    /// Queues the start, which is known after the next [`Executor::settle`]. One at quantiles is computed here, a fixed number at a
    /// time: `work` is that of the card, which begins with one evaluation.
    fn begin(&mut self, _: &Plan, _: &dyn Denoiser, _: usize) -> bool {
        if let Some(start) = &mut self.start {
            self.begun = start.begin(DRAWN);
        } else if !self.begun && self.queued.is_none() {
            self.draw();
        }
        self.begun
    }

    /// Queues the stages of about `work` evaluations, or makes a part of what the next stage needs. The maps of a chain are those
    /// of `denoiser`.
    fn advance(&mut self, plan: &Plan, denoiser: &dyn Denoiser, work: usize) -> Option<usize> {
        if let Some(mut start) = self.start.take() {
            self.host = start.take();
            self.put(&self.host);
        }
        let chunk = self.chunk(plan, denoiser, work);
        if chunk.count == 0 {
            return None;
        }
        let mut frames = self.launch(&chunk);
        self.stage += chunk.count;
        if let Some(short) = &self.short {
            let first = usize::from(self.shows_start()) + self.kept;
            frames = short.queue(&self.card, &frames, first, chunk.frames.len());
            if self.stage == plan.stages.len() {
                self.end = Some(first_numbers(&self.card, &self.state, self.size()));
            }
        }
        self.kept += chunk.frames.len();
        self.queued = Some((frames, chunk.frames));
        chunk.first
    }

    fn operations(&self, _: &Plan) -> usize {
        CHUNK
    }

    fn settle(&mut self) -> Settling<'_> {
        Box::pin(self.read())
    }

    /// Of a start that the host computes all particles are known.
    fn want(&mut self, wanted: Wanted) {
        if self.start.is_none() {
            self.short = Short::new(wanted, self.n, self.law.dim());
        }
    }

    fn brief(&self) -> Option<&Brief> {
        self.short.as_ref().map(|_| &self.brief)
    }

    fn next_frame(&mut self) -> bool {
        let more = (self.at + 2) * self.stride() <= self.read_back().len();
        if more {
            self.at += 1;
            self.see();
        }
        more
    }

    fn stages_done(&self) -> usize {
        self.stage
    }

    fn evaluations(&self, plan: &Plan) -> u64 {
        plan.evaluations(self.stage, 0, self.n)
    }

    fn x(&self) -> &[f64] {
        match &self.start {
            Some(start) => start.x(),
            None => &self.host,
        }
    }

    fn take(&mut self) -> Vec<f64> {
        self.frames = None;
        std::mem::take(&mut self.host)
    }
}

/// The bits of `count` pairs of draws and the normals that a kernel makes of them, for the stage `step`.
///
/// # Errors
/// If the card was lost.
pub async fn draws(
    card: &Card,
    seed: u64,
    step: u32,
    count: usize,
) -> Result<(Vec<u32>, Vec<f32>), Error> {
    let (bits, normals) = (card.empty(4 * count), card.empty(2 * count));
    super::kernel::draws::launch(
        card.client(),
        CubeCount::Static((count as u32).div_ceil(GROUP), 1, 1),
        CubeDim::new_1d(GROUP),
        bits.arg(),
        normals.arg(),
        step,
        seed as u32,
        (seed >> 32) as u32,
    );
    let (bits, normals) = (card.read(&bits).await?, card.read(&normals).await?);
    Ok((bits.numbers().to_vec(), normals.numbers().to_vec()))
}
