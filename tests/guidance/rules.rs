//! Each rule against its formula, and where rules agree with each other or with none.

use super::gaussian::{Affine, Matrix};
use super::space::{FIVE, RULES, chain, dense, distance, guided, levels, normals};
use super::x_hat;
use scorefield::guide::{Guidance, Weight};
use scorefield::level::Level;
use scorefield::observe::{Band, Observation, Operator};
use scorefield::sample::{HostRun, Sampler};
use scorefield::schedule::Process;

/// Every rule, linear or saturating, against its formula with dense matrices.
#[test]
fn every_rule_is_its_formula() {
    let linear = Operator::linear(FIVE, &[1.0], &[0, 2, 3]).unwrap();
    let saturating = Operator::saturating(FIVE, &[0.7], &[0, 2, 3]).unwrap();
    let x = normals(5);
    for operator in [linear, saturating] {
        let r = Band::diagonal(&[0.25, 0.5, 0.1]);
        let seen = Observation::new(operator.clone(), &r, vec![0.6, -0.3, 0.4]).unwrap();
        for level in levels() {
            let affine = chain().affine(&level);
            let plain = x_hat(&chain(), &level, &x);
            let (rows, r) = dense(&seen, &plain);
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let mut left = vec![0.0; 3];
            seen.residual(&plain, &mut left);
            let s2 = level.ratio() * level.ratio();
            let round = |keep: f64, scale: f64| {
                Matrix::of(3, |i, j| keep * r.0[i][j] + scale * dot(&rows[i], &rows[j]))
                    .inverse()
                    .times(&left)
            };
            let norm = dot(&left, &left).sqrt();
            let tweedie = Matrix::of(3, |i, j| {
                r.0[i][j]
                    + level.sigma * level.ratio() * dot(&rows[i], &affine.jacobian.times(&rows[j]))
            });
            for rule in RULES {
                let weights = match rule {
                    Guidance::None => vec![0.0; 3],
                    Guidance::Dps { zeta } => left.iter().map(|r| zeta * r / norm).collect(),
                    Guidance::Diagonal => round(1.0, s2),
                    Guidance::Finzi { strength } => round(0.0, s2 / strength),
                    Guidance::Lambda { lambda } => round(1.0, (1.0 + lambda) * s2),
                    Guidance::Sda { gamma } => round(1.0, gamma * s2),
                    Guidance::Pigdm => round(1.0, s2 / (1.0 + s2)),
                    Guidance::Exact => tweedie.inverse().times(&left),
                    Guidance::Replace => continue,
                };
                let back: Vec<f64> = (0..5)
                    .map(|k| (0..3).map(|i| rows[i][k] * weights[i]).sum())
                    .collect();
                let pulled = affine.jacobian.transposed().times(&back);
                let expected: Vec<f64> = plain
                    .iter()
                    .zip(pulled)
                    .map(|(x, p)| x + level.sigma * level.ratio() * p)
                    .collect();
                let got = x_hat(&guided(chain(), &seen, rule), &level, &x);
                let size = expected.iter().fold(1.0, |m: f64, e| m.max(e.abs()));
                assert!(
                    distance(&got, &expected) < 1e-9 * size,
                    "{rule:?} {level:?}"
                );
            }
        }
    }
}

/// −(y_t − αy)/σ² on the observed coordinates, the prior's score on the others.
#[test]
fn replace_has_the_closed_score_of_the_observed() {
    let seen = Observation::new(
        Operator::slice(5, &[1, 4]).unwrap(),
        &Band::isotropic(2, 0.25),
        vec![0.6, -0.3],
    )
    .unwrap();
    let x = normals(10);
    for level in levels() {
        let plain = x_hat(&chain(), &level, &x);
        let got = x_hat(&guided(chain(), &seen, Guidance::Replace), &level, &x);
        for k in 0..10 {
            let score = level.score_from_x_hat(x[k], got[k]);
            let expected = match k % 5 {
                1 => -(x[k] - level.alpha * 0.6) / level.sigma.powi(2),
                4 => -(x[k] + level.alpha * 0.3) / level.sigma.powi(2),
                _ => level.score_from_x_hat(x[k], plain[k]),
            };
            assert!((score - expected).abs() < 1e-9 * (1.0 + expected.abs()));
        }
    }
}

/// On the same levels σ/α, from the same start in units of α, `ddim` walks the same way in every process.
#[test]
fn all_rules_see_the_ratio_of_noise_to_data_only() {
    let ratios: Vec<f64> = (0..=40)
        .map(|i| 0.02 * 1000f64.powf(1.0 - f64::from(i) / 40.0))
        .collect();
    let seen = Observation::new(
        Operator::slice(5, &[0, 3]).unwrap(),
        &Band::isotropic(2, 0.25),
        vec![1.5, -0.5],
    )
    .unwrap();
    for rule in RULES {
        let end = |process: Process| -> Vec<f64> {
            let level = |s: &f64| {
                // The time is exact to rounding only, so the ratio itself is used.
                let l = process.level(process.time_at_ratio(*s));
                Level {
                    sigma: s * l.alpha,
                    ..l
                }
            };
            let plan = Sampler::Ddim.plan_on(process, ratios.iter().map(level).collect());
            let mut plan = plan;
            plan.start = ratios[0] * plan.levels[0].alpha;
            let guided = guided(chain(), &seen, rule);
            let x = HostRun::in_space(&plan, &guided, 20, 5, 1).finish();
            guided.check().unwrap();
            x.iter().map(|x| x / plan.levels[40].alpha).collect()
        };
        let vp = end(Process::Vp);
        for process in [Process::Ve, Process::Fm] {
            let apart = distance(&vp, &end(process));
            println!("{rule:?} {process:?}: {apart:e}");
            assert!(apart < 1e-10, "{rule:?} {process:?}: {apart:e}");
        }
    }
}

/// A denoiser with an asymmetric Jacobian tells the product with Jᵀ from that with J.
#[test]
fn the_gradient_takes_the_transpose_of_the_jacobian() {
    let jacobian = Matrix(vec![vec![0.5, 0.4], vec![0.1, 0.6]]);
    let level = Level {
        t: 0.5,
        alpha: 0.8,
        sigma: 0.6,
    };
    let seen = Observation::new(
        Operator::slice(2, &[0]).unwrap(),
        &Band::isotropic(1, 0.25),
        vec![1.0],
    )
    .unwrap();
    let prior = || Affine {
        offset: vec![0.0; 2],
        jacobian: jacobian.clone(),
    };
    let x = [0.3, -0.2];
    let plain = x_hat(&prior(), &level, &x);
    for (rule, v) in [
        (Guidance::Diagonal, 0.25 + 0.36 / 0.64),
        (Guidance::Exact, 0.25 + 0.36 / 0.8 * 0.5),
    ] {
        let got = x_hat(&guided(prior(), &seen, rule), &level, &x);
        let weight = 0.36 / 0.8 * (1.0 - plain[0]) / v;
        let expected = [plain[0] + 0.5 * weight, plain[1] + 0.4 * weight];
        assert!(
            distance(&got, &expected) < 1e-12,
            "{rule:?}: {got:?} {expected:?}"
        );
    }
}

/// Conjugate gradients end after one iteration where the preconditioner is V, after as many as V has other eigenvalues
/// else; a covariance that is none has no number.
#[test]
fn a_trial_counts_the_iterations_of_exact() {
    let level = Level {
        t: 0.5,
        alpha: 0.8,
        sigma: 0.6,
    };
    let operator = Operator::slice(3, &[0, 1, 2]).unwrap();
    let seen = Observation::new(operator, &Band::isotropic(3, 0.01), vec![1.0, 0.5, -1.0]).unwrap();
    let trial = |jacobian: [f64; 3]| {
        let jacobian = Matrix::of(3, |i, j| if i == j { jacobian[i] } else { 0.0 });
        let prior = Affine {
            offset: vec![0.0; 3],
            jacobian,
        };
        guided(prior, &seen, Guidance::Exact).iterations(&level, 1e-9)
    };
    // The preconditioner is exact for the prior N(0, 1), whose J is α/(α² + σ²).
    assert_eq!(trial([0.8; 3]), Some(1));
    assert_eq!(trial([0.8, 0.8, 0.2]), Some(2));
    assert_eq!(trial([0.8, 0.5, 0.2]), Some(3));
    assert_eq!(trial([0.8, 0.5, -0.2]), None);
}

/// A rule as data is the rule: V of the round ones at a level, and nothing where there is no noise.
#[test]
fn a_rule_as_data_is_the_rule() {
    let level = Level {
        t: 0.5,
        alpha: 0.8,
        sigma: 0.6,
    };
    let seen = Observation::new(
        Operator::slice(2, &[0]).unwrap(),
        &Band::isotropic(1, 0.25),
        vec![1.0],
    )
    .unwrap();
    let jacobian = Matrix::of(2, |i, j| if i == j { 0.5 } else { 0.1 });
    let x = [0.3, -0.2];
    for rule in [
        Guidance::Diagonal,
        Guidance::Finzi { strength: 2.0 },
        Guidance::Lambda { lambda: -0.5 },
        Guidance::Sda { gamma: 0.1 },
        Guidance::Pigdm,
    ] {
        let prior = Affine {
            offset: vec![0.0; 2],
            jacobian: jacobian.clone(),
        };
        let plain = x_hat(&prior, &level, &x);
        let guided = guided(prior, &seen, rule);
        let Weight::Round { keep, scale } = guided.weight(&level) else {
            panic!("{rule:?} is round");
        };
        let weight = 0.36 / 0.8 * (1.0 - plain[0]) / (keep * 0.25 + scale);
        let expected = [plain[0] + 0.5 * weight, plain[1] + 0.1 * weight];
        let got = x_hat(&guided, &level, &x);
        assert!(distance(&got, &expected) < 1e-12, "{rule:?}");
        let clean = Level {
            sigma: 0.0,
            ..level
        };
        assert_eq!(guided.weight(&clean), Weight::None);
    }
}
