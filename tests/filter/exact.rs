//! Exact filters: the Kalman filter and the grid filter.

use crate::run::{Setup, finish};
use scorefield::dynamics::{Flow, Initial, ModelKind};
use scorefield::filter::{Density, Filter, Method, Operator, Sensor, Settings};
use scorefield::rng::Noise;

#[test]
fn kalman_has_the_steady_state_of_the_autoregressive_process() {
    let settings = Settings::of(ModelKind::Ar1, Method::Exact);
    let initial = ModelKind::Ar1.initial().unwrap();
    let mut filter = Method::Exact
        .filter(
            &settings,
            Flow::standard(ModelKind::Ar1).unwrap(),
            &initial,
            Noise::new(1),
        )
        .unwrap();
    let y = Sensor::new(Operator::Identity, vec![0], 0.5, 1)
        .unwrap()
        .given(vec![0.3])
        .unwrap();
    let mut forecast = 0.0;
    for cycle in 1..100 {
        filter.begin_forecast(cycle);
        finish(&mut *filter).unwrap();
        forecast = filter.estimate().variance[0];
        filter.begin_analysis(&y).unwrap();
        finish(&mut *filter).unwrap();
    }
    let analysis = filter.estimate().variance[0];
    assert!((forecast - 0.300546).abs() < 5e-7, "{forecast}");
    assert!((analysis - 0.136476).abs() < 5e-7, "{analysis}");
    assert!((analysis.sqrt() - 0.369427).abs() < 5e-7);
}

/// P = 1, R = .5, y = 1.2: mean P/(P + R)·y = .8, variance PR/(P + R) = 1/3; the evidence is N(y; 0, P + R).
#[test]
fn one_kalman_update_is_the_closed_form() {
    let kind = ModelKind::Static { states: 1 };
    let settings = Settings::of(kind, Method::Exact);
    let mut filter = Method::Exact
        .filter(
            &settings,
            Flow::standard(kind).unwrap(),
            &kind.initial().unwrap(),
            Noise::new(1),
        )
        .unwrap();
    let sensor = Sensor::new(Operator::Identity, vec![0], 0.5f64.sqrt(), 1).unwrap();
    filter.begin_forecast(1);
    finish(&mut *filter).unwrap();
    filter
        .begin_analysis(&sensor.given(vec![1.2]).unwrap())
        .unwrap();
    finish(&mut *filter).unwrap();
    assert!((filter.estimate().mean[0] - 0.8).abs() < 1e-15);
    assert!((filter.estimate().variance[0] - 1.0 / 3.0).abs() < 1e-15);
    let evidence = -0.5 * (1.2 * 1.2 / 1.5 + (std::f64::consts::TAU * 1.5).ln());
    assert!((filter.log_evidence().unwrap() - evidence).abs() < 1e-14);
}

/// In the plane, against the same recursion in plain matrices of two rows.
#[test]
fn kalman_in_the_plane_is_the_recursion_written_out() {
    let kind = ModelKind::Spiral;
    let settings = Settings::of(kind, Method::Exact);
    let initial = Initial::normal(vec![1.0, -0.5], 0.4).unwrap();
    let mut filter = Method::Exact
        .filter(
            &settings,
            Flow::standard(kind).unwrap(),
            &initial,
            Noise::new(1),
        )
        .unwrap();
    let sensor = Sensor::new(Operator::Identity, vec![0], 0.3, 2).unwrap();
    let (sin, cos) = 0.3f64.sin_cos();
    let a = [[0.98 * cos, -0.98 * sin], [0.98 * sin, 0.98 * cos]];
    let (mut m, mut p) = ([1.0, -0.5], [[0.16, 0.0], [0.0, 0.16]]);
    for cycle in 1..=8 {
        let y = 0.2 * f64::from(cycle);
        filter.begin_forecast(cycle);
        finish(&mut *filter).unwrap();
        filter
            .begin_analysis(&sensor.given(vec![y]).unwrap())
            .unwrap();
        finish(&mut *filter).unwrap();
        m = [
            a[0][0] * m[0] + a[0][1] * m[1],
            a[1][0] * m[0] + a[1][1] * m[1],
        ];
        let mut f = [[0.0; 2]; 2];
        for i in 0..2 {
            for j in 0..2 {
                for k in 0..2 {
                    for l in 0..2 {
                        f[i][j] += a[i][k] * p[k][l] * a[j][l];
                    }
                }
            }
            f[i][i] += 0.01;
        }
        let s = f[0][0] + 0.09;
        let gap = y - m[0];
        m = [m[0] + f[0][0] / s * gap, m[1] + f[1][0] / s * gap];
        for i in 0..2 {
            for j in 0..2 {
                p[i][j] = f[i][j] - f[i][0] * f[0][j] / s;
            }
        }
    }
    let Some(Density::Normal { mean, covariance }) = filter.density() else {
        panic!("a normal law")
    };
    for (own, m) in mean.iter().zip(m) {
        assert!((own - m).abs() < 1e-13);
    }
    for (own, p) in covariance.iter().zip(p.as_flattened()) {
        assert!((own - p).abs() < 1e-13);
    }
}

/// On a linear model the extended Kalman filter is the Kalman filter.
#[test]
fn the_extended_filter_is_the_exact_one_on_linear_models() {
    for kind in [
        ModelKind::Ar1,
        ModelKind::Spiral,
        ModelKind::Static { states: 3 },
    ] {
        let setup = Setup::of(kind, 30, 3);
        let run = |method| {
            setup
                .walk(method, &Settings::of(kind, method), 4, |_, _| {})
                .unwrap()
        };
        let (exact, extended) = (run(Method::Exact), run(Method::Ekf));
        assert_eq!(exact.rmse, extended.rmse);
        assert_eq!(exact.spread, extended.spread);
    }
}

const WELLS: ModelKind = ModelKind::DoubleWell {
    wells: 1.0,
    noise: 0.5,
};

fn grid(initial: &Initial) -> Box<dyn Filter> {
    let settings = Settings::of(WELLS, Method::Exact);
    Method::Exact
        .filter(
            &settings,
            Flow::standard(WELLS).unwrap(),
            initial,
            Noise::new(1),
        )
        .unwrap()
}

/// The density exp(−8(x⁴/4 − x²/2)) has the variance .852136, the chain with steps of .05 has .845551. The mean decays by
/// λ₂ = .890762 in the time 2, a relaxation time of 17.289 (Kramers' formula: 16.414).
#[test]
fn the_double_well_has_its_variance_and_its_slow_eigenvalue() {
    let density = |x: f64| (-8.0 * (x.powi(4) / 4.0 - x * x / 2.0)).exp();
    let sum = |f: &dyn Fn(f64) -> f64| (-4000..=4000).map(|i| f(f64::from(i) * 1e-3)).sum::<f64>();
    let variance = sum(&|x| x * x * density(x)) / sum(&density);
    assert!((variance - 0.852136).abs() < 5e-7);
    let mut filter = grid(&Initial::normal(vec![-1.0], 0.3).unwrap());
    let (mut before, mut ratio) = (1.0, 0.0);
    for cycle in 1..=200 {
        filter.begin_forecast(cycle);
        finish(&mut *filter).unwrap();
        let mean = filter.estimate().mean[0];
        if cycle == 60 {
            ratio = mean / before;
        }
        before = mean;
    }
    assert!(
        (filter.estimate().variance[0] - 0.845551).abs() < 5e-7,
        "{:?}",
        filter.estimate()
    );
    assert!((ratio - 0.890762).abs() < 5e-7, "{ratio}");
    assert!((-2.0 / ratio.ln() - 17.289).abs() < 5e-4);
    // Two minima of curvature 2, a barrier of 1/4 with curvature −1, noise s² = 1/4.
    let kramers = std::f64::consts::PI / 2f64.sqrt() * 2f64.exp();
    assert!((kramers - 16.414).abs() < 5e-4);
}

#[test]
fn the_grid_filter_has_the_numbers_of_independent_code() {
    let values = [-1.1, -0.8, 0.9, 0.7, 1.2];
    let initial = Initial::normal(vec![-1.0], 0.3).unwrap();
    let run = |sensor: &Sensor, values: &[f64]| {
        let mut filter = grid(&initial);
        let mut out = vec![];
        for (cycle, &y) in (1..).zip(values) {
            filter.begin_forecast(cycle);
            finish(&mut *filter).unwrap();
            filter
                .begin_analysis(&sensor.given(vec![y]).unwrap())
                .unwrap();
            finish(&mut *filter).unwrap();
            out.push((
                filter.estimate().mean[0],
                filter.estimate().variance[0].sqrt(),
            ));
        }
        (out, filter.log_evidence().unwrap())
    };
    let (own, evidence) = run(
        &Sensor::new(Operator::Identity, vec![0], 1.0, 1).unwrap(),
        &values,
    );
    let means = [-0.89831, -0.85069, -0.36149, 0.14013, 0.72707];
    let sds = [0.31832, 0.36285, 0.69271, 0.81879, 0.56578];
    for ((own, mean), sd) in own.iter().zip(means).zip(sds) {
        assert!(
            (own.0 - mean).abs() < 5.1e-6 && (own.1 - sd).abs() < 5.1e-6,
            "{own:?} {mean} {sd}"
        );
    }
    assert!((evidence + 7.30125).abs() < 5.1e-6, "{evidence}");
    let (own, _) = run(
        &Sensor::new(Operator::Abs, vec![0], 0.2, 1).unwrap(),
        &values.map(f64::abs),
    );
    for (own, mean) in own
        .iter()
        .zip([-1.01683, -0.80513, -0.82944, -0.66127, -0.89863])
    {
        assert!((own.0 - mean).abs() < 5.1e-6, "{own:?} {mean}");
    }
}

/// Deep wells with little noise get a finer grid, and no mass is lost; an observation far outside is an error in words.
#[test]
fn the_grid_fits_the_wells_or_says_why_not() {
    for (wells, noise) in [(10.0, 0.05), (0.1, 2.0), (1.0, 0.5), (10.0, 2.0)] {
        let kind = ModelKind::DoubleWell { wells, noise };
        let settings = Settings::of(kind, Method::Exact);
        let flow = Flow::standard(kind).unwrap();
        let (sd, initial) = (flow.noise(), kind.initial().unwrap());
        let mut filter = Method::Exact
            .filter(&settings, flow, &initial, Noise::new(1))
            .unwrap();
        filter.begin_forecast(1);
        finish(&mut *filter).unwrap();
        let Some(Density::Grid {
            spacing, density, ..
        }) = filter.density()
        else {
            panic!("a grid")
        };
        assert!(spacing <= sd && density.len() >= 301 && density.len() % 2 == 1);
        assert!((density.iter().sum::<f64>() * spacing - 1.0).abs() < 1e-9);
        assert!(
            filter.estimate().mean[0].abs() < 1e-9,
            "both wells are alike"
        );
        let far = Sensor::new(Operator::Identity, vec![0], 0.01, 1)
            .unwrap()
            .given(vec![40.0])
            .unwrap();
        filter.begin_analysis(&far).unwrap();
        let error = finish(&mut *filter).unwrap_err().to_string();
        assert!(
            error.contains("Cycle 1") && error.contains("outside of the grid"),
            "{error}"
        );
    }
}

/// Depths, noises and steps to the ends of their ranges (at dt = .1/c and c = 10 the chain itself runs away from 5·10⁻⁶
/// of its initial law): after many cycles without an observation nothing is lost, and the law is that of the chain.
#[test]
fn no_allowed_well_leaves_the_grid() {
    for (wells, noise, cycles) in [
        (10.0, 0.5, 4),
        (1.0, 0.05, 6),
        (0.1, 2.0, 6),
        (10.0, 2.0, 1),
        (0.1, 0.05, 6),
    ] {
        let kind = ModelKind::DoubleWell { wells, noise };
        for dt in [kind.times().dt, 0.004] {
            let flow = Flow::new(kind, 0.0, 20.0, dt).unwrap();
            let settings = Settings::of(kind, Method::Exact);
            let mut filter = Method::Exact
                .filter(&settings, flow, &kind.initial().unwrap(), Noise::new(1))
                .unwrap();
            for cycle in 1..=cycles {
                filter.begin_forecast(cycle);
                finish(&mut *filter).unwrap_or_else(|e| panic!("{wells} {noise} {dt}: {e}"));
            }
            let Some(Density::Grid {
                first,
                spacing,
                density,
            }) = filter.density()
            else {
                panic!("a grid")
            };
            assert!((density.iter().sum::<f64>() * spacing - 1.0).abs() < 1e-9);
            let ends = density[0].max(density[density.len() - 1]);
            assert!(
                ends * spacing < 1e-9,
                "{wells} {noise} {dt}: {ends} at {first}"
            );
        }
    }
}

/// Where the steps of the chain run away from the ends of a wide initial law, the mass is missed and told.
#[test]
fn mass_that_runs_away_is_told_with_a_remedy_that_helps() {
    let kind = ModelKind::DoubleWell {
        wells: 10.0,
        noise: 0.5,
    };
    let forecast = |dt: f64| {
        let flow = Flow::new(kind, 0.0, 2.0, dt).unwrap();
        let settings = Settings::of(kind, Method::Exact);
        let initial = kind.initial().unwrap();
        let mut filter = Method::Exact
            .filter(&settings, flow, &initial, Noise::new(1))
            .unwrap();
        filter.begin_forecast(1);
        finish(&mut *filter)
    };
    let said = forecast(0.01).unwrap_err().to_string();
    assert!(said.contains("left its grid in this forecast"), "{said}");
    assert!(said.contains("smaller dt"), "{said}");
    forecast(0.005).unwrap();
}
