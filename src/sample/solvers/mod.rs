//! The samplers, one file each: each writes the coefficients of its stages.
//!
//! A step goes from level t down to level s. Each function states its formula and source.
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data` (the law after all steps),
//! `convergence_orders_are_one_and_two`, `ode_samplers_have_the_known_error_on_gaussian_data`,
//! `many_steps_recover_the_data_law`, `exact_scores_give_the_published_w1_at_given_n`.

mod ancestral;
mod ddim;
mod dpmpp2m;
mod em;
mod euler;
mod heun;
mod langevin;
mod pc;
mod step;

pub use heun::Churn;

use super::plan::Plan;
use crate::error::Error;
use crate::level::Level;
use crate::schedule::{Grid, Process};
use crate::word::words;

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

    /// σ at α = 1, if it stays at one noise level instead of moving through time. Its run does not depend on the process
    /// then.
    pub fn own_level(self) -> Option<f64> {
        match self {
            Sampler::Langevin { level, .. } => Some(level),
            _ => None,
        }
    }

    /// Whether it has a level of its own: see [`Sampler::own_level`].
    pub fn walks_at_one_level(self) -> bool {
        self.own_level().is_some()
    }

    /// Whether its steps use the drift f = α̇/α, which is infinite at α = 0, so that its grid starts above.
    pub fn needs_drift(self) -> bool {
        matches!(self, Sampler::Em)
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

    /// The sampler with the numbers of a link: `number` is the number of a key. Without keys for churn it adds no noise.
    ///
    /// # Errors
    /// Those of `number`.
    pub fn with(self, number: &dyn Fn(&str) -> Result<f64, Error>) -> Result<Self, Error> {
        Ok(match self {
            Sampler::Heun(none) => Sampler::Heun(Churn::of(number).unwrap_or(none)),
            Sampler::Pc { .. } => Sampler::Pc {
                corrections: number("corrections")? as u32,
                tau: number("tau")?,
            },
            Sampler::Langevin { .. } => Sampler::Langevin {
                level: number("level")?,
                step: number("step")?,
            },
            Sampler::Ancestral
            | Sampler::Ddim
            | Sampler::Euler
            | Sampler::Dpmpp2m
            | Sampler::Em => self,
        })
    }

    /// The plan of `steps` ≥ 1 steps of this sampler on a grid of the process.
    pub fn plan(&self, process: Process, grid: Grid, steps: u32) -> Plan {
        if let Sampler::Langevin { level, step } = *self {
            return langevin::langevin(level, step, steps);
        }
        self.plan_on(process, grid.levels(process, steps, self.needs_drift()))
    }

    /// The plan of this sampler on the given levels: at least two, from noise to data. `langevin` has one level of its
    /// own and uses only their number.
    pub fn plan_on(&self, process: Process, levels: Vec<Level>) -> Plan {
        let steps = (levels.len() - 1) as u32;
        if let Sampler::Langevin { level, step } = *self {
            return langevin::langevin(level, step, steps);
        }
        let mut stages = Vec::new();
        for i in 0..levels.len() - 1 {
            let (from, to) = (levels[i], levels[i + 1]);
            match *self {
                Sampler::Ancestral => stages.push(ancestral::ancestral(&from, &to)),
                Sampler::Ddim => stages.push(ddim::ddim(&from, &to)),
                Sampler::Euler => stages.push(euler::euler(process, &from, &to)),
                Sampler::Heun(churn) => heun::heun(process, churn, steps, &from, &to, &mut stages),
                Sampler::Dpmpp2m => {
                    let before = i.checked_sub(1).map(|k| &levels[k]);
                    let first_order = steps < 10 && i + 2 == levels.len();
                    stages.push(dpmpp2m::dpmpp2m(
                        before.filter(|_| !first_order),
                        &from,
                        &to,
                    ));
                }
                Sampler::Em => stages.push(em::em(process, &from, &to)),
                Sampler::Pc { corrections, tau } => {
                    stages.push(ddim::ddim(&from, &to));
                    if to.sigma > 0.0 {
                        stages.extend((0..corrections).map(|_| pc::correction(&to, tau)));
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
