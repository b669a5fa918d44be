//! The two loops in which a network spends its time: a small matrix product, and SiLU, in f32.
//!
//! They use plain multiplications and additions in a fixed order, without fused multiply-add and without functions of
//! the platform, so they give the same bits natively and in wasm. Their tiles have a fixed size, so the compiler vectorises
//! them.
//!
//! Held by `src/net/kernel.rs`: `the_product_is_that_of_three_plain_loops`,
//! `the_shape_of_the_tiles_does_not_change_a_bit`,
//! `the_sigmoid_is_that_of_f64_to_its_stated_error`.

/// The columns of an output are padded to a multiple of this.
pub const LANES: usize = 8;
/// Numbers of a vector register of 16 bytes.
const QUAD: usize = 4;
/// Columns of C that are computed together, where there are as many. In V8, tiles of 2 × 16 and 4 × 8 were the fastest of
/// twelve shapes: their sums and a row of B fit into 16 vector registers.
const WIDE: usize = 16;
/// Rows of A from which the columns of B are copied to lie side by side. A row of B is then not a page away from the next.
const MANY: usize = 16;

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
    /// The content of C. A sum can so be continued, with the same bits as in one call.
    Own,
}

/// C = start + A·B, where A is `m × k`, B is `k × n` by rows, C is `m × n` by rows, and n is a multiple of [`LANES`].
/// Sums run over k in order.
pub fn product(a: View, b: &[f32], k: usize, n: usize, start: Start, c: &mut [f32]) {
    match a.columns {
        1 => panels::<true>(a, b, k, n, start, c),
        _ => panels::<false>(a, b, k, n, start, c),
    }
}

/// [`product`], where `SIDE` says that the elements of a row of A lie side by side.
#[inline(always)]
fn panels<const SIDE: bool>(a: View, b: &[f32], k: usize, n: usize, start: Start, c: &mut [f32]) {
    let many = c.len() / n >= MANY;
    let mut copied = Vec::new();
    for j in (0..n).step_by(WIDE) {
        if n - j < WIDE {
            columns::<SIDE, 4, { LANES / QUAD }>(a, (&b[j..], n), k, (start, j), n, c);
        } else if many {
            copied.clear();
            for row in b[j..].chunks(n).take(k) {
                copied.extend_from_slice(&row[..WIDE]);
            }
            columns::<SIDE, 2, { WIDE / QUAD }>(a, (&copied, WIDE), k, (start, j), n, c);
        } else {
            columns::<SIDE, 2, { WIDE / QUAD }>(a, (&b[j..], n), k, (start, j), n, c);
        }
    }
}

/// The columns `j..j + 4Q` of C in tiles of R rows; rows of `b` are as far apart as is given with it.
#[inline(always)]
fn columns<const SIDE: bool, const R: usize, const Q: usize>(
    a: View,
    b: (&[f32], usize),
    k: usize,
    (start, j): (Start, usize),
    n: usize,
    c: &mut [f32],
) {
    let m = c.len() / n;
    let whole = m - m % R;
    for i in (0..whole).step_by(R) {
        tile::<SIDE, R, Q>((a, i), b, k, (start, j), n, c);
    }
    for i in whole..m {
        tile::<SIDE, 1, Q>((a, i), b, k, (start, j), n, c);
    }
}

/// Rows `i..i + R` and columns `j..j + 4Q` of C.
#[inline(always)]
fn tile<const SIDE: bool, const R: usize, const Q: usize>(
    (a, i): (View, usize),
    (b, apart): (&[f32], usize),
    k: usize,
    (start, j): (Start, usize),
    n: usize,
    c: &mut [f32],
) {
    let mut sum = [[[0.0f32; QUAD]; Q]; R];
    let place = |r: usize| (i + r) * n + j..(i + r) * n + j + QUAD * Q;
    for (r, sum) in sum.iter_mut().enumerate() {
        match start {
            Start::Zero => {}
            Start::Row(row) => sum
                .as_flattened_mut()
                .copy_from_slice(&row[j..j + QUAD * Q]),
            Start::Own => sum.as_flattened_mut().copy_from_slice(&c[place(r)]),
        }
    }
    let mut rows = [&a.data[..0]; R];
    for (r, row) in rows.iter_mut().enumerate() {
        let whole = &a.data[(i + r) * a.rows..];
        *row = if SIDE { &whole[..k] } else { whole };
    }
    for (l, b) in b.chunks(apart).take(k).enumerate() {
        // The last row of B may be shorter than the others, but not shorter than the tile.
        let (b, _) = b.as_chunks::<QUAD>();
        let Some(b) = b.first_chunk::<Q>() else {
            break;
        };
        for r in 0..R {
            let factor = rows[r][if SIDE { l } else { l * a.columns }];
            for q in 0..Q {
                for lane in 0..QUAD {
                    sum[r][q][lane] += factor * b[q][lane];
                }
            }
        }
    }
    for (r, sum) in sum.iter().enumerate() {
        c[place(r)].copy_from_slice(sum.as_flattened());
    }
}

/// 1/(1 + e^{−x}) with a relative error below 4·10⁻⁷, without a branch.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// e^x for |x| ≤ 87, clamped beyond: e^x = 2ⁿ·e^r with |r| ≤ ½ ln 2, and e^r by its Taylor polynomial of degree 7.
#[inline(always)]
fn exp(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    // ln 2 in two parts. HIGH ends in zero bits, so that n·HIGH is exact.
    const HIGH: f32 = 0.693_359_4;
    const LOW: f32 = -2.121_944_4e-4;
    // Adding 1.5·2²³ rounds to the nearest integer and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let shifted = x * LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * HIGH) - n * LOW;
    let mut p = 1.0 / 5040.0;
    for c in [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        p = p * r + c;
    }
    let power = (shifted.to_bits() as i32)
        .wrapping_sub(ROUND.to_bits() as i32)
        .wrapping_add(127);
    p * f32::from_bits((power as u32) << 23)
}

/// SiLU in place: x ← x·sigmoid(x) (Elfwing et al. 2018).
pub fn silu(x: &mut [f32]) {
    for x in x {
        *x *= sigmoid(*x);
    }
}

/// The gradient through SiLU: g ← g·(s + x·s·(1 − s)), where x is the input of SiLU and s = sigmoid(x).
pub fn silu_back(x: &[f32], g: &mut [f32]) {
    for (g, &x) in g.iter_mut().zip(x) {
        let s = sigmoid(x);
        *g *= s + x * s * (1.0 - s);
    }
}

#[cfg(test)]
mod tests {
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

    /// Each element is its start plus the products over k in order, whatever the tile.
    #[test]
    fn the_shape_of_the_tiles_does_not_change_a_bit() {
        let value = |i: usize| libm::sinf(i as f32 * 0.7 + 0.3);
        for m in [1, 2, 3, 15, 16, 17, 64, 65] {
            for (k, n) in [(1, 8), (3, 16), (17, 24), (128, 40), (40, 128)] {
                let a: Vec<f32> = (0..m * k).map(value).collect();
                let b: Vec<f32> = (0..k * n).map(|i| value(i + 5)).collect();
                let before: Vec<f32> = (0..m * n).map(|i| value(i + 9)).collect();
                let starts = [Start::Zero, Start::Row(&before[..n]), Start::Own];
                // A stored by rows, and A stored by columns.
                let turned: Vec<f32> = (0..m * k).map(|i| a[i % m * k + i / m]).collect();
                for (data, rows, columns) in [(&a, k, 1), (&turned, 1, m)] {
                    for (which, start) in starts.into_iter().enumerate() {
                        let view = View {
                            data,
                            rows,
                            columns,
                        };
                        let mut c = before.clone();
                        product(view, &b, k, n, start, &mut c);
                        for (at, got) in c.iter().enumerate() {
                            let (i, j) = (at / n, at % n);
                            let mut sum = [0.0, before[j], before[at]][which];
                            for l in 0..k {
                                sum += a[i * k + l] * b[l * n + j];
                            }
                            assert_eq!(got.to_bits(), sum.to_bits(), "{m} × {k} × {n}");
                        }
                    }
                }
            }
        }
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
