//! Failures on a device. They stay there until the next read.

use super::lost::lost;
use super::upload::Place;
use crate::error::Error;
use crate::guide::{Cause, Fault};
use burn::tensor::{DType, Tensor};
use std::cell::RefCell;

/// The kinds of failure. If several occurred at one level, the first in this list is reported.
const KINDS: [Fault; 2] = [Fault::NotPositive, Fault::Slow];

/// For each kind of [`Fault`], the largest σ/α at which it occurred, `[1, 2]`. The largest is the first, because noise
/// decreases during a run.
///
/// Held by `tests/tensor_chains.rs`: `a_breakdown_is_found_at_the_next_read`.
#[derive(Debug, Clone)]
pub struct Faults {
    met: RefCell<Option<Tensor<2>>>,
    dtype: DType,
    cause: Cause,
}

impl Faults {
    /// No failure so far; `cause` is the text for an error.
    pub(super) fn none(place: &Place, cause: &Cause) -> Self {
        Self {
            met: RefCell::new(None),
            dtype: place.dtype,
            cause: cause.clone(),
        }
    }

    /// Adds the failures at σ/α = `ratio`: for each kind a column `[n, 1]`, above 0 for a particle that failed.
    pub(super) fn add(&self, ratio: f64, kinds: [Tensor<2>; 2]) {
        let new = Tensor::cat(kinds.into(), 1).max_dim(0).mul_scalar(ratio);
        let mut met = self.met.borrow_mut();
        *met = Some(match met.take() {
            Some(met) => met.max_pair(new),
            None => new,
        });
    }

    /// Reads the device.
    ///
    /// # Errors
    /// The first failure, or the loss of the device. In f32, rounding alone may cause a failure, so the error points to
    /// the CPU engine.
    pub async fn check(&self) -> Result<(), Error> {
        let Some(met) = self.met.borrow().clone() else {
            return Ok(());
        };
        let data = met.to_data_async().await.map_err(|_| lost())?;
        let data = data.convert::<f64>();
        let read = data.as_slice::<f64>().map_err(|_| lost())?;
        let largest = read.iter().fold(0.0f64, |m, x| m.max(*x));
        let first = KINDS
            .iter()
            .zip(read)
            .find(|k| *k.1 > 0.0 && *k.1 >= largest);
        match first {
            None => Ok(()),
            Some((fault, ratio)) => Err(of_type(fault.error(*ratio, &self.cause), self.dtype)),
        }
    }
}

/// The error for elements of `dtype`. A rule that fails in f32 may work in f64, so the error points to the CPU engine.
pub fn of_type(error: Error, dtype: DType) -> Error {
    match (dtype, error) {
        (DType::F64, error) => error,
        (_, Error::Guidance { reason, .. }) => Error::Unsupported {
            reason: format!("In f32, on WebGPU: {}.", reason.trim_end_matches('.')),
        },
        (_, error) => error,
    }
}
