//! The eight samplers: each writes the coefficients of its stages.
//!
//! A step goes from level t down to level s. Each function states its formula and source.
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data` (the law after all steps),
//! `convergence_orders_are_one_and_two`, `ode_samplers_have_the_known_error_on_gaussian_data`,
//! `many_steps_recover_the_data_law`, `exact_scores_give_the_published_w1_at_given_n`.

use super::plan::{Plan, Stage};
use crate::level::{Level, Rates};
use crate::schedule::{Grid, Process};
use crate::word::words;

/// Stochastic churn of EDM's sampler (Karras et al. 2022, algorithm 2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Churn {
    /// S_churn.
    pub amount: f64,
    /// S_min.
    pub min: f64,
    /// S_max.
    pub max: f64,
    /// S_noise.
    pub noise: f64,
}

/// Relative rounding error of a σ that passed through exp and log: σ(1) of `ve` is 50·(1 + 7·10⁻¹⁶).
const ROUNDING: f64 = 1e-12;

impl Churn {
    /// No noise is added.
    pub const NONE: Self = Self {
        amount: 0.0,
        min: 0.0,
        max: 80.0,
        noise: 1.0,
    };

    /// Whether noise is added at σ: S_churn > 0 and S_min ≤ σ ≤ S_max. Both bounds are inclusive up to rounding.
    ///
    /// Held by `tests/ends.rs`: `churn_between_the_ends_of_a_process_acts_at_every_level_that_a_step_leaves`,
    /// `a_bound_at_a_level_of_any_process_and_grid_includes_it_from_both_sides`.
    pub fn acts_at(&self, sigma: f64) -> bool {
        let above = sigma >= self.min * (1.0 - ROUNDING);
        self.amount > 0.0 && above && sigma <= self.max * (1.0 + ROUNDING)
    }
}

/// A sampler with its options.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sampler {
    /// DDPM's posterior step.
    Ancestral,
    /// DDIM, the first-order exponential integrator.
    Ddim,
    /// Euler on the probability-flow ODE.
    Euler,
    /// Heun on the probability-flow ODE, with churn (amount 0: none) on `edm` and `ve`.
    Heun(Churn),
    /// DPM-Solver++(2M).
    Dpmpp2m,
    /// Euler–Maruyama on the reverse SDE.
    Em,
    /// DDIM predictor with Langevin corrector.
    Pc {
        /// Langevin corrections after each step that ends at σ > 0.
        corrections: u32,
        /// Size of a correction, τ.
        tau: f64,
    },
    /// Unadjusted Langevin at one noise level.
    Langevin {
        /// σ at α = 1.
        level: f64,
        /// h/σ².
        step: f64,
    },
}

words!(Sampler {
    Ancestral => "ancestral", "Ancestral (DDPM)", "The posterior step of DDPM, with fresh noise";
    Ddim => "ddim", "DDIM", "First-order exponential integrator, no noise";
    Euler => "euler", "Euler", "First order on the probability-flow ODE";
    Heun(Churn::NONE) => "heun", "Heun", "Second order on the probability-flow ODE, two calls per step";
    Dpmpp2m => "dpmpp2m", "DPM-Solver++ 2M", "Second order, multistep, one call per step";
    Em => "em", "Euler–Maruyama", "The reverse SDE, with fresh noise";
    Pc { corrections: 1, tau: 0.25 } => "pc", "Predictor–corrector", "DDIM steps with Langevin corrections";
    Langevin { level: 0.1, step: 0.1 } => "langevin", "Langevin", "Unadjusted Langevin at one noise level";
});

impl Sampler {
    /// Order of convergence to the probability flow; `None` for a sampler that adds noise.
    ///
    /// Held by `tests/oracles.rs`: `convergence_orders_are_one_and_two`.
    pub fn order(self) -> Option<u32> {
        match self {
            Sampler::Ddim | Sampler::Euler => Some(1),
            Sampler::Heun(churn) if churn.amount > 0.0 => None,
            Sampler::Heun(_) | Sampler::Dpmpp2m => Some(2),
            Sampler::Ancestral | Sampler::Em | Sampler::Pc { .. } | Sampler::Langevin { .. } => {
                None
            }
        }
    }

    /// Whether it follows the probability flow and adds no noise, so that the start determines the end of a particle.
    ///
    /// Held by `tests/words.rs`: `a_sampler_is_one_of_the_flow_just_where_its_plan_draws_no_noise`.
    pub fn is_ode(self) -> bool {
        self.order().is_some()
    }

    /// Calls of the denoiser in a step that ends at σ > 0.
    ///
    /// Held by `tests/words.rs`: `the_calls_of_a_plan_are_those_that_its_sampler_says`.
    pub fn calls(self) -> u32 {
        match self {
            Sampler::Heun(_) => 2,
            Sampler::Pc { corrections, .. } => 1 + corrections,
            Sampler::Ancestral
            | Sampler::Ddim
            | Sampler::Euler
            | Sampler::Dpmpp2m
            | Sampler::Em
            | Sampler::Langevin { .. } => 1,
        }
    }

    /// Whether it stays at one noise level instead of moving through time. Its run does not depend on the process then.
    pub fn walks_at_one_level(self) -> bool {
        matches!(self, Sampler::Langevin { .. })
    }

    /// The smallest number of steps on a process: a discrete process has at least two levels.
    pub fn fewest_steps(self, process: Process) -> u32 {
        match process.is_discrete() && !self.walks_at_one_level() {
            true => 2,
            false => 1,
        }
    }

    /// Whether it can add noise before a step (`churn`) on this process, which needs α = 1.
    pub fn can_churn(self, process: Process) -> bool {
        matches!(self, Sampler::Heun(_)) && process.explodes()
    }

    /// The plan of `steps` ≥ 1 steps of this sampler on a grid of the process.
    pub fn plan(&self, process: Process, grid: Grid, steps: u32) -> Plan {
        if let Sampler::Langevin { level, step } = *self {
            return langevin(level, step, steps);
        }
        self.plan_on(
            process,
            grid.levels(process, steps, matches!(self, Sampler::Em)),
        )
    }

    /// The plan of this sampler on the given levels: at least two, from noise to data. `langevin` has one level of its
    /// own and uses only their number.
    pub fn plan_on(&self, process: Process, levels: Vec<Level>) -> Plan {
        let steps = (levels.len() - 1) as u32;
        if let Sampler::Langevin { level, step } = *self {
            return langevin(level, step, steps);
        }
        let mut stages = Vec::new();
        for i in 0..levels.len() - 1 {
            let (from, to) = (levels[i], levels[i + 1]);
            match *self {
                Sampler::Ancestral => stages.push(ancestral(&from, &to)),
                Sampler::Ddim => stages.push(ddim(&from, &to)),
                Sampler::Euler => stages.push(euler(process, &from, &to)),
                Sampler::Heun(churn) => heun(process, churn, steps, &from, &to, &mut stages),
                Sampler::Dpmpp2m => {
                    let before = i.checked_sub(1).map(|k| &levels[k]);
                    let first_order = steps < 10 && i + 2 == levels.len();
                    stages.push(dpmpp2m(before.filter(|_| !first_order), &from, &to));
                }
                Sampler::Em => stages.push(em(process, &from, &to)),
                Sampler::Pc { corrections, tau } => {
                    stages.push(ddim(&from, &to));
                    if to.sigma > 0.0 {
                        stages.extend((0..corrections).map(|_| correction(&to, tau)));
                    }
                }
                Sampler::Langevin { .. } => {}
            }
            if let Some(last) = stages.last_mut() {
                last.lands = Some(i + 1);
            }
        }
        Plan {
            start: levels[0].sigma,
            levels,
            stages,
        }
    }
}

/// A stage that evaluates at `at` and commits.
fn stage(at: &Level, keep: f64, pull: f64, noise: f64) -> Stage {
    Stage {
        level: Some(*at),
        keep,
        pulls: [pull, 0.0],
        noise,
        commit: true,
        scaled: None,
        lands: None,
    }
}

/// Posterior step of DDPM: τ = 1 − (α_tσ_s/(α_sσ_t))²,
/// x_s = α_s x̂ + σ_s√(1−τ)(x_t − α_t x̂)/σ_t + σ_s√τ z (Ho et al. 2020, eq. 7, in α and σ).
fn ancestral(t: &Level, s: &Level) -> Stage {
    let root = t.alpha * s.sigma / (s.alpha * t.sigma);
    let keep = s.sigma * root / t.sigma;
    let tau = ((1.0 - root) * (1.0 + root)).max(0.0);
    stage(t, keep, s.alpha - keep * t.alpha, s.sigma * tau.sqrt())
}

/// x_s = (σ_s/σ_t)x_t + (α_s − α_tσ_s/σ_t)x̂ (Song et al. 2021, DDIM, eq. 12 with η = 0).
fn ddim(t: &Level, s: &Level) -> Stage {
    let keep = s.sigma / t.sigma;
    stage(t, keep, s.alpha - t.alpha * keep, 0.0)
}

/// (rate, push) of the probability flow dx/dτ = rate·x + push·x̂. The clock τ is t; for `edm` it is σ.
fn flow(process: Process, at: &Level, rates: Rates) -> (f64, f64) {
    let (alpha_dot, sigma_dot) = match process {
        Process::Edm => (0.0, 1.0),
        _ => (rates.alpha_dot, rates.sigma_dot),
    };
    let rate = sigma_dot / at.sigma;
    (rate, alpha_dot - at.alpha * rate)
}

/// Length of the step from t to s on the clock of [`flow`].
fn length(process: Process, t: &Level, s: &Level) -> f64 {
    match process {
        Process::Edm => s.sigma - t.sigma,
        _ => s.t - t.t,
    }
}

/// x_s = x_t + (s − t)·v(x_t, t), v = α̇x̂ + σ̇ε.
fn euler(process: Process, t: &Level, s: &Level) -> Stage {
    let (rate, push) = flow(process, t, process.rates(t.t));
    let h = length(process, t, s);
    stage(t, 1.0 + h * rate, h * push, 0.0)
}

/// Heun's second-order step (Karras et al. 2022, algorithms 1 and 2); an Euler step if it ends at σ = 0.
fn heun(process: Process, churn: Churn, steps: u32, t: &Level, s: &Level, stages: &mut Vec<Stage>) {
    let mut from = *t;
    if churn.acts_at(t.sigma) {
        let gamma = (churn.amount / f64::from(steps)).min(std::f64::consts::SQRT_2 - 1.0);
        let sigma = t.sigma * (1.0 + gamma);
        let added = churn.noise * t.sigma * (gamma * (2.0 + gamma)).sqrt();
        stages.push(Stage {
            level: None,
            keep: 1.0,
            pulls: [0.0; 2],
            noise: added,
            commit: true,
            scaled: None,
            lands: None,
        });
        from = Level {
            t: process.time_at_ratio(sigma),
            alpha: 1.0,
            sigma,
        };
    }
    let mut predictor = euler(process, &from, s);
    if s.sigma == 0.0 {
        stages.push(predictor);
        return;
    }
    let h = length(process, &from, s);
    let (rate_t, push_t) = flow(process, &from, process.rates(from.t));
    let (rate_s, push_s) = flow(process, s, process.rates_from_above(s.t));
    predictor.commit = false;
    stages.push(predictor);
    // x + h/2·(v(x, t) + v(x', s)) with x' = predictor.keep·x + predictor.pull·x̂_t inserted.
    stages.push(Stage {
        level: Some(*s),
        keep: 1.0 + 0.5 * h * (rate_t + rate_s * predictor.keep),
        pulls: [
            0.5 * h * push_s,
            0.5 * h * (push_t + rate_s * predictor.pulls[0]),
        ],
        noise: 0.0,
        commit: true,
        scaled: None,
        lands: None,
    });
}

/// DPM-Solver++(2M) (Lu et al. 2022, algorithm 2): h = λ_s − λ_t, r = h_prev/h,
/// D = (1 + 1/2r)x̂ − (1/2r)x̂₋₁, x_s = (σ_s/σ_t)x_t − α_s(e^{−h} − 1)D. The first step, and steps at σ_s = 0 or
/// α = 0, are of first order (DDIM).
fn dpmpp2m(before: Option<&Level>, t: &Level, s: &Level) -> Stage {
    let mut stage = ddim(t, s);
    let Some(before) = before else { return stage };
    if s.sigma == 0.0 || t.alpha == 0.0 || before.alpha == 0.0 {
        return stage;
    }
    let h = s.lambda() - t.lambda();
    let half_inverse_r = 0.5 * h / (t.lambda() - before.lambda());
    // −α_s(e^{−h} − 1) = α_s − α_tσ_s/σ_t is the pull of the DDIM step.
    let whole = stage.pulls[0];
    stage.pulls = [whole * (1.0 + half_inverse_r), -whole * half_inverse_r];
    stage
}

/// Reverse SDE dx = [f·x − g²·score]dt + g dw̄ over Δ = t − s (Anderson 1982):
/// x_s = x_t − Δ(f·x_t − g²·score) + g√Δ z. The clock is t; for `edm` it is σ (g² = 2σ).
fn em(process: Process, t: &Level, s: &Level) -> Stage {
    let (f, g2, delta) = match process {
        Process::Edm => (0.0, 2.0 * t.sigma, t.sigma - s.sigma),
        _ => {
            let rates = process.rates(t.t);
            (rates.f, rates.g2, t.t - s.t)
        }
    };
    let per_x = g2 / (t.sigma * t.sigma);
    stage(
        t,
        1.0 - delta * (f + per_x),
        delta * per_x * t.alpha,
        (g2 * delta).sqrt(),
    )
}

/// Langevin correction at one level: x ← x − (δε + √(2δ)z)σ with δ = τ/mean ε² (Rozet & Louppe 2023, algorithm 4).
/// With fewer than 8 coordinates δ = τ: see [`super::SCALED_FROM`].
fn correction(at: &Level, tau: f64) -> Stage {
    let [keep, pull, noise] = Stage::correction(at, tau);
    Stage {
        scaled: Some(tau),
        ..stage(at, keep, pull, noise)
    }
}

/// x ← x + h·score + √(2h)z at σ = `level`, α = 1, h = step·level², from N(0, 1).
fn langevin(level: f64, step: f64, steps: u32) -> Plan {
    let at = Level {
        t: 0.0,
        alpha: 1.0,
        sigma: level,
    };
    let one = |i: u32| Stage {
        lands: Some(i as usize + 1),
        ..stage(&at, 1.0 - step, step, (2.0 * step).sqrt() * level)
    };
    Plan {
        levels: vec![at; steps as usize + 1],
        start: 1.0,
        stages: (0..steps).map(one).collect(),
    }
}
