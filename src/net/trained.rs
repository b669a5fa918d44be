//! The networks that were trained or loaded here, by the law and the recipe that they have learned from.

use super::recipe;
use super::{Net, Recipe};
use std::sync::Arc;
use std::sync::RwLock;

/// Networks that are kept, at most: the oldest goes.
const MOST: usize = 32;

/// What a training is to make. With the arithmetic of this crate it determines every bit of the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The link of the law.
    pub law: String,
    /// How it is learned.
    pub recipe: Recipe,
}

impl Order {
    /// The order as text: the recipe in the file of its network, and the name it is known by here.
    pub fn text(&self) -> String {
        recipe::write(&self.law, &self.recipe)
    }
}

/// A network at hand.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The network.
    pub net: Arc<Net>,
    /// The step at which its training was stopped, where it is not what the order asks for.
    pub stopped: Option<u32>,
}

static AT_HAND: RwLock<Vec<(String, Trained)>> = RwLock::new(Vec::new());

/// Takes a network as that of an order; one that was there is replaced.
pub fn add(order: &Order, net: Net, stopped: Option<u32>) {
    let name = order.text();
    if let Ok(mut all) = AT_HAND.write() {
        all.retain(|(known, _)| *known != name);
        if all.len() >= MOST {
            all.remove(0);
        }
        let net = Arc::new(net);
        all.push((name, Trained { net, stopped }));
    }
}

/// Forgets the network of an order.
pub fn remove(order: &Order) {
    let name = order.text();
    if let Ok(mut all) = AT_HAND.write() {
        all.retain(|(known, _)| *known != name);
    }
}

/// The network of an order, where it is at hand.
pub fn get(order: &Order) -> Option<Trained> {
    let name = order.text();
    let all = AT_HAND.read().ok()?;
    let found = all.iter().find(|(known, _)| *known == name)?;
    Some(found.1.clone())
}
