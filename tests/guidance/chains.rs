//! The rules on chains: with the exact score of a whole chain, and with a blanket.

use super::gaussian::{Gaussian, Matrix};
use super::space::{distance, normals};
use super::x_hat;
use scorefield::denoise::Differentiable;
use scorefield::guide::{Guidance, Guided};
use scorefield::level::Level;
use scorefield::observe::{Band, Observation, Operator, States, every};
use scorefield::process::Chain;
use scorefield::process::lgssm::Blanket;
use scorefield::rng::Noise;
use std::rc::Rc;

const LENGTH: usize = 33;

fn levels() -> impl Iterator<Item = Level> {
    let vp = |s: f64| {
        let alpha = 1.0 / (1.0 + s * s).sqrt();
        Level {
            t: 0.5,
            alpha,
            sigma: s * alpha,
        }
    };
    (0..13).map(move |i| vp(10f64.powf(-3.0 + 0.5 * f64::from(i))))
}

/// Every fourth index of a chain, observed through O = (1, 0, …) with standard deviation 0.5.
fn seen(chain: &Chain) -> (Observation, Gaussian) {
    let states = States {
        length: LENGTH,
        dim: chain.states(),
    };
    let at = every(LENGTH, 4).unwrap();
    let mut o = vec![0.0; chain.states()];
    o[0] = 1.0;
    let noise = Noise::new(5);
    let y = chain.observe(&noise, &chain.simulate(&noise), &at);
    let seen = chain.seen(&at);
    let (operator, r) = chain.dense(&seen);
    let law = chain.condition(&operator, &r).unwrap();
    let cov = law.covariance();
    let posterior = Gaussian {
        mean: law.mean(&y),
        cov: Matrix::of(chain.dim(), |i, j| cov[(i, j)]),
    };
    let operator = Operator::linear(states, &o, &at).unwrap();
    let r = Band::isotropic(operator.rows(), 0.25);
    (Observation::new(operator, &r, y).unwrap(), posterior)
}

fn guided(prior: impl Differentiable + 'static, seen: &Observation, rule: Guidance) -> Guided {
    Guided::new(Rc::new(prior), seen.clone(), rule).unwrap()
}

#[test]
fn exact_on_the_score_of_a_chain_is_the_smoother() {
    let models = [
        Chain::ar1(0.9, 0.19f64.sqrt(), 1.0, 0.5, LENGTH).unwrap(),
        Chain::rotation(0.5, LENGTH).unwrap(),
        Chain::damped_spring(0.5, LENGTH).unwrap(),
    ];
    for chain in models {
        let (seen, posterior) = seen(&chain);
        let exact = guided(chain.clone(), &seen, Guidance::Exact);
        let x = normals(2 * chain.dim());
        for level in levels() {
            let before = exact.jacobian_products();
            let got = x_hat(&exact, &level, &x);
            exact.check().unwrap();
            let products = (exact.jacobian_products() - before) / 2;
            let error = distance(&got, &x_hat(&posterior, &level, &x));
            println!(
                "{} states, σ/α = {:.3e}: {error:.1e}, {products} products",
                chain.states(),
                level.ratio()
            );
            assert!(error < 1e-9);
        }
    }
}

/// The covariance that a blanket implies has directions of negative variance at medium noise. There `exact` stops,
/// unless the noise of the observations outweighs them, and the error says what would help.
#[test]
fn exact_on_a_blanket_is_a_result_or_an_error() {
    let chain = Chain::ar1(0.9, 0.19f64.sqrt(), 1.0, 0.5, LENGTH).unwrap();
    let (noisy, _) = seen(&chain);
    let all: Vec<usize> = (0..LENGTH).collect();
    let clear = Observation::new(
        Operator::slice(LENGTH, &all).unwrap(),
        &Band::isotropic(LENGTH, 0.0),
        normals(LENGTH),
    )
    .unwrap();
    let x = normals(2 * LENGTH);
    for (name, seen) in [("noisy", noisy), ("clear", clear)] {
        for k in [1, 2, 4, 16] {
            let mut stopped = 0;
            for level in levels() {
                let exact = guided(Blanket::new(&chain, k).unwrap(), &seen, Guidance::Exact);
                let out = x_hat(&exact, &level, &x);
                match exact.check() {
                    Ok(()) => assert!(out.iter().all(|x| x.is_finite())),
                    Err(error) => {
                        assert!(out.iter().all(|x| x.is_nan()));
                        assert!(error.to_string().contains("is not positive."));
                        stopped += 1;
                    }
                }
            }
            println!("{name}, k = {k}: {stopped} of 13 levels stopped");
            // A window of the whole chain (k = 16) gives the full score.
            assert_eq!(stopped > 0, name == "clear" && k < 16, "{name}, k = {k}");
        }
    }
}
