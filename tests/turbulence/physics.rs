//! Penalties of the equations.

use scorefield::dynamics::kolmogorov::{Parameters, Physics, UNIT};
use scorefield::guide::{DefectPenalty, Penalty, ResidualPenalty, Slack};
use scorefield::level::Level;
use scorefield::rng::{Noise, Stream};
use std::rc::Rc;

/// A smooth film of live modes.
fn film(physics: &Physics, seed: u64, frames: usize) -> Vec<f64> {
    let n = physics.solver().grid().numbers();
    let mut out = vec![0.0; frames * n];
    Noise::new(seed).normals(Stream::Data, 0, 0, &mut out);
    out.chunks_exact_mut(n)
        .for_each(|frame| frame.copy_from_slice(&physics.solver().project(frame)));
    out.iter_mut().for_each(|x| *x *= 0.3);
    out
}

/// The misfit ½Σ P²/V, whose gradient is what the penalty subtracts.
fn gradient(penalty: &dyn Penalty, level: &Level, x: &[f64]) -> Vec<f64> {
    let mut pull = vec![0.0; x.len()];
    for part in 0..penalty.parts() {
        penalty.pull(part, level, x, &mut pull);
    }
    pull
}

/// ½Σ P²/V of a film.
type Misfit<'a> = &'a dyn Fn(&[f64]) -> f64;

#[test]
fn a_penalty_is_the_gradient_of_its_misfit() {
    let physics = Rc::new(Physics::new(Parameters::default(), UNIT).unwrap());
    let level = Level {
        t: 0.5,
        alpha: 0.8,
        sigma: 0.4,
    };
    let s2 = level.ratio() * level.ratio();
    let (x, v) = (film(&physics, 1, 4), film(&physics, 2, 4));
    let slack = Slack {
        sd: 0.5,
        gamma: 0.7,
    };
    let residual = ResidualPenalty::new(physics.clone(), 4, slack);
    let defect = DefectPenalty::new(physics.clone(), 4, slack);
    let half = |p: &[f64]| 0.5 * p.iter().map(|p| p * p).sum::<f64>();
    let misfits: [Misfit<'_>; 2] = [
        &|x| half(&physics.residual(x)) / (0.25 + 40.0 * 0.7 * s2),
        &|x| half(physics.defects(x).values()) / (0.25 + 2.0 * 0.7 * s2),
    ];
    for (penalty, misfit) in [&residual as &dyn Penalty, &defect]
        .into_iter()
        .zip(misfits)
    {
        let pull = gradient(penalty, &level, &x);
        let slope: f64 = pull.iter().zip(&v).map(|(p, v)| p * v).sum();
        let h = 1e-5;
        let moved = |h: f64| -> Vec<f64> { x.iter().zip(&v).map(|(x, v)| x + h * v).collect() };
        let change = (misfit(&moved(h)) - misfit(&moved(-h))) / (2.0 * h);
        assert!(
            (slope + change).abs() < 1e-5 * change.abs(),
            "{slope} {change}"
        );
    }
}
