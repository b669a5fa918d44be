//! The Gaussian law of films: its denoiser, its posterior and its measured table.

use super::{gap, mean};
use scorefield::denoise::{Denoiser, Differentiable};
use scorefield::dynamics::kolmogorov::{Films, UNIT};
use scorefield::level::Level;
use scorefield::process::Matrix;
use scorefield::process::film::{GaussianFilm, LAGS, MOST, Posterior, Preparing, Table};
use scorefield::rng::{Noise, Stream};
use std::rc::Rc;

const N: usize = 6;
const FRAMES: usize = 3;

/// A law of small films: steep in k, and correlated in time.
fn small_table() -> Table {
    let mut values = vec![];
    for kx in 0..N / 2 {
        for ky in 0..N / 2 {
            let k2 = (kx * kx + ky * ky) as f64;
            let power = 4.0 / (1.0 + k2);
            values.extend((0..4).map(|lag| (power * (-0.3 * k2 * f64::from(lag)).exp()) as f32));
        }
    }
    Table::new((N, 1), 0.4, 4, values)
}

fn small() -> GaussianFilm {
    GaussianFilm::new(&small_table(), FRAMES).unwrap()
}

fn level(alpha: f64, sigma: f64) -> Level {
    Level {
        t: 0.5,
        alpha,
        sigma,
    }
}

fn normals(seed: u64, n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n];
    Noise::new(seed).normals(Stream::Forward, 0, 0, &mut out);
    out
}

/// m and C as dense arrays.
fn dense(law: &GaussianFilm) -> (Matrix<f64>, Matrix<f64>) {
    let (n, dim) = (law.pixels(), law.dim());
    let place = |at: usize| (at / (n * n), at / n % n, at % n);
    let blocks: Vec<Vec<f64>> = (0..law.frames() * law.frames())
        .map(|b| law.covariance(b / law.frames(), b % law.frames()))
        .collect();
    let covariance = Matrix::from_fn(dim, dim, |a, b| {
        let ((i, y, x), (j, v, u)) = (place(a), place(b));
        blocks[i * law.frames() + j][(y + n - v) % n * n + (x + n - u) % n]
    });
    let m = law.mean_field();
    let m = Matrix::from_fn(dim, 1, |a, _| m[a % (n * n)]);
    (m, covariance)
}

#[test]
fn the_covariance_is_the_sum_over_waves() {
    let law = small();
    let table = small_table();
    // The law of three frames is not clipped: its matrices decay exponentially and are positive.
    for (i, j) in [(0, 0), (0, 2), (2, 1)] {
        let own = law.covariance(i, j);
        let exact = |y: f64, x: f64| {
            let mut sum = 0.0;
            for kx in -2_i32..=2 {
                for ky in -2_i32..=2 {
                    if (kx, ky) != (0, 0) {
                        let c = f64::from(table.covariances(kx, ky)[i.abs_diff(j)]);
                        let phase = std::f64::consts::TAU / N as f64;
                        sum += c * (phase * (f64::from(kx) * x + f64::from(ky) * y)).cos();
                    }
                }
            }
            sum / (N * N) as f64
        };
        for (at, own) in own.iter().enumerate() {
            let sum = exact((at / N) as f64, (at % N) as f64);
            assert!((own - sum).abs() < 1e-6, "{own} {sum}");
        }
    }
}

#[test]
fn the_denoiser_is_the_conditional_mean_of_the_dense_law() {
    let law = small();
    let (m, c) = dense(&law);
    for (alpha, sigma) in [(1.0, 0.3), (0.6, 0.8), (1.0, 5.0)] {
        let x: Vec<f64> = normals(3, law.dim());
        let at = Matrix::from_fn(law.dim(), 1, |i, _| x[i]);
        let total = &c * (alpha * alpha) + Matrix::identity(law.dim(), law.dim()) * (sigma * sigma);
        let solved = total.cholesky().unwrap().solve(&(at - &m * alpha));
        let exact = &m + &c * solved * alpha;
        let mut own = vec![0.0; law.dim()];
        law.at(&level(alpha, sigma)).x_hat(&x, &mut own);
        assert!(gap(&own, exact.as_slice()) < 1e-12);
        // The Jacobian is a matrix, and x̂ is affine.
        let v = normals(4, law.dim());
        let moved: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x + v).collect();
        let (mut ahead, mut product) = (own.clone(), own.clone());
        law.at(&level(alpha, sigma)).x_hat(&moved, &mut ahead);
        law.differentiable_at(&level(alpha, sigma))
            .vjp(&x, &v, &mut product);
        let sum: Vec<f64> = own.iter().zip(&product).map(|(a, b)| a + b).collect();
        assert!(gap(&ahead, &sum) < 1e-12);
    }
}

#[test]
fn draws_have_the_covariance_of_the_law() {
    let law = small();
    let (m, c) = dense(&law);
    let count = 20_000;
    let mut films = vec![0.0; count * law.dim()];
    law.sample(&Noise::new(1), Stream::Data, 0, 0, &mut films);
    for (a, b) in [(0, 0), (0, 1), (5, 5 + N * N), (7, 3 + 2 * N * N), (40, 40)] {
        let product = |film: &[f64]| (film[a] - m[a]) * (film[b] - m[b]);
        let own = films.chunks_exact(law.dim()).map(product).sum::<f64>() / count as f64;
        let spread = (c[(a, a)] * c[(b, b)] + c[(a, b)] * c[(a, b)]).sqrt();
        let five_errors = 5.0 * spread / (count as f64).sqrt();
        assert!(
            (own - c[(a, b)]).abs() < five_errors,
            "{a} {b}: {own} {}",
            c[(a, b)]
        );
    }
    // A draw does not depend on how many are drawn together.
    let mut one = vec![0.0; law.dim()];
    law.sample(&Noise::new(1), Stream::Data, 0, 7, &mut one);
    assert_eq!(one, films[7 * law.dim()..8 * law.dim()]);
}

/// Some places of a film, and values there.
fn observed(law: &GaussianFilm) -> (Vec<usize>, Vec<f64>) {
    let seen: Vec<usize> = (0..law.dim())
        .filter(|i| i % 7 == 2 || i % 11 == 0)
        .collect();
    let y = normals(5, seen.len());
    (seen, y)
}

/// Mean and covariance given y, by dense algebra.
fn conditioned(law: &GaussianFilm, noise: f64) -> (Matrix<f64>, Matrix<f64>) {
    let (m, c) = dense(law);
    let (seen, y) = observed(law);
    let rows = Matrix::from_fn(seen.len(), law.dim(), |r, i| {
        f64::from(u8::from(seen[r] == i))
    });
    let own = Matrix::from_fn(seen.len(), 1, |r, _| y[r] - m[seen[r]]);
    let s =
        &rows * &c * rows.transpose() + Matrix::identity(seen.len(), seen.len()) * (noise * noise);
    let gain = &c * rows.transpose() * s.try_inverse().unwrap();
    (&m + &gain * own, &c - &gain * &rows * &c)
}

#[test]
fn the_posterior_mean_is_conditioning_of_the_dense_law() {
    let law = Rc::new(small());
    let (exact, _) = conditioned(&law, 0.3);
    let (seen, y) = observed(&law);
    let posterior = Posterior::new(law, seen, 0.3).unwrap();
    assert!(gap(&posterior.mean(&y), exact.as_slice()) < 1e-11);
}

#[test]
fn draws_of_the_posterior_have_its_mean_and_covariance() {
    let law = Rc::new(small());
    let (exact, covariance) = conditioned(&law, 0.3);
    let (seen, y) = observed(&law);
    let posterior = Posterior::new(law.clone(), seen, 0.3).unwrap();
    let count: u32 = 4000;
    let draws: Vec<Vec<f64>> = (0..count)
        .map(|i| posterior.sample(&Noise::new(2), &y, u64::from(i)))
        .collect();
    let errors = (f64::from(count)).sqrt();
    for at in (0..law.dim()).step_by(5) {
        let numbers: Vec<f64> = draws.iter().map(|x| x[at]).collect();
        let variance = covariance[(at, at)];
        let five_errors = 5.0 * variance.sqrt() / errors;
        assert!((mean(&numbers) - exact[at]).abs() < five_errors, "{at}");
        let squares: Vec<f64> = numbers.iter().map(|x| (x - exact[at]).powi(2)).collect();
        let five_errors = 5.0 * variance * 2.0_f64.sqrt() / errors;
        assert!((mean(&squares) - variance).abs() < five_errors, "{at}");
    }
}

#[test]
fn observations_that_cannot_be_solved_are_refused_with_the_remedy() {
    let law = Rc::new(GaussianFilm::committed(4).unwrap());
    let refused = |seen: Vec<usize>, noise: f64| {
        let error = Preparing::new(law.clone(), seen, noise).err().unwrap();
        error.to_string()
    };
    let text = refused((0..=MOST).collect(), 0.1);
    assert!(text.contains("2001 numbers are observed") && text.contains("Observe fewer pixels"));
    assert!(refused(vec![], 0.1).contains("Observe at least one pixel"));
    assert!(refused(vec![3, 3], 0.1).contains("Sort them"));
    assert!(refused(vec![4 * 1024], 0.1).contains("stay below"));
    assert!(refused(vec![1], 0.0).contains("above 0"));
    // Twice the dead mean: two pixels of a law without noise are not the trouble, all of a frame are.
    let all = Preparing::new(law.clone(), (0..1024).collect(), 1e-9).unwrap();
    let mut all = all;
    let failed = loop {
        match all.part() {
            Ok(true) => break None,
            Ok(false) => {}
            Err(e) => break Some(e.to_string()),
        }
    };
    assert!(failed.unwrap().contains("more noise"));
    let frames = GaussianFilm::committed(LAGS + 1).err().unwrap().to_string();
    assert!(frames.contains("1 to 32 frames, not 33"), "{frames}");
}

#[test]
fn a_measured_table_is_that_of_the_law_that_made_its_films() {
    let law = small();
    let (count, unit) = (6000, 2.5);
    let mut films = vec![0.0; count * law.dim()];
    law.sample(&Noise::new(9), Stream::Data, 0, 0, &mut films);
    let numbers = films.iter().map(|x| (unit * x) as f32).collect();
    let films = Films::new((N, 1), FRAMES, numbers);
    let own = Table::measure(&films, unit, FRAMES);
    let exact = small_table();
    let exact_power = |kx: i32, ky: i32| exact.covariances(kx, ky)[0];
    assert!((own.mean() - exact.mean()).abs() < 0.01);
    for kx in 0..3 {
        for ky in 0..3 {
            let pairs = own
                .covariances(kx, ky)
                .iter()
                .zip(exact.covariances(kx, ky));
            for (lag, (own, c)) in pairs.enumerate() {
                let exact = if (kx, ky) == (0, 0) { 0.0 } else { *c };
                // Frames of a film are correlated, so films are counted.
                let power = if (kx, ky) == (0, 0) {
                    0.0
                } else {
                    exact_power(kx, ky)
                };
                let five_errors = 5.0 * power / (count as f32).sqrt();
                assert!(
                    (own - exact).abs() <= five_errors,
                    "{kx} {ky} {lag}: {own} {exact}"
                );
            }
        }
    }
    assert_eq!(own.lags(), FRAMES);
}

#[test]
fn the_committed_table_has_the_published_errors() {
    let law = GaussianFilm::committed(5).unwrap();
    for (s, published) in [
        (0.1, 0.0057),
        (0.4, 0.0352),
        (0.8, 0.0759),
        (1.6, 0.1558),
        (6.4, 0.5095),
    ] {
        let own = law.error(s);
        // The two sets of films are independent; each has an error of one to two per cent.
        assert!(
            (own / published - 1.0).abs() < 0.04,
            "s = {s}: {own}, not {published}"
        );
    }
    assert!((Table::committed().mean() + 0.576).abs() < 0.03);
    assert_eq!(Table::committed().lags(), LAGS);
    // The error is that of the denoiser, on draws of the law.
    let mut films = vec![0.0; 20 * law.dim()];
    law.sample(&Noise::new(4), Stream::Data, 0, 0, &mut films);
    let s = 0.8;
    let noisy: Vec<f64> = films
        .iter()
        .zip(normals(6, films.len()))
        .map(|(x, z)| x + s * z)
        .collect();
    let mut own = vec![0.0; films.len()];
    law.at(&level(1.0, s)).x_hat(&noisy, &mut own);
    let squares: Vec<f64> = own
        .iter()
        .zip(&films)
        .map(|(a, b)| (a - b).powi(2))
        .collect();
    // The draws live on live modes, and so do the errors.
    assert!(
        (mean(&squares) / law.error(s) - 1.0).abs() < 0.03,
        "{}",
        mean(&squares)
    );
}

#[test]
fn error_and_size_add_up_to_the_variance() {
    let law = GaussianFilm::committed(5).unwrap();
    for s in [0.05, 0.8, 12.8] {
        let sum = law.error(s) + law.size(s).powi(2);
        assert!((sum - law.variance()).abs() < 1e-12);
    }
}

#[test]
fn the_unit_is_the_deviation_of_the_law() {
    // One frame has nothing to clip.
    let law = GaussianFilm::committed(1).unwrap();
    let square = law.variance() + 0.5 * Table::committed().mean().powi(2);
    assert!(
        (square.sqrt() * UNIT - UNIT).abs() < 6e-4,
        "{}",
        square.sqrt() * UNIT
    );
}
