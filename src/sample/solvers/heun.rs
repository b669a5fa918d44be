//! Heun's steps of the probability flow, with churn.
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`, `convergence_orders_are_one_and_two`.

use super::euler::euler;
use super::step::{flow, length};
use crate::error::Error;
use crate::level::Level;
use crate::sample::plan::Stage;
use crate::schedule::Process;

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

    /// The churn of a link: `number` is the number of a key.
    ///
    /// # Errors
    /// Those of `number`.
    pub(super) fn of(number: &dyn Fn(&str) -> Result<f64, Error>) -> Result<Self, Error> {
        Ok(Self {
            amount: number("churn")?,
            min: number("churn-min")?,
            max: number("churn-max")?,
            noise: number("churn-noise")?,
        })
    }

    /// Whether noise is added at σ: S_churn > 0 and S_min ≤ σ ≤ S_max. Both bounds are inclusive up to rounding.
    ///
    /// Held by `tests/ends.rs`: `churn_between_the_ends_of_a_process_acts_at_every_level_that_a_step_leaves`,
    /// `a_bound_at_a_level_of_any_process_and_grid_includes_it_from_both_sides`.
    pub fn acts_at(&self, sigma: f64) -> bool {
        let above = sigma >= self.min * (1.0 - ROUNDING);
        self.amount > 0.0 && above && sigma <= self.max * (1.0 + ROUNDING)
    }
}

/// Heun's second-order step (Karras et al. 2022, algorithms 1 and 2); an Euler step if it ends at σ = 0.
pub fn heun(
    process: Process,
    churn: Churn,
    steps: u32,
    t: &Level,
    s: &Level,
    stages: &mut Vec<Stage>,
) {
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
