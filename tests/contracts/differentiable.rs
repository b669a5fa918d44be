//! What holds for every `Differentiable`.

use crate::models::{Is, differentiables};
use crate::{bits, distance, dot, integral, largest, level, noisy, normals, pieces_are_the_whole};
use scorefield::denoise::JacobianAt;
use scorefield::level::Level;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn levels() -> [Level; 6] {
    [
        level(1.0, 0.01),
        level(1.0, 0.3),
        level(0.6, 0.8),
        level(0.1, 1.0),
        level(0.001, 1.0),
        level(1.0, 60.0),
    ]
}

fn jvp(at: &dyn JacobianAt, x: &[f64], v: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    at.jvp(x, v, &mut out);
    out
}

fn vjp(at: &dyn JacobianAt, x: &[f64], v: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    at.vjp(x, v, &mut out);
    out
}

fn x_hat(at: &dyn JacobianAt, x: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    at.x_hat(x, &mut out);
    out
}

fn added(a: &[f64], b: &[f64], factor: f64) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + factor * b).collect()
}

#[test]
fn x_hat_is_that_of_the_denoiser_to_the_bit() {
    for model in differentiables() {
        for level in levels() {
            let x = noisy(&level, &model.draws(1, 9), 2);
            let mut plain = vec![f64::NAN; x.len()];
            model.denoiser.at(&level).x_hat(&x, &mut plain);
            let own = x_hat(model.denoiser.differentiable_at(&level).as_ref(), &x);
            assert_eq!(bits(&own), bits(&plain), "{} {level:?}", model.name);
        }
    }
}

#[test]
fn products_in_pieces_give_the_bits_of_the_whole_whatever_the_output_held() {
    for model in differentiables() {
        let dim = model.dim;
        for level in [level(1.0, 0.3), level(0.1, 1.0)] {
            let x = noisy(&level, &model.draws(3, 70), 4);
            let v = normals(5, x.len());
            let at = model.denoiser.differentiable_at(&level);
            let inputs = [(&x[..], dim), (&v[..], dim)];
            let what = format!("{} {level:?}", model.name);
            pieces_are_the_whole(&format!("{what}, jvp"), &inputs, dim, |i, out| {
                at.jvp(i[0], i[1], out)
            });
            pieces_are_the_whole(&format!("{what}, vjp"), &inputs, dim, |i, out| {
                at.vjp(i[0], i[1], out)
            });
        }
    }
}

#[test]
fn both_products_at_once_are_the_two() {
    for model in differentiables() {
        for level in levels() {
            let x = noisy(&level, &model.draws(3, 7), 4);
            let v = normals(5, x.len());
            let at = model.denoiser.differentiable_at(&level);
            let (mut forth, mut back) = (vec![f64::NAN; x.len()], vec![f64::NAN; x.len()]);
            at.both(&x, &v, &mut forth, &mut back);
            let what = format!("{} {level:?}", model.name);
            assert_eq!(bits(&forth), bits(&jvp(at.as_ref(), &x, &v)), "{what}, jvp");
            assert_eq!(bits(&back), bits(&vjp(at.as_ref(), &x, &v)), "{what}, vjp");
        }
    }
}

/// ⟨u, Jv⟩ = ⟨Jᵀu, v⟩, of each particle.
#[test]
fn the_two_products_are_adjoint() {
    for model in differentiables() {
        for level in levels() {
            let x = noisy(&level, &model.draws(6, 12), 7);
            let (u, v) = (normals(8, x.len()), normals(9, x.len()));
            let at = model.denoiser.differentiable_at(&level);
            let (forth, back) = (jvp(at.as_ref(), &x, &v), vjp(at.as_ref(), &x, &u));
            let accuracy = at.accuracy();
            assert!(accuracy > 0.0 && accuracy < 0.01, "{}", model.name);
            let pairs = |a: &[f64], b: &[f64]| -> Vec<f64> {
                let each = a.chunks(model.dim).zip(b.chunks(model.dim));
                each.map(|(a, b)| dot(a, b)).collect()
            };
            let size = largest(&forth).max(largest(&back)) * largest(&u).max(largest(&v));
            let gap = distance(&pairs(&u, &forth), &pairs(&back, &v));
            assert!(
                gap <= accuracy * model.dim as f64 * size,
                "{} {level:?}: {gap:e} of {size:e}",
                model.name
            );
        }
    }
}

/// x̂(x + v) − x̂(x) = ∫₀¹ J(x + τv)·v dτ, v about as long as the noise: no difference of near numbers.
#[test]
fn slopes_add_up_to_the_change_of_x_hat() {
    for model in differentiables() {
        for level in levels() {
            let x = noisy(&level, &model.draws(10, 4), 11);
            let v: Vec<f64> = normals(12, x.len())
                .iter()
                .map(|z| level.sigma * z)
                .collect();
            let at = model.denoiser.differentiable_at(&level);
            let slopes = integral(x.len(), |tau| jvp(at.as_ref(), &added(&x, &v, tau), &v));
            let change = added(
                &x_hat(at.as_ref(), &added(&x, &v, 1.0)),
                &x_hat(at.as_ref(), &x),
                -1.0,
            );
            let size = largest(&change) + largest(&x_hat(at.as_ref(), &x));
            let gap = distance(&slopes, &change);
            assert!(
                gap <= 10.0 * at.accuracy() * size,
                "{} {level:?}: {gap:e} of {size:e}",
                model.name
            );
        }
    }
}

#[test]
fn products_are_linear() {
    for model in differentiables() {
        for level in levels() {
            let x = noisy(&level, &model.draws(13, 5), 14);
            let (v, w) = (normals(15, x.len()), normals(16, x.len()));
            let at = model.denoiser.differentiable_at(&level);
            for product in [jvp, vjp] {
                let product = |v: &[f64]| product(at.as_ref(), &x, v);
                let own = product(&added(&v, &w, -2.5));
                let expected = added(&product(&v), &product(&w), -2.5);
                let size = largest(&product(&v)) + 2.5 * largest(&product(&w));
                let gap = distance(&own, &expected);
                assert!(
                    gap <= at.accuracy() * size,
                    "{} {level:?}: {gap:e}",
                    model.name
                );
                assert!(product(&vec![0.0; v.len()]).iter().all(|x| *x == 0.0));
            }
        }
    }
}

/// The documented panics: lengths that differ, and no whole number of particles.
#[test]
fn slices_that_do_not_fit_are_refused() {
    for model in differentiables() {
        let at = model.denoiser.differentiable_at(&level(0.6, 0.8));
        let refuses = |n: usize, out: usize| {
            let (x, v) = (vec![0.1; n], vec![0.2; n]);
            let jvp = || at.jvp(&x, &v, &mut vec![0.0; out]);
            let vjp = || at.vjp(&x, &v, &mut vec![0.0; out]);
            let refused = catch_unwind(AssertUnwindSafe(jvp)).is_err()
                && catch_unwind(AssertUnwindSafe(vjp)).is_err();
            assert!(refused, "{}: {n} numbers in, {out} out", model.name);
        };
        refuses(2 * model.dim, model.dim);
        refuses(model.dim, 2 * model.dim);
        if model.dim > 1 {
            refuses(model.dim + 1, model.dim + 1);
        }
    }
}

/// σ²/α·J is the covariance of x₀ given x_t: symmetric and not negative.
#[test]
fn the_jacobian_of_an_exact_denoiser_is_a_covariance() {
    let mut seen = 0;
    for model in differentiables().iter().filter(|m| m.is == Is::Exact) {
        for level in levels() {
            let x = noisy(&level, &model.draws(17, 1), 18);
            let (u, v) = (normals(19, x.len()), normals(20, x.len()));
            let at = model.denoiser.differentiable_at(&level);
            let (ju, jv) = (jvp(at.as_ref(), &x, &u), jvp(at.as_ref(), &x, &v));
            let size = largest(&ju).max(largest(&jv)) * model.dim as f64;
            assert!(
                (dot(&u, &jv) - dot(&v, &ju)).abs() < 1e-11 * size,
                "{}",
                model.name
            );
            assert!(dot(&v, &jv) > 0.0, "{}", model.name);
        }
        seen += 1;
    }
    assert!(seen >= 4);
}
