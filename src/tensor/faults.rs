//! What breaks down on a device, kept there until the next read.

use super::lost::lost;
use super::upload::Place;
use crate::error::Error;
use crate::guide::{Cause, Fault};
use burn::tensor::{DType, Tensor};
use std::cell::RefCell;

/// The kinds of a fault, the one that is found first where several are.
const KINDS: [Fault; 2] = [Fault::NotPositive, Fault::Slow];

/// For each kind of [`Fault`] the largest σ/α at which it was met, `[1, 2]`: the first one, since noise falls along a
/// run.
#[derive(Debug, Clone)]
pub struct Faults {
    met: RefCell<Option<Tensor<2>>>,
    dtype: DType,
    cause: Cause,
}

impl Faults {
    /// None so far; `cause` is why there may be one.
    pub(super) fn none(place: &Place, cause: &Cause) -> Self {
        Self {
            met: RefCell::new(None),
            dtype: place.dtype,
            cause: cause.clone(),
        }
    }

    /// Adds those at σ/α = `ratio`, a column `[n, 1]` a kind, above 0 where a particle has it.
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
    /// The first fault, or that the device was lost. In f32 rounding alone may be it, and the error names the engine
    /// that can tell.
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

/// An error of guidance with elements of `dtype`: what breaks down in f32 need not in f64, and the other engine tells.
pub fn of_type(error: Error, dtype: DType) -> Error {
    match (dtype, error) {
        (DType::F64, error) => error,
        (_, Error::Guidance { reason, .. }) => Error::Unsupported {
            reason: format!("In f32, on WebGPU: {}.", reason.trim_end_matches('.')),
        },
        (_, error) => error,
    }
}
