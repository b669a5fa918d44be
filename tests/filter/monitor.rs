//! A filter that has lost the truth says so.

use crate::run::{Setup, finish};
use scorefield::dynamics::{Flow, Initial, ModelKind};
use scorefield::filter::{Method, Monitor, Notice, Operator, Sensor, Settings, Truth};
use scorefield::rng::Noise;

const CIRCLE: ModelKind = ModelKind::Lorenz96 {
    states: 40,
    forcing: 8.0,
};

/// The notice of a run.
fn notice(setup: &Setup, method: Method, settings: &Settings, seed: u64) -> Option<Notice> {
    let mut truth = Truth::new(
        (setup.truth)(setup.kind),
        &setup.initial,
        Noise::new(seed + 1000),
    );
    let mut filter = method
        .filter(
            settings,
            (setup.flow)(setup.kind),
            &setup.initial,
            Noise::new(seed),
        )
        .unwrap();
    let mut monitor = Monitor::new(method, setup.kind);
    for cycle in 1..=setup.cycles {
        truth.advance().unwrap();
        let y = truth.observe(&setup.sensor);
        filter.begin_forecast(cycle);
        finish(&mut *filter).unwrap();
        monitor.forecast(&*filter, &y);
        filter.begin_analysis(&y).unwrap();
        finish(&mut *filter).unwrap();
        monitor.analysis(&*filter, cycle);
    }
    monitor.notice().cloned()
}

#[test]
fn a_lost_filter_is_noticed_and_a_good_one_is_not() {
    let lorenz63 = Setup::of(ModelKind::Lorenz63, 1000, 0);
    let settings = Settings {
        n: 800,
        ..Settings::of(ModelKind::Lorenz63, Method::Pf)
    };
    // The run of the benchmark that loses the truth at cycle 461.
    let lost = notice(&lorenz63, Method::Pf, &settings, 2).unwrap();
    assert!((461..490).contains(&lost.cycle), "{lost:?}");
    assert!(
        lost.reason.contains("lost the truth") && lost.remedy.contains("more members"),
        "{lost:?}"
    );
    for seed in 3..6 {
        assert_eq!(notice(&lorenz63, Method::Pf, &settings, seed), None);
    }
    let circle = Setup::of(CIRCLE, 400, 0);
    let run = |method, n, seed| {
        let settings = Settings {
            n,
            ..Settings::of(CIRCLE, method)
        };
        notice(&circle, method, &settings, seed)
    };
    let lost = run(Method::Enkf, 20, 1).unwrap();
    assert!(lost.remedy.contains("locality"), "{lost:?}");
    assert_eq!(run(Method::Letkf, 20, 1), None);
    assert_eq!(run(Method::Enkf, 40, 1), None);
    for kind in [
        ModelKind::Ar1,
        ModelKind::Spiral,
        ModelKind::DoubleWell {
            wells: 1.0,
            noise: 0.5,
        },
    ] {
        let setup = Setup::of(kind, 500, 0);
        for method in [Method::Exact, Method::Enkf, Method::Etkf, Method::Pf] {
            for seed in 0..3 {
                assert_eq!(
                    notice(&setup, method, &Settings::of(kind, method), seed),
                    None,
                    "{kind:?} {method:?}"
                );
            }
        }
    }
}

#[test]
fn a_collapse_is_noticed() {
    let mut circle = Setup::of(CIRCLE, 60, 0);
    circle.sensor = Sensor::new(Operator::Identity, (0..40).collect(), 0.5, 40).unwrap();
    circle.initial = Initial::normal(vec![3.0; 40], 1.0).unwrap();
    // Without resampling the weights multiply.
    let settings = Settings {
        resample: 0.0,
        ..Settings::of(CIRCLE, Method::Pf)
    };
    let weights = notice(&circle, Method::Pf, &settings, 1).unwrap();
    assert!(weights.reason.contains("weights collapsed"), "{weights:?}");
    // Without jitter and noise, resampling leaves copies of one member in the end.
    let kind = ModelKind::Static { states: 1 };
    let settings = Settings {
        n: 20,
        jitter: 0.0,
        resample: 1.0,
        ..Settings::of(kind, Method::Pf)
    };
    let equal = notice(&Setup::of(kind, 2000, 0), Method::Pf, &settings, 1).unwrap();
    assert!(
        equal.reason.contains("all members are equal") && equal.remedy.contains("jitter"),
        "{equal:?}"
    );
}

/// The truth has more noise than the model of the filter.
#[test]
fn the_exact_filter_of_a_wrong_model_is_noticed() {
    let kind = ModelKind::Ar1;
    let mut setup = Setup::of(kind, 60, 0);
    let settings = Settings::of(kind, Method::Exact);
    assert_eq!(notice(&setup, Method::Exact, &settings, 1), None);
    setup.truth = |kind| Flow::new(kind, 5.0, 1.0, 1.0).unwrap();
    let found = notice(&setup, Method::Exact, &settings, 1).unwrap();
    assert!(found.remedy.contains("truth."), "{found:?}");
}
