//! Films from the committed states against the numbers of independent code, without any network.

use super::{flow, mean};
use scorefield::dynamics::kolmogorov::{Parameters, Physics, Truth, UNIT, film};
use scorefield::metrics::{correlation, correlation_time, rms, rmse};
use scorefield::process::film::{GaussianFilm, Posterior};
use scorefield::rng::{Noise, Stream};
use std::rc::Rc;

const FRAMES: usize = 16;
const SIZE: usize = 1024;

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

#[test]
fn the_gaussian_posterior_mean_has_its_published_error() {
    let law = Rc::new(GaussianFilm::committed(FRAMES).unwrap());
    // Every second frame at every fourth pixel.
    let seen: Vec<usize> = (0..FRAMES / 2 * 64)
        .map(|i| i / 64 * 2 * SIZE + i % 64 / 8 * 4 * 32 + i % 8 * 4)
        .collect();
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
