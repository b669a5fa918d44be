//! Films from the committed states against the numbers of independent code, without any network.

use super::{flow, mean};
use scorefield::dynamics::kolmogorov::{Parameters, Physics, Truth, UNIT, film};
use scorefield::guide::{Guidance, Guided};
use scorefield::level::Level;
use scorefield::metrics::{correlation, correlation_time, rms, rmse};
use scorefield::observe::{Band, Observation, Operator};
use scorefield::process::film::{GaussianFilm, Posterior};
use scorefield::rng::{Noise, Stream};
use scorefield::sample::{HostRun, Sampler};
use scorefield::schedule::Process;
use std::rc::Rc;

const FRAMES: usize = 16;
const SIZE: usize = 1024;
/// Truths of the law that are sampled.
const CASES: u64 = 16;

/// The films of all 16 states, in units.
fn truths() -> Vec<Vec<f64>> {
    let solver = flow(|_| {});
    let of = |state: usize| {
        let start = Truth { state, symmetry: 0 }.on(solver.grid());
        let film = film(&solver, &start, FRAMES).unwrap();
        film.iter().map(|w| w / UNIT).collect()
    };
    (0..16).map(of).collect()
}

fn physics() -> Physics {
    Physics::new(Parameters::default(), UNIT).unwrap()
}

/// That the mean over truths is as published, where a truth varies by `deviation` around it.
fn near(what: &str, own: &[f64], published: f64, deviation: f64) {
    let four_errors = 4.0 * deviation / (own.len() as f64).sqrt();
    let own = mean(own);
    assert!(
        (own - published).abs() < four_errors,
        "{what}: {own}, not {published}"
    );
}

#[test]
fn the_truth_has_its_published_residual_and_defect() {
    let physics = physics();
    let (mut residuals, mut defects) = (vec![], vec![]);
    for truth in truths() {
        residuals.push(rms(&physics.residual(&truth)));
        defects.push(rms(physics.defects(&truth).values()));
    }
    near("residual", &residuals, 0.32, 0.06);
    near("defect", &defects, 5e-5, 3e-5);
}

#[test]
fn persistence_loses_the_truth_at_its_published_time() {
    let of = |truth: &Vec<f64>| {
        let r = truth
            .chunks_exact(SIZE)
            .map(|frame| correlation(&truth[..SIZE], frame));
        correlation_time(&r.collect::<Vec<_>>(), 0.2, 0.8).unwrap()
    };
    let times: Vec<f64> = truths().iter().map(of).collect();
    near("persistence", &times, 0.65, 0.15);
}

/// Every second frame at every fourth pixel.
fn seen() -> Vec<usize> {
    (0..FRAMES / 2 * 64)
        .map(|i| i / 64 * 2 * SIZE + i % 64 / 8 * 4 * 32 + i % 8 * 4)
        .collect()
}

#[test]
fn the_gaussian_posterior_mean_has_its_published_error() {
    let law = Rc::new(GaussianFilm::committed(FRAMES).unwrap());
    let seen = seen();
    let posterior = Posterior::new(law.clone(), seen.clone(), 0.1).unwrap();
    let m = law.mean_field().repeat(FRAMES);
    let (physics, mut residuals) = (physics(), vec![]);
    let (mut errors, mut of_mean) = (vec![], vec![]);
    for (case, truth) in truths().iter().enumerate() {
        let mut z = vec![0.0; seen.len()];
        Noise::new(case as u64).normals(Stream::Observation, 0, 0, &mut z);
        let y: Vec<f64> = seen
            .iter()
            .zip(&z)
            .map(|(at, z)| truth[*at] + 0.1 * z)
            .collect();
        let own = posterior.mean(&y);
        errors.push(rmse(&own, truth));
        of_mean.push(rmse(&m, truth));
        residuals.push(rms(&physics.residual(&own)));
    }
    near("posterior mean", &errors, 0.666, 0.05);
    near("mean field", &of_mean, 0.909, 0.06);
    near("residual of the posterior mean", &residuals, 1.33, 0.2);
}

/// 32 steps of the predictor–corrector, σ from 30 to .02 (Karras, ρ = 7) and then 0.
fn levels() -> Vec<Level> {
    let [high, low] = [30.0_f64, 0.02].map(|sigma| sigma.powf(1.0 / 7.0));
    let sigma = |i: u32| (high + (low - high) * f64::from(i) / 31.0).powi(7);
    let sigmas = (0..32).map(sigma).chain([0.0]);
    sigmas
        .enumerate()
        .map(|(i, sigma)| Level {
            t: 1.0 - i as f64 / 32.0,
            alpha: 1.0,
            sigma,
        })
        .collect()
}

/// A posterior sample of a Gaussian truth is as far from the posterior mean as the truth is, and independent of it.
#[test]
fn a_guided_sample_of_the_whole_law_is_root_two_as_far_as_its_posterior_mean() {
    let law = Rc::new(GaussianFilm::committed(FRAMES).unwrap());
    let seen = seen();
    let posterior = Posterior::new(law.clone(), seen.clone(), 0.1).unwrap();
    let sampler = Sampler::Pc {
        corrections: 1,
        tau: 0.5,
    };
    let plan = sampler.plan_on(Process::Edm, levels());
    assert_eq!(plan.nfe(), 63);
    // Few large waves carry most of an error, so a case varies by 6 %.
    let cases: Vec<[f64; 2]> = (0..CASES)
        .map(|case| {
            let (mut truth, mut z) = (vec![0.0; law.dim()], vec![0.0; seen.len()]);
            let noise = Noise::new(case);
            law.sample(&noise, Stream::Truth, 0, 0, &mut truth);
            noise.normals(Stream::Observation, 0, 0, &mut z);
            let y: Vec<f64> = seen
                .iter()
                .zip(&z)
                .map(|(at, z)| truth[*at] + 0.1 * z)
                .collect();
            let operator = Operator::slice(law.dim(), &seen).unwrap();
            let noise = Band::isotropic(seen.len(), 0.01);
            let observation = Observation::new(operator, &noise, y.clone()).unwrap();
            let rule = Guidance::Sda { gamma: 0.01 };
            let guided = Guided::new(law.clone(), observation, rule).unwrap();
            let sample = HostRun::in_space(&plan, &guided, 1, law.dim(), case).finish();
            guided.check().unwrap();
            [sample, posterior.mean(&y)].map(|x| rmse(&x, &truth).powi(2))
        })
        .collect();
    let square = |which: usize| cases.iter().map(|case| case[which]).sum::<f64>();
    let ratio = (square(0) / square(1)).sqrt();
    assert!(
        (ratio / 2.0_f64.sqrt() - 1.0).abs() < 0.03,
        "{ratio}: {cases:?}"
    );
}
