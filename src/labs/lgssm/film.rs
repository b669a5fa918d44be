//! The film of a run in segments: its frames show all segments together.

use super::method::Segment;
use super::method::Series;
use crate::rng::Noise;
use crate::rng::Stream;
use crate::sample::Plan;
use crate::sample::Share;

/// Largest number of numbers that the film of several segments keeps.
pub const FILM: usize = 8_000_000;

/// Frame f is level f of all segments together. It comes when the last segment reaches this level. Until then the
/// film keeps this level of the earlier segments; only of the first chains, if all would be more than [`FILM`]
/// numbers. The start and the end have all chains.
pub(super) struct Film {
    p: usize,
    dim: usize,
    /// Whether there is only one segment, whose state is all that is shown.
    single: bool,
    /// The final values of the completed segments and the start of the rest, `[n × L·p]`; with one segment, its
    /// state.
    whole: Vec<f64>,
    /// Number of the first chain.
    first: usize,
    /// Number of chains whose start is drawn, its scale, and its source.
    begun: usize,
    start: f64,
    noise: Noise,
    /// The levels between start and end that are shown, with the states of the first chains at each.
    frames: Vec<(usize, Vec<f64>)>,
    /// The frame that is shown; `None` for `whole`.
    shows: Option<usize>,
}

impl Film {
    /// The film of a share of the chains, whose start is not drawn yet; `shown` are its levels.
    pub fn new(series: &Series, plan: &Plan, shown: &[usize], share: &Share, seed: u64) -> Self {
        let p = series.chain().states();
        let dim = series.chain().dim();
        let single = matches!(series.segments(), [_]);
        let between = shown.iter().filter(|l| (1..plan.steps()).contains(*l));
        let kept = share.of.min(FILM / (shown.len() * dim)).max(1);
        let kept = kept.saturating_sub(share.first).min(share.count) * dim;
        let frames = match single {
            true => vec![],
            false => between.map(|l| (*l, vec![0.0; kept])).collect(),
        };
        Self {
            p,
            dim,
            single,
            whole: vec![0.0; share.count * dim],
            first: share.first,
            begun: 0,
            start: plan.start,
            noise: Noise::new(seed),
            frames,
            shows: None,
        }
    }

    /// Draws the start of more chains: about `count` numbers, or one chain. Returns how many numbers it has drawn, and
    /// whether the start is complete.
    pub fn begin(&mut self, series: &Series, count: usize) -> (usize, bool) {
        let (p, dim) = (self.p, self.dim);
        let first = self.begun;
        let chains = self.whole.len() / dim;
        self.begun = first.saturating_add((count / dim).max(1)).min(chains);
        for (part, segment) in series.segments().iter().enumerate() {
            let (size, known) = (segment.length() * p, (segment.new - segment.start) * p);
            let fresh = self.whole[first * dim..self.begun * dim].chunks_exact_mut(dim);
            for (chain, x) in (self.first + first..).zip(fresh) {
                let new = &mut x[segment.new * p..segment.end * p];
                let from = (chain * size + known) as u64;
                self.noise.normals(Stream::Start, part as u32, from, new);
                new.iter_mut().for_each(|z| *z *= self.start);
            }
        }
        ((self.begun - first) * dim, self.begun == chains)
    }

    /// The final values, when everything is done.
    pub fn take(&mut self) -> Vec<f64> {
        self.shows = None;
        std::mem::take(&mut self.whole)
    }

    /// Number of chains kept of a level: all, unless it is a frame between start and end.
    #[cfg(feature = "tensor")]
    pub fn kept(&self, level: usize) -> usize {
        let frame = self.frames.iter().find(|f| f.0 == level);
        frame.map_or(&self.whole, |f| &f.1).len() / self.dim
    }

    /// Whether a level is shown.
    pub fn has(&self, level: usize) -> bool {
        self.single || self.frames.iter().any(|f| f.0 == level)
    }

    /// Writes the new states of a segment at a level to their positions. `blocks` hold particles of the states from
    /// index `from` to the end of the segment, one after the other.
    pub fn show<'a>(
        &mut self,
        level: usize,
        segment: &Segment,
        from: usize,
        blocks: impl IntoIterator<Item = &'a [f64]>,
    ) {
        if self.single {
            return self.keep(segment, from, blocks);
        }
        if let Some(frame) = self.frames.iter().position(|f| f.0 == level) {
            let into = &mut self.frames[frame].1;
            scatter(segment, from, self.p, blocks, self.dim, into);
            self.shows = Some(frame);
        }
    }

    /// As [`Film::show`], for the end.
    pub fn keep<'a>(
        &mut self,
        segment: &Segment,
        from: usize,
        blocks: impl IntoIterator<Item = &'a [f64]>,
    ) {
        scatter(segment, from, self.p, blocks, self.dim, &mut self.whole);
        self.shows = None;
    }

    /// Nothing in it is a result.
    pub fn fail(&mut self) {
        self.whole.fill(f64::NAN);
        self.shows = None;
    }

    /// The final values of the completed segments, `[n × L·p]`.
    pub fn whole(&self) -> &[f64] {
        &self.whole
    }

    /// The state that the last frame shows, `[chains × L·p]`; `last` says whether the current segment is the last
    /// one.
    pub fn x(&self, last: bool) -> &[f64] {
        match self.shows.filter(|_| last) {
            Some(frame) => &self.frames[frame].1,
            None => &self.whole,
        }
    }
}

/// The new states of a segment's particles into their places in chains of `dim` numbers, as many as there are of both.
fn scatter<'a>(
    segment: &Segment,
    from: usize,
    p: usize,
    blocks: impl IntoIterator<Item = &'a [f64]>,
    dim: usize,
    into: &mut [f64],
) {
    let Segment { new, end, .. } = *segment;
    let blocks = blocks.into_iter();
    let particles = blocks.flat_map(|block| block.chunks_exact((end - from) * p));
    for (chain, particle) in into.chunks_exact_mut(dim).zip(particles) {
        chain[new * p..end * p].copy_from_slice(&particle[(new - from) * p..]);
    }
}
