//! The part of a link that every lab compiles: process, grid, sampler, plan, particles, network.

use crate::denoise::{DenoiseAt, Denoiser, Differentiable, JacobianAt};
use crate::error::Error;
use crate::level::Level;
use crate::link::{self, Network, Values};
use crate::net::catalog::{self, Entry};
use crate::net::trained::{self, Order};
use crate::net::{Net, Recipe, unet};
use crate::sample::{HostState, Init, Plan, Sampler, Share};
use crate::schedule::{Grid, Process};
use std::sync::Arc;

/// Largest number of frames shown; longer grids are thinned evenly.
const MAX_FRAMES: usize = 201;

/// One configuration, without its law.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Whether the sampler uses a network instead of an exact score.
    learned: bool,
    /// The pretrained network that the sampler uses instead of an exact score.
    pub network: Option<Entry>,
    /// The network that is trained for this link and used in the same way.
    pub order: Option<Order>,
    /// One of the two networks, if it is loaded or trained.
    pub net: Option<Arc<Net>>,
    /// The noising process.
    pub process: Process,
    /// The sampler.
    pub sampler: Sampler,
    /// The time grid.
    pub grid: Grid,
    /// The plan.
    pub plan: Plan,
    /// Number of particles.
    pub n: usize,
    /// Seed of the run.
    pub seed: u64,
    /// Start at the quantiles instead of random draws.
    pub quantile_start: bool,
}

impl Setup {
    /// Compiles checked values.
    ///
    /// # Errors
    /// If they lack a key that every run has.
    pub fn new(values: &Values) -> Result<Self, Error> {
        let steps = values.need_int("steps")? as u32;
        let process = values.need_choice::<Process>("process")?.in_steps(steps);
        let grid: Grid = values.need_choice("grid")?;
        let sampler = sampler(values)?;
        let (network, order) = (network(values), order(values));
        let trained = order.as_ref().and_then(trained::get);
        Ok(Self {
            net: match network {
                Some(entry) => catalog::get(entry.name),
                None => trained.map(|t| t.net),
            },
            learned: values.is_learned(),
            network,
            order,
            plan: sampler.plan(process, grid, steps),
            process,
            sampler,
            grid,
            n: values.need_int("n")? as usize,
            seed: values.need_int("seed")?,
            quantile_start: values.choice("init") == Some(Init::Quantile),
        })
    }

    /// The same run with a different sampler and number of steps.
    pub(super) fn walking(&self, sampler: Sampler, steps: u32) -> Self {
        let process = self.process.in_steps(steps);
        Self {
            plan: sampler.plan(process, self.grid, steps),
            process,
            sampler,
            ..self.clone()
        }
    }

    /// Whether everything that a run needs is available.
    ///
    /// # Errors
    /// If its network has not been loaded or trained.
    pub fn ready(&self) -> Result<(), Error> {
        match (&self.net, self.network, &self.order) {
            (None, Some(entry), _) => Err(not_loaded(entry)),
            (None, None, Some(order)) => Err(Error::Untrained {
                law: order.law.clone(),
            }),
            (None, None, None) if self.learned => Err(Error::Network {
                name: "The network of this law".to_owned(),
                reason: "is not part of this version".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// The denoiser of the sampler: the network, or `exact` if there is none.
    pub fn denoiser<'a>(&'a self, exact: &'a dyn Denoiser) -> &'a dyn Denoiser {
        match &self.net {
            Some(net) => net.as_ref(),
            None if self.learned => &Missing,
            None => exact,
        }
    }

    /// A share of the particles of `dim` coordinates on the host, before their start is drawn.
    pub(super) fn start(&self, dim: usize, share: &Share) -> HostState {
        HostState::share(&self.plan, share, dim, self.seed, self.quantile_start)
    }

    /// As [`Setup::start`], on a device.
    #[cfg(feature = "tensor")]
    pub(super) fn start_on(
        &self,
        dim: usize,
        model: crate::tensor::Model,
        place: &crate::tensor::Place,
    ) -> crate::tensor::TensorState {
        crate::tensor::TensorState::new(
            &self.plan,
            (self.n, dim),
            self.seed,
            self.quantile_start,
            model,
            place,
        )
    }

    /// As [`Setup::start`], by a kernel.
    #[cfg(feature = "gpu")]
    pub(super) fn start_fused(
        &self,
        law: crate::gpu::Fused,
        card: &crate::gpu::Card,
    ) -> crate::gpu::FusedState {
        crate::gpu::FusedState::new(
            (&self.plan, &self.shown_levels()),
            self.n,
            self.seed,
            self.quantile_start,
            law,
            card,
        )
    }

    /// Whether the sampler uses a network.
    pub fn is_learned(&self) -> bool {
        self.learned
    }

    /// The same run with the exact score instead of the network.
    pub(super) fn forget_network(&mut self) {
        self.learned = false;
        (self.network, self.order, self.net) = (None, None, None);
    }

    /// Indices of the grid levels that are shown as frames: the first, the last, and evenly between.
    pub fn shown_levels(&self) -> Vec<usize> {
        shown(self.plan.steps())
    }

    /// The levels of [`Setup::shown_levels`].
    pub fn frames(&self) -> Vec<Level> {
        let shown = self.shown_levels();
        shown.iter().map(|&i| self.plan.levels[i]).collect()
    }

    /// Whether the run amplifies rounding, so that engines agree in law but not particle by particle.
    pub fn amplifies_rounding(&self) -> bool {
        matches!(self.sampler, Sampler::Pc { .. } | Sampler::Langevin { .. })
    }

    /// Whether the run stays at one level (`langevin`) instead of moving through time.
    pub fn walks_at_one_level(&self) -> bool {
        self.sampler.walks_at_one_level()
    }
}

/// Of so many steps, those after which a frame is taken: the start, the last, and evenly between.
pub(super) fn shown(steps: usize) -> Vec<usize> {
    thinned(steps, MAX_FRAMES)
}

/// As [`shown`], with `most` ≥ 2 frames at most.
pub(super) fn thinned(steps: usize, most: usize) -> Vec<usize> {
    let frames = most.min(steps + 1);
    (0..frames)
        .map(|f| (f * steps + (frames - 1) / 2) / (frames - 1).max(1))
        .collect()
}

/// Says that a pretrained network is not there yet.
pub(super) fn not_loaded(entry: Entry) -> Error {
    Error::Network {
        name: entry.file.to_owned(),
        reason: "has not been loaded".to_owned(),
    }
}

/// A placeholder for a network that is not available ([`Setup::ready`] says so). It gives NaN, so no result can come
/// from it.
pub(super) struct Missing;

impl Differentiable for Missing {
    fn differentiable_at(&self, _: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(Missing)
    }
}

impl JacobianAt for Missing {
    fn jvp(&self, _: &[f64], _: &[f64], out: &mut [f64]) {
        out.fill(f64::NAN);
    }

    fn vjp(&self, _: &[f64], _: &[f64], out: &mut [f64]) {
        out.fill(f64::NAN);
    }
}

impl Denoiser for Missing {
    fn at(&self, _: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(Missing)
    }
}

impl DenoiseAt for Missing {
    fn x_hat(&self, _: &[f64], out: &mut [f64]) {
        out.fill(f64::NAN);
    }
}

/// The pretrained network that a link asks for.
pub fn network(v: &Values) -> Option<Entry> {
    match v.network() {
        Network::Pretrained => {
            let name = (v.lab()?.pretrained)(v)?;
            catalog::find(&name).or_else(|| unet::catalog::find(&name))
        }
        Network::Trained | Network::None => None,
    }
}

/// The training that a link asks for.
pub fn order(v: &Values) -> Option<Order> {
    let lab = v.lab().filter(|_| v.network() == Network::Trained)?;
    Some(Order {
        law: link::law(v),
        recipe: Recipe {
            width: v.int("net-width")? as usize,
            depth: v.int("net-depth")? as usize,
            steps: v.int("net-steps")? as u32,
            batch: v.int("net-batch")? as usize,
            rate: v.real("net-rate")?,
            seed: v.int("net-seed")?,
            ln_s: lab.ln_s,
        },
    })
}

/// The sampler of a link, with its numbers.
pub(super) fn sampler(v: &Values) -> Result<Sampler, Error> {
    let number = |key: &str| match v.int(key) {
        Some(whole) => Ok(whole as f64),
        None => v.need_real(key),
    };
    v.need_choice::<Sampler>("sampler")?.with(&number)
}
