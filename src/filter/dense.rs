//! Small dense matrices, stored row by row.

/// The lower Cholesky factor L of a symmetric positive definite matrix `[d × d]`, in place, with zeros above the diagonal.
/// Returns whether the matrix is positive definite; if not, its content is no factor.
///
/// Held by `src/filter/dense.rs`: `a_factor_gives_the_matrix_back_and_solves`.
pub fn cholesky(a: &mut [f64], d: usize) -> bool {
    factor(a, d, |_| None)
}

/// As [`cholesky`] for a matrix that may be only semidefinite: a pivot that is 0 up to rounding gives a column of zeros.
///
/// Held by `src/filter/dense.rs`: `a_semidefinite_matrix_has_a_factor_with_zero_columns`.
pub fn factor_semidefinite(a: &mut [f64], d: usize) {
    let size: Vec<f64> = (0..d).map(|i| a[i * d + i].abs()).collect();
    factor(a, d, |i| Some(1e-12 * size[i]));
}

/// `zero(i)`: pivots up to this size give a column of zeros; `None` if they are a failure.
fn factor(a: &mut [f64], d: usize, zero: impl Fn(usize) -> Option<f64>) -> bool {
    for j in 0..d {
        // Row j of the lower triangle is done up to column j.
        let pivot = a[j * d + j];
        let floor = zero(j);
        // NaN is not positive.
        let positive = pivot > floor.unwrap_or(0.0);
        if !positive && floor.is_none() {
            return false;
        }
        if !positive {
            (j..d).for_each(|i| a[i * d + j] = 0.0);
            continue;
        }
        let root = pivot.sqrt();
        a[j * d + j] = root;
        for i in j + 1..d {
            a[i * d + j] /= root;
        }
        let column: Vec<f64> = (j + 1..d).map(|i| a[i * d + j]).collect();
        for (k, &l) in column.iter().enumerate() {
            let i = j + 1 + k;
            let row = &mut a[i * d + j + 1..][..=k];
            row.iter_mut().zip(&column).for_each(|(x, c)| *x -= l * c);
        }
    }
    for i in 0..d {
        a[i * d + i + 1..(i + 1) * d].fill(0.0);
    }
    true
}

/// Solves LLᵀX = B in place: `l` is a factor of [`cholesky`] `[d × d]`, `b` holds B `[d × k]` row by row.
///
/// Held by `src/filter/dense.rs`: `a_factor_gives_the_matrix_back_and_solves`.
pub fn solve(l: &[f64], d: usize, b: &mut [f64]) {
    forward(l, d, b);
    backward(l, d, b);
}

/// Solves LX = B in place, with the matrices of [`solve`].
///
/// Held by `src/filter/dense.rs`: `a_factor_gives_the_matrix_back_and_solves`.
pub fn forward(l: &[f64], d: usize, b: &mut [f64]) {
    let k = b.len() / d;
    for i in 0..d {
        let (above, rest) = b.split_at_mut(i * k);
        let row = &mut rest[..k];
        for (j, other) in above.chunks_exact(k).enumerate() {
            let factor = l[i * d + j];
            row.iter_mut()
                .zip(other)
                .for_each(|(x, o)| *x -= factor * o);
        }
        let pivot = l[i * d + i];
        row.iter_mut().for_each(|x| *x /= pivot);
    }
}

/// Solves LᵀX = B in place, with the matrices of [`solve`].
///
/// Held by `src/filter/dense.rs`: `a_factor_gives_the_matrix_back_and_solves`.
pub fn backward(l: &[f64], d: usize, b: &mut [f64]) {
    let k = b.len() / d;
    for i in (0..d).rev() {
        let (head, below) = b.split_at_mut((i + 1) * k);
        let row = &mut head[i * k..];
        for (j, other) in below.chunks_exact(k).enumerate() {
            let factor = l[(i + 1 + j) * d + i];
            row.iter_mut()
                .zip(other)
                .for_each(|(x, o)| *x -= factor * o);
        }
        let pivot = l[i * d + i];
        row.iter_mut().for_each(|x| *x /= pivot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A positive definite matrix of no particular structure.
    fn matrix(d: usize) -> Vec<f64> {
        let root: Vec<f64> = (0..d * d)
            .map(|i| ((i * 37 % 101) as f64 - 50.0) / 64.0)
            .collect();
        let mut out = vec![0.0; d * d];
        for i in 0..d {
            for j in 0..d {
                let dot: f64 = (0..d).map(|k| root[i * d + k] * root[j * d + k]).sum();
                out[i * d + j] = dot + if i == j { 0.5 } else { 0.0 };
            }
        }
        out
    }

    #[test]
    fn a_factor_gives_the_matrix_back_and_solves() {
        for d in [1, 2, 5, 17] {
            let a = matrix(d);
            let mut l = a.clone();
            assert!(cholesky(&mut l, d));
            for i in 0..d {
                for j in 0..d {
                    let sum: f64 = (0..d).map(|k| l[i * d + k] * l[j * d + k]).sum();
                    assert!((sum - a[i * d + j]).abs() < 1e-12 * d as f64);
                }
            }
            let x: Vec<f64> = (0..2 * d).map(|i| (i as f64).sin()).collect();
            let mut b = vec![0.0; 2 * d];
            for i in 0..d {
                for c in 0..2 {
                    b[2 * i + c] = (0..d).map(|k| a[i * d + k] * x[2 * k + c]).sum();
                }
            }
            solve(&l, d, &mut b);
            for (b, x) in b.iter().zip(&x) {
                assert!((b - x).abs() < 1e-9, "{d}: {b} {x}");
            }
        }
        assert!(!cholesky(&mut [1.0, 2.0, 2.0, 1.0], 2));
    }

    #[test]
    fn a_semidefinite_matrix_has_a_factor_with_zero_columns() {
        // vvᵀ with v = (2, 1, −1).
        let v = [2.0, 1.0, -1.0];
        let mut a: Vec<f64> = v.iter().flat_map(|x| v.map(|y| x * y)).collect();
        factor_semidefinite(&mut a, 3);
        assert_eq!(a, [2.0, 0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0, 0.0]);
    }
}
