//! `ensf`: the ensemble score filter (Bao, Zhang & Zhang 2024, *An ensemble score filter for tracking high-dimensional
//! nonlinear dynamical systems*).

use super::cloud::Cloud;
use super::update::Analysis;
use super::update::Division;
use super::update::Fault;
use super::update::Parts;
use super::update::Trace;
use super::update::Update;
use super::update::choose;
use crate::dynamics::ModelKind;
use crate::error::Error;
use crate::error::within;
use crate::rng::Stream;
use crate::word::words;

/// Which forecast members the score of a particle sees. The closed set of `pairing=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// All of them: μ = Σw_j z_j with w_j ∝ exp(−|x − αz_j|²/(2β²)), the score of the ensemble's diffused mixture.
    Full,
    /// Only the member of its own number: μ = z_j. That is what the published code does. It is another law, in which
    /// coordinates do not meet.
    Own,
}

words!(Pairing {
    Full => "full", "All members", "$μ = Σw_j z_j$: the score of the diffused ensemble";
    Own => "own", "One to one", "$μ = z_j$: particle j sees member j, as in the published code";
});

/// How the observation enters. The closed set of `likelihood=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likelihood {
    /// (1 − t)·∇log p(y | x), a guess at the gradient of log E[p(y | x₀) | x_t]: it is biased even for normal laws.
    Damped,
    /// w_j ← w_j·p(y | z_j) and no gradient: the exact score of the weighted mixture, a particle filter with blur.
    Exact,
}

words!(Likelihood {
    Damped => "damped", "Damped gradient", "$(1 − t)∇\\log p(y|x_t)$: a guess, biased even for normal laws";
    Exact => "exact", "Weights", "$w_j ← w_j p(y|z_j)$: exact for the ensemble, a particle filter with blur";
});

/// The units of the diffusion. The closed set of `scale=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// z = (x − m)/s with mean m and standard deviation s of the forecast in each coordinate.
    Ens,
    /// z = x.
    None,
}

words!(Scale {
    Ens => "ens", "Of the ensemble", "$z = (x − m)/s$ with the forecast's mean and deviation";
    None => "none", "As they are", "$z = x$";
});

/// The numbers of the method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    /// Which members a particle sees.
    pub pairing: Pairing,
    /// ε_a: α falls from 1 at t = 0 to ε_a at t = 1, .001 to .99.
    pub eps_a: f64,
    /// ε_b: β² grows from ε_b at t = 0 to 1 at t = 1, .001 to 1. What is left at t = 0 is blur.
    pub eps_b: f64,
    /// How the observation enters.
    pub likelihood: Likelihood,
    /// Whether the gradient of the likelihood is implicit in a step.
    pub implicit: bool,
    /// The units of the diffusion.
    pub scale: Scale,
    /// S, the number of steps, 2 to 1000.
    pub steps: usize,
}

impl Numbers {
    /// The defaults of a model; `saturates` tells whether it is observed through the arctangent.
    pub fn of(kind: ModelKind, saturates: bool) -> Self {
        let (pairing, eps_a, eps_b, steps) = match kind {
            ModelKind::Lorenz96 { .. } if saturates => (Pairing::Own, 0.5, 0.1, 100),
            ModelKind::Lorenz96 { .. } => (Pairing::Own, 0.5, 0.5, 60),
            ModelKind::Lorenz63 => (Pairing::Own, 0.5, 0.3, 60),
            ModelKind::DoubleWell { .. }
            | ModelKind::Ar1
            | ModelKind::Spiral
            | ModelKind::Static { .. } => (Pairing::Full, 0.05, 0.025, 60),
        };
        Self {
            pairing,
            eps_a,
            eps_b,
            likelihood: Likelihood::Damped,
            implicit: true,
            scale: Scale::Ens,
            steps,
        }
    }
}

/// The coefficients of a step from t to t − Δ: α = 1 − (1 − ε_a)t, β² = ε_b + (1 − ε_b)t, f = α'/α = −(1 − ε_a)/α and
/// g² = (β²)' − 2fβ², which keep the law of αz + βξ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficients {
    /// t.
    pub t: f64,
    /// Δ = 1/S.
    pub delta: f64,
    /// α.
    pub alpha: f64,
    /// β².
    pub beta2: f64,
    /// f.
    pub drift: f64,
    /// g².
    pub g2: f64,
}

impl Numbers {
    /// An error if a number is out of its range, or two do not go together.
    ///
    /// # Errors
    /// The number and its range, or the choices that would fit.
    pub fn check(&self) -> Result<(), Error> {
        within("eps-a", self.eps_a, 0.001, 0.99)?;
        within("eps-b", self.eps_b, 0.001, 1.0)?;
        within("steps", self.steps as f64, 2.0, 1000.0)?;
        if self.likelihood == Likelihood::Exact && self.pairing == Pairing::Own {
            return Err(Error::no_filter(
                "likelihood=exact weighs the members that a particle sees, and with pairing=own it sees one.".to_owned(),
                "Choose pairing=full, or likelihood=damped.".to_owned(),
            ));
        }
        Ok(())
    }

    /// The coefficients of step `i` = 0 … S − 1, at t = 1 − i/S.
    ///
    /// Held by `tests/filter/ensf.rs`: `the_limit_of_many_members_has_its_stated_moments`.
    pub fn coefficients(&self, i: usize) -> Coefficients {
        let delta = 1.0 / self.steps as f64;
        let t = 1.0 - i as f64 * delta;
        let alpha = 1.0 - (1.0 - self.eps_a) * t;
        let beta2 = self.eps_b + (1.0 - self.eps_b) * t;
        let drift = -(1.0 - self.eps_a) / alpha;
        Coefficients {
            t,
            delta,
            alpha,
            beta2,
            drift,
            g2: 1.0 - self.eps_b - 2.0 * drift * beta2,
        }
    }
}

/// Euler's method for the reverse SDE, from N(0, I) at t = 1 to t = 0, in the units z of [`Scale`]:
///
/// x ← x + {−Δ[fx − g²(−(x − αμ)/β² + (1 − t)∇log p(y | x))] + √(Δg²)·ξ}/D
///
/// with μ of [`Pairing`]. A step with `implicit` divides by D = 1 + Δg²(1 − t)(s·h')²/R, otherwise D = 1. Explicit steps are
/// unstable where Δg²(1 − t)s²/R > 2. Then `inflation` multiplies the anomalies.
///
/// The work grows with N for `own`, and for `full` on the line without weights; otherwise with N².
///
/// Held by `tests/filter/ensf.rs`: `the_sampler_reaches_the_limit_of_many_members`,
/// `explicit_steps_explode_where_the_bound_says_so`; `tests/filter/score_runs.rs`:
/// `means_are_as_far_from_kalmans_as_known`.
#[derive(Debug, Clone)]
pub struct ScoreFilter {
    numbers: Numbers,
    inflation: f64,
    stage: Stage,
    parts: Parts,
    is_at_exchange: bool,
    /// m and s `[d]`.
    mean: Vec<f64>,
    scale: Vec<f64>,
    /// z `[n × d]`.
    members: Vec<f64>,
    /// The same, for sums over all.
    cloud: Cloud,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Scale,
    Weigh,
    Start,
    Step(usize),
    Exchange,
    Finish,
}

/// The draws of a step have the indices from `step` times this on, whatever the number of members is.
const BETWEEN: u64 = 1 << 40;

impl ScoreFilter {
    /// The filter; see the type.
    pub fn new(numbers: Numbers, inflation: f64) -> Self {
        Self {
            numbers,
            inflation,
            stage: Stage::Scale,
            parts: Parts::default(),
            is_at_exchange: false,
            mean: vec![],
            scale: vec![],
            members: vec![],
            cloud: Cloud::default(),
        }
    }

    fn is_full(&self) -> bool {
        match self.numbers.pairing {
            Pairing::Full => true,
            Pairing::Own => false,
        }
    }

    fn weighs(&self) -> bool {
        match self.numbers.likelihood {
            Likelihood::Exact => true,
            Likelihood::Damped => false,
        }
    }

    /// The price of a step of one particle.
    fn price(&self, n: usize, d: usize, rows: usize) -> f64 {
        let sum = if self.is_full() {
            Cloud::cost(n, d, !self.weighs())
        } else {
            0.0
        };
        sum + 1.5 * d as f64 + 0.5 * rows as f64
    }

    /// m, s and z.
    fn measure(&mut self, update: &mut Update) -> Result<(), Fault> {
        let d = update.ensemble.dim();
        (self.mean, self.scale) = match self.numbers.scale {
            Scale::None => (vec![0.0; d], vec![1.0; d]),
            Scale::Ens => {
                let estimate = update.ensemble.estimate();
                let sd = estimate.variance.iter().map(|v| v.sqrt()).collect();
                (estimate.mean, sd)
            }
        };
        // The mean of equal numbers differs from them by its rounding.
        let differ = |(s, m): (&f64, &f64)| *s > 1e-12 * m.abs();
        if !self.scale.iter().zip(&self.mean).all(differ) {
            return Err(Fault::new(
                "The members have collapsed: a coordinate is the same in all of them, so there are no units for the diffusion.",
                "Choose more members, model noise or inflation; or scale=none.",
            ));
        }
        self.members.clone_from(&update.ensemble.x);
        for z in self.members.chunks_exact_mut(d) {
            for (i, z) in z.iter_mut().enumerate() {
                *z = (*z - self.mean[i]) / self.scale[i];
            }
        }
        if self.is_full() {
            self.cloud = Cloud::new(&self.members, d);
        }
        Ok(())
    }

    /// The score −(x − αμ)/β² + (1 − t)∇log p(y | x) of `x` `[d]` in the units of the diffusion, for the particle of number
    /// `own`; and the diagonal of D.
    fn score(&mut self, c: &Coefficients, own: usize, update: &Update, at: &mut Point) {
        let d = self.mean.len();
        let mu = &mut at.score;
        match self.numbers.pairing {
            Pairing::Full => self.cloud.mean(&at.x, c.alpha, c.beta2, mu),
            Pairing::Own => mu.copy_from_slice(&self.members[own * d..][..d]),
        }
        for (s, x) in at.score.iter_mut().zip(&at.x) {
            *s = (c.alpha * *s - x) / c.beta2;
        }
        at.divisor.fill(1.0);
        if self.weighs() {
            return;
        }
        let sensor = update.observation.sensor();
        let (h, r) = (sensor.operator(), update.observation.variance());
        for (&i, y) in sensor.indices().iter().zip(update.observation.values()) {
            let u = self.mean[i] + self.scale[i] * at.x[i];
            let slope = self.scale[i] * h.slope(u);
            at.score[i] += (1.0 - c.t) * slope * (y - h.value(u)) / r;
            if self.numbers.implicit {
                at.divisor[i] = 1.0 + c.delta * c.g2 * (1.0 - c.t) * slope * slope / r;
            }
        }
    }

    /// One step of the particles `range`, which stand in the ensemble in the units of the model.
    fn step(&mut self, update: &mut Update, i: usize, range: std::ops::Range<usize>) {
        let d = self.mean.len();
        let c = self.numbers.coefficients(i);
        let mut at = Point::new(d);
        let mut noise = vec![0.0; d];
        let spread = (c.delta * c.g2).sqrt();
        for j in range {
            let first = (i as u64 + 1) * BETWEEN + (j * d) as u64;
            update
                .noise
                .normals(Stream::Analysis, update.cycle, first, &mut noise);
            for (k, x) in update.ensemble.member(j).iter().enumerate() {
                at.x[k] = (x - self.mean[k]) / self.scale[k];
            }
            self.score(&c, j, update, &mut at);
            let out = &mut update.ensemble.x[j * d..][..d];
            for k in 0..d {
                let x = at.x[k];
                let slope = c.drift * x - c.g2 * at.score[k];
                let x = x + (spread * noise[k] - c.delta * slope) / at.divisor[k];
                out[k] = self.mean[k] + self.scale[k] * x;
            }
        }
    }

    /// Records the places before step `next`, and in one coordinate the score that acts there.
    fn record(&mut self, update: &mut Update, next: usize) {
        let Some(places) = update.trace.as_deref().map(Trace::places) else {
            return;
        };
        let c = self.numbers.coefficients(next);
        let mut field = vec![];
        if self.is_full() {
            let mut at = Point::new(1);
            for x in places {
                at.x[0] = (x - self.mean[0]) / self.scale[0];
                self.score(&c, 0, update, &mut at);
                field.push(at.score[0] / self.scale[0]);
            }
        }
        if let Some(trace) = update.trace.as_deref_mut() {
            trace.step(update.ensemble, c.t, &field);
        }
    }
}

/// A place with its score and the divisor of a step, each `[d]`.
struct Point {
    x: Vec<f64>,
    score: Vec<f64>,
    divisor: Vec<f64>,
}

impl Point {
    fn new(d: usize) -> Self {
        Self {
            x: vec![0.0; d],
            score: vec![0.0; d],
            divisor: vec![1.0; d],
        }
    }
}

impl Analysis for ScoreFilter {
    fn begin(&mut self, update: &mut Update) -> Result<(), Fault> {
        self.stage = Stage::Scale;
        self.parts = Parts::default();
        self.is_at_exchange = false;
        if let Some(trace) = update.trace.as_deref_mut().filter(|_| self.is_full()) {
            trace.open_field(update.ensemble);
        }
        Ok(())
    }

    fn advance(&mut self, update: &mut Update, mut work: f64) -> Result<bool, Fault> {
        let (n, d) = (update.ensemble.len(), update.ensemble.dim());
        let rows = update.observation.rows();
        self.is_at_exchange = false;
        loop {
            match self.stage {
                Stage::Scale => {
                    work -= 0.3 * (n * d) as f64;
                    self.measure(update)?;
                    self.stage = Stage::Weigh;
                }
                Stage::Weigh if !self.weighs() => self.stage = Stage::Start,
                Stage::Weigh => match self.parts.next(n, 0.3 * rows as f64, &mut work) {
                    Some(range) => range.for_each(|j| {
                        let x = update.ensemble.member(j);
                        self.cloud.set_log(j, update.observation.log_likelihood(x));
                    }),
                    None => self.stage = Stage::Start,
                },
                Stage::Start => match self.parts.next_of(&update.own, 2.1 * d as f64, &mut work) {
                    Some(range) => {
                        let (first, x) = (
                            (range.start * d) as u64,
                            &mut update.ensemble.x[range.start * d..range.end * d],
                        );
                        update
                            .noise
                            .normals(Stream::Analysis, update.cycle, first, x);
                        for x in x.chunks_exact_mut(d) {
                            for (i, x) in x.iter_mut().enumerate() {
                                *x = self.mean[i] + self.scale[i] * *x;
                            }
                        }
                    }
                    None => {
                        self.record(update, 0);
                        self.stage = Stage::Step(0);
                    }
                },
                Stage::Step(i) => {
                    let price = self.price(n, d, rows);
                    match self.parts.next_of(&update.own, price, &mut work) {
                        Some(range) => self.step(update, i, range),
                        None if i + 1 == self.numbers.steps => {
                            self.stage = match update.is_divided() {
                                true => Stage::Exchange,
                                false => Stage::Finish,
                            };
                        }
                        None => {
                            self.record(update, i + 1);
                            self.stage = Stage::Step(i + 1);
                        }
                    }
                }
                Stage::Exchange => {
                    self.stage = Stage::Finish;
                    self.is_at_exchange = true;
                    return Ok(false);
                }
                Stage::Finish => {
                    update.ensemble.inflate(self.inflation);
                    return Ok(true);
                }
            }
            if work <= 0.0 {
                return Ok(false);
            }
        }
    }

    fn remedy(&self, _places: bool) -> String {
        let explicit = self.numbers.likelihood == Likelihood::Damped && !self.numbers.implicit;
        choose(&[
            (explicit, "implicit=yes"),
            (true, "more steps"),
            (true, "more members"),
            (self.inflation > 1.0, "less inflation"),
            (true, "noisier observations"),
        ])
    }

    fn cost(&self, n: usize, dim: usize, rows: usize) -> f64 {
        let steps = self.numbers.steps as f64 * self.price(n, dim, rows);
        n as f64 * (steps + 2.6 * dim as f64)
    }

    fn division(&self, n: usize, dim: usize, rows: usize, _linear: bool) -> Division {
        let steps = self.numbers.steps as f64 * self.price(n, dim, rows);
        Division {
            alone: n as f64 * (steps + 2.1 * dim as f64),
            exchanges: 1,
        }
    }

    fn is_at_exchange(&self) -> bool {
        self.is_at_exchange
    }
}
