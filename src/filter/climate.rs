//! The climate of a model: the mean and covariance of its states over a long time.

use crate::dynamics::Draws;
use crate::dynamics::Flow;
use crate::dynamics::Initial;
use crate::dynamics::ModelKind;
use crate::rng::Noise;
use crate::rng::Stream;

/// Mean and covariance of a model without observations, from 100 members that start in the initial law and 50 states of
/// each. The members first forget their start. The static model does not move: its climate is the initial law.
///
/// Held by `tests/filter/benchmarks.rs`: `the_climate_of_a_model_is_its_stationary_law`.
#[derive(Debug)]
pub struct Climate {
    members: Vec<f64>,
    noise: Noise,
    /// Substeps before the first state, between two, and in all.
    first: u64,
    every: u64,
    steps: u64,
    done: u64,
    /// Σ x and Σ x·xᵀ, of x minus a first guess of the mean.
    guess: Vec<f64>,
    sum: Vec<f64>,
    square: Vec<f64>,
    count: f64,
    /// The initial law of a model that does not move.
    still: Option<(Vec<f64>, Vec<f64>)>,
}

const MEMBERS: usize = 100;
const STATES: u64 = 50;

/// How long a model takes to forget its start, and a state to lose its correlation with the next, in units of time.
fn times(kind: ModelKind) -> (f64, f64) {
    match kind {
        ModelKind::DoubleWell { .. } => (40.0, 4.0),
        ModelKind::Lorenz63 => (20.0, 1.0),
        ModelKind::Lorenz96 { .. } => (30.0, 1.0),
        ModelKind::Ar1 => (60.0, 10.0),
        ModelKind::Spiral => (200.0, 20.0),
        ModelKind::Static { .. } => (0.0, 0.0),
    }
}

impl Climate {
    /// Before the run.
    pub fn new(flow: &Flow, initial: &Initial, noise: Noise) -> Self {
        let d = flow.dim();
        let mut members = vec![0.0; MEMBERS * d];
        initial.draw(&noise, Stream::Climate, 0, &mut members);
        let (spin, interval) = times(flow.kind());
        let substeps = |time: f64| libm::ceil(time / flow.dt()) as u64;
        let (first, every) = (substeps(spin), substeps(interval));
        let still = matches!(flow.kind(), ModelKind::Static { .. }) && flow.noise() == 0.0;
        Self {
            members,
            noise,
            first,
            every,
            steps: if still { 0 } else { first + STATES * every },
            done: 0,
            guess: vec![0.0; d],
            sum: vec![0.0; d],
            square: vec![0.0; d * d],
            count: 0.0,
            still: still.then(|| (initial.mean(), initial.covariance())),
        }
    }

    /// Goes on for about `work` units, which are taken off. Returns whether the run is done.
    pub fn advance(&mut self, flow: &Flow, work: &mut f64) -> bool {
        let draws = Draws {
            noise: self.noise,
            stream: Stream::Climate,
        };
        while self.done < self.steps {
            // The steps of a long run, as substeps of cycles.
            let per = u64::from(flow.substeps());
            let (cycle, k) = ((self.done / per) as u32 + 1, (self.done % per) as u32);
            flow.substep(&mut self.members, draws, cycle, k, 0);
            self.done += 1;
            *work -= self.price(flow);
            if self.done > self.first && (self.done - self.first).is_multiple_of(self.every) {
                self.add();
                *work -= (MEMBERS * self.sum.len() * self.sum.len()) as f64 * 0.03;
            }
            if *work <= 0.0 && self.done < self.steps {
                return false;
            }
        }
        true
    }

    fn price(&self, flow: &Flow) -> f64 {
        flow.cost() * MEMBERS as f64
    }

    /// The price of the whole run.
    pub fn cost(&self, flow: &Flow) -> f64 {
        let d = self.sum.len() as f64;
        let states = if self.steps == 0 { 0.0 } else { STATES as f64 };
        self.steps as f64 * self.price(flow) + states * MEMBERS as f64 * d * d * 0.03
    }

    fn add(&mut self) {
        let d = self.sum.len();
        if self.count == 0.0 {
            for x in self.members.chunks_exact(d) {
                self.guess
                    .iter_mut()
                    .zip(x)
                    .for_each(|(g, x)| *g += x / MEMBERS as f64);
            }
        }
        let mut gap = vec![0.0; d];
        for x in self.members.chunks_exact(d) {
            self.count += 1.0;
            for i in 0..d {
                gap[i] = x[i] - self.guess[i];
                self.sum[i] += gap[i];
            }
            for (row, x) in self.square.chunks_exact_mut(d).zip(&gap) {
                row.iter_mut().zip(&gap).for_each(|(s, y)| *s += x * y);
            }
        }
    }

    /// Mean `[dim]` and covariance `[dim × dim]`, when the run is done.
    pub fn moments(&self) -> (Vec<f64>, Vec<f64>) {
        if let Some(still) = &self.still {
            return still.clone();
        }
        let d = self.sum.len();
        let shift: Vec<f64> = self.sum.iter().map(|s| s / self.count).collect();
        let mean = self.guess.iter().zip(&shift).map(|(g, s)| g + s).collect();
        let at = |k: usize| self.square[k] / self.count - shift[k / d] * shift[k % d];
        (mean, (0..d * d).map(at).collect())
    }
}
