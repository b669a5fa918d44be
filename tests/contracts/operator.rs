//! What holds for every kind of `Operator`, and for every `Observation` through it.

use crate::{distance, dot, in_parts, integral, largest, normals, pieces_are_the_whole};
use scorefield::observe::{Band, Observation, Operator, OperatorKind, States};
use scorefield::word::Words;

const STATES: States = States { length: 7, dim: 2 };
const O: [f64; 6] = [1.0, 0.5, 0.0, -2.0, 0.3, 0.0];

/// Every kind of operator, on states of 14 numbers.
fn kinds() -> Vec<(&'static str, Operator)> {
    let of_chains = OperatorKind::ALL.iter();
    let on = |kind: &OperatorKind| (kind.word(), kind.on(STATES, &O, &[0, 2, 3, 6]).unwrap());
    let mut out: Vec<_> = of_chains.map(on).collect();
    let slice = Operator::slice(14, &[1, 5, 13]).unwrap();
    let all = [&slice].into_iter().chain(out.iter().map(|k| &k.1));
    let all = Operator::stacked(&all.collect::<Vec<_>>()).unwrap();
    out.extend([("slice", slice), ("stacked", all)]);
    out
}

fn predict(a: &Operator, x: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len() / a.dim() * a.rows()];
    a.predict(x, &mut out);
    out
}

fn jvp(a: &Operator, x: &[f64], v: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len() / a.dim() * a.rows()];
    a.jvp(x, v, &mut out);
    out
}

fn vjp(a: &Operator, x: &[f64], w: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    a.vjp(x, w, &mut out);
    out
}

#[test]
fn pieces_give_the_bits_of_the_whole_whatever_the_output_held() {
    for (name, a) in kinds() {
        let (dim, rows) = (a.dim(), a.rows());
        let (x, v, w) = (
            normals(1, 9 * dim),
            normals(2, 9 * dim),
            normals(3, 9 * rows),
        );
        let (x, v, w) = ((&x[..], dim), (&v[..], dim), (&w[..], rows));
        pieces_are_the_whole(name, &[x], rows, |i, out| a.predict(i[0], out));
        pieces_are_the_whole(name, &[x], rows, |i, out| a.slopes(i[0], out));
        pieces_are_the_whole(name, &[x, v], rows, |i, out| a.jvp(i[0], i[1], out));
        pieces_are_the_whole(name, &[x, w], dim, |i, out| a.vjp(i[0], i[1], out));
    }
}

#[test]
fn the_two_products_are_adjoint() {
    for (name, a) in kinds() {
        for seed in 0..50 {
            let (x, v) = (normals(seed, a.dim()), normals(seed + 100, a.dim()));
            let w = normals(seed + 200, a.rows());
            let gap = dot(&jvp(&a, &x, &v), &w) - dot(&v, &vjp(&a, &x, &w));
            assert!(gap.abs() < 1e-12, "{name}: {gap:e}");
        }
    }
}

/// A(x + v) − A(x) = ∫₀¹ A'(x + τv)·v dτ. |u| is not smooth at 0: paths that cross it are left out.
#[test]
fn slopes_add_up_to_the_change_of_the_prediction() {
    for (name, a) in kinds() {
        let mut seen = 0;
        for seed in 0..50 {
            let x = normals(seed, a.dim());
            let v: Vec<f64> = normals(seed + 100, a.dim())
                .iter()
                .map(|v| 0.2 * v)
                .collect();
            let moved =
                |tau: f64| -> Vec<f64> { x.iter().zip(&v).map(|(x, v)| x + tau * v).collect() };
            let (from, to) = (predict(&a, &x), predict(&a, &moved(1.0)));
            if from.iter().zip(&to).any(|(a, b)| a * b <= 0.0) {
                continue;
            }
            let slopes = integral(a.rows(), |tau| jvp(&a, &moved(tau), &v));
            let change: Vec<f64> = from.iter().zip(&to).map(|(a, b)| b - a).collect();
            let gap = distance(&slopes, &change);
            assert!(gap < 1e-12, "{name}: {gap:e}");
            seen += 1;
        }
        assert!(seen > 5, "{name}: {seen}");
    }
}

/// A' = D·B, and A = B·x where no row saturates.
#[test]
fn products_are_those_of_the_matrix_and_the_slopes() {
    for (name, a) in kinds() {
        let (dim, rows) = (a.dim(), a.rows());
        let (b, x, v) = (a.matrix(), normals(4, dim), normals(5, dim));
        let mut slopes = vec![f64::NAN; rows];
        a.slopes(&x, &mut slopes);
        let times = |v: &[f64]| -> Vec<f64> { b.chunks(dim).map(|row| dot(row, v)).collect() };
        let expected: Vec<f64> = times(&v).iter().zip(&slopes).map(|(u, s)| u * s).collect();
        assert!(distance(&jvp(&a, &x, &v), &expected) < 1e-14, "{name}");
        let own = predict(&a, &x);
        for (r, u) in times(&x).into_iter().enumerate() {
            let expected = if a.saturates()[r] {
                u / (1.0 + u.abs())
            } else {
                u
            };
            assert!((own[r] - expected).abs() < 1e-14, "{name}");
            let slope = if a.saturates()[r] {
                (1.0 + u.abs()).powi(-2)
            } else {
                1.0
            };
            assert!((slopes[r] - slope).abs() < 1e-14, "{name}");
        }
        assert_eq!(a.is_linear(), !a.saturates().contains(&true), "{name}");
        // BBᵀ.
        let gram = a.gram();
        for (i, p) in b.chunks(dim).enumerate() {
            for (j, q) in b.chunks(dim).enumerate() {
                assert!(
                    (gram.get(i, j) - dot(p, q)).abs() < 1e-14,
                    "{name} ({i}, {j})"
                );
            }
        }
        // What is picked is what is seen.
        for (r, k) in a.sliced().into_iter().flatten().enumerate() {
            assert_eq!(own[r], x[k], "{name}");
        }
        assert_eq!(a.sliced().is_some(), name == "slice");
    }
}

#[test]
fn a_stack_is_its_parts_under_each_other() {
    let kinds = kinds();
    for (first, a) in &kinds {
        for (second, b) in &kinds {
            let both = Operator::stacked(&[a, b]).unwrap();
            let (x, v) = (normals(6, 14), normals(7, 14));
            let (w_a, w_b) = (normals(8, a.rows()), normals(9, b.rows()));
            let what = format!("{first} above {second}");
            assert_eq!(
                predict(&both, &x),
                [predict(a, &x), predict(b, &x)].concat(),
                "{what}"
            );
            assert_eq!(
                jvp(&both, &x, &v),
                [jvp(a, &x, &v), jvp(b, &x, &v)].concat(),
                "{what}"
            );
            let back = vjp(&both, &x, &[w_a.clone(), w_b.clone()].concat());
            let parts: Vec<f64> = vjp(a, &x, &w_a)
                .iter()
                .zip(vjp(b, &x, &w_b))
                .map(|(a, b)| a + b)
                .collect();
            assert!(distance(&back, &parts) < 1e-14, "{what}");
        }
    }
}

/// The residual y − A(x), of values for all and of values of each particle's own, whole and in parts.
#[test]
fn a_residual_is_what_the_prediction_leaves_of_the_values() {
    for (name, a) in kinds() {
        let (dim, rows, n) = (a.dim(), a.rows(), 11);
        let noise = Band::isotropic(rows, 0.3);
        let x = normals(10, n * dim);
        let of_all = normals(11, rows);
        let own = normals(12, n * rows);
        for (y, each) in [(of_all.repeat(n), false), (own, true)] {
            let seen = match each {
                true => Observation::for_each(a.clone(), &noise, y.clone()),
                false => Observation::new(a.clone(), &noise, of_all.clone()),
            };
            let seen = seen.unwrap();
            assert_eq!(seen.particles(), if each { n } else { 1 });
            let expected: Vec<f64> = y.iter().zip(predict(&a, &x)).map(|(y, p)| y - p).collect();
            let mut whole = vec![f64::NAN; n * rows];
            seen.residual(&x, &mut whole);
            assert_eq!(whole, expected, "{name}");
            for parts in crate::partings(n) {
                let mut first = 0;
                let own = in_parts(&parts, &[(&x, dim)], rows, f64::NAN, |x, out| {
                    seen.residual_from(first, x[0], out);
                    first += out.len() / rows;
                });
                assert_eq!(own, expected, "{name} {parts:?}");
            }
        }
    }
}

/// V = keep·R + scale·A'A'ᵀ, its Cholesky solution and its inverse.
#[test]
fn a_spread_is_its_formula_and_is_inverted() {
    for (name, a) in kinds() {
        let (dim, rows) = (a.dim(), a.rows());
        let noise: Vec<f64> = (0..rows).map(|r| 0.1 + 0.05 * r as f64).collect();
        let seen = Observation::new(a.clone(), &Band::diagonal(&noise), vec![0.0; rows]).unwrap();
        let slopes: Vec<f64> = (0..rows).map(|r| 1.0 / (1.0 + r as f64)).collect();
        let b = a.matrix();
        for (keep, scale) in [(1.0, 0.7), (0.5, 2.0)] {
            let dense = |d: &[f64], i: usize, j: usize| {
                let product = dot(&b[i * dim..(i + 1) * dim], &b[j * dim..(j + 1) * dim]);
                scale * d[i] * d[j] * product + if i == j { keep * noise[i] } else { 0.0 }
            };
            let mut v = seen.covariance();
            seen.spread(keep, scale, Some(&slopes), &mut v);
            for i in 0..rows {
                for j in 0..rows {
                    assert!((v.get(i, j) - dense(&slopes, i, j)).abs() < 1e-14, "{name}");
                }
            }
            let right = normals(13, rows);
            let mut solution = right.clone();
            let mut factor = v.clone();
            assert!(factor.factor(), "{name}");
            factor.solve(&mut solution);
            let mut back = vec![0.0; rows];
            v.multiply_add(&solution, &mut back);
            assert!(
                distance(&back, &right) < 1e-11 * (1.0 + largest(&solution)),
                "{name}"
            );
            let inverse = seen.inverse(keep, scale).unwrap();
            let ones = vec![1.0; rows];
            for i in 0..rows {
                for j in 0..rows {
                    let entry: f64 = (0..rows)
                        .map(|k| inverse[i * rows + k] * dense(&ones, k, j))
                        .sum();
                    assert!(
                        (entry - f64::from(i == j)).abs() < 1e-10,
                        "{name} ({i}, {j}): {entry}"
                    );
                }
            }
        }
    }
}
