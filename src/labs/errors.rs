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
use super::run::Run;
use super::setup::Setup;
use super::space::{self, SpaceLab, Window};
use super::toy1d::{self, Axis, Toy1d};
use crate::error::Error;
use crate::level::Level;
use crate::link::{Link, Side, Values};
use crate::metrics;
use crate::rng::{Noise, Stream};

/// The numbers of steps besides that of the link.
const STEPS: [u32; 10] = [2, 3, 5, 8, 12, 18, 28, 42, 64, 96];
/// The number of steps that counts as exact.
const FINE: u32 = 256;
/// Largest number of particles, on the line and otherwise.
const PARTICLES: (usize, usize) = (2000, 1000);
/// Cost of a start and a measurement in evaluations of an exact denoiser, a particle, about, likewise.
const PRICES: (usize, usize) = (8, 40);
/// Number of noise ratios σ/α of the score error, and of draws at each.
const RATIOS: usize = 33;
const DRAWS: usize = 512;

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
    next: usize,
    /// The final state of the run that is done, and its calls per particle, before it is measured.
    ended: Option<Ended>,
    /// The final state of the run with the exact score, and its d.
    pending: (Vec<f64>, f64),
    points: Vec<ErrorPoint>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Job {
    steps: u32,
    exact: bool,
}

impl Errors {
    /// The errors of each side of a link that has a network.
    ///
    /// # Errors
    /// If a side is of a lab of chains.
    pub fn of(link: &Link) -> Result<Vec<Errors>, Error> {
        let sides = [Side::A, Side::B].into_iter();
        sides
            .filter_map(|side| Some((side, link.side(side)?)))
            .filter(|(_, values)| values.is_learned())
            .map(|(side, values)| Errors::new(side, values))
            .collect()
    }

    fn new(side: Side, values: &Values) -> Result<Self, Error> {
        let measured: Box<dyn Measured> = match values.numbers()? {
            1 => Box::new(OnLine::new(values)?),
            _ => Box::new(InSpace::new(values)?),
        };
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
        Ok(Self {
            side,
            own,
            n,
            scores: vec![],
            monte_carlo: None,
            stochastic: setup.plan.is_stochastic(),
            setup,
            measured,
            fine: vec![],
            jobs,
            next: 0,
            ended: None,
            pending: (vec![], f64::NAN),
            points: vec![],
        })
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
        self.next
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

    /// Does about `work` evaluations of an exact denoiser, or prepares, or measures a run that is done. Returns whether
    /// all runs are done.
    pub fn advance(&mut self, work: usize) -> bool {
        let mut left = work.max(1);
        while left > 0 && self.next < self.jobs.len() {
            left = left.saturating_sub(self.part(left));
        }
        self.next == self.jobs.len()
    }

    /// Prepares, goes on with a run for about `work` evaluations of an exact denoiser, or measures it. Returns what it
    /// cost in these: if parts that cost little counted nothing, the next work would be too large.
    fn part(&mut self, work: usize) -> usize {
        if !self.is_prepared() {
            self.prepare();
            return DRAWS * (self.setup.cost() + 1);
        }
        let job = self.jobs[self.next];
        match self.ended.take() {
            Some(ended) => {
                self.measure(job, ended);
                self.measured.price() * self.n
            }
            None => {
                let (ended, cost) = self.measured.advance(job, work);
                self.ended = ended;
                cost
            }
        }
    }

    /// Measures the run of `job`, which is done.
    fn measure(&mut self, job: Job, (x, nfe): Ended) {
        let distance = self.measured.distance(&x);
        match (self.next, job.exact) {
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
                    score: self.measured.apart(&x, &exact),
                    discretisation: (!self.stochastic)
                        .then(|| self.measured.apart(&exact, &self.fine)),
                });
            }
        }
        self.next += 1;
    }

    /// The points since the last call. The first point is at the number of steps of the link.
    pub fn take(&mut self) -> Vec<ErrorPoint> {
        std::mem::take(&mut self.points)
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

fn root_mean_square(x: &[f64], y: &[f64]) -> f64 {
    let square: f64 = x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum();
    (square / x.len().max(1) as f64).sqrt()
}

/// The runs of one side, and their distances.
trait Measured {
    /// Continues a run. Returns its final state and its calls per particle, at its end, and what it cost.
    fn advance(&mut self, job: Job, work: usize) -> (Option<Ended>, usize);
    /// Cost of a start and a measurement in evaluations of an exact denoiser, a particle.
    fn price(&self) -> usize;
    /// The configuration.
    fn setup(&self) -> &Setup;
    /// Number of particles.
    fn particles(&self) -> usize;
    /// d.
    fn distance(&self, x: &[f64]) -> f64;
    /// m.
    fn apart(&self, x: &[f64], y: &[f64]) -> f64;
    /// Name of d.
    fn distance_name(&self) -> &'static str;
    /// The law of the data.
    fn law(&self) -> &dyn Learnable;
}

/// The final state of a run, and its calls per particle.
type Ended = (Vec<f64>, usize);

/// Continues the run of `job`, which `start` begins. Returns its end, and what it cost.
fn go_on<L: Lab>(
    run: &mut Option<Run<L>>,
    work: usize,
    start: impl FnOnce() -> Run<L>,
) -> (Option<Ended>, usize) {
    let own = run.get_or_insert_with(start);
    let (before, cost) = (own.evaluations(), own.lab.setup().cost());
    if !own.advance((work / cost).max(1)) {
        return (None, work);
    }
    let spent = (own.evaluations() - before) as usize * cost;
    let done = (own.x().to_vec(), own.lab.setup().plan.nfe());
    *run = None;
    (Some(done), spent)
}

fn setup_of(own: &Setup, job: Job, n: usize) -> Setup {
    let mut setup = own.walking(own.sampler, job.steps);
    setup.n = n;
    if job.exact {
        setup.forget_network();
    }
    setup
}

struct OnLine {
    n: usize,
    lab: Toy1d,
    run: Option<toy1d::Run>,
}

impl OnLine {
    fn new(values: &Values) -> Result<Self, Error> {
        let lab = Toy1d::new(values)?;
        let n = lab.setup.n.min(PARTICLES.0);
        let run = None;
        Ok(Self { n, lab, run })
    }
}

impl Measured for OnLine {
    fn advance(&mut self, job: Job, work: usize) -> (Option<Ended>, usize) {
        go_on(&mut self.run, work, || {
            let mut lab = self.lab.clone();
            lab.setup = setup_of(&lab.setup, job, self.n);
            let axis = Axis::linear(-1.0, 1.0);
            toy1d::Run::new(lab, axis)
        })
    }

    fn price(&self) -> usize {
        PRICES.0
    }

    fn setup(&self) -> &Setup {
        &self.lab.setup
    }

    fn particles(&self) -> usize {
        self.n
    }

    fn distance(&self, x: &[f64]) -> f64 {
        if x.iter().any(|x| !x.is_finite()) {
            return f64::INFINITY;
        }
        let mut sorted = x.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        metrics::w1(&sorted, &self.lab.truth())
    }

    fn apart(&self, x: &[f64], y: &[f64]) -> f64 {
        let sum: f64 = x.iter().zip(y).map(|(x, y)| (x - y).abs()).sum();
        sum / x.len().max(1) as f64
    }

    fn distance_name(&self) -> &'static str {
        "W₁"
    }

    fn law(&self) -> &dyn Learnable {
        &self.lab.law
    }
}

struct InSpace {
    n: usize,
    fresh: Vec<f64>,
    lab: SpaceLab,
    run: Option<space::Run>,
}

impl InSpace {
    fn new(values: &Values) -> Result<Self, Error> {
        let lab = SpaceLab::new(values)?;
        let n = lab.setup.n.min(PARTICLES.1);
        let mut fresh = vec![0.0; n * lab.law.dim()];
        let noise = Noise::new(lab.setup.seed);
        lab.law.sample(&noise, Stream::Reference, 0, &mut fresh);
        Ok(Self {
            n,
            fresh,
            lab,
            run: None,
        })
    }
}

impl Measured for InSpace {
    fn advance(&mut self, job: Job, work: usize) -> (Option<Ended>, usize) {
        go_on(&mut self.run, work, || {
            let mut lab = self.lab.clone();
            lab.setup = setup_of(&lab.setup, job, self.n);
            let window = Window::holding(&[&lab]);
            space::Run::new(lab, window)
        })
    }

    fn price(&self) -> usize {
        PRICES.1
    }

    fn setup(&self) -> &Setup {
        &self.lab.setup
    }

    fn particles(&self) -> usize {
        self.n
    }

    fn distance(&self, x: &[f64]) -> f64 {
        match x.iter().all(|x| x.is_finite()) {
            true => metrics::sliced_w2(x, &self.fresh, self.lab.law.dim()),
            false => f64::INFINITY,
        }
    }

    fn apart(&self, x: &[f64], y: &[f64]) -> f64 {
        root_mean_square(x, y)
    }

    fn distance_name(&self) -> &'static str {
        "sliced W₂"
    }

    fn law(&self) -> &dyn Learnable {
        &self.lab.law
    }
}
