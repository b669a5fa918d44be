//! Chains in a kernel: all at once, where the guided denoiser is affine.

use super::ChainLab;
use super::device_model::ratio;
use super::method::Method;
use super::reference::DENSE;
use crate::denoise::Denoiser;
use crate::error::Error;
use crate::gpu::{Card, Fused, FusedState};
use crate::guide::{self, Guided};
use crate::sample::{Executor, Path, Plan, Settling};
use crate::tensor::{self, DType};

/// Numbers of a read that are looked at together.
const TOGETHER: usize = 1 << 12;

/// A run of whole chains in a kernel. The host makes the maps of the levels of a chunk before it begins.
///
/// Held by `tests/gpu.rs`: `a_fused_run_of_a_chain_is_that_of_the_host`, `a_chain_that_breaks_down_in_a_kernel_says_so`,
/// `a_chain_that_diverges_in_a_kernel_names_the_level_of_its_first_bad_frame`.
struct OnCard {
    state: FusedState,
    guided: Guided,
    /// For each stage, the σ/α at which x̂ was last evaluated.
    ratios: Vec<f64>,
    failure: Option<Error>,
}

/// The particles at the start of a run of `lab`; `None` where it runs on tensors: if x̂ is no affine map of x_t, in segments,
/// and if a map would be too large, which is an error there. The state always fits: of 20,000 chains of 400 numbers it takes
/// 96 MB, and every device of WebGPU has buffers of 128 MiB.
pub fn start(lab: &ChainLab, card: &Card) -> Option<Box<dyn Executor>> {
    let dim = lab.chain.dim();
    match lab.method {
        Method::AllAtOnce if lab.affine && dim <= DENSE => Some(Box::new(OnCard {
            state: lab.setup.start_fused(Fused::chain(dim), card),
            guided: lab.guided.fresh(),
            ratios: ratios(&lab.setup.plan),
            failure: None,
        })),
        Method::AllAtOnce | Method::Autoregressive(_) | Method::Exact => None,
    }
}

/// For each stage of a plan, the σ/α at which x̂ was last evaluated.
fn ratios(plan: &Plan) -> Vec<f64> {
    let mut last = f64::INFINITY;
    let mut all = vec![];
    for stage in 0..plan.stages.len() {
        last = ratio(plan, stage).unwrap_or(last);
        all.push(last);
    }
    all
}

impl OnCard {
    async fn read(&mut self) -> Result<(), Error> {
        self.state.settle().await?;
        let wild = |part: &[f32]| {
            let wide: Vec<f64> = part.iter().map(|x| f64::from(*x)).collect();
            guide::has_diverged(&wide)
        };
        let mut frames = self.state.frames();
        if let Some((stage, _)) = frames.find(|(_, x)| x.chunks(TOGETHER).any(wild)) {
            let error = tensor::of_type(guide::diverged(self.ratios[stage]), DType::F32);
            self.failure.get_or_insert(error);
        }
        Ok(())
    }
}

impl Executor for OnCard {
    fn path(&self) -> Path {
        self.state.path()
    }

    fn begin(&mut self, plan: &Plan, _: &dyn Denoiser, work: usize) -> bool {
        self.state.begin(plan, &self.guided, work)
    }

    fn advance(&mut self, plan: &Plan, _: &dyn Denoiser, work: usize) -> Option<usize> {
        self.state.advance(plan, &self.guided, work)
    }

    fn operations(&self, plan: &Plan) -> usize {
        self.state.operations(plan)
    }

    fn settle(&mut self) -> Settling<'_> {
        Box::pin(self.read())
    }

    fn next_frame(&mut self) -> bool {
        self.state.next_frame()
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

    fn take(&mut self) -> Vec<f64> {
        self.state.take()
    }

    /// What broke down in a map is known when its chunk is queued, and a map that broke down is not finite.
    fn check(&self) -> Result<(), Error> {
        self.guided.check()?;
        self.failure.clone().map_or(Ok(()), Err)
    }
}
