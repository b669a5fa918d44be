//! A training from its first step to its last: progress, losses, saved states.

use super::failure::Failure;
use super::say::{Bar, with_clock};
use scorefield::error::Error;
use scorefield::net::State;

/// Seconds between two saved states. An interruption loses at most this time.
const SAVE_EVERY: f64 = 3.0;
/// Seconds between two looks at the progress.
const SHOW_EVERY: f64 = 0.1;
/// Steps whose mean loss is shown meanwhile and said at the end.
const SHOWN: usize = 100;
const LAST: usize = 500;

/// A training in steps.
pub trait Course {
    /// Does a step and returns the loss of its batch.
    fn step(&mut self) -> Result<f64, Error>;
    /// The current state.
    fn state(&self) -> &State;
}

/// The steps of a training that were done in this call.
pub struct Trained {
    losses: Vec<f64>,
    /// How long they took.
    pub seconds: f64,
}

impl Trained {
    /// Their number, for the card of a network on windows.
    #[cfg(feature = "unet")]
    pub fn steps(&self) -> usize {
        self.losses.len()
    }
}

/// Does all steps up to `steps`; the progress says `what` is trained, and `save` keeps a state now and then.
pub fn run(
    course: &mut dyn Course,
    steps: u32,
    what: &str,
    save: &dyn Fn(&State) -> Result<(), Failure>,
) -> Result<Trained, Failure> {
    let mut losses = Vec::new();
    let mut result = Ok(());
    let seconds = with_clock(|clock| {
        let first = course.state().step;
        let mut bar = Bar::new(clock, u64::from(steps - first));
        let (mut shown, mut saved) = (clock(), clock());
        while course.state().step < steps && result.is_ok() {
            match course.step() {
                Ok(loss) => losses.push(loss),
                Err(e) => result = Err(e.into()),
            }
            let now = clock();
            if result.is_ok() && now - saved > SAVE_EVERY {
                saved = now;
                result = save(course.state());
            }
            if now - shown > SHOW_EVERY {
                shown = now;
                bar.note = format!("{what}, loss {:.4}", mean(&losses, SHOWN));
                bar.show(u64::from(course.state().step - first));
            }
        }
        bar.clear();
    });
    result?;
    Ok(Trained { losses, seconds })
}

/// The mean loss of the last steps.
pub fn loss_of_last(trained: &Trained) -> f64 {
    mean(&trained.losses, LAST)
}

fn mean(all: &[f64], last: usize) -> f64 {
    let last = &all[all.len().saturating_sub(last)..];
    last.iter().sum::<f64>() / last.len().max(1) as f64
}
