//! What a rule refuses before a run, what stops a run, and the ends where no rule guides.

use super::gaussian::{Affine, Matrix};
use super::space::{RULES, chain, distance, guided, normals};
use super::x_hat;
use scorefield::error::Error;
use scorefield::guide::{Guidance, Guided};
use scorefield::level::Level;
use scorefield::observe::{Band, Observation, Operator, States};
use scorefield::sample::{Executor, HostState, Sampler};
use scorefield::schedule::{Grid, Process};
use std::rc::Rc;

fn seen(noise: f64) -> Observation {
    let operator = Operator::slice(2, &[0, 1]).unwrap();
    Observation::new(operator, &Band::isotropic(2, noise), vec![1.0, -1.0]).unwrap()
}

fn affine(jacobian: [[f64; 2]; 2]) -> Affine {
    Affine {
        offset: vec![0.0; 2],
        jacobian: Matrix(jacobian.iter().map(|r| r.to_vec()).collect()),
    }
}

const LEVEL: Level = Level {
    t: 0.5,
    alpha: 0.8,
    sigma: 0.6,
};

/// A covariance with a negative direction has no V: the error, and no number.
#[test]
fn exact_stops_if_the_jacobian_is_not_a_covariance() {
    let indefinite = [[1.0, 2.0], [2.0, 1.0]];
    let turned = [[1.0, 3.0], [1.0, 1.0]];
    for jacobian in [indefinite, turned] {
        let why = "not positive";
        let guided = guided(affine(jacobian), &seen(0.01), Guidance::Exact);
        guided.check().unwrap();
        let out = x_hat(&guided, &LEVEL, &[0.3, 0.1, -0.4, 2.0]);
        assert!(out.iter().all(|x| x.is_nan()));
        let message = guided.check().unwrap_err().to_string();
        assert!(
            message.contains(why) && message.ends_with("or give the observations more noise."),
            "{message}"
        );
        // The other rules do not need a covariance.
        let guided = super::space::guided(affine(jacobian), &seen(0.01), Guidance::Diagonal);
        x_hat(&guided, &LEVEL, &[0.3, 0.1]);
        guided.check().unwrap();
    }
    // The asymmetry of a blanket is symmetrised, and R may outweigh a negative direction.
    let turned = [[1.0, 0.9], [-0.9, 1.0]];
    for (jacobian, noise) in [
        ([[1.0, 0.4], [0.2, 1.0]], 0.01),
        (turned, 0.01),
        (indefinite, 2.0),
    ] {
        let guided = guided(affine(jacobian), &seen(noise), Guidance::Exact);
        assert!(
            x_hat(&guided, &LEVEL, &[0.3, 0.1])
                .iter()
                .all(|x| x.is_finite())
        );
        guided.check().unwrap();
    }
}

#[test]
fn a_run_ends_with_the_error_of_its_denoiser() {
    let plan = Sampler::Ddim.plan(Process::Vp, Grid::Default, 8);
    let broken = guided(
        affine([[1.0, 2.0], [2.0, 1.0]]),
        &seen(0.01),
        Guidance::Exact,
    );
    let mut state = HostState::new(&plan, 10, 2, 0, false);
    let error = broken.advance(&mut state, &plan, 1000).unwrap_err();
    assert!(matches!(error, Error::Guidance { .. }), "{error}");
    // The error stays.
    assert_eq!(broken.advance(&mut state, &plan, 1000).unwrap_err(), error);
    let fine = guided(
        affine([[1.0, 0.5], [0.5, 1.0]]),
        &seen(0.01),
        Guidance::Exact,
    );
    let mut state = HostState::new(&plan, 10, 2, 0, false);
    for step in 1..=8 {
        assert_eq!(fine.advance(&mut state, &plan, 1000).unwrap(), Some(step));
    }
    assert!(state.x().iter().all(|x| x.is_finite()));
}

/// Without noise no rule guides; without signal each gives its limit, where y alone speaks of x₀.
#[test]
fn without_noise_the_denoiser_is_the_priors_and_without_signal_its_limit() {
    let operator = Operator::slice(5, &[1, 2]).unwrap();
    let seen = Observation::new(operator, &Band::isotropic(2, 0.25), vec![1.0, 2.0]).unwrap();
    let x = normals(10);
    let at = |alpha, sigma| Level {
        t: 0.0,
        alpha,
        sigma,
    };
    for rule in RULES {
        let guided = guided(chain(), &seen, rule);
        let clean = x_hat(&guided, &at(1.0, 0.0), &x);
        assert!(
            distance(&clean, &x_hat(&chain(), &at(1.0, 0.0), &x)) == 0.0,
            "{rule:?}"
        );
        let (limit, near) = (at(0.0, 1.0), at(1e-4, 1.0));
        let gap = distance(&x_hat(&guided, &limit, &x), &x_hat(&guided, &near, &x));
        guided.check().unwrap();
        assert!(gap < 5e-3, "{rule:?}: {gap}");
    }
}

#[test]
fn impossible_guidance_is_refused_before_the_run() {
    let twice = Operator::slice(2, &[0]).unwrap();
    let twice = Operator::stacked(&[&twice, &twice]).unwrap();
    let twice =
        |noise| Observation::new(twice.clone(), &Band::isotropic(2, noise), vec![1.0; 2]).unwrap();
    let of = |operator: Operator| {
        let rows = operator.rows();
        Observation::new(operator, &Band::isotropic(rows, 0.25), vec![0.5; rows]).unwrap()
    };
    let line = States { length: 2, dim: 1 };
    let window = of(Operator::window(line, &[1.0], &[1], 2).unwrap());
    let saturating = of(Operator::saturating(line, &[1.0], &[1]).unwrap());
    let scaled = of(Operator::linear(line, &[2.0], &[1]).unwrap());
    let refused = [
        (seen(0.0), Guidance::Sda { gamma: 0.0 }),
        (seen(0.25), Guidance::Sda { gamma: -0.1 }),
        (seen(0.25), Guidance::Dps { zeta: f64::NAN }),
        (seen(0.25), Guidance::Dps { zeta: -1.0 }),
        (seen(0.25), Guidance::Finzi { strength: 0.0 }),
        (seen(0.25), Guidance::Lambda { lambda: -1.0 }),
        (twice(0.25), Guidance::Finzi { strength: 1.0 }),
        (twice(0.0), Guidance::Exact),
        (twice(0.0), Guidance::Pigdm),
        (twice(0.0), Guidance::Diagonal),
        (twice(0.25), Guidance::Replace),
        (window, Guidance::Replace),
        (saturating, Guidance::Replace),
        (scaled, Guidance::Replace),
    ];
    for (seen, rule) in refused {
        let made = Guided::new(Rc::new(affine([[1.0, 0.0], [0.0, 1.0]])), seen, rule);
        let Err(Error::Guidance { reason, remedy }) = made.map(|_| ()) else {
            panic!("{rule:?} was not refused")
        };
        assert!(
            reason.ends_with('.') && remedy.ends_with('.'),
            "{reason} {remedy}"
        );
    }
    for (noise, gamma) in [(0.25, 0.0), (0.0, 0.1)] {
        assert!(Guidance::Sda { gamma }.rule(&seen(noise)).is_ok());
    }
}
