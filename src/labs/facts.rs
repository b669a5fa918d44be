//! Facts about the sampler, the process and the rule of a configuration, for the page, which does not repeat them.

use super::laws::LawScore;
use super::rule;
use super::setup::sampler;
use crate::error::Error;
use crate::guide::Guidance;
use crate::link::{self, Values};
use crate::schedule::{Grid, Process};
use crate::word::Words;

/// Facts of one configuration.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Facts {
    /// Whether the sampler follows the probability flow without noise.
    pub ode: bool,
    /// Its order of convergence, if it follows the flow.
    pub order: Option<u32>,
    /// Calls of the denoiser in a step that ends at σ > 0.
    pub calls: u32,
    /// Whether it stays at one noise level instead of moving through time.
    pub one_level: bool,
    /// Whether g² of the process is infinite at t = 1: α is 0 there.
    pub steep: bool,
    /// The smallest number of steps of this sampler on this process.
    pub fewest_steps: u32,
    /// The word of the grid; if the link says `default`, the word of the grid of the process.
    #[cfg_attr(
        target_arch = "wasm32",
        tsify(type = "\"uniform-t\" | \"karras\" | \"log-snr\"")
    )]
    pub grid: &'static str,
    /// The rule of guidance, if there is one.
    pub rule: Option<RuleFacts>,
}

/// Facts of a rule of guidance.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct RuleFacts {
    /// The rule in TeX: its V, or its approximation of ∇log p(y | x_t).
    pub formula: &'static str,
    /// Whether the rule uses a covariance V.
    pub covariance: bool,
    /// The symbol of its number and the value, for rules with a number.
    pub number: Option<(&'static str, f64)>,
}

/// The facts of checked values.
///
/// # Errors
/// If they lack a key that every run has.
pub fn facts(values: &Values) -> Result<Facts, Error> {
    let sampler = sampler(values)?;
    let process: Process = values.need_choice("process")?;
    let grid: Grid = values.need_choice("grid")?;
    let of = |rule: Guidance| RuleFacts {
        formula: rule.formula(),
        covariance: rule.has_covariance(),
        number: rule.number(),
    };
    Ok(Facts {
        ode: sampler.is_ode(),
        order: sampler.order(),
        calls: sampler.calls(),
        one_level: sampler.walks_at_one_level(),
        steep: process.ends_in_pure_noise(),
        fewest_steps: sampler.fewest_steps(process),
        grid: grid.on(process).word(),
        rule: match values.get("guidance") {
            Some(_) => Some(of(rule::rule(values)?)),
            None => None,
        },
    })
}

/// A configuration in one line: its process, sampler, steps, and its score if it is not exact.
///
/// # Errors
/// As [`facts`].
pub fn title(values: &Values) -> Result<String, Error> {
    let steps = values.need_int("steps")?;
    let plural = if steps == 1 { "" } else { "s" };
    if let Some(lab) = values.lab().filter(|lab| lab.noise.is_none()) {
        return Ok(format!("{} · {steps} step{plural}", lab.said.label));
    }
    let sampler = sampler(values)?;
    // Langevin stays at one level: the process is not part of its run.
    let clock = match sampler.own_level() {
        Some(level) => format!("σ = {level}"),
        None => values.need_choice::<Process>("process")?.label().to_owned(),
    };
    let told = values.is_learned() || values.choice("score") == Some(LawScore::Empirical);
    let score = link::name(values, "score").filter(|_| told);
    let score = score.map_or(String::new(), |name| format!(" · {name}"));
    let sampler = sampler.label();
    Ok(format!("{clock} · {sampler} · {steps} step{plural}{score}"))
}
