//! Conjugate gradients for many particles at once, on tensors.

use burn::tensor::{DType, Tensor};

/// Largest number of iterations in f32.
const MOST: usize = 96;

/// The tolerance and the bounds of the iterations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// The wanted residual, and the residual that is still accepted at the end. Both are relative to the right-hand side,
    /// in the norm of the preconditioner.
    pub tolerance: f64,
    suffices: f64,
    /// The bound on the host.
    most: usize,
}

impl Bounds {
    /// In f64 the values of the host; in f32 what rounding allows.
    pub fn of(dtype: DType, rows: usize) -> Self {
        let (tolerance, suffices) = match dtype {
            DType::F64 => (1e-12, 1e-7),
            _ => (1e-6, 1e-3),
        };
        Self {
            tolerance,
            suffices,
            most: 2 * rows + 20,
        }
    }

    /// The number of iterations on the device, which does not check convergence: half more, plus 4, than a trial on the
    /// host needed. In f64 it is the largest number.
    pub fn iterations(&self, dtype: DType, trial: impl FnOnce() -> Option<usize>) -> usize {
        if dtype == DType::F64 {
            return self.most;
        }
        let trial = trial().unwrap_or(self.most);
        (trial + trial / 2 + 4).min(self.most).min(MOST)
    }
}

/// V⁻¹b of every particle, `[n, rows]`, and the particles for which it failed.
pub(super) struct Solved {
    /// V⁻¹b.
    pub x: Tensor<2>,
    /// Above 0 for particles with pᵀVp ≤ 0 for a direction p, `[n, 1]`.
    pub curved: Tensor<2>,
    /// 1 for particles whose residual is too large at the end, `[n, 1]`.
    pub slow: Tensor<2>,
}

/// Conjugate gradients as on the host. `apply(p)` is V·p and `precondition(r)` is M⁻¹r; all are `[n, rows]`. A particle
/// that is done, or has met a direction with curvature ≤ 0, stays as it is while the others go on.
pub(super) fn solve(
    b: Tensor<2>,
    (bounds, iterations): (Bounds, usize),
    mut apply: impl FnMut(Tensor<2>) -> Tensor<2>,
    precondition: impl Fn(Tensor<2>) -> Tensor<2>,
) -> Solved {
    let dot = |a: &Tensor<2>, b: &Tensor<2>| (a.clone() * b.clone()).sum_dim(1);
    let mut x = b.zeros_like();
    let mut residual = b;
    let mut direction = precondition(residual.clone());
    let mut size = dot(&residual, &direction);
    let whole = size.clone();
    let zero = size.zeros_like();
    let mut curved = zero.clone();
    let done = whole
        .clone()
        .mul_scalar(bounds.tolerance * bounds.tolerance);
    for _ in 0..iterations {
        let product = apply(direction.clone());
        let curvature = dot(&direction, &product);
        let active = size.clone().greater(done.clone());
        let positive = curvature.clone().greater_elem(0.0);
        let bad = active.clone().bool_and(positive.clone().bool_not());
        curved = curved.mask_fill(bad, 1.0);
        let goes = active.bool_and(positive);
        let stays = goes.bool_not();
        let curvature = curvature.mask_fill(stays.clone(), 1.0);
        let step = size.clone().mask_fill(stays.clone(), 0.0) / curvature;
        x = x + direction.clone() * step.clone();
        residual = residual - product * step;
        let z = precondition(residual.clone());
        let next = dot(&residual, &z);
        // A direction of 0 has curvature 0, so a particle that stays gets the direction 0.
        let turn = next.clone() / size.mask_fill(stays.clone(), 1.0);
        let along = stays.float().cast(next.dtype()).neg().add_scalar(1.0);
        direction = (z + direction * turn) * along;
        size = next;
    }
    let enough = whole.mul_scalar(bounds.suffices * bounds.suffices);
    Solved {
        x,
        curved,
        slow: zero.mask_fill(size.greater(enough), 1.0),
    }
}
