//! The networks that were trained or loaded in this process, by law and recipe.

use super::recipe;
use super::{Net, Recipe};
use std::sync::Arc;
use std::sync::RwLock;

/// Largest number of networks kept. When it is exceeded, the oldest network is dropped.
const MOST: usize = 32;

/// A law and a recipe. With the arithmetic of this crate they determine every bit of the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The link of the law.
    pub law: String,
    /// How the law is learned.
    pub recipe: Recipe,
}

impl Order {
    /// The order as text. This text is also the recipe in the file of its network, and its name in this list.
    pub fn text(&self) -> String {
        recipe::write(&self.law, &self.recipe)
    }
}

/// A network in the list.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The network.
    pub net: Arc<Net>,
    /// The step at which its training was stopped, if it did not run to its end.
    pub stopped: Option<u32>,
}

static AT_HAND: RwLock<Vec<(String, Trained)>> = RwLock::new(Vec::new());

/// Adds the network of an order, and replaces an earlier one.
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

/// Removes the network of an order.
pub fn remove(order: &Order) {
    let name = order.text();
    if let Ok(mut all) = AT_HAND.write() {
        all.retain(|(known, _)| *known != name);
    }
}

/// The network of an order, if there is one.
pub fn get(order: &Order) -> Option<Trained> {
    let name = order.text();
    let all = AT_HAND.read().ok()?;
    let found = all.iter().find(|(known, _)| *known == name)?;
    Some(found.1.clone())
}
