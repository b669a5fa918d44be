//! The denoisers on a device: a law, a network, or a chain under guidance.

use super::faults::Faults;
use super::guided::Guided;
use super::network::Network;
use super::upload::{Map, Place};
use super::{exact, space};
use crate::denoise::Denoiser;
use crate::law::Law;
use crate::law::space::Space;
use crate::level::Level;
use crate::net::Net;
use burn::tensor::Tensor;

/// A denoiser on a device.
#[derive(Debug, Clone)]
pub enum Model {
    /// The exact denoiser of a law.
    Law(Law),
    /// The exact denoiser of a law in the plane or in space.
    Space(Space),
    /// Affine maps x̂ = K·x_t + G·c + k of the particle and its context, one per level.
    Affine(Vec<(Level, OnDevice)>),
    /// A network.
    Net(Network),
    /// A prior under guidance.
    Guided(Box<Guided>),
}

/// A [`Map`] on a device: Kᵀ `[dim, dim]`, Gᵀ `[known, dim]` if there is a context, and k `[1, dim]`.
#[derive(Debug, Clone)]
pub struct OnDevice {
    gain: Tensor<2>,
    context: Option<Tensor<2>>,
    offset: Tensor<2>,
}

impl Model {
    /// The layers of `net` on a device.
    pub fn network(net: &Net, place: &Place) -> Self {
        Model::Net(Network::new(net, place))
    }

    /// The maps of a denoiser of `dim` coordinates with contexts of `known` numbers that is affine at each of `levels`:
    /// see [`Map::of`].
    ///
    /// Held by `tests/tensor_chains.rs`: `every_rule_on_tensors_is_that_of_the_host`.
    pub fn affine(
        denoiser: &dyn Denoiser,
        [dim, known]: [usize; 2],
        levels: &[Level],
        place: &Place,
    ) -> Self {
        let map = |level: &Level| {
            let map = Map::of(denoiser, level, [dim, known]);
            let on_device = OnDevice {
                gain: place.matrix(map.gain, [dim, dim]),
                context: (known > 0).then(|| place.matrix(map.context, [known, dim])),
                offset: place.row(map.offset),
            };
            (*level, on_device)
        };
        Model::Affine(levels.iter().map(map).collect())
    }

    /// Number of columns of the largest tensor in [`Model::x_hat`].
    pub fn width(&self) -> usize {
        match self {
            Model::Law(law) => exact::width(law),
            Model::Space(law) => space::width(law),
            Model::Affine(maps) => maps.first().map_or(1, |m| m.1.gain.dims()[0]),
            Model::Net(network) => network.width(),
            Model::Guided(guided) => guided.width(),
        }
    }

    /// Approximate number of tensor operations of [`Model::x_hat`] at a level.
    pub fn operations(&self, level: &Level) -> usize {
        match self {
            Model::Guided(guided) => guided.operations(level),
            _ => 20,
        }
    }

    /// The failures so far; `None` for a model that cannot fail.
    pub fn faults(&self) -> Option<&Faults> {
        match self {
            Model::Guided(guided) => Some(guided.faults()),
            _ => None,
        }
    }

    /// x̂ = E[x₀ | x_t] for every particle, `[n, d]`. [`crate::net`] states the formula of a network.
    ///
    /// Held by `tests/tensor.rs`: `the_denoiser_on_tensors_is_the_exact_one`,
    /// `a_network_gives_the_same_x_hat_and_the_same_run_as_on_the_host`.
    ///
    /// # Panics
    /// If the model of a chain was not made for this level.
    pub fn x_hat(&self, level: &Level, x_t: Tensor<2>) -> Tensor<2> {
        self.x_hat_given(level, x_t, None)
    }

    /// As [`Model::x_hat`], for particles with contexts `[n, known]`. Only chains have contexts.
    ///
    /// # Panics
    /// As [`Model::x_hat`].
    pub fn x_hat_given(
        &self,
        level: &Level,
        x_t: Tensor<2>,
        context: Option<&Tensor<2>>,
    ) -> Tensor<2> {
        match self {
            Model::Law(law) => exact::x_hat(law, level, x_t),
            Model::Space(law) => space::x_hat(law, level, x_t),
            Model::Net(network) => network.x_hat(level, x_t),
            Model::Guided(guided) => guided.x_hat(level, x_t, context),
            Model::Affine(maps) => {
                let found = maps.iter().find(|m| m.0 == *level);
                // A run evaluates only at the levels of its plan, and these were given.
                assert!(found.is_some(), "x_hat: a level of the plan");
                let map = &found.unwrap_or(&maps[0]).1;
                let own = x_t.matmul(map.gain.clone()) + map.offset.clone();
                match (context, &map.context) {
                    (Some(context), Some(gain)) => own + context.clone().matmul(gain.clone()),
                    _ => own,
                }
            }
        }
    }
}
