//! Langevin steps and the scores of the prior, against closed forms.

use crate::ensf::{moments, standard};
use crate::run::update;
use scorefield::dynamics::ModelKind;
use scorefield::filter::ssls::ism::Polynomial;
use scorefield::filter::ssls::{Kind, Prior};
use scorefield::filter::{Ensemble, Method, Operator, Sensor, Settings};

const LINE: ModelKind = ModelKind::Static { states: 1 };

/// One update of members whose mean is 0 and variance 1 exactly, with R = .5 and y = 1.2.
fn one_update(settings: &Settings, n: usize, seed: u64) -> Ensemble {
    let y = Sensor::new(Operator::Identity, vec![0], 0.5f64.sqrt(), 1)
        .unwrap()
        .given(vec![1.2])
        .unwrap();
    update(Method::Ssls, settings, LINE, standard(seed, n), &y, seed)
}

/// From P = 1 to P_a = 1/3: P_a + (P − P_a)(1 − h)^{2S} by default; v ← (1 − h)²v + 2hP_a of the unadjusted steps, with the
/// limit P_a/(1 − h/2).
#[test]
fn langevin_steps_reach_their_variance() {
    let exact = 1.0 / 3.0;
    let known = |kind: Kind, h: f64, steps: i32| {
        let limit = match kind {
            Kind::Ou => exact,
            Kind::Ula => exact / (1.0 - h / 2.0),
        };
        limit + (1.0 - limit) * (1.0 - h).powi(2 * steps)
    };
    for (value, stated) in [
        (known(Kind::Ula, 0.1, 100_000), 0.350877),
        (known(Kind::Ula, 0.5, 100_000), 0.444444),
        (known(Kind::Ula, 0.1, 10), 0.429795),
        (known(Kind::Ula, 0.5, 10), 0.444445),
    ] {
        assert!((value - stated).abs() < 1e-6, "{value} {stated}");
    }
    for (kind, h, steps) in [
        (Kind::Ou, 0.1, 4),
        (Kind::Ou, 0.2, 20),
        (Kind::Ula, 0.1, 10),
        (Kind::Ula, 0.5, 10),
    ] {
        let mut settings = Settings::of(LINE, Method::Ssls).with_prior(LINE, Prior::Gauss);
        settings.ssls.langevin = kind;
        settings.ssls.step = h;
        settings.ssls.steps = steps as usize;
        let own = moments(0..40, |seed| one_update(&settings, 5000, seed));
        let mean = 0.8 * (1.0 - (1.0 - h).powi(steps));
        let var = known(kind, h, steps);
        println!("{kind:?} {h} {steps}: {own:?}, {mean} {var}");
        assert!((own[0].0 - mean).abs() < 3.0 * own[0].1, "{own:?} {mean}");
        assert!((own[1].0 - var).abs() < 3.0 * own[1].1, "{own:?} {var}");
    }
}

/// With h = 1 one step draws from the posterior of a normal prior.
#[test]
fn the_normal_prior_is_exact_at_any_step() {
    let mut settings = Settings::of(LINE, Method::Ssls).with_prior(LINE, Prior::Gauss);
    (settings.ssls.step, settings.ssls.steps) = (1.0, 1);
    let own = moments(0..40, |seed| one_update(&settings, 5000, seed));
    assert!((own[0].0 - 0.8).abs() < 3.0 * own[0].1, "{own:?}");
    assert!((own[1].0 - 1.0 / 3.0).abs() < 3.0 * own[1].1, "{own:?}");
}

/// The density of the double well with c = 1, s = .5 is proportional to exp(4x² − 2x⁴), a polynomial of degree 4.
#[test]
fn implicit_matching_finds_the_double_wells_density() {
    let mut polynomial = Polynomial::new(1);
    for i in -3000..=3000 {
        let x = f64::from(i) * 1e-3;
        polynomial.add(&[x], (4.0 * x * x - 2.0 * x.powi(4)).exp());
    }
    assert!(polynomial.solve(0.0));
    for (own, known) in polynomial.theta().iter().zip([0.0, 4.0, 0.0, -2.0]) {
        assert!((own - known).abs() < 1e-6, "{:?}", polynomial.theta());
    }
}
