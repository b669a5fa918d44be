//! What is recorded of a run of this lab: histograms, traced particles, moments; and its numbers.

use super::Toy1d;
use super::axis::Axis;
use crate::denoise::Denoiser;
use crate::labs::memory::REAL;
use crate::labs::run;
use crate::labs::run::short;
use crate::labs::setup::Setup;
use crate::labs::start;
use crate::labs::{Camera as Look, Lab, Metric};
use crate::metrics;
use crate::sample::Executor;
use std::rc::Rc;

/// Particles whose paths are recorded.
pub const PATHS: usize = 48;
/// Bins of the histograms, more than there are.
const BINS_MOST: usize = 256;
/// Numbers kept for metrics at earlier frames, at most (f32 each).
const KEEP: usize = 8_000_000;

/// A run of one side of this lab.
pub type Run = run::Run<Toy1d>;

impl Run {
    /// A run of `lab` on the host, drawn on `axis`; the start is its frame 0.
    pub fn new(lab: impl Into<Rc<Toy1d>>, axis: Axis) -> Self {
        let lab = lab.into();
        let camera = Camera::new(&lab, axis);
        Run::with(lab, camera)
    }
}

/// What looks at the particles: `hist`, the densities of the bins, and `paths`, the places of the traced
/// particles (not a number where there are fewer).
#[derive(Debug, Clone)]
pub struct Camera {
    axis: Axis,
    edges: Vec<f64>,
    /// Indices of the traced particles.
    traced: Vec<usize>,
    moments: Vec<(f64, f64)>,
    kept: Vec<f32>,
    keeps: bool,
}

impl Camera {
    /// For a run of `lab` drawn on `axis`.
    pub fn new(lab: &Toy1d, axis: Axis) -> Self {
        let (n, frames) = (lab.setup.n, lab.setup.shown_levels().len());
        Self {
            axis,
            edges: axis.edges(),
            keeps: n.saturating_mul(frames) <= KEEP,
            // Random starts: the first ones. Quantile starts are in order: spread over all of them.
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

    fn look(&mut self, x: &[f64], arrays: &mut [Vec<f32>]) {
        let [hist, paths] = arrays else { return };
        hist.extend(self.axis.histogram(&self.edges, x));
        let place = |&i: &usize| x.get(i).map_or(f32::NAN, |&x| x as f32);
        paths.extend(self.traced.iter().map(place));
        self.moments.push(metrics::mean_var(x));
        if self.keeps {
            self.kept.extend(x.iter().map(|&x| x as f32));
        }
    }
}

impl Lab for Toy1d {
    type Camera = Camera;

    fn start(&self) -> Box<dyn Executor> {
        Box::new(self.setup.start(self.dim()))
    }

    fn memory(&self, n: usize) -> u64 {
        let frames = self.setup.shown_levels().len();
        let kept = n.saturating_mul(frames);
        let kept = if kept <= KEEP { kept as u64 } else { 0 };
        let record = (frames * (PATHS + BINS_MOST)) as u64;
        // f32 at twice their size while they grow; at the end a sorted copy and the samples.
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

    fn rows(&self, camera: &Camera, frame: usize, end: Option<&[f64]>) -> Vec<Metric> {
        let lab = self;
        let frames = lab.setup.frames();
        let (mean, var) = camera.moments[frame];
        let law = match frame + 1 == frames.len() {
            true => lab.truth(),
            false => lab.truth_at(&frames[frame]),
        };
        let sorted = match end {
            Some(x) => Some(x.to_vec()),
            None if camera.keeps => {
                let n = lab.setup.n;
                let kept = &camera.kept[frame * n..(frame + 1) * n];
                Some(kept.iter().map(|&x| f64::from(x)).collect())
            }
            None => None,
        };
        // Reals that a diverging plan makes infinite have no distance to show.
        let sorted = sorted
            .filter(|x| x.iter().all(|x| x.is_finite()))
            .map(|mut x: Vec<f64>| {
                x.sort_unstable_by(f64::total_cmp);
                x
            });
        let n = lab.setup.n as f64;
        let se_mean = (law.variance() / n).sqrt();
        let se_var = ((law.fourth() - law.variance() * law.variance()).max(0.0) / n).sqrt();
        let (w1, ks) = (
            metrics::expected_w1(&law, lab.setup.n),
            metrics::expected_ks(lab.setup.n),
        );
        let iid = |x: f64| format!("independent sample: {}", short(x));
        let exact = |x: f64, se: f64| format!("exact {} ± {}", short(x), short(se));
        vec![
            Metric {
                key: "w1",
                label: "W₁",
                value: sorted.as_ref().map(|x| metrics::w1(x, &law)),
                reference: w1,
                error: None,
                reference_label: iid(w1),
                help: "Area between the distribution functions of the sample and of the exact law; beside it the mean for an independent sample of this size.",
            },
            Metric {
                key: "ks",
                label: "KS",
                value: sorted.as_ref().map(|x| metrics::ks(x, &law)),
                reference: ks,
                error: None,
                reference_label: iid(ks),
                help: "Largest gap between the distribution functions (Kolmogorov–Smirnov, two-sided); beside it the mean for an independent sample of this size.",
            },
            Metric {
                key: "mean",
                label: "mean",
                value: Some(mean),
                reference: law.mean(),
                error: Some(se_mean),
                reference_label: exact(law.mean(), se_mean),
                help: "Sample mean; beside it the exact mean ± the standard error of an independent sample of this size.",
            },
            Metric {
                key: "var",
                label: "variance",
                value: Some(var),
                reference: law.variance(),
                error: Some(se_var),
                reference_label: exact(law.variance(), se_var),
                help: "Sample variance (1/n); beside it the exact variance ± the standard error of an independent sample of this size.",
            },
        ]
    }
}
