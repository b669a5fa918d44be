//! The sampler with the Gaussian score, whose posterior is known.

use super::{number, run};
use scorefield::denoise::Differentiable;
use scorefield::guide::{Composed, Evaluation, Guidance};
use scorefield::metrics::rmse;
use scorefield::observe::{Band, Observation, Operator};
use scorefield::process::Fold;
use scorefield::process::film::{GaussianFilm, Posterior};
use scorefield::rng::{Noise, Stream};
use scorefield::sample::{Executor, HostState, Sampler};
use scorefield::schedule::{Process, karras};
use std::rc::Rc;

const FRAMES: usize = 16;
const R: f64 = 0.1;

/// The squared errors of a sample and of the posterior mean, for one truth of the law.
fn errors(case: u64, width: usize) -> [f64; 2] {
    let law = Rc::new(GaussianFilm::committed(FRAMES).unwrap());
    let mut truth = vec![0.0; law.dim()];
    law.sample(&Noise::new(case), Stream::Truth, 0, 0, &mut truth);
    let seen: Vec<usize> = (0..FRAMES)
        .step_by(2)
        .flat_map(|i| (0..64).map(move |k| i * 1024 + k / 8 * 128 + k % 8 * 4))
        .collect();
    let mut z = vec![0.0; seen.len()];
    Noise::new(case).normals(Stream::Observation, 0, 0, &mut z);
    let y: Vec<f64> = seen
        .iter()
        .zip(&z)
        .map(|(k, z)| truth[*k] + R * z)
        .collect();
    let posterior = Posterior::new(law.clone(), seen.clone(), R).unwrap();
    let window: Rc<dyn Differentiable> = match width {
        FRAMES => law.clone(),
        _ => Rc::new(GaussianFilm::committed(width).unwrap()),
    };
    let fold = Fold {
        length: FRAMES,
        width,
        states: 1024,
    };
    let operator = Operator::slice(law.dim(), &seen).unwrap();
    let noise = Band::isotropic(seen.len(), R * R);
    let observation = Observation::new(operator, &noise, y.clone()).unwrap();
    let composed = Composed::new(fold, window)
        .observing(observation, Guidance::Sda { gamma: 0.01 })
        .unwrap();
    let sampler = Sampler::Pc {
        corrections: 1,
        tau: 0.5,
    };
    let plan = sampler.plan_on(Process::Edm, karras([30.0, 0.02], 32));
    let mut state = HostState::new(&plan, 1, law.dim(), case, false);
    for stage in &plan.stages {
        let mut own = Evaluation::new(law.dim());
        let level = stage.level.as_ref().unwrap();
        assert!(
            own.advance(&composed, level, state.newest(), &mut i64::MAX.clone())
                .unwrap()
        );
        state.advance_with(&plan, own.x_hat());
    }
    [state.x(), &posterior.mean(&y)].map(|film| rmse(film, &truth).powi(2))
}

/// RMSE of samples over that of the posterior mean, over 16 truths of the law.
fn ratio(width: usize) -> f64 {
    let all: Vec<_> = (0..16).map(|case| errors(case, width)).collect();
    let sum = |k: usize| all.iter().map(|own| own[k]).sum::<f64>();
    (sum(0) / sum(1)).sqrt()
}

/// Truth and sample are two draws of one posterior: their distance is √2 times that from the mean.
#[test]
fn a_sample_of_the_whole_film_is_root_two_times_as_far_as_the_mean() {
    let ratio = ratio(FRAMES);
    assert!((ratio / 2f64.sqrt() - 1.0).abs() < 0.03, "{ratio}");
}

/// Windows of five frames forget what is further away, and the samples are too near the observations for it.
#[test]
fn folded_windows_have_the_published_ratio() {
    let ratio = ratio(5);
    assert!((ratio - 1.353).abs() < 0.03, "{ratio}");
}

/// Real truths: the folded sample over the posterior mean, eight truths (published for four others: 1.336; RMSE .666).
#[test]
fn assimilation_of_real_truths_has_the_published_errors() {
    let cases = 8;
    let (mut sample, mut mean) = (0.0, 0.0);
    for case in 0..cases {
        let link = format!("lab=turbulence&truth-seed={case}&y-seed={case}&seed={case}");
        let own = run(&format!("{link}&score=gaussian"));
        sample += number(own.as_ref(), "rmse") / f64::from(cases);
        let exact = run(&format!("{link}&method=posterior"));
        mean += number(exact.as_ref(), "rmse") / f64::from(cases);
    }
    assert!((mean - 0.666).abs() < 0.04, "{mean}");
    assert!((sample / mean - 1.336).abs() < 0.06, "{sample} {mean}");
}
