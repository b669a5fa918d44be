//! The network of a run on a device.

use super::law::Window;
use super::way::{Answering, Elsewhere};
use crate::error::Error;
use crate::guide::Asked;
use crate::labs::setup::not_loaded;
use crate::net::unet::catalog;
use crate::process::film::GaussianFilm;
use crate::tensor::{FilmNetwork, Place};
use std::sync::Arc;

/// A network on a device.
pub(super) struct OnDevice(FilmNetwork);

impl OnDevice {
    /// The network of a score.
    ///
    /// # Errors
    /// If the score is no network, or there is none; if the network has not been loaded.
    pub fn new(score: Option<&Window>, place: &Place) -> Result<Self, Error> {
        let own = score.and_then(|own| Some((own.network?, own.frames)));
        let (name, frames) = own.ok_or_else(|| Error::Unsupported {
            reason: "Of films of a flow, WebGPU computes the network alone, and this run has none."
                .to_owned(),
        })?;
        let law = GaussianFilm::committed(frames)?;
        match (catalog::get(name), catalog::find(name)) {
            (Some(net), _) => Ok(Self(FilmNetwork::new(&net, Arc::new(law), place))),
            (None, Some(entry)) => Err(not_loaded(entry)),
            (None, None) => Err(Error::NotYet { what: "network" }),
        }
    }
}

impl Elsewhere for OnDevice {
    fn answer<'a>(&'a mut self, asked: &'a Asked) -> Answering<'a> {
        let Asked { level, x_t, .. } = asked;
        match &asked.v {
            None => Box::pin(self.0.x_hat(level, x_t, asked.keeps)),
            Some(v) => Box::pin(self.0.vjp(level, x_t, v)),
        }
    }
}
