//! `scorefield job NAME LINK`: what a view computes beside the runs, as it is in the page.

use super::failure::{Failure, failed};
use super::memory;
use super::run::decoded;
use super::say::{Bar, print, with_clock};
use super::threads::{Helpers, PIECE, Whole, cores};
use scorefield::labs;
use scorefield::labs::link;
use serde_json::json;
use std::thread::scope;

/// Computes the job of a link on `threads` threads at most, or on all cores, and prints its plan and its points.
pub fn job(name: &str, text: &str, threads: Option<usize>) -> Result<(), Failure> {
    let link::Decoded { link, changes, .. } = decoded(text)?;
    let experiment = labs::open(&link)?;
    let most = threads.unwrap_or_else(cores);
    let most = memory::check(experiment.as_ref(), (0, most), None)?;
    let mut job = experiment.job(name)?;
    let mut points = vec![];
    let mut plan = Err(failed("The job did not begin."));
    let mut used = 1;
    let seconds = with_clock(|clock| {
        while !job.prepare() {}
        plan = job.plan().map_err(Failure::from);
        let mut bar = Bar::new(clock, job.price() as u64);
        scope(|scope| {
            let job = job.as_mut();
            let worth = (most, job.price());
            let whole = Whole::Job(name.to_owned(), link.clone());
            let mut helpers = job.runs().map(|all| Helpers::of(scope, all, &whole, worth));
            used = helpers.as_ref().map_or(1, Helpers::threads);
            loop {
                let done = job.advance(PIECE);
                points.extend(job.take().iter().map(|point| point.json()));
                if done {
                    break;
                }
                bar.show(job.work() as u64);
                if let (Some(helpers), Some(all)) = (&mut helpers, job.runs()) {
                    helpers.deliver(all);
                }
            }
        });
        bar.clear();
    });
    let mut answer = json!({
        "version": env!("CARGO_PKG_VERSION"), "link": link::encode(&link), "job": name, "seconds": seconds, "threads": used,
        "plan": plan?.json(), "points": points,
    });
    if !changes.is_empty() {
        answer["changes"] = json!(changes);
    }
    print(&answer)
}
