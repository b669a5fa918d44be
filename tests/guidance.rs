//! Guidance against closed forms: the rules on Gaussian priors, whose posteriors are known.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

#[path = "guidance/chains.rs"]
mod chains;
#[path = "guidance/gaussian.rs"]
mod gaussian;
#[path = "guidance/refusals.rs"]
mod refusals;
#[path = "guidance/rules.rs"]
mod rules;
#[path = "guidance/space.rs"]
mod space;

use gaussian::{Gaussian, Matrix};
use scorefield::denoise::Denoiser;
use scorefield::guide::{Guidance, Guided};
use scorefield::level::Level;
use scorefield::metrics;
use scorefield::observe::{Band, Observation, Operator};
use scorefield::sample::{HostRun, Plan, Sampler};
use scorefield::schedule::{Grid, Process};
use scorefield::special;
use std::rc::Rc;

/// The example of the tests: prior N(0, 1), y = 1.5, noise with standard deviation 0.5; the posterior is N(1.2, 0.2).
fn on_the_line(noise: f64, guidance: Guidance) -> Guided {
    let seen = Observation::new(
        Operator::slice(1, &[0]).unwrap(),
        &Band::isotropic(1, noise),
        vec![1.5],
    );
    let prior = Gaussian::centred(Matrix::of(1, |_, _| 1.0));
    Guided::new(Rc::new(prior), seen.unwrap(), guidance).unwrap()
}

fn x_hat(denoiser: &dyn Denoiser, level: &Level, x: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; x.len()];
    denoiser.at(level).x_hat(x, &mut out);
    out
}

/// v(x|y) = v + σ²(α̇/α − σ̇/σ)·∇log p_t(y|x), with the gradient written out: p(y|x_t) = N(y; kx, α⁻¹σ²k + R), k =
/// α/(α² + σ²) for the prior N(0, 1).
#[test]
fn guidance_of_a_flow_is_added_to_its_velocity() {
    for process in [Process::Fm, Process::Trig, Process::Follmer, Process::Vp] {
        let guided = on_the_line(0.25, Guidance::Exact);
        for t in [0.1, 0.4, 0.8] {
            let (level, rates) = (process.level(t), process.rates(t));
            let Level { alpha, sigma, .. } = level;
            let k = alpha / (alpha * alpha + sigma * sigma);
            for x in [-1.0, 0.3, 2.0] {
                let gradient = k * (1.5 - k * x) / (sigma * sigma * k / alpha + 0.25);
                let plain = level.velocity_from_x_hat(rates.slopes(), x, k * x);
                let factor = sigma * sigma * (rates.alpha_dot / alpha - rates.sigma_dot / sigma);
                let own =
                    level.velocity_from_x_hat(rates.slopes(), x, x_hat(&guided, &level, &[x])[0]);
                let expected = plain + factor * gradient;
                assert!(
                    (own - expected).abs() < 1e-10 * (1.0 + own.abs()),
                    "{own} {expected}"
                );
            }
        }
    }
}

/// Mean and variance at the end of a plan with an affine x̂ = c + k·x in one dimension. After every step there are
/// corrections with δ = τ/E ε² of the current law.
fn moments(guided: &Guided, plan: &Plan, corrections: usize, tau: f64) -> (f64, f64) {
    let affine = |level: &Level| {
        let ends = x_hat(guided, level, &[0.0, 1.0]);
        (ends[0], ends[1] - ends[0])
    };
    let (mut mean, mut var) = (0.0, plan.start * plan.start);
    for (stage, at) in plan.stages.iter().zip(&plan.levels[1..]) {
        let (c, k) = affine(&stage.level.unwrap());
        let slope = stage.keep + stage.pulls[0] * k;
        (mean, var) = (slope * mean + stage.pulls[0] * c, slope * slope * var);
        for _ in 0..corrections {
            // ε = (x − αx̂)/σ = e + d·x.
            let (c, k) = affine(at);
            let (e, d) = (-at.alpha * c / at.sigma, (1.0 - at.alpha * k) / at.sigma);
            let eps = e + d * mean;
            let delta = tau / (eps * eps + d * d * var);
            let slope = 1.0 - delta * at.sigma * d;
            mean = slope * mean - delta * at.sigma * e;
            var = slope * slope * var + 2.0 * delta * at.sigma * at.sigma;
        }
    }
    (mean, var)
}

fn near(what: &str, got: f64, expected: f64, tolerance: f64) {
    println!("{what}: {got:.6} (expected {expected})");
    assert!(
        (got / expected - 1.0).abs() < tolerance,
        "{what}: {got} {expected}"
    );
}

#[test]
fn sda_has_the_published_bias_in_the_ode_limit() {
    // The levels are so close that the exponential integrator is at its limit.
    let plan = Sampler::Ddim.plan(Process::Ve, Grid::LogSnr, 100_000);
    let r = 0.25f64;
    for (gamma, mean, var) in [(0.01, 1.7191, 0.02711), (0.1, 1.3998, 0.07470)] {
        let closed = (-1.0 / (r - gamma) + gamma * (r / gamma).ln() / (r - gamma).powi(2)).exp();
        near("closed variance", closed, var, 3e-4);
        let guided = on_the_line(r, Guidance::Sda { gamma });
        let (m, v) = moments(&guided, &plan, 0, 0.0);
        near("mean", m, mean, 0.001);
        near("variance", v, closed, 0.002);
    }
}

#[test]
fn corrections_bring_sda_to_the_posterior() {
    let guided = on_the_line(0.25, Guidance::Sda { gamma: 0.01 });
    let plan = Sampler::Ddim.plan(Process::Vp, Grid::UniformT, 256);
    let (mean, var) = moments(&guided, &plan, 1, 0.25);
    near("mean", mean, 1.2053, 0.001);
    near("variance", var, 0.2239, 0.002);
    let plan = Sampler::Ddim.plan(Process::Vp, Grid::UniformT, 20_000);
    let (mean, var) = moments(&guided, &plan, 1, 0.25);
    near("mean, many steps", mean, 1.2000, 0.002);
    near("variance, many steps", var, 0.2250, 0.005);
}

/// The point that the flow of `dps` on N(0, 1) reaches from x, in closed form. x̂ = αx, so dx = ζ·sign(y − αx)dα from
/// α = start. Below y − ζ no path crosses αx = y. A path that crosses it at α_c continues to √(x² + 4ζy) − ζ, or
/// slides along the line to y if the line is too steep to leave (α_c ≥ y/ζ).
fn dps_flow(x: f64, zeta: f64, y: f64, start: f64) -> f64 {
    let x = x - zeta * start;
    if x + zeta < y {
        return x + zeta;
    }
    let root = (x * x + 4.0 * zeta * y).sqrt();
    let crossing = (root - x) / (2.0 * zeta);
    if crossing >= y / zeta { y } else { root - zeta }
}

/// The published moments are those of a sample. At ζ = 1 they are 1.7 % above and 0.7 % below the moments of the
/// quantiles of the flow, which agree with the closed form; at ζ = 3 they agree to the given digits.
#[test]
fn dps_follows_its_closed_flow() {
    for (zeta, mean, var) in [(1.0, 0.886, 0.676), (3.0, 1.48, 0.027)] {
        let guided = on_the_line(0.25, Guidance::Dps { zeta });
        let sample = |steps| {
            let plan = Sampler::Ddim.plan(Process::Vp, Grid::UniformT, steps);
            let x = HostRun::new(&plan, &guided, 2000, 0, true).finish();
            guided.check().unwrap();
            (metrics::mean_var(&x), plan)
        };
        let ((m, v), _) = sample(256);
        near("published mean", m, mean, 0.02);
        near("published variance", v, var, 0.035);
        let ((m, v), plan) = sample(4096);
        let start = |i: usize| plan.start * special::quantile((i as f64 + 0.5) / 2000.0);
        let ends = (0..2000).map(|i| dps_flow(start(i), zeta, 1.5, plan.levels[0].alpha));
        let (closed_mean, closed_var) = metrics::mean_var(&ends.collect::<Vec<_>>());
        near("closed mean", m, closed_mean, 0.001);
        near("closed variance", v, closed_var, 0.005);
    }
}
