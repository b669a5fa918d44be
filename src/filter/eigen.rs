//! Eigenvalues and eigenvectors of symmetric matrices of up to 200 rows, with plain operations and square roots only.
//!
//! The rotations of `src/process/lgssm/algebra.rs` keep the digits of tiny eigenvalues, and are several times slower.

/// The decomposition A = Σ_k λ_k·v_k·v_kᵀ of a symmetric matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// λ, in no particular order.
    pub values: Vec<f64>,
    /// v, one eigenvector a row, `[n × n]`.
    pub vectors: Vec<f64>,
}

/// Largest number of QL steps for an eigenvalue: two are usual.
const STEPS: u32 = 60;

/// The eigenvalues and eigenvectors of the symmetric matrix `a` `[n × n]`: Householder's tridiagonal form, then the QL
/// method with implicit shifts (Bowdler, Martin, Reinsch & Wilkinson 1968). `None` if it does not converge, as for a matrix
/// that is not finite.
///
/// Held by `src/filter/eigen.rs`: `eigenvectors_are_orthonormal_and_give_the_matrix_back`.
pub fn symmetric(mut a: Vec<f64>, n: usize) -> Option<Eigen> {
    let mut vectors = vec![0.0; n * n];
    (0..n).for_each(|i| vectors[i * n + i] = 1.0);
    let (mut values, mut below) = (vec![0.0; n], vec![0.0; n]);
    let (mut v, mut p) = (vec![0.0; n], vec![0.0; n]);
    for k in 0..n.saturating_sub(2) {
        // H = I − β·v·vᵀ takes the column below the diagonal to its first entry.
        v[k + 1..].copy_from_slice(&a[k * n + k + 1..(k + 1) * n]);
        let rest: f64 = v[k + 2..].iter().map(|x| x * x).sum();
        if rest == 0.0 {
            continue;
        }
        let first = v[k + 1];
        let norm = (first * first + rest).sqrt();
        let alpha = if first > 0.0 { -norm } else { norm };
        v[k + 1] = first - alpha;
        let beta = 2.0 / (v[k + 1] * v[k + 1] + rest);
        let v = &v[k + 1..];
        // A ← HAH = A − v·wᵀ − w·vᵀ with p = βAv, w = p − ½β(vᵀp)v.
        let p = &mut p[k + 1..];
        p.fill(0.0);
        for (row, x) in a[(k + 1) * n..].chunks_exact(n).zip(v) {
            let factor = beta * x;
            p.iter_mut()
                .zip(&row[k + 1..])
                .for_each(|(p, a)| *p += factor * a);
        }
        let along: f64 = v.iter().zip(&*p).map(|(v, p)| v * p).sum();
        p.iter_mut()
            .zip(v)
            .for_each(|(p, v)| *p -= 0.5 * beta * along * v);
        for (i, row) in a[(k + 1) * n..].chunks_exact_mut(n).enumerate() {
            let (x, w) = (v[i], p[i]);
            let terms = v.iter().zip(&*p);
            row[k + 1..]
                .iter_mut()
                .zip(terms)
                .for_each(|(a, (v, p))| *a -= x * p + w * v);
        }
        (a[k * n + k + 1], a[(k + 1) * n + k]) = (alpha, alpha);
        // The rows of Qᵀ: Qᵀ ← HQᵀ.
        p.fill(0.0);
        let mut sum = vec![0.0; n];
        for (row, x) in vectors[(k + 1) * n..].chunks_exact(n).zip(v) {
            sum.iter_mut().zip(row).for_each(|(s, q)| *s += x * q);
        }
        for (row, x) in vectors[(k + 1) * n..].chunks_exact_mut(n).zip(v) {
            let factor = beta * x;
            row.iter_mut().zip(&sum).for_each(|(q, s)| *q -= factor * s);
        }
    }
    for i in 0..n {
        values[i] = a[i * n + i];
        below[i] = if i + 1 < n { a[(i + 1) * n + i] } else { 0.0 };
    }
    for l in 0..n {
        one(l, &mut values, &mut below, &mut vectors)?;
    }
    Some(Eigen { values, vectors })
}

/// Makes `below[l]` zero.
fn one(l: usize, values: &mut [f64], below: &mut [f64], vectors: &mut [f64]) -> Option<()> {
    let n = values.len();
    for _ in 0..STEPS {
        // The first place from l on where the matrix falls apart.
        let small = |m: &usize| {
            let size = values[*m].abs() + values[m + 1].abs();
            below[*m].abs() <= f64::EPSILON * size
        };
        let m = (l..n - 1).find(small).unwrap_or(n - 1);
        if m == l {
            return Some(());
        }
        let slope = (values[l + 1] - values[l]) / (2.0 * below[l]);
        let root = (slope * slope + 1.0).sqrt();
        let far = slope + if slope < 0.0 { -root } else { root };
        let mut g = values[m] - values[l] + below[l] / far;
        let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
        let mut early = false;
        for i in (l..m).rev() {
            let (f, b) = (s * below[i], c * below[i]);
            let r = (f * f + g * g).sqrt();
            below[i + 1] = r;
            if r == 0.0 {
                values[i + 1] -= p;
                below[m] = 0.0;
                early = true;
                break;
            }
            (s, c) = (f / r, g / r);
            g = values[i + 1] - p;
            let t = (values[i] - g) * s + 2.0 * c * b;
            p = s * t;
            values[i + 1] = g + p;
            g = c * t - b;
            let (head, tail) = vectors.split_at_mut((i + 1) * n);
            for (x, y) in head[i * n..].iter_mut().zip(&mut tail[..n]) {
                (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
            }
        }
        if !early {
            values[l] -= p;
            below[l] = g;
            below[m] = 0.0;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_are_orthonormal_and_give_the_matrix_back() {
        for n in [1, 2, 3, 7, 20, 61] {
            // Of full rank, of rank 2, and diagonal with equal entries.
            let value = |i: usize| ((i * 37 % 101) as f64 - 50.0) / 64.0;
            let full: Vec<f64> = (0..n * n)
                .map(|at| value(at / n * n + at % n) + value(at % n * n + at / n))
                .collect();
            let low: Vec<f64> = (0..n * n)
                .map(|at| value(at / n) * value(at % n) + 1.0)
                .collect();
            let equal: Vec<f64> = (0..n * n)
                .map(|at| if at / n == at % n { 3.0 } else { 0.0 })
                .collect();
            for a in [full, low, equal] {
                let Eigen { values, vectors } = symmetric(a.clone(), n).unwrap();
                for i in 0..n {
                    for j in 0..n {
                        let dot: f64 = (0..n)
                            .map(|k| vectors[i * n + k] * vectors[j * n + k])
                            .sum();
                        let unit = if i == j { 1.0 } else { 0.0 };
                        assert!((dot - unit).abs() < 1e-13 * n as f64, "{n}: {dot}");
                        let sum: f64 = (0..n)
                            .map(|k| values[k] * vectors[k * n + i] * vectors[k * n + j])
                            .sum();
                        assert!(
                            (sum - a[i * n + j]).abs() < 1e-13 * (n * n) as f64,
                            "{n}: {sum}"
                        );
                    }
                }
            }
        }
        assert_eq!(symmetric(vec![1.0, f64::NAN, f64::NAN, 1.0], 2), None);
    }
}
