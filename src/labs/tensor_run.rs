//! A run of one side on a tensor device.

use super::run::{Lab, Run};
use crate::error::Error;
use crate::sample::Executor;
use crate::tensor::TensorState;
use burn::tensor::{DType, Device};

/// Stages queued between two reads, at most: the device's queue has no back-pressure of its own.
const QUEUE: usize = 24;

impl<L: Lab> Run<L, TensorState> {
    /// A run of `lab` on `device` in f32, seen by `camera`.
    ///
    /// # Errors
    /// If the lab does not run on tensors.
    pub fn on_device(lab: L, camera: L::Camera, device: Device) -> Result<Self, Error> {
        let model = lab.model(&device, DType::F32)?;
        let setup = lab.setup();
        let state = TensorState::new(
            &setup.plan,
            (setup.n, lab.dim()),
            setup.seed,
            setup.quantile_start,
            model,
            device,
            DType::F32,
        );
        Ok(Run::starting(lab, camera, state))
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
            let landed = self.state.advance(&self.lab.setup().plan);
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
