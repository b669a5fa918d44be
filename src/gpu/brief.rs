//! Frames in short: particles are counted on the card, so that little is read back of a frame with very many.
//!
//! Held by `tests/gpu.rs`: `a_frame_in_short_is_that_of_its_particles`, `a_run_of_very_many_shows_the_frames_of_the_host`.

use super::device::{Buffer, Card};
use crate::sample::{Brief, Cells, Wanted, joined_moments};
use cubecl::prelude::*;

/// Invocations of a workgroup.
const GROUP: u32 = 256;
/// Particles whose moments an invocation finds.
const TOGETHER: usize = 256;

/// Counts the particles of frames in cells: of `frames` `[frames × n × dim]`, into `counts` `[frames × cells]`. `factors` are those
/// of the frames; on the line `first` is the number of the first cell.
#[cube(launch)]
fn tally(
    frames: &[f32],
    factors: &[f32],
    counts: &mut [Atomic<u32>],
    n: u32,
    first: f32,
    #[comptime] dim: usize,
    #[comptime] side: usize,
) {
    let i = ABSOLUTE_POS;
    if i < frames.len() / dim {
        let frame = i / n as usize;
        let factor = factors[frame];
        let most = comptime!(side as f32);
        if comptime!(dim == 1) {
            let at = (frames[i] * factor).floor() - first;
            if at >= 0.0f32 && at < most {
                counts[frame * side + at as usize].fetch_add(1u32);
            }
        } else {
            let middle = comptime!(0.5 * side as f32);
            let x = frames[2 * i] * factor + middle;
            let y = frames[2 * i + 1] * factor + middle;
            if x >= 0.0f32 && x < most && y >= 0.0f32 && y < most {
                let cell = y as usize * side + x as usize;
                counts[frame * comptime!(side * side) + cell].fetch_add(1u32);
            }
        }
    }
}

/// Gathers what is read of frames: of each the first `shown` numbers of its particles, `cells` counts, and on the line the mean of
/// each group of particles and the sum of squared distances from it. The counts are plain numbers here: WebGPU has no atomic ones
/// that are only read.
#[cube(launch)]
fn gather(
    frames: &[f32],
    counts: &[u32],
    out: &mut [f32],
    n: u32,
    shown: u32,
    cells: u32,
    groups: u32,
    #[comptime] dim: usize,
) {
    let i = ABSOLUTE_POS;
    let (shown, cells, groups) = (shown as usize, cells as usize, groups as usize);
    let each = shown + cells + groups;
    let size = shown + cells + 2 * groups;
    let n = n as usize;
    if i < out.len() / size * each {
        let frame = i / each;
        let at = i % each;
        let to = frame * size;
        let from = frame * n * dim;
        if at < shown {
            out[to + at] = frames[from + at];
        } else if at < shown + cells {
            out[to + at] = f32::cast_from(counts[frame * cells + at - shown]);
        } else {
            let group = at - shown - cells;
            let start = group * comptime!(TOGETHER);
            let mut count = n - start;
            if count > comptime!(TOGETHER) {
                count = comptime!(TOGETHER);
            }
            let mut sum = 0.0f32;
            // Distances from the first of them: their sum is not rounded as that of the places is.
            let origin = frames[from + start];
            for j in 0..count {
                sum += frames[from + start + j] - origin;
            }
            let gap = sum / count as f32;
            let mut square = 0.0f32;
            for j in 0..count {
                let own = frames[from + start + j] - origin - gap;
                square += own * own;
            }
            out[to + shown + cells + 2 * group] = origin + gap;
            out[to + shown + cells + 2 * group + 1] = square;
        }
    }
}

/// Copies the first numbers.
#[cube(launch)]
fn copy(from: &[f32], to: &mut [f32]) {
    let i = ABSOLUTE_POS;
    if i < to.len() {
        to[i] = from[i];
    }
}

/// The first `count` numbers of `from` on their own.
pub(super) fn first(card: &Card, from: &Buffer<f32>, count: usize) -> Buffer<f32> {
    let to = card.empty(count);
    let groups = CubeCount::Static((count as u32).div_ceil(GROUP), 1, 1);
    copy::launch(
        card.client(),
        groups,
        CubeDim::new_1d(GROUP),
        from.arg(),
        to.arg(),
    );
    to
}

/// What is read of each frame of a run of `n` particles of `dim` coordinates.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Short {
    wanted: Wanted,
    n: usize,
    dim: usize,
}

impl Short {
    /// What is wanted; none where it has no kernel.
    pub fn new(wanted: Wanted, n: usize, dim: usize) -> Option<Self> {
        let fits = match &wanted.cells {
            Cells::Line { .. } => dim == 1,
            Cells::Plane { .. } => dim == 2,
        };
        (fits && wanted.shown <= n).then_some(Self { wanted, n, dim })
    }

    fn shown(&self) -> usize {
        self.wanted.shown * self.dim
    }

    /// Groups whose moments are found.
    fn groups(&self) -> usize {
        match self.wanted.cells {
            Cells::Line { .. } => self.n.div_ceil(TOGETHER),
            Cells::Plane { .. } => 0,
        }
    }

    /// Numbers that are read of a frame.
    pub fn size(&self) -> usize {
        self.shown() + self.wanted.cells.count() + 2 * self.groups()
    }

    /// Queues what is to be read of `count` frames, the first of which has the number `first`.
    pub fn queue(
        &self,
        card: &Card,
        frames: &Buffer<f32>,
        first: usize,
        count: usize,
    ) -> Buffer<f32> {
        let cells = self.wanted.cells.count();
        let counts = card.upload(&vec![0u32; (count * cells).max(1)]);
        let out = card.empty((count * self.size()).max(1));
        let (factors, side, origin) = match &self.wanted.cells {
            Cells::Line {
                scale,
                first,
                count: side,
            } => (vec![*scale as f32; count], *side, *first as f32),
            Cells::Plane { factors, side } => {
                let own = |frame| factors.get(frame).map_or(0.0, |factor| *factor as f32);
                ((first..first + count).map(own).collect(), *side, 0.0)
            }
        };
        let over = |all: usize| CubeCount::Static((all as u32).div_ceil(GROUP), 1, 1);
        let factors = card.hand_over(factors);
        tally::launch(
            card.client(),
            over(count * self.n),
            CubeDim::new_1d(GROUP),
            frames.arg(),
            factors.arg(),
            counts.arg(),
            self.n as u32,
            origin,
            self.dim,
            side,
        );
        gather::launch(
            card.client(),
            over(count * (self.shown() + cells + self.groups())),
            CubeDim::new_1d(GROUP),
            frames.arg(),
            counts.arg(),
            out.arg(),
            self.n as u32,
            self.shown() as u32,
            cells as u32,
            self.groups() as u32,
            self.dim,
        );
        out
    }

    /// A frame of what was read.
    pub fn brief(&self, read: &[f32], brief: &mut Brief) {
        let (points, rest) = read.split_at(self.shown());
        let (counts, moments) = rest.split_at(self.wanted.cells.count());
        brief.points.clear();
        brief.points.extend_from_slice(points);
        brief.counts.clear();
        brief
            .counts
            .extend(counts.iter().map(|count| *count as u32));
        let (pairs, _) = moments.as_chunks::<2>();
        let size = |group: usize| TOGETHER.min(self.n - group * TOGETHER);
        let groups = pairs.iter().enumerate();
        let groups = groups
            .map(|(group, [mean, square])| (size(group), f64::from(*mean), f64::from(*square)));
        brief.moments = (!pairs.is_empty()).then(|| joined_moments(groups));
    }
}
