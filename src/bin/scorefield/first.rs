//! Training of the network of a link, before `scorefield run` runs the link.

use super::course::loss_of_last;
use super::failure::Failure;
use super::team;
use scorefield::labs::link::Values;
use scorefield::labs::{self, training_in_words};
use scorefield::net::{Trainer, trained};
use serde_json::{Value, json};

/// Trains the network of a side on `threads` threads at most, unless the other side has trained the same. Returns the answer's entry about it.
pub fn train(values: &Values, threads: usize) -> Result<Option<Value>, Failure> {
    let Some(order) = labs::order(values) else {
        return Ok(None);
    };
    if trained::get(&order).is_some() {
        return Ok(Some(json!({"seconds": 0})));
    }
    let what = format!("training {}", training_in_words(values).unwrap_or_default());
    let law = labs::law(values)?;
    let mut trainer = Trainer::new(order.recipe, law.dim());
    let wanted = (order.recipe.steps, what.as_str());
    let (done, used) = team::finish(&mut trainer, law.target(), values, threads, wanted)?;
    let net = trainer.network(order.text());
    net.finite()?;
    trained::add(&order, net, None);
    Ok(Some(json!({
        "seconds": done.seconds, "loss": loss_of_last(&done), "threads": used,
    })))
}
