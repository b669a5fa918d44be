//! The loops in which a network spends its time: small matrix products, and SiLU, in f32.
//!
//! They use plain multiplications and additions in a fixed order, without fused multiply-add and without functions of
//! the platform, so they give the same bits natively and in wasm. They have fixed lanes, so the compiler vectorises them.
//!
//! Held by `src/net/kernel.rs`: `the_product_is_that_of_three_plain_loops`,
//! `the_sigmoid_is_that_of_f64_to_its_stated_error`, `silu_of_four_has_the_bits_of_the_plain_formula`.

use super::quad::Number;

/// Number of lanes of a tile. The columns of an output are padded to a multiple of it.
pub const LANES: usize = 8;
const ROWS: usize = 4;

/// The next multiple of [`LANES`].
pub fn padded(n: usize) -> usize {
    n.next_multiple_of(LANES)
}

/// A matrix in a slice: element (i, j) is at `i·rows + j·columns`.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The elements.
    pub data: &'a [f32],
    /// Distance between rows.
    pub rows: usize,
    /// Distance between columns.
    pub columns: usize,
}

/// The initial value of the sums of [`product`].
#[derive(Clone, Copy)]
pub enum Start<'a> {
    /// Zero.
    Zero,
    /// The same row (a bias) for every row of C.
    Row(&'a [f32]),
}

/// C = start + A·B, where A is `m × k`, B is `k × n` by rows, C is `m × n` by rows, and n is a multiple of [`LANES`].
/// Sums run over k in order.
pub fn product(a: View, b: &[f32], k: usize, n: usize, start: Start, c: &mut [f32]) {
    let m = c.len() / n;
    for i in (0..m).step_by(ROWS) {
        let rows = ROWS.min(m - i);
        for j in (0..n).step_by(LANES) {
            if rows == ROWS {
                tile::<ROWS>(a, i, b, k, n, start, j, c);
            } else {
                for r in i..m {
                    tile::<1>(a, r, b, k, n, start, j, c);
                }
            }
        }
    }
}

/// Rows `i..i + R` and columns `j..j + LANES` of C.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn tile<const R: usize>(
    a: View,
    i: usize,
    b: &[f32],
    k: usize,
    n: usize,
    start: Start,
    j: usize,
    c: &mut [f32],
) {
    let mut sum = [[0.0; LANES]; R];
    if let Start::Row(row) = start {
        for sum in &mut sum {
            sum.copy_from_slice(&row[j..j + LANES]);
        }
    }
    for (l, b) in b[j..].chunks(n).take(k).enumerate() {
        // The last row of B may be shorter than n, but not shorter than the lanes.
        let Some(b) = b.first_chunk::<LANES>() else {
            break;
        };
        for (r, sum) in sum.iter_mut().enumerate() {
            let factor = a.data[(i + r) * a.rows + l * a.columns];
            for (s, b) in sum.iter_mut().zip(b) {
                *s += factor * *b;
            }
        }
    }
    for (r, row) in sum.iter().enumerate() {
        c[(i + r) * n + j..(i + r) * n + j + LANES].copy_from_slice(row);
    }
}

/// 1/(1 + e^{−x}) with a relative error below 4·10⁻⁷, without a branch.
#[inline(always)]
pub fn sigmoid<T: Number>(x: T) -> T {
    T::all(1.0) / (T::all(1.0) + falling(x))
}

/// e^{−x} for |x| ≤ 87, clamped beyond: e^{−x} = 2ⁿ·e^{−r} with |r| ≤ ½ ln 2, and e^{−r} by its Taylor polynomial of degree 7.
#[inline(always)]
fn falling<T: Number>(x: T) -> T {
    let c = T::all;
    // ln 2 in two parts. HIGH ends in zero bits, so that n·HIGH is exact.
    const HIGH: f32 = 0.693_359_4;
    const LOW: f32 = -2.121_944_4e-4;
    // Adding 1.5·2²³ rounds to the nearest integer and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.least(c(87.0)).most(c(-87.0));
    let shifted = c(ROUND) - x * c(std::f32::consts::LOG2_E);
    let n = shifted - c(ROUND);
    let r = (x + n * c(HIGH)) + n * c(LOW);
    let mut p = c(1.0 / 5040.0);
    for term in [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        p = c(term) - p * r;
    }
    p.scaled(shifted)
}

/// SiLU in place: x ← x·sigmoid(x) (Elfwing et al. 2018).
#[inline(never)]
pub fn silu<T: Number>(x: &mut [T]) {
    for x in x {
        *x = *x * sigmoid(*x);
    }
}

/// SiLU in place, and its slopes s + x·s·(1 − s), s = sigmoid(x).
#[inline(never)]
pub fn bend<T: Number>(x: &mut [T], slopes: &mut [T]) {
    for (x, slope) in x.iter_mut().zip(slopes) {
        let s = sigmoid(*x);
        *slope = s + *x * s * (T::all(1.0) - s);
        *x = *x * s;
    }
}

#[cfg(test)]
mod tests {
    use super::super::quad::Quad;
    use super::*;

    #[test]
    fn the_sigmoid_is_that_of_f64_to_its_stated_error() {
        for i in -8600..=8600 {
            let x = i as f32 * 0.01;
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            assert!((f64::from(sigmoid(x)) / exact - 1.0).abs() < 4e-7, "{x}");
        }
        assert_eq!((sigmoid(1e9), sigmoid(-1e9) < 1e-37), (1.0, true));
    }

    /// SiLU as the recorded runs have it, operation by operation.
    fn recorded(x: f32) -> f32 {
        const ROUND: f32 = 12_582_912.0;
        let y = (-x).clamp(-87.0, 87.0);
        let shifted = y * std::f32::consts::LOG2_E + ROUND;
        let n = shifted - ROUND;
        let r = (y - n * 0.693_359_4) - n * -2.121_944_4e-4;
        let mut p = 1.0 / 5040.0;
        for c in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
            p = p * r + 1.0 / c;
        }
        let power = (shifted.to_bits() as i32)
            .wrapping_sub(ROUND.to_bits() as i32)
            .wrapping_add(127);
        x * (1.0 / (1.0 + p * f32::from_bits((power as u32) << 23)))
    }

    #[test]
    fn silu_of_four_has_the_bits_of_the_plain_formula() {
        let far = [
            0.0,
            -0.0,
            1e-40,
            86.99,
            87.0,
            87.01,
            1e9,
            f32::MAX,
            f32::INFINITY,
        ];
        let many = (0..40_000u32).map(|i| f32::from_bits(i.wrapping_mul(107_377)));
        let some = (0..2000).map(|i| i as f32 * 0.0443);
        for x in some.chain(many).chain(far).filter(|x| !x.is_nan()) {
            let mut four = [Quad::new([x, -x, 0.5 * x, -0.25 * x])];
            let mut plain = four[0].lanes();
            let wanted = plain.map(|x| recorded(x).to_bits());
            silu(&mut four);
            silu(&mut plain);
            assert_eq!(four[0].lanes().map(f32::to_bits), wanted, "{x}");
            assert_eq!(plain.map(f32::to_bits), wanted, "{x}");
        }
        let mut lost = [f32::NAN];
        silu(&mut lost);
        assert!(lost[0].is_nan());
    }

    #[test]
    fn the_product_is_that_of_three_plain_loops() {
        let value = |i: usize| ((i * 37 % 101) as f32 - 50.0) / 64.0;
        for (m, k, n) in [(1, 1, 8), (5, 3, 16), (8, 17, 8), (7, 64, 24)] {
            let a: Vec<f32> = (0..m * k).map(value).collect();
            let b: Vec<f32> = (0..k * n).map(|i| value(i + 5)).collect();
            let bias: Vec<f32> = (0..n).map(|i| value(i + 9)).collect();
            // A stored by rows, and A stored by columns.
            let transposed: Vec<f32> = (0..m * k).map(|i| a[i % m * k + i / m]).collect();
            let views = [
                View {
                    data: &a,
                    rows: k,
                    columns: 1,
                },
                View {
                    data: &transposed,
                    rows: 1,
                    columns: m,
                },
            ];
            for view in views {
                let mut c = vec![f32::NAN; m * n];
                product(view, &b, k, n, Start::Row(&bias), &mut c);
                for (at, c) in c.iter().enumerate() {
                    let (i, j) = (at / n, at % n);
                    let sum: f64 = (0..k)
                        .map(|l| f64::from(a[i * k + l]) * f64::from(b[l * n + j]))
                        .sum();
                    assert!((f64::from(*c) - sum - f64::from(bias[j])).abs() < 1e-5);
                }
            }
        }
    }
}
