//! What gives x̂ on a device: a law, a network, or a chain under guidance.

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
    /// Affine maps x̂ = K·x_t + G·c + k of the particle and its context, one a level.
    Affine(Vec<(Level, OnDevice)>),
    /// A network.
    Net(Network),
    /// A prior under guidance.
    Guided(Box<Guided>),
}

/// A [`Map`] on a device: Kᵀ `[dim, dim]`, Gᵀ `[known, dim]` where there is a context, k `[1, dim]`.
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

    /// The maps of a denoiser that is affine at every one of `levels`, of `dim` coordinates and contexts of `known`:
    /// see [`Map::of`].
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

    /// Length of a particle's row in the largest tensor of [`Model::x_hat`].
    pub fn width(&self) -> usize {
        match self {
            Model::Law(law) => exact::width(law),
            Model::Space(law) => space::width(law),
            Model::Affine(maps) => maps.first().map_or(1, |m| m.1.gain.dims()[0]),
            Model::Net(network) => network.width(),
            Model::Guided(guided) => guided.width(),
        }
    }

    /// Tensor operations of [`Model::x_hat`] at a level, about.
    pub fn operations(&self, level: &Level) -> usize {
        match self {
            Model::Guided(guided) => guided.operations(level),
            _ => 20,
        }
    }

    /// What has broken down so far, where anything can.
    pub fn faults(&self) -> Option<&Faults> {
        match self {
            Model::Guided(guided) => Some(guided.faults()),
            _ => None,
        }
    }

    /// x̂ = E[x₀ | x_t] for every particle, `[n, d]` (see [`crate::net`] for a network's formula).
    ///
    /// # Panics
    /// If a chain is asked for at a level that it was not made for.
    pub fn x_hat(&self, level: &Level, x_t: Tensor<2>) -> Tensor<2> {
        self.x_hat_given(level, x_t, None)
    }

    /// As [`Model::x_hat`] of particles with contexts `[n, known]`: only chains have them.
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
                // A run asks at the levels of its plan only, which are those given.
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
