//! A run that follows a plan as a [`Runner`].

use super::Run;
use crate::answer::Named;
use crate::error::Error;
use crate::labs::lab::Lab;
use crate::labs::record::Frames;
use crate::labs::runner::Runner;
use crate::labs::shared::{Moved, Shareable};
use crate::labs::task::{Args, Task};
use crate::sample::{Path, Settling};

impl<L: Lab> Runner for Run<L> {
    fn advance_with(&mut self, work: usize, watch: &mut dyn FnMut(usize, &[f64])) -> bool {
        Run::advance_with(self, work, watch)
    }

    fn path(&self) -> Path {
        self.executor.path()
    }

    fn steps(&self) -> usize {
        self.lab.setup().plan.steps()
    }

    fn place(&self, step: usize) -> Named<f64> {
        let at = self.lab.setup().plan.levels[step];
        Named(vec![("t", at.t), ("alpha", at.alpha), ("sigma", at.sigma)])
    }

    fn calls(&self) -> Option<usize> {
        Some(self.lab.rounds() * self.lab.setup().plan.nfe())
    }

    fn warnings(&self) -> Vec<String> {
        self.lab.warnings()
    }

    fn costs(&self) -> Vec<(&'static str, u64)> {
        self.lab.costs()
    }

    fn waits(&self) -> bool {
        self.queued > 0
    }

    fn settle(&mut self) -> Settling<'_> {
        Box::pin(async {
            if self.queued == 0 {
                return Ok(());
            }
            self.executor.settle().await?;
            self.queued = 0;
            self.check()?;
            if std::mem::take(&mut self.shows) {
                self.show();
                while self.executor.next_frame() {
                    self.show();
                }
            }
            self.finish();
            Ok(())
        })
    }

    fn shared(&mut self) -> Option<&mut dyn Shareable> {
        match self.executor {
            Moved::Host(_) | Moved::Shares(_) => Some(self),
            #[cfg(feature = "tensor")]
            Moved::Device(_) => None,
        }
    }

    fn is_done(&self) -> bool {
        Run::is_done(self)
    }

    fn work(&self) -> u64 {
        Run::work(self)
    }

    fn evaluations(&self) -> u64 {
        Run::evaluations(self)
    }

    fn total(&self) -> u64 {
        Run::total(self)
    }

    fn products(&self) -> Option<u64> {
        self.executor.products()
    }

    fn jacobian_products(&self) -> Option<f64> {
        Run::jacobian_products(self)
    }

    fn frames(&self) -> usize {
        self.recorder.frames()
    }

    fn take(&mut self) -> Option<Frames> {
        self.recorder.take()
    }

    fn ask(&self, question: &str, args: &Args) -> Result<Task, Error> {
        self.answer(question, args)
    }

    fn check(&self) -> Result<(), Error> {
        Run::check(self)
    }

    fn dim(&self) -> usize {
        self.lab.dim()
    }

    fn samples(&self) -> Result<&[f64], Error> {
        Run::samples(self)
    }

    fn amplifies_rounding(&self) -> bool {
        self.lab.setup().amplifies_rounding()
    }
}
