//! The record of a run of chains.

use super::ChainLab;
use super::draws;
use super::legs;
use super::method::Method;
use super::numbers::{CENTRED, Numbers, SUMMED, TOGETHER, group};
use super::reference::DENSE;
use super::state;
use crate::answer::Floats;
use crate::denoise::Denoiser;
use crate::labs::leg::Leg;
use crate::labs::run;
use crate::labs::setup::Setup;
use crate::labs::task::{Question, Stages, Task};
use crate::labs::{Camera as Look, Lab, Metric};
use crate::metrics;
use crate::process::lgssm::{Moments, add_to_mean};
use crate::sample::{Executor, Share};
use std::rc::Rc;

/// Largest number of chains in every frame.
const SHOWN: usize = 24;
/// Largest number of numbers in all frames together (f32 each).
const KEEP: usize = 6_000_000;
/// Number of numbers of a chain that are recorded together, and of numbers of all chains; and of those in a unit of
/// work.
const COLUMNS: usize = 16;
const NUMBERS: usize = 1 << 18;
const SEEN: usize = 3;
/// Largest number of chains for the quantiles of a frame.
const RANKED: usize = 2000;
/// The quantiles of the bands.
const BANDS: [f64; 4] = [0.025, 0.25, 0.75, 0.975];

/// The covariance of the final chains, by rows; null before the end, or if it is too large to be computed.
const COVARIANCE: Question = Question {
    name: "covariance",
    args: &[],
};

/// The mean of a sample, and its moments when it is known.
type Sample = (Vec<f64>, Option<Moments>);

/// A run of one side of this lab.
pub type Run = run::Run<ChainLab>;

impl Run {
    /// A run of `lab` on the host. Frame 0 is the start.
    pub fn new(lab: impl Into<Rc<ChainLab>>) -> Self {
        let lab = lab.into();
        let camera = Camera::new(&lab);
        Run::with(lab, camera)
    }
}

/// Records the chains, all in x_t divided by [`ChainLab::scales`]: `chains`, the first ones; `mean` and `sd` over all
/// chains; `bands`, the quantiles 2.5, 25, 75 and 97.5 % (of at most 2,000 chains).
#[derive(Debug, Clone)]
pub struct Camera {
    dim: usize,
    /// Number of numbers of a chain in a part of a frame.
    together: usize,
    shown: usize,
    scales: Vec<f64>,
    frame: usize,
}

impl Camera {
    /// The camera of a run of `lab`.
    pub fn new(lab: &ChainLab) -> Self {
        let levels = lab.setup.frames();
        let dim = lab.chain.dim();
        let room = (KEEP / (levels.len() * dim)).saturating_sub(6);
        let n = lab.setup.n;
        Self {
            dim,
            together: (NUMBERS / n).clamp(1, COLUMNS),
            shown: lab.setup.n.min(SHOWN).min(room).max(1),
            scales: lab.scales(),
            frame: 0,
        }
    }

    /// Number of chains in every frame.
    pub fn shown(&self) -> usize {
        self.shown
    }
}

impl Look for Camera {
    fn record(&self) -> Vec<(&'static str, usize)> {
        vec![
            ("chains", self.shown * self.dim),
            ("mean", self.dim),
            ("sd", self.dim),
            ("bands", BANDS.len() * self.dim),
        ]
    }

    fn parts(&self) -> usize {
        self.dim.div_ceil(self.together)
    }

    fn price(&self, x: &[f64]) -> usize {
        x.len() / self.dim * self.together / SEEN
    }

    fn look(&mut self, part: usize, x: &[f64], arrays: &mut [Vec<f32>]) {
        let scale = self.scales.get(self.frame).copied().unwrap_or(1.0);
        let [chains, mean, sd, bands] = arrays else {
            return;
        };
        let (dim, n) = (self.dim, x.len() / self.dim);
        if part == 0 {
            let length = chains.len() + self.shown * dim;
            chains.extend(x.iter().take(self.shown * dim).map(|x| (x / scale) as f32));
            chains.resize(length, f32::NAN);
            for (array, count) in [(&mut *mean, 1), (&mut *sd, 1), (&mut *bands, BANDS.len())] {
                array.resize(array.len() + count * dim, 0.0);
            }
        }
        if part + 1 == self.parts() {
            self.frame += 1;
        }
        let (last, start) = (mean.len() - dim, bands.len() - BANDS.len() * dim);
        let mut column = Vec::with_capacity(n);
        for i in part * self.together..dim.min((part + 1) * self.together) {
            metrics::take_column(x, dim, i, &mut column);
            let (m, v) = metrics::mean_var(&column);
            mean[last + i] = (m / scale) as f32;
            sd[last + i] = (v.sqrt() / scale) as f32;
            column.truncate(RANKED);
            let quantiles = metrics::quantiles(&mut column, &BANDS);
            for (b, quantile) in quantiles.iter().enumerate() {
                bands[start + b * dim + i] = (quantile / scale) as f32;
            }
        }
    }
}

impl Lab for ChainLab {
    type Camera = Camera;
    type Numbers = Numbers;

    fn start(&self, share: &Share) -> Box<dyn Executor> {
        state::start(self, share)
    }

    fn grain(&self) -> usize {
        state::grain(self)
    }

    fn asked(&self) -> &'static [Question] {
        &[COVARIANCE]
    }

    fn answer(self: &Rc<Self>, _: &str, end: Rc<Vec<f64>>) -> Option<Task> {
        (self.dim() <= DENSE).then(|| {
            let (dim, n) = (self.dim(), self.setup.n);
            let (groups, size) = (n.div_ceil(TOGETHER), TOGETHER * dim);
            let (summed, centred) = (end.clone(), end);
            let sum = move |(mean, _): &mut Sample, i| {
                add_to_mean(mean, group(&summed, size, i), n);
                Ok(())
            };
            let centre = move |(mean, moments): &mut Sample, i| {
                let moments = moments.get_or_insert_with(|| Moments::about(mean.clone(), n));
                moments.centre(i * TOGETHER, group(&centred, size, i));
                Ok(())
            };
            let column = |(_, moments): &mut Sample, i| {
                moments.iter_mut().for_each(|m| m.column(i));
                Ok(())
            };
            Stages::on((vec![0.0; dim], None))
                .then(groups, size / SUMMED, sum)
                .then(groups, size / CENTRED, centre)
                .then(dim, Moments::price([n, dim]), column)
                .answer(|(_, moments): Sample| {
                    let covariance = moments.map(|m| m.covariance);
                    Ok(covariance.map(|c| c.iter().map(|x| *x as f32).collect::<Floats>()))
                })
        })
    }

    fn warnings(&self) -> Vec<String> {
        self.start_warning().into_iter().collect()
    }

    fn memory(&self, n: usize) -> u64 {
        self.bytes(n)
    }

    fn smaller(&self) -> Option<&'static str> {
        Some("a smaller length")
    }

    fn legs(&self) -> Vec<Leg> {
        legs::legs(self)
    }

    fn price_beside(&self) -> usize {
        match &self.method {
            Method::AllAtOnce | Method::Autoregressive(_) => 0,
            Method::Exact => {
                let size = [self.setup.n, self.chain.dim()];
                draws::price(&self.setup.plan, &self.reference, size)
            }
        }
    }

    fn rounds(&self) -> usize {
        self.method.rounds()
    }

    fn costs(&self) -> Vec<(&'static str, u64)> {
        let floats = self.state_floats() as u64;
        vec![
            ("score_calls", self.score_calls() as u64),
            ("state_floats", floats),
        ]
    }

    fn setup(&self) -> &Setup {
        &self.setup
    }

    fn dim(&self) -> usize {
        self.chain.dim()
    }

    fn denoiser(&self) -> &dyn Denoiser {
        &self.guided
    }

    #[cfg(feature = "tensor")]
    fn start_on(
        &self,
        place: &crate::tensor::Place,
    ) -> Result<Box<dyn Executor>, crate::error::Error> {
        super::on_device::start(self, place)
    }

    #[cfg(feature = "gpu")]
    fn start_fused(&self, card: &crate::gpu::Card) -> Option<Box<dyn Executor>> {
        super::on_card::start(self, card)
    }

    fn numbers(
        self: &Rc<Self>,
        _: &Camera,
        _: usize,
        end: Option<Rc<Vec<f64>>>,
    ) -> Stages<Numbers> {
        Numbers::stages(self.clone(), end)
    }

    fn rows(&self, numbers: Numbers) -> Vec<Metric> {
        numbers.rows(self)
    }
}
