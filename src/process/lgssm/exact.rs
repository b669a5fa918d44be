//! The exact denoiser of a whole chain, linear in its length.
//!
//! u = x_t/α observes the data at every index and coordinate with noise s²I, s = σ/α. So a Kalman filter and a
//! smoother compute x̂ = Σ₀(Σ₀ + s²I)⁻¹u. With the predicted covariance P⁻, the gain K = P⁻(P⁻ + s²I)⁻¹ and its
//! complement W = s²(P⁻ + s²I)⁻¹ = I − K,
//!
//! forward: m⁻ = T m, v = u − m⁻, m = m⁻ + K v; P = s²K, P⁻ = T P Tᵀ + Q;
//! backward: g = Tᵀμ, x̂ = m + K g, μ = W (v + g).
//!
//! This is the smoother of Rauch, Tung & Striebel in the form of Bryson & Frazier (1969; Bierman 1973), with
//! μ = s²λ. K and W are functions of the symmetric matrix P⁻ and have eigenvalues in [0, 1]. Only P⁻ + s²I is
//! inverted, and no large numbers are subtracted, so the form works for any s > 0 and any Q ⪰ 0. K and W do not depend
//! on the particle: they cost p³ per index once per level, and each particle costs 5p² multiplications per index. They
//! converge along the chain and are stored only until then.
//!
//! Held by `tests/chains/laws.rs`: `the_linear_time_denoiser_is_the_dense_one`, `the_denoiser_has_its_limits`,
//! `jacobians_are_derivatives_and_their_transposes_adjoint`.

use super::algebra::Eigen;
use super::algebra::congruence;
use super::algebra::largest;
use super::model::Chain;
use crate::denoise::DenoiseAt;
use crate::denoise::Denoiser;
use crate::denoise::Differentiable;
use crate::denoise::JacobianAt;
use crate::level::Level;
use nalgebra::DMatrix;

/// Of a coordinate, the work of x̂ in products of two numbers, about, and such products in a unit of work.
pub(super) const CHEAP: usize = 32;
pub(super) const UNIT: usize = 80;

/// K and W of the indices 0, 1, …, each p × p by columns. After the last stored index they stay constant.
pub(super) struct Gains {
    gains: Vec<f64>,
    rests: Vec<f64>,
    last: usize,
}

impl Gains {
    /// The gains of `chain` at s² > 0.
    pub fn new(chain: &Chain, s2: f64) -> Self {
        let mut own = Self {
            gains: vec![],
            rests: vec![],
            last: 0,
        };
        let mut predicted = chain.sigma.clone();
        let mut before: Option<DMatrix<f64>> = None;
        for i in 0..chain.length {
            let eigen = Eigen::of(&predicted);
            let gain = eigen.map(|v| v.max(0.0) / (v.max(0.0) + s2));
            let rest = eigen.map(|v| s2 / (v.max(0.0) + s2));
            own.gains.extend_from_slice(gain.as_slice());
            own.rests.extend_from_slice(rest.as_slice());
            own.last = i;
            let next = congruence(&chain.t, &(&gain * s2)) + &chain.q;
            let same =
                |a: &DMatrix<f64>, b: &DMatrix<f64>| largest(&(a - b)) <= f64::EPSILON * largest(a);
            if same(&next, &predicted) && before.is_some_and(|before| same(&gain, &before)) {
                break;
            }
            predicted = next;
            before = Some(gain);
        }
        own
    }

    /// Number of indices whose gains are stored.
    #[cfg(test)]
    pub fn kept(&self) -> usize {
        self.last + 1
    }

    #[inline(always)]
    fn at(&self, index: usize, size: usize) -> (&[f64], &[f64]) {
        let from = index.min(self.last) * size;
        (
            &self.gains[from..from + size],
            &self.rests[from..from + size],
        )
    }

    /// For each index, the trace of its block of s²(Σ₀ + s²I)⁻¹. With e = (Σ₀ + s²I)⁻¹u, s²e = u − x̂ = W v − K g, and
    /// v is independent of the later g (de Jong & Koopman). So the block is W + K TᵀN T K, where N is the covariance of
    /// μ/s and N ← W + W TᵀN T W. All terms of these sums are positive.
    pub fn precisions(&self, chain: &Chain) -> Vec<f64> {
        let p = chain.states();
        let mut out = vec![0.0; chain.length];
        let back = chain.t.transpose();
        let mut later = DMatrix::zeros(p, p);
        for (i, out) in out.iter_mut().enumerate().rev() {
            let (gain, rest) = self.at(i, p * p);
            let gain = DMatrix::from_column_slice(p, p, gain);
            let rest = DMatrix::from_column_slice(p, p, rest);
            let carried = congruence(&back, &later);
            *out = (&rest + congruence(&gain, &carried)).trace();
            later = &rest + congruence(&rest, &carried);
        }
        out
    }
}

/// x̂ as a function of x_t at one level.
pub(super) enum Smoother<'a> {
    /// Without noise (or with noise below rounding) x̂ = x_t/α.
    Clean(f64),
    /// Without signal x̂ = E x₀ = 0.
    Blind,
    /// With signal and noise.
    Noisy(&'a Chain, Gains, f64),
}

impl<'a> Smoother<'a> {
    pub fn new(chain: &'a Chain, level: &Level) -> Self {
        let s = level.ratio();
        let s2 = s * s;
        if level.alpha == 0.0 || !s2.is_finite() {
            Smoother::Blind
        } else if s2 == 0.0 {
            Smoother::Clean(level.alpha)
        } else {
            Smoother::Noisy(chain, Gains::new(chain, s2), level.alpha)
        }
    }
}

impl DenoiseAt for Smoother<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        assert_eq!(x_t.len(), out.len(), "one x̂ a coordinate");
        match self {
            Smoother::Blind => out.fill(0.0),
            Smoother::Clean(alpha) => {
                for (out, x) in out.iter_mut().zip(x_t) {
                    *out = x / alpha;
                }
            }
            Smoother::Noisy(chain, gains, alpha) => {
                let smooth = match chain.states() {
                    1 => smooth::<1>,
                    2 => smooth::<2>,
                    3 => smooth::<3>,
                    _ => smooth::<4>,
                };
                let dim = chain.dim();
                assert!(x_t.len().is_multiple_of(dim), "no whole number of chains");
                let mut v = vec![0.0; dim];
                for (x, out) in x_t.chunks_exact(dim).zip(out.chunks_exact_mut(dim)) {
                    for (v, x) in v.iter_mut().zip(x) {
                        *v = x / alpha;
                    }
                    smooth(chain.t.as_slice(), gains, &mut v, out);
                }
            }
        }
    }
}

/// x̂ of one chain. `v` holds u on entry and the innovations on return.
fn smooth<const P: usize>(t: &[f64], gains: &Gains, v: &mut [f64], out: &mut [f64]) {
    let mut ahead = [0.0; P];
    let indices = v.chunks_exact_mut(P).zip(out.chunks_exact_mut(P));
    for (i, (v, m)) in indices.enumerate() {
        let (gain, _) = gains.at(i, P * P);
        for (v, ahead) in v.iter_mut().zip(&ahead) {
            *v -= ahead;
        }
        for (r, m) in m.iter_mut().enumerate() {
            *m = ahead[r] + row::<P>(gain, r, v);
        }
        ahead = std::array::from_fn(|r| row::<P>(t, r, m));
    }
    let mut g = [0.0; P];
    let indices = v.chunks_exact(P).zip(out.chunks_exact_mut(P));
    for (i, (v, x_hat)) in indices.enumerate().rev() {
        let (gain, rest) = gains.at(i, P * P);
        for (r, x_hat) in x_hat.iter_mut().enumerate() {
            *x_hat += row::<P>(gain, r, &g);
        }
        let sum: [f64; P] = std::array::from_fn(|r| v[r] + g[r]);
        let mu: [f64; P] = std::array::from_fn(|r| row::<P>(rest, r, &sum));
        // The rows of Tᵀ are the columns of T.
        g = std::array::from_fn(|r| {
            t[r * P..(r + 1) * P]
                .iter()
                .zip(&mu)
                .map(|(t, mu)| t * mu)
                .sum()
        });
    }
}

/// Row r of a P × P matrix by columns, times x.
#[inline(always)]
fn row<const P: usize>(m: &[f64], r: usize, x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for c in 0..P {
        sum += m[c * P + r] * x[c];
    }
    sum
}

/// x̂ is linear in x_t and J = αΣ₀(α²Σ₀ + σ²I)⁻¹ is symmetric, so J·v = Jᵀ·v = x̂(v).
impl JacobianAt for Smoother<'_> {
    fn jvp(&self, _x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.x_hat(v, out);
    }

    fn vjp(&self, _x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.x_hat(v, out);
    }

    fn both(&self, _x_t: &[f64], v: &[f64], forth: &mut [f64], back: &mut [f64]) {
        self.x_hat(v, forth);
        back.copy_from_slice(forth);
    }
}

/// x̂ = αΣ₀(α²Σ₀ + σ²I)⁻¹x_t for whole chains `[n, L·p]`, in time and memory linear in L.
///
/// Held by `tests/chains/laws.rs`: `the_linear_time_denoiser_is_the_dense_one`.
impl Denoiser for Chain {
    fn price(&self) -> usize {
        1 + self.dim() * CHEAP / UNIT
    }

    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(Smoother::new(self, level))
    }
}

impl Differentiable for Chain {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(Smoother::new(self, level))
    }
}
