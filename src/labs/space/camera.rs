//! The record of a run of these labs, and its numbers.

use super::numbers::{MEASURED, Numbers};
use super::{CELLS, SpaceLab, Window};
use crate::denoise::Denoiser;
use crate::labs::run;
use crate::labs::setup::Setup;
use crate::labs::start;
use crate::labs::task::Stages;
use crate::labs::weight::REAL;
use crate::labs::{Camera as Look, Lab, Metric};
use crate::law::space::Space;
use crate::law::space::Torus;
use crate::metrics;
use crate::sample::{Brief, Cells, Executor, Share, Wanted};
use std::f64::consts::{PI, TAU};
use std::rc::Rc;

/// In the plane, the cells of more particles than these are counted too.
const UNCOUNTED: usize = 10_000;
/// Largest number of numbers in all frames together (f32 each): those of 10⁵ particles of the default run three times over.
const KEEP: usize = 24_000_000;
/// Number of particles that are recorded together. Of those in a unit of work, their cells are counted; the angles of a
/// particle take some units.
const TOGETHER: usize = 1 << 14;
const COUNTED: usize = 4;
const ANGLES: usize = 6;
/// Number of bins of the angles.
pub(super) const BINS: usize = 72;
/// A run of one side of these labs.
pub type Run = run::Run<SpaceLab>;

impl Run {
    /// A run of `lab` on the host, drawn in `window`. Frame 0 is the start.
    pub fn new(lab: impl Into<Rc<SpaceLab>>, window: Window) -> Self {
        let lab = lab.into();
        let camera = Camera::new(&lab, window);
        Run::with(lab, camera)
    }
}

/// Records the particles. `points`: x_t of the first particles, of as many as there is room for. In the plane, of more
/// than 10,000 particles also `counts`: the number of all particles in each cell of the window, rows from below. On the torus, `theta` and `phi`: the densities of
/// the angles of y over (−π, π).
#[derive(Debug, Clone)]
pub struct Camera {
    window: Window,
    dim: usize,
    n: usize,
    shown: usize,
    counts: bool,
    torus: Option<Torus>,
    /// Scale of each frame.
    scales: Vec<f64>,
    frame: usize,
}

/// Of `n` particles of so many coordinates, those that are recorded in so many frames.
fn shown(n: usize, frames: usize, dim: usize) -> usize {
    n.min(KEEP / (frames * dim)).max(1)
}

impl Camera {
    /// The camera of a run of `lab` drawn in `window`.
    pub fn new(lab: &SpaceLab, window: Window) -> Self {
        let levels = lab.setup.frames();
        let (n, dim) = (lab.setup.n, lab.law.dim());
        let shown = shown(n, levels.len(), dim);
        Self {
            window,
            dim,
            n,
            shown,
            counts: dim == 2 && n > UNCOUNTED,
            torus: match &lab.law {
                Space::Torus(torus) => Some(*torus),
                Space::Cloud(_) | Space::Checkerboard(_) => None,
            },
            scales: levels.iter().map(|l| lab.scale(l)).collect(),
            frame: 0,
        }
    }

    /// Number of particles in every frame.
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// Adds the particles to the counts of their cells.
    fn count(&self, x: &[f64], scale: f64, counts: &mut [f32]) {
        let cells = self.window.cells;
        let factor = cells as f64 / (2.0 * self.window.reach * scale);
        let middle = 0.5 * cells as f64;
        for p in x.chunks_exact(2) {
            let (i, j) = (p[0] * factor + middle, p[1] * factor + middle);
            let inside = |c: f64| c >= 0.0 && c < cells as f64;
            if inside(i) && inside(j) {
                counts[j as usize * cells + i as usize] += 1.0;
            }
        }
    }

    /// Adds each of some particles of all `n` to the densities of its angles.
    fn angles(&self, x: &[f64], (scale, n): (f64, usize), torus: &Torus, out: [&mut [f32]; 2]) {
        let one = (BINS as f64 / (TAU * n.max(1) as f64)) as f32;
        let bin = |angle: f64| (((angle + PI) / TAU * BINS as f64) as usize).min(BINS - 1);
        for p in x.chunks_exact(3) {
            let y = [p[0] / scale, p[1] / scale, p[2] / scale];
            let (theta, phi) = torus.angles(&y);
            if theta.is_finite() && phi.is_finite() {
                out[0][bin(theta)] += one;
                out[1][bin(phi)] += one;
            }
        }
    }
}

impl Look for Camera {
    fn record(&self) -> Vec<(&'static str, usize)> {
        let mut names = vec![("points", self.shown * self.dim)];
        if self.counts {
            names.push(("counts", self.window.cells * self.window.cells));
        }
        if self.torus.is_some() {
            names.extend([("theta", BINS), ("phi", BINS)]);
        }
        names
    }

    fn parts(&self) -> usize {
        match self.counts || self.torus.is_some() {
            true => self.n.div_ceil(TOGETHER),
            false => 1,
        }
    }

    fn price(&self, x: &[f64]) -> usize {
        let together = (x.len() / self.dim).min(TOGETHER);
        match self.torus {
            Some(_) => together * ANGLES,
            None => together.div_ceil(COUNTED),
        }
    }

    /// Where not all particles are recorded, the others are only counted.
    fn wanted(&self) -> Option<Wanted> {
        let factor = |scale: &f64| self.window.cells as f64 / (2.0 * self.window.reach * scale);
        (self.counts && self.shown < self.n).then(|| Wanted {
            shown: self.shown,
            cells: Cells::Plane {
                factors: self.scales.iter().map(factor).collect(),
                side: self.window.cells,
            },
        })
    }

    fn look_briefly(&mut self, brief: &Brief, arrays: &mut [Vec<f32>]) {
        if let [points, counts, ..] = arrays {
            points.extend_from_slice(&brief.points);
            counts.extend(brief.counts.iter().map(|count| *count as f32));
        }
        self.frame += 1;
    }

    fn look(&mut self, part: usize, x: &[f64], arrays: &mut [Vec<f32>]) {
        let scale = self.scales.get(self.frame).copied().unwrap_or(1.0);
        let sizes = self.record();
        if part == 0 {
            for (array, (name, size)) in arrays.iter_mut().zip(&sizes) {
                array.reserve_exact(*size);
                let blank = if *name == "points" { f32::NAN } else { 0.0 };
                array.resize(array.len() + size, blank);
            }
        }
        // The frame is the last of each array.
        let ends = arrays.iter_mut().zip(&sizes);
        let mut frame = ends.map(|(array, (_, size))| {
            let first = array.len() - size;
            &mut array[first..]
        });
        let bounds = [part, part + 1].map(|i| (i * TOGETHER * self.dim).min(x.len()));
        let some = &x[bounds[0]..bounds[1]];
        if let Some(points) = frame.next() {
            let own = points.get_mut(bounds[0]..).unwrap_or_default();
            let seen = own.len().min(some.len());
            metrics::narrow(&some[..seen], &mut own[..seen]);
        }
        if self.counts
            && let Some(counts) = frame.next()
        {
            self.count(some, scale, counts);
        }
        if let Some(torus) = &self.torus
            && let (Some(theta), Some(phi)) = (frame.next(), frame.next())
        {
            let n = x.len() / self.dim;
            self.angles(some, (scale, n), torus, [theta, phi]);
        }
        drop(frame);
        self.frame += usize::from(part + 1 == self.parts());
    }
}

impl Lab for SpaceLab {
    type Camera = Camera;
    type Numbers = Numbers;

    fn start(&self, share: &Share) -> Box<dyn Executor> {
        Box::new(self.setup.start(self.dim(), share))
    }

    fn memory(&self, n: usize) -> u64 {
        let (frames, dim) = (self.setup.shown_levels().len(), self.dim());
        let points = shown(n, frames, dim) * dim * frames;
        let cells = if dim == 2 { CELLS * CELLS } else { 2 * BINS };
        let record = (points + cells * frames) as u64;
        let measured = (6 * n.min(MEASURED) * dim) as u64;
        // The records in f32, at twice their size where they are moved as they grow; at the end the samples, and fresh draws
        // with their projections.
        let numbers = (n * dim) as u64;
        ((self.setup.plan.buffers() + 1) * numbers + measured) * REAL + 2 * 4 * record
    }

    fn warnings(&self) -> Vec<String> {
        let mean = self.law.mean();
        let square: f64 = mean.iter().map(|m| m * m).sum();
        let mean = (square / mean.len() as f64).sqrt();
        let warning = start::warning(&self.setup, mean, self.law.variance());
        warning.into_iter().collect()
    }

    fn setup(&self) -> &Setup {
        &self.setup
    }

    fn dim(&self) -> usize {
        self.law.dim()
    }

    fn denoiser(&self) -> &dyn Denoiser {
        self.setup.denoiser(&self.model)
    }

    #[cfg(feature = "tensor")]
    fn start_on(
        &self,
        place: &crate::tensor::Place,
    ) -> Result<Box<dyn Executor>, crate::error::Error> {
        let model = match &self.setup.net {
            Some(net) => crate::tensor::Model::network(net, place),
            None => crate::tensor::Model::Space(self.model.clone()),
        };
        Ok(Box::new(self.setup.start_on(self.dim(), model, place)))
    }

    #[cfg(feature = "gpu")]
    fn start_fused(&self, card: &crate::gpu::Card) -> Option<Box<dyn Executor>> {
        let law = match &self.setup.net {
            Some(net) => crate::gpu::Fused::network(net),
            None => crate::gpu::Fused::space(&self.model),
        };
        Some(Box::new(self.setup.start_fused(law?, card)))
    }

    fn numbers(
        self: &Rc<Self>,
        _: &Camera,
        _: usize,
        end: Option<Rc<Vec<f64>>>,
    ) -> Stages<Numbers> {
        Numbers::stages(self, end)
    }

    fn rows(&self, numbers: Numbers) -> Vec<Metric> {
        numbers.rows(self)
    }
}
