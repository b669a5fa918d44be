//! The denoiser of a pseudo Markov blanket: the exact scores of windows, folded to a score of the chain.
//!
//! The chain is unfolded into its windows of 2k + 1 indices. By stationarity each window has the law of a chain of that
//! length, whose score is exact. `fold.rs` says which window gives the score of which index.
//!
//! Held by `tests/blankets.rs`: `windows_with_their_exact_denoiser_are_the_blanket`, `wider_blankets_are_better`; and by
//! `tests/chains/laws.rs`: `a_blanket_as_wide_as_the_chain_is_exact`.

use super::exact::CHEAP;
use super::exact::Gains;
use super::exact::Smoother;
use super::exact::UNIT;
use super::fold::fold;
use super::model::Chain;
use crate::denoise::DenoiseAt;
use crate::denoise::Denoiser;
use crate::denoise::Differentiable;
use crate::denoise::JacobianAt;
use crate::error::Error;
use crate::level::Level;
use crate::process::fold::Fold;
use nalgebra::DMatrix;

/// Number of points of the curve of [`Blanket::score_errors`].
const POINTS: usize = 256;

/// The denoiser of windows of 2k + 1 indices of a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Blanket {
    chain: Chain,
    window: Chain,
    fold: Fold,
}

impl Blanket {
    /// The blanket of half-window `k` of a chain.
    ///
    /// # Errors
    /// If 2k + 1 is above the length of the chain.
    pub fn new(chain: &Chain, k: usize) -> Result<Self, Error> {
        let fold = fold(chain, k)?;
        Ok(Self {
            chain: chain.clone(),
            window: chain.with_length(fold.width)?,
            fold,
        })
    }

    fn prepare(&self, level: &Level) -> At<'_> {
        let dim = self.window.dim();
        let mut rows = DMatrix::zeros(dim, dim);
        let smoother = Smoother::new(&self.window, level);
        // The matrix of the window is symmetric, so its product with a unit vector is a row.
        smoother.x_hat(DMatrix::identity(dim, dim).as_slice(), rows.as_mut_slice());
        At {
            blanket: self,
            rows,
        }
    }

    /// The relative error of the score at noise `s` = σ/α > 0, as in [`Blanket::score_errors`], in time linear in L.
    ///
    /// The score of the window is the conditional mean of the full score given the window: tr(B C Fᵀ) = tr(B C Bᵀ). So
    /// the square of the error is 1 − tr(BCBᵀ)/tr(C⁻¹): for each index a difference of the diagonals of two precision
    /// matrices. Errors below about 10⁻⁸, the square root of rounding, cannot be resolved.
    ///
    /// Held by `tests/blankets.rs`: `the_linear_time_score_error_is_its_definition`,
    /// `score_errors_are_the_published_ones`.
    pub fn score_error_at(&self, s: f64) -> f64 {
        let s2 = s * s;
        let full = Gains::new(&self.chain, s2).precisions(&self.chain);
        let own = Gains::new(&self.window, s2).precisions(&self.window);
        let missing = full.iter().enumerate().map(|(i, full)| {
            let (_, place) = self.fold.place(i);
            (full - own[place]).max(0.0)
        });
        (missing.sum::<f64>() / full.iter().sum::<f64>()).sqrt()
    }

    /// The work of [`Blanket::score_error_at`] in units ([`Denoiser::price`]), about.
    pub fn error_price(&self) -> usize {
        self.chain.length * (8 + 2 * self.chain.states())
    }

    /// √(tr((B − F)C(B − F)ᵀ)/tr(FCFᵀ)) at 256 log-spaced σ/α in [10⁻³, 10³], as pairs (σ/α, error). B is the matrix of
    /// the score of the blanket, F that of the full score, and C = α²Σ₀ + σ²I. The error depends on σ/α only.
    ///
    /// Held by `tests/blankets.rs`: `the_linear_time_score_error_is_its_definition`.
    pub fn score_errors(&self) -> Vec<(f64, f64)> {
        let at = |s| (s, self.score_error_at(s));
        Self::ratios().map(at).collect()
    }

    /// The values of σ/α in [`Blanket::score_errors`].
    pub fn ratios() -> impl Iterator<Item = f64> {
        let at = |i| libm::pow(10.0, -3.0 + 6.0 * i as f64 / (POINTS - 1) as f64);
        (0..POINTS).map(at)
    }

    /// The largest of [`Blanket::score_errors`].
    pub fn score_error(&self) -> f64 {
        self.score_errors()
            .iter()
            .fold(0.0, |max, (_, error)| max.max(*error))
    }
}

/// The matrix of the window at one level; its rows are stored as columns.
struct At<'a> {
    blanket: &'a Blanket,
    rows: DMatrix<f64>,
}

impl At<'_> {
    /// Calls `f` for each coordinate of each chain with its index, the range of its window, and its row of the matrix.
    fn each(&self, len: usize, mut f: impl FnMut(usize, std::ops::Range<usize>, &[f64])) {
        let (p, dim) = (self.blanket.chain.states(), self.blanket.chain.dim());
        let width = self.blanket.window.dim();
        assert!(len.is_multiple_of(dim), "no whole number of chains");
        for chain in (0..len).step_by(dim) {
            for i in 0..self.blanket.chain.length {
                let (start, place) = self.blanket.fold.place(i);
                let from = chain + start * p;
                for c in 0..p {
                    let row = (place * p + c) * width;
                    let row = &self.rows.as_slice()[row..row + width];
                    f(chain + i * p + c, from..from + width, row);
                }
            }
        }
    }
}

/// x̂ is the fold of the x̂ of the windows. It is linear in x_t and costs 2k + 1 blocks per index.
impl DenoiseAt for At<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        assert_eq!(x_t.len(), out.len(), "one x̂ a coordinate");
        self.each(x_t.len(), |i, window, row| {
            out[i] = row.iter().zip(&x_t[window]).map(|(m, x)| m * x).sum();
        });
    }
}

/// The Jacobian is not symmetric: its transpose adds each value to all coordinates of the window.
impl JacobianAt for At<'_> {
    fn jvp(&self, _x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.x_hat(v, out);
    }

    fn vjp(&self, _x_t: &[f64], v: &[f64], out: &mut [f64]) {
        assert_eq!(v.len(), out.len(), "one product a coordinate");
        out.fill(0.0);
        self.each(v.len(), |i, window, row| {
            for (out, m) in out[window].iter_mut().zip(row) {
                *out += m * v[i];
            }
        });
    }
}

impl Denoiser for Blanket {
    fn price(&self) -> usize {
        1 + self.chain.dim() * (CHEAP / 2 + self.window.dim()) / UNIT
    }

    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(self.prepare(level))
    }
}

impl Differentiable for Blanket {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(self.prepare(level))
    }
}
