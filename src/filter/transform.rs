//! The square root that `etkf` and `letkf` apply to anomalies, and their random rotation.

use super::eigen::symmetric;
use crate::rng::Noise;
use crate::rng::Stream;

/// What an observation does to an ensemble of N members, given S `[N × p]`, the anomalies of the predictions divided by
/// the standard deviation of the noise, and δ `[p]`, the scaled innovation of the mean. With G = (N − 1)I + SSᵀ the anomalies
/// A become TA, T = √(N − 1)·G^{−1/2}, and the mean moves by wᵀA, w = G⁻¹Sδ (Bishop et al. 2001; Hunt et al. 2007).
///
/// The eigenvectors are those of SSᵀ or of SᵀS = VΛVᵀ, whichever is smaller; with the latter
/// TA = A + S·V·diag(g)·Vᵀ·SᵀA, g = −1/((N − 1 + λ)(1 + √((N − 1)/(N − 1 + λ)))), and
/// wᵀA = δᵀV·diag(1/(N − 1 + λ))·Vᵀ·SᵀA.
///
/// Held by `tests/filter/updates.rs`: `a_square_root_update_is_that_of_kalman`,
/// `both_forms_of_the_transform_agree`.
#[derive(Debug, Clone)]
pub struct Transform {
    /// Eigenvectors, a row each, and for each the factors of T (or g) and of w.
    vectors: Vec<f64>,
    factors: Vec<[f64; 2]>,
}

impl Transform {
    /// The transform from SSᵀ (`members`) or SᵀS, row by row; `n` is N. `None` if the matrix is not finite.
    pub fn new(gram: Vec<f64>, n: usize, members: bool) -> Option<Self> {
        let m = (gram.len() as f64).sqrt() as usize;
        let eigen = symmetric(gram, m)?;
        let rest = n as f64 - 1.0;
        let factor = |l: &f64| {
            // SSᵀ has no negative eigenvalue, but rounding may make one.
            let whole = rest + l.max(0.0);
            let root = (rest / whole).sqrt();
            let change = if members {
                root
            } else {
                -1.0 / (whole * (1.0 + root))
            };
            [change, 1.0 / whole]
        };
        Some(Self {
            factors: eigen.values.iter().map(factor).collect(),
            vectors: eigen.vectors,
        })
    }

    /// Σ_k f_k·v_k·(v_kᵀX) for X `[m × d]`.
    fn filtered(&self, x: &[f64], d: usize, which: usize) -> Vec<f64> {
        let m = self.factors.len();
        let mut out = vec![0.0; m * d];
        let mut along = vec![0.0; d];
        for (v, f) in self.vectors.chunks_exact(m).zip(&self.factors) {
            along.fill(0.0);
            for (v, row) in v.iter().zip(x.chunks_exact(d)) {
                along.iter_mut().zip(row).for_each(|(a, x)| *a += v * x);
            }
            for (v, row) in v.iter().zip(out.chunks_exact_mut(d)) {
                let factor = f[which] * v;
                row.iter_mut()
                    .zip(&along)
                    .for_each(|(o, a)| *o += factor * a);
            }
        }
        out
    }

    /// From SSᵀ: TA for A `[N × d]`.
    pub fn of_members(&self, a: &[f64], d: usize) -> Vec<f64> {
        self.filtered(a, d, 0)
    }

    /// From SᵀS and SᵀA `[p × d]`: the matrix M `[p × d]` of TA = A + SM.
    pub fn of_values(&self, inner: &[f64], d: usize) -> Vec<f64> {
        self.filtered(inner, d, 0)
    }

    /// From SSᵀ: wᵀA.
    pub fn shift_of_members(&self, s: &[f64], delta: &[f64], a: &[f64], d: usize) -> Vec<f64> {
        let dot = |row: &[f64]| row.iter().zip(delta).map(|(s, y)| s * y).sum::<f64>();
        let seen: Vec<f64> = s.chunks_exact(delta.len()).map(dot).collect();
        products(&self.filtered(&seen, 1, 1), a, d)
    }

    /// From SᵀS and SᵀA: wᵀA.
    pub fn shift_of_values(&self, delta: &[f64], inner: &[f64], d: usize) -> Vec<f64> {
        products(&self.filtered(delta, 1, 1), inner, d)
    }

    /// The price of the eigenvectors of m rows, in units of about 25 ns.
    pub fn cost(m: usize) -> f64 {
        1.0 + 0.22 * (m * m * m) as f64
    }
}

/// wᵀX for X `[m × d]`.
fn products(w: &[f64], x: &[f64], d: usize) -> Vec<f64> {
    let mut out = vec![0.0; d];
    for (w, row) in w.iter().zip(x.chunks_exact(d)) {
        out.iter_mut().zip(row).for_each(|(o, x)| *o += w * x);
    }
    out
}

/// Adds SᵀX `[p × d]` to `out`, for some rows of S `[· × p]` and X `[· × d]`.
pub fn add_products(s: &[f64], p: usize, x: &[f64], d: usize, out: &mut [f64]) {
    for (s, x) in s.chunks_exact(p).zip(x.chunks_exact(d)) {
        for (s, out) in s.iter().zip(out.chunks_exact_mut(d)) {
            out.iter_mut().zip(x).for_each(|(o, x)| *o += s * x);
        }
    }
}

/// SSᵀ `[N × N]`.
pub fn gram_of_members(s: &[f64], p: usize) -> Vec<f64> {
    let n = s.len() / p;
    let mut out = vec![0.0; n * n];
    for (i, x) in s.chunks_exact(p).enumerate() {
        for (j, y) in s.chunks_exact(p).enumerate().take(i + 1) {
            let dot: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
            (out[i * n + j], out[j * n + i]) = (dot, dot);
        }
    }
    out
}

/// Members that are rotated together.
const GROUP: usize = 64;

/// A random rotation of members `x` `[n × d]` that keeps their mean and covariance: of groups of 64 members, drawn anew at
/// each cycle, the anomalies of each are multiplied by an orthogonal matrix of uniform law among those that keep a constant
/// vector. With the whole ensemble as one group this is that of Sakov & Oke (2008); groups make the price linear in n.
///
/// Held by `tests/filter/updates.rs`: `a_rotation_keeps_mean_and_covariance`.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// The members in random order.
    order: Vec<u32>,
}

impl Rotation {
    /// The groups of `n` members at `cycle`.
    pub fn new(n: usize, noise: &Noise, cycle: u32) -> Self {
        let mut order: Vec<u32> = (0..n as u32).collect();
        if n > GROUP {
            // Above all indices of the normals.
            let key = |j: u32| noise.uniform(Stream::Rotation, cycle, (1 << 40) + u64::from(j));
            let keys: Vec<f64> = order.iter().map(|&j| key(j)).collect();
            order.sort_by(|&a, &b| keys[a as usize].total_cmp(&keys[b as usize]));
        }
        Self { order }
    }

    /// Number of groups.
    pub fn groups(&self) -> usize {
        self.order.len().div_ceil(GROUP)
    }

    /// Rotates group number `k`.
    pub fn rotate(&self, k: usize, x: &mut [f64], d: usize, noise: &Noise, cycle: u32) {
        let members = &self.order[k * GROUP..self.order.len().min((k + 1) * GROUP)];
        let m = members.len();
        let mut rows: Vec<f64> = members
            .iter()
            .flat_map(|&j| &x[j as usize * d..][..d])
            .copied()
            .collect();
        // A reflection takes the constant vector to the first axis.
        let mut axis = vec![1.0; m];
        axis[0] += (m as f64).sqrt();
        reflect(&axis, &mut rows, d);
        // Reflections in normal vectors of fewer and fewer coordinates make a uniform orthogonal matrix (Stewart 1980).
        let mut z = vec![0.0; m];
        for size in (1..m).rev() {
            let first = (k * GROUP + size) * GROUP;
            noise.normals(Stream::Rotation, cycle, first as u64, &mut z[..size]);
            let v = &mut z[..size];
            let norm = v.iter().map(|v| v * v).sum::<f64>().sqrt();
            let sign = if v[0] < 0.0 { -1.0 } else { 1.0 };
            // A vector that is one coordinate alone gives the sign of the last one.
            if size == 1 {
                rows[(m - 1) * d..].iter_mut().for_each(|x| *x *= sign);
                continue;
            }
            v[0] += sign * norm;
            let tail = &mut rows[(m - size) * d..];
            reflect(v, tail, d);
            tail[..d].iter_mut().for_each(|x| *x *= -sign);
        }
        reflect(&axis, &mut rows, d);
        for (&j, row) in members.iter().zip(rows.chunks_exact(d)) {
            x[j as usize * d..][..d].copy_from_slice(row);
        }
    }

    /// The price of a group.
    pub fn cost(n: usize, d: usize) -> f64 {
        let m = n.min(GROUP) as f64;
        m * m * (0.9 + 0.03 * d as f64)
    }
}

/// X ← X − 2v(vᵀX)/|v|² for X `[m × d]`.
fn reflect(v: &[f64], x: &mut [f64], d: usize) {
    let square: f64 = v.iter().map(|v| v * v).sum();
    if square == 0.0 {
        return;
    }
    let mut along = vec![0.0; d];
    for (v, row) in v.iter().zip(x.chunks_exact(d)) {
        along.iter_mut().zip(row).for_each(|(a, x)| *a += v * x);
    }
    for (v, row) in v.iter().zip(x.chunks_exact_mut(d)) {
        let factor = 2.0 * v / square;
        row.iter_mut()
            .zip(&along)
            .for_each(|(x, a)| *x -= factor * a);
    }
}
