//! A run of one side on a tensor device.

use super::Toy1d;
use super::axis::Axis;
use super::run::Run;
use crate::error::Error;
use crate::sample::Executor;
use crate::tensor::{Model, TensorState};
use burn::tensor::{DType, Device};

/// Stages queued between two reads, at most: the device's queue has no back-pressure of its own.
const QUEUE: usize = 24;

impl Run<TensorState> {
    /// A run of `lab` on `device` in f32, drawn on `axis`.
    pub fn on_device(lab: Toy1d, axis: Axis, device: Device) -> Self {
        let model = match &lab.net {
            Some(net) => Model::network(net, &device, DType::F32),
            None => Model::Law(lab.model.clone()),
        };
        let (n, seed, quantile) = (lab.n, lab.seed, lab.quantile_start);
        let state = TensorState::new(&lab.plan, n, seed, quantile, model, device, DType::F32);
        Run::starting(lab, axis, state)
    }

    /// Does about `work` denoiser evaluations, ending with a read of the device. Returns whether the
    /// run is done.
    ///
    /// # Errors
    /// If the device was lost.
    pub async fn advance_on_device(&mut self, work: usize) -> Result<bool, Error> {
        let stop = self.evaluations() + work as u64;
        let mut queued = 0;
        while !self.is_done() {
            let landed = self.state.advance(&self.lab.plan);
            queued += 1;
            let shown = landed.is_some_and(|level| self.recorder.wants(level));
            let enough = self.evaluations() >= stop;
            if shown || enough || queued >= QUEUE || self.is_done() {
                self.state.read().await?;
                queued = 0;
            }
            if shown {
                self.recorder.record(self.state.x());
            }
            if enough {
                break;
            }
        }
        Ok(self.is_done())
    }
}
