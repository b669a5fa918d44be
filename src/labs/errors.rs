//! Sources of the error of a network's samples: the network, the steps, and chance.
//!
//! All runs of a side use the same noise. Let d be the distance of the lab from a sample to the law (W₁ on the line,
//! otherwise sliced W₂ to fresh draws), and m(x, y) the distance between the same particles of two runs (on the line
//! the mean of |x − y|, otherwise √(E‖x − y‖²/dim)). Every coupling bounds a transport distance, so
//!
//! d(net, N) ≤ m(net N, exact N) + m(exact N, exact fine) + d(exact, fine)
//!
//! that is total ≤ score + discretisation + Monte-Carlo, for every sample and seed, up to rounding (held by
//! `tests/errors.rs`). Two grids of a sampler that draws noise share no noise; there the last two terms become one,
//! d(exact, N).

use super::Lab;
use super::Learnable;
use super::deal::{Deal, Dealt};
use super::run::Run;
use super::setup::Setup;
use crate::error::Error;
use crate::level::Level;
use crate::link::{Link, Side, Values};
use crate::rng::{Noise, Stream};

/// The numbers of steps besides that of the link.
const STEPS: [u32; 10] = [2, 3, 5, 8, 12, 18, 28, 42, 64, 96];
/// The number of steps that counts as exact.
const FINE: u32 = 256;
/// Number of noise ratios σ/α of the score error, and of draws at each.
const RATIOS: usize = 33;
const DRAWS: usize = 512;
/// Numbers that a run finds beside its final state: its calls per particle, and d.
const MEASURES: usize = 2;

/// Score error at one noise ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreError {
    /// s = σ/α.
    pub ratio: f64,
    /// √(E‖x̂ − x̂_exact‖²/dim) over x_t.
    pub x_hat: f64,
    /// √(E‖x̂_exact − x₀‖²/dim), the error of the exact denoiser.
    pub spread: f64,
}

/// The errors at one number of steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErrorPoint {
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
    /// m between this grid and the fine one, with the exact score; `None` if the sampler draws noise.
    pub discretisation: Option<f64>,
}

/// The errors of one side, in progress.
pub struct Errors {
    /// The side.
    pub side: Side,
    /// The number of steps of the link.
    pub own: u32,
    /// Number of particles.
    pub n: usize,
    /// The score error over σ/α, from small to large; all of them when [`Errors::is_prepared`].
    pub scores: Vec<ScoreError>,
    setup: Setup,
    /// d of the finest samples with the exact score: the error caused by the number of particles. `None` before that
    /// run is done.
    pub monte_carlo: Option<f64>,
    /// Whether the sampler draws noise.
    pub stochastic: bool,
    measured: Box<dyn Measured>,
    fine: Vec<f64>,
    jobs: Vec<Job>,
    deal: Deal,
    /// The final state of the run that is done here, and its calls per particle, before it is measured.
    ended: Option<Ended>,
    /// Parts of its measurement that are done, and their sum.
    measuring: (usize, f64),
    /// The final state of the run with the exact score, and its d.
    pending: (Vec<f64>, f64),
    points: Vec<ErrorPoint>,
    /// The price of all runs and their measures, in units.
    price: f64,
}

/// A run: its number of steps, and whether it has the exact score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Job {
    steps: u32,
    exact: bool,
}

impl Errors {
    /// The errors of each side of a link that has a network, as the lab of the link measures them.
    ///
    /// # Errors
    /// If a side cannot be compiled.
    pub fn of(link: &Link, by: Measure) -> Result<Vec<Errors>, Error> {
        let sides = [Side::A, Side::B].into_iter();
        sides
            .filter_map(|side| Some((side, link.side(side)?)))
            .filter(|(_, values)| values.is_learned())
            .map(|(side, values)| Ok(Errors::new(side, (by.0)(values)?)))
            .collect()
    }

    fn new(side: Side, measured: Box<dyn Measured>) -> Self {
        let setup = measured.setup().clone();
        let n = measured.particles();
        let own = setup.plan.steps() as u32;
        let least = setup.sampler.fewest_steps(setup.process);
        let mut steps: Vec<u32> = STEPS
            .into_iter()
            .filter(|&s| s >= least && s != own)
            .collect();
        steps.insert(0, own);
        let both = |steps| [true, false].map(|exact| Job { steps, exact });
        let mut jobs = vec![Job {
            steps: FINE.max(own),
            exact: true,
        }];
        jobs.extend(steps.into_iter().flat_map(both));
        let measure = (n * measured.price()) as f64;
        let price = |job: &Job| measured.price_of(*job) + measure;
        let prices: Vec<f64> = jobs.iter().map(price).collect();
        Self {
            price: prices.iter().sum(),
            side,
            own,
            n,
            scores: vec![],
            monte_carlo: None,
            stochastic: setup.plan.is_stochastic(),
            setup,
            measured,
            fine: vec![],
            deal: Deal::of(prices),
            jobs,
            ended: None,
            measuring: (0, 0.0),
            pending: (vec![], f64::NAN),
            points: vec![],
        }
    }

    /// Name of d.
    pub fn distance_name(&self) -> &'static str {
        self.measured.distance_name()
    }

    /// The number of steps that counts as exact.
    pub fn fine_steps(&self) -> u32 {
        FINE.max(self.own)
    }

    /// Number of all runs.
    pub fn total(&self) -> usize {
        self.jobs.len()
    }

    /// Number of finished runs.
    pub fn done(&self) -> usize {
        self.deal.done()
    }

    /// The price of all runs and their measures, in units.
    pub fn price(&self) -> f64 {
        self.price
    }

    /// What is done of it.
    pub fn work(&self) -> f64 {
        self.deal.spent()
    }

    /// Whether all is known that is known before the runs.
    pub fn is_prepared(&self) -> bool {
        self.scores.len() == RATIOS
    }

    /// Computes the next of the scores. Returns whether all are known.
    pub fn prepare(&mut self) -> bool {
        if !self.is_prepared() {
            let next = score(self.measured.law(), &self.setup, self.scores.len());
            self.scores.push(next);
        }
        self.is_prepared()
    }

    /// Does about `work` units ([`crate::denoise::Denoiser::price`]): prepares, goes on with a run, or measures one that is done. Returns
    /// whether all runs are done.
    pub fn advance(&mut self, work: usize) -> bool {
        let mut left = work.max(1);
        while left > 0 {
            let Some(cost) = self.part(left) else { break };
            left = left.saturating_sub(cost);
        }
        while let Some((run, measures, x)) = self.deal.next_measured() {
            self.note(run, measures, x);
        }
        self.deal.is_done()
    }

    /// Whether all runs are done, and all points made.
    pub(super) fn is_done(&self) -> bool {
        self.deal.is_done()
    }

    /// Whether nothing is left to do here.
    pub(super) fn is_idle(&self) -> bool {
        self.is_prepared() && self.deal.is_idle()
    }

    /// Prepares, goes on with a run for about `work` units, or measures it. Returns what that cost, if there is one.
    fn part(&mut self, work: usize) -> Option<usize> {
        if !self.is_prepared() {
            self.prepare();
            let exact = self.measured.law().exact();
            return Some(DRAWS * (exact.price() + self.setup.denoiser(exact).price()));
        }
        self.go_on_here(work)
    }

    /// Makes the point of a run, or keeps what is needed for it. All runs before it are noted.
    fn note(&mut self, run: usize, [nfe, distance]: [f64; MEASURES], x: Vec<f64>) {
        let nfe = nfe as usize;
        let job = self.jobs[run];
        match (run, job.exact) {
            (0, _) => {
                self.monte_carlo = Some(distance);
                self.fine = x;
            }
            (_, true) => self.pending = (x, distance),
            (_, false) => {
                let (exact, exact_distance) = std::mem::take(&mut self.pending);
                self.points.push(ErrorPoint {
                    steps: job.steps,
                    nfe,
                    total: distance,
                    exact: exact_distance,
                    score: self.measured.coupled(&x, &exact),
                    discretisation: (!self.stochastic)
                        .then(|| self.measured.coupled(&exact, &self.fine)),
                });
            }
        }
    }

    /// The points since the last call. The first point is at the number of steps of the link.
    pub fn take(&mut self) -> Vec<ErrorPoint> {
        std::mem::take(&mut self.points)
    }
}

impl Dealt for Errors {
    fn deal(&self) -> &Deal {
        &self.deal
    }

    fn deal_mut(&mut self) -> &mut Deal {
        &mut self.deal
    }

    fn size(&self, _: usize, _: &[f64]) -> usize {
        MEASURES + self.n * self.measured.law().dim()
    }

    /// A run finds its calls per particle, its d and its final state.
    fn go_on(&mut self, run: usize, work: usize) -> (usize, Option<Vec<f64>>) {
        let Some((x, nfe)) = self.ended.take() else {
            let (ended, cost) = self.measured.advance(self.jobs[run], work);
            self.ended = ended;
            return (cost, None);
        };
        let (part, sum) = self.measuring;
        let sum = sum + self.measured.part(&x, part);
        let all = self.measured.parts();
        let cost = self.measured.price() * self.n / all;
        if part + 1 < all {
            self.measuring = (part + 1, sum);
            self.ended = Some((x, nfe));
            return (cost, None);
        }
        self.measuring = (0, 0.0);
        let mut found = vec![nfe as f64, self.measured.distance(sum)];
        found.extend(x);
        (cost, Some(found))
    }
}

/// √(E‖x̂ − x̂_exact‖²/dim) over draws of x_t, at number `i` of the σ/α log-spaced over the range of networks. All use
/// the same draws.
fn score(law: &dyn Learnable, setup: &Setup, i: usize) -> ScoreError {
    let net = setup.denoiser(law.exact());
    let count = DRAWS * law.dim();
    let noise = Noise::new(setup.seed);
    let (mut x0, mut z) = (vec![0.0; count], vec![0.0; count]);
    law.target().draw(&noise, Stream::Reference, 0, &mut x0);
    noise.normals(Stream::Forward, 0, 0, &mut z);
    let (least, most) = crate::net::CLAMP;
    let ratio = least * libm::pow(most / least, i as f64 / (RATIOS - 1) as f64);
    let level = Level {
        t: 0.5,
        alpha: 1.0,
        sigma: ratio,
    };
    let x: Vec<f64> = x0.iter().zip(&z).map(|(x0, z)| x0 + ratio * z).collect();
    let (mut ours, mut exact) = (vec![0.0; count], vec![0.0; count]);
    net.at(&level).x_hat(&x, &mut ours);
    law.exact().at(&level).x_hat(&x, &mut exact);
    ScoreError {
        ratio,
        x_hat: root_mean_square(&ours, &exact),
        spread: root_mean_square(&x0, &exact),
    }
}

/// √(mean of (x − y)²).
pub(super) fn root_mean_square(x: &[f64], y: &[f64]) -> f64 {
    let square: f64 = x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum();
    (square / x.len().max(1) as f64).sqrt()
}

/// How a lab begins to measure the errors of a side.
#[derive(Clone, Copy)]
pub struct Measure(pub(super) fn(&Values) -> Result<Box<dyn Measured>, Error>);

/// The runs of one side, and their distances.
pub(super) trait Measured {
    /// The price of the run of `job`, in units.
    fn price_of(&self, job: Job) -> f64;
    /// Continues a run. Returns its final state and its calls per particle, at its end, and what it cost.
    fn advance(&mut self, job: Job, work: usize) -> (Option<Ended>, usize);
    /// The work of a measurement a particle, in units.
    fn price(&self) -> usize;
    /// The configuration.
    fn setup(&self) -> &Setup;
    /// Number of particles.
    fn particles(&self) -> usize;
    /// Number of parts in which d is measured, one after the other.
    fn parts(&self) -> usize {
        1
    }
    /// A part of d: d is [`Measured::distance`] of the sum of all.
    fn part(&self, x: &[f64], part: usize) -> f64;
    /// d.
    fn distance(&self, sum: f64) -> f64 {
        sum
    }
    /// m: the distance of two runs whose particles are pairs.
    fn coupled(&self, x: &[f64], y: &[f64]) -> f64;
    /// Name of d.
    fn distance_name(&self) -> &'static str;
    /// The law of the data.
    fn law(&self) -> &dyn Learnable;
}

/// The final state of a run, and its calls per particle.
pub(super) type Ended = (Vec<f64>, usize);

/// Continues a run, or the one that `start` begins. Returns its end, what it cost, and the run where it is not at its end.
pub(super) fn go_on<L: Lab>(
    run: Option<Run<L>>,
    work: usize,
    start: impl FnOnce() -> Run<L>,
) -> (Option<Ended>, usize, Option<Run<L>>) {
    let fresh = run.is_none();
    let mut own = run.unwrap_or_else(start);
    let before = if fresh { 0 } else { own.work() };
    let is_done = own.advance(work);
    let cost = (own.work() - before) as usize;
    match is_done {
        true => {
            let ended = (own.x().to_vec(), own.lab.setup().plan.nfe());
            (Some(ended), cost, None)
        }
        false => (None, cost, Some(own)),
    }
}

/// The setup of a run of `n` particles for `job`.
pub(super) fn setup_of(own: &Setup, job: Job, n: usize) -> Setup {
    let mut setup = own.walking(own.sampler, job.steps);
    setup.n = n;
    if job.exact {
        setup.forget_network();
    }
    setup
}
