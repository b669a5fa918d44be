//! The square root that `etkf` and `letkf` apply to anomalies, and their random rotation.

use super::eigen::symmetric;
use crate::rng::Noise;
use crate::rng::Stream;

/// What an observation does to an ensemble of N members, given S `[N × p]`, the anomalies of the predictions divided by
/// the standard deviation of the noise, and δ `[p]`, the scaled innovation of the mean. With G = (N − 1)I + SSᵀ the anomalies
/// A become TA, T = √(N − 1)·G^{−1/2}, and the mean moves by wᵀA, w = G⁻¹Sδ (Bishop et al. 2001; Hunt et al. 2007).
///
/// The eigenvectors are those of SSᵀ or of SᵀS = VΛVᵀ, whichever is smaller; with the latter
/// T = I + S·V·diag(g)·Vᵀ·Sᵀ, g = −1/((N − 1 + λ)(1 + √((N − 1)/(N − 1 + λ)))), and w = S·V·diag(1/(N − 1 + λ))·Vᵀ·δ.
///
/// Held by `tests/filter/updates.rs`: `a_square_root_update_is_that_of_kalman`,
/// `both_forms_of_the_transform_agree`.
#[derive(Debug, Clone)]
pub struct Transform {
    p: usize,
    members: bool,
    /// Eigenvectors, a row each, and for each the factor of T (minus 1 in the space of observations) and of w.
    vectors: Vec<f64>,
    factors: Vec<[f64; 2]>,
    /// w `[N]`.
    weights: Vec<f64>,
}

impl Transform {
    /// The transform; `None` if S is not finite.
    pub fn new(s: &[f64], delta: &[f64]) -> Option<Self> {
        let p = delta.len();
        Self::in_space(s, delta, s.len() < p * p)
    }

    /// The transform by the eigenvectors of SSᵀ (`members`) or of SᵀS.
    pub fn in_space(s: &[f64], delta: &[f64], members: bool) -> Option<Self> {
        let p = delta.len();
        let n = s.len() / p;
        let m = if members { n } else { p };
        let mut gram = vec![0.0; m * m];
        if members {
            for (i, x) in s.chunks_exact(p).enumerate() {
                for (j, y) in s.chunks_exact(p).enumerate().take(i + 1) {
                    let dot: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
                    (gram[i * n + j], gram[j * n + i]) = (dot, dot);
                }
            }
        } else {
            for x in s.chunks_exact(p) {
                for (row, a) in gram.chunks_exact_mut(p).zip(x) {
                    row.iter_mut().zip(x).for_each(|(g, b)| *g += a * b);
                }
            }
        }
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
        let factors: Vec<[f64; 2]> = eigen.values.iter().map(factor).collect();
        let mut out = Self {
            p,
            members,
            vectors: eigen.vectors,
            factors,
            weights: vec![],
        };
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let seen: Vec<f64> = s.chunks_exact(p).map(|row| dot(row, delta)).collect();
        out.weights = if members {
            out.filtered(&seen, 1, 1)
        } else {
            let inner = out.filtered(delta, 1, 1);
            s.chunks_exact(p).map(|row| dot(row, &inner)).collect()
        };
        Some(out)
    }

    /// Σ_k f_k·v_k·(v_kᵀX) for X `[m × d]`, with the factors of T (0) or of w (1).
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

    /// The new anomalies TA and the shift wᵀA of the mean, for anomalies A `[N × d]` and the S of [`Transform::new`].
    pub fn apply(&self, s: &[f64], anomalies: &mut [f64], d: usize) -> Vec<f64> {
        let mut shift = vec![0.0; d];
        for (w, row) in self.weights.iter().zip(anomalies.chunks_exact(d)) {
            shift.iter_mut().zip(row).for_each(|(o, a)| *o += w * a);
        }
        if self.members {
            let new = self.filtered(anomalies, d, 0);
            anomalies.copy_from_slice(&new);
            return shift;
        }
        // SᵀA [p × d], then S·(V·diag(g)·Vᵀ·SᵀA).
        let mut inner = vec![0.0; self.p * d];
        for (s, row) in s.chunks_exact(self.p).zip(anomalies.chunks_exact(d)) {
            for (s, out) in s.iter().zip(inner.chunks_exact_mut(d)) {
                out.iter_mut().zip(row).for_each(|(o, a)| *o += s * a);
            }
        }
        let inner = self.filtered(&inner, d, 0);
        for (s, row) in s.chunks_exact(self.p).zip(anomalies.chunks_exact_mut(d)) {
            for (s, change) in s.iter().zip(inner.chunks_exact(d)) {
                row.iter_mut().zip(change).for_each(|(a, c)| *a += s * c);
            }
        }
        shift
    }

    /// The price of a transform and of its use on d coordinates, in units of about 20 ns.
    pub fn cost(n: usize, p: usize, d: usize) -> f64 {
        let m = n.min(p) as f64;
        let (n, p, d) = (n as f64, p as f64, d as f64);
        1.0 + 0.03 * (10.0 * m * m * m + n * p * m + 2.0 * m * n * d)
    }
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
        m * m * (1.2 + 0.06 * d as f64)
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
