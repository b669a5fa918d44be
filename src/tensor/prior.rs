//! Scores of chains on tensors, with products of their Jacobians.

use super::upload::{Map, Place};
use super::windows::{Windows, WindowsAt};
use crate::denoise::Denoiser;
use crate::level::Level;
use burn::tensor::Tensor;

/// Two entries of a matrix count as equal if they differ by less than this part of the largest entry.
const EQUAL: f64 = 1e-12;

/// The denoiser of a chain without guidance.
#[derive(Debug, Clone)]
pub enum Prior {
    /// x̂ = K·x_t, with one matrix per level.
    Matrices(Vec<(Level, Matrix)>),
    /// A network on windows.
    Windows(Box<Windows>),
}

/// K of one level.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Kᵀ, `[dim, dim]`.
    turned: Tensor<2>,
    /// K, if it differs from Kᵀ.
    own: Option<Tensor<2>>,
}

impl Prior {
    /// The matrices of a denoiser that is linear at each of `levels`: the exact denoiser of a chain, or a blanket.
    ///
    /// Held by `tests/tensor_chains.rs`: `every_rule_on_tensors_is_that_of_the_host`.
    pub fn matrices(denoiser: &dyn Denoiser, dim: usize, levels: &[Level], place: &Place) -> Self {
        let matrix = |level: &Level| {
            let by_columns = Map::of(denoiser, level, [dim, 0]).gain;
            let turned = |i: usize| by_columns[i % dim * dim + i / dim];
            let largest = by_columns.iter().fold(0.0f64, |m, x| m.max(x.abs()));
            let equal = |i: usize| (turned(i) - by_columns[i]).abs() <= EQUAL * largest;
            let own = (!(0..dim * dim).all(equal))
                .then(|| place.matrix((0..dim * dim).map(turned).collect::<Vec<_>>(), [dim; 2]));
            let turned = place.matrix(by_columns, [dim; 2]);
            (*level, Matrix { turned, own })
        };
        Prior::Matrices(levels.iter().map(matrix).collect())
    }

    /// Number of columns of the largest tensor.
    pub fn width(&self) -> usize {
        match self {
            Prior::Matrices(all) => all.first().map_or(1, |m| m.1.turned.dims()[0]),
            Prior::Windows(windows) => windows.width(),
        }
    }

    /// x̂ of every particle `[n, dim]`, and its Jacobian there.
    ///
    /// # Panics
    /// If the matrices were not made for this level.
    pub fn at(&self, level: &Level, x_t: Tensor<2>) -> (Tensor<2>, Jacobian<'_>) {
        match self {
            Prior::Matrices(all) => {
                let found = all.iter().find(|m| m.0 == *level);
                // A run evaluates only at the levels of its plan, and these were given.
                assert!(found.is_some(), "x_hat: a level of the plan");
                let matrix = &found.unwrap_or(&all[0]).1;
                let x_hat = x_t.matmul(matrix.turned.clone());
                (x_hat, Jacobian(At::Matrix(matrix)))
            }
            Prior::Windows(windows) => {
                let (x_hat, at) = windows.at(level, x_t);
                (x_hat, Jacobian(At::Windows(Box::new(at))))
            }
        }
    }
}

/// J = ∂x̂/∂x_t of every particle.
///
/// Held by `tests/tensor/windows.rs`: `windows_on_tensors_are_those_of_plain_loops`; `tests/tensor_chains.rs`:
/// `every_rule_on_tensors_is_that_of_the_host`.
pub struct Jacobian<'p>(At<'p>);

enum At<'p> {
    Matrix(&'p Matrix),
    Windows(Box<WindowsAt<'p>>),
}

impl Jacobian<'_> {
    /// Whether J is known to be symmetric.
    pub fn is_symmetric(&self) -> bool {
        matches!(self.0, At::Matrix(Matrix { own: None, .. }))
    }

    /// J·v of every particle, `[n, dim]`.
    pub fn jvp(&self, v: Tensor<2>) -> Tensor<2> {
        match &self.0 {
            At::Matrix(matrix) => v.matmul(matrix.turned.clone()),
            At::Windows(at) => at.jvp(v),
        }
    }

    /// Jᵀ·w of every particle, `[n, dim]`.
    pub fn vjp(&self, w: Tensor<2>) -> Tensor<2> {
        match &self.0 {
            At::Matrix(matrix) => w.matmul(matrix.own.as_ref().unwrap_or(&matrix.turned).clone()),
            At::Windows(at) => at.vjp(w),
        }
    }
}
