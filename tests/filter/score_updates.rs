//! One update of 500 members by each score-based method, P = 1, R = .5, y = 1.2, and one of two modes, against numbers of
//! independent code.

use crate::ensf::moments;
use crate::run::update;
use crate::updates::normals;
use scorefield::dynamics::ModelKind;
use scorefield::filter::ssls::Prior;
use scorefield::filter::{Ensemble, Method, Operator, Sensor, Settings};

const LINE: ModelKind = ModelKind::Static { states: 1 };

fn one_update(settings: &Settings, seed: u64) -> Ensemble {
    let y = Sensor::new(Operator::Identity, vec![0], 0.5f64.sqrt(), 1)
        .unwrap()
        .given(vec![1.2])
        .unwrap();
    update(Method::Ssls, settings, LINE, normals(seed, 500), &y, seed)
}

/// The posterior is N(.8, 1/3). The known values have a standard error of .006.
#[test]
fn one_update_has_the_moments_of_each_prior() {
    for (prior, steps, seeds, mean, var) in [
        (Prior::Gauss, 20, 40, 0.802, 0.332),
        (Prior::Ism, 30, 40, 0.77, 0.33),
        (Prior::Ism, 100, 40, 0.80, 0.33),
        (Prior::Kde, 50, 20, 0.776, 0.339),
        (Prior::Dsm, 50, 6, 0.807, 0.352),
    ] {
        let mut settings = Settings::of(LINE, Method::Ssls).with_prior(LINE, prior);
        settings.ssls.steps = steps;
        let own = moments(0..seeds, |seed| one_update(&settings, seed));
        println!("{prior:?} {steps}: {own:?}, {mean} {var}");
        for (own, known) in own.into_iter().zip([mean, var]) {
            let band = 3.0 * (own.1 * own.1 + 0.006 * 0.006).sqrt();
            assert!((own.0 - known).abs() < band, "{prior:?}: {own:?} {known}");
        }
    }
}
