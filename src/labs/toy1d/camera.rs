//! The record of a run of this lab (histograms, traced particles, moments), and its numbers.

use super::Toy1d;
use super::axis::{Axis, AxisKind};
use super::numbers::Numbers;
use crate::denoise::Denoiser;
use crate::labs::run;
use crate::labs::setup::Setup;
use crate::labs::start;
use crate::labs::task::Stages;
use crate::labs::weight::REAL;
use crate::labs::{Camera as Look, Lab, Metric};
use crate::metrics;
use crate::sample::{Brief, Cells, Executor, Share, Wanted};
use std::rc::Rc;

/// Number of particles whose paths are recorded.
pub const PATHS: usize = 48;
/// An upper bound of the number of bins of the histograms.
const BINS_MOST: usize = 256;
/// Largest number of numbers kept for metrics at earlier frames (f32 each).
const KEEP: usize = 8_000_000;
/// Number of particles that are recorded together, and of those in a unit of work on a linear axis.
const TOGETHER: usize = 1 << 15;
const SEEN: usize = 8;

/// A run of one side of this lab.
pub type Run = run::Run<Toy1d>;

impl Run {
    /// A run of `lab` on the host, drawn on `axis`. Frame 0 is the start.
    pub fn new(lab: impl Into<Rc<Toy1d>>, axis: Axis) -> Self {
        let lab = lab.into();
        let camera = Camera::new(&lab, axis);
        Run::with(lab, camera)
    }
}

/// Records the particles: `hist`, the densities of the bins, and `paths`, the positions of the traced particles (NaN
/// if there are fewer).
#[derive(Debug, Clone)]
pub struct Camera {
    axis: Axis,
    edges: Vec<f64>,
    /// Indices of the traced particles.
    traced: Vec<usize>,
    n: usize,
    moments: Vec<(f64, f64)>,
    /// Of the frame that is being recorded: the counts of the bins, and the sums of x and of (x − mean)².
    counts: Vec<u32>,
    sums: [f64; 2],
    kept: Vec<f32>,
    keeps: bool,
}

impl Camera {
    /// The camera of a run of `lab` drawn on `axis`.
    pub fn new(lab: &Toy1d, axis: Axis) -> Self {
        let (n, frames) = (lab.setup.n, lab.setup.shown_levels().len());
        Self {
            axis,
            n,
            counts: vec![0; axis.bins],
            sums: [0.0; 2],
            edges: axis.edges(),
            keeps: n.saturating_mul(frames) <= KEEP,
            // Of random starts, the first ones are traced. Quantile starts are sorted, so the traced ones are spread
            // over all of them.
            traced: match lab.setup.quantile_start {
                true => (0..PATHS).map(|i| (2 * i + 1) * n / (2 * PATHS)).collect(),
                false => (0..PATHS).collect(),
            },
            moments: vec![],
            kept: vec![],
        }
    }
}

impl Look for Camera {
    fn record(&self) -> Vec<(&'static str, usize)> {
        vec![("hist", self.edges.len() - 1), ("paths", PATHS)]
    }

    /// The particles are gone through twice: the variance needs the mean.
    fn parts(&self) -> usize {
        2 * self.n.div_ceil(TOGETHER)
    }

    fn price(&self, x: &[f64]) -> usize {
        let together = x.len().min(TOGETHER);
        match self.axis.kind {
            AxisKind::Linear => together.div_ceil(SEEN),
            AxisKind::Asinh => together,
        }
    }

    /// Not on an axis of asinh, which no card has, and where all are kept for the numbers of earlier frames.
    fn wanted(&self) -> Option<Wanted> {
        let first = self.traced.iter().enumerate().all(|(i, own)| i == *own);
        let counts = self.axis.kind == AxisKind::Linear && !self.keeps && first && self.n > PATHS;
        let scale = self.axis.bins as f64 / (self.axis.hi - self.axis.lo);
        counts.then_some(Wanted {
            shown: PATHS,
            cells: Cells::Line {
                scale,
                first: self.axis.lo * scale,
                count: self.axis.bins,
            },
        })
    }

    fn look_briefly(&mut self, brief: &Brief, arrays: &mut [Vec<f32>]) {
        let [hist, paths] = arrays else { return };
        hist.extend(self.axis.densities(&self.edges, &brief.counts, self.n));
        paths.extend_from_slice(&brief.points);
        let [mean, variance] = brief.moments.unwrap_or([f64::NAN; 2]);
        self.moments.push((mean, variance));
    }

    fn look(&mut self, part: usize, x: &[f64], arrays: &mut [Vec<f32>]) {
        let [hist, paths] = arrays else { return };
        let half = self.parts() / 2;
        let first = part % half * TOGETHER;
        let some = &x[first..x.len().min(first + TOGETHER)];
        if part < half {
            self.axis.count(some, &mut self.counts);
            self.sums[0] = some.iter().fold(self.sums[0], |sum, x| sum + x);
            if self.keeps {
                let kept = self.kept.len();
                self.kept.resize(kept + some.len(), 0.0);
                metrics::narrow(some, &mut self.kept[kept..]);
            }
        } else {
            let mean = self.sums[0] / x.len() as f64;
            let square = |x: &f64| (x - mean) * (x - mean);
            self.sums[1] = some.iter().fold(self.sums[1], |sum, x| sum + square(x));
        }
        if part + 1 < 2 * half {
            return;
        }
        hist.extend(self.axis.densities(&self.edges, &self.counts, x.len()));
        let place = |&i: &usize| x.get(i).map_or(f32::NAN, |&x| x as f32);
        paths.extend(self.traced.iter().map(place));
        let [mean, variance] = self.sums.map(|sum| sum / x.len() as f64);
        self.moments.push((mean, variance));
        self.counts.fill(0);
        self.sums = [0.0; 2];
    }
}

impl Lab for Toy1d {
    type Camera = Camera;
    type Numbers = Numbers;

    fn start(&self, share: &Share) -> Box<dyn Executor> {
        Box::new(self.setup.start(self.dim(), share))
    }

    fn memory(&self, n: usize) -> u64 {
        let frames = self.setup.shown_levels().len();
        let kept = n.saturating_mul(frames);
        let kept = if kept <= KEEP { kept as u64 } else { 0 };
        let record = (frames * (PATHS + BINS_MOST)) as u64;
        // The records in f32, at twice their size while they grow; at the end a sorted copy and the samples.
        (self.setup.plan.buffers() + 2) * n as u64 * REAL + 2 * 4 * (kept + record)
    }

    fn warnings(&self) -> Vec<String> {
        let law = &self.law;
        let warning = start::warning(&self.setup, law.mean(), law.variance());
        warning.into_iter().collect()
    }

    fn setup(&self) -> &Setup {
        &self.setup
    }

    fn dim(&self) -> usize {
        1
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
            None => crate::tensor::Model::Law(self.model.clone()),
        };
        Ok(Box::new(self.setup.start_on(self.dim(), model, place)))
    }

    #[cfg(feature = "gpu")]
    fn start_fused(&self, card: &crate::gpu::Card) -> Option<Box<dyn Executor>> {
        let law = match &self.setup.net {
            Some(net) => crate::gpu::Fused::network(net),
            None => Some(crate::gpu::Fused::line(&self.model)),
        };
        Some(Box::new(self.setup.start_fused(law?, card)))
    }

    fn numbers(
        self: &Rc<Self>,
        camera: &Camera,
        frame: usize,
        end: Option<Rc<Vec<f64>>>,
    ) -> Stages<Numbers> {
        let n = self.setup.n;
        let kept = || {
            let kept = camera
                .keeps
                .then(|| &camera.kept[frame * n..(frame + 1) * n]);
            kept.map(|x| x.iter().map(|&x| f64::from(x)).collect())
        };
        let x = end.map(|x| x.to_vec()).or_else(kept);
        Numbers::stages(self, frame, camera.moments[frame], x)
    }

    fn rows(&self, numbers: Numbers) -> Vec<Metric> {
        numbers.rows(self)
    }
}
