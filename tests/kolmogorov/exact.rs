//! Closed forms, conservation laws, the order of a step.

use super::{after, field, flow, gap, waves};
use scorefield::dynamics::kolmogorov::Parameters;

#[test]
fn the_laminar_flow_stays() {
    let solver = flow(|_| {});
    let amplitude = solver.parameters().laminar();
    assert!((amplitude - 15.384_615).abs() < 1e-6, "{amplitude}");
    let laminar = field(&solver, |_, y| -amplitude * (4.0 * y).cos());
    let later = after(&solver, &laminar, 10);
    assert!(gap(&later, &laminar) < 1e-13 * amplitude);
}

#[test]
fn a_flow_from_rest_follows_its_closed_form() {
    let solver = flow(|_| {});
    let p = *solver.parameters();
    let later = after(&solver, &vec![0.0; 1024], 10);
    let rate = p.viscosity * 16.0 + p.drag;
    let amplitude = p.laminar() * (1.0 - (-rate * 2.0).exp());
    assert!((amplitude - 6.238_145_415_843).abs() < 1e-12);
    let exact = field(&solver, |_, y| -amplitude * (4.0 * y).cos());
    assert!(gap(&later, &exact) < 1e-13);
}

#[test]
fn a_single_wave_decays() {
    let solver = flow(|p| (p.drag, p.forcing) = (0.0, 0.0));
    for (px, qy) in [(1.0, 0.0), (3.0, 2.0), (5.0, 7.0)] {
        let wave = field(&solver, |x, y| (px * x).cos() * (qy * y).cos());
        let rate: f64 = 0.01 * (px * px + qy * qy);
        let exact: Vec<f64> = wave.iter().map(|w| w * (-rate * 2.0).exp()).collect();
        let gap = gap(&after(&solver, &wave, 10), &exact);
        // A hundred steps multiply by the same rounded factor.
        assert!(gap < 2e-14, "{px} {qy}: {gap}");
    }
}

#[test]
fn without_viscosity_and_force_energy_and_enstrophy_stay() {
    let solver = flow(|p| (p.viscosity, p.drag, p.forcing) = (0.0, 0.0, 0.0));
    let start = field(&solver, |x, y| 3.0 * waves(x, y));
    let later = after(&solver, &start, 5);
    let change = |of: &dyn Fn(&[f64]) -> f64| of(&later) / of(&start) - 1.0;
    let (energy, enstrophy) = (
        change(&|w| solver.energy(w)),
        change(&|w| solver.enstrophy(w)),
    );
    // Only the error of the steps is left, and an independent solver has the same.
    assert!((energy / -7.4e-9 - 1.0).abs() < 0.02, "{energy}");
    assert!((enstrophy / -8.5e-7 - 1.0).abs() < 0.02, "{enstrophy}");
}

#[test]
fn a_step_has_order_four() {
    let at = |dt: f64| {
        let solver = flow(|p| p.dt = dt);
        let start = field(&solver, |x, y| 3.0 * waves(x, y));
        after(&solver, &start, 5)
    };
    let reference = at(0.001_25);
    let errors = [0.04, 0.02, 0.01].map(|dt| gap(&at(dt), &reference));
    for (error, published) in errors.iter().zip([5.06e-3, 3.52e-4, 2.17e-5]) {
        assert!((error / published - 1.0).abs() < 0.02, "{errors:?}");
    }
    let slopes = [0, 1].map(|i| (errors[i] / errors[i + 1]).log2());
    assert!(slopes.iter().all(|s| (3.8..4.2).contains(s)), "{slopes:?}");
}

#[test]
fn an_interval_is_cut_into_equal_steps_that_are_not_longer_than_dt() {
    let steps = |interval, dt| {
        let p = Parameters {
            interval,
            dt,
            ..Parameters::default()
        };
        p.steps()
    };
    assert_eq!(steps(0.2, 0.02), 10);
    assert_eq!(steps(0.2, 0.04), 5);
    assert_eq!(steps(0.2, 0.03), 7);
    assert_eq!(steps(0.05, 0.2), 1);
}

#[test]
fn numbers_that_are_no_flow_are_refused_with_what_would_be_one() {
    let refused = |change: &dyn Fn(&mut Parameters)| {
        let mut p = Parameters::default();
        change(&mut p);
        p.check().unwrap_err().to_string()
    };
    assert!(refused(&|p| p.pixels = 33).contains("an even number from 4 to 512"));
    assert!(refused(&|p| p.wave = 16).contains("carry 1 to 15"));
    assert!(refused(&|p| p.viscosity = -1.0).contains("viscosity is -1; give"));
    assert!(refused(&|p| p.drag = f64::NAN).contains("drag is NaN; give"));
    assert!(refused(&|p| p.interval = 0.0).contains("above 0"));
    assert!(refused(&|p| p.dt = 1e-9).contains("a step of at least"));
}

#[test]
fn a_step_that_is_too_long_is_an_error_and_no_film_of_nan() {
    let solver = flow(|p| (p.viscosity, p.interval, p.dt) = (0.0, 10.0, 5.0));
    let mut omega = field(&solver, |x, y| 50.0 * waves(x, y));
    let failed = (0..50).find_map(|_| solver.advance(&mut omega).err());
    let message = failed.unwrap().to_string();
    assert!(
        message.contains("steps of 5; give a shorter step"),
        "{message}"
    );
}
