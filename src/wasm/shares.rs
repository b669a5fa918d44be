//! Shares of a run, and runs of a job, across the boundary: each may be done by another instance of the package.

use super::cross::{plain, thrown};
use super::experiment::{Experiment, Job, Run, Task};
use super::read::side;
use super::shapes::{Alone, Given, Landed, ShareRange};
use crate::labs;
use crate::sample::{Landing, Share, Spent, lead};
use wasm_bindgen::prelude::*;

/// A share of a run that another instance has.
#[wasm_bindgen]
pub struct Portion {
    own: Box<dyn labs::Portion>,
    /// The state that was reached last, until it is taken.
    x: Vec<f64>,
}

#[wasm_bindgen]
impl Experiment {
    /// A share of a run of one side.
    pub fn portion(
        &self,
        #[wasm_bindgen(unchecked_param_type = "'a' | 'b'")] name: &str,
        first: usize,
        count: usize,
        of: usize,
    ) -> Result<Portion, JsValue> {
        let share = Share { first, count, of };
        let own = self.0.portion(side(name)?, &share, &[]).map_err(thrown)?;
        Ok(Portion { own, x: vec![] })
    }
}

#[wasm_bindgen]
impl Portion {
    /// Does about `work` units of 25 ns, at most to the next state that is to be joined.
    #[wasm_bindgen(unchecked_return_type = "Landed")]
    pub fn advance(&mut self, work: f64) -> Result<JsValue, JsValue> {
        let before = self.own.work();
        let landing = self.own.advance(work as usize);
        self.own.check().map_err(thrown)?;
        let spent = landing.as_ref().map(|landing| landing.spent.clone());
        let Spent {
            work,
            evaluations,
            products,
            most,
        } = spent.unwrap_or_default();
        let most = most.iter().map(|most| f64::from(*most));
        let landed = Landed {
            level: landing.as_ref().map(|landing| landing.level),
            done: self.own.is_done(),
            awaits: self.own.awaits(),
            work: self.own.work() - before,
            spent: [work, evaluations, products]
                .into_iter()
                .map(|spent| spent as f64)
                .chain(most)
                .collect(),
        };
        self.x = landing.map_or(vec![], |landing| landing.x);
        Ok(plain(&landed))
    }

    /// The particles of all shares, which it needs to go on: see [`Run::gives`].
    pub fn receive(&mut self, step: usize, x: Vec<f64>) {
        self.own.receive(&labs::State { step, x });
    }

    /// The state that was reached, once.
    pub fn take(&mut self) -> Vec<f64> {
        std::mem::take(&mut self.x)
    }
}

#[wasm_bindgen]
impl Run {
    /// Whether its particles can be shared out.
    pub fn can_split(&mut self) -> bool {
        self.0.shared().is_some()
    }

    /// Divides the particles into `parts` shares at most, of a run of this `price` in units; one or none where the run cannot be
    /// shared out.
    #[wasm_bindgen(unchecked_return_type = "ShareRange[]")]
    pub fn split(&mut self, parts: usize, price: f64) -> JsValue {
        let dim = self.0.dim();
        let shares = self.0.shared().map(|own| own.split(parts, &[], price));
        let range = |Share { first, count, of }: &Share| ShareRange {
            first: *first,
            count: *count,
            of: *of,
            ahead: lead(*of, dim),
        };
        let ranges: Vec<_> = shares.iter().flatten().map(range).collect();
        plain(&ranges)
    }

    /// A share is moved by another instance from now on.
    pub fn hand_over(&mut self, part: usize) {
        if let Some(own) = self.0.shared() {
            own.hand_over(part);
        }
    }

    /// A share is moved here again.
    pub fn take_back(&mut self, part: usize) {
        if let Some(own) = self.0.shared() {
            own.take_back(part);
        }
    }

    /// A state of a share, with what it has taken: [`Landed`].
    pub fn receive(&mut self, part: usize, level: usize, x: Vec<f64>, spent: &[f64]) {
        let most = spent.get(3..).unwrap_or_default();
        let spent = |i: usize| spent.get(i).map_or(0, |spent| *spent as u64);
        let spent = Spent {
            work: spent(0),
            evaluations: spent(1),
            products: spent(2),
            most: most.iter().map(|most| *most as u32).collect(),
        };
        if let Some(own) = self.0.shared() {
            own.receive(part, Landing { level, x, spent });
        }
    }

    /// What the other instances need to go on, once: [`Given`], or null.
    #[wasm_bindgen(unchecked_return_type = "Given | null")]
    pub fn gives(&mut self) -> JsValue {
        let state = self.0.shared().and_then(|own| own.gives());
        state.map_or(JsValue::NULL, |labs::State { step, x }| {
            plain(&Given { step, x: x.into() })
        })
    }

    /// Whether another state of a share may come.
    pub fn has_room(&mut self, part: usize) -> bool {
        self.0.shared().is_some_and(|own| own.has_room(part))
    }

    /// Whether nothing can be done before another instance has gone on.
    pub fn awaits(&mut self) -> bool {
        self.0.shared().is_some_and(|own| own.awaits().is_some())
    }
}

#[wasm_bindgen]
impl Experiment {
    /// A task that does parts of the numbers at the end of a run, which another instance computes and has given this:
    /// see [`Task::given`].
    pub fn numbers(
        &self,
        #[wasm_bindgen(unchecked_param_type = "'a' | 'b'")] name: &str,
        given: Vec<f64>,
    ) -> Result<Task, JsValue> {
        let task = self.0.numbers(side(name)?, given);
        task.map(Task).map_err(thrown)
    }
}

#[wasm_bindgen]
impl Task {
    /// Units of work in all, about; 0 where its parts cannot be shared out.
    pub fn price_shared(&mut self) -> f64 {
        let price = self.0.price() as f64;
        self.0.runs().map_or(0.0, |_| price)
    }

    /// What another instance needs beside the link to do parts of it.
    pub fn given(&self) -> Vec<f64> {
        self.0.given().to_vec()
    }
}

/// The runs of a job, or the parts of a task, that are done by several instances.
macro_rules! dealt {
    ($of:ty) => {
        #[wasm_bindgen]
        impl $of {
            /// Whether a run is left that another instance can do.
            pub fn can_give(&mut self) -> bool {
                self.0.runs().is_some_and(|own| own.can_give())
            }

            /// Whether an instance that has these runs, and has not done them, is to be given another.
            pub fn wants(&mut self, held: &[u32]) -> bool {
                let held: Vec<usize> = held.iter().map(|run| *run as usize).collect();
                self.0.runs().is_some_and(|own| own.wants(&held))
            }

            /// The costliest run that nobody has begun, which another instance does from now on: see `alone`.
            pub fn give(&mut self) -> Option<usize> {
                self.0.runs()?.give()
            }

            /// A run is done here again.
            pub fn take_back(&mut self, run: usize) {
                if let Some(own) = self.0.runs() {
                    own.take_back(run);
                }
            }

            /// What a run elsewhere has taken so far, in units.
            pub fn told(&mut self, run: usize, spent: f64) {
                if let Some(own) = self.0.runs() {
                    own.told(run, spent);
                }
            }

            /// What a run elsewhere has found: [`Alone`]. Too few or too many numbers are refused.
            pub fn receive(&mut self, run: usize, found: Vec<f64>) -> Result<(), JsValue> {
                let received = self.0.runs().map(|own| own.receive(run, found));
                received.unwrap_or(Ok(())).map_err(thrown)
            }

            /// Whether nothing can be done before another instance has gone on.
            pub fn awaits(&mut self) -> bool {
                self.0.runs().is_some_and(|own| own.awaits().is_some())
            }

            /// Goes on with a run of another instance for about `work` units.
            #[wasm_bindgen(unchecked_return_type = "Alone")]
            pub fn alone(&mut self, run: usize, work: f64) -> JsValue {
                let gone = self.0.runs().map(|own| own.alone(run, work as usize));
                let labs::Alone { work, own, found } = gone.unwrap_or_default();
                plain(&Alone {
                    work: work as u64,
                    own,
                    found: found.map(Into::into),
                })
            }
        }
    };
}

dealt!(Job);
dealt!(Task);
