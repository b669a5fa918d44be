//! Chains on a device: matrices if the guided denoiser is affine; otherwise guidance on tensors, and networks on
//! windows.

use super::ChainLab;
use super::Method;
use super::device_model::levels;
use super::device_model::model;
use super::device_model::ratio;
use super::device_segments::DeviceSegments;
use super::reference::DENSE;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::guide;
use crate::sample::Executor;
use crate::sample::Path;
use crate::sample::Plan;
use crate::sample::Settling;
use crate::tensor;
use crate::tensor::DType;
use crate::tensor::Place;
use crate::tensor::TensorState;

/// A run of whole chains on a device.
struct Whole {
    state: TensorState,
    /// The σ/α at which x̂ was last evaluated.
    ratio: f64,
    dtype: DType,
    failure: Option<Error>,
}

/// The particles at the start of a run of `lab`.
///
/// # Errors
/// If there is no score, a matrix of the chain would be too large, or guidance fails.
pub fn start(lab: &ChainLab, place: &Place) -> Result<Box<dyn Executor>, Error> {
    let setup = &lab.setup;
    match &lab.method {
        Method::Exact => Err(Error::Unsupported {
            reason: "method=exact asks for no score: its draws are made on the CPU.".to_owned(),
        }),
        Method::Autoregressive(series) => {
            Ok(Box::new(DeviceSegments::new(series.clone(), lab, place)?))
        }
        Method::AllAtOnce => {
            let dim = lab.chain.dim();
            if dim > DENSE {
                return Err(Error::Unsupported {
                    reason: format!(
                        "On WebGPU method=aao takes {DENSE} numbers a chain at most, and this one has {dim}. Choose a shorter length, or method=ar, which takes that many a segment."
                    ),
                });
            }
            let levels = levels(&setup.plan);
            let guided = lab.guided.fresh();
            let own = (&guided, &lab.score, lab.affine);
            let model = model(own, ([dim, 0], &[]), &levels, place)?;
            Ok(Box::new(Whole {
                state: setup.start_on(dim, model, place),
                ratio: f64::INFINITY,
                dtype: place.dtype,
                failure: None,
            }))
        }
    }
}

impl Whole {
    async fn read(&mut self) -> Result<(), Error> {
        self.state.read().await?;
        if let Some(faults) = self.state.faults()
            && let Err(error) = faults.check().await
        {
            self.failure.get_or_insert(error);
        }
        if guide::has_diverged(self.state.x()) {
            let error = tensor::of_type(guide::diverged(self.ratio), self.dtype);
            self.failure.get_or_insert(error);
        }
        Ok(())
    }
}

impl Executor for Whole {
    fn path(&self) -> Path {
        Path::Tensors
    }

    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, _: usize) -> Option<usize> {
        let stage = self.state.stages_done();
        self.ratio = ratio(plan, stage).unwrap_or(self.ratio);
        self.state.advance(plan)
    }

    fn take(&mut self) -> Vec<f64> {
        self.state.take()
    }

    fn operations(&self, plan: &Plan) -> usize {
        self.state.operations(plan)
    }

    fn settle(&mut self) -> Settling<'_> {
        Box::pin(self.read())
    }

    fn stages_done(&self) -> usize {
        self.state.stages_done()
    }

    fn evaluations(&self, plan: &Plan) -> u64 {
        self.state.evaluations(plan)
    }

    fn x(&self) -> &[f64] {
        self.state.x()
    }

    fn check(&self) -> Result<(), Error> {
        self.failure.clone().map_or(Ok(()), Err)
    }
}
