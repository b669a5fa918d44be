//! Models: order, tangents, noise, initial laws.

use scorefield::dynamics::{Component, Draws, Flow, Initial, ModelKind};
use scorefield::filter::{Method, Settings, Truth};
use scorefield::rng::{Noise, Stream};
use scorefield::word::Words;

fn after(kind: ModelKind, start: &[f64], dt: f64, time: f64) -> Vec<f64> {
    let model = kind.model().unwrap();
    let mut x = start.to_vec();
    for _ in 0..(time / dt).round() as usize {
        model.step(dt, &mut x);
    }
    x
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b) * (a - b))
        .sum::<f64>()
        .sqrt()
}

const LORENZ63: [f64; 3] = [1.509, -1.531, 25.46];
const LORENZ96: ModelKind = ModelKind::Lorenz96 {
    states: 40,
    forcing: 8.0,
};

fn wave() -> Vec<f64> {
    (0..40).map(|i| 3.0 + 3.0 * f64::from(i).sin()).collect()
}

/// The states and errors were computed by independent code; the errors fall by sixteen when the step is halved.
#[test]
fn runge_kutta_has_order_four_on_both_lorenz_models() {
    let state = after(ModelKind::Lorenz63, &LORENZ63, 0.01, 1.0);
    for (x, known) in state.iter().zip([2.70114, 4.38956, 16.69997]) {
        assert!((x - known).abs() < 5e-6, "{state:?}");
    }
    let exact = after(ModelKind::Lorenz63, &LORENZ63, 0.25 / 4096.0, 0.25);
    let mut before = f64::NAN;
    for (dt, error) in [(0.01, 5.946e-6), (0.005, 3.603e-7), (0.0025, 2.216e-8)] {
        let own = distance(&after(ModelKind::Lorenz63, &LORENZ63, dt, 0.25), &exact);
        assert!((own / error - 1.0).abs() < 1e-3, "dt={dt}: {own:e}");
        if before.is_finite() {
            assert!(
                (before / own).log2() > 3.9,
                "order {}",
                (before / own).log2()
            );
        }
        before = own;
    }
    let state = after(LORENZ96, &wave(), 0.05, 0.5);
    for (x, known) in state.iter().zip([0.256517, 4.284689, 4.111076, 0.207458]) {
        assert!((x - known).abs() < 5e-7, "{state:?}");
    }
    let exact = after(LORENZ96, &wave(), 0.5 / 4096.0, 0.5);
    for (dt, error) in [(0.05, 0.026496), (0.025, 0.0016513), (0.0125, 0.00010239)] {
        let own = distance(&after(LORENZ96, &wave(), dt, 0.5), &exact);
        assert!((own / error - 1.0).abs() < 1e-3, "dt={dt}: {own:e}");
    }
}

#[test]
fn a_step_of_many_members_is_that_of_each() {
    for &kind in ModelKind::ALL {
        let model = kind.model().unwrap();
        let (d, n) = (model.dim(), 5);
        assert_eq!(d, kind.dim());
        let start: Vec<f64> = (0..n * d).map(|i| (i as f64 * 0.7).sin()).collect();
        let dt = kind.times().dt;
        let mut all = start.clone();
        model.step(dt, &mut all);
        for (x, all) in start.chunks(d).zip(all.chunks(d)) {
            let mut x = x.to_vec();
            model.step(dt, &mut x);
            assert_eq!(x, all, "{kind:?}");
        }
    }
}

#[test]
fn tangents_are_the_derivatives_of_a_step() {
    for &kind in ModelKind::ALL {
        let model = kind.model().unwrap();
        let d = model.dim();
        let x: Vec<f64> = (0..d).map(|i| (i as f64 * 0.7 + 0.3).sin()).collect();
        let mut columns: Vec<f64> = (0..2 * d).map(|i| (i as f64 * 1.3).cos()).collect();
        let before = columns.clone();
        let dt = kind.times().dt;
        let there = model.tangent(dt, &x, &mut columns);
        assert!(there || !model.is_linear());
        if !there {
            assert_eq!(columns, before);
            continue;
        }
        for (v, own) in before.chunks(d).zip(columns.chunks(d)) {
            let moved = |h: f64| {
                let mut x: Vec<f64> = x.iter().zip(v).map(|(x, v)| x + h * v).collect();
                model.step(dt, &mut x);
                x
            };
            for ((up, down), own) in moved(1e-5).iter().zip(moved(-1e-5)).zip(own) {
                assert!(((up - down) / 2e-5 - own).abs() < 1e-8, "{kind:?}");
            }
        }
    }
}

#[test]
fn initial_members_have_the_moments_of_their_law() {
    let component = |weight, mean: [f64; 2], sd| Component {
        weight,
        mean: mean.to_vec(),
        sd,
    };
    let law = Initial::mixture(vec![
        component(3.0, [-1.0, 0.0], 0.5),
        component(1.0, [2.0, 1.0], 0.1),
    ])
    .unwrap();
    let n = 40_000;
    let mut x = vec![0.0; 2 * n];
    law.draw(&Noise::new(3), Stream::Members, 0, &mut x);
    let ensemble = scorefield::filter::Ensemble::new(2, x);
    assert_eq!(law.mean(), [-0.25, 0.25]);
    for (own, exact) in ensemble.mean().iter().zip(law.mean()) {
        assert!((own - exact).abs() < 0.02, "{own} {exact}");
    }
    for (own, exact) in ensemble.covariance().iter().zip(law.covariance()) {
        assert!((own - exact).abs() < 0.03, "{own} {exact}");
    }
    let near = (0..n).filter(|&j| ensemble.member(j)[0] > 1.0).count() as f64 / n as f64;
    assert!((near - 0.25).abs() < 0.01, "{near}");
}

#[test]
fn members_walk_the_same_way_in_pieces_and_in_larger_ensembles() {
    for &kind in ModelKind::ALL {
        let d = kind.dim();
        let run = |n: usize, work: f64| {
            let mut settings = Settings::of(kind, Method::Free);
            settings.n = n;
            let flow = Flow::standard(kind).unwrap();
            let mut filter = Method::Free
                .filter(&settings, flow, &kind.initial().unwrap(), Noise::new(5))
                .unwrap();
            for cycle in 1..=3 {
                filter.begin_forecast(cycle);
                while !filter.advance(work).unwrap() {}
            }
            filter.ensemble().unwrap().x.clone()
        };
        let large = run(1100, 1e9);
        assert_eq!(large, run(1100, 1.0), "{kind:?}");
        assert_eq!(large[..7 * d], run(7, 1e9), "{kind:?}");
    }
}

#[test]
fn truth_and_members_draw_from_their_own_streams() {
    let kind = ModelKind::ALL[0];
    let initial = kind.initial().unwrap();
    let mut truth = Truth::new(Flow::standard(kind).unwrap(), &initial, Noise::new(1));
    let mut settings = Settings::of(kind, Method::Free);
    settings.n = 1;
    let mut filter = Method::Free
        .filter(
            &settings,
            Flow::standard(kind).unwrap(),
            &initial,
            Noise::new(1),
        )
        .unwrap();
    assert_ne!(truth.state(), filter.ensemble().unwrap().member(0));
    truth.advance().unwrap();
    filter.begin_forecast(1);
    crate::run::finish(&mut *filter).unwrap();
    assert_ne!(truth.state(), filter.ensemble().unwrap().member(0));
}

#[test]
fn the_spiral_keeps_its_stationary_law() {
    let flow = Flow::standard(ModelKind::Spiral).unwrap();
    let n = 20_000;
    let mut x = vec![0.0; 2 * n];
    ModelKind::Spiral
        .initial()
        .unwrap()
        .draw(&Noise::new(1), Stream::Members, 0, &mut x);
    let draws = Draws {
        noise: Noise::new(1),
        stream: Stream::Members,
    };
    for cycle in 1..=20 {
        flow.substep(&mut x, draws, cycle, 0, 0);
    }
    let exact = 0.01 / (1.0 - 0.98 * 0.98);
    let covariance = scorefield::filter::Ensemble::new(2, x).covariance();
    // Standard error of a sample variance: variance·√(2/n).
    let band = 4.0 * exact * (2.0 / n as f64).sqrt();
    for (own, exact) in covariance.iter().zip([exact, 0.0, 0.0, exact]) {
        assert!((own - exact).abs() < band, "{own} {exact}");
    }
}

#[test]
fn model_noise_adds_its_variance_per_time() {
    let kind = ModelKind::Lorenz63;
    let flow = Flow::new(kind, 0.4, 0.25, 0.01).unwrap();
    assert_eq!(flow.substeps(), 25);
    assert!((flow.noise() - 0.4 * 0.1).abs() < 1e-15);
    let wells = Flow::new(ModelKind::ALL[0], 1.2, 2.0, 0.05).unwrap();
    assert!((wells.noise() - 1.3 * 0.05f64.sqrt()).abs() < 1e-15);
    // Steps that do not fit are shortened.
    let flow = Flow::new(kind, 0.0, 0.25, 0.03).unwrap();
    assert_eq!(flow.substeps(), 9);
    assert!((flow.dt() - 0.25 / 9.0).abs() < 1e-15);
}

#[test]
fn a_step_that_is_too_long_is_refused_with_the_longest_one() {
    let wells = ModelKind::DoubleWell {
        wells: 10.0,
        noise: 0.5,
    };
    let error = Flow::new(wells, 0.0, 2.0, 0.05).unwrap_err().to_string();
    assert!(
        error.contains("dt=0.05") && error.contains("at most 0.01"),
        "{error}"
    );
    assert_eq!(Flow::standard(wells).unwrap().substeps(), 400);
    assert!(Flow::new(ModelKind::Ar1, 0.0, 1.5, 1.0).is_err());
    assert!(Flow::new(wells, -1.0, 2.0, 0.01).is_err());
    assert!(
        ModelKind::Lorenz96 {
            states: 3,
            forcing: 8.0
        }
        .model()
        .is_err()
    );
}

/// The growth of a small difference, scaled back every few steps (Benettin et al. 1980), as independent code has it.
#[test]
fn the_lorenz_models_have_their_lyapunov_exponents() {
    for (kind, known, se, time) in [
        (ModelKind::Lorenz63, 0.9035, 0.003, 20_000.0),
        (LORENZ96, 1.686, 0.009, 2_000.0),
    ] {
        let model = kind.model().unwrap();
        let dt = kind.times().dt;
        let mut x = after(kind, &kind.initial().unwrap().mean(), dt, 50.0);
        let mut y = x.clone();
        let size = 1e-7;
        y[0] += size;
        let (mut sum, mut counted) = (0.0, 0.0);
        for k in 0..(time / dt) as usize / 10 {
            for _ in 0..10 {
                model.step(dt, &mut x);
                model.step(dt, &mut y);
            }
            let apart = distance(&x, &y);
            for (y, x) in y.iter_mut().zip(&x) {
                *y = x + (*y - x) * size / apart;
            }
            // The difference first turns into the direction of fastest growth.
            if k > 100 {
                sum += (apart / size).ln();
                counted += 10.0 * dt;
            }
        }
        let own = sum / counted;
        assert!(
            (own - known).abs() < 3.0 * se * 2f64.sqrt(),
            "{kind:?}: {own}"
        );
    }
}
