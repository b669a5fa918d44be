//! A network on a device: F, and products with its Jacobian.

use super::layers::Films;
use super::layers::Layers;
use super::layers::Maps;
use crate::error::Error;
use crate::net::unet::FRAMES;
use crate::net::unet::FieldNet;
use crate::net::unet::Network;
use crate::net::unet::Prepared;
use crate::net::unet::SEEN;
use crate::net::unet::SIDE;
use crate::net::unet::Slot;
use crate::net::unet::embedding;
use burn::tensor::DType;
use burn::tensor::Device;
use burn::tensor::Tensor;
use burn::tensor::TensorData;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

/// Where tensors are: the device, and the type of their elements.
#[derive(Debug, Clone)]
pub struct Place {
    /// The device.
    pub device: Device,
    /// f32 or f64.
    pub dtype: DType,
}

impl Place {
    /// burn's CPU backend, in f32.
    pub fn flex() -> Self {
        Self {
            device: Device::flex(),
            dtype: DType::F32,
        }
    }

    /// The same with automatic differentiation.
    pub(super) fn autodiff(&self) -> Self {
        Self {
            device: self.device.clone().autodiff(),
            dtype: self.dtype,
        }
    }

    pub(super) fn upload<const D: usize, E: burn::tensor::Element>(
        &self,
        values: Vec<E>,
        dims: [usize; D],
    ) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values, dims), (&self.device, self.dtype))
    }

    /// Channels `[n, channels, 16, 16]` of n windows.
    pub(super) fn maps(&self, values: Vec<f64>, channels: usize) -> Tensor<4> {
        let n = values.len() / (channels * SIDE * SIDE);
        self.upload(values, [n, channels, SIDE, SIDE])
    }

    /// One flat tensor for each slot.
    pub(super) fn leaves(&self, slots: &[Slot], weights: &[f32]) -> Vec<Tensor<1>> {
        let leaf = |slot: &Slot| {
            let own = weights[slot.range()].to_vec();
            let count = own.len();
            self.upload(own, [count])
        };
        slots.iter().map(leaf).collect()
    }
}

/// Reads the numbers of a tensor, which only the CPU backend can at once.
///
/// # Errors
/// If the device was lost, or would have to be waited for.
pub(super) fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f64>, Error> {
    let lost = || Error::Engine {
        reason: "The graphics device was lost during the run.".to_owned(),
        remedy: "Run again, or choose the CPU engine.".to_owned(),
    };
    let reading = pin!(tensor.into_data_async());
    let data = match reading.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(data) => data.map_err(|_| lost())?,
        Poll::Pending => {
            return Err(Error::Unsupported {
                reason: "This denoiser reads its device at once, which only the CPU backend can."
                    .to_owned(),
            });
        }
    };
    data.convert::<f64>().try_to_vec().map_err(|_| lost())
}

/// A [`FieldNet`] on a device.
#[derive(Debug, Clone)]
pub struct FieldNetwork {
    layers: Layers,
    place: Place,
}

/// What depends on the noise ratio only, prepared for it.
pub struct At<'n> {
    network: &'n FieldNetwork,
    films: Films,
}

/// A forward pass that can be pulled back.
pub struct Tape {
    seen: Tensor<4>,
    output: Tensor<4>,
    place: Place,
}

impl FieldNetwork {
    /// Puts the weights of a network on a device.
    pub fn new(net: &FieldNet, place: Place) -> Self {
        let leaves = place.leaves(&net.shape().slots(), net.weights());
        Self {
            layers: Layers::new(net.shape(), leaves.into_iter()),
            place,
        }
    }
}

impl Network for FieldNetwork {
    type Tape = Tape;
    type At<'n> = At<'n>;

    fn at(&self, s: f64) -> At<'_> {
        let waves = embedding(s).to_vec();
        let row = self.place.upload(waves.clone(), [1, waves.len()]);
        At {
            network: self,
            films: self.layers.films(row),
        }
    }
}

impl At<'_> {
    fn forward(&self, value: Tensor<4>, change: Option<Tensor<4>>) -> Maps {
        let maps = Maps { value, change };
        self.network.layers.forward(maps, &self.films)
    }
}

impl Prepared for At<'_> {
    type Tape = Tape;

    fn output(&self, seen: Vec<f64>) -> Result<Vec<f64>, Error> {
        let seen = self.network.place.maps(seen, 4 * SEEN);
        read(self.forward(seen, None).value)
    }

    fn taped(&self, seen: Vec<f64>) -> Result<(Vec<f64>, Tape), Error> {
        let place = self.network.place.autodiff();
        let seen = place.maps(seen, 4 * SEEN).require_grad();
        let output = self.forward(seen.clone(), None).value;
        let values = read(output.clone().inner())?;
        let place = self.network.place.clone();
        let tape = Tape {
            seen,
            output,
            place,
        };
        Ok((values, tape))
    }

    fn pushed(&self, seen: Vec<f64>, change: Vec<f64>) -> Result<Vec<f64>, Error> {
        let place = &self.network.place;
        let [seen, change] = [seen, change].map(|x| place.maps(x, 4 * SEEN));
        match self.forward(seen, Some(change)).change {
            Some(change) => read(change),
            None => Ok(vec![]),
        }
    }

    fn pulled(&self, tape: Tape, seed: Vec<f64>) -> Result<Vec<f64>, Error> {
        let seed = tape.place.autodiff().maps(seed, 4 * FRAMES);
        let mut gradients = (tape.output * seed).sum().backward();
        match tape.seen.grad_remove(&mut gradients) {
            Some(gradient) => read(gradient),
            None => Ok(vec![0.0; tape.seen.dims().iter().product()]),
        }
    }
}
