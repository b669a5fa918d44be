//! `scorefield job NAME LINK`: what a view computes beside the runs, as it is in the page.

use super::dealt::{Pieces, Whole, finish};
use super::failure::{Failure, failed};
use super::memory;
use super::run::decoded;
use super::say::{Bar, print, with_clock};
use super::threads::{PIECE, cores};
use scorefield::error::Error;
use scorefield::labs::link;
use scorefield::labs::{self, Job, Runs};
use serde_json::{Value, json};

/// A job whose progress is shown, and its points so far.
struct Shown<'j> {
    job: &'j mut dyn Job,
    points: &'j mut Vec<Value>,
    bar: Bar<'j>,
}

impl Pieces for Shown<'_> {
    fn runs(&mut self) -> Option<&mut dyn Runs> {
        self.job.runs()
    }

    fn advance(&mut self) -> Result<bool, Error> {
        let done = self.job.advance(PIECE);
        let new = self.job.take();
        self.points.extend(new.iter().map(|point| point.json()));
        self.bar.show(self.job.work() as u64);
        Ok(done)
    }
}

/// Computes the job of a link on `threads` threads at most, or on all cores, and prints its plan and its points.
pub fn job(name: &str, text: &str, threads: Option<usize>) -> Result<(), Failure> {
    let link::Decoded { link, changes, .. } = decoded(text)?;
    let experiment = labs::open(&link)?;
    let most = threads.unwrap_or_else(cores);
    let most = memory::check(experiment.as_ref(), (0, most), None)?;
    let mut job = experiment.job(name)?;
    let mut points = vec![];
    let mut plan = Err(failed("The job did not begin."));
    let mut used = Ok(1);
    let seconds = with_clock(|clock| {
        while !job.prepare() {}
        plan = job.plan().map_err(Failure::from);
        let price = job.price();
        let mut own = Shown {
            bar: Bar::new(clock, price as u64),
            job: job.as_mut(),
            points: &mut points,
        };
        let whole = Whole::Job(name.to_owned(), link.clone());
        used = finish(&mut own, &whole, (most, price));
        own.bar.clear();
    });
    let mut answer = json!({
        "version": env!("CARGO_PKG_VERSION"), "link": link::encode(&link), "job": name, "seconds": seconds, "threads": used?,
        "plan": plan?.json(), "points": points,
    });
    if !changes.is_empty() {
        answer["changes"] = json!(changes);
    }
    print(&answer)
}
