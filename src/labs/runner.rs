//! A run of any lab, on any engine.

use super::record::Frames;
use super::shared::Shareable;
use super::task::{Args, Task};
use crate::answer::Named;
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::sample::{Path, Settling};

/// Where a run is done.
#[derive(Debug, Clone)]
pub enum Engine {
    /// The host loop.
    Host,
    /// Tensors on a device.
    #[cfg(feature = "tensor")]
    Device(crate::tensor::Place),
    /// Fused kernels on a graphics card, and tensors on a device for what has no kernel. [`Runner::path`] says which.
    #[cfg(feature = "gpu")]
    Fused(crate::gpu::Card, crate::tensor::Place),
}

impl Engine {
    /// Whether this is the host.
    pub fn is_host(&self) -> bool {
        matches!(self, Engine::Host)
    }

    /// The device of tensors; none on the host.
    #[cfg(feature = "tensor")]
    pub fn place(&self) -> Option<&crate::tensor::Place> {
        match self {
            Engine::Host => None,
            Engine::Device(place) => Some(place),
            #[cfg(feature = "gpu")]
            Engine::Fused(_, place) => Some(place),
        }
    }
}

/// A run of one side of any lab, on any engine. What is written out here is that of a run on the host that asks no denoiser.
pub trait Runner {
    /// Does about `work` units ([`crate::denoise::Denoiser::price`]), or one particle; on a device queues about as many
    /// evaluations, or what comes before the next read. Returns whether the run is done.
    fn advance(&mut self, work: usize) -> bool {
        self.advance_with(work, &mut |_, _| {})
    }

    /// As [`Runner::advance`], on the host showing the state to `watch` at the start, where it is drawn in this call, and
    /// after every step, each with the number of steps done.
    fn advance_with(&mut self, work: usize, watch: &mut dyn FnMut(usize, &[f64])) -> bool;

    /// What moves the particles.
    fn path(&self) -> Path {
        Path::Host
    }

    /// Steps of the whole run.
    fn steps(&self) -> usize;

    /// Where the run is after so many steps, by names in the command line's answer: time and level of noise, or an index.
    fn place(&self, step: usize) -> Named<f64>;

    /// Denoiser calls a particle in the whole run; none where it asks no denoiser.
    fn calls(&self) -> Option<usize> {
        None
    }

    /// What is not right about the run though it can be done, each with its remedy.
    fn warnings(&self) -> Vec<String> {
        vec![]
    }

    /// What the run costs beside its evaluations, by names in the command line's answer.
    fn costs(&self) -> Vec<(&'static str, u64)> {
        vec![]
    }

    /// Whether work is queued on a device: the host has done all that it was asked for.
    fn waits(&self) -> bool {
        false
    }

    /// Waits for what is queued; ready at once on the host.
    ///
    /// # Errors
    /// If the device was lost; what broke down in the run, where that is known at a read only.
    fn settle(&mut self) -> Settling<'_> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// What happened, if the device was lost in the middle and the host went on from the last level: the result then is that of two
    /// engines, and has no fingerprint to share.
    fn lost(&self) -> Option<String> {
        None
    }

    /// The run as one that can be shared out; none where its particles do not go alone, and on a device.
    fn shared(&mut self) -> Option<&mut dyn Shareable> {
        None
    }

    /// Whether nothing is left to do.
    fn is_done(&self) -> bool;

    /// Units of work so far; on a device, evaluations, or what they would cost on the host.
    fn work(&self) -> u64;

    /// Denoiser evaluations so far, over all particles.
    fn evaluations(&self) -> u64;

    /// Denoiser evaluations of the whole run.
    fn total(&self) -> u64;

    /// Products with the score's Jacobian or its transpose so far, over all particles; none in a lab without guidance,
    /// and on a device, which does not count them.
    fn products(&self) -> Option<u64> {
        None
    }

    /// The same a particle: a mean, because particles that go through a stage together stop together, and others take
    /// fewer.
    fn jacobian_products(&self) -> Option<f64> {
        None
    }

    /// Frames recorded so far.
    fn frames(&self) -> usize;

    /// The frames since the last call, if any.
    fn take(&mut self) -> Option<Frames>;

    /// A question about the run so far: in every lab `metrics` of a frame, and `price`, what the whole run takes in units of
    /// work on the host.
    ///
    /// # Errors
    /// If the question is none of the run's.
    fn ask(&self, question: &str, args: &Args) -> Result<Task, Error>;

    /// Whether all that was done so far is a result; asked after each piece of work.
    ///
    /// # Errors
    /// What broke down.
    fn check(&self) -> Result<(), Error>;

    /// Coordinates of a particle.
    fn dim(&self) -> usize;

    /// The final samples, `[n × dim]`.
    ///
    /// # Errors
    /// Before the run is done.
    fn samples(&self) -> Result<&[f64], Error>;

    /// The fingerprint of the result.
    ///
    /// # Errors
    /// Before the run is done.
    fn fingerprint(&self) -> Result<Fingerprint, Error> {
        Ok(Fingerprint::of(self.samples()?))
    }

    /// Whether the run amplifies rounding, so that engines agree in law but not particle by particle.
    fn amplifies_rounding(&self) -> bool {
        false
    }
}

/// Goes on with a run for about `work` units, on any engine. Returns whether the run is done.
///
/// # Errors
/// As [`Runner::settle`] and [`Runner::check`].
pub async fn go_on(run: &mut dyn Runner, work: usize) -> Result<bool, Error> {
    let stop = run.work() + work as u64;
    loop {
        let done = run.advance(stop.saturating_sub(run.work()).max(1) as usize);
        let waits = run.waits();
        run.settle().await?;
        run.check()?;
        if done || !waits || run.work() >= stop {
            return Ok(run.is_done());
        }
    }
}
