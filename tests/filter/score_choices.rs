//! Numbers and choices of the score-based methods that do not go together are refused with a remedy.

use crate::run::{Setup, finish};
use scorefield::dynamics::{Flow, Initial, ModelKind};
use scorefield::filter::ensf::{Likelihood, Numbers, Pairing};
use scorefield::filter::ssls::{self, Prior, Start};
use scorefield::filter::{Method, Settings};
use scorefield::rng::Noise;
use scorefield::word::Words;

const WELLS: ModelKind = ModelKind::DoubleWell {
    wells: 1.0,
    noise: 0.5,
};
const CIRCLE: ModelKind = ModelKind::Lorenz96 {
    states: 40,
    forcing: 8.0,
};

fn refused(kind: ModelKind, method: Method, settings: &Settings) -> String {
    method
        .filter(
            settings,
            Flow::standard(kind).unwrap(),
            &kind.initial().unwrap(),
            Noise::new(1),
        )
        .unwrap_err()
        .to_string()
}

#[test]
fn langevin_numbers_that_do_not_fit_are_refused() {
    let change = |kind: ModelKind, prior: Prior, change: &dyn Fn(&mut Settings)| {
        let mut settings = Settings::of(kind, Method::Ssls).with_prior(kind, prior);
        change(&mut settings);
        refused(kind, Method::Ssls, &settings)
    };
    for (error, parts) in [
        (
            change(WELLS, Prior::Kde, &|s| s.ssls.anneal = 51),
            ["anneal=51", "1 to 50"],
        ),
        (
            change(WELLS, Prior::Kde, &|s| s.ssls.steps = 9),
            ["10 levels", "more langevin-steps"],
        ),
        (
            change(WELLS, Prior::Kde, &|s| s.ssls.bandwidth = 0.05),
            ["bandwidth=0.05", "0.1 to 2"],
        ),
        (
            change(WELLS, Prior::Gauss, &|s| s.ssls.step = 1.1),
            ["langevin-step=1.1", "0.001 to 1"],
        ),
        (
            change(WELLS, Prior::Gauss, &|s| s.ssls.steps = 501),
            ["langevin-steps=501", "1 to 500"],
        ),
        (
            change(WELLS, Prior::Gauss, &|s| s.locality = 5.0),
            ["not places", "locality=0"],
        ),
        (
            change(WELLS, Prior::Ism, &|s| s.n = 4),
            ["n=4", "5 to 100000"],
        ),
        (
            change(CIRCLE, Prior::Ism, &|_| {}),
            ["up to 10 coordinates", "prior=gauss"],
        ),
        (
            change(CIRCLE, Prior::Dsm, &|_| {}),
            ["up to 3 coordinates", "prior=gauss"],
        ),
        (
            change(CIRCLE, Prior::Kde, &|s| s.locality = 5.0),
            ["no covariance to localise", "locality=0"],
        ),
    ] {
        assert!(parts.iter().all(|p| error.contains(p)), "{error}");
    }
}

#[test]
fn diffusion_numbers_that_do_not_fit_are_refused() {
    let change = |change: &dyn Fn(&mut Numbers)| {
        let mut settings = Settings::of(WELLS, Method::Ensf);
        change(&mut settings.ensf);
        refused(WELLS, Method::Ensf, &settings)
    };
    for (error, parts) in [
        (change(&|s| s.eps_a = 0.0), ["eps-a=0", "0.001 to 0.99"]),
        (change(&|s| s.eps_b = 1.5), ["eps-b=1.5", "0.001 to 1"]),
        (change(&|s| s.steps = 1), ["steps=1", "2 to 1000"]),
        (
            change(&|s| (s.pairing, s.likelihood) = (Pairing::Own, Likelihood::Exact)),
            ["likelihood=exact", "pairing=full"],
        ),
    ] {
        assert!(parts.iter().all(|p| error.contains(p)), "{error}");
    }
}

/// Members that are all the same say nothing of the prior.
#[test]
fn collapsed_members_are_said_so_with_the_cycle() {
    let kind = ModelKind::Lorenz63;
    let setup = Setup::of(kind, 1, 0);
    let point = Initial::normal(vec![1.5, -1.5, 25.0], 0.0).unwrap();
    for method in [Method::Ssls, Method::Ensf] {
        let settings = Settings::of(kind, method);
        let mut filter = method
            .filter(
                &settings,
                Flow::standard(kind).unwrap(),
                &point,
                Noise::new(1),
            )
            .unwrap();
        filter.begin_forecast(3);
        finish(&mut *filter).unwrap();
        let y = setup.sensor.given(vec![1.0; 3]).unwrap();
        filter.begin_analysis(&y).unwrap();
        let error = finish(&mut *filter).unwrap_err().to_string();
        assert!(error.starts_with("Cycle 3:"), "{error}");
        assert!(
            error.contains("collapsed") && error.contains("more members"),
            "{error}"
        );
    }
}

/// The defaults that the reference of links states.
#[test]
fn defaults_follow_model_prior_and_operator() {
    let of = |kind| Settings::of(kind, Method::Ssls);
    assert_eq!(of(WELLS).ssls.prior, Prior::Kde);
    assert_eq!(
        of(ModelKind::Static { states: 10 }).ssls.prior,
        Prior::Gauss
    );
    let lorenz63 = of(ModelKind::Lorenz63).ssls;
    assert_eq!(
        (
            lorenz63.prior,
            lorenz63.start,
            lorenz63.anneal,
            lorenz63.steps
        ),
        (Prior::Kde, Start::Weighted, 1, 10)
    );
    let circle = of(CIRCLE);
    assert_eq!(
        (circle.ssls.prior, circle.inflation, circle.locality),
        (Prior::Gauss, 1.02, 10.0)
    );
    let kernels = circle.with_prior(CIRCLE, Prior::Kde);
    assert_eq!((kernels.inflation, kernels.locality), (1.0, 0.0));
    let through_arctan = Numbers::of(CIRCLE, true);
    assert_eq!((through_arctan.eps_b, through_arctan.steps), (0.1, 100));
    assert_eq!(Numbers::of(CIRCLE, false).eps_b, 0.5);
    assert_eq!(Numbers::of(WELLS, true), Numbers::of(WELLS, false));
    // Every prior of every model that it fits runs.
    for &kind in ModelKind::ALL {
        for &prior in Prior::ALL {
            let numbers = ssls::Numbers::of(kind, prior);
            if numbers.check(kind.dim(), false).is_err() {
                continue;
            }
            let mut settings = of(kind).with_prior(kind, prior);
            settings.n = 70;
            Setup::of(kind, 2, 0)
                .walk(Method::Ssls, &settings, 1, |_, _| {})
                .unwrap();
        }
    }
}
