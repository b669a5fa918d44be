//! Training of the network of a link, before `scorefield run` runs the link.

use super::failure::Failure;
use super::say::{Bar, with_clock};
use super::team::Team;
use scorefield::labs::link::Values;
use scorefield::labs::{Training, training_in_words};
use scorefield::net::trained;
use serde_json::{Value, json};

/// Units of work between two looks at the clock: a tenth of a second.
const PIECE: usize = 1 << 22;

/// Trains the network of a side on `threads` threads at most, unless the other side has trained the same. Returns the answer's entry about it.
pub fn train(values: &Values, threads: usize) -> Result<Option<Value>, Failure> {
    let Some(mut training) = Training::new(values) else {
        return Ok(None);
    };
    if trained::get(training.order()).is_some() {
        return Ok(Some(json!({"seconds": 0})));
    }
    let what = training_in_words(values).unwrap_or_default();
    let steps = training.order().recipe.steps;
    let mut sound = Ok(());
    let mut workers = 1;
    let on = |clock: &dyn Fn() -> f64| {
        std::thread::scope(|scope| {
            let team = training
                .host()
                .map(|trainer| Team::of(scope, trainer, values, Some(threads)));
            workers = team.as_ref().map_or(1, Team::threads);
            let mut bar = Bar::new(clock, u64::from(steps));
            loop {
                if let (Some(team), Some(trainer)) = (&team, training.host()) {
                    team.deliver(trainer);
                }
                if sound.is_err() || training.advance(PIECE) {
                    break;
                }
                sound = training.check();
                bar.note = format!("training {what}, loss {:.3}", training.loss());
                bar.show(u64::from(training.step()));
            }
            bar.clear();
        })
    };
    let seconds = with_clock(on);
    sound?;
    training.finish()?;
    Ok(Some(
        json!({"seconds": seconds, "loss": training.loss(), "threads": workers}),
    ))
}
