//! The shares of a run, each on a thread of its own. The bits do not depend on how many there are.

use super::threads::{PIECE, Threads, WORTH};
use scorefield::labs::link::{Link, Side, Values};
use scorefield::labs::{self, Runner, State};
use scorefield::sample::{Landing, Share, lead};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};

/// A share that is moved on another thread, and what comes from there.
struct MovedShare {
    part: usize,
    landings: Receiver<Landing>,
    /// What the share needs of the others, where they need each other.
    states: Sender<Arc<State>>,
}

/// The shares of a run that are moved on other threads.
pub struct MovedShares {
    all: Vec<MovedShare>,
}

impl MovedShares {
    /// Shares a run out, before anything of it is done: on `most` threads at most, with this one, and as many as its `price`
    /// is worth. It is seen at `levels` beside those of its frames.
    pub fn of<'scope>(
        threads: &Threads<'scope, '_>,
        run: &mut dyn Runner,
        values: &Values,
        (most, price): (usize, u64),
        levels: &[usize],
    ) -> Self {
        let (end, dim) = (run.steps(), run.dim());
        let worth = usize::try_from(price / WORTH).unwrap_or(usize::MAX);
        let mut all = vec![];
        if let Some(shared) = run.shared() {
            let shares = shared.split(most.min(worth).max(1), levels, price as f64);
            for (part, share) in shares.iter().enumerate().skip(1) {
                let (out, landings) = sync_channel(lead(share.of, dim).min(end + 1));
                let link = Link {
                    a: values.clone(),
                    b: None,
                };
                let (share, levels) = (*share, levels.to_vec());
                let (states, given) = channel();
                let job = move || move_share(&link, &share, &levels, (&given, &out));
                // Where no thread starts, the share stays here.
                if threads.start(job) {
                    shared.hand_over(part);
                    all.push(MovedShare {
                        part,
                        landings,
                        states,
                    });
                }
            }
        }
        Self { all }
    }

    /// Threads, with this one.
    pub fn threads(&self) -> usize {
        1 + self.all.len()
    }

    /// Hands the run what has come from the others, and waits where it can do nothing without. A share whose thread has
    /// failed is moved here, so that an error is that of the run on one thread. Gives them what they need to go on.
    pub fn deliver(&mut self, run: &mut dyn Runner) {
        let Some(shared) = run.shared() else {
            return;
        };
        if let Some(state) = shared.gives() {
            let state = Arc::new(state);
            for own in &self.all {
                // A thread that has ended is found when its states are awaited.
                let _ = own.states.send(state.clone());
            }
        }
        self.all.retain(|own| {
            let awaited = shared.awaits() == Some(own.part);
            let mut first = awaited.then(|| own.landings.recv());
            while shared.has_room(own.part) {
                let next = match first.take() {
                    Some(next) => next.map_err(|_| TryRecvError::Disconnected),
                    None => own.landings.try_recv(),
                };
                match next {
                    Ok(landing) => {
                        let last = landing.level == shared.last();
                        shared.receive(own.part, landing);
                        if last {
                            return false;
                        }
                    }
                    Err(TryRecvError::Empty) => return true,
                    Err(TryRecvError::Disconnected) => {
                        shared.take_back(own.part);
                        return false;
                    }
                }
            }
            true
        });
    }
}

/// Moves a share to its end, or until nobody wants it any more or something breaks down.
fn move_share(
    link: &Link,
    share: &Share,
    levels: &[usize],
    (given, out): (&Receiver<Arc<State>>, &SyncSender<Landing>),
) -> Option<()> {
    let experiment = labs::open(link).ok()?;
    let mut portion = experiment.portion(Side::A, share, levels).ok()?;
    while !portion.is_done() {
        if portion.awaits() {
            portion.receive(&*given.recv().ok()?);
            continue;
        }
        let landing = portion.advance(PIECE);
        portion.check().ok()?;
        if let Some(landing) = landing {
            out.send(landing).ok()?;
        }
    }
    Some(())
}
