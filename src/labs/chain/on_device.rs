//! Chains on a device: matrices where the guided denoiser is affine; guidance on tensors, and networks of windows, else.

use super::ChainLab;
use super::Method;
use super::Score;
use super::device_segments::DeviceSegments;
use super::reference::DENSE;
use crate::error::Error;
use crate::guide;
use crate::guide::Guided;
use crate::level::Level;
use crate::sample::Executor;
use crate::sample::Plan;
use crate::tensor;
use crate::tensor::DType;
use crate::tensor::DeviceExecutor;
use crate::tensor::Model;
use crate::tensor::Place;
use crate::tensor::Prior;
use crate::tensor::TensorState;
use crate::tensor::Windows;

/// The particles of a run on a device.
pub enum DeviceState {
    /// All at once.
    Whole(Box<Whole>),
    /// Autoregressive.
    Segments(Box<DeviceSegments>),
}

/// A run of whole chains on a device.
pub struct Whole {
    state: TensorState,
    /// σ/α where x̂ was asked for last.
    ratio: f64,
    dtype: DType,
    failure: Option<Error>,
}

impl DeviceState {
    /// The start of a run of `lab`.
    ///
    /// # Errors
    /// If there is no score to ask, a matrix of the chain would be too large, or guidance breaks down.
    pub fn new(lab: &ChainLab, place: &Place) -> Result<Self, Error> {
        let setup = &lab.setup;
        match &lab.method {
            Method::Exact => Err(Error::Unsupported {
                reason: "method=exact asks for no score: its draws are made on the CPU.".to_owned(),
            }),
            Method::Autoregressive(series) => {
                let segments = DeviceSegments::new(series.clone(), lab, place)?;
                Ok(DeviceState::Segments(Box::new(segments)))
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
                let own = (&lab.guided, &lab.score, lab.affine);
                let model = model(own, ([dim, 0], &[]), &levels, place)?;
                Ok(DeviceState::Whole(Box::new(Whole {
                    state: setup.start_on(dim, model, place),
                    ratio: f64::INFINITY,
                    dtype: place.dtype,
                    failure: None,
                })))
            }
        }
    }
}

/// The levels at which a plan asks for x̂, each once.
pub(super) fn levels(plan: &Plan) -> Vec<Level> {
    let mut all: Vec<Level> = vec![];
    for level in plan.stages.iter().filter_map(|s| s.level) {
        if !all.contains(&level) {
            all.push(level);
        }
    }
    all
}

/// A guided denoiser of `dim` coordinates on a device, its score, and whether it is affine, whose particles bring contexts of
/// `known` numbers, of which it sees those at `seen`: of particles with the contexts of [`tensor::Map::contexts`].
///
/// # Errors
/// If guidance breaks down.
pub(super) fn model(
    (guided, score, affine): (&Guided, &Score, bool),
    ([dim, known], seen): ([usize; 2], &[usize]),
    levels: &[Level],
    place: &Place,
) -> Result<Model, Error> {
    if affine {
        let model = Model::affine(guided, [dim, known], levels, place);
        guided.check()?;
        return Ok(model);
    }
    let asked: Vec<Level> = levels.iter().map(guide::asked_at).collect();
    let prior = match score {
        Score::Net(k, Some(net)) => {
            let length = dim * (2 * k + 1) / net.dim();
            Prior::Windows(Box::new(Windows::new(net, length, *k, place)))
        }
        Score::Full | Score::Blanket(_) | Score::Net(_, None) => {
            Prior::matrices(guided.prior(), dim, &asked, place)
        }
    };
    let guided = tensor::Guided::new(prior, guided, seen.len(), levels, place)?;
    let guided = guided.picking(known, seen, place);
    Ok(Model::Guided(Box::new(guided)))
}

/// σ/α where the next stage asks for x̂, if it does.
pub(super) fn ratio(plan: &Plan, stage: usize) -> Option<f64> {
    let level = plan.stages.get(stage).and_then(|s| s.level);
    level.map(|level| guide::asked_at(&level).ratio())
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

impl Executor for DeviceState {
    fn stages_done(&self) -> usize {
        match self {
            DeviceState::Whole(whole) => whole.state.stages_done(),
            DeviceState::Segments(state) => state.stages_done(),
        }
    }

    fn evaluations(&self, plan: &Plan) -> u64 {
        match self {
            DeviceState::Whole(whole) => whole.state.evaluations(plan),
            DeviceState::Segments(state) => state.evaluations(plan),
        }
    }

    fn x(&self) -> &[f64] {
        match self {
            DeviceState::Whole(whole) => whole.state.x(),
            DeviceState::Segments(state) => state.x(),
        }
    }

    fn is_done(&self, plan: &Plan) -> bool {
        match self {
            DeviceState::Whole(whole) => whole.state.is_done(plan),
            DeviceState::Segments(state) => state.is_done(),
        }
    }

    fn total(&self, plan: &Plan, n: usize) -> u64 {
        match self {
            DeviceState::Whole(whole) => whole.state.total(plan, n),
            DeviceState::Segments(state) => state.total(plan),
        }
    }

    fn check(&self) -> Result<(), Error> {
        let failure = match self {
            DeviceState::Whole(whole) => &whole.failure,
            DeviceState::Segments(state) => state.failure(),
        };
        failure.clone().map_or(Ok(()), Err)
    }
}

impl DeviceExecutor for DeviceState {
    fn advance(&mut self, plan: &Plan) -> Option<usize> {
        match self {
            DeviceState::Whole(whole) => {
                let stage = whole.state.stages_done();
                whole.ratio = ratio(plan, stage).unwrap_or(whole.ratio);
                whole.state.advance(plan)
            }
            DeviceState::Segments(state) => state.advance(plan),
        }
    }

    fn operations(&self, plan: &Plan) -> usize {
        match self {
            DeviceState::Whole(whole) => whole.state.operations(plan),
            DeviceState::Segments(state) => state.operations(plan),
        }
    }

    async fn read(&mut self) -> Result<(), Error> {
        match self {
            DeviceState::Whole(whole) => whole.read().await,
            DeviceState::Segments(state) => state.read().await,
        }
    }
}
