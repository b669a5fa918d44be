//! Residual, defect and their transposes against differences.

use super::{after, field, flow, gap, waves};
use scorefield::dynamics::kolmogorov::{Parameters, Physics, Solver, film};
use scorefield::rng::{Noise, Stream};

const UNIT: f64 = 3.6;

fn physics() -> Physics {
    Physics::new(Parameters::default(), UNIT).unwrap()
}

/// Normal numbers, dead modes included.
fn normals(seed: u64, n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n];
    Noise::new(seed).normals(Stream::Data, 0, 0, &mut out);
    out
}

/// A film of `frames` frames in units that is near a solution but none.
fn rough_film(frames: usize) -> Vec<f64> {
    let solver = flow(|_| {});
    let start = field(&solver, |x, y| 2.0 * waves(x, y));
    let film = film(&solver, &start, frames).unwrap();
    let noise = normals(1, film.len());
    let pairs = film.iter().zip(noise);
    pairs.map(|(w, z)| w / UNIT + 0.1 * z).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// That ⟨r, f'(x)v⟩ by a difference of fourth order is ⟨vjp(r), v⟩ to `within`.
fn is_transposed(
    x: &[f64],
    f: impl Fn(&[f64]) -> Vec<f64>,
    vjp: impl Fn(&[f64]) -> Vec<f64>,
    within: f64,
) {
    for seed in 2..5 {
        let v = normals(seed, x.len());
        let h = 1e-3;
        let at = |c: f64| {
            let moved: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x + c * h * v).collect();
            f(&moved)
        };
        let ends = [at(-2.0), at(-1.0), at(1.0), at(2.0)];
        let slope: Vec<f64> = (0..ends[0].len())
            .map(|i| (ends[0][i] - 8.0 * ends[1][i] + 8.0 * ends[2][i] - ends[3][i]) / (12.0 * h))
            .collect();
        let r = normals(seed + 10, slope.len());
        let (left, right) = (dot(&r, &slope), dot(&vjp(&r), &v));
        let scale = dot(&r, &r).sqrt() * dot(&slope, &slope).sqrt();
        assert!((left - right).abs() < within * scale, "{left} {right}");
    }
}

#[test]
fn the_residual_is_the_equation() {
    let physics = physics();
    let solver: &Solver = physics.solver();
    let film = rough_film(4);
    let own = physics.residual(&film);
    let frames: Vec<Vec<f64>> = film
        .chunks(1024)
        .map(|x| solver.project(&x.iter().map(|x| UNIT * x).collect::<Vec<_>>()))
        .collect();
    for i in 1..3 {
        let rate = solver.tendency(&frames[i]);
        let exact: Vec<f64> = (0..1024)
            .map(|j| ((frames[i + 1][j] - frames[i - 1][j]) / 0.4 - rate[j]) / UNIT)
            .collect();
        assert!(gap(&own[(i - 1) * 1024..i * 1024], &exact) < 1e-12);
    }
    assert!(physics.residual(&film[..2048]).is_empty());
}

#[test]
fn the_transpose_of_the_right_hand_side_is_its_derivatives() {
    // Three frames of which only the middle one moves.
    let physics = physics();
    let film = rough_film(3);
    let whole = |x: &[f64]| [&film[..1024], x, &film[2048..]].concat();
    is_transposed(
        &film[1024..2048],
        |x| physics.residual(&whole(x)),
        |r| physics.residual_vjp(&film, r)[1024..2048].to_vec(),
        1e-11,
    );
}

#[test]
fn the_transpose_of_the_residual_is_its_derivatives() {
    let physics = physics();
    let film = rough_film(5);
    let f = |x: &[f64]| physics.residual(x);
    is_transposed(&film, f, |r| physics.residual_vjp(&film, r), 1e-11);
}

#[test]
fn a_film_of_the_solver_has_no_defect() {
    let physics = physics();
    let solver = physics.solver();
    let start = field(solver, |x, y| 2.0 * waves(x, y));
    let film: Vec<f64> = film(solver, &start, 4).unwrap();
    let film: Vec<f64> = film.iter().map(|w| w / UNIT).collect();
    let defects = physics.defects(&film);
    assert!(gap(defects.values(), &vec![0.0; 3 * 1024]) < 1e-13);
    // A still film has the defect of what the flow would have done.
    let still = [&film[..1024], &film[..1024]].concat();
    let moved: Vec<f64> = (0..1024).map(|i| film[i] - film[1024 + i]).collect();
    assert!(gap(physics.defects(&still).values(), &moved) < 1e-13);
}

#[test]
fn the_transpose_of_the_defect_is_its_derivatives() {
    let physics = physics();
    let film = rough_film(3);
    let defects = physics.defects(&film);
    let f = |x: &[f64]| physics.defects(x).values().to_vec();
    is_transposed(&film, f, |r| defects.vjp(r), 1e-9);
}

#[test]
fn the_transpose_of_the_flow_map_is_its_derivatives() {
    // The last frame stands for itself, so only Φ_Δ of the first moves.
    let physics = physics();
    let film = rough_film(2);
    let defects = physics.defects(&film);
    let f = |x: &[f64]| {
        after(
            physics.solver(),
            &x.iter().map(|x| UNIT * x).collect::<Vec<_>>(),
            1,
        )
    };
    let back = |r: &[f64]| {
        let r: Vec<f64> = r.iter().map(|r| -UNIT * r).collect();
        defects.vjp(&r)[..1024].to_vec()
    };
    is_transposed(&film[..1024], f, back, 1e-9);
}
