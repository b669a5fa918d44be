//! A run of the stub: every path takes a step, then the index grows.

use super::path::Stub;
use crate::answer::Named;
use crate::error::Error;
use crate::labs::record::{self, Frames, Held, Metric, Metrics, Recorder};
use crate::labs::runner::Runner;
use crate::labs::setup::shown;
use crate::labs::task::{Args, Question, Task, find};
use crate::rng::{Noise, Stream};
use std::rc::Rc;

/// Paths in every frame, at most.
pub(super) const SHOWN: usize = 100;

/// Records the first paths, and the variance of all.
#[derive(Debug, Clone)]
pub(super) struct Camera {
    shown: usize,
    /// The variances of the frames so far.
    variance: Vec<f64>,
}

impl Camera {
    pub(super) fn new(stub: &Stub) -> Self {
        Self {
            shown: stub.n.min(SHOWN),
            variance: vec![],
        }
    }
}

impl record::Camera for Camera {
    fn record(&self) -> Vec<(&'static str, usize)> {
        vec![("x", self.shown), ("variance", 1)]
    }

    fn price(&self, _: &[f64]) -> usize {
        self.shown
    }

    fn look(&mut self, _: usize, x: &[f64], arrays: &mut [Vec<f32>]) {
        let variance = x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64;
        self.variance.push(variance);
        if let [paths, spread] = arrays {
            paths.extend(x.iter().take(self.shown).map(|x| *x as f32));
            spread.push(variance as f32);
        }
    }
}

/// All paths at one index, some of them a step further.
pub(super) struct Paths {
    stub: Rc<Stub>,
    x: Vec<f64>,
    /// The index that all paths have reached, and the number of paths that are one further.
    index: usize,
    ahead: usize,
    recorder: Recorder<Camera>,
}

impl Paths {
    pub(super) fn new(stub: Rc<Stub>) -> Self {
        let mut own = Self {
            x: vec![0.0; stub.n],
            index: 0,
            ahead: 0,
            recorder: Recorder::new(shown(stub.steps), Camera::new(&stub)),
            stub,
        };
        own.record();
        own
    }

    fn record(&mut self) {
        if self.recorder.wants(self.index) {
            self.recorder.start();
            self.recorder.look(&self.x);
        }
    }

    /// The numbers of a frame; none before it is recorded.
    fn metrics(&self, frame: usize) -> Option<Metrics> {
        let index = self.recorder.level(frame)?;
        let exact = self.stub.variance(index);
        let variance = *self.recorder.camera().variance.get(frame)?;
        let chance = exact * (2.0 / self.stub.n as f64).sqrt();
        let row = Metric {
            key: "variance_error",
            label: "Error of the variance",
            value: Some((variance - exact).abs()),
            reference: chance,
            held: Held::Perfect,
            error: None,
            reference_label: format!("a perfect sampler: about {chance:.2e}"),
            help: "The distance of the variance of the paths from the exact one at this index.",
        };
        Some(Metrics {
            frame,
            t: None,
            r#final: self.recorder.is_last(frame),
            rows: vec![row],
            nfe: None,
        })
    }
}

impl Runner for Paths {
    fn advance_with(&mut self, work: usize, watch: &mut dyn FnMut(usize, &[f64])) -> bool {
        if self.evaluations() == 0 {
            watch(0, &self.x);
        }
        let noise = Noise::new(self.stub.seed);
        let (keep, size) = (self.stub.persistence, self.stub.noise());
        let mut left = work.max(1);
        while left > 0 && !self.is_done() {
            let end = self.stub.n.min(self.ahead.saturating_add(left));
            let now = &mut self.x[self.ahead..end];
            let mut z = vec![0.0; now.len()];
            noise.normals(
                Stream::Stage,
                self.index as u32 + 1,
                self.ahead as u64,
                &mut z,
            );
            for (x, z) in now.iter_mut().zip(&z) {
                *x = keep * *x + size * z;
            }
            left -= z.len();
            self.ahead = end;
            if end == self.stub.n {
                self.index += 1;
                self.ahead = 0;
                watch(self.index, &self.x);
                self.record();
            }
        }
        self.is_done()
    }

    fn steps(&self) -> usize {
        self.stub.steps
    }

    fn place(&self, step: usize) -> Named<f64> {
        Named(vec![("index", step as f64)])
    }

    fn is_done(&self) -> bool {
        self.index == self.stub.steps
    }

    /// A step of a path draws one number.
    fn work(&self) -> u64 {
        self.evaluations()
    }

    fn evaluations(&self) -> u64 {
        (self.index * self.stub.n + self.ahead) as u64
    }

    fn total(&self) -> u64 {
        (self.stub.steps * self.stub.n) as u64
    }

    fn frames(&self) -> usize {
        self.recorder.frames()
    }

    fn take(&mut self) -> Option<Frames> {
        self.recorder.take()
    }

    fn ask(&self, question: &str, args: &Args) -> Result<Task, Error> {
        let metrics = Question {
            name: "metrics",
            args: &["frame"],
        };
        let price = Question {
            name: "price",
            args: &[],
        };
        if find(&[metrics, price], question, args)? == price.name {
            let all = self.total() as f64;
            return Ok(Task::at_once(move || Ok(all)));
        }
        let found = self.metrics(args.whole("frame")?);
        Ok(Task::at_once(move || Ok(found)))
    }

    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    fn dim(&self) -> usize {
        1
    }

    fn samples(&self) -> Result<&[f64], Error> {
        match self.is_done() {
            true => Ok(&self.x),
            false => Err(Error::NotYet {
                what: "final sample",
            }),
        }
    }
}
