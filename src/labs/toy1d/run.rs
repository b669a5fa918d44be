//! A run of one side: the particles, and what is recorded of them for the pictures.

use super::Toy1d;
use super::axis::Axis;
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::metrics;
use crate::sample::{Executor, HostState};
use serde::Serialize;

/// Particles whose paths are recorded.
pub const PATHS: usize = 48;
/// Numbers kept for metrics at earlier frames, at most (f32 each).
const KEEP: usize = 8_000_000;

/// New frames: densities of the bins and places of the traced particles.
#[derive(Debug, Clone, PartialEq)]
pub struct Frames {
    /// First frame.
    pub from: usize,
    /// Frame after the last.
    pub to: usize,
    /// `[(to − from) × bins]`.
    pub hist: Vec<f32>,
    /// `[(to − from) × PATHS]`; not a number where there are fewer particles.
    pub paths: Vec<f32>,
}

/// One number, with what it would be for an independent sample of the same size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// `w1`, `ks`, `mean`, `var`.
    pub key: &'static str,
    /// Name.
    pub label: &'static str,
    /// The value; none where the frame was not kept.
    pub value: Option<f64>,
    /// What to hold it against.
    pub reference: f64,
    /// One standard error of an independent sample, for mean and variance.
    pub error: Option<f64>,
    /// Words for the reference.
    pub reference_label: String,
    /// One line.
    pub help: &'static str,
}

/// The numbers at one frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metrics {
    /// The frame.
    pub frame: usize,
    /// Its time.
    pub t: f64,
    /// Whether it is the end, which is held against the law of the data.
    pub r#final: bool,
    /// The numbers.
    pub rows: Vec<Metric>,
    /// Denoiser calls a particle so far.
    pub nfe: usize,
}

/// What is recorded of the particles, frame by frame, whatever engine moves them.
#[derive(Debug, Clone)]
pub struct Recorder {
    axis: Axis,
    edges: Vec<f64>,
    shown: Vec<usize>,
    /// Frames recorded, and how many of them were taken.
    done: usize,
    taken: usize,
    /// Indices of the traced particles.
    traced: Vec<usize>,
    hist: Vec<f32>,
    paths: Vec<f32>,
    moments: Vec<(f64, f64)>,
    kept: Vec<f32>,
    keeps: bool,
}

impl Recorder {
    /// A recorder for a run of `lab` drawn on `axis`.
    pub fn new(lab: &Toy1d, axis: Axis) -> Self {
        let shown = lab.shown_levels();
        Self {
            axis,
            edges: axis.edges(),
            keeps: lab.n.saturating_mul(shown.len()) <= KEEP,
            shown,
            done: 0,
            taken: 0,
            // Random starts: the first ones. Quantile starts are in order: spread over all of them.
            traced: match lab.quantile_start {
                true => (0..PATHS)
                    .map(|i| (2 * i + 1) * lab.n / (2 * PATHS))
                    .collect(),
                false => (0..PATHS).collect(),
            },
            hist: vec![],
            paths: vec![],
            moments: vec![],
            kept: vec![],
        }
    }

    /// Whether the state at this grid level is the next frame.
    pub fn wants(&self, level: usize) -> bool {
        self.shown.get(self.done) == Some(&level)
    }

    /// Records the particles as the next frame.
    pub fn record(&mut self, x: &[f64]) {
        self.hist.extend(self.axis.histogram(&self.edges, x));
        let place = |&i: &usize| x.get(i).map_or(f32::NAN, |&x| x as f32);
        self.paths.extend(self.traced.iter().map(place));
        self.moments.push(metrics::mean_var(x));
        if self.keeps {
            self.kept.extend(x.iter().map(|&x| x as f32));
        }
        self.done += 1;
    }

    /// Frames recorded so far.
    pub fn frames(&self) -> usize {
        self.done
    }

    /// The frames since the last call, if any.
    pub fn take(&mut self) -> Option<Frames> {
        let (from, to) = (self.taken, self.done);
        if from == to {
            return None;
        }
        self.taken = to;
        Some(Frames {
            from,
            to,
            hist: std::mem::take(&mut self.hist),
            paths: std::mem::take(&mut self.paths),
        })
    }

    /// The numbers at a recorded frame; `x` is the final state where the run is done.
    pub fn metrics(&self, lab: &Toy1d, frame: usize, end: Option<&[f64]>) -> Option<Metrics> {
        let &(mean, var) = self.moments.get(frame)?;
        let level_index = self.shown[frame];
        let last = frame + 1 == self.shown.len();
        let level = lab.plan.levels[level_index];
        let law = if last {
            lab.truth()
        } else {
            lab.truth_at(&level)
        };
        let sorted = match end.filter(|_| last) {
            Some(x) => Some(x.to_vec()),
            None if self.keeps => {
                let kept = &self.kept[frame * lab.n..(frame + 1) * lab.n];
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
        let n = lab.n as f64;
        let se_mean = (law.variance() / n).sqrt();
        let se_var = ((law.fourth() - law.variance() * law.variance()).max(0.0) / n).sqrt();
        let (w1, ks) = (
            metrics::expected_w1(&law, lab.n),
            metrics::expected_ks(lab.n),
        );
        let iid = |x: f64| format!("independent sample: {}", short(x));
        let exact = |x: f64, se: f64| format!("exact {} ± {}", short(x), short(se));
        let stages = &lab.plan.stages;
        let reached = stages
            .iter()
            .position(|s| s.lands == Some(level_index))
            .map_or(0, |i| i + 1);
        Some(Metrics {
            frame,
            t: level.t,
            r#final: last,
            nfe: stages[..reached]
                .iter()
                .filter(|s| s.level.is_some())
                .count(),
            rows: vec![
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
            ],
        })
    }
}

/// Three significant digits.
fn short(x: f64) -> String {
    if x.abs() < 1e-12 {
        return "0".to_owned();
    }
    if !x.is_finite() {
        return x.to_string();
    }
    let digits = 2 - libm::floor(libm::log10(x.abs())) as i32;
    format!("{x:.*}", digits.clamp(0, 12) as usize)
}

/// A run of one side.
pub struct Run<E = HostState> {
    /// The configuration.
    pub lab: Toy1d,
    pub(super) state: E,
    pub(super) recorder: Recorder,
}

impl Run {
    /// A run of `lab` on the host, drawn on `axis`; the start is its frame 0.
    pub fn new(lab: Toy1d, axis: Axis) -> Self {
        let state = HostState::new(&lab.plan, lab.n, lab.seed, lab.quantile_start);
        Run::starting(lab, axis, state)
    }

    /// Does about `work` denoiser evaluations. Returns whether the run is done.
    pub fn advance(&mut self, work: usize) -> bool {
        self.advance_with(work, &mut |_, _| {})
    }

    /// As [`Run::advance`], showing the state to `watch` at every grid level that is reached.
    pub fn advance_with(&mut self, work: usize, watch: &mut dyn FnMut(usize, &[f64])) -> bool {
        let stop = self.evaluations() + work as u64;
        while !self.is_done() {
            let left = stop.saturating_sub(self.evaluations()).max(1) as usize;
            let denoiser = self.lab.denoiser();
            if let Some(level) = self.state.advance(&self.lab.plan, denoiser, left) {
                watch(level, self.state.x());
                if self.recorder.wants(level) {
                    self.recorder.record(self.state.x());
                }
            }
            if self.evaluations() >= stop {
                break;
            }
        }
        self.is_done()
    }
}

impl<E: Executor> Run<E> {
    pub(super) fn starting(lab: Toy1d, axis: Axis, state: E) -> Self {
        let mut recorder = Recorder::new(&lab, axis);
        recorder.record(state.x());
        Self {
            lab,
            state,
            recorder,
        }
    }

    /// Whether every stage is done.
    pub fn is_done(&self) -> bool {
        self.state.stages_done() == self.lab.plan.stages.len()
    }

    /// Denoiser evaluations so far, over all particles.
    pub fn evaluations(&self) -> u64 {
        self.state.evaluations(&self.lab.plan)
    }

    /// Denoiser evaluations of the whole run.
    pub fn total(&self) -> u64 {
        let plan = &self.lab.plan;
        plan.evaluations(plan.stages.len(), 0, self.lab.n)
    }

    /// The recorder.
    pub fn recorder(&mut self) -> &mut Recorder {
        &mut self.recorder
    }

    /// The numbers at a frame, if it was reached.
    pub fn metrics(&self, frame: usize) -> Option<Metrics> {
        self.recorder
            .metrics(&self.lab, frame, self.is_done().then(|| self.state.x()))
    }

    /// The numbers at the end.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn final_metrics(&self) -> Result<Metrics, Error> {
        let frame = self.recorder.frames() - 1;
        let done = self.is_done().then(|| self.metrics(frame)).flatten();
        done.ok_or(Error::NotYet {
            what: "final metric",
        })
    }

    /// The final samples.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn samples(&self) -> Result<&[f64], Error> {
        if self.is_done() {
            Ok(self.state.x())
        } else {
            Err(Error::NotYet {
                what: "final sample",
            })
        }
    }

    /// The present state.
    pub fn x(&self) -> &[f64] {
        self.state.x()
    }

    /// The fingerprint of the result.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn fingerprint(&self) -> Result<Fingerprint, Error> {
        Ok(Fingerprint::of(self.samples()?))
    }
}
