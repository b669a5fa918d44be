//! A run of one side on a tensor device.

use super::run::{Lab, Run};
use crate::error::Error;
use crate::sample::Executor;
use crate::tensor::{DeviceExecutor, Place};

/// Tensor operations queued between two reads, about: the device's queue has no back-pressure of its own.
const QUEUE: usize = 500;

/// A run on a device.
pub type DeviceRun<L> = Run<L, <L as Lab>::OnDevice>;

impl<L: Lab> DeviceRun<L> {
    /// A run of `lab` on a device, seen by `camera`.
    ///
    /// # Errors
    /// If the lab does not run on tensors.
    pub fn on_device(lab: L, camera: L::Camera, place: &Place) -> Result<Self, Error> {
        let state = lab.start_on(place)?;
        Ok(Run::starting(lab, camera, state))
    }

    /// Does about `work` denoiser evaluations, ending with a read of the device. Returns whether the
    /// run is done.
    ///
    /// # Errors
    /// If the device was lost; what broke down in the run, where that is known at a read only.
    pub async fn advance_on_device(&mut self, work: usize) -> Result<bool, Error> {
        let stop = self.evaluations() + work as u64;
        let mut queued = 0;
        while !self.is_done() {
            let plan = &self.lab.setup().plan;
            queued += self.state.operations(plan);
            let landed = self.state.advance(plan);
            let shown = landed.is_some_and(|level| self.recorder.wants(level));
            let enough = self.evaluations() >= stop;
            if shown || enough || queued >= QUEUE || self.is_done() {
                self.state.read().await?;
                self.check()?;
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
