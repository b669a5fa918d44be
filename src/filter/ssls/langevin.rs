//! Langevin steps from the forecast to the analysis.

use super::dsm::Dsm;
use super::gauss::Gauss;
use super::ism::Ism;
use super::kde::Kde;
use super::numbers::Numbers;
use super::numbers::Prior;
use super::numbers::Start;
use super::prior::PriorScore;
use super::whitening::Whitening;
use crate::filter::dense;
use crate::filter::resample::normalise;
use crate::filter::resample::systematic;
use crate::filter::update::Analysis;
use crate::filter::update::Division;
use crate::filter::update::Fault;
use crate::filter::update::Parts;
use crate::filter::update::Trace;
use crate::filter::update::Update;
use crate::filter::update::choose;
use crate::rng::Stream;
use std::ops::Range;

/// x ← x + hM(∇log p(x) + ∇log p(y | x)) + √(h(2 − h))·M^{½}ξ, with M = (B⁻¹ + diag(mean_j h'(x_j)²/R))⁻¹ from the particles
/// before the step, and B = b²C for kernels of width b, otherwise B = C. It runs in whitened coordinates x = m + Lw, where
/// M = LA⁻¹Lᵀ with A = B⁻¹ + Lᵀ·diag(…)·L.
///
/// A prior on several levels starts at the first one with b₀·L·ξ added, and level i sees the noise
/// R_i = R + mean h'²·(b_i² − b²)·C_ii, with h' at the forecast. `inflation` multiplies the anomalies at the end.
///
/// A finite number of steps of a finite length leaves an error, and particles keep the weights of the modes that they start in.
///
/// Held by `tests/filter/ssls.rs`: `langevin_steps_reach_their_variance`, `the_normal_prior_is_exact_at_any_step`;
/// `tests/filter/score_runs.rs`: `means_are_as_far_from_kalmans_as_known`, `unadjusted_steps_widen_the_spread`;
/// `tests/filter/score_experiments.rs`: `one_update_of_two_modes_leaves_the_forecasts_weights`.
#[derive(Debug)]
pub struct Langevin {
    numbers: Numbers,
    inflation: f64,
    radius: Option<f64>,
    prior: Box<dyn PriorScore>,
    stage: Stage,
    parts: Parts,
    is_at_exchange: bool,
    whitening: Whitening,
    /// The particles, whitened `[n × d]`; the same places stand in the ensemble.
    w: Vec<f64>,
    widths: Vec<f64>,
    /// mean h'² of each row over the forecast, and over the particles.
    forecast_slopes: Vec<f64>,
    slopes: Vec<f64>,
    /// R_i of each row at the present level.
    variances: Vec<f64>,
    /// The lower factor of A, and the level that it is made for.
    factor: Vec<f64>,
    made_for: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Moments,
    Whiten,
    Learn,
    Start,
    Spread,
    Slopes(usize),
    Factor(usize),
    Move(usize),
    /// All members are needed before this step, or before the end.
    Exchange(usize),
    Finish,
}

/// The draws of a step have the indices from `step` times this on, whatever the number of members is.
const BETWEEN: u64 = 1 << 40;

impl Langevin {
    /// The method for states of `dim` coordinates; see the type.
    pub fn new(numbers: Numbers, dim: usize, inflation: f64, radius: Option<f64>) -> Self {
        let prior: Box<dyn PriorScore> = match numbers.prior {
            Prior::Kde => Box::new(Kde::new(numbers.bandwidth, numbers.anneal)),
            Prior::Gauss => Box::new(Gauss),
            Prior::Ism => Box::new(Ism::new(dim)),
            Prior::Dsm => Box::new(Dsm::new(dim)),
        };
        Self {
            numbers,
            inflation,
            radius,
            prior,
            stage: Stage::Moments,
            parts: Parts::default(),
            is_at_exchange: false,
            whitening: Whitening::default(),
            w: vec![],
            widths: vec![],
            forecast_slopes: vec![],
            slopes: vec![],
            variances: vec![],
            factor: vec![],
            made_for: None,
        }
    }

    /// The level of a step.
    fn level(&self, step: usize) -> usize {
        step * self.widths.len() / self.numbers.steps
    }

    /// Adds h'² of the members `range` to the means.
    fn add_slopes(&mut self, update: &Update, range: Range<usize>) {
        let sensor = update.observation.sensor();
        let share = 1.0 / update.ensemble.len() as f64;
        for j in range {
            let x = update.ensemble.member(j);
            for (sum, &i) in self.slopes.iter_mut().zip(sensor.indices()) {
                let slope = sensor.operator().slope(x[i]);
                *sum += share * slope * slope;
            }
        }
    }

    /// R_i and the factor of A at the level of `step`.
    fn precondition(&mut self, update: &Update, step: usize) -> Result<(), Fault> {
        let d = self.whitening.variance().len();
        let level = self.level(step);
        let (width, last) = (self.widths[level], self.widths[self.widths.len() - 1]);
        let blur = width * width - last * last;
        let indices = update.observation.sensor().indices();
        for (r, &i) in indices.iter().enumerate() {
            let spread = self.forecast_slopes[r] * blur * self.whitening.variance()[i];
            self.variances[r] = update.observation.variance() + spread;
        }
        let l = self.whitening.factor();
        self.factor.fill(0.0);
        let precision = self.prior.precision(width);
        (0..d).for_each(|i| self.factor[i * d + i] = precision);
        for (r, &seen) in indices.iter().enumerate() {
            let row = &l[seen * d..][..=seen];
            let weight = self.slopes[r] / self.variances[r];
            for i in 0..=seen {
                let out = &mut self.factor[i * d..][..=seen];
                let scaled = weight * row[i];
                out.iter_mut().zip(row).for_each(|(a, l)| *a += scaled * l);
            }
        }
        self.made_for = Some(level);
        if dense::cholesky(&mut self.factor, d) {
            Ok(())
        } else {
            Err(Fault::new(
                "The Langevin steps overflowed.",
                self.remedy(false),
            ))
        }
    }

    /// The score of the posterior in whitened coordinates, of a place given as `w` and as `x`.
    fn score(&mut self, update: &Update, w: &[f64], x: &[f64], width: f64, out: &mut [f64]) {
        self.prior.score(w, width, out);
        let (sensor, d) = (update.observation.sensor(), x.len());
        let h = sensor.operator();
        for (r, &i) in sensor.indices().iter().enumerate() {
            let gap = update.observation.values()[r] - h.value(x[i]);
            let slope = h.slope(x[i]) * gap / self.variances[r];
            let row = &self.whitening.factor()[i * d..][..=i];
            out.iter_mut().zip(row).for_each(|(o, l)| *o += slope * l);
        }
    }

    /// One Langevin step of the particles `range`.
    fn walk(&mut self, update: &mut Update, step: usize, range: Range<usize>) {
        let d = update.ensemble.dim();
        let width = self.widths[self.level(step)];
        let (h, spread) = (
            self.numbers.step,
            self.numbers.langevin.noise(self.numbers.step),
        );
        let (mut move_by, mut noise) = (vec![0.0; d], vec![0.0; d]);
        let mut all = std::mem::take(&mut self.w);
        for j in range {
            let w = &mut all[j * d..][..d];
            self.score(update, w, update.ensemble.member(j), width, &mut move_by);
            let first = (step as u64 + 1) * BETWEEN + (j * d) as u64;
            update
                .noise
                .normals(Stream::Analysis, update.cycle, first, &mut noise);
            // A = GGᵀ: hA⁻¹u + √(…)·A^{−½}ξ = G⁻ᵀ(hG⁻¹u + √(…)·ξ).
            dense::forward(&self.factor, d, &mut move_by);
            for (u, z) in move_by.iter_mut().zip(&noise) {
                *u = h * *u + spread * z;
            }
            dense::backward(&self.factor, d, &mut move_by);
            w.iter_mut().zip(&move_by).for_each(|(w, m)| *w += m);
            self.whitening
                .place(w, &mut update.ensemble.x[j * d..][..d]);
        }
        self.w = all;
    }

    /// Draws the starting members with the weights of the likelihood.
    fn weigh(&mut self, update: &mut Update) -> Result<(), Fault> {
        let (n, d) = (update.ensemble.len(), update.ensemble.dim());
        let likelihood = |j| update.observation.log_likelihood(update.ensemble.member(j));
        let mut weights: Vec<f64> = (0..n).map(likelihood).collect();
        if !normalise(&mut weights) {
            return Err(Fault::new(
                "All members have weight 0: none is near the observation.",
                "Choose more members, more noise of the observations, or start=forecast.",
            ));
        }
        let u = update.noise.uniform(Stream::Resample, update.cycle, 0);
        let ancestors = systematic(&weights, n, u);
        let gather = |old: &[f64]| -> Vec<f64> {
            let member = |&j: &u32| old[j as usize * d..][..d].iter().copied();
            ancestors.iter().flat_map(member).collect()
        };
        self.w = gather(&self.w);
        update.ensemble.x = gather(&update.ensemble.x);
        if let Some(trace) = update.trace.as_deref_mut() {
            (trace.weights, trace.ancestors) = (weights, ancestors);
        }
        Ok(())
    }

    /// Adds the noise of the first level to the members `range`.
    fn blur(&mut self, update: &mut Update, range: Range<usize>) {
        let d = update.ensemble.dim();
        let mut noise = vec![0.0; d];
        for j in range {
            let first = (j * d) as u64;
            update
                .noise
                .normals(Stream::Analysis, update.cycle, first, &mut noise);
            let w = &mut self.w[j * d..][..d];
            for (w, z) in w.iter_mut().zip(&noise) {
                *w += self.widths[0] * z;
            }
            self.whitening
                .place(w, &mut update.ensemble.x[j * d..][..d]);
        }
    }

    /// Records the places before `step`, and in one coordinate the score that acts there.
    fn record(&mut self, update: &mut Update, step: usize) {
        let Some(places) = update.trace.as_deref().map(Trace::places) else {
            return;
        };
        let width = self.widths[self.level(step)];
        let (mut field, mut w, mut score) = (vec![], [0.0], [0.0]);
        for x in places {
            self.whitening.whiten(&[x], &mut w);
            self.score(update, &w, &[x], width, &mut score);
            field.push(score[0] / self.whitening.factor()[0]);
        }
        if let Some(trace) = update.trace.as_deref_mut() {
            trace.step(update.ensemble, width, &field);
        }
    }

    /// Whether the first level is wider than the prior. One level is the prior itself: there is nothing to come down from.
    fn is_blurred(&self) -> bool {
        self.widths.len() > 1
    }

    /// What comes at a step, or after the last one.
    fn at(&self, step: usize) -> Stage {
        match step == self.numbers.steps {
            true => Stage::Finish,
            false => Stage::Slopes(step),
        }
    }

    /// The same, where members may have been moved elsewhere: M is a mean over all, and so is the inflation at the end.
    fn before(&self, update: &Update, step: usize) -> Stage {
        let moved = step > 0 || self.is_blurred();
        let asks = step == self.numbers.steps || self.bends(update);
        match update.is_divided() && moved && asks {
            true => Stage::Exchange(step),
            false => self.at(step),
        }
    }

    /// Whether M changes from step to step.
    fn bends(&self, update: &Update) -> bool {
        !update.observation.sensor().operator().is_linear()
    }

    /// The price of a step of one particle.
    fn price(&self, n: usize, d: usize, rows: usize) -> f64 {
        self.prior.score_cost(n, d)
            + 3.0 * d as f64
            + 0.1 * (d * d) as f64
            + rows as f64 * (0.3 + 0.02 * d as f64)
    }
}

/// The price of A and its factor.
fn factor_cost(d: usize, rows: usize) -> f64 {
    0.02 * (d * d) as f64 * (rows + d) as f64
}

impl Analysis for Langevin {
    fn begin(&mut self, update: &mut Update) -> Result<(), Fault> {
        let (d, rows) = (update.ensemble.dim(), update.observation.rows());
        self.stage = Stage::Moments;
        self.parts = Parts::default();
        self.is_at_exchange = false;
        self.whitening.begin(update.ensemble);
        self.w = vec![0.0; update.ensemble.x.len()];
        self.slopes = vec![0.0; rows];
        self.variances = vec![0.0; rows];
        self.factor = vec![0.0; d * d];
        self.made_for = None;
        if let Some(trace) = update.trace.as_deref_mut() {
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
                Stage::Moments => {
                    let (members, model) = (&*update.ensemble, update.model);
                    if self
                        .whitening
                        .learn(members, model, self.radius, &mut work)?
                    {
                        self.stage = Stage::Whiten;
                    }
                }
                Stage::Whiten => {
                    let price = 0.1 + 0.02 * (d * d) as f64 + 0.2 * rows as f64;
                    match self.parts.next(n, price, &mut work) {
                        Some(range) => {
                            for j in range.clone() {
                                let w = &mut self.w[j * d..][..d];
                                self.whitening.whiten(update.ensemble.member(j), w);
                            }
                            self.add_slopes(update, range);
                        }
                        None => {
                            self.forecast_slopes.clone_from(&self.slopes);
                            self.prior.begin(&self.w, d, update.noise, update.cycle);
                            self.widths = self.prior.widths();
                            self.stage = Stage::Learn;
                        }
                    }
                }
                Stage::Learn => {
                    if self.prior.learn(&mut work)? {
                        self.stage = Stage::Start;
                    }
                }
                Stage::Start => {
                    if self.numbers.start == Start::Weighted {
                        work -= n as f64 * (1.0 + 0.3 * rows as f64 + 0.1 * d as f64);
                        self.weigh(update)?;
                    }
                    self.stage = Stage::Spread;
                }
                Stage::Spread => {
                    let blurred = match self.is_blurred() {
                        true => update.own.clone(),
                        false => 0..0,
                    };
                    match self.parts.next_of(&blurred, 3.0 * d as f64, &mut work) {
                        Some(range) => self.blur(update, range),
                        None => self.stage = self.before(update, 0),
                    }
                }
                Stage::Slopes(step) => {
                    let count = if self.bends(update) { n } else { 0 };
                    match self.parts.next(count, 0.2 * rows as f64, &mut work) {
                        Some(range) => {
                            if range.start == 0 {
                                self.slopes.fill(0.0);
                            }
                            self.add_slopes(update, range);
                        }
                        None => self.stage = Stage::Factor(step),
                    }
                }
                Stage::Factor(step) => {
                    if self.bends(update) || self.made_for != Some(self.level(step)) {
                        work -= factor_cost(d, rows);
                        self.precondition(update, step)?;
                    }
                    self.record(update, step);
                    self.stage = Stage::Move(step);
                }
                Stage::Move(step) => {
                    let price = self.price(n, d, rows);
                    match self.parts.next_of(&update.own, price, &mut work) {
                        Some(range) => self.walk(update, step, range),
                        None => self.stage = self.before(update, step + 1),
                    }
                }
                Stage::Exchange(step) => {
                    self.stage = self.at(step);
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
        choose(&[
            (true, "a smaller langevin-step"),
            (true, "noisier observations"),
            (self.numbers.prior != Prior::Gauss, "prior=gauss"),
            (self.inflation > 1.0, "less inflation"),
        ])
    }

    fn cost(&self, n: usize, dim: usize, rows: usize) -> f64 {
        let steps = self.numbers.steps as f64;
        Whitening::cost(n, dim)
            + self.prior.learning_cost(n, dim)
            + steps * (n as f64 * self.price(n, dim, rows) + factor_cost(dim, rows))
    }

    fn division(&self, n: usize, dim: usize, rows: usize, linear: bool) -> Division {
        let blurs = self.numbers.prior == Prior::Kde && self.numbers.anneal > 1;
        Division {
            alone: self.numbers.steps as f64 * n as f64 * self.price(n, dim, rows),
            exchanges: match linear {
                true => 1,
                false => self.numbers.steps + usize::from(blurs),
            },
        }
    }

    fn is_at_exchange(&self) -> bool {
        self.is_at_exchange
    }
}
