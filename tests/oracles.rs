//! Samplers against closed forms: known errors, known output laws, exact flows.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::law::Law;
use scorefield::level::Level;
use scorefield::metrics;
use scorefield::sample::{Churn, HostRun, Plan, Sampler};
use scorefield::schedule::{Grid, Process};
use scorefield::word::Words;

const NO_CHURN: Churn = Churn {
    amount: 0.0,
    min: 0.0,
    max: 80.0,
    noise: 1.0,
};
const HEUN: Sampler = Sampler::Heun(NO_CHURN);

fn quantile_w1(law: &Law, plan: &Plan, n: usize) -> f64 {
    let mut x = HostRun::new(plan, law, n, 0, true).finish();
    x.sort_by(f64::total_cmp);
    metrics::w1(
        &x,
        &law.diffuse(&Level {
            t: 0.0,
            alpha: 1.0,
            sigma: 0.0,
        }),
    )
}

/// U[0,1] with the exact denoiser and 2,000 quantile starts; three figures.
#[test]
fn exact_scores_give_the_published_w1_at_given_n() {
    let law = Law::uniform(0.0, 1.0);
    let cases = [
        (Process::Edm, HEUN, Grid::Default, 8, 0.0769, 5e-5),
        (Process::Edm, HEUN, Grid::Default, 32, 0.00432, 5e-6),
        (Process::Vp, Sampler::Euler, Grid::UniformT, 8, 0.0484, 5e-5),
        (
            Process::Vp,
            Sampler::Euler,
            Grid::UniformT,
            32,
            0.0137,
            5e-5,
        ),
        (Process::Vp, Sampler::Ddim, Grid::Default, 32, 0.0272, 5e-5),
        (
            Process::Vp,
            Sampler::Dpmpp2m,
            Grid::LogSnr,
            32,
            0.00173,
            5e-6,
        ),
    ];
    for (process, sampler, grid, steps, expected, half_digit) in cases {
        let w1 = quantile_w1(&law, &sampler.plan(process, grid, steps), 2000);
        println!("{process:?} {sampler:?} {grid:?} N={steps}: W1 = {w1:.6} (expected {expected})");
        assert!(
            (w1 - expected).abs() <= half_digit,
            "{process:?} {sampler:?} N={steps}: {w1}"
        );
    }
}

/// The factor by which an ODE plan stretches Gaussian data, √(output variance)/√(start variance), divided by the
/// exact factor √((α'²σ_d²+σ'²)/(α²σ_d²+σ²)).
fn relative_error(plan: &Plan, sd: f64) -> f64 {
    let total = |l: &Level| (l.alpha * l.alpha * sd * sd + l.sigma * l.sigma).sqrt();
    let exact = total(&plan.levels[plan.steps()]) / total(&plan.levels[0]);
    plan.moments_on_gaussian(0.0, sd).variance.sqrt() / plan.start / exact - 1.0
}

/// σ_d = 0.5, VP, log-SNR grid, t from 1 to 1e-3, N = 20 and 40.
#[test]
fn ode_samplers_have_the_known_error_on_gaussian_data() {
    let cases = [
        (Sampler::Ddim, 20, -0.1128, 5e-5),
        (Sampler::Ddim, 40, -0.0581, 5e-5),
        (Sampler::Dpmpp2m, 20, 0.01302, 5e-6),
        (Sampler::Dpmpp2m, 40, 0.00351, 5e-6),
    ];
    for (sampler, steps, expected, half_digit) in cases {
        let error = relative_error(&sampler.plan(Process::Vp, Grid::LogSnr, steps), 0.5);
        println!("{sampler:?} N={steps}: {error:.6} (expected {expected})");
        assert!(
            (error - expected).abs() <= half_digit,
            "{sampler:?} N={steps}: {error}"
        );
    }
}

/// The orders on processes, grids and ranges for which they are clean, within ±0.15.
#[test]
fn convergence_orders_are_one_and_two() {
    let cases: [(Process, Grid, Sampler, f64, &[u32]); 8] = [
        (Process::Vp, Grid::LogSnr, Sampler::Ddim, 1.0, &[20, 40, 80]),
        (
            Process::Vp,
            Grid::LogSnr,
            Sampler::Dpmpp2m,
            2.0,
            &[20, 40, 80],
        ),
        (Process::Vp, Grid::UniformT, HEUN, 2.0, &[20, 40, 80, 160]),
        (
            Process::Fm,
            Grid::UniformT,
            Sampler::Euler,
            1.0,
            &[20, 40, 80, 160],
        ),
        (Process::Fm, Grid::UniformT, HEUN, 2.0, &[20, 40, 80, 160]),
        (
            Process::Fm,
            Grid::LogSnr,
            Sampler::Dpmpp2m,
            2.0,
            &[40, 80, 160, 320],
        ),
        (
            Process::Edm,
            Grid::Default,
            Sampler::Euler,
            1.0,
            &[40, 80, 160],
        ),
        (Process::Edm, Grid::Default, HEUN, 2.0, &[40, 80, 160]),
    ];
    for (process, grid, sampler, order, steps) in cases {
        assert_eq!(sampler.order().map(f64::from), Some(order), "{sampler:?}");
        let errors: Vec<f64> = steps
            .iter()
            .map(|&n| relative_error(&sampler.plan(process, grid, n), 0.5).abs())
            .collect();
        for (pair, n) in errors.windows(2).zip(steps) {
            let slope = (pair[0] / pair[1]).log2();
            println!(
                "{process:?} {grid:?} {sampler:?} N={n}→{}: order {slope:.3}",
                2 * n
            );
            assert!(
                (slope - order).abs() <= 0.15,
                "{process:?} {grid:?} {sampler:?} N={n}: {slope}"
            );
        }
    }
}

/// `ddpm` is a different process for every N, and piecewise smooth between its levels. Heun with the slopes of the
/// piece that it crosses is of second order there, and better than Euler.
#[test]
fn heun_keeps_its_order_on_the_levels_of_ddpm() {
    let error = |sampler: Sampler, n| {
        relative_error(&sampler.plan(Process::Ddpm(n), Grid::Default, n), 0.5).abs()
    };
    // Below 80 levels β has its published form only approximately.
    for n in [80, 160, 320] {
        let slope = (error(HEUN, n) / error(HEUN, 2 * n)).log2();
        println!("ddpm heun N={n}→{}: order {slope:.3}", 2 * n);
        assert!((slope - 2.0).abs() <= 0.25, "N={n}: {slope}");
        assert!(error(HEUN, n) < 0.1 * error(Sampler::Euler, n));
    }
}

/// 2M on `fm`, uniform t: the slopes 2.08–2.07 belong to a grid that stops just short of σ = 0 (here at 10⁻⁸). The
/// sampler ends on 0 with a first-order step. It is then far more accurate at these N and its error changes sign, so
/// it has no slope.
#[test]
fn dpmpp2m_on_flow_matching_is_of_second_order_and_lands_better_than_it_approaches() {
    let short = |n: u32| {
        let level = |i: u32| Process::Fm.level(1.0 - (1.0 - 1e-8) * f64::from(i) / f64::from(n));
        relative_error(
            &Sampler::Dpmpp2m.plan_on(Process::Fm, (0..=n).map(level).collect()),
            0.5,
        )
    };
    for n in [20, 40, 80] {
        let slope = (short(n) / short(2 * n)).log2();
        assert!((slope - 2.0).abs() <= 0.15, "N={n}: {slope}");
        let landed = relative_error(&Sampler::Dpmpp2m.plan(Process::Fm, Grid::UniformT, n), 0.5);
        assert!(landed.abs() < 0.15 * short(n).abs());
    }
}

/// Particles in the loop have the law that the closed recursion gives, within five standard errors of mean and
/// variance, for every sampler: the loop and the recursion check each other.
#[test]
fn every_sampler_has_its_closed_output_law_on_gaussian_data() {
    let (mean, sd, n) = (0.3, 0.5, 20_000);
    let law = Law::gaussian(mean, sd);
    let twice = Sampler::Pc {
        corrections: 2,
        tau: 0.25,
    };
    let samplers = || Sampler::ALL.iter().copied().chain([twice]);
    for process in Process::all(12) {
        for sampler in samplers() {
            let plan = sampler.plan(process, Grid::Default, 12);
            let exact = plan.moments_on_gaussian(mean, sd);
            let x = HostRun::new(&plan, &law, n, 5, false).finish();
            let (m, v) = metrics::mean_var(&x);
            let se_mean = (exact.variance / n as f64).sqrt();
            let se_var = exact.variance * (2.0 / n as f64).sqrt();
            assert!(
                (m - exact.mean).abs() < 5.0 * se_mean,
                "{process:?} {sampler:?}: mean {m} {exact:?}"
            );
            assert!(
                (v - exact.variance).abs() < 5.0 * se_var,
                "{process:?} {sampler:?}: var {v} {exact:?}"
            );
        }
    }
    let churn = Sampler::Heun(Churn {
        amount: 20.0,
        min: 0.05,
        max: 50.0,
        noise: 1.003,
    });
    for process in [Process::Edm, Process::Ve] {
        let plan = churn.plan(process, Grid::Default, 12);
        let exact = plan.moments_on_gaussian(mean, sd);
        let x = HostRun::new(&plan, &law, n, 5, false).finish();
        let (_, v) = metrics::mean_var(&x);
        assert!(plan.is_stochastic());
        assert!((v - exact.variance).abs() < 5.0 * exact.variance * (2.0 / n as f64).sqrt());
    }
}

/// Every sampler with many steps reaches the law of the data: the variance within 5 %, for second-order samplers
/// within 0.5 %. `langevin` reaches the noisy law at its level, with the stationary variance v/(1 − h/(2v)), h =
/// step·level².
#[test]
fn many_steps_recover_the_data_law() {
    let sd = 0.5;
    for process in Process::all(2000) {
        for sampler in Sampler::ALL.iter().filter(|s| !s.walks_at_one_level()) {
            // A correction adds an error of its own, which falls with τ.
            let sampler = match *sampler {
                Sampler::Pc { .. } => Sampler::Pc {
                    corrections: 1,
                    tau: 0.01,
                },
                other => other,
            };
            let plan = sampler.plan(process, Grid::Default, 2000);
            let end = plan.levels[2000];
            let truth = end.alpha * end.alpha * sd * sd + end.sigma * end.sigma;
            let got = plan.moments_on_gaussian(0.0, sd).variance;
            let second_order = sampler.order() == Some(2);
            let bound = if second_order { 0.005 } else { 0.05 };
            assert!(
                (got / truth - 1.0).abs() < bound,
                "{process:?} {sampler:?}: {got} {truth}"
            );
        }
    }
    let (level, step) = (0.1, 0.5);
    let plan = Sampler::Langevin { level, step }.plan(Process::Ve, Grid::Default, 2000);
    let v = sd * sd + level * level;
    let truth = v / (1.0 - step * level * level / (2.0 * v));
    assert!((plan.moments_on_gaussian(0.0, sd).variance / truth - 1.0).abs() < 1e-9);
}

/// With δ = τ the stationary variance of the corrector on N(0, v) is var/(1 − τ/2) if ε has unit variance, that is at
/// a level of pure noise.
#[test]
fn corrections_settle_at_their_closed_variance() {
    let tau = 0.25;
    let many = Sampler::Pc {
        corrections: 400,
        tau,
    }
    .plan(Process::Vp, Grid::Default, 1);
    // One DDIM step to t = 1e-3, then 400 corrections there on a law so wide that ε stays small …
    let end = many.levels[1];
    let sd = 0.0;
    // … and on a point mass: x = σz, ε = x/σ, x ← (1−τ)x + √(2τ)σz, variance σ²·2τ/(1−(1−τ)²).
    let got = many.moments_on_gaussian(0.0, sd).variance;
    let closed = end.sigma * end.sigma / (1.0 - tau / 2.0);
    assert!((got / closed - 1.0).abs() < 1e-9, "{got} {closed}");
}

/// Calls of the denoiser: one per step; Heun 2N − 1 if the grid ends at σ = 0; pc N(1+C) − C there, N(1+C) elsewhere.
#[test]
fn denoiser_calls_are_counted_as_stated() {
    let pc = Sampler::Pc {
        corrections: 3,
        tau: 0.25,
    };
    assert_eq!(Sampler::Ddim.plan(Process::Vp, Grid::Default, 10).nfe(), 10);
    assert_eq!(HEUN.plan(Process::Edm, Grid::Default, 18).nfe(), 35);
    assert_eq!(HEUN.plan(Process::Vp, Grid::Default, 18).nfe(), 36);
    assert_eq!(pc.plan(Process::Vp, Grid::Default, 10).nfe(), 40);
    assert_eq!(pc.plan(Process::Edm, Grid::Default, 10).nfe(), 37);
}

/// In one dimension the probability flow preserves quantiles: Heun with many steps moves the p-quantile of the start
/// to the p-quantile of the data, for every law.
#[test]
fn the_probability_flow_keeps_quantiles() {
    let laws = [
        Law::mixture(&[-1.0, 1.0], &[0.2, 0.3], &[0.4, 0.6]),
        Law::comb(3, 0.5),
    ];
    for law in laws {
        let plan = HEUN.plan(Process::Vp, Grid::Default, 2000);
        let (n, clean) = (40, plan.levels[2000]);
        let start = law.diffuse(&plan.levels[0]);
        let end = law.diffuse(&clean);
        let x = HostRun::new(&plan, &law, n, 0, true).finish();
        let x0 = HostRun::new(
            &Plan {
                stages: vec![],
                ..plan.clone()
            },
            &law,
            n,
            0,
            true,
        )
        .finish();
        for (x0, x) in x0.iter().zip(&x) {
            let p = start.cdf(*x0);
            assert!(
                (end.cdf(*x) - p).abs() < 5e-3,
                "{x0} → {x}: {} {p}",
                end.cdf(*x)
            );
        }
    }
}
