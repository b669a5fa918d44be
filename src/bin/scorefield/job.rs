//! `scorefield job NAME LINK`: what a view computes beside the runs, as it is in the page.

use super::failure::{Failure, failed};
use super::memory;
use super::run::decoded;
use super::say::{Bar, print, with_clock};
use scorefield::labs;
use scorefield::labs::link;
use serde_json::json;

/// Units of work between two looks at the clock: a tenth of a second.
const PIECE: usize = 1 << 22;

/// Computes the job of a link and prints its plan and its points.
pub fn job(name: &str, text: &str) -> Result<(), Failure> {
    let link::Decoded { link, changes, .. } = decoded(text)?;
    let experiment = labs::open(&link)?;
    memory::check(experiment.as_ref(), (0, 1), None)?;
    let mut job = experiment.job(name)?;
    let mut points = vec![];
    let mut plan = Err(failed("The job did not begin."));
    let seconds = with_clock(|clock| {
        while !job.prepare() {}
        plan = job.plan().map_err(Failure::from);
        let mut bar = Bar::new(clock, job.price() as u64);
        loop {
            let done = job.advance(PIECE);
            points.extend(job.take().iter().map(|point| point.json()));
            if done {
                break;
            }
            bar.show(job.work() as u64);
        }
        bar.clear();
    });
    let mut answer = json!({
        "version": env!("CARGO_PKG_VERSION"), "link": link::encode(&link), "job": name, "seconds": seconds,
        "plan": plan?.json(), "points": points,
    });
    if !changes.is_empty() {
        answer["changes"] = json!(changes);
    }
    print(&answer)
}
