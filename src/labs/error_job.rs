//! The errors of all sides of a link that have a network, as a job.

use super::deal::{Alone, Dealt, Runs};
use super::errors::{Errors, Measure};
use super::experiment::letter;
use super::task::{Job, unprepared};
use crate::answer::{Answer, Reals};
use crate::error::Error;
use crate::link::Link;
use serde::Serialize;

/// Sources of the error of a network's samples: everything that is known before the runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ErrorPlan {
    /// Each side that has a network.
    pub sides: Vec<SideErrors>,
}

/// The same for one side.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SideErrors {
    /// The side.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"a\" | \"b\""))]
    pub side: &'static str,
    /// Name of the distance d.
    pub distance: &'static str,
    /// Number of particles.
    pub n: usize,
    /// The number of steps of the link.
    pub own: u32,
    /// The number of steps that counts as exact.
    pub fine: u32,
    /// Whether the sampler draws noise.
    pub stochastic: bool,
    /// Noise ratios σ/α.
    pub ratio: Reals,
    /// √(E‖x̂ − x̂_exact‖²/dim) there.
    pub x_hat: Reals,
    /// √(E‖x̂_exact − x₀‖²/dim) there.
    pub spread: Reals,
}

/// The errors at one number of steps: total ≤ score + discretisation + floor; if the sampler draws noise, total ≤
/// score + exact.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    target_arch = "wasm32",
    derive(tsify::Tsify),
    tsify(rename = "ErrorPoint", missing_as_null)
)]
pub struct ErrorResult {
    /// The side.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"a\" | \"b\""))]
    pub side: &'static str,
    /// N.
    pub steps: u32,
    /// Denoiser calls per particle.
    pub nfe: usize,
    /// d of the samples with the network.
    pub total: f64,
    /// d of the samples with the exact score.
    pub exact: f64,
    /// m between the two.
    pub score: f64,
    /// m between this grid and the fine one; `None` if the sampler draws noise.
    pub discretisation: Option<f64>,
    /// d of the finest samples with the exact score.
    pub floor: f64,
}

/// The errors of all sides, one side after the other.
pub(super) struct ErrorJob(Vec<Errors>);

impl ErrorJob {
    pub(super) fn new(link: &Link, by: Measure) -> Result<Self, Error> {
        Ok(Self(Errors::of(link, by)?))
    }
}

impl Job for ErrorJob {
    fn prepare(&mut self) -> bool {
        let next = self.0.iter_mut().find(|e| !e.is_prepared());
        if let Some(errors) = next {
            errors.prepare();
        }
        self.0.iter().all(Errors::is_prepared)
    }

    fn plan(&self) -> Result<Box<dyn Answer>, Error> {
        if !self.0.iter().all(Errors::is_prepared) {
            return Err(unprepared());
        }
        let side = |e: &Errors| SideErrors {
            side: letter(e.side),
            distance: e.distance_name(),
            n: e.n,
            own: e.own,
            fine: e.fine_steps(),
            stochastic: e.stochastic,
            ratio: e.scores.iter().map(|s| s.ratio).collect(),
            x_hat: e.scores.iter().map(|s| s.x_hat).collect(),
            spread: e.scores.iter().map(|s| s.spread).collect(),
        };
        let sides = self.0.iter().map(side).collect();
        Ok(Box::new(ErrorPlan { sides }))
    }

    fn total(&self) -> usize {
        self.0.iter().map(Errors::total).sum()
    }

    fn done(&self) -> usize {
        self.0.iter().map(Errors::done).sum()
    }

    fn price(&self) -> f64 {
        self.0.iter().map(Errors::price).sum()
    }

    fn work(&self) -> f64 {
        self.0.iter().map(Errors::work).sum()
    }

    fn advance(&mut self, work: usize) -> bool {
        let mut moved = false;
        for errors in &mut self.0 {
            // One that is idle uses what has come from elsewhere.
            if errors.is_idle() || !moved {
                moved |= !errors.is_idle();
                errors.advance(work);
            }
        }
        self.0.iter().all(Errors::is_done)
    }

    fn take(&mut self) -> Vec<Box<dyn Answer>> {
        let mut out: Vec<Box<dyn Answer>> = vec![];
        // All points of a side come before those of the next.
        let before = self.0.iter().take_while(|errors| errors.is_done()).count();
        for errors in self.0.iter_mut().take(before + 1) {
            let floor = errors.monte_carlo.unwrap_or(f64::NAN);
            let side = letter(errors.side);
            for p in errors.take() {
                out.push(Box::new(ErrorResult {
                    side,
                    steps: p.steps,
                    nfe: p.nfe,
                    total: p.total,
                    exact: p.exact,
                    score: p.score,
                    discretisation: p.discretisation,
                    floor,
                }));
            }
        }
        out
    }

    fn runs(&mut self) -> Option<&mut dyn Runs> {
        Some(self)
    }
}

/// The runs of all sides are numbered one side after the other.
impl ErrorJob {
    /// The side that has a run, and the number of the run there.
    fn find(&mut self, run: usize) -> Option<(&mut Errors, usize)> {
        let mut first = 0;
        self.0.iter_mut().find_map(|errors| {
            let own = run.checked_sub(first).filter(|own| *own < errors.total());
            first += errors.total();
            own.map(|own| (errors, own))
        })
    }
}

impl Runs for ErrorJob {
    fn can_give(&self) -> bool {
        self.0.iter().any(Errors::can_give)
    }

    fn give(&mut self) -> Option<usize> {
        let most = |errors: &Errors| errors.deal().most_waiting().unwrap_or(-1.0);
        let sides = self.0.iter().enumerate();
        let (side, _) = sides.max_by(|(_, p), (_, q)| most(p).total_cmp(&most(q)))?;
        let first: usize = self.0[..side].iter().map(Errors::total).sum();
        self.0[side].give().map(|own| first + own)
    }

    fn left(&self, run: usize) -> f64 {
        let (mut first, mut left) = (0, 0.0);
        for errors in &self.0 {
            if (first..first + errors.total()).contains(&run) {
                left = Runs::left(errors, run - first);
            }
            first += errors.total();
        }
        left
    }

    fn waiting(&self) -> f64 {
        self.0.iter().map(Runs::waiting).sum()
    }

    fn take_back(&mut self, run: usize) {
        if let Some((errors, own)) = self.find(run) {
            errors.take_back(own);
        }
    }

    fn told(&mut self, run: usize, spent: f64) {
        if let Some((errors, own)) = self.find(run) {
            errors.told(own, spent);
        }
    }

    fn receive(&mut self, run: usize, found: Vec<f64>) -> Result<(), Error> {
        match self.find(run) {
            Some((errors, own)) => errors.receive(own, found),
            None => Ok(()),
        }
    }

    fn awaits(&self) -> Option<usize> {
        if !self.0.iter().all(Errors::is_idle) {
            return None;
        }
        let mut first = 0;
        self.0.iter().find_map(|errors| {
            let run = errors.awaits().map(|own| first + own);
            first += errors.total();
            run
        })
    }

    fn alone(&mut self, run: usize, work: usize) -> Alone {
        self.find(run)
            .map_or_else(Alone::default, |(errors, own)| errors.alone(own, work))
    }
}
