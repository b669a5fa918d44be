//! The numbers of a run that follows a plan, and other questions about it.

use super::Run;
use crate::error::Error;
use crate::labs::lab::Lab;
use crate::labs::price;
use crate::labs::record::Metrics;
use crate::labs::task::{Args, Question, Task, find};
use std::rc::Rc;

/// What can be asked of every run: the numbers of a frame, and its price in units of work.
const METRICS: Question = Question {
    name: "metrics",
    args: &["frame"],
};
const PRICE: Question = Question {
    name: "price",
    args: &[],
};

impl<L: Lab> Run<L> {
    /// The numbers at a frame, if it was reached.
    pub fn metrics(&self, frame: usize) -> Option<Metrics> {
        let (mut metrics, end) = self.moment(frame)?;
        metrics.rows = match self.last.get().filter(|_| end.is_some()) {
            Some(rows) => rows.clone(),
            None => {
                let camera = self.recorder.camera();
                let numbers = self.lab.numbers(camera, frame, end.clone()).finish();
                let rows = self.lab.rows(numbers.ok()?);
                match end {
                    Some(_) => self.last.get_or_init(|| rows).clone(),
                    None => rows,
                }
            }
        };
        Some(metrics)
    }

    /// A recorded frame without its numbers, and the final state where it is the last of a run that is done.
    fn moment(&self, frame: usize) -> Option<(Metrics, Option<Rc<Vec<f64>>>)> {
        let level_index = self.recorder.level(frame)?;
        let last = self.recorder.is_last(frame);
        let end = self.end.clone().filter(|_| last);
        let setup = self.lab.setup();
        let stages = &setup.plan.stages;
        let reached = stages
            .iter()
            .position(|s| s.lands == Some(level_index))
            .map_or(0, |i| i + 1);
        let asked = stages[..reached].iter().filter(|s| s.level.is_some());
        let metrics = Metrics {
            frame,
            t: Some(setup.plan.levels[level_index].t),
            r#final: last,
            rows: vec![],
            nfe: Some(self.lab.rounds() * asked.count()),
        };
        Some((metrics, end))
    }

    /// As [`Run::metrics`], in pieces.
    fn measured(&self, frame: usize) -> Task {
        let Some((mut metrics, end)) = self.moment(frame) else {
            return Task::at_once(|| Ok(None::<Metrics>));
        };
        let known = end.as_ref().and_then(|_| self.last.get()).cloned();
        if let Some(rows) = known {
            metrics.rows = rows;
            return Task::at_once(|| Ok(Some(metrics)));
        }
        let (lab, last) = (self.lab.clone(), end.is_some().then(|| self.last.clone()));
        let stages = self.lab.numbers(self.recorder.camera(), frame, end);
        stages.answer(move |numbers| {
            metrics.rows = lab.rows(numbers);
            if let Some(last) = last {
                // Asked twice at once, the first answer stays: they are the same.
                let _ = last.set(metrics.rows.clone());
            }
            Ok(Some(metrics))
        })
    }

    /// The numbers at the end.
    ///
    /// # Errors
    /// Before the run is done.
    pub fn final_metrics(&self) -> Result<Metrics, Error> {
        let frame = self.recorder.frames().saturating_sub(1);
        let done = self.is_done().then(|| self.metrics(frame)).flatten();
        done.ok_or(Error::NotYet {
            what: "final metric",
        })
    }

    /// As [`crate::labs::Runner::ask`].
    pub(super) fn answer(&self, question: &str, args: &Args) -> Result<Task, Error> {
        let mut all = vec![METRICS, PRICE];
        all.extend(self.lab.asked());
        let name = find(&all, question, args)?;
        if name == METRICS.name {
            return Ok(self.measured(args.whole("frame")?));
        }
        if name == PRICE.name {
            return Ok(price::price(&self.lab, self.price_of_frames()));
        }
        let task = self.end.clone().and_then(|end| self.lab.answer(name, end));
        // Before the end there is nothing to answer.
        Ok(task.unwrap_or_else(|| Task::at_once(|| Ok(None::<()>))))
    }
}
