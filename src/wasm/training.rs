//! Trainings and the networks they leave, across the boundary.

use super::cross::{plain, thrown};
use super::read::{after, read, side, values};
use super::shapes::{LoadedNetwork, StepOrders, StepSums, Summed, TrainingNews, TrainingProgress};
use crate::error::Error;
use crate::labs;
use crate::net::stretch::Sums;
use crate::net::trained;
use crate::net::{Net, Trainer};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The training that one side of a link asks for.
#[wasm_bindgen]
pub struct Training(labs::Training);

fn none() -> JsValue {
    thrown(Error::Engine {
        reason: "This link asks for no training.".to_owned(),
        remedy: "Choose score=trained.".to_owned(),
    })
}

#[wasm_bindgen]
impl Training {
    /// The training of one side of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str, side: &str) -> Result<Training, JsValue> {
        let link = read(link)?.link;
        let training = super::engine::training(values(&link, side)?).map_err(thrown)?;
        training.map(Training).ok_or_else(none)
    }

    /// What previews show: the runs of these sides of a link (`a`, `b` or `ab`), in turn.
    pub fn aim(&mut self, link: &str, sides: &str) -> Result<(), JsValue> {
        let link = read(link)?.link;
        let experiment: Rc<dyn labs::Experiment> = labs::open(&link).map_err(thrown)?.into();
        let mut views = vec![];
        for name in sides.split("").filter(|name| !name.is_empty()) {
            let side = side(name)?;
            // A side that cannot be made is found here.
            experiment.plan(side).map_err(thrown)?;
            views.push((experiment.clone(), side));
        }
        self.0.aim(views);
        Ok(())
    }

    /// Does about `work` units of 25 ns; on a device, evaluations of the network.
    #[wasm_bindgen(unchecked_return_type = "Promise<TrainingProgress>")]
    pub async fn advance(&mut self, work: f64) -> Result<JsValue, JsValue> {
        let before = self.0.work();
        let done = super::engine::train(&mut self.0, work as usize).await;
        let done = done.map_err(thrown)?;
        self.0.check().map_err(thrown)?;
        Ok(plain(&TrainingProgress {
            done,
            step: self.0.step(),
            steps: self.0.order().recipe.steps,
            loss: self.0.loss(),
            floor: self.0.floor(),
            work: self.0.host().is_some().then(|| self.0.work() - before),
        }))
    }

    /// What is new since the last call.
    #[wasm_bindgen(unchecked_return_type = "TrainingNews")]
    pub fn take(&mut self) -> JsValue {
        let (view, preview) = self.0.take_preview().unzip();
        plain(&TrainingNews {
            losses: self.0.take_losses().into(),
            view,
            preview,
        })
    }

    /// Divides the draws of each step among so many workers: the end of each part, in order. The last part stays here, and the
    /// others are done elsewhere from the next step on; none where the training cannot be shared out.
    pub fn split(&mut self, workers: usize) -> Vec<u32> {
        let parts = self.0.split(workers);
        parts.iter().map(|part| part.end as u32).collect()
    }

    /// What the others need for a step that has begun, once.
    #[wasm_bindgen(unchecked_return_type = "StepOrders | null")]
    pub fn orders(&mut self) -> JsValue {
        let orders = self.0.host().and_then(Trainer::orders);
        orders.map_or(JsValue::NULL, |(step, weights)| {
            let weights = weights.to_vec().into();
            plain(&StepOrders { step, weights })
        })
    }

    /// The sums over the draws of a step that the others do.
    pub fn receive(&mut self, step: u32, loss: f64, gradient: Vec<f32>) {
        if let Some(trainer) = self.0.host() {
            trainer.receive(step, Sums { loss, gradient });
        }
    }

    /// All draws are done here again.
    pub fn take_back(&mut self) {
        if let Some(trainer) = self.0.host() {
            trainer.take_back();
        }
    }

    /// Whether nothing can be done before another instance has gone on.
    pub fn awaits(&mut self) -> bool {
        self.0.awaits()
    }

    /// Puts the network as it stands among those at hand.
    pub fn finish(&self) -> Result<(), JsValue> {
        self.0.finish().map_err(thrown)
    }
}

/// A part of each step of a training that another instance has.
#[wasm_bindgen]
pub struct TrainingPart(labs::TrainingPart);

#[wasm_bindgen]
impl TrainingPart {
    /// Of the training of one side of a link.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str, side: &str) -> Result<TrainingPart, JsValue> {
        let link = read(link)?.link;
        let part = labs::TrainingPart::new(values(&link, side)?);
        part.map(TrainingPart).ok_or_else(none)
    }

    /// Begins the draws from `first` up to `end` of a step.
    pub fn begin(&mut self, step: u32, first: usize, end: usize, weights: &[f32]) -> bool {
        self.0.helper().begin(step, first..end, weights)
    }

    /// The sums over the draws before.
    pub fn receive(&mut self, step: u32, loss: f64, gradient: Vec<f32>) {
        self.0.helper().receive(step, Sums { loss, gradient });
    }

    /// Whether nothing can be done before something comes.
    pub fn awaits(&mut self) -> bool {
        self.0.helper().awaits()
    }

    /// Does about `work` units of 25 ns of the step.
    #[wasm_bindgen(unchecked_return_type = "Summed")]
    pub fn advance(&mut self, work: f64) -> JsValue {
        let (work, sums) = self.0.advance(work as usize);
        let sums = sums.map(|(step, Sums { loss, gradient })| StepSums {
            step,
            loss,
            gradient: gradient.into(),
        });
        plain(&Summed { work, sums })
    }
}

/// The file of the network that a side asks for.
#[wasm_bindgen]
pub fn network_file(link: &str, side: &str) -> Result<Vec<u8>, JsValue> {
    let link = read(link)?.link;
    let order = labs::order(values(&link, side)?).ok_or_else(none)?;
    let Some(found) = trained::get(&order) else {
        return Err(thrown(Error::Untrained { law: order.law }));
    };
    found.net.to_bytes().map_err(thrown)
}

/// Takes the file of the network that a side asks for, from another engine.
#[wasm_bindgen]
pub fn add_trained(link: &str, side: &str, bytes: &[u8]) -> Result<(), JsValue> {
    labs::add(values(&read(link)?.link, side)?, bytes).map_err(thrown)
}

/// Whether two files hold the same network, to the last bit of each weight.
#[wasm_bindgen]
pub fn same_weights(one: &[u8], other: &[u8]) -> Result<bool, JsValue> {
    let read = |name, bytes| Net::from_bytes(name, bytes).map_err(thrown);
    Ok(read("the first file", one)?.has_weights_of(&read("the second file", other)?))
}

/// Reads any file of a network, puts it among those at hand, and answers the link that uses it: `link` with
/// the file's law and training.
#[wasm_bindgen(unchecked_return_type = "LoadedNetwork")]
pub fn load_network(name: &str, bytes: &[u8], link: &str) -> Result<JsValue, JsValue> {
    let present = read(link)?.link;
    let loaded = labs::load(name, bytes, &present).map_err(thrown)?;
    Ok(plain(&LoadedNetwork {
        opened: after(loaded.edited),
        stopped: loaded.stopped,
    }))
}
