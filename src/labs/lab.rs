//! What a run that follows a plan asks of its lab.

use super::leg::Leg;
use super::record::{Camera, Metric};
use super::setup::Setup;
use super::task::{Question, Stages, Task};
use crate::denoise::Denoiser;
#[cfg(feature = "tensor")]
use crate::error::Error;
use crate::sample::{Executor, Share};
use std::rc::Rc;

/// One configuration, compiled, whose run follows a plan: what the run asks of its lab.
pub trait Lab: 'static {
    /// What looks at the particles of a run.
    type Camera: Camera;
    /// The numbers of a frame as far as they are computed.
    type Numbers: 'static;

    /// Process, plan, particles.
    fn setup(&self) -> &Setup;

    /// Coordinates of a particle.
    fn dim(&self) -> usize;

    /// What the sampler asks for x̂.
    fn denoiser(&self) -> &dyn Denoiser;

    /// A share of the particles at the start of a run on the host.
    fn start(&self, share: &Share) -> Box<dyn Executor>;

    /// The shares of a run begin at multiples of this number of particles.
    fn grain(&self) -> usize {
        1
    }

    /// The particles at the start of a run on a device.
    ///
    /// # Errors
    /// If the lab does not run there.
    #[cfg(feature = "tensor")]
    fn start_on(&self, place: &crate::tensor::Place) -> Result<Box<dyn Executor>, Error>;

    /// The same by a kernel of its own; `None` where its denoiser has none, and runs on tensors.
    #[cfg(feature = "gpu")]
    fn start_fused(&self, _card: &crate::gpu::Card) -> Option<Box<dyn Executor>> {
        None
    }

    /// How often a result takes the plan from start to end.
    fn rounds(&self) -> usize {
        1
    }

    /// The walks of a run on the host through the plan, which its price is made of.
    fn legs(&self) -> Vec<Leg> {
        vec![Leg {
            times: 1,
            dim: self.dim(),
            denoiser: None,
        }]
    }

    /// What a run on the host costs beside its walks and its frames, in units of work.
    fn price_beside(&self) -> usize {
        0
    }

    /// What is not right about a run though it can be done, each with its remedy.
    fn warnings(&self) -> Vec<String>;

    /// Bytes that a run of `n` particles takes at its peak, about, and not more: particles, records, numbers at the end.
    fn memory(&self, n: usize) -> u64;

    /// What makes a particle smaller, in words; none where nothing does.
    fn smaller(&self) -> Option<&'static str> {
        None
    }

    /// What a run costs, by its names in the command line's answer.
    fn costs(&self) -> Vec<(&'static str, u64)> {
        vec![]
    }

    /// How the numbers of a recorded frame are computed; `end` is the final state where the run is done and the frame is
    /// the last.
    fn numbers(
        self: &Rc<Self>,
        camera: &Self::Camera,
        frame: usize,
        end: Option<Rc<Vec<f64>>>,
    ) -> Stages<Self::Numbers>;

    /// The numbers, when all is computed.
    fn rows(&self, numbers: Self::Numbers) -> Vec<Metric>;

    /// What can be asked of a run beside its metrics, without arguments.
    fn asked(&self) -> &'static [Question] {
        &[]
    }

    /// The answer to one of [`Lab::asked`], at the end of a run.
    fn answer(self: &Rc<Self>, _name: &str, _end: Rc<Vec<f64>>) -> Option<Task> {
        None
    }
}
